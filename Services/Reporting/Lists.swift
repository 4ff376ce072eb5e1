import CaseEvents
import Mustache
import Postgres
import StatutoryRules
import Workers

/// The recurring lists: once for each period, whatever restarts; late rather than never.
struct Lists {
    let configuration: Configuration

    enum Kind: String, CaseIterable {
        /// This week's meetings with each report's status (SWI-0.1; 004, preamble).
        case weekly
        /// Late reports and cancelled meetings of the week before (SWI-23; 004, item 23).
        case exception

        var title: String {
            switch self {
            case .weekly: "This week's conferences and looked-after reviews"
            case .exception: "Weekly exception report"
            }
        }
    }

    /// Hour of a Monday, London time, from which the week's lists are published.
    private static let hour = 6

    /// Publishes what is due and was not published yet.
    func publishDue(in transaction: borrowing Transaction, _ effects: inout Effects) throws -> [PublishedList] {
        let now = try transaction.execute("SELECT now() AS now")[0].timestamp("now").instant
        let today = London.day(of: now)
        var monday = today.adding(days: -today.weekday.rawValue)
        if now < London.instant(on: monday, hour: Lists.hour) { monday = monday.adding(days: -7) }
        let authorities = try transaction.execute("SELECT DISTINCT authority FROM reporting.case_file ORDER BY 1")
            .map { $0.string("authority") }
        var published: [PublishedList] = []
        for authority in authorities {
            for kind in Kind.allCases {
                guard let recipients = configuration.listRecipients(kind.rawValue, authority: authority)
                else { continue }
                let rows = try rows(kind, authority, monday, in: transaction)
                let list = PublishedList(
                    kind: kind, authority: authority, monday: monday, asAt: now, recipients: recipients, table: rows)
                if try publish(list, in: transaction, &effects) { published.append(list) }
            }
        }
        return published
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

    private func rows(
        _ kind: Kind, _ authority: String, _ monday: Day, in transaction: borrowing Transaction
    ) throws -> ListTable {
        switch kind {
        case .weekly: try weekly(authority, monday, in: transaction)
        case .exception: try exceptions(authority, monday, in: transaction)
        }
    }

    private func weekly(
        _ authority: String, _ monday: Day, in transaction: borrowing Transaction
    ) throws -> ListTable {
        let rows = try transaction.execute(
            """
            SELECT conference_id, subject, coalesce(conference_type, 'not stated') AS type, starts_on, starts_at, state,
                CASE WHEN report_submitted_at IS NOT NULL THEN 'submitted' ELSE 'outstanding' END AS report
              FROM reporting.conference
             WHERE authority = \(authority) AND starts_on BETWEEN \(PGDate(monday)) AND \(PGDate(monday.adding(days: 6)))
             ORDER BY starts_on, starts_at, conference_id
            """)
        return ListTable(
            header: ["Date", "Time", "Meeting", "Conference", "Case", "State", "Social worker's report"],
            rows: rows.map { row in
                [
                    row.date("starts_on").day.description, row.timestampOrNil("starts_at")?.londonClock ?? "",
                    row.string("type").replacing("_", with: " "), row.string("conference_id"), row.string("subject"),
                    row.string("state"), row.string("report"),
                ]
            })
    }

    private func exceptions(
        _ authority: String, _ monday: Day, in transaction: borrowing Transaction
    ) throws -> ListTable {
        let (from, to) = (PGDate(monday.adding(days: -7)), PGDate(monday.adding(days: -1)))
        let rows = try transaction.execute(
            """
            SELECT 'Late report' AS what, rule, subject, conference_id,
                coalesce(due_on, (due_at AT TIME ZONE 'Europe/London')::date) AS on_day,
                CASE state WHEN 'met_late' THEN 'submitted late' ELSE 'not submitted' END AS remark
              FROM reporting.duty
             WHERE authority = \(authority) AND NOT withdrawn AND duty = 'social_worker_report'
               AND state IN ('missed', 'met_late')
               AND coalesce(due_on, (due_at AT TIME ZONE 'Europe/London')::date) BETWEEN \(from) AND \(to)
            UNION ALL
            SELECT 'Cancelled meeting', 'SWI-23', subject, conference_id, starts_on, 'cancelled'
              FROM reporting.conference
             WHERE authority = \(authority) AND state = 'cancelled' AND starts_on BETWEEN \(from) AND \(to)
             ORDER BY on_day, conference_id, what
            """)
        return ListTable(
            header: ["Exception", "Rule", "Case", "Conference", "Date", "Remark"],
            rows: rows.map { row in
                [
                    row.string("what"), row.string("rule"), row.string("subject"),
                    row.stringOrNil("conference_id") ?? "", row.date("on_day").day.description, row.string("remark"),
                ]
            })
    }
}

extension PGTimestamp {
    /// `14:05` as a London clock shows it.
    var londonClock: String {
        let clock = London.clock(at: instant)
        return "\(clock.hour < 10 ? "0" : "")\(clock.hour):\(clock.minute < 10 ? "0" : "")\(clock.minute)"
    }
}
