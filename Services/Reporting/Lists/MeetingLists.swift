import Postgres
import StatutoryRules
import Workers

/// The lists of meetings to come (SWI-0.1, SWI-20, SWI-21; E43 to E45), of who takes over a child (SWI-25; E47), and of
/// long plans (LON-1.22c; E40).
extension ListRows {
    /// The meetings of the days from the list's own on, with each report's status and who works with the children.
    func meetings(to last: Day, in transaction: borrowing Transaction) throws -> ListTable {
        let rows = try transaction.execute(
            """
            SELECT c.conference_id, c.subject, coalesce(c.conference_type, 'not stated') AS type, c.starts_on,
                c.starts_at, c.state,
                CASE WHEN c.report_submitted_on IS NOT NULL THEN 'submitted' ELSE 'outstanding' END AS report,
                r.done || ' of ' || nullif(r.owed, 0) AS reports, w.social_worker, w.team_manager, w.service_manager
              FROM reporting.conference c CROSS JOIN LATERAL (
                SELECT string_agg(DISTINCT a.person_id, ' ') FILTER (WHERE a.role = 'social_worker') AS social_worker,
                    string_agg(DISTINCT a.person_id, ' ') FILTER (WHERE a.role = 'team_manager') AS team_manager,
                    string_agg(DISTINCT a.person_id, ' ') FILTER (WHERE a.role = 'service_manager') AS service_manager
                  FROM reporting.allocation a
                 WHERE a.authority = c.authority AND a.subject = c.subject AND a.child_id = ANY(c.child_ids)) AS w
             CROSS JOIN LATERAL (
                SELECT count(*) AS owed, count(*) FILTER (WHERE d.state IN ('met', 'met_late')) AS done
                  FROM reporting.duty d
                 WHERE d.authority = c.authority AND d.subject = c.subject AND d.conference_id = c.conference_id
                   AND d.duty IN ('social_worker_report', 'agency_report', 'report_to_chair') AND NOT d.withdrawn
                   AND d.state NOT IN ('superseded', 'withdrawn')) AS r
             WHERE c.authority = \(authority) AND c.starts_on BETWEEN \(PGDate(day)) AND \(PGDate(last))
             ORDER BY c.starts_on, c.starts_at, c.conference_id, c.subject
            """)
        return ListTable(
            header: [
                "Date", "Time", "Meeting", "Conference", "Case", "State", "Social worker's report",
                "Reports in of owed", "Social worker", "Team manager", "Service manager",
            ],
            rows: rows.map { row in
                [
                    row.dayCell("starts_on"), row.timestampOrNil("starts_at")?.londonClock ?? "",
                    row.string("type").replacing("_", with: " "), row.cell("conference_id"), row.cell("subject"),
                    row.cell("state"), row.cell("report"), row.cell("reports"), row.cell("social_worker"),
                    row.cell("team_manager"), row.cell("service_manager"),
                ]
            })
    }

    /// The calendar month's meetings, marked with when that was known: it changes as initial conferences are arranged.
    func month(in transaction: borrowing Transaction) throws -> ListTable {
        let table = try meetings(to: day.adding(months: 1).adding(days: -1), in: transaction)
        let stamp = Moment.instant(asAt).readable
        return ListTable(header: table.header + ["As at"], rows: table.rows.map { $0 + [stamp] })
    }

    /// Of the transfer meetings since the last such Monday, this one included.
    func allocations(in transaction: borrowing Transaction) throws -> ListTable {
        try heard(.allocations, -6...0, date: 0, in: transaction) { from, to in
            try allocations(from, to, in: transaction)
        }
    }

    private func allocations(
        _ from: PGDate, _ to: PGDate, in transaction: borrowing Transaction
    ) throws -> ListTable {
        let rows = try transaction.execute(
            """
            SELECT held_on, subject, child_id, from_worker_id, to_worker_id FROM reporting.transfer
             WHERE authority = \(authority)
               AND held_on BETWEEN \(from) AND \(to)
             ORDER BY held_on, subject, child_id
            """)
        return ListTable(
            header: ["Transfer meeting", "Case", "Child", "Social worker before", "Social worker now"],
            rows: rows.map { row in
                [
                    row.dayCell("held_on"), row.cell("subject"), row.cell("child_id"), row.cell("from_worker_id"),
                    row.cell("to_worker_id"),
                ]
            })
    }

    /// Plans that have reached their two years, the children under five before the others.
    func longPlans(in transaction: borrowing Transaction) throws -> ListTable {
        let rows = try transaction.execute(
            """
            SELECT p.subject, p.child_id, p.plan_id, p.category, d.anchor_on, d.due_on,
                extract(year FROM age(\(PGDate(day)), c.born_on))::int AS years
              FROM reporting.duty d JOIN reporting.plan p USING (authority, subject, plan_id)
              LEFT JOIN reporting.child c
                ON c.authority = p.authority AND c.subject = p.subject AND c.child_id = p.child_id
             WHERE d.authority = \(authority) AND d.duty = 'long_plan' AND NOT d.withdrawn
               AND d.state <> 'withdrawn' AND d.due_on <= \(PGDate(day))
               AND (p.ended_on IS NULL OR p.ended_on > \(PGDate(day)))
             ORDER BY coalesce(extract(year FROM age(\(PGDate(day)), c.born_on)) < 5, false) DESC, d.anchor_on, p.plan_id
            """)
        return ListTable(
            header: ["Case", "Child", "Age", "Plan", "Began", "Two years on", "Category"],
            rows: rows.map { row in
                [
                    row.cell("subject"), row.cell("child_id"), row.numberCell("years"), row.cell("plan_id"),
                    row.dayCell("anchor_on"), row.dayCell("due_on"), row.cell("category"),
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
