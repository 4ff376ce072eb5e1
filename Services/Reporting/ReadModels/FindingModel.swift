import CaseEvents
import Postgres
import StatutoryRules
import Workers

/// Findings and escalations as scheduling last told of them, by the case's revision as in `DutyModel`. Those of LON-14.15a
/// are the list of stale records (`analysis.stale_record`).
public enum FindingModel {
    /// Returns how many words changed a row, and the cases of which an event came to be refused, or no longer is.
    public static func store(
        _ events: [OutcomeEvent], in transaction: borrowing Transaction
    ) throws -> (told: Int, refusals: Set<CaseModels.Key>) {
        // Of several words on one finding in a batch the newest stands, since one statement may touch a row once; and what is
        // cleared in the same batch was recorded before, however the batches were cut.
        let recorded = try store(newest: events.filter { $0.name != "finding.cleared" }, in: transaction)
        let cleared = try store(newest: events.filter { $0.name == "finding.cleared" }, in: transaction)
        return (recorded.told + cleared.told, recorded.refusals.union(cleared.refusals))
    }

    private static func store(
        newest events: [OutcomeEvent], in transaction: borrowing Transaction
    ) throws -> (told: Int, refusals: Set<CaseModels.Key>) {
        var newest: [PGUUID: OutcomeEvent] = [:]
        for event in events {
            guard let id = event.data["findingId"]?.string.flatMap(PGUUID.init) else { continue }
            if newest[id].map({ ($0.caserevision ?? 0) <= (event.caserevision ?? 0) }) ?? true { newest[id] = event }
        }
        guard !newest.isEmpty else { return (0, []) }
        let words = newest.map { (id: $0.key, event: $0.value) }
        let changed = try transaction.execute(
            """
            INSERT INTO reporting.finding AS f (finding_id, authority, subject, revision, cleared, rule, severity,
                child_id, conference_id, plan_id, message, events, refuses, recorded_at)
            SELECT u.id, u.authority, u.subject, u.revision, u.cleared, b->>'rule', b->>'severity',
                b->'subject'->>'childId', b->'subject'->>'conferenceId', b->'subject'->>'planId', b->>'message',
                ARRAY(SELECT jsonb_array_elements_text(coalesce(b->'events', '[]'))), b->>'refuses',
                (b->>'recordedAt')::timestamptz
              FROM unnest(\(words.map(\.id)), \(words.map(\.event.authority)), \(words.map(\.event.subject)),
                \(words.map { $0.event.caserevision ?? 0 }), \(words.map { $0.event.name == "finding.cleared" }),
                \(words.map(\.event.data.rawText))) AS u (id, authority, subject, revision, cleared, body),
                LATERAL (SELECT u.body::jsonb AS b) AS j
            ON CONFLICT (finding_id) DO UPDATE SET revision = excluded.revision, cleared = excluded.cleared,
                rule = coalesce(excluded.rule, f.rule), severity = coalesce(excluded.severity, f.severity),
                child_id = coalesce(excluded.child_id, f.child_id),
                conference_id = coalesce(excluded.conference_id, f.conference_id),
                plan_id = coalesce(excluded.plan_id, f.plan_id), message = coalesce(excluded.message, f.message),
                events = CASE WHEN excluded.cleared THEN f.events ELSE excluded.events END,
                refuses = coalesce(excluded.refuses, f.refuses),
                recorded_at = coalesce(excluded.recorded_at, f.recorded_at), changed_at = now()
             WHERE f.revision < excluded.revision
            RETURNING authority, subject, refuses
            """)
        let refusals = changed.filter { $0.stringOrNil("refuses") != nil }
            .map { CaseModels.Key(authority: $0.string("authority"), subject: $0.string("subject")) }
        return (changed.count, Set(refusals))
    }

    /// Whether a notice is an escalation: SWI-3a, SWI-7b, SWI-10a and SWI-16, by their templates.
    static func isEscalation(_ event: OutcomeEvent) -> Bool {
        event.name == "notice.due" && event.data["template"]?.string?.hasSuffix("_escalation") == true
    }

    /// Keeps the escalations among the notices that fell due. One that the list or report has since answered was raised
    /// all the same; one that the facts no longer ask for is taken back.
    public static func storeEscalations(_ notices: [OutcomeEvent], in transaction: borrowing Transaction) throws {
        for event in notices {
            guard let id = event.data["noticeId"]?.string.flatMap(PGUUID.init) else { continue }
            let revision = event.caserevision ?? 0
            if isEscalation(event) {
                try transaction.execute(
                    """
                    INSERT INTO reporting.escalation AS e (notice_id, authority, subject, revision, rule, template,
                        level, conference_id, child_id, raised_on)
                    SELECT \(id), \(event.authority), \(event.subject), \(revision), b->>'rule', b->>'template',
                        (b->>'level')::int, b->'subject'->>'conferenceId', b->'subject'->>'childId',
                        (CASE b->>'state' WHEN 'late_booking' THEN \(PGTimestamp(event.time))
                              ELSE (b->>'dueAt')::timestamptz END AT TIME ZONE 'Europe/London')::date
                      FROM (SELECT \(event.data.rawText)::text::jsonb AS b) AS j
                    ON CONFLICT (notice_id) DO UPDATE SET revision = excluded.revision,
                        raised_on = excluded.raised_on, taken_back = false, changed_at = now()
                     WHERE e.revision < excluded.revision
                    """)
            } else if event.name == "notice.withdrawn", event.data["cause"]?.string != "withdrawn" {
                try transaction.execute(
                    """
                    UPDATE reporting.escalation SET taken_back = true, revision = \(revision), changed_at = now()
                     WHERE notice_id = \(id) AND revision < \(revision)
                    """)
            }
        }
    }
}
