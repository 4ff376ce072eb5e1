import CaseEvents
import Kafka
import Postgres

/// What this worker publishes: written in the batch's transaction, relayed after its commit in order, marked with
/// Kafka's offset after the acknowledgement, and kept. A second copy after a crash has the same event id.
struct Outbox {
    struct Row {
        let id: Int64
        let message: Outgoing
    }

    /// Rows on their way into the table: here once the transaction has ended.
    final class Staged {
        fileprivate(set) var rows: [Row] = []
    }

    private struct Acknowledged {
        let id: Int64
        let partition: Int32
        let offset: Int64
    }

    let schema: String
    let cluster: String
    private var waiting: [Row] = []
    private var waitingBytes = 0
    /// Every row in memory, from commit to the mark in PostgreSQL.
    private var known: Set<Int64> = []
    private var acknowledged: [Acknowledged] = []
    /// Those among them that a transaction under way marks.
    private var marking: [Acknowledged] = []
    private var ensuredThrough: Int64 = 0

    init(worker: WorkerName, cluster: String) {
        schema = worker.schema
        self.cluster = cluster
    }

    var backlog: Int { known.count }
    var isFull: Bool { waiting.count >= Limits.outboxRows || waitingBytes >= Limits.outboxBytes }

    /// Writes messages into the outbox, and gives them their place in it.
    func stage(_ messages: [Outgoing], in transaction: borrowing Transaction) throws -> Staged {
        let staged = Staged()
        guard !messages.isEmpty else { return staged }
        let headers = messages.map { message in
            message.headers.map { $0.flatMap { [$0.name, String(decoding: $0.value, as: UTF8.self)] } }
        }
        try transaction.send(
            """
            WITH message AS MATERIALIZED (
                SELECT m.*, nextval(pg_get_serial_sequence(\(schema + ".outbox"), 'outbox_id')) AS outbox_id
                  FROM unnest(\(messages.map(\.sourcePartition)), \(messages.map(\.topic)), \(messages.map(\.eventId)),
                    \(messages.map(\.eventType)), \(messages.map(\.key)), \(headers.map { $0.map(Outbox.packed) }),
                    \(messages.map(\.value)), \(messages.map(\.causationId))) WITH ORDINALITY
                    AS m (source_partition, topic, event_id, event_type, record_key, headers, value, causation_id, place)
                 ORDER BY m.place),
            kept AS (
                INSERT INTO \(raw: schema).outbox (outbox_id, source_partition, topic, event_id, event_type, record_key,
                    headers, value, causation_id)
                OVERRIDING SYSTEM VALUE
                SELECT outbox_id, source_partition, topic, event_id, event_type, record_key,
                    string_to_array(headers, E'\\x1f'), value, causation_id FROM message),
            pending AS (
                INSERT INTO \(raw: schema).outbox_pending (outbox_id, source_partition)
                SELECT outbox_id, source_partition FROM message)
            SELECT outbox_id FROM message ORDER BY place
            """
        ) { rows in
            staged.rows = zip(rows, messages).map { row, message in Row(id: row.int64("outbox_id"), message: message) }
        }
        return staged
    }

    /// Header names and values in one text, since arrays of arrays do not travel; names and values hold no U+001F.
    private static func packed(_ parts: [String]) -> String { parts.joined(separator: "\u{1f}") }

    /// Takes committed rows of partitions that this worker relays.
    mutating func enqueue(_ rows: [Row], where isMine: (Int32) -> Bool) {
        for row in rows where isMine(row.message.sourcePartition) {
            guard known.insert(row.id).inserted else { continue }
            waiting.append(row)
            waitingBytes += row.message.value.count
        }
    }

    /// Keeps a table partition ahead of the numbers in use.
    mutating func ensurePartitions(on connection: Connection) throws {
        let last = try connection.execute(
            "SELECT coalesce(max(outbox_id), 0)::bigint AS last FROM \(raw: schema).outbox")[0].int64("last")
        guard last + Limits.partitionRows > ensuredThrough else { return }
        ensuredThrough = last + 2 * Limits.partitionRows
        try connection.execute(
            """
            SELECT configuration.ensure_partitions(\(schema + ".outbox")::text::regclass, \(ensuredThrough),
                \(Limits.partitionRows))
            """)
    }

    /// Reads rows that are pending and not in memory: left by a former holder, or written by an operator's command.
    /// Returns how many, of which there may be more.
    @discardableResult
    mutating func load(partitions: [Int32], partitionCount: Int32, on connection: Connection) throws -> Int {
        guard !isFull, !partitions.isEmpty else { return 0 }
        let rows = try connection.execute(
            """
            SELECT o.outbox_id, o.source_partition, o.topic, o.event_id, o.event_type, o.record_key,
                array_to_string(o.headers, E'\\x1f') AS headers, o.value, o.causation_id
              FROM \(raw: schema).outbox_pending p JOIN \(raw: schema).outbox o USING (outbox_id)
             WHERE (p.source_partition % \(partitionCount)) = ANY(\(partitions))
               AND NOT p.outbox_id = ANY(\(Array(known)))
             ORDER BY p.outbox_id LIMIT 1000
            """)
        for row in rows {
            let headers = row.stringOrNil("headers").map { text in
                let parts = text.split(separator: "\u{1f}", omittingEmptySubsequences: false).map(String.init)
                return stride(from: 0, to: parts.count - 1, by: 2).map {
                    Header(name: parts[$0], value: Array(parts[$0 + 1].utf8))
                }
            }
            enqueue(
                [
                    Row(
                        id: row.int64("outbox_id"),
                        message: Outgoing(
                            topic: row.string("topic"), sourcePartition: row.int32("source_partition"),
                            eventId: row.string("event_id"), eventType: row.string("event_type"),
                            key: row.bytes("record_key"), headers: headers, value: row.bytes("value"),
                            causationId: row.stringOrNil("causation_id")))
                ], where: { _ in true })
        }
        return rows.count
    }

    /// Hands everything that waits to the producer and collects what Kafka acknowledged so far.
    mutating func relay(through producer: Producer) throws {
        for row in waiting {
            let headers = row.message.headers ?? Outbox.structured
            try producer.produce(
                topic: row.message.topic, key: row.message.key, headers: headers, value: row.message.value,
                token: row.id)
        }
        waiting.removeAll(keepingCapacity: true)
        waitingBytes = 0
        collect(producer.poll(timeoutMilliseconds: 0))
    }

    private static let structured = [
        Header(name: "content-type", value: Array("application/cloudevents+json; charset=UTF-8".utf8))
    ]

    /// A delivery that failed for good (the producer retries what can be retried) is read again from the table.
    mutating func collect(_ deliveries: [Delivery]) {
        for delivery in deliveries where known.contains(delivery.token) {
            if delivery.error == nil {
                acknowledged.append(
                    Acknowledged(id: delivery.token, partition: delivery.partition, offset: delivery.offset))
            } else {
                known.remove(delivery.token)
            }
        }
    }

    var hasAcknowledgements: Bool { !acknowledged.isEmpty || !marking.isEmpty }

    /// Marks what Kafka acknowledged; part of the next transaction that commits.
    mutating func mark(in transaction: borrowing Transaction) throws {
        marking += acknowledged
        acknowledged.removeAll(keepingCapacity: true)
        guard !marking.isEmpty else { return }
        let ids = marking.map(\.id)
        try transaction.send(
            """
            WITH done AS (DELETE FROM \(raw: schema).outbox_pending WHERE outbox_id = ANY(\(ids)))
            INSERT INTO \(raw: schema).outbox_relayed (outbox_id, cluster, partition, kafka_offset)
            SELECT a.outbox_id, \(cluster), a.partition, a.kafka_offset
              FROM unnest(\(ids), \(marking.map(\.partition)), \(marking.map(\.offset)))
                AS a (outbox_id, partition, kafka_offset)
            ON CONFLICT DO NOTHING
            """)
    }

    /// After its commit.
    mutating func marked() {
        for entry in marking { known.remove(entry.id) }
        marking.removeAll(keepingCapacity: true)
    }

    /// Partitions went to another worker, which reads their pending rows itself.
    mutating func forgetAll() {
        waiting = []
        waitingBytes = 0
        known = []
        acknowledged = []
        marking = []
    }
}
