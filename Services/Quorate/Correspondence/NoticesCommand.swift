import ArgumentParser
import Foundation
import Postgres
import StatutoryRules

/// What was said to whom, and what an operator may do about it.
struct NoticesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notices",
        abstract: "See everything that was sent; pause and resume; decide what nobody knows the end of.",
        subcommands: [Log.self, Preview.self, Pause.self, Resume.self, Resend.self, Abandon.self],
        defaultSubcommand: Log.self)

    struct Log: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what was or will be sent: what, to whom, why, when, with which outcome.",
            discussion: "The newest first. The same rows as analysis.notification_log. Names are ids of the directory.")
        @OptionGroup var options: DeploymentOptions
        @Option(help: "Of one authority, by its ONS code.") var authority: String?
        @Option(name: .customLong("case"), help: "Of one case, by its reference.") var subject: String?
        @Option(help: "To one person, by the directory's id.") var recipient: String?
        @Option(help: "In one state: waiting, intended, sending, sent, failed, unknown, withdrawn, held or discarded.")
        var state: String?
        @Option(help: "Lines at most.") var limit: Int = 100

        func validate() throws {
            guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 100000") }
        }

        func run() throws {
            let connection = try options.deployment().connect("notices")
            let rows = try connection.execute(
                """
                SELECT *, message_id::text AS message FROM analysis.notification_log
                 WHERE (\(authority)::text IS NULL OR authority = \(authority))
                   AND (\(subject)::text IS NULL OR case_reference = \(subject))
                   AND (\(recipient)::text IS NULL OR recipient_id = \(recipient))
                   AND (\(state)::text IS NULL OR state = \(state))
                 ORDER BY intended_at DESC, message_id LIMIT \(Int64(limit))
                """)
            try noteLook(at: rows, on: connection)
            for row in rows {
                let when = (row.timestampOrNil("sent_at") ?? row.timestamp("intended_at")).instant
                let what = [row.stringOrNil("template"), row.stringOrNil("rule")].compactMap { $0 }
                    .joined(separator: " by ")
                let about = row.stringOrNil("case_reference").map { "case \($0)" } ?? row.stringOrNil("list_id") ?? ""
                Terminal.out.print(
                    "\(row.stringOrNil("message") ?? "".padded(to: 36))  \(when)  \(row.string("state").padded(to: 9)) \(row.string("authority")) \(what), \(about), to \(row.string("recipient_id")) as \(row.string("recipient_role"))\(row.stringOrNil("outcome").map { ": " + $0 } ?? "")"
                )
            }
            let paused = try connection.execute("SELECT * FROM notifications.pause")
            for row in paused {
                let whom = row.string("authority") == "*" ? "all authorities" : row.string("authority")
                Terminal.out.print(
                    "Paused for \(whom) since \(row.timestamp("since").instant): \(row.string("reason")). Next: quorate notices resume"
                )
            }
            if rows.isEmpty { Terminal.out.print("Nothing was sent that fits.") }
        }

        /// Where rows fit them, the filters are ids that the ledger has.
        private func noteLook(at rows: Rows, on connection: Connection) throws {
            let filters = Operator.filters([("recipient", recipient), ("state", state)])
            guard let subject else {
                return try Operator.looked(
                    "notices.log", filters, authorities: rows.map { $0.string("authority") }, on: connection)
            }
            for authority in Set(rows.map { $0.string("authority") }).sorted() {
                let reference = CaseReference(authority: authority, subject: subject)
                try Operator.viewed("notices.log", reference, about: filters, on: connection)
            }
        }
    }

    struct Pause: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop sending, for all or for one authority. What falls due waits and goes out after resume.")
        @OptionGroup var options: DeploymentOptions
        @Option(help: "One authority, by its ONS code; without it, all.") var authority: String?
        @Option(help: "Why; kept with the act.") var reason: String

        func run() throws {
            let connection = try options.deployment().connect("notices")
            if let authority {
                let isKnown = try connection.execute(
                    """
                    SELECT 1 AS one WHERE EXISTS (SELECT FROM notifications.directory_word WHERE authority = \(authority))
                        OR EXISTS (SELECT FROM notifications.notice WHERE authority = \(authority))
                        OR EXISTS (SELECT FROM notifications.published_list WHERE authority = \(authority))
                    """)
                guard !isKnown.isEmpty else {
                    throw ValidationError(
                        "nothing was heard of an authority \(authority): give its ONS code, such as E09000001")
                }
            }
            try connection.transaction { transaction in
                try transaction.execute(
                    """
                    INSERT INTO notifications.pause (authority, reason) VALUES (\(authority ?? "*"), \(reason))
                    ON CONFLICT (authority) DO UPDATE SET reason = excluded.reason
                    """)
                try Operator.note(
                    "notices.pause", authority ?? "*", reason: reason, authority: authority, in: transaction)
            }
            Terminal.out.print("Nothing more is sent for \(authority ?? "any authority"). Next: quorate notices resume")
        }
    }

    struct Resume: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Send again what waits, after a pause.")
        @OptionGroup var options: DeploymentOptions
        @Option(help: "One authority, by its ONS code; without it, the pause of all.") var authority: String?

        func run() throws {
            let connection = try options.deployment().connect("notices")
            try connection.transaction { transaction in
                let ended = try transaction.execute(
                    "DELETE FROM notifications.pause WHERE authority = \(authority ?? "*") RETURNING 1 AS one")
                guard !ended.isEmpty else {
                    throw ValidationError(
                        "there is no pause of \(authority ?? "all authorities"): see quorate notices log")
                }
                try Operator.note("notices.resume", authority ?? "*", authority: authority, in: transaction)
            }
            Terminal.out.print("Sending goes on.")
        }
    }

    struct Resend: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send messages once more whose end nobody knows, or that failed.",
            discussion: "The person may then have one twice. It keeps its Message-ID, by which a mail program can tell."
        )
        @OptionGroup var options: DeploymentOptions
        @Argument(help: "Ids of messages: quorate notices log --state unknown.") var ids: [String]
        @Option(help: "Why; kept with the act.") var reason: String

        func run() throws {
            let connection = try options.deployment().connect("notices")
            try Messages.decide(ids, "notices.resend", from: ["unknown", "failed"], reason: reason, on: connection) {
                """
                UPDATE notifications.message SET state = 'intended', in_doubt = false, released_at = now(),
                    next_attempt_at = now(), delivery = NULL, delivered_at = NULL
                 WHERE message_id = \($0) AND recipient_id <> 'nobody' AND state = ANY(\($1)) RETURNING authority
                """
            }
        }
    }

    struct Abandon: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Leave messages at that whose end nobody knows, or that failed.")
        @OptionGroup var options: DeploymentOptions
        @Argument(help: "Ids of messages: quorate notices log --state unknown.") var ids: [String]
        @Option(help: "Why; kept with the act.") var reason: String

        func run() throws {
            let connection = try options.deployment().connect("notices")
            try Messages.decide(ids, "notices.abandon", from: ["unknown", "failed"], reason: reason, on: connection) {
                """
                UPDATE notifications.message SET state = 'discarded' WHERE message_id = \($0) AND state = ANY(\($1))
                RETURNING authority
                """
            }
        }
    }
}

/// What a person decides about messages: each act in one transaction with its trace.
enum Messages {
    static func decide(
        _ ids: [String], _ act: String, from states: [String], reason: String?, on connection: Connection,
        _ statement: (PGUUID, [String]) -> SQL
    ) throws {
        guard !ids.isEmpty else { throw ValidationError("name a message by its id: see quorate notices log") }
        for text in ids {
            guard let id = PGUUID(text) else { throw ValidationError("\(text) is not the id of a message") }
            try connection.transaction { transaction in
                guard let row = try transaction.execute(statement(id, states)).first else {
                    throw ValidationError(
                        "\(text) is no message that is \(states.joined(separator: " or ")): see quorate notices log")
                }
                try Operator.note(act, text, reason: reason, authority: row.string("authority"), in: transaction)
            }
            Terminal.out.print("\(text): \(act.split(separator: ".").last!)")
        }
    }
}
