import Foundation
import Postgres
import TransparencyLog

/// Writes bundles from the database, each line to `write`.
public struct BundleExport {
    private let connection: Connection
    private let write: (String) throws -> Void
    private let encoder = JSONEncoder()

    public init(_ connection: Connection, write: @escaping (String) throws -> Void) {
        self.connection = connection
        self.write = write
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    private func line(_ value: some Encodable) throws {
        try write(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    private static func data(_ hashes: [UInt8]) -> [Data] {
        stride(from: 0, to: hashes.count, by: TreeHash.byteCount).map { Data(hashes[$0..<$0 + TreeHash.byteCount]) }
    }

    private func last() throws -> HeadLog.Signed {
        guard let last = try HeadLog(connection).signed(.last) else {
            throw AuditFault("there is no checkpoint yet: auditing writes one soon after the first entry.")
        }
        return last
    }

    private func snapshot(_ signed: HeadLog.Signed) throws -> BundleLine.Snapshot {
        let before = signed.size - UInt64(signed.heads.count)
        return BundleLine.Snapshot(
            checkpoint: signed.note, headsBefore: before,
            frontier: Self.data(try HeadLog(connection).tree(size: before).frontierBytes),
            heads: signed.heads.map(BundleLine.Head.init))
    }

    public struct Extent: Sendable {
        public let since: UInt64
        public let until: UInt64
        public let entries: UInt64
    }

    /// All that came between two checkpoints, which are chosen so that everything received from one instant to before
    /// another, in microseconds since 1970, is among it as far as it was signed.
    @discardableResult
    public func entries(from: Int64, to: Int64) throws -> Extent {
        let heads = HeadLog(connection)
        return try entries(
            since: try heads.signed(.before(PGTimestamp(microsecondsSince1970: from))),
            until: try heads.signed(.after(PGTimestamp(microsecondsSince1970: to))) ?? last())
    }

    /// All that came between two checkpoints; without an earlier one, from the first entries on.
    func entries(since: HeadLog.Signed?, until: HeadLog.Signed) throws -> Extent {
        try LogArchive(connection).whileNothingLeaves { try whole(since: since, until: until) }
    }

    private func whole(since: HeadLog.Signed?, until: HeadLog.Signed) throws -> Extent {
        let proof = try since.map {
            try StoredSubtrees(connection, log: StoredSubtrees.heads).consistencyProof(from: $0.size, to: until.size)
        }
        try line(
            BundleLine.Top(
                format: BundleLine.format, whole: true, until: try snapshot(until), since: try since.map(snapshot),
                consistency: proof?.map { Data($0.bytes) }))
        let stored = try DatabaseSource(connection).logs()
        let logs = Dictionary(stored.map { ($0.place, $0) }, uniquingKeysWith: { first, _ in first })
        let lost = try HeadLog(connection).acceptedLosses(of: stored)
        let starts = Dictionary(
            (since?.heads ?? []).map { (LogPlace($0), $0.size) }, uniquingKeysWith: { first, _ in first })
        var count: UInt64 = 0
        for head in until.heads {
            let place = LogPlace(head)
            let range = (starts[place] ?? 0)..<head.size
            guard !range.isEmpty else { continue }
            guard let log = logs[place] else { throw AuditFault("log \(place) is gone: run quorate audit verify.") }
            guard log.archived <= range.lowerBound else {
                throw AuditFault(
                    "log \(place): its first \(log.archived) entries are archived; quorate audit archive says in which files."
                )
            }
            if let loss = lost[place], range.upperBound > loss.first {
                throw AuditFault(
                    "\(loss.words) were given up as lost: only what was signed before them, or after, can be written.")
            }
            var section = BundleLine.Section(of: place, first: range.lowerBound, entries: UInt64(range.count))
            let tree = try MerkleTree(size: range.lowerBound, of: StoredSubtrees(connection, log: log.id))
            section.frontier = Self.data(tree.frontierBytes)
            try line(section)
            try write(range, of: place, log.id)
            count += UInt64(range.count)
        }
        return Extent(since: since?.size ?? 0, until: until.size, entries: count)
    }

    /// One entry with its inclusion proof.
    public func proof(of index: UInt64, in log: StoredLog) throws {
        guard index >= log.archived else {
            throw AuditFault("log \(log.place): entry \(index) is archived; quorate audit archive says in which files.")
        }
        let loss = try HeadLog(connection).acceptedLosses(of: DatabaseSource(connection).logs())[log.place]
        guard index < loss?.first ?? UInt64.max else { throw AuditFault("\(loss!.words) were given up as lost.") }
        let until = try loss.flatMap { try HeadLog(connection).signed(.atSize($0.first, of: log.place)) } ?? last()
        guard let head = until.heads.first(where: { LogPlace($0) == log.place }), index < head.size else {
            throw AuditFault("log \(log.place): entry \(index) waits for the next checkpoint.")
        }
        try line(BundleLine.Top(format: BundleLine.format, whole: false, until: try snapshot(until)))
        let path = try StoredSubtrees(connection, log: log.id).inclusionProof(of: index, in: head.size)
        var section = BundleLine.Section(of: log.place, first: index, entries: 1)
        section.inclusion = path.map { Data($0.bytes) }
        try line(section)
        try write(index..<index + 1, of: log.place, log.id)
    }

    private static let rowsAtOnce: UInt64 = 5_000

    private func write(_ range: Range<UInt64>, of place: LogPlace, _ id: Int64) throws {
        for start in stride(from: range.lowerBound, to: range.upperBound, by: Int(Self.rowsAtOnce)) {
            let end = min(start + Self.rowsAtOnce, range.upperBound)
            let rows = try connection.execute(
                """
                SELECT * FROM auditing.entry WHERE log_id = \(id) AND leaf_index >= \(Int64(start))
                   AND leaf_index < \(Int64(end)) ORDER BY leaf_index
                """)
            guard rows.count == Int(end - start) else {
                throw AuditFault("log \(place): entries are missing from \(start) on: run quorate audit verify")
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
