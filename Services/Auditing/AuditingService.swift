import CaseEvents
import Kafka
import Postgres
import TransparencyLog
import Workers

/// Appends. Judges nothing: what others refuse is evidence too.
struct AuditingService: WorkerService {
    static let name = WorkerName.auditing

    private var ensuredThrough: Int64 = 0
    private var cluster = ""

    mutating func started(on connection: Connection) throws {
        _ = try ConfigurationStore.load { try connection.execute($0) }
    }

    mutating func joined(cluster: String) { self.cluster = cluster }

    private struct Log {
        let id: Int64
        var tree: MerkleTree
    }

    mutating func apply(
        _ records: [Record], in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        var logs = try lock(Set(records.map(\.topicPartition)), in: transaction)
        try ensurePartitions(for: logs.values.map { Int64($0.tree.size) + Int64(records.count) }, in: transaction)
        let now = try transaction.execute("SELECT now() AS now")[0].timestamp("now")
        _ = try transaction.copy(
            """
            COPY auditing.entry (log_id, leaf_index, kafka_offset, kafka_timestamp_ms, received_at, event_type,
                event_source, event_id, authority, subject, correlation_id, record_key, headers, value, leaf_hash)
            FROM STDIN (FORMAT binary)
            """, rows: records.count
        ) { place, rows in append(records[place], to: &logs[records[place].topicPartition]!, at: now, &rows) }
        try write(logs.values.sorted { $0.id < $1.id }, in: transaction)
        effects.applied += records.count
    }

    /// The logs of these partitions, made where missing, locked in their order.
    private func lock(
        _ partitions: Set<TopicPartition>, in transaction: borrowing Transaction
    ) throws -> [TopicPartition: Log] {
        let wanted = partitions.sorted { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
        let (topics, numbers) = (wanted.map(\.topic), wanted.map(\.partition))
        try transaction.execute(
            """
            INSERT INTO auditing.log (cluster, topic, partition)
            SELECT \(cluster), w.topic, w.partition FROM unnest(\(topics), \(numbers)) AS w (topic, partition)
             WHERE NOT EXISTS (SELECT FROM auditing.log l WHERE l.cluster = \(cluster) AND l.topic = w.topic
                                  AND l.partition = w.partition)
             ORDER BY 2, 3 ON CONFLICT DO NOTHING
            """)
        let rows = try transaction.execute(
            """
            SELECT l.log_id, l.topic, l.partition, l.size, l.frontier FROM auditing.log l
              JOIN unnest(\(topics), \(numbers)) AS w (topic, partition) USING (topic, partition)
             WHERE l.cluster = \(cluster) ORDER BY l.topic, l.partition FOR UPDATE OF l
            """)
        var logs: [TopicPartition: Log] = [:]
        for row in rows {
            guard let tree = MerkleTree(size: UInt64(row.int64("size")), frontierBytes: row.bytes("frontier")) else {
                fatalError("the state of log \(row.int64("log_id")) was altered: run quorate audit verify")
            }
            logs[TopicPartition(topic: row.string("topic"), partition: row.int32("partition"))] = Log(
                id: row.int64("log_id"), tree: tree)
        }
        return logs
    }

    private func append(_ record: Record, to log: inout Log, at now: PGTimestamp, _ rows: inout BinaryCopy) {
        let headers = RecordLeaf.encoded(headers: record.headers.map { ($0.name, $0.value) })
        let leaf = RecordLeaf.hash(
            cluster: cluster, topic: record.topic, partition: record.partition, offset: record.offset,
            timestamp: record.timestamp, key: record.key, headers: headers, value: record.value)
        let peek = Contract.peek(IncomingEvent(record))
        rows.beginRow(columns: 15)
        rows.append(log.id)
        rows.append(Int64(log.tree.size))
        rows.append(record.offset)
        rows.append(record.timestamp)
        rows.append(now)
        rows.append(AuditingService.text(peek.type))
        rows.append(AuditingService.text(peek.source))
        rows.append(AuditingService.text(peek.id))
        rows.append(AuditingService.text(peek.authority))
        rows.append(AuditingService.text(peek.subject))
        rows.append(AuditingService.text(peek.correlationid))
        rows.append(record.key)
        rows.append(headers)
        rows.append(record.value)
        rows.append(leaf.bytes)
        log.tree.append(leaf)
    }

    /// What a column of text takes: the log keeps the bytes whole beside it.
    private static func text(_ text: String?) -> String? {
        guard let text, text.utf8.count <= 512, !text.utf8.contains(0) else { return nil }
        return text
    }

    private func write(_ logs: [Log], in transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            UPDATE auditing.log l SET size = u.size, frontier = u.frontier, root = u.root
              FROM unnest(\(logs.map(\.id)), \(logs.map { Int64($0.tree.size) }), \(logs.map(\.tree.frontierBytes)),
                \(logs.map(\.tree.root.bytes))) AS u (log_id, size, frontier, root)
             WHERE l.log_id = u.log_id
            """)
    }

    private mutating func ensurePartitions(for sizes: [Int64], in transaction: borrowing Transaction) throws {
        let through = (sizes.max() ?? 0) + Limits.partitionRows
        guard through / Limits.partitionRows > ensuredThrough / Limits.partitionRows else { return }
        try transaction.execute(
            """
            SELECT configuration.ensure_partitions('auditing.entry'::regclass, \(through), \(Limits.partitionRows))
            """)
        ensuredThrough = through
    }

    mutating func sweep(_ sweep: borrowing Sweep) throws -> Bool { false }
}
