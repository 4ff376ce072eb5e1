import Kafka
import Postgres
import Workers

/// Gives what was set aside here another chance: what an operator asked for, and, under another release, types that the earlier
/// one did not know.
struct Replay {
    let service: NotificationsService
    private static let rowsAtOnce: Int64 = 100

    func run(in transaction: borrowing Transaction, _ effects: inout Effects) throws {
        for row in try transaction.execute(
            """
            SELECT quarantine_id, topic, partition, kafka_offset, kafka_timestamp_ms, record_key, headers, value
              FROM notifications.quarantine
             WHERE state = 'replay_requested'
                OR (state = 'open' AND code IN ('unknown_type', 'unknown_version') AND release <> \(Release.version))
             ORDER BY quarantine_id LIMIT \(Replay.rowsAtOnce) FOR UPDATE SKIP LOCKED
            """)
        {
            var applied = Effects()
            try service.apply([Record(quarantined: row)], prepared: nil, in: transaction, &applied)
            effects.outgoing += applied.outgoing
            effects.applied += applied.applied
            let refusal = applied.quarantined.first?.refusal
            try transaction.execute(
                """
                UPDATE notifications.quarantine SET state = \(refusal == nil ? "replayed" : "open"),
                    code = coalesce(\(refusal?.code), code), reason = coalesce(\(refusal?.reason), reason),
                    release = \(Release.version), resolved_at = CASE WHEN \(refusal == nil) THEN now() END
                 WHERE quarantine_id = \(row.int64("quarantine_id"))
                """)
        }
    }
}
