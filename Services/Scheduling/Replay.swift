import CaseEvents
import Kafka
import Postgres
import Workers

/// Gives quarantined events another chance: those that an operator asked for, and, after a start, those of a type that
/// an earlier release did not know.
struct Replay {
    let store: ConfigurationStore
    private static let rowsAtOnce: Int64 = 100

    /// Returns whether more may be waiting.
    func run(
        withUnknown: Bool, with ledger: inout Ledger, in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws -> Bool {
        let rows = try transaction.execute(
            """
            SELECT quarantine_id, cluster, topic, partition, kafka_offset, kafka_timestamp_ms, record_key, headers, value
              FROM scheduling.quarantine
             WHERE state = 'replay_requested'
                OR (\(withUnknown) AND state = 'open' AND code IN ('unknown_type', 'unknown_version')
                    AND release <> \(Release.version))
             ORDER BY quarantine_id LIMIT \(Replay.rowsAtOnce) FOR UPDATE SKIP LOCKED
            """)
        for row in rows {
            try replay(Record(quarantined: row), row.int64("quarantine_id"), with: &ledger, in: transaction, &effects)
        }
        return rows.count == Int(Replay.rowsAtOnce)
    }

    private func replay(
        _ record: Record, _ id: Int64, with ledger: inout Ledger, in transaction: borrowing Transaction,
        _ effects: inout Effects
    ) throws {
        var refusal: Refusal?
        var event: CaseEvent?
        do throws(Refusal) {
            let decoded = try Contract.decode(IncomingEvent(record), on: .caseEvents)
            try store.admit(decoded.envelope)
            event = decoded
        } catch {
            refusal = error
        }
        if let event {
            var applied = Effects()
            try ledger.receive([Arrival(event: event, record: record)], in: transaction, &applied)
            refusal = applied.quarantined.first?.refusal
            effects.outgoing += applied.outgoing
            effects.applied += applied.applied
        }
        if let refusal {
            try transaction.execute(
                """
                UPDATE scheduling.quarantine SET state = 'open', code = \(refusal.code), reason = \(refusal.reason),
                    release = \(Release.version) WHERE quarantine_id = \(id)
                """)
        } else {
            try transaction.execute(
                """
                WITH done AS (
                    UPDATE scheduling.quarantine SET state = 'replayed', resolved_at = now()
                     WHERE quarantine_id = \(id) RETURNING authority, subject)
                UPDATE scheduling.case_file c SET awaiting_repair = EXISTS (
                    SELECT FROM scheduling.quarantine q WHERE q.authority = c.authority AND q.subject = c.subject
                       AND q.state IN ('open', 'replay_requested') AND q.quarantine_id <> \(id))
                  FROM done d WHERE c.authority = d.authority AND c.subject = d.subject
                """)
        }
    }
}
