import AuditLog
import CaseEvents
import Foundation
import Postgres
import StatutoryRules
import Workers

/// What the schedule in force says: of closed cases, by authority and reference, and of the years of what names no case.
struct RetentionList {
    let cases: [Item]
    let years: [Year]

    static let nameWidth = 36

    struct Item {
        let reference: CaseReference
        let end: RetentionEnd
        let isHeld: Bool
        /// The day on which its keys were destroyed, where it came back with a backup of the database, or was not done.
        let erasedOn: Day?
        /// Something of it was recorded since.
        let wentOn: Bool
        let today: Day

        var mayBeErased: Bool {
            guard !isHeld else { return false }
            return erasedOn != nil && !wentOn || end.isOver(by: today)
        }

        var keptThrough: Day? {
            if case .on(let last) = end { return last }
            return erasedOn
        }

        var name: String { reference.description }
        var line: String {
            let standing = end.standing(isHeld: isHeld, by: today)
            guard let erasedOn else { return "\(name.padded(to: RetentionList.nameWidth)) \(standing)" }
            let since = wentOn ? "something was recorded since; \(standing)" : "to be erased again"
            return
                "\(name.padded(to: RetentionList.nameWidth)) its keys were destroyed on \(erasedOn) and it is here: \(since)"
        }
    }

    /// What an authority, or nobody by name, sent in a year and is of no case.
    struct Year {
        let authority: String
        let receivedIn: Int32
        let end: RetentionEnd
        let isHeld: Bool
        let today: Day

        var mayBeErased: Bool { !isHeld && end.isOver(by: today) }
        var name: String { "\(authority.isEmpty ? "(no authority)" : authority) \(receivedIn), of no case" }
        var line: String { "\(name.padded(to: RetentionList.nameWidth)) \(end.standing(isHeld: isHeld, by: today))" }
    }

    /// Of everything, or of one case.
    init(_ connection: Connection, _ keys: KeyDatabase, of reference: CaseReference? = nil) throws {
        let terms = try Terms(connection)
        let back = try RetentionList.back(connection, keys)
        let (authorities, subjects) = (back.keys.map { $0[0] }, back.keys.map { $0[1] })
        let rows = try connection.execute(
            """
            SELECT c.case_id, c.authority, c.subject, c.awaiting_repair FROM scheduling.case_file c
             WHERE (EXISTS (SELECT FROM scheduling.fact f
                             WHERE f.case_id = c.case_id AND f.event_type = 'quorate.case.closed.v1')
                    OR (c.authority, c.subject) IN (SELECT * FROM unnest(\(authorities), \(subjects))))
               AND (\(reference == nil) OR c.authority = \(reference?.authority) AND c.subject = \(reference?.subject))
             ORDER BY c.authority, c.subject
            """)
        cases = try rows.map { row in
            let place = [row.string("authority"), row.string("subject")]
            let (file, latest) = try RetentionList.file(row.int64("case_id"), place[0], connection)
            // What is not understood yet may be what the case must be kept for.
            let end =
                row.bool("awaiting_repair")
                ? .unknown("an event of it sits in quarantine") : terms.schedule.end(of: file)
            return Item(
                reference: CaseReference(authority: place[0], subject: place[1]), end: end,
                isHeld: terms.isHeld(place[0], place[1]),
                erasedOn: back[place].map { London.day(of: $0.instant) },
                wentOn: back[place].map { latest > $0.microsecondsSince1970 } ?? false, today: terms.today)
        }
        years = try reference == nil ? RetentionList.years(connection, keys) : []
    }

    /// What is in force.
    private struct Terms {
        let schedule: RetentionSchedule
        let today: Day
        private let held: Set<[String]>

        init(_ connection: Connection) throws {
            schedule = try ConfigurationStore.load { try connection.execute($0) }.configuration.retention
            today = London.day(of: try connection.execute("SELECT now() AS now")[0].timestamp("now").instant)
            held = Set(
                try connection.execute(
                    "SELECT authority, subject FROM configuration.legal_hold WHERE lifted_at IS NULL"
                ).map { [$0.string("authority"), $0.string("subject")] })
        }

        /// It, or everything of the authority.
        func isHeld(_ authority: String, _ subject: String) -> Bool {
            held.contains([authority, subject]) || held.contains([authority, ""])
        }
    }

    /// Cases whose keys were destroyed and of which this database does not know it: it was restored from a backup, or the
    /// command was cut short.
    static func back(_ connection: Connection, _ keys: KeyDatabase) throws -> [[String]: PGTimestamp] {
        let known = Set(
            try connection.execute("SELECT authority, subject FROM configuration.erasure").map {
                [$0.string("authority"), $0.string("subject")]
            })
        return Dictionary(
            try keys.erasedCases().map { ([$0.authority, $0.subject], $0.at) }.filter { !known.contains($0.0) },
            uniquingKeysWith: { $1 })
    }

    /// From what sits in quarantine and from keys that are in use. A timestamp is its producer's: nothing ends before the time
    /// of what was received in the year in which the key was made, or the last of it was refused.
    static func years(_ connection: Connection, _ keys: KeyDatabase) throws -> [Year] {
        struct Name: Hashable {
            let authority: String
            let year: Int32
        }
        var newest: [Name: Int32] = [:]
        func add(_ name: Name, _ year: Int32) { newest[name] = max(year, name.year, newest[name] ?? year) }
        for row in try connection.execute("SELECT * FROM configuration.received_of_no_case()") {
            add(Name(authority: row.string("authority"), year: row.int32("received_in")), row.int32("newest"))
        }
        for key in try keys.yearsOfNoCase() { add(Name(authority: key.authority, year: key.year), key.newest) }
        let terms = try Terms(connection)
        return newest.sorted { ($0.key.authority, $0.key.year) < ($1.key.authority, $1.key.year) }.map { name, year in
            Year(
                authority: name.authority, receivedIn: name.year,
                end: terms.schedule.end(ofNoCaseIn: Int(year), authority: name.authority),
                isHeld: terms.isHeld(name.authority, ""), today: terms.today)
        }
    }

    /// From what the events say, taken so that nothing ends too soon: the latest closure, the latest date of birth, and no
    /// closure where anything was recorded after it; and when the latest was recorded, in microseconds since 1970.
    private static func file(
        _ id: Int64, _ authority: String, _ connection: Connection
    ) throws -> (file: RetainedCase, latest: Int64) {
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
        let file = RetainedCase(
            authority: authority, closedOn: isOver ? closed?.on : nil,
            children: children.sorted().map { child in
                .init(id: child, bornOn: born[child], wasLookedAfter: lookedAfter.contains(child))
            })
        return (file, latest)
    }
}

extension RetentionEnd {
    fileprivate func isOver(by today: Day) -> Bool {
        if case .on(let last) = self { return last < today }
        return false
    }

    fileprivate func standing(isHeld: Bool, by today: Day) -> String {
        let hold = isHeld ? ", held" : ""
        switch self {
        case .on(let last): return "kept through \(last)\(hold)\(last < today ? "; its time has ended" : "")"
        case .unknown(let why): return "kept: \(why)\(hold)"
        }
    }
}
