import CaseEvents
import Postgres
import StatutoryRules
import Workers

/// What notifications told of its messages and of what the directory lacks. Each word stands by itself, or only moves a time
/// on: a copy, or one that comes late, changes nothing.
public enum NotificationModel {
    /// Returns how many words were new.
    public static func store(_ events: [OutcomeEvent], in transaction: borrowing Transaction) throws -> Int {
        try storeOutcomes(events, in: transaction) + storeFindings(events, in: transaction)
    }

    private static func storeOutcomes(_ events: [OutcomeEvent], in transaction: borrowing Transaction) throws -> Int {
        let words = events.compactMap(Outcome.init)
        guard !words.isEmpty else { return 0 }
        return try transaction.execute(
            """
            INSERT INTO reporting.notification (message_id, attempt, outcome, at, authority, subject, template,
                recipient_id, channel)
            SELECT * FROM unnest(\(words.map(\.message)), \(words.map(\.attempt)), \(words.map(\.outcome)),
                \(words.map(\.at)), \(words.map(\.authority)), \(words.map(\.subject)), \(words.map(\.template)),
                \(words.map(\.recipient)), \(words.map(\.channel)))
            ON CONFLICT (message_id, attempt, outcome) DO NOTHING RETURNING 1 AS one
            """
        ).count
    }

    private static func storeFindings(_ events: [OutcomeEvent], in transaction: borrowing Transaction) throws -> Int {
        let words = events.filter { $0.name.hasPrefix("finding.") }
            .compactMap { event in event.data["findingId"]?.string.flatMap(PGUUID.init).map { (id: $0, event: event) } }
        guard !words.isEmpty else { return 0 }
        return try transaction.execute(
            """
            INSERT INTO reporting.directory_finding AS f (finding_id, authority, subject, code, role, recorded_at, cleared_at)
            SELECT u.id, min(u.authority), min(u.subject), min(b->>'code'), min(b->>'role'),
                max((b->>'recordedAt')::timestamptz), max((b->>'clearedAt')::timestamptz)
              FROM unnest(\(words.map(\.id)), \(words.map(\.event.authority)), \(words.map(\.event.subject)),
                \(words.map(\.event.data.rawText))) AS u (id, authority, subject, body),
                LATERAL (SELECT u.body::jsonb AS b) AS j
             GROUP BY u.id ORDER BY u.id
            ON CONFLICT (finding_id) DO UPDATE SET code = coalesce(f.code, excluded.code),
                role = coalesce(f.role, excluded.role), recorded_at = greatest(f.recorded_at, excluded.recorded_at),
                cleared_at = greatest(f.cleared_at, excluded.cleared_at), changed_at = now()
             WHERE (f.recorded_at, f.cleared_at) IS DISTINCT FROM
                   (greatest(f.recorded_at, excluded.recorded_at), greatest(f.cleared_at, excluded.cleared_at))
            RETURNING 1 AS one
            """
        ).count
    }

    /// What became of one attempt to send a message.
    private struct Outcome {
        let message: PGUUID
        let attempt: Int32
        let outcome: String
        let at: PGTimestamp
        let authority, subject, template, recipient, channel: String

        /// Nothing where the event tells of no attempt.
        init?(_ event: OutcomeEvent) {
            let names = [
                "notification.sent": "sent", "notification.failed": "failed", "notification.delivered": "delivered",
            ]
            guard let outcome = names[event.name],
                let message = event.data["notificationId"]?.string.flatMap(PGUUID.init),
                let at = event.data["\(outcome)At"]?.string.flatMap({ Instant($0) })
            else { return nil }
            self.message = message
            self.outcome = outcome
            self.at = PGTimestamp(at)
            attempt = Int32(clamping: event.data["attempt"]?.int ?? 1)
            (authority, subject) = (event.authority, event.subject)
            func text(_ name: String) -> String { event.data[name]?.string ?? "" }
            (template, recipient, channel) = (text("templateId"), text("recipientId"), text("channel"))
        }
    }
}
