import ArgumentParser
import AuditLog
import Foundation
import Postgres
import StatutoryRules
import Workers

/// How long cases are kept, and their end.
struct RetentionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention",
        abstract: "Show what has had its time, erase it, or hold it.",
        discussion: """
            The schedule is retention.yaml of the configuration. A family is one case: its time ends with that of its last \
            child. What names no case goes by the year in which it was received. Erasing destroys the keys, so that the \
            audit log keeps every proof and no content, and deletes what the workers keep.
            """,
        subcommands: [Report.self, Apply.self, Hold.self, Lift.self], defaultSubcommand: Report.self)

    struct Report: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List closed cases and years of what names no case, with the day through which each is kept.")
        @OptionGroup var options: DeploymentOptions
        @Flag(help: "Only those whose time has ended.") var due = false

        func run() throws {
            let deployment = try options.deployment()
            let connection = try deployment.connect("retention")
            let list = try RetentionList(connection, deployment.keyDatabase("retention"))
            let cases = list.cases.filter { !due || $0.mayBeErased }
            try Operator.looked(
                "retention.report", due ? "due" : "all", authorities: cases.map(\.reference.authority), on: connection)
            for item in cases { Terminal.out.print(item.line) }
            for year in list.years where !due || year.mayBeErased { Terminal.out.print(year.line) }
            Terminal.out.print(
                """
                \(list.cases.count) cases were closed; the time of \(list.cases.count(where: \.mayBeErased)) has ended.
                \(list.years.count) years of what names no case; the time of \(list.years.count(where: \.mayBeErased)) \
                has ended.
                """)
            let lists = try connection.execute("SELECT count(*) AS n FROM reporting.published_list")[0].int64("n")
            if lists > 0 { Terminal.out.print("\(lists) published lists; their rows go with their cases.") }
        }
    }

    struct Apply: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase what has had its time. Without --erase it only says what.",
            discussion: """
                There is no way back: the keys are destroyed first. Backups of the key database must go too. What was erased \
                and came back with an older backup of the database is erased again.
                """)
        @OptionGroup var options: DeploymentOptions
        @Option(name: .customLong("case"), help: "Only this one, as authority/reference.") var reference: CaseReference?
        @Flag(help: "Do it.") var erase = false

        func run() throws {
            let deployment = try options.deployment()
            let connection = try deployment.connect("retention")
            let keys = try deployment.keyDatabase("retention")
            let list = try RetentionList(connection, keys, of: reference)
            let (cases, years) = (list.cases.filter(\.mayBeErased), list.years.filter(\.mayBeErased))
            if let reference, cases.isEmpty {
                throw ValidationError("\(reference.description) may not be erased: see quorate retention report")
            }
            guard erase else {
                try Operator.looked(
                    "retention.report", "due", authorities: cases.map(\.reference.authority), on: connection)
                for line in cases.map(\.line) + years.map(\.line) { Terminal.out.print(line) }
                Terminal.out.print(
                    "\(cases.count) cases would be erased, and \(years.count) years of what names no case. With --erase they are."
                )
                return
            }
            let erasure = Erasure(connection, keys)
            let ended = try cases.map { try told($0.name, by: erasure.erase($0.reference)) }
            let over = try years.map { try told($0.name, by: erasure.erase($0)) }
            Terminal.out.print(
                "\(ended.count { $0 }) cases were erased, and \(over.count { $0 }) years of what names no case.")
        }

        /// Whether it is gone.
        private func told(_ name: String, by rows: Int64?) -> Bool {
            let end = rows.map { "erased, \($0) rows" } ?? "kept: it was held, or went on, meanwhile"
            Terminal.out.print("\(name.padded(to: RetentionList.nameWidth)) \(end)")
            return rows != nil
        }
    }

    /// What a hold is of.
    struct Held: ParsableArguments {
        @Option(name: .customLong("case"), help: "The case, as authority/reference.") var reference: CaseReference?
        @Option(help: "Everything of an authority, by its ONS code.") var authority: String?

        func validate() throws {
            guard (reference == nil) != (authority == nil) else { throw ValidationError("name --case or --authority") }
        }

        /// A hold on everything names no case.
        var place: (authority: String, subject: String) {
            reference.map { ($0.authority, $0.subject) } ?? (authority ?? "", "")
        }
        var name: String { reference?.description ?? "everything of \(authority ?? "")" }
    }

    struct Hold: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep a case, or everything of an authority, whatever the schedule says.")
        @OptionGroup var options: DeploymentOptions
        @OptionGroup var held: Held
        @Option(help: "Why: an inquiry, a claim. Names nobody.") var reason: String

        func run() throws {
            let connection = try options.deployment().connect("retention")
            try connection.transaction { transaction in
                let made = try transaction.execute(
                    """
                    INSERT INTO configuration.legal_hold (authority, subject, reason)
                    VALUES (\(held.place.authority), \(held.place.subject), \(reason)) ON CONFLICT DO NOTHING RETURNING hold_id
                    """)
                guard !made.isEmpty else { throw ValidationError("\(held.name) is held already") }
                try Operator.note(
                    "retention.hold", held.name, reason: reason, authority: held.place.authority,
                    in: transaction)
            }
            Terminal.out.print("\(held.name) is held.")
        }
    }

    struct Lift: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a hold.")
        @OptionGroup var options: DeploymentOptions
        @OptionGroup var held: Held

        func run() throws {
            let connection = try options.deployment().connect("retention")
            try connection.transaction { transaction in
                let lifted = try transaction.execute(
                    """
                    UPDATE configuration.legal_hold SET lifted_at = now(), lifted_by = session_user
                     WHERE authority = \(held.place.authority) AND subject = \(held.place.subject) AND lifted_at IS NULL
                    RETURNING hold_id
                    """)
                guard !lifted.isEmpty else { throw ValidationError("\(held.name) is not held") }
                try Operator.note(
                    "retention.lift", held.name, authority: held.place.authority, in: transaction)
            }
            Terminal.out.print("\(held.name) is no longer held.")
        }
    }
}
