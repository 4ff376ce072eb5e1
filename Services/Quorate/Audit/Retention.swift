import ArgumentParser
import AuditLog
import CaseEvents
import Foundation
import Postgres
import StatutoryRules
import Workers

/// How long cases are kept, and their end.
struct RetentionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention",
        abstract: "Show which cases' time has ended, erase them, or hold them.",
        discussion: """
            The schedule is retention.yaml of the configuration. A family is one case: its time ends with that of its last \
            child. Erasing destroys the case's key and those of lists that name it, so that the audit log keeps every \
            proof and no content, and deletes what the workers keep of it.
            """,
        subcommands: [Report.self, Apply.self, Hold.self, Lift.self], defaultSubcommand: Report.self)

    struct Report: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List closed cases, with the day through which each is kept.")
        @OptionGroup var options: DeploymentOptions
        @Flag(help: "Only those whose time has ended.") var due = false

        func run() throws {
            let connection = try options.deployment().connect("retention")
            let cases = try RetentionList(connection).cases
            let shown = cases.filter { !due || $0.mayBeErased }
            for item in shown { Terminal.out.print("\(item.reference.description.padded(to: 36)) \(item.standing)") }
            Terminal.out.print(
                "\(cases.count) cases were closed; the time of \(cases.count(where: \.mayBeErased)) has ended.")
        }
    }

    struct Apply: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase the cases whose time has ended. Without --erase it only says which.",
            discussion: "There is no way back: the keys are destroyed first. Backups of the key database must go too.")
        @OptionGroup var options: DeploymentOptions
        @Option(name: .customLong("case"), help: "Only this one, as authority/reference.") var reference: CaseReference?
        @Flag(help: "Do it.") var erase = false

        func run() throws {
            let deployment = try options.deployment()
            let connection = try deployment.connect("retention")
            let due = try RetentionList(connection, of: reference).cases.filter(\.mayBeErased)
            if let reference, due.isEmpty {
                throw ValidationError("\(reference.description) may not be erased: see quorate retention report")
            }
            guard erase else {
                for item in due { Terminal.out.print("\(item.reference.description.padded(to: 36)) \(item.standing)") }
                Terminal.out.print("\(due.count) cases would be erased. With --erase they are.")
                return
            }
            let keys = try deployment.keyDatabase("retention")
            var count = 0
            for item in due {
                // First that it is done; then the rows, and before they are gone for good the keys: what is cut short is found
                // and done again.
                try connection.transaction { transaction in
                    try Operator.note(
                        "retention.erase", item.reference.description, authority: item.reference.authority,
                        in: transaction)
                }
                let rows: Int64? = try connection.transaction { transaction in
                    guard let last = try lastDay(of: item.reference, on: connection, in: transaction) else {
                        return nil
                    }
                    return try erase(item.reference, keptThrough: last, keys, in: transaction)
                }
                count += rows == nil ? 0 : 1
                Terminal.out.print(
                    "\(item.reference.description.padded(to: 36)) \(rows.map { "erased, \($0) rows" } ?? "kept: it was held, or went on, meanwhile")"
                )
            }
            Terminal.out.print("\(count) cases were erased.")
        }

        /// Through which day it was kept, if it may be erased now: nothing of it is written meanwhile, and nothing is held.
        private func lastDay(
            of reference: CaseReference, on connection: Connection, in transaction: borrowing Transaction
        ) throws -> Day? {
            try transaction.execute("LOCK TABLE configuration.legal_hold IN SHARE MODE")
            try transaction.execute(
                """
                SELECT FROM scheduling.case_file
                 WHERE authority = \(reference.authority) AND subject = \(reference.subject) FOR UPDATE
                """)
            guard let item = try RetentionList(connection, of: reference).cases.first, item.mayBeErased,
                case .on(let last) = item.end
            else { return nil }
            return last
        }

        /// Returns how many rows went.
        private func erase(
            _ reference: CaseReference, keptThrough last: Day, _ keys: KeyDatabase,
            in transaction: borrowing Transaction
        ) throws -> Int64 {
            let (authority, subject) = (reference.authority, reference.subject)
            // The letters are found by the rows that go after them.
            var count = try transaction.execute(
                "SELECT configuration.erase_dead_letters(\(authority), \(subject)) AS n")[0].int64("n")
            count += try transaction.execute("SELECT configuration.erase_case(\(authority), \(subject)) AS n")[0]
                .int64("n")
            let lists = try transaction.execute(
                "SELECT list, row_count FROM configuration.erase_from_lists(\(authority), \(subject))")
            for list in lists { count += list.int64("row_count") }
            try transaction.execute(
                """
                INSERT INTO configuration.erasure (authority, subject, kept_through, erased_rows)
                VALUES (\(authority), \(subject), \(PGDate(daysSince1970: last.number)), \(count))
                """)
            try keys.destroyKeys(
                authority: authority, subject: subject,
                listEvents: lists.map { ListTable.eventId(ofList: $0.string("list")) })
            return count
        }
    }

    struct Hold: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Keep a case whatever the schedule says.")
        @OptionGroup var options: DeploymentOptions
        @Option(name: .customLong("case"), help: "The case, as authority/reference.") var reference: CaseReference
        @Option(help: "Why: an inquiry, a claim. Names nobody.") var reason: String

        func run() throws {
            let connection = try options.deployment().connect("retention")
            try connection.transaction { transaction in
                let made = try transaction.execute(
                    """
                    INSERT INTO configuration.legal_hold (authority, subject, reason)
                    VALUES (\(reference.authority), \(reference.subject), \(reason)) ON CONFLICT DO NOTHING RETURNING hold_id
                    """)
                guard !made.isEmpty else { throw ValidationError("\(reference.description) is held already") }
                try Operator.note(
                    "retention.hold", reference.description, reason: reason, authority: reference.authority,
                    in: transaction)
            }
            Terminal.out.print("\(reference.description) is held.")
        }
    }

    struct Lift: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a hold.")
        @OptionGroup var options: DeploymentOptions
        @Option(name: .customLong("case"), help: "The case, as authority/reference.") var reference: CaseReference

        func run() throws {
            let connection = try options.deployment().connect("retention")
            try connection.transaction { transaction in
                let lifted = try transaction.execute(
                    """
                    UPDATE configuration.legal_hold SET lifted_at = now(), lifted_by = session_user
                     WHERE authority = \(reference.authority) AND subject = \(reference.subject) AND lifted_at IS NULL
                    RETURNING hold_id
                    """)
                guard !lifted.isEmpty else { throw ValidationError("\(reference.description) is not held") }
                try Operator.note(
                    "retention.lift", reference.description, authority: reference.authority, in: transaction)
            }
            Terminal.out.print("\(reference.description) is no longer held.")
        }
    }
}

/// Closed cases under the schedule in force, by authority and reference.
struct RetentionList {
    struct Item {
        let reference: CaseReference
        let end: RetentionEnd
        let isHeld: Bool
        let today: Day

        var mayBeErased: Bool {
            guard !isHeld, case .on(let last) = end else { return false }
            return last < today
        }

        var standing: String {
            let hold = isHeld ? ", held" : ""
            switch end {
            case .on(let last): return "kept through \(last)\(hold)\(last < today ? "; its time has ended" : "")"
            case .unknown(let why): return "kept: \(why)\(hold)"
            }
        }
    }

    let cases: [Item]

    /// Of all cases, or of one.
    init(_ connection: Connection, of reference: CaseReference? = nil) throws {
        let schedule = try ConfigurationStore.load { try connection.execute($0) }.configuration.retention
        let now = try connection.execute("SELECT now() AS now")[0].timestamp("now").instant
        let rows = try connection.execute(
            """
            SELECT c.case_id, c.authority, c.subject, c.awaiting_repair, EXISTS (
                    SELECT FROM configuration.legal_hold h WHERE h.authority = c.authority AND h.subject = c.subject
                       AND h.lifted_at IS NULL) AS held
              FROM scheduling.case_file c
             WHERE EXISTS (SELECT FROM scheduling.fact f
                            WHERE f.case_id = c.case_id AND f.event_type = 'quorate.case.closed.v1')
               AND (\(reference == nil) OR c.authority = \(reference?.authority) AND c.subject = \(reference?.subject))
             ORDER BY c.authority, c.subject
            """)
        cases = try rows.map { row in
            let authority = row.string("authority")
            let file = try RetentionList.file(row.int64("case_id"), authority, connection)
            // What is not understood yet may be what the case must be kept for.
            let end =
                row.bool("awaiting_repair") ? .unknown("an event of it sits in quarantine") : schedule.end(of: file)
            return Item(
                reference: CaseReference(authority: authority, subject: row.string("subject")),
                end: end, isHeld: row.bool("held"), today: London.day(of: now))
        }
    }

    /// From what the events say, taken so that nothing ends too soon: the latest closure, the latest date of birth, and no
    /// closure where anything was recorded after it.
    private static func file(_ id: Int64, _ authority: String, _ connection: Connection) throws -> RetainedCase {
        var born: [String: Day] = [:]
        var children: Set<String> = []
        var lookedAfter: Set<String> = []
        var closed: (on: Day, at: Int64)?
        var latest = Int64.min
        for row in try connection.execute(
            "SELECT event_type, recorded_at, body FROM scheduling.fact WHERE case_id = \(id)")
        {
            guard let data = try JSONValue(row.bytes("body"))["data"] else { continue }
            let recorded = row.timestamp("recorded_at").microsecondsSince1970
            latest = max(latest, recorded)
            var named = data["childIds"]?.elements.compactMap(\.string) ?? []
            if let child = data["childId"]?.string { named.append(child) }
            children.formUnion(named)
            let type = row.string("event_type")
            if type == "quorate.child.became_looked_after.v1" { lookedAfter.formUnion(named) }
            if type == "quorate.case.closed.v1", let day = data["closedOn"]?.string.flatMap({ Day($0.prefix(10)) }) {
                closed = (max(day, closed?.on ?? day), max(recorded, closed?.at ?? recorded))
            }
            var dates = [data["dateOfBirth"]?.string, data["bornAt"]?.string]
            if data["field"]?.string == "dateOfBirth" { dates += [data["oldValue"]?.string, data["newValue"]?.string] }
            for day in dates.compactMap({ $0.flatMap { Day($0.prefix(10)) } }) {
                for child in named { born[child] = max(day, born[child] ?? day) }
            }
        }
        let isOver = closed.map { $0.at >= latest } ?? false
        return RetainedCase(
            authority: authority, closedOn: isOver ? closed?.on : nil,
            children: children.sorted().map { child in
                .init(id: child, bornOn: born[child], wasLookedAfter: lookedAfter.contains(child))
            })
    }
}
