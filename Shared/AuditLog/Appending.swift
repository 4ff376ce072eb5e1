import Foundation
import Postgres
import TransparencyLog

/// Nothing can be appended to a log: its row does not hold together, or the record is not the next of its partition.
public struct LogStateFault: Error {
    public let place: LogPlace
    public let why: String
    /// Where the tables are in order.
    public var remedy: String?
}

/// Appends records to their logs inside the caller's transaction: a row of `auditing.entry` for each, the trees that grow by
/// them, and the roots that are kept.
public struct LogAppender {
    private let cluster: String
    /// The names under which this cluster's logs go on: its own, and those that follow where a log was given up.
    private var names: [String]
    private var sealers: [String: RecordSealer] = [:]
    private var ensuredThrough: Int64 = 0

    /// Entries of one log in each partition of `auditing.entry`: a billion of 168 even logs are in a dozen.
    public static let partitionEntries: Int64 = 500_000

    /// Between a cluster and the number of a log that takes the place of one that was given up.
    static let successor = "~"

    public init(cluster: String) {
        self.cluster = cluster
        names = [cluster]
    }

    private struct Log {
        let id: Int64
        let place: LogPlace
        var tree: MerkleTree
        /// Offset of its last entry; -1 where there is none, or where an archive alone has it.
        var last: Int64
        /// Complete subtrees that are kept, since the batch began.
        var kept: [StoredSubtree] = []

        /// Offsets grow: a log in which they do not is spoilt for good.
        mutating func goOn(to offset: Int64) throws {
            guard offset > last else {
                throw LogStateFault(
                    place: place, why: "offset \(offset) is not after \(last), its last",
                    remedy: """
                        what is read again goes into a log of its own: run quorate offsets reset --worker auditing \
                        --topic \(place.topic) --partition \(place.partition)
                        """)
            }
            last = offset
        }

        mutating func append(_ leaf: TreeHash) {
            tree.append(leaf) { kept.append(StoredSubtree(height: $0, position: $1, root: $2.bytes)) }
        }
    }

    /// Records in the order of each partition, and what was made of them ahead, with the keys that were in use then. What
    /// seals them is asked for when their logs are locked, after the last erasure of which it is told: nothing is erased
    /// between that and the end of the transaction.
    public mutating func append(
        _ records: [ReceivedRecord], ahead: [SealedRecord?] = [], in transaction: borrowing Transaction,
        sealedBy seals: (_ lastErasure: Int64) throws -> RecordSeals
    ) throws {
        var (logs, places) = try lock(records, in: transaction)
        for (record, place) in zip(records, places) { try logs[place].goOn(to: record.offset) }
        let largest = logs.map { Int64($0.tree.size) }.max() ?? 0
        try ensurePartitions(through: largest + Int64(records.count), in: transaction)
        let moment = try transaction.execute(
            "SELECT now() AS now, coalesce((SELECT max(erasure_id) FROM configuration.erasure), 0) AS erasure")[0]
        let now = moment.timestamp("now")
        let seals = try seals(moment.int64("erasure"))
        _ = try transaction.copy(
            """
            COPY auditing.entry (log_id, leaf_index, received_at, kafka_offset, kafka_timestamp_ms, event_type,
                event_source, event_id, authority, subject, correlation_id, key_id, sealed, leaf_hash)
            FROM STDIN (FORMAT binary)
            """, rows: records.count
        ) { place, rows in
            let log = places[place]
            let kept =
                seals.kept.isEmpty
                ? nil : seals.kept[RecordPlace(log: logs[log].place, offset: records[place].offset)]
            let key = seals.keys[place]
            let named = logs[log].place.cluster
            var sealed = kept == nil && !ahead.isEmpty && named == cluster ? ahead[place] : nil
            // A key that was destroyed since has sealed for nothing.
            if sealed?.keyId != key.id {
                sealed = sealers[named, default: RecordSealer(cluster: named)].seal(records[place], by: key, or: kept)
            }
            append(sealed!, to: &logs[log], at: now, &rows)
        }
        try write(logs, in: transaction)
    }

    /// Records that no key seals: whoever verifies may read them.
    mutating func append(open records: [ReceivedRecord], in transaction: borrowing Transaction) throws {
        let seals = records.map { record in
            let log = LogPlace(cluster: cluster, topic: record.topic, partition: record.partition)
            return (RecordPlace(log: log, offset: record.offset), AcceptedLoss.sealed(record))
        }
        let unused = ContentKey(id: 0, secret: [UInt8](repeating: 0, count: ContentKey.secretBytes))
        try append(records, in: transaction) { _ in
            RecordSeals(
                keys: records.map { _ in unused }, kept: Dictionary(seals, uniquingKeysWith: { first, _ in first }))
        }
    }

    private func append(_ sealed: SealedRecord, to log: inout Log, at now: PGTimestamp, _ rows: inout BinaryCopy) {
        rows.beginRow(columns: 5 + RecordLeaf.columnCount)
        rows.append(log.id)
        rows.append(Int64(log.tree.size))
        rows.append(now)
        rows.append(fields: RecordLeaf.columnCount, sealed.columns)
        sealed.bytes.withUnsafeBytes { rows.append($0) }
        sealed.leaf.withUnsafeBytes { rows.append($0) }
        log.append(sealed.leaf)
    }

    /// The logs of these records, made where missing, locked in their order; and of each record its log's place.
    private mutating func lock(
        _ records: [ReceivedRecord], in transaction: borrowing Transaction
    ) throws -> (logs: [Log], places: [Int]) {
        var known: [LogPlace: Int] = [:]
        var wanted: [LogPlace] = []
        var places: [Int] = []
        places.reserveCapacity(records.count)
        var last: (topic: String, partition: Int32, place: Int)?
        for record in records {
            // Records of one partition come together.
            if last?.partition != record.partition || last?.topic != record.topic {
                let name = LogPlace(cluster: cluster, topic: record.topic, partition: record.partition)
                let place = known[name] ?? wanted.count
                if place == wanted.count { wanted.append(name) }
                known[name] = place
                last = (record.topic, record.partition, place)
            }
            places.append(last!.place)
        }
        var rows = try held(wanted, in: transaction)
        if rows.count < wanted.count {
            try make(wanted, in: transaction)
            names = try transaction.execute("SELECT DISTINCT l.cluster FROM auditing.log l WHERE \(isOurs)").map {
                $0.string(0)
            }
            rows = try held(wanted, in: transaction)
        }
        var logs = [Log?](repeating: nil, count: wanted.count)
        for row in rows {
            let place = row.int("place") - 1
            guard
                let tree = MerkleTree(
                    size: UInt64(clamping: row.int64("size")), frontierBytes: row.bytes("frontier"))
            else { throw LogStateFault(place: wanted[place], why: "its size and its frontier do not fit") }
            let name = LogPlace(
                cluster: row.string("cluster"), topic: wanted[place].topic, partition: wanted[place].partition)
            logs[place] = Log(id: row.int64("log_id"), place: name, tree: tree, last: row.int64OrNil("last") ?? -1)
        }
        return (logs.map { $0! }, places)
    }

    private func held(_ wanted: [LogPlace], in transaction: borrowing Transaction) throws -> Rows {
        try transaction.execute(
            """
            SELECT l.log_id, l.cluster, l.size, l.frontier, w.place, (SELECT e.kafka_offset FROM auditing.entry e
                    WHERE e.log_id = l.log_id AND e.leaf_index = l.size - 1) AS last
              FROM auditing.log l
              JOIN unnest(\(wanted.map(\.topic)), \(wanted.map(\.partition)))
                WITH ORDINALITY AS w (topic, partition, place) USING (topic, partition)
             WHERE l.cluster = ANY(\(names)) AND NOT l.closed ORDER BY l.topic, l.partition FOR UPDATE OF l
            """)
    }

    private var isOurs: SQL { "(l.cluster = \(cluster) OR starts_with(l.cluster, \(cluster + LogAppender.successor)))" }

    private func make(_ wanted: [LogPlace], in transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO auditing.log (cluster, topic, partition)
            SELECT \(cluster)::text || CASE f.closed WHEN 0 THEN '' ELSE \(LogAppender.successor)::text || (f.closed + 1) END,
                w.topic, w.partition
              FROM unnest(\(wanted.map(\.topic)), \(wanted.map(\.partition))) AS w (topic, partition)
             CROSS JOIN LATERAL (SELECT count(*) AS logs, count(*) FILTER (WHERE l.closed) AS closed FROM auditing.log l
                                  WHERE \(isOurs) AND l.topic = w.topic AND l.partition = w.partition) AS f
             WHERE f.logs = f.closed
             ORDER BY 2, 3 ON CONFLICT DO NOTHING
            """)
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

    private mutating func ensurePartitions(through largest: Int64, in transaction: borrowing Transaction) throws {
        // One ahead, so that a batch never waits for two workers to make the same.
        let through = largest + LogAppender.partitionEntries
        guard through / LogAppender.partitionEntries > ensuredThrough / LogAppender.partitionEntries else { return }
        try transaction.execute(
            """
            SELECT configuration.ensure_partitions('auditing.entry'::regclass, \(through),
                \(LogAppender.partitionEntries))
            """)
        ensuredThrough = through
    }
}
