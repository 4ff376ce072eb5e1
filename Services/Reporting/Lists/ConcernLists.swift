import Postgres
import StatutoryRules
import Workers

/// The lists of what went wrong: the exception report (SWI-3b, SWI-7b, SWI-10b, SWI-23; E46) and the drift list (CAN-1.2,
/// CAN-4.1, LON-14.3b; E49).
extension ListRows {
    /// Of the week before: late invite lists and reports, meetings called off or put off, escalations.
    func exceptions(in transaction: borrowing Transaction) throws -> ListTable {
        try heard(.exception, -7...(-1), date: 4, in: transaction) { from, to in
            try exceptions(from, to, in: transaction)
        }
    }

    private func exceptions(
        _ from: PGDate, _ to: PGDate, in transaction: borrowing Transaction
    ) throws -> ListTable {
        let rows = try transaction.execute(
            """
            SELECT CASE duty WHEN 'invite_list' THEN 'Late invite list' ELSE 'Late report' END AS what, rule, subject,
                conference_id, day AS on_day,
                CASE state WHEN 'met_late' THEN 'submitted late' ELSE 'not submitted' END AS remark
              FROM (SELECT *, coalesce(d.due_on, (d.due_at AT TIME ZONE 'Europe/London')::date) AS day
                      FROM reporting.duty d) AS d
             WHERE authority = \(authority) AND NOT withdrawn AND state IN ('missed', 'met_late')
               AND duty IN ('invite_list', 'social_worker_report', 'agency_report', 'report_to_chair')
               AND day BETWEEN \(from) AND \(to)
            UNION ALL
            SELECT CASE action WHEN 'cancel' THEN 'Cancelled meeting' ELSE 'Meeting put off' END, 'SWI-23', subject,
                conference_id, decided_on,
                concat_ws(', ', CASE WHEN agreed THEN 'agreed' ELSE 'refused: the date stands' END,
                    replace(reason, '_', ' '))
              FROM reporting.postponement
             WHERE authority = \(authority) AND decided_on BETWEEN \(from) AND \(to)
            UNION ALL
            SELECT 'Escalation', rule, subject, conference_id, raised_on, replace(template, '_', ' ')
              FROM reporting.escalation
             WHERE authority = \(authority) AND NOT taken_back AND raised_on BETWEEN \(from) AND \(to)
             ORDER BY on_day, subject, conference_id, what, rule
            """)
        return ListTable(
            header: ["Exception", "Rule", "Case", "Conference", "Date", "Remark"],
            rows: rows.map { row in
                [
                    row.cell("what"), row.cell("rule"), row.cell("subject"), row.cell("conference_id"),
                    row.dayCell("on_day"), row.cell("remark"),
                ]
            })
    }

    /// Reviews and plan actions past their day, of what has not ended, and children of whom no tracking note followed the last
    /// meeting.
    func drift(in transaction: borrowing Transaction) throws -> ListTable {
        let monday = PGDate(day)
        let rows = try transaction.execute(
            """
            SELECT 'Overdue review' AS what, d.subject, d.child_id, d.plan_id AS item, d.due_on AS since,
                replace(d.duty, '_', ' ') || ', ' || d.rule AS remark
              FROM reporting.duty d
             WHERE d.authority = \(authority) AND NOT d.withdrawn AND d.state = 'missed' AND d.due_on < \(monday)
               AND d.duty IN ('first_review', 'later_review', 'first_looked_after_review', 'second_looked_after_review',
                              'later_looked_after_review')
               AND NOT EXISTS (SELECT FROM reporting.plan p
                                WHERE p.authority = d.authority AND p.subject = d.subject AND p.plan_id = d.plan_id
                                  AND p.ended_on < \(monday))
               AND NOT EXISTS (SELECT FROM reporting.looked_after l
                                WHERE d.plan_id IS NULL AND l.authority = d.authority AND l.subject = d.subject
                                  AND l.child_id = d.child_id AND d.anchor_on BETWEEN l.started_on AND l.ended_on
                                  AND l.ended_on < \(monday))
               AND NOT EXISTS (SELECT FROM reporting.child c
                                WHERE c.authority = d.authority AND c.subject = d.subject AND c.child_id = d.child_id
                                  AND c.died_on < \(monday))
            UNION ALL
            SELECT 'Overdue action', a.subject, p.child_id, a.plan_id, a.due_on,
                concat_ws(', ', a.action_id, replace(a.agency, '_', ' '))
              FROM reporting.plan_action a JOIN reporting.plan p USING (authority, subject, plan_id)
             WHERE authority = \(authority) AND a.done_on IS NULL AND a.due_on < \(monday)
               AND (p.ended_on IS NULL OR p.ended_on >= \(monday))
            UNION ALL
            SELECT 'No tracking note', f.subject, f.child_id, c.conference_id, c.held_on, 'since this meeting'
              FROM reporting.finding f JOIN reporting.conference c
                ON c.authority = f.authority AND c.subject = f.subject AND c.held_event = ANY(f.events)
             WHERE f.authority = \(authority) AND NOT f.cleared AND f.rule = 'CAN-4.1' AND c.held_on < \(monday)
               AND NOT EXISTS (SELECT FROM reporting.conference l
                                WHERE l.authority = f.authority AND l.subject = f.subject
                                  AND f.child_id = ANY(l.child_ids) AND l.held_on > c.held_on)
             ORDER BY since, subject, child_id, what, item, remark
            """)
        return ListTable(
            header: ["Drift", "Case", "Child", "Plan or meeting", "Since", "Days", "Remark"],
            rows: rows.map { row in
                let since = row.date("since").day
                return [
                    row.cell("what"), row.cell("subject"), row.cell("child_id"), row.cell("item"), since.description,
                    String(day.days(since: since)), row.cell("remark"),
                ]
            })
    }
}
