import ArgumentParser
import Foundation
import Postgres
import StatutoryRules
import Workers

/// Messages that wait for a person: letters that could distress, people who are not safe to contact, what is over a cap.
struct LettersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "letters",
        abstract: "List, show, release or discard messages that wait for a person.",
        subcommands: [List.self, Show.self, Release.self, Discard.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List what waits, the oldest first.")
        @OptionGroup var options: DeploymentOptions
        @Option(help: "For one reason: letter, not_safe, cap or dry_run.") var hold: String?

        func run() throws {
            let connection = try options.deployment().connect("letters")
            let rows = try connection.execute(
                """
                SELECT message_id::text AS id, authority, hold, template, coalesce(subject, '') AS subject, recipient_id,
                    recipient_role, intended_at FROM notifications.message
                 WHERE state = 'held' AND (\(hold)::text IS NULL OR hold = \(hold)) ORDER BY intended_at, message_id
                """)
            try Operator.looked(
                "letters.list", Operator.filters([("hold", hold)]), authorities: rows.map { $0.string("authority") },
                on: connection)
            for row in rows {
                Terminal.out.print(
                    "\(row.string("id"))  \(row.string("hold").padded(to: 8)) \(row.string("authority")) \(row.string("template").padded(to: 28)) case \(row.string("subject")), to \(row.string("recipient_id")) as \(row.string("recipient_role")), since \(row.timestamp("intended_at").instant)"
                )
            }
            Terminal.out.print(
                rows.isEmpty ? "Nothing waits for a person." : "\(rows.count) waiting. Next: quorate letters show ID")
        }
    }

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, html }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one as it will be sent. That you looked is kept in the audit log.",
            discussion: """
                What leaves is what is shown here: a letter that would say something else by then, since a fact was \
                corrected, or would go to another address, waits again.
                """)
        @OptionGroup var options: DeploymentOptions
        @Argument(help: "Its id.") var id: String
        @Option(help: "text, or html for a browser or a printer.") var format: Format = .text

        func run() throws {
            let connection = try options.deployment().connect("letters")
            guard let message = PGUUID(id),
                let row = try connection.execute(
                    """
                    SELECT m.authority, m.subject, m.channel, m.address, d.headline, d.body, d.html, d.attachments
                      FROM notifications.message m LEFT JOIN notifications.draft d USING (message_id)
                     WHERE message_id = \(message) AND state = 'held'
                    """
                ).first
            else { throw ValidationError("\(id) is no message that waits: see quorate letters list") }
            guard let headline = row.stringOrNil("headline") else {
                throw ValidationError(
                    "\(id) is not written yet: a running notifications worker writes it, see quorate status")
            }
            let authority = row.string("authority")
            if let subject = row.stringOrNil("subject") {
                let reference = CaseReference(authority: authority, subject: subject)
                try Operator.viewed("letters.show", reference, about: id, on: connection)
            } else {
                try Operator.looked("letters.show", id, authority: authority, on: connection)
            }
            if format == .html {
                Terminal.out.print(row.stringOrNil("html") ?? "")
            } else {
                let files = row.strings("attachments").map { "Attached: \($0)\n" }.joined()
                Terminal.out.print(
                    "By: \(row.string("channel"))\nTo: \(row.string("address"))\nSubject: \(headline)\n\(files)\n\(row.string("body"))"
                )
            }
        }
    }

    struct Release: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let messages go. A running notifications worker sends them, past the caps.")
        @OptionGroup var options: DeploymentOptions
        @Argument(help: "Their ids.") var ids: [String] = []
        @Option(help: "All that are held for one reason: cap or dry_run.") var hold: String?
        @Option(help: "Why; kept with the act.") var reason: String?

        func validate() throws {
            guard ids.isEmpty != (hold == nil) else { throw ValidationError("name ids, or one reason with --hold") }
            guard hold == nil || hold == "cap" || hold == "dry_run" else {
                throw ValidationError("--hold takes cap or dry_run: letters and people are released one by one")
            }
        }

        func run() throws {
            let connection = try options.deployment().connect("letters")
            let wanted = try hold.map { hold in
                try connection.execute(
                    """
                    SELECT message_id::text AS id FROM notifications.message WHERE state = 'held' AND hold = \(hold)
                     ORDER BY intended_at, message_id
                    """
                ).map { $0.string("id") }
            }
            guard wanted?.isEmpty != true else {
                Terminal.out.print("Nothing is held for \(hold!).")
                return
            }
            try Messages.decide(wanted ?? ids, "letters.release", from: ["held"], reason: reason, on: connection) {
                """
                UPDATE notifications.message SET state = 'intended', released_at = now(), next_attempt_at = now()
                 WHERE message_id = \($0) AND state = ANY(\($1)) RETURNING authority
                """
            }
        }
    }

    struct Discard: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set messages aside for good. They stay in the log of everything sent.")
        @OptionGroup var options: DeploymentOptions
        @Argument(help: "Their ids.") var ids: [String]
        @Option(help: "Why; kept with the act.") var reason: String

        func run() throws {
            let connection = try options.deployment().connect("letters")
            try Messages.decide(ids, "letters.discard", from: ["held"], reason: reason, on: connection) {
                """
                UPDATE notifications.message SET state = 'discarded' WHERE message_id = \($0) AND state = ANY(\($1))
                RETURNING authority
                """
            }
        }
    }
}
