import Postgres
import TransparencyLog

/// The audit log in PostgreSQL.
public final class DatabaseSource: AuditSource {
    let connection: Connection

    public init(_ connection: Connection) { self.connection = connection }

    /// In one snapshot: a worker may sign meanwhile.
    public func headLog() throws -> StoredHeadLog {
        try connection.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        defer { _ = try? connection.script("ROLLBACK") }
        let checkpoints = try connection.execute("SELECT size, note FROM auditing.checkpoint ORDER BY size").map {
            StoredCheckpoint(size: UInt64(clamping: $0.int64("size")), note: $0.string("note"))
        }
        return StoredHeadLog(
            checkpoints: checkpoints, heads: try heads(from: 0, to: Int64.max),
            subtrees: try subtrees(of: StoredSubtrees.heads, after: 0))
    }

    private func subtrees(of id: Int64, after index: Int64) throws -> [StoredSubtree] {
        try connection.execute(
            """
            SELECT height, position, root FROM auditing.subtree
             WHERE log_id = \(id) AND (position + 1) << height > \(index) ORDER BY height, position
            """
        ).map { row in
            StoredSubtree(
                height: Int(row.int32("height")), position: UInt64(clamping: row.int64("position")),
                root: row.bytes("root"))
        }
    }

    public func heads(from first: Int64, to end: Int64) throws -> [StoredHead] {
        try connection.execute(
            """
            SELECT position, cluster, topic, partition, size, root FROM auditing.head
             WHERE position >= \(first) AND position < \(end) ORDER BY position
            """
        ).map { row in
            guard row.bytes("root").count == TreeHash.byteCount, row.int64("size") >= 0 else {
                throw AuditFault("head \(row.int64("position")): its row does not hold a size and a root.")
            }
            return StoredHead(
                position: row.int64("position"),
                head: LogHead(
                    cluster: row.string("cluster"), topic: row.string("topic"), partition: row.int32("partition"),
                    size: UInt64(row.int64("size")), root: TreeHash(bytes: row.bytes("root"))))
        }
    }

    public func logs() throws -> [StoredLog] {
        try connection.execute("\(DatabaseSource.logRows) ORDER BY cluster, topic, partition").map(DatabaseSource.log)
    }

    private static var logRows: SQL {
        "SELECT log_id, cluster, topic, partition, size, frontier, root, archived FROM auditing.log"
    }

    private static func log(_ row: Row) -> StoredLog {
        StoredLog(
            id: row.int64("log_id"), cluster: row.string("cluster"), topic: row.string("topic"),
            partition: row.int32("partition"), size: UInt64(clamping: row.int64("size")),
            frontier: row.bytes("frontier"),
            root: row.bytes("root"), archived: UInt64(clamping: row.int64("archived")))
    }

    public func read(
        _ id: Int64, from index: UInt64, begin: (StoredLog) throws -> Void, entry: (LentEntry) throws -> Void,
        subtrees: ([StoredSubtree]) throws -> Void
    ) throws {
        try connection.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        defer { _ = try? connection.script("ROLLBACK") }
        guard let row = try connection.execute("\(DatabaseSource.logRows) WHERE log_id = \(id)").first else { return }
        try begin(DatabaseSource.log(row))
        // No entry is before the first; what somebody put there is looked at too.
        for range in ["< 0", ">= \(index)"] {
            var reader = EntryRows()
            try connection.copyOut(
                """
                COPY (SELECT leaf_index, leaf_hash, sealed, kafka_offset, kafka_timestamp_ms, event_type, event_source,
                        event_id, authority, subject, correlation_id, key_id
                        FROM auditing.entry WHERE log_id = \(raw: String(id)) AND leaf_index \(raw: range)
                       ORDER BY leaf_index) TO STDOUT (FORMAT binary)
                """
            ) { row in if let lent = try reader.entry(row) { try entry(lent) } }
        }
        try subtrees(try self.subtrees(of: id, after: Int64(index)))
    }

    public func stray() throws -> String? {
        // Kept roots of log 0 are those of the log of heads.
        for (table, first) in [("entry", Int64.min), ("subtree", 1)] {
            let found = try connection.execute(
                """
                SELECT min(t.log_id) AS stray FROM auditing.\(raw: table) t
                 WHERE (t.log_id >= \(first) OR t.log_id < 0)
                   AND NOT EXISTS (SELECT FROM auditing.log l WHERE l.log_id = t.log_id)
                """)
            if let stray = found[0].int64OrNil("stray") {
                return "there are rows of log \(stray), which does not exist."
            }
        }
        return nil
    }

    public func tree(of id: Int64, size: UInt64) throws -> MerkleTree {
        try MerkleTree(size: size, of: StoredSubtrees(connection, log: id))
    }
}

/// Takes the rows of the COPY above apart: each a 2-byte count and fields of a 4-byte length and bytes.
private struct EntryRows {
    private var isFirst = true
    private static let headerBytes = 19

    mutating func entry(_ row: UnsafeRawBufferPointer) throws -> LentEntry? {
        var at = isFirst ? EntryRows.headerBytes : 0
        isFirst = false
        // A count of fields; the end of the rows has no more than that.
        guard row.count > at + 2 else { return nil }
        at += 2
        func field() throws -> UnsafeRawBufferPointer {
            let length = Int(Int32(bigEndian: row.loadUnaligned(fromByteOffset: at, as: Int32.self)))
            guard length >= 0 else { throw AuditFault("an entry's row holds a null.") }
            defer { at += 4 + length }
            return UnsafeRawBufferPointer(rebasing: row[(at + 4)..<(at + 4 + length)])
        }
        let index = Int64(bigEndian: try field().loadUnaligned(as: Int64.self))
        let (hash, sealed) = (try field(), try field())
        return LentEntry(
            index: index, leafHash: hash, sealed: sealed, columns: UnsafeRawBufferPointer(rebasing: row[at...]))
    }
}

/// Roots of complete subtrees from the kept ones, 256 at a time. Log 0 is the log of heads.
public final class StoredSubtrees: Subtrees {
    private let connection: Connection
    private let log: Int64
    private var tiles: [Tile: [TreeHash]] = [:]

    private struct Tile: Hashable {
        let height: Int
        let position: UInt64
    }

    public static let heads: Int64 = 0
    private static let width: UInt64 = 1 << UInt64(MerkleTree.keptHeight)

    public init(_ connection: Connection, log: Int64) {
        self.connection = connection
        self.log = log
    }

    public func root(height: Int, position: UInt64) throws -> TreeHash {
        let base = height / MerkleTree.keptHeight * MerkleTree.keptHeight
        let count = UInt64(1) << UInt64(height - base)
        let first = position * count
        let tile = try hashes(Tile(height: base, position: first / StoredSubtrees.width))
        let start = Int(first % StoredSubtrees.width)
        guard tile.count >= start + Int(count) else {
            throw AuditFault("the kept roots from \(first << UInt64(base)) on are not whole.")
        }
        var row = Array(tile[start..<start + Int(count)])
        while row.count > 1 {
            row = stride(from: 0, to: row.count, by: 2).map { TreeHash.node(row[$0], row[$0 + 1]) }
        }
        return row[0]
    }

    private func hashes(_ tile: Tile) throws -> [TreeHash] {
        if let known = tiles[tile] { return known }
        let first = Int64(tile.position * StoredSubtrees.width)
        let end = first + Int64(StoredSubtrees.width)
        var found: [TreeHash] = []
        let rows: Rows
        if tile.height > 0 {
            rows = try connection.execute(
                """
                SELECT position, root FROM auditing.subtree WHERE log_id = \(log) AND height = \(Int32(tile.height))
                   AND position >= \(first) AND position < \(end) ORDER BY position
                """)
        } else if log == StoredSubtrees.heads {
            found = try DatabaseSource(connection).heads(from: first, to: end).map(\.head.leaf)
            tiles[tile] = found
            return found
        } else {
            rows = try connection.execute(
                """
                SELECT leaf_index AS position, leaf_hash AS root FROM auditing.entry
                 WHERE log_id = \(log) AND leaf_index >= \(first) AND leaf_index < \(end) ORDER BY leaf_index
                """)
        }
        for row in rows {
            let bytes = row.bytes("root")
            guard row.int64("position") == first + Int64(found.count), bytes.count == TreeHash.byteCount else { break }
            found.append(TreeHash(bytes: bytes))
        }
        tiles[tile] = found
        return found
    }
}
