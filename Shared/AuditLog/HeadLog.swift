import Postgres
import TransparencyLog

/// The log of heads in PostgreSQL, as auditing extends it.
public struct HeadLog {
    private let connection: Connection

    public init(_ connection: Connection) { self.connection = connection }

    /// What was signed last.
    public struct Last: Sendable {
        public let size: UInt64
        public let note: String
        /// Of its snapshot, by log.
        public let heads: [LogPlace: LogHead]
        /// Since it was made.
        public let seconds: Double
    }

    public func last() throws -> Last? {
        let rows = try connection.execute(
            """
            SELECT size, note, extract(epoch FROM clock_timestamp() - made_at)::float8 AS seconds,
                lag(size, 1, 0::bigint) OVER (ORDER BY size) AS before
              FROM (SELECT * FROM auditing.checkpoint ORDER BY size DESC LIMIT 2) c ORDER BY size DESC LIMIT 1
            """)
        guard let row = rows.first else { return nil }
        let heads = try DatabaseSource(connection).heads(from: row.int64("before"), to: row.int64("size"))
        return Last(
            size: UInt64(row.int64("size")), note: row.string("note"),
            heads: Dictionary(heads.map { (LogPlace($0.head), $0.head) }, uniquingKeysWith: { $1 }),
            seconds: row.double("seconds"))
    }

    /// The tree of the first heads, from what is stored.
    public func tree(size: UInt64) throws -> MerkleTree {
        try MerkleTree(size: size, of: StoredSubtrees(connection, log: StoredSubtrees.heads))
    }

    /// The checkpoints after one of this size with their snapshots, as they are published: the first `limit` of them.
    public func published(
        after size: UInt64, limit: Int
    ) throws -> [(size: UInt64, checkpoint: PublishedCheckpoint)] {
        var from = Int64(size)
        return try connection.execute(
            "SELECT size, note FROM auditing.checkpoint WHERE size > \(Int64(size)) ORDER BY size LIMIT \(limit)"
        ).map { row in
            let end = row.int64("size")
            defer { from = end }
            let heads = try DatabaseSource(connection).heads(from: from, to: end).map(\.head)
            return (UInt64(end), PublishedCheckpoint(note: row.string("note"), heads: heads))
        }
    }

    /// What was signed at each size.
    public func signed() throws -> [UInt64: Checkpoint] {
        let rows = try connection.execute("SELECT size, note FROM auditing.checkpoint")
        return Dictionary(
            uniqueKeysWithValues: try rows.map { row in
                (UInt64(row.int64("size")), try Checkpoint(text: try SignedNote(row.string("note")).text))
            })
    }

    /// Adds a snapshot to a tree of `tree.size` heads, inside the caller's transaction. `note` signs the tree that it makes.
    public func append(_ heads: [LogHead], to tree: inout MerkleTree, note: (MerkleTree) throws -> String) throws {
        let start = Int64(tree.size)
        var kept: [StoredSubtree] = []
        for head in heads {
            tree.append(head.leaf) { kept.append(StoredSubtree(height: $0, position: $1, root: $2.bytes)) }
        }
        try connection.execute(
            """
            INSERT INTO auditing.head (position, cluster, topic, partition, size, root)
            SELECT * FROM unnest(\(heads.indices.map { start + Int64($0) }), \(heads.map(\.cluster)),
                \(heads.map(\.topic)), \(heads.map(\.partition)), \(heads.map { Int64($0.size) }),
                \(heads.map(\.root.bytes)))
            """)
        if !kept.isEmpty {
            try connection.execute(
                """
                INSERT INTO auditing.subtree (log_id, height, position, root)
                SELECT \(StoredSubtrees.heads), * FROM unnest(\(kept.map { Int32($0.height) }),
                    \(kept.map { Int64($0.position) }), \(kept.map(\.root)))
                """)
        }
        try connection.execute(
            "INSERT INTO auditing.checkpoint (size, note) VALUES (\(Int64(tree.size)), \(try note(tree)))")
    }
}
