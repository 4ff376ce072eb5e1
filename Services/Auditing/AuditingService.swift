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
        let partition: TopicPartition
        var tree: MerkleTree
    }

    mutating func apply(
        _ records: [Record], in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        let runs = records.runs.map { (partition: records[$0.lowerBound].topicPartition, count: $0.count) }
        var logs = try lock(Set(runs.map(\.partition)), in: transaction)
        try ensurePartitions(for: logs.map { Int64($0.tree.size) + Int64(records.count) }, in: transaction)
        let places = Dictionary(uniqueKeysWithValues: logs.indices.map { (logs[$0].partition, $0) })
        let owners = runs.flatMap { repeatElement(places[$0.partition]!, count: $0.count) }
        let now = try transaction.execute("SELECT now() AS now")[0].timestamp("now")
        _ = try transaction.copy(
            """
            COPY auditing.entry (log_id, leaf_index, kafka_offset, kafka_timestamp_ms, received_at, event_type,
                event_source, event_id, authority, subject, correlation_id, record_key, headers, value, leaf_hash)
            FROM STDIN (FORMAT binary)
            """, rows: records.count
        ) { place, rows in append(records[place], to: &logs[owners[place]], at: now, &rows) }
        try write(logs, in: transaction)
        effects.applied += records.count
    }

    /// The logs of these partitions, made where missing, locked in their order.
    private func lock(_ partitions: Set<TopicPartition>, in transaction: borrowing Transaction) throws -> [Log] {
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
        return rows.map { row in
            guard let tree = MerkleTree(size: UInt64(row.int64("size")), frontierBytes: row.bytes("frontier")) else {
                fatalError("the state of log \(row.int64("log_id")) was altered: run quorate audit verify")
            }
            return Log(
                id: row.int64("log_id"),
                partition: TopicPartition(topic: row.string("topic"), partition: row.int32("partition")), tree: tree)
        }
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
        rows.append(peek.type)
        rows.append(peek.source)
        rows.append(peek.id)
        rows.append(peek.authority)
        rows.append(peek.subject)
        rows.append(peek.correlationid)
        rows.append(record.key)
        rows.append(headers)
        rows.append(record.value)
        rows.append(leaf.bytes)
        log.tree.append(leaf)
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
