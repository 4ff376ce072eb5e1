import CaseEvents
import Postgres

/// A rung of an escalation. The rules decide which rungs there are, when each is entered and when it is taken back; those of
/// one meeting and one due date are one ladder. Once somebody has acknowledged a rung, no further one is told.
struct Ladder {
    private let rung: Int
    private let conferenceId: String?
    private let due: String?

    /// Nothing where the notice is no escalation.
    init?(_ body: JSONValue) {
        guard body["template"]?.string?.hasSuffix("_escalation") == true else { return nil }
        rung = body["level"]?.int ?? 1
        conferenceId = body["subject"]?["conferenceId"]?.string
        due = body["deadline"]?["due"]?.string
    }

    /// - Parameters:
    ///   - acknowledged: Ids of notices of the case.
    ///   - row: With `authority` and `subject`.
    func isAcknowledged(
        _ acknowledged: Set<String>, _ row: Row, in transaction: borrowing Transaction
    ) throws -> Bool {
        let ids = acknowledged.compactMap { PGUUID($0) }
        guard !ids.isEmpty else { return false }
        return try !transaction.execute(
            """
            SELECT 1 AS one FROM notifications.notice
             WHERE notice_id = ANY(\(ids)) AND authority = \(row.string("authority")) AND subject = \(row.string("subject"))
               AND body->>'template' LIKE '%\\_escalation' AND (body->>'level')::int < \(Int32(rung))
               AND body->'subject'->>'conferenceId' IS NOT DISTINCT FROM \(conferenceId)
               AND body->'deadline'->>'due' IS NOT DISTINCT FROM \(due)
             LIMIT 1
            """
        ).isEmpty
    }

    /// What `notification-events` is told of a rung, once.
    func raised(_ row: Row, _ body: JSONValue, at now: String) -> String {
        func list(_ name: String) -> String { body[name]?.rawText ?? "[]" }
        return """
            {"escalationId":"\(row.uuid("notice_id"))","rule":\(JSONValue.quoted(body["rule"]?.string ?? "")),\
            "level":\(rung),"to":\(list("to")),"cc":\(list("cc")),"raisedAt":"\(now)",\
            "reason":\(JSONValue.quoted(body["template"]?.string ?? ""))}
            """
    }
}
