import CaseEvents
import Mustache
import Postgres
import StatutoryRules
import Workers

/// The recurring lists: once for each period, whatever restarts; late rather than never; kept as drawn. A list waits until
/// everything published before its hour has been read, but no longer than `patienceMinutes`; then it says as at when it is.
public struct Lists {
    let configuration: Configuration
    /// From when on this worker could draw them: what was due before waits from here.
    let since: Instant

    public init(configuration: Configuration, since: Instant) {
        self.configuration = configuration
        self.since = since
    }

    static let patienceMinutes = 30

    /// Publishes what is due and was not published yet.
    public func publishDue(in transaction: borrowing Transaction, _ effects: inout Effects) throws -> [PublishedList] {
        let times = try transaction.execute(
            "SELECT now() AS now, reporting.read_until() AS read_until")[0]
        let now = times.timestamp("now").instant
        let readUntil = times.timestampOrNil("read_until")?.instant
        let authorities = try transaction.execute("SELECT DISTINCT authority FROM reporting.case_file ORDER BY 1")
            .map { $0.string("authority") }
        var published: [PublishedList] = []
        for authority in authorities {
            for kind in Kind.allCases {
                let day = kind.day(at: now)
                guard let asAt = asAt(kind.opens(day), now: now, readUntil: readUntil),
                    let recipients = configuration.listRecipients(kind.rawValue, authority: authority),
                    try !isPublished(kind, authority, day, in: transaction)
                else { continue }
                let table = try ListRows(authority: authority, day: day, asAt: asAt.instant)
                    .table(of: kind, in: transaction)
                if kind.isOnOccasion && table.rows.isEmpty { continue }
                let list = try PublishedList(
                    kind: kind, authority: authority, day: day, asAt: asAt.instant, isComplete: asAt.isComplete,
                    recipients: recipients, table: table)
                if try publish(list, in: transaction, &effects) { published.append(list) }
            }
        }
        return published
    }

    /// As at when a list that opened at an hour would be drawn now; `nil` where it still waits.
    func asAt(_ hour: Instant, now: Instant, readUntil: Instant?) -> (instant: Instant, isComplete: Bool)? {
        if let readUntil, readUntil >= hour { return (now, true) }
        guard now >= max(hour, since).adding(minutes: Lists.patienceMinutes) else { return nil }
        return (readUntil ?? hour, false)
    }

    private func isPublished(
        _ kind: Kind, _ authority: String, _ day: Day, in transaction: borrowing Transaction
    ) throws -> Bool {
        try !transaction.execute(
            """
            SELECT 1 FROM reporting.published_list
             WHERE kind = \(kind.rawValue) AND authority = \(authority) AND period = \(kind.period(of: day))
            """
        ).isEmpty
    }

    private func publish(
        _ list: PublishedList, in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws -> Bool {
        let isNew =
            try transaction.execute(
                """
                INSERT INTO reporting.published_list (list_id, kind, authority, period, as_at, row_count, csv, html,
                    listed_on, is_complete, cells, xlsx)
                VALUES (\(list.id), \(list.kind.rawValue), \(list.authority), \(list.period),
                    \(PGTimestamp(list.asAt)), \(Int32(list.rowCount)), \(list.csv), \(list.html), \(PGDate(list.day)),
                    \(list.isComplete), \(list.cells)::text::jsonb, \(list.xlsx))
                ON CONFLICT DO NOTHING RETURNING 1 AS one
                """
            ).count == 1
        if isNew { effects.publish(list.event, to: .reportEvents, from: 0) }
        return isNew
    }
}

/// The rows of one authority's lists, drawn from the read models alone.
struct ListRows {
    let authority: String
    /// The Monday or the 1st on which the list is published.
    let day: Day
    let asAt: Instant

    func table(of kind: Lists.Kind, in transaction: borrowing Transaction) throws -> ListTable {
        try withTeams(drawn(kind, in: transaction), in: transaction)
    }

    /// Adds the team and the service of each row's case, by which readers part a list.
    private func withTeams(_ table: ListTable, in transaction: borrowing Transaction) throws -> ListTable {
        guard let place = table.header.firstIndex(of: "Case") else { return table }
        let cases = Array(Set(table.rows.map { $0[place] })).sorted()
        var teams: [String: [String]] = [:]
        for row in try transaction.execute(
            """
            SELECT subject, team_id, service_id FROM reporting.case_team
             WHERE authority = \(authority) AND subject = ANY(\(cases))
            """)
        {
            teams[row.string("subject")] = [row.cell("team_id"), row.cell("service_id")]
        }
        return ListTable(
            header: table.header + ["Team", "Service"], rows: table.rows.map { $0 + (teams[$0[place]] ?? ["", ""]) })
    }

    private func drawn(_ kind: Lists.Kind, in transaction: borrowing Transaction) throws -> ListTable {
        switch kind {
        case .weekly: try meetings(to: day.adding(days: 6), in: transaction)
        case .fortnight: try meetings(to: day.adding(days: 13), in: transaction)
        case .month: try month(in: transaction)
        case .exception: try exceptions(in: transaction)
        case .allocations: try allocations(in: transaction)
        case .drift: try drift(in: transaction)
        case .timeliness: try timeliness(in: transaction)
        case .longPlans: try longPlans(in: transaction)
        }
    }
}

extension Row {
    /// A column as a cell of a list: empty where there is nothing to say.
    func cell(_ column: Column) -> String { stringOrNil(column) ?? "" }
    func dayCell(_ column: Column) -> String { dateOrNil(column)?.day.description ?? "" }
    func numberCell(_ column: Column) -> String { intOrNil(column).map(String.init) ?? "" }
}
