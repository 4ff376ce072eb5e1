import AuditLog
import CaseEvents
import Kafka
import Logging
import Postgres
import TransparencyLog
import Workers

/// Appends. Judges nothing: what others refuse is evidence too.
struct AuditingService: WorkerService {
    static let name = WorkerName.auditing
    static let setsRefusedAside = false

    private let keyDatabaseURL: String
    private var keys: KeyDatabase?
    private var ensuredThrough: Int64 = 0
    private var cluster = ""
    private var checkpoints: CheckpointWriter

    init(keyDatabaseURL: String, checkpoints: CheckpointWriter) {
        self.keyDatabaseURL = keyDatabaseURL
        self.checkpoints = checkpoints
    }

    mutating func started(on connection: Connection) throws {
        _ = try ConfigurationStore.load { try connection.execute($0) }
        checkpoints.started()
    }

    mutating func joined(cluster: String) { self.cluster = cluster }

    /// A key seals a record before anything of it is written.
    private mutating func keyDatabase() throws -> KeyDatabase {
        if let keys, !keys.isBroken { return keys }
        let made = try KeyDatabase(keyDatabaseURL, applicationName: "quorate-auditing")
        keys = made
        return made
    }

    private struct Log {
        let id: Int64
        let partition: TopicPartition
        let leaf: RecordLeaf
        var tree: MerkleTree
        /// Complete subtrees that are kept, since the batch began.
        var kept: [StoredSubtree] = []
    }

    mutating func apply(
        _ records: [Record], in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        let peeks = records.map { Contract.peek(IncomingEvent($0)) }
        let owners = zip(records, peeks).map { KeyOwner($0, $1) }
        let keys = try keyDatabase().keys(of: Set(owners))
        let runs = records.runs.map { (partition: records[$0.lowerBound].topicPartition, count: $0.count) }
        var logs = try lock(Set(runs.map(\.partition)), in: transaction)
        try ensurePartitions(for: logs.map { Int64($0.tree.size) + Int64(records.count) }, in: transaction)
        let places = Dictionary(uniqueKeysWithValues: logs.indices.map { (logs[$0].partition, $0) })
        let logOf = runs.flatMap { repeatElement(places[$0.partition]!, count: $0.count) }
        let now = try transaction.execute("SELECT now() AS now")[0].timestamp("now")
        _ = try transaction.copy(
            """
            COPY auditing.entry (log_id, leaf_index, received_at, kafka_offset, kafka_timestamp_ms, event_type,
                event_source, event_id, authority, subject, correlation_id, key_id, sealed, leaf_hash)
            FROM STDIN (FORMAT binary)
            """, rows: records.count
        ) { place, rows in
            append(
                records[place], peeks[place], sealedBy: keys[owners[place]]!, to: &logs[logOf[place]], at: now, &rows)
        }
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
        return try rows.map { row in
            let (topic, partition) = (row.string("topic"), row.int32("partition"))
            let size = UInt64(clamping: row.int64("size"))
            guard let tree = MerkleTree(size: size, frontierBytes: row.bytes("frontier")) else {
                throw TablesRefuse(place: "\(topic)/\(partition)", why: "its size and its frontier do not fit")
            }
            return Log(
                id: row.int64("log_id"), partition: TopicPartition(topic: topic, partition: partition),
                leaf: RecordLeaf(cluster: cluster, topic: topic, partition: partition), tree: tree)
        }
    }

    private func append(
        _ record: Record, _ peek: Peek, sealedBy key: ContentKey, to log: inout Log, at now: PGTimestamp,
        _ rows: inout BinaryCopy
    ) {
        let place = sealingPlace(
            cluster: cluster, topic: record.topic, partition: record.partition, offset: record.offset)
        let headers = record.headers.map { RecordContent.Header(name: $0.name, value: $0.value) }
        let content = RecordContent(key: record.key, headers: headers, value: record.value)
        let sealed = key.seal(content.encoded, at: place)
        let columns = RecordLeaf.columns(
            offset: record.offset, timestamp: record.timestamp, type: peek.type, source: peek.source, id: peek.id,
            authority: peek.authority, subject: peek.subject, correlationId: peek.correlationid, keyId: key.id)
        let leaf = log.leaf.hash(columns: columns, sealed: sealed)
        rows.beginRow(columns: 5 + RecordLeaf.columnCount)
        rows.append(log.id)
        rows.append(Int64(log.tree.size))
        rows.append(now)
        rows.append(fields: RecordLeaf.columnCount, columns)
        rows.append(sealed)
        rows.append(leaf.bytes)
        var kept: [StoredSubtree] = []
        log.tree.append(leaf) { kept.append(StoredSubtree(height: $0, position: $1, root: $2.bytes)) }
        log.kept += kept
    }

    private func write(_ logs: [Log], in transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            UPDATE auditing.log l SET size = u.size, frontier = u.frontier, root = u.root
              FROM unnest(\(logs.map(\.id)), \(logs.map { Int64($0.tree.size) }), \(logs.map(\.tree.frontierBytes)),
                \(logs.map(\.tree.root.bytes))) AS u (log_id, size, frontier, root)
             WHERE l.log_id = u.log_id
            """)
        let kept = logs.flatMap { log in log.kept.map { (log.id, $0) } }
        guard !kept.isEmpty else { return }
        try transaction.execute(
            """
            INSERT INTO auditing.subtree (log_id, height, position, root)
            SELECT * FROM unnest(\(kept.map(\.0)), \(kept.map { Int32($0.1.height) }),
                \(kept.map { Int64($0.1.position) }), \(kept.map(\.1.root)))
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

    mutating func sweep(_ sweep: borrowing Sweep) throws -> Bool {
        try checkpoints.sweep(sweep)
        return false
    }
}

extension KeyOwner {
    /// Of a record: a case's key where it is of a case, else the authority's of the year.
    init(_ record: Record, _ peek: Peek) {
        let topic = SystemTopic(rawValue: record.topic)
        let isOfCase =
            switch topic {
            case .caseEvents, .caseOutcomes, .deadLetters: true
            // What is published of lists has this subject.
            case .notificationEvents: peek.subject != "lists"
            // So is what an operator did to no case.
            case .operatorEvents: peek.subject != "operator"
            case .directoryEvents, .reportEvents, nil: false
            }
        self.init(
            authority: peek.authority, subject: peek.subject, isOfCase: isOfCase, timestamp: record.timestamp)
    }
}
