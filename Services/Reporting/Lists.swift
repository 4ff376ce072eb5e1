import CaseEvents
import Mustache
import Postgres
import StatutoryRules
import Workers

/// The recurring lists: once for each period, whatever restarts; late rather than never; kept as drawn.
struct Lists {
    let configuration: Configuration

    /// Publishes what is due and was not published yet.
    func publishDue(in transaction: borrowing Transaction, _ effects: inout Effects) throws -> [PublishedList] {
        let now = try transaction.execute("SELECT now() AS now")[0].timestamp("now").instant
        let authorities = try transaction.execute("SELECT DISTINCT authority FROM reporting.case_file ORDER BY 1")
            .map { $0.string("authority") }
        var published: [PublishedList] = []
        for authority in authorities {
            for kind in Kind.allCases {
                guard let recipients = configuration.listRecipients(kind.rawValue, authority: authority),
                    try !isPublished(kind, authority, kind.day(at: now), in: transaction)
                else { continue }
                let table = try ListRows(authority: authority, day: kind.day(at: now), asAt: now)
                    .table(of: kind, in: transaction)
                if kind.isOnOccasion && table.rows.isEmpty { continue }
                let list = PublishedList(
                    kind: kind, authority: authority, period: kind.period(of: kind.day(at: now)), asAt: now,
                    recipients: recipients, table: table)
                if try publish(list, in: transaction, &effects) { published.append(list) }
            }
        }
        return published
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
                INSERT INTO reporting.published_list (list_id, kind, authority, period, as_at, row_count, csv, html)
                VALUES (\(list.id), \(list.kind.rawValue), \(list.authority), \(list.period),
                    \(PGTimestamp(list.asAt)), \(Int32(list.rowCount)), \(list.csv),
                    \(list.html))
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
