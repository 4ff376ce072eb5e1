import Crypto
import Kafka
import Postgres

/// Where this worker stands in each partition that it holds. PostgreSQL is the record; this is its copy in memory.
struct Offsets {
    /// A partition that another worker took over: what was read of it must not be applied.
    struct Fenced: Error {}

    /// The broker does not hold what the ledger has seen. Never skipped over.
    struct BrokerRefused: Error {
        let remedy: String
    }

    struct Position {
        /// The first offset not yet applied.
        var next: Int64
        /// Of the record before it, until the broker has shown that it still holds the same.
        var unverified: [UInt8]?
        /// Records still to be applied one by one after a stop that was not orderly: of the batch that was being applied
        /// then, and of the one that was being prepared.
        var alone: Int
        var attempts: Int32
        var attemptOffset: Int64?
        /// A gap at this offset was read twice: it is Kafka's (compaction, a transaction's marker), not the client's.
        var confirmedGap: Int64?
    }

    let cluster: String
    let worker: WorkerName
    let holder: PGUUID
    var positions: [TopicPartition: Position] = [:]

    /// `holder` is this process, whatever connections it makes: taking over from itself is orderly.
    init(cluster: String, worker: WorkerName, holder: PGUUID) {
        self.cluster = cluster
        self.worker = worker
        self.holder = holder
    }

    private var table: SQL { "\(raw: worker.schema).kafka_offset" }

    /// Takes partitions over: ends the former holder's backend if it still lives, since no time-out ends a client that
    /// was stopped inside COPY, then names this worker in their rows. Returns where to start reading.
    mutating func claim(
        _ partitions: [TopicPartition], on connection: Connection, lowWatermark: (TopicPartition) throws -> Int64
    ) throws -> [TopicPartition: Int64] {
        try endFormerHolders(of: partitions, on: connection)
        let known = try connection.transaction { transaction in try claimRows(partitions, in: transaction) }
        var starts: [TopicPartition: Int64] = [:]
        for partition in partitions {
            var position = known[partition]
            if position == nil {
                let low = try lowWatermark(partition)
                let made = try connection.execute(
                    """
                    INSERT INTO \(table) (cluster, consumer_group, topic, partition, next_offset, holder, backend_pid,
                        backend_started_at)
                    SELECT \(cluster), \(worker.group), \(partition.topic), \(partition.partition), \(low), \(holder),
                        pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()
                    ON CONFLICT DO NOTHING RETURNING partition
                    """)
                // Another worker, that was given it too, came first: it is looked at again.
                guard made.count == 1 else { throw Fenced() }
                position = Position(next: low, alone: 0, attempts: 0)
            }
            positions[partition] = position
            // The record before the position comes again, to be compared with the one remembered.
            starts[partition] = position!.unverified == nil ? position!.next : position!.next - 1
        }
        return starts
    }

    private func endFormerHolders(of partitions: [TopicPartition], on connection: Connection) throws {
        try connection.execute(
            """
            SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a
             WHERE a.pid <> pg_backend_pid() AND (a.pid, a.backend_start) IN (
                SELECT o.backend_pid, o.backend_started_at FROM \(table) o
                  JOIN unnest(\(partitions.map(\.topic)), \(partitions.map(\.partition))) AS p (topic, partition)
                    USING (topic, partition)
                 WHERE o.cluster = \(cluster) AND o.consumer_group = \(worker.group))
            """)
    }

    private func claimRows(
        _ partitions: [TopicPartition], in transaction: borrowing Transaction
    ) throws -> [TopicPartition: Position] {
        let rows = try transaction.execute(
            """
            WITH held AS MATERIALIZED (
                SELECT o.topic, o.partition, o.holder AS former FROM \(table) o
                  JOIN unnest(\(partitions.map(\.topic)), \(partitions.map(\.partition))) AS p (topic, partition)
                    USING (topic, partition)
                 WHERE o.cluster = \(cluster) AND o.consumer_group = \(worker.group)
                 ORDER BY o.topic, o.partition FOR UPDATE OF o)
            UPDATE \(table) o SET holder = \(holder), backend_pid = a.pid, backend_started_at = a.backend_start
              FROM held, pg_stat_activity a
             WHERE o.cluster = \(cluster) AND o.consumer_group = \(worker.group)
               AND o.topic = held.topic AND o.partition = held.partition AND a.pid = pg_backend_pid()
            RETURNING o.topic, o.partition, o.next_offset, o.last_fingerprint, o.attempt_offset, o.attempts,
                held.former IS NOT NULL AND held.former <> \(holder) AS unclean
            """)
        var known: [TopicPartition: Position] = [:]
        for row in rows {
            let unclean = row.bool("unclean")
            known[TopicPartition(topic: row.string("topic"), partition: row.int32("partition"))] = Position(
                next: row.int64("next_offset"), unverified: row.bytesOrNil("last_fingerprint"),
                alone: unclean ? 2 * Limits.batchRecords : 0, attempts: row.int32("attempts"),
                attemptOffset: row.int64OrNil("attempt_offset"))
        }
        return known
    }

    /// After a reconnection: this backend is now the one that holds the rows.
    func reclaim(on connection: Connection) throws {
        guard !positions.isEmpty else { return }
        let rows = try connection.execute(
            """
            UPDATE \(table) o SET backend_pid = a.pid, backend_started_at = a.backend_start
              FROM pg_stat_activity a WHERE a.pid = pg_backend_pid() AND o.holder = \(holder) RETURNING o.partition
            """)
        if rows.count < positions.count { throw Fenced() }
    }

    /// Gives partitions back in order, so that the next holder needs no care.
    mutating func release(_ partitions: [TopicPartition], on connection: Connection?) {
        for partition in partitions { positions[partition] = nil }
        _ = try? connection?.execute(
            """
            UPDATE \(table) o SET holder = NULL, backend_pid = NULL, backend_started_at = NULL
              FROM unnest(\(partitions.map(\.topic)), \(partitions.map(\.partition))) AS p (topic, partition)
             WHERE o.cluster = \(cluster) AND o.consumer_group = \(worker.group)
               AND o.topic = p.topic AND o.partition = p.partition AND o.holder = \(holder)
            """)
    }

    mutating func forgetAll() { positions = [:] }

    /// Whether records of some partition are still to be applied one by one.
    var hasAlone: Bool { positions.values.contains { $0.alone > 0 } }

    /// Advances the rows, in partition order, if they still stand where this worker left them; else the worker was
    /// replaced and its batch must go. The first statement of every batch.
    func fence(_ records: [Record], in transaction: borrowing Transaction) throws {
        var last: [TopicPartition: Record] = [:]
        for run in records.runs { last[records[run.lowerBound].topicPartition] = records[run.upperBound - 1] }
        let moves = last.sorted { ($0.key.topic, $0.key.partition) < ($1.key.topic, $1.key.partition) }
        guard moves.allSatisfy({ positions[$0.key] != nil }) else { throw Fenced() }
        let rows = try transaction.execute(
            """
            WITH move AS (
                SELECT * FROM unnest(\(moves.map(\.key.topic)), \(moves.map(\.key.partition)),
                    \(moves.map { positions[$0.key]!.next }), \(moves.map { $0.value.offset + 1 }),
                    \(moves.map { Offsets.fingerprint($0.value) })) AS m (topic, partition, expected, next, fingerprint)),
            held AS MATERIALIZED (
                SELECT o.topic, o.partition FROM \(table) o JOIN move m USING (topic, partition)
                 WHERE o.cluster = \(cluster) AND o.consumer_group = \(worker.group)
                   AND o.next_offset = m.expected AND o.holder = \(holder)
                 ORDER BY o.topic, o.partition FOR UPDATE OF o)
            UPDATE \(table) o SET next_offset = m.next, last_fingerprint = m.fingerprint, attempt_offset = NULL,
                attempts = 0, updated_at = now()
              FROM move m JOIN held USING (topic, partition)
             WHERE o.cluster = \(cluster) AND o.consumer_group = \(worker.group)
               AND o.topic = m.topic AND o.partition = m.partition
            RETURNING o.partition
            """)
        guard rows.count == moves.count else { throw Fenced() }
    }

    /// After the commit of `fence`: the copy in memory follows. Returns what to tell Kafka for its lag tools.
    mutating func advance(past records: [Record]) -> [TopicPartition: Int64] {
        var moved: [TopicPartition: Int64] = [:]
        for run in records.runs {
            let last = records[run.upperBound - 1]
            let partition = last.topicPartition
            moved[partition] = last.offset + 1
            guard var position = positions[partition] else { continue }
            position.next = last.offset + 1
            position.attemptOffset = nil
            position.attempts = 0
            position.alone = max(0, position.alone - run.count)
            positions[partition] = position
        }
        return moved
    }

    /// Notes that a record is about to be applied alone; committed before it is.
    mutating func noteAttempt(at record: Record, on connection: Connection) throws {
        let partition = record.topicPartition
        let rows = try connection.execute(
            """
            UPDATE \(table) SET attempts = CASE WHEN attempt_offset = \(record.offset) THEN attempts + 1 ELSE 1 END,
                attempt_offset = \(record.offset)
             WHERE cluster = \(cluster) AND consumer_group = \(worker.group) AND topic = \(partition.topic)
               AND partition = \(partition.partition) AND holder = \(holder)
            RETURNING attempts
            """)
        guard rows.count == 1 else { throw Fenced() }
        positions[partition]?.attemptOffset = record.offset
    }

    /// Whether the record stopped the process twice while it was applied alone, after a first time in a batch.
    func isCondemned(_ record: Record) -> Bool {
        guard let position = positions[record.topicPartition] else { return false }
        return position.attemptOffset == record.offset && position.attempts >= 2
    }

    /// Digest of a record, to recognise it later: key, value and Kafka's timestamp.
    static func fingerprint(_ record: Record) -> [UInt8] {
        var hash = SHA256()
        withUnsafeBytes(of: record.timestamp.bigEndian) { hash.update(bufferPointer: $0) }
        hash.update(data: record.key ?? [])
        hash.update(data: [0])
        hash.update(data: record.value ?? [])
        return Array(hash.finalize())
    }

    /// What of a poll may be applied: in order, without repeats and without gaps. A gap is read once more from the
    /// offset expected before it is believed, since the client library may skip (librdkafka before 2.1).
    mutating func admit(_ records: [Record], rereading seek: (TopicPartition, Int64) throws -> Void) throws -> [Record]
    {
        var admitted: [Record] = []
        admitted.reserveCapacity(records.count)
        var next: [TopicPartition: Int64] = [:]
        var reread: Set<TopicPartition> = []
        for run in records.runs {
            let partition = records[run.lowerBound].topicPartition
            guard var position = positions[partition], !reread.contains(partition) else { continue }
            var expected = next[partition] ?? position.next
            for record in records[run] {
                if let remembered = position.unverified {
                    if record.offset < position.next {
                        guard record.offset < position.next - 1 || Offsets.fingerprint(record) == remembered else {
                            throw BrokerRefused(remedy: replaced(partition, at: record.offset))
                        }
                    }
                    position.unverified = nil
                    positions[partition] = position
                }
                if record.offset < expected { continue }
                if record.offset > expected && position.confirmedGap != expected {
                    positions[partition]!.confirmedGap = expected
                    reread.insert(partition)
                    try seek(partition, expected)
                    break
                }
                expected = record.offset + 1
                admitted.append(record)
            }
            next[partition] = expected
        }
        return admitted
    }

    func replaced(_ partition: TopicPartition, at offset: Int64) -> String {
        """
        the broker holds another record at \(partition.topic)/\(partition.partition) offset \(offset) than the one \
        this ledger applied: it was rewound or replaced. If that is meant, run: \(reset(partition))
        """
    }

    func outOfRange(_ partition: TopicPartition, low: Int64, high: Int64) -> String {
        """
        the broker holds offsets \(low) to \(high) of \(partition.topic)/\(partition.partition), and this ledger \
        stands at \(positions[partition]?.next ?? -1): records are missing there, or it came back empty. Restore the \
        topic; or, if the loss is accepted, run: \(reset(partition))
        """
    }

    private func reset(_ partition: TopicPartition) -> String {
        """
        quorate offsets reset --worker \(worker.rawValue) --topic \(partition.topic) --partition \(partition.partition) \
        (without the last, for the whole topic)
        """
    }
}

extension [Record] {
    /// Places of records of one partition that follow one another.
    public var runs: [Range<Int>] {
        var runs: [Range<Int>] = []
        var start = 0
        for place in indices.dropFirst() {
            let (record, former) = (self[place], self[place - 1])
            if record.partition != former.partition || record.topic != former.topic {
                runs.append(start..<place)
                start = place
            }
        }
        return isEmpty ? runs : runs + [start..<count]
    }
}
