import Foundation
import Postgres
import TransparencyLog

/// Writes bundles from the database, each line to `write`.
public struct BundleExport {
    private let connection: Connection
    private let write: (String) throws -> Void
    private let encoder = JSONEncoder()
    private let heads: [LogPlace: LogHead]
    /// Size of the checkpoint that the bundle rests on.
    public let checkpoint: UInt64

    /// Rests on the last checkpoint, whose line it writes.
    public init(_ connection: Connection, write: @escaping (String) throws -> Void) throws {
        self.connection = connection
        self.write = write
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let log = HeadLog(connection)
        guard let last = try log.last() else {
            throw AuditFault("there is no checkpoint yet: auditing writes one soon after the first entry.")
        }
        heads = last.heads
        checkpoint = last.size
        let before = last.size - UInt64(last.heads.count)
        let snapshot = try DatabaseSource(connection).heads(from: Int64(before), to: Int64(last.size)).map(\.head)
        try line(
            BundleLine.Top(
                format: BundleLine.format, checkpoint: last.note, headsBefore: before,
                frontier: Self.data(try log.tree(size: before).frontierBytes), heads: snapshot.map(BundleLine.Head.init)
            ))
    }

    private func line(_ value: some Encodable) throws {
        try write(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    private static func data(_ hashes: [UInt8]) -> [Data] {
        stride(from: 0, to: hashes.count, by: TreeHash.byteCount).map { Data(hashes[$0..<$0 + TreeHash.byteCount]) }
    }

    /// What was received from one instant to before another, in microseconds since 1970, as far as the checkpoint covers it.
    /// Returns how many entries.
    @discardableResult
    public func entries(from: Int64, to: Int64) throws -> UInt64 {
        var count: UInt64 = 0
        for log in try DatabaseSource(connection).logs() {
            guard let head = heads[log.place] else { continue }
            let first = try index(in: log, size: head.size, received: from)
            let end = try index(in: log, size: head.size, received: to)
            guard first < end else { continue }
            let stored = StoredSubtrees(connection, log: log.id)
            try line(
                BundleLine.Section(
                    cluster: log.cluster, topic: log.topic, partition: log.partition, first: first,
                    entries: end - first,
                    frontier: Self.data(try MerkleTree(size: first, of: stored).frontierBytes),
                    consistency: try stored.consistencyProof(from: end, to: head.size).map { Data($0.bytes) }))
            try write(log, first..<end)
            count += end - first
        }
        return count
    }

    /// The first entry that was received at an instant or later. Entries of a log are received in their order.
    private func index(in log: StoredLog, size: UInt64, received: Int64) throws -> UInt64 {
        var (low, high): (UInt64, UInt64) = (0, size)
        while low < high {
            let middle = low + (high - low) / 2
            let row = try connection.execute(
                "SELECT received_at FROM auditing.entry WHERE log_id = \(log.id) AND leaf_index = \(Int64(middle))")
            guard let row = row.first else { throw AuditFault("log \(log.place): entry \(middle) is missing.") }
            if row.timestamp("received_at").microsecondsSince1970 < received { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// One entry with its inclusion proof.
    public func proof(of index: UInt64, in log: StoredLog) throws {
        guard let head = heads[log.place], index < head.size else {
            throw AuditFault("log \(log.place): entry \(index) waits for the next checkpoint.")
        }
        let path = try StoredSubtrees(connection, log: log.id).inclusionProof(of: index, in: head.size)
        try line(
            BundleLine.Section(
                cluster: log.cluster, topic: log.topic, partition: log.partition, first: index, entries: 1,
                inclusion: path.map { Data($0.bytes) }))
        try write(log, index..<index + 1)
    }

    private static let rowsAtOnce: UInt64 = 5_000

    private func write(_ log: StoredLog, _ range: Range<UInt64>) throws {
        for start in stride(from: range.lowerBound, to: range.upperBound, by: Int(Self.rowsAtOnce)) {
            let end = min(start + Self.rowsAtOnce, range.upperBound)
            let rows = try connection.execute(
                """
                SELECT * FROM auditing.entry WHERE log_id = \(log.id) AND leaf_index >= \(Int64(start))
                   AND leaf_index < \(Int64(end)) ORDER BY leaf_index
                """)
            guard rows.count == Int(end - start) else {
                throw AuditFault("log \(log.place): entries are missing from \(start) on: run quorate audit verify")
            }
            for row in rows {
                try line(
                    BundleLine.Entry(
                        entry: UInt64(row.int64("leaf_index")), offset: row.int64("kafka_offset"),
                        timestamp: row.int64("kafka_timestamp_ms"), type: row.stringOrNil("event_type"),
                        source: row.stringOrNil("event_source"), id: row.stringOrNil("event_id"),
                        authority: row.stringOrNil("authority"), subject: row.stringOrNil("subject"),
                        correlation: row.stringOrNil("correlation_id"), key: row.int64("key_id"),
                        sealed: Data(row.bytes("sealed")), leaf: Data(row.bytes("leaf_hash"))))
            }
        }
    }
}
