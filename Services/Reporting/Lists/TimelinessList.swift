import Postgres
import StatutoryRules
import Workers

/// The figures of the month before (MAN-0, MAN-4a, SWI-0.5, CAN-1.4, CAN-2.1, LON-4.1c, LON-8.1c; E48). A share is of the
/// same row's `Of`.
extension ListRows {
    func timeliness(in transaction: borrowing Transaction) throws -> ListTable {
        let (from, to) = (PGDate(day.adding(months: -1)), PGDate(day.adding(days: -1)))
        let rows =
            try duties(from, to, in: transaction) + postponements(from, to, in: transaction)
            + meetingFigures(from, to, in: transaction)
        return ListTable(header: ["Figure", "Kind", "Number", "Of", "Per cent", "Remark"], rows: rows)
    }

    /// MAN-0 and SWI-0.5: every duty that fell due. What was past when it was first known is counted by itself; what was
    /// withdrawn, or bounded by a sooner limit, is in no figure.
    private func duties(
        _ from: PGDate, _ to: PGDate, in transaction: borrowing Transaction
    ) throws -> [[String]] {
        let rows = try transaction.execute(
            """
            SELECT duty, known_late, count(*) AS judged, count(*) FILTER (WHERE state = 'met') AS met,
                count(*) FILTER (WHERE state = 'met_late') AS late, count(*) FILTER (WHERE state = 'missed') AS missed,
                max(late_days) AS most_days, max(late_hours) AS most_hours
              FROM reporting.duty
             WHERE authority = \(authority) AND NOT withdrawn AND state IN ('met', 'met_late', 'missed')
               AND duty <> 'long_plan'
               AND coalesce(due_on, (due_at AT TIME ZONE 'Europe/London')::date) BETWEEN \(from) AND \(to)
             GROUP BY duty, known_late ORDER BY known_late, duty
            """)
        return rows.map { row in
            let kind = row.string("duty").replacing("_", with: " ")
            if row.bool("known_late") {
                return figure("Known late", kind, row.int64("judged"), of: nil, "in no rate")
            }
            let most = [
                row.intOrNil("most_days").map { "\($0) days" }, row.intOrNil("most_hours").map { "\($0) hours" },
            ].compactMap(\.self)
            let late =
                "\(row.int64("late")) late" + (most.isEmpty ? "" : ", by \(most.joined(separator: " or ")) at most")
            return figure(
                "In time", kind, row.int64("met"), of: row.int64("judged"), "\(late); \(row.int64("missed")) not done")
        }
    }

    /// MAN-4a and CAN-2.1: how often meetings were moved or called off, and why; of those held or put off.
    private func postponements(
        _ from: PGDate, _ to: PGDate, in transaction: borrowing Transaction
    ) throws -> [[String]] {
        let rows = try transaction.execute(
            """
            SELECT agreed, coalesce(reason, 'no reason given') AS reason, count(*) AS number,
                ((SELECT count(*) FROM reporting.conference c
                   WHERE c.authority = \(authority) AND c.held_on BETWEEN \(from) AND \(to))
                 + coalesce(sum(count(*)) FILTER (WHERE agreed) OVER (), 0))::bigint AS meetings
              FROM reporting.postponement
             WHERE authority = \(authority) AND decided_on BETWEEN \(from) AND \(to)
             GROUP BY agreed, reason ORDER BY agreed DESC, reason
            """)
        return rows.map { row in
            let isAgreed = row.bool("agreed")
            return figure(
                isAgreed ? "Postponed or cancelled" : "Postponement refused",
                row.string("reason").replacing("_", with: " "), row.int64("number"),
                of: isAgreed ? row.int64("meetings") : nil)
        }
    }

    /// CAN-1.4: the social worker's attendance; LON-8.1c: reviews that kept their chair; LON-4.1c: meetings from which
    /// someone was kept out. Of those of which it is recorded.
    private func meetingFigures(
        _ from: PGDate, _ to: PGDate, in transaction: borrowing Transaction
    ) throws -> [[String]] {
        let rows = try transaction.execute(
            """
            SELECT coalesce(conference_type, 'not stated') AS type, count(*) AS held,
                count(social_worker_attended) AS known, count(*) FILTER (WHERE social_worker_attended) AS attended,
                count(same_chair) AS chaired, count(*) FILTER (WHERE same_chair) AS same,
                count(*) FILTER (WHERE excluded_people > 0) AS excluded
              FROM reporting.conference
             WHERE authority = \(authority) AND held_on BETWEEN \(from) AND \(to)
             GROUP BY conference_type ORDER BY type
            """)
        let figures: [(name: String, number: Column, of: Column)] = [
            ("Social worker present", "attended", "known"), ("Same chair as before", "same", "chaired"),
            ("Someone excluded", "excluded", "held"),
        ]
        return figures.flatMap { name, number, of in
            rows.compactMap { row in
                let all = row.int64(of)
                guard all > 0 else { return nil }
                return figure(name, row.string("type").replacing("_", with: " "), row.int64(number), of: all)
            }
        }
    }

    private func figure(
        _ name: String, _ kind: String, _ number: Int64, of all: Int64?, _ remark: String = ""
    ) -> [String] {
        // One decimal, halves up.
        let share = all.map { $0 == 0 ? 0 : (number * 2_000 + $0) / ($0 * 2) }
        return [
            name, kind, String(number), all.map(String.init) ?? "", share.map { "\($0 / 10).\($0 % 10)" } ?? "", remark,
        ]
    }
}
