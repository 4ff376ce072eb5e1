import CaseEvents
import Correspondence
import Logging
import Postgres
import StatutoryRules
import Workers

/// Sends intended messages: the attempt is committed before the channel is called, its outcome after.
struct Sending {
    static let rowsAtOnce = 50
    private static let attemptsAtMost = 8
    let channel: any Channel
    let from: String
    let log: Logger

    private struct Due {
        let id: PGUUID
        let row: Row
        let mail: Mail
    }

    /// Returns how many messages were tried.
    func run(_ sweep: borrowing Sweep) throws -> Int {
        var due: [Due] = []
        let (partitions, count) = (sweep.partitions, sweep.partitionCount)
        try sweep.transaction { transaction, _ in
            try recover(sweep.isFirst ? partitions : [], count, in: transaction)
            due = try claim(partitions, count, in: transaction)
        }
        for message in due {
            let outcome = channel.deliver(message.mail)
            try sweep.transaction { transaction, effects in
                try settle(message, outcome, in: transaction, &effects)
            }
        }
        return due.count
    }

    /// Attempts whose worker died: a channel that tells repeats apart tries again; of another, nobody knows. Of
    /// partitions that were just taken over no wait is needed: their former holder's session has ended.
    private func recover(_ takenOver: [Int32], _ count: Int32, in transaction: borrowing Transaction) throws {
        let state = channel.isIdempotent ? "intended" : "unknown"
        try transaction.execute(
            """
            UPDATE notifications.message SET state = \(state), outcome = 'the worker stopped while it was being sent',
                next_attempt_at = now()
             WHERE state = 'sending' AND (next_attempt_at < now() OR source_partition % \(count) = ANY(\(takenOver)))
            """)
    }

    private func claim(
        _ partitions: [Int32], _ count: Int32, in transaction: borrowing Transaction
    ) throws -> [Due] {
        let rows = try transaction.execute(
            """
            WITH due AS (
                SELECT message_id FROM notifications.message
                 WHERE state = 'intended' AND next_attempt_at <= now()
                   AND source_partition % \(count) = ANY(\(partitions))
                 ORDER BY next_attempt_at LIMIT \(Int64(Sending.rowsAtOnce)) FOR UPDATE SKIP LOCKED)
            UPDATE notifications.message m
               SET state = 'sending', attempts = attempts + 1, next_attempt_at = now() + interval '2 minutes'
              FROM due WHERE m.message_id = due.message_id
            RETURNING m.message_id, m.authority, m.subject, m.address, m.recipient_id, m.recipient_role, m.template,
                m.attempts, m.list_id, m.notice_id, m.source_partition, m.body::text AS body, m.intended_at,
                (SELECT l.body::text FROM notifications.published_list l WHERE l.list_id = m.list_id) AS list,
                (SELECT n.state FROM notifications.notice n WHERE n.notice_id = m.notice_id) AS notice_state
            """)
        var due: [Due] = []
        for row in rows {
            let id = row.uuid("message_id")
            let mail = try mail(row)
            // What a worker sent just before it died was sent, whatever became of its notice since.
            if row.stringOrNil("notice_state") == "withdrawn", !channel.hasDelivered(mail) {
                try transaction.execute(
                    """
                    UPDATE notifications.message SET state = 'withdrawn', outcome = 'done before it was sent'
                     WHERE message_id = \(id)
                    """)
                continue
            }
            due.append(Due(id: id, row: row, mail: mail))
        }
        return due
    }

    private func mail(_ row: Row) throws -> Mail {
        let envelope = Envelopment(
            id: row.uuid("message_id").description, dated: row.timestamp("intended_at").instant, from: from,
            to: row.string("address"))
        if let list = row.stringOrNil("list") { return Rendering.mail(list: try JSONValue(list), envelope) }
        let item = Item(
            id: row.uuid("notice_id").description, subject: row.stringOrNil("subject") ?? "",
            template: row.string("template"), role: row.string("recipient_role"),
            body: try JSONValue(row.string("body")))
        return Rendering.mail(item, envelope)
    }

    private func settle(
        _ message: Due, _ outcome: Delivery, in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        let (state, text) = outcome.settled(isLast: message.row.int("attempts") >= Sending.attemptsAtMost)
        let wait = Int64(30) << Int64(min(message.row.int("attempts"), 8))
        try transaction.execute(
            """
            UPDATE notifications.message SET state = \(state), outcome = \(text),
                sent_at = CASE WHEN \(state) = 'sent' THEN now() END,
                next_attempt_at = now() + make_interval(secs => \(Double(wait)))
             WHERE message_id = \(message.id)
            """)
        guard state != "intended" else { return }
        let now = try transaction.execute("SELECT now() AS now")[0].timestamp("now").instant
        publish(message, state: state, at: now, &effects)
    }

    private func publish(_ message: Due, state: String, at now: Instant, _ effects: inout Effects) {
        let id = message.id.description
        let row = message.row
        let isSent = state == "sent"
        let timeField = isSent ? "sentAt" : "failedAt"
        let name = isSent ? "notification.sent" : "notification.failed"
        let data = """
            {"notificationId":"\(id)","templateId":\(JSONValue.quoted(row.string("template"))),\
            "recipientId":\(JSONValue.quoted(row.string("recipient_id"))),"channel":"email",\
            "\(timeField)":"\(now)","dedupeKey":"\(id)","attempt":\(row.int("attempts"))}
            """
        effects.publish(
            OutgoingEvent(
                id: NameUUID(name: "\(name)/\(id)").description, source: WorkerName.notifications.source,
                type: "quorate.\(name).v1", subject: row.stringOrNil("subject") ?? "lists",
                authority: row.string("authority"), time: now, causationid: id, data: data), to: .notificationEvents,
            from: row.int32("source_partition"))
    }
}
