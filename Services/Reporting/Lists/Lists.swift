import CaseEvents
import Mustache
import Postgres
import StatutoryRules
import Workers

/// The recurring lists: once for each period, whatever restarts; late rather than never; kept as drawn. A list waits until
/// everything published before its hour has been read, and what scheduling says of it too, but no longer than
/// `patienceMinutes`; then it says as at when it is.
public struct Lists {
    let configuration: Configuration
    /// From when on this worker could draw them: what was due before waits from here.
    let since: Instant

    public init(configuration: Configuration, since: Instant) {
        self.configuration = configuration
        self.since = since
    }

    static let patienceMinutes = 30
    /// How far back lists are published that nobody drew at their hour.
    static let lateDays = 92
    /// How far back a list goes for what was heard of late.
    static let heardDays = 364

    /// Publishes what is due and was not published yet.
    public func publishDue(in transaction: borrowing Transaction, _ effects: inout Effects) throws -> [PublishedList] {
        let times = try transaction.execute(
            "SELECT now() AS now, reporting.judged_until() AS judged_until")[0]
        let now = times.timestamp("now").instant
        let judgedUntil = times.timestampOrNil("judged_until")?.instant
        var published: [PublishedList] = []
        for authority in try authorities(now, in: transaction) {
            for kind in Kind.allCases {
                guard let recipients = configuration.listRecipients(kind.rawValue, authority: authority)
                else { continue }
                for day in try daysDue(kind, authority, now, in: transaction) {
                    guard let asAt = asAt(kind.opens(day), now: now, judgedUntil: judgedUntil) else { break }
                    let table = try ListRows(authority: authority, day: day, asAt: asAt.instant)
                        .table(of: kind, in: transaction)
                    if kind.isOnOccasion && table.rows.isEmpty { continue }
                    let list = try PublishedList(
                        kind: kind, authority: authority, day: day, asAt: asAt.instant, isComplete: asAt.isComplete,
                        recipients: recipients, table: table)
                    if try publish(list, in: transaction, &effects) { published.append(list) }
                }
            }
        }
        return published
    }

    /// Those of which something is known. One that never had a list may just be telling its history: its first lists wait for a
    /// pause, no longer than any.
    private func authorities(_ now: Instant, in transaction: borrowing Transaction) throws -> [String] {
        try transaction.execute(
            """
            SELECT a.authority FROM reporting.authorities_known() AS a
             WHERE EXISTS (SELECT FROM reporting.published_list l WHERE l.authority = a.authority)
                OR (SELECT \(PGTimestamp(now)) >= greatest(\(PGTimestamp(since)), min(s.first_at))
                               + make_interval(mins => \(Int32(Lists.patienceMinutes)))
                           OR coalesce(max(s.last_at) <= now() - make_interval(secs => \(Limits.quietSeconds)), true)
                      FROM reporting.source s WHERE s.authority = a.authority)
             ORDER BY 1
            """
        ).map { $0.string("authority") }
    }

    /// The days after the last list, so that a worker that was down leaves none out, though none further back than
    /// `lateDays`. Of a kind that the authority never had, and of one that is published on occasion alone, the last day.
    private func daysDue(
        _ kind: Kind, _ authority: String, _ now: Instant, in transaction: borrowing Transaction
    ) throws -> [Day] {
        let last = kind.day(at: now)
        let listed = try transaction.execute(
            """
            SELECT max(listed_on) AS listed_on FROM reporting.published_list
             WHERE authority = \(authority) AND kind = \(kind.rawValue) AND listed_on <= \(PGDate(last))
            """)[0].dateOrNil("listed_on")?.day
        guard let listed, !kind.isOnOccasion else { return listed == last ? [] : [last] }
        return Array(sequence(first: kind.next(after: listed)) { kind.next(after: $0) }.prefix { $0 <= last })
            .filter { $0 >= last.adding(days: -Lists.lateDays) }
    }

    /// As at when a list that opened at an hour would be drawn now; `nil` where it still waits.
    func asAt(_ hour: Instant, now: Instant, judgedUntil: Instant?) -> (instant: Instant, isComplete: Bool)? {
        if let judgedUntil, judgedUntil >= hour { return (now, true) }
        guard now >= max(hour, since).adding(minutes: Lists.patienceMinutes) else { return nil }
        return (judgedUntil ?? hour, false)
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

    /// Adds the teams and the services of each row's case, by which readers part a list.
    private func withTeams(_ table: ListTable, in transaction: borrowing Transaction) throws -> ListTable {
        guard let place = table.header.firstIndex(of: "Case") else { return table }
        let cases = Array(Set(table.rows.map { $0[place] })).sorted()
        var teams: [String: [String]] = [:]
        for row in try transaction.execute(
            """
            SELECT subject, string_agg(DISTINCT team_id, ' ') AS team_id, string_agg(DISTINCT service_id, ' ') AS service_id
              FROM reporting.case_team WHERE authority = \(authority) AND subject = ANY(\(cases)) GROUP BY subject
            """)
        {
            teams[row.string("subject")] = [row.cell("team_id"), row.cell("service_id")]
        }
        return ListTable(
            header: table.header + ["Team", "Service"], rows: table.rows.map { $0 + (teams[$0[place]] ?? ["", ""]) })
    }

    /// The rows of some days, counted from the list's own, and those before that no list of the kind had yet, marked as heard
    /// of late: from the period of the first weekly list that the authority had, a year at most. The first five cells say what a row is of,
    /// the cell `date` among them when.
    func heard(
        _ kind: Lists.Kind, _ days: ClosedRange<Int>, date: Int, in transaction: borrowing Transaction,
        _ draw: (PGDate, PGDate) throws -> ListTable
    ) throws -> ListTable {
        let weekly = Lists.Kind.weeklyKinds.map(\.rawValue)
        let first = try transaction.execute(
            """
            SELECT min(listed_on) AS listed_on FROM reporting.published_list
             WHERE authority = \(authority) AND kind = ANY(\(weekly)) AND listed_on < \(PGDate(day))
            """)[0].dateOrNil("listed_on")?.day
        let oldest = max(first ?? day, day.adding(days: -Lists.heardDays))
        let from = day.adding(days: days.lowerBound)
        let table = try draw(
            PGDate(oldest.adding(days: days.lowerBound)), PGDate(day.adding(days: days.upperBound)))
        var listed: [[String]: Int] = [:]
        for row in try transaction.execute(
            """
            SELECT r.cells->>0, r.cells->>1, r.cells->>2, r.cells->>3, r.cells->>4
              FROM reporting.published_list l CROSS JOIN LATERAL jsonb_array_elements(l.cells) AS r (cells)
             WHERE l.authority = \(authority) AND l.kind = \(kind.rawValue)
               AND l.listed_on >= \(PGDate(oldest)) AND l.listed_on < \(PGDate(day))
            """)
        {
            listed[(0..<5).map { row.cell(Column($0)) }, default: 0] += 1
        }
        let rows = table.rows.compactMap { row -> [String]? in
            guard row[date] < from.description else { return row + [""] }
            // Of several that read alike, as of two agencies' reports, as many are new as were not listed.
            let left = listed[Array(row.prefix(5)), default: 0]
            listed[Array(row.prefix(5))] = left - 1
            return left > 0 ? nil : row + ["late"]
        }
        return ListTable(header: table.header + ["Heard"], rows: rows)
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
