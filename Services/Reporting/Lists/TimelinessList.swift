import Postgres
import StatutoryRules
import Workers

/// The figures of the month before (MAN-0, MAN-4a, SWI-0.5, CAN-1.4, CAN-2.1, LON-4.1c, LON-8.1c; E48). A share is of the
/// same row's `Of`. Each figure is given for the authority, and again for each team, with its service: a meeting counts for
/// every team of its children.
extension ListRows {
    func timeliness(in transaction: borrowing Transaction) throws -> ListTable {
        let (from, to) = (PGDate(day.adding(months: -1)), PGDate(day.adding(days: -1)))
        let rows =
            try duties(from, to, in: transaction) + postponements(from, to, in: transaction)
            + meetingFigures(from, to, in: transaction)
        return ListTable(
            header: ["Figure", "Kind", "Number", "Of", "Per cent", "Remark", "Team", "Service"], rows: rows)
    }

    /// Joins a row of a case to the whole, which has no team, and to each team of these children.
    private func parts(of children: SQL, in row: SQL) -> SQL {
        """
        CROSS JOIN LATERAL (
            SELECT '' AS team, '' AS service
             UNION SELECT k.team_id, coalesce(k.service_id, '') FROM reporting.team_of_child k
             WHERE k.authority = \(row).authority AND k.subject = \(row).subject AND k.child_id = ANY(\(children))
               AND k.team_id IS NOT NULL) AS part
        """
    }

    /// MAN-0 and SWI-0.5: every duty that fell due. What was past when it was first known is counted by itself; what was
    /// withdrawn, or bounded by a sooner limit, is in no figure.
    private func duties(
        _ from: PGDate, _ to: PGDate, in transaction: borrowing Transaction
    ) throws -> [[String]] {
        let rows = try transaction.execute(
            """
            SELECT part.team, part.service, d.duty, d.known_late, count(*) AS judged,
                count(*) FILTER (WHERE d.state = 'met') AS met, count(*) FILTER (WHERE d.state = 'met_late') AS late,
                count(*) FILTER (WHERE d.state = 'missed') AS missed,
                max(d.late_days) AS most_days, max(d.late_hours) AS most_hours
              FROM reporting.duty d
              LEFT JOIN reporting.plan p
                ON p.authority = d.authority AND p.subject = d.subject AND p.plan_id = d.plan_id
              LEFT JOIN reporting.conference c
                ON c.authority = d.authority AND c.subject = d.subject AND c.conference_id = d.conference_id
              \(parts(of: "CASE WHEN coalesce(d.child_id, p.child_id) IS NULL THEN c.child_ids ELSE ARRAY[coalesce(d.child_id, p.child_id)] END", in: "d"))
             WHERE d.authority = \(authority) AND NOT d.withdrawn AND d.state IN ('met', 'met_late', 'missed')
               AND d.duty <> 'long_plan'
               AND coalesce(d.due_on, (d.due_at AT TIME ZONE 'Europe/London')::date) BETWEEN \(from) AND \(to)
             GROUP BY part.team, part.service, d.duty, d.known_late
             ORDER BY part.team, part.service, d.known_late, d.duty
            """)
        return rows.map { row in
            let kind = row.string("duty").replacing("_", with: " ")
            if row.bool("known_late") {
                return figure(row, "Known late", kind, row.int64("judged"), of: nil, "in no rate")
            }
            let most = [
                row.intOrNil("most_days").map { "\($0) days" }, row.intOrNil("most_hours").map { "\($0) hours" },
            ].compactMap(\.self)
            let late =
                "\(row.int64("late")) late" + (most.isEmpty ? "" : ", by \(most.joined(separator: " or ")) at most")
            return figure(
                row, "In time", kind, row.int64("met"), of: row.int64("judged"),
                "\(late); \(row.int64("missed")) not done")
        }
    }

    /// MAN-4a and CAN-2.1: how often meetings were moved or called off, and why; of those held or put off.
    private func postponements(
        _ from: PGDate, _ to: PGDate, in transaction: borrowing Transaction
    ) throws -> [[String]] {
        let rows = try transaction.execute(
            """
            WITH held AS (
                SELECT part.team, part.service, count(*) AS number FROM reporting.conference c
                \(parts(of: "c.child_ids", in: "c"))
                 WHERE c.authority = \(authority) AND c.held_on BETWEEN \(from) AND \(to) GROUP BY part.team, part.service)
            SELECT part.team, part.service, m.agreed, coalesce(m.reason, 'no reason given') AS reason, count(*) AS number,
                (coalesce(max(h.number), 0)
                 + coalesce(sum(count(*)) FILTER (WHERE m.agreed) OVER (PARTITION BY part.team, part.service), 0)
                )::bigint AS meetings
              FROM reporting.postponement m
              LEFT JOIN reporting.conference c
                ON c.authority = m.authority AND c.subject = m.subject AND c.conference_id = m.conference_id
              \(parts(of: "c.child_ids", in: "m"))
              LEFT JOIN held h ON h.team = part.team AND h.service = part.service
             WHERE m.authority = \(authority) AND m.decided_on BETWEEN \(from) AND \(to)
             GROUP BY part.team, part.service, m.agreed, m.reason
             ORDER BY part.team, part.service, m.agreed DESC, m.reason
            """)
        return rows.map { row in
            let isAgreed = row.bool("agreed")
            return figure(
                row, isAgreed ? "Postponed or cancelled" : "Postponement refused",
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
            SELECT part.team, part.service, coalesce(c.conference_type, 'not stated') AS type, count(*) AS held,
                count(c.social_worker_attended) AS known, count(*) FILTER (WHERE c.social_worker_attended) AS attended,
                count(c.same_chair) AS chaired, count(*) FILTER (WHERE c.same_chair) AS same,
                count(*) FILTER (WHERE c.excluded_people > 0) AS excluded
              FROM reporting.conference c
              \(parts(of: "c.child_ids", in: "c"))
             WHERE c.authority = \(authority) AND c.held_on BETWEEN \(from) AND \(to)
             GROUP BY part.team, part.service, c.conference_type ORDER BY part.team, part.service, type
            """)
        let figures: [(name: String, number: Column, of: Column)] = [
            ("Social worker present", "attended", "known"), ("Same chair as before", "same", "chaired"),
            ("Someone excluded", "excluded", "held"),
        ]
        return figures.flatMap { name, number, of in
            rows.compactMap { row in
                let all = row.int64(of)
                guard all > 0 else { return nil }
                return figure(row, name, row.string("type").replacing("_", with: " "), row.int64(number), of: all)
            }
        }
    }

    private func figure(
        _ row: Row, _ name: String, _ kind: String, _ number: Int64, of all: Int64?, _ remark: String = ""
    ) -> [String] {
        // One decimal, halves up.
        let share = all.map { $0 == 0 ? 0 : (number * 2_000 + $0) / ($0 * 2) }
        return [
            name, kind, String(number), all.map(String.init) ?? "", share.map { "\($0 / 10).\($0 % 10)" } ?? "", remark,
            row.cell("team"), row.cell("service"),
        ]
    }
}
