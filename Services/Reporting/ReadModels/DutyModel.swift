import CaseEvents
import Postgres
import StatutoryRules
import Workers

/// Duties as scheduling last told of them. By the case's revision: a copy or an older word changes nothing.
public enum DutyModel {
    /// Returns how many words changed a row.
    public static func store(_ events: [OutcomeEvent], in transaction: borrowing Transaction) throws -> Int {
        let words = events.compactMap(Row.init)
        // The rows first: what is withdrawn in the same batch was a duty before, however the batches were cut.
        return try put(newest(words.filter { !$0.isGone }), in: transaction)
            + withdraw(newest(words.filter(\.isGone)), in: transaction)
    }

    /// Of several words on one duty in a batch the newest stands, since one statement may touch a row once.
    private static func newest(_ words: [Row]) -> [Row] {
        Dictionary(words.map { ($0.id, $0) }) { $0.revision <= $1.revision ? $1 : $0 }.values
            .sorted { "\($0.id)" < "\($1.id)" }
    }

    /// Draws the columns of these cases' duties anew from the word that is kept of each.
    static func redraw(_ cases: [CaseModels.Key], in transaction: borrowing Transaction) throws {
        let kept = try transaction.execute(
            """
            SELECT d.deadline_id, d.authority, d.subject, d.revision, d.body::text AS body FROM reporting.duty d
              JOIN unnest(\(cases.map(\.authority)), \(cases.map(\.subject))) AS w (authority, subject)
                USING (authority, subject)
             WHERE NOT d.withdrawn ORDER BY d.deadline_id
            """)
        let rows = kept.map {
            Row(
                id: $0.uuid("deadline_id"), authority: $0.string("authority"), subject: $0.string("subject"),
                revision: $0.int64("revision"), body: $0.string("body"), isGone: false)
        }
        _ = try put(rows, again: true, in: transaction)
    }

    private static func put(
        _ rows: [Row], again: Bool = false, in transaction: borrowing Transaction
    ) throws -> Int {
        guard !rows.isEmpty else { return 0 }
        return try transaction.execute(
            """
            INSERT INTO reporting.duty AS d (deadline_id, authority, subject, revision, rule, duty, policy, child_id,
                conference_id, plan_id, anchor_on, due_on, due_at, act_by_on, state, met_on, late_days, late_hours,
                provenance, citation, known_late, met_by, body)
            SELECT r.id, r.authority, r.subject, r.revision, b->>'rule', b->>'duty', b->>'policy',
                b->'subject'->>'childId', b->'subject'->>'conferenceId', b->'subject'->>'planId',
                (b->'anchor'->>'on')::date,
                CASE WHEN length(b->>'due') = 10 THEN (b->>'due')::date END,
                CASE WHEN length(b->>'due') > 10 THEN (b->>'due')::timestamptz END,
                CASE WHEN length(b->>'actBy') = 10 THEN (b->>'actBy')::date
                     ELSE ((b->>'actBy')::timestamptz AT TIME ZONE 'Europe/London')::date END,
                b->>'state', (b->>'metOn')::date, (b->>'lateDays')::int, (b->>'lateHours')::int, b->>'provenance',
                b->>'citation', coalesce(b->>'reason' = 'known_late', false), b->>'metBy', b
              FROM (SELECT u.id, u.authority, u.subject, u.revision, u.body::jsonb AS b
                      FROM unnest(\(rows.map(\.id)), \(rows.map(\.authority)), \(rows.map(\.subject)),
                        \(rows.map(\.revision)), \(rows.map(\.body)))
                        AS u (id, authority, subject, revision, body)
                     WHERE NOT EXISTS (SELECT FROM reporting.duty_gone g
                                        WHERE g.deadline_id = u.id AND g.revision > u.revision)) AS r
            ON CONFLICT (deadline_id) DO UPDATE SET revision = excluded.revision, anchor_on = excluded.anchor_on,
                due_on = excluded.due_on, due_at = excluded.due_at, act_by_on = excluded.act_by_on,
                state = excluded.state, met_on = excluded.met_on, late_days = excluded.late_days,
                late_hours = excluded.late_hours, provenance = excluded.provenance, citation = excluded.citation,
                policy = excluded.policy, known_late = excluded.known_late, met_by = excluded.met_by, body = excluded.body,
                withdrawn = false, changed_at = now()
             WHERE d.revision < excluded.revision OR \(again) AND d.revision = excluded.revision
            RETURNING 1 AS one
            """
        ).count
    }

    /// A duty found not to exist after a correction. Its row stays, marked, with the revision that says so; so does the
    /// word itself, since the one that set the duty may come after it.
    private static func withdraw(_ rows: [Row], in transaction: borrowing Transaction) throws -> Int {
        guard !rows.isEmpty else { return 0 }
        try transaction.execute(
            """
            INSERT INTO reporting.duty_gone AS g (deadline_id, revision)
            SELECT * FROM unnest(\(rows.map(\.id)), \(rows.map(\.revision)))
            ON CONFLICT (deadline_id) DO UPDATE SET revision = excluded.revision WHERE g.revision < excluded.revision
            """)
        return try transaction.execute(
            """
            UPDATE reporting.duty d SET withdrawn = true, state = 'withdrawn', revision = r.revision, changed_at = now()
              FROM unnest(\(rows.map(\.id)), \(rows.map(\.revision))) AS r (id, revision)
             WHERE d.deadline_id = r.id AND d.revision < r.revision
            RETURNING 1 AS one
            """
        ).count
    }

    fileprivate struct Row {
        let id: PGUUID
        let authority, subject: String
        let revision: Int64
        let body: String
        /// The whole row is not told: the duty was found not to exist.
        let isGone: Bool
    }
}

extension DutyModel.Row {
    fileprivate init?(_ event: OutcomeEvent) {
        guard let id = event.data["deadlineId"]?.string.flatMap(PGUUID.init) else { return nil }
        self.init(
            id: id, authority: event.authority, subject: event.subject, revision: event.caserevision ?? 0,
            body: event.data.rawText, isGone: event.data["rule"] == nil)
    }
}
