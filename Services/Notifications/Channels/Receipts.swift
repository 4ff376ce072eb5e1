import ArgumentParser
import CaseEvents
import Crypto
import Foundation
import Postgres
import StatutoryRules
import Synchronization
import WorkerProcess
import Workers

/// What GOV.UK Notify says of a message once it is at its end: kept as it comes, and applied in the next sweep.
enum Receipts {
    private static let tokenCharacters = 20
    private static let rowsAtOnce: Int64 = 500
    /// Those that mean that it did not arrive.
    static let failures: Set = [
        "permanent-failure", "temporary-failure", "technical-failure", "validation-failed",
    ]

    /// The endpoint that Notify calls, where `QUORATE_NOTIFY_CALLBACK_TOKEN` is set: the token is the one given to Notify.
    static func callback(_ settings: WorkerSettings) throws -> Callback? {
        guard let token = SettingSource(environment: settings.environment).text(nil, "QUORATE_NOTIFY_CALLBACK_TOKEN")
        else {
            return nil
        }
        guard token.count >= tokenCharacters else {
            throw ValidationError(
                "setting QUORATE_NOTIFY_CALLBACK_TOKEN must have \(tokenCharacters) characters or more: make one with openssl rand -hex 20"
            )
        }
        let wanted = SHA256.hash(data: Data("Bearer \(token)".utf8))
        let store = Store(url: settings.databaseURL)
        return Callback(
            path: "notify/receipts",
            // Digests are compared in constant time, whatever their length was.
            isAllowed: { SHA256.hash(data: Data($0.utf8)) == wanted }, take: { try store.keep($0) })
    }

    /// A session of its own, since the loop's is in use; made again where it broke.
    private final class Store: @unchecked Sendable {
        private let url: String
        private let lock = Mutex(())
        private var connection: Connection?

        init(url: String) { self.url = url }

        /// Returns whether it could be read. The number or address that it went to is not kept.
        func keep(_ body: [UInt8]) throws -> Bool {
            guard let receipt = try? JSONValue(body), let status = receipt["status"]?.string, !status.isEmpty,
                status.utf8.count <= 40, !status.utf8.contains(0)
            else { return false }
            let reference = receipt["reference"]?.string ?? ""
            guard reference.utf8.count <= 100, !reference.utf8.contains(0) else { return false }
            let completed = receipt["completed_at"]?.string.flatMap { Moment($0) }?.earliest
            try lock.withLock { _ in
                if connection?.isBroken ?? true { connection = try Connection.worker(url, name: .notifications) }
                try connection!.execute(
                    """
                    INSERT INTO notifications.receipt AS r (reference, status, completed_at)
                    VALUES (\(reference), \(status), \(completed.map { PGTimestamp($0) }))
                    ON CONFLICT (reference, status) DO UPDATE SET outcome = NULL, completed_at = excluded.completed_at,
                        received_at = now()
                     WHERE r.completed_at IS DISTINCT FROM excluded.completed_at
                    """)
            }
            return true
        }
    }

    /// The first word on a message's end stands; but one that was delivered has arrived, whatever was said before.
    static func apply(in transaction: borrowing Transaction, _ effects: inout Effects) throws {
        for row in try transaction.execute(
            """
            SELECT reference, status, coalesce(completed_at, received_at) AS at FROM notifications.receipt
             WHERE outcome IS NULL ORDER BY received_at LIMIT \(rowsAtOnce) FOR UPDATE SKIP LOCKED
            """)
        {
            let (reference, status) = (row.string("reference"), row.string("status"))
            var outcome = "unknown"
            // Read for each: an earlier one of these may have been of the same message.
            if let id = PGUUID(reference), let message = try read(id, in: transaction) {
                let known = message.stringOrNil("delivery")
                let isNews = known == nil || (status == "delivered" && known != status)
                outcome = isNews ? "applied" : "repeated"
                if isNews { try apply(status, at: row.timestamp("at"), to: message, in: transaction, &effects) }
            }
            try transaction.execute(
                """
                UPDATE notifications.receipt SET outcome = \(outcome) WHERE reference = \(reference) AND status = \(status)
                """)
        }
    }

    private static func read(_ id: PGUUID, in transaction: borrowing Transaction) throws -> Row? {
        try transaction.execute(
            """
            SELECT message_id, authority, subject, source_partition, channel, template, recipient_id, attempts, delivery
              FROM notifications.message WHERE message_id = \(id) FOR UPDATE
            """
        ).first
    }

    /// What is in doubt, and was delivered, has been sent.
    private static func apply(
        _ status: String, at: PGTimestamp, to row: Row, in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        let id = row.uuid("message_id")
        let (isDelivered, isFailure) = (status == "delivered", failures.contains(status))
        try transaction.execute(
            """
            UPDATE notifications.message SET delivery = \(status), delivered_at = CASE WHEN \(isDelivered) THEN \(at) END,
                state = CASE WHEN state = 'sent' AND \(isFailure) THEN 'failed'
                             WHEN \(isDelivered) AND (state IN ('failed', 'unknown') OR state = 'intended' AND in_doubt)
                                 THEN 'sent' ELSE state END,
                in_doubt = in_doubt AND NOT (\(isDelivered) AND state IN ('intended', 'unknown')),
                sent_at = CASE WHEN \(isDelivered) AND (state = 'unknown' OR state = 'intended' AND in_doubt)
                               THEN \(at) ELSE sent_at END,
                outcome = CASE WHEN \(isFailure) THEN \("GOV.UK Notify could not deliver it (\(status))")
                               WHEN \(isDelivered) THEN NULL ELSE outcome END
             WHERE message_id = \(id)
            """)
        guard isDelivered || isFailure else { return }
        let name = isDelivered ? "notification.delivered" : "notification.failed"
        let data = """
            {"notificationId":"\(id)","templateId":\(JSONValue.quoted(row.string("template"))),\
            "recipientId":\(JSONValue.quoted(row.string("recipient_id"))),"channel":"\(row.string("channel"))",\
            "\(isDelivered ? "deliveredAt" : "failedAt")":"\(at.instant)","dedupeKey":"\(id)","attempt":\(row.int("attempts"))}
            """
        effects.publish(
            OutgoingEvent(
                id: NameUUID(name: "\(name)/\(id)/\(status)\(isDelivered ? "" : "/\(row.int("attempts"))")")
                    .description,
                source: WorkerName.notifications.source,
                type: Contract.typeName(name), subject: row.stringOrNil("subject") ?? "lists",
                authority: row.string("authority"), time: at.instant, causationid: id.description, data: data),
            to: .notificationEvents, from: row.int32("source_partition"))
    }
}
