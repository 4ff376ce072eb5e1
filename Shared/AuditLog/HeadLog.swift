import Postgres
import TransparencyLog

/// The log of heads in PostgreSQL, as auditing extends it.
public struct HeadLog {
    let connection: Connection

    public init(_ connection: Connection) { self.connection = connection }

    /// A checkpoint as it was signed.
    public struct Signed: Sendable {
        public let size: UInt64
        public let note: String
        /// Of its snapshot.
        public let heads: [LogHead]
        /// Since it was made.
        public let seconds: Double
    }

    public enum Choice: Sendable {
        case last
        case size(UInt64)
        /// The first whose snapshot has this log at this size.
        case atSize(UInt64, of: LogPlace)
        /// The last of those whose snapshot holds nothing that was received at that moment or later.
        case before(PGTimestamp)
        /// The first of those whose snapshot holds all that was received before that moment.
        case after(PGTimestamp)
    }

    /// A batch is received when its transaction begins and is in a snapshot when that has ended: no later than this.
    private static let slackSeconds = 120.0

    public func signed(_ choice: Choice) throws -> Signed? {
        let (condition, order): (SQL, SQL) =
            switch choice {
            case .last: ("true", "DESC")
            case .size(let size): ("size = \(Int64(size))", "")
            case .atSize(let size, let log):
                (
                    """
                    size > (SELECT min(h.position) FROM auditing.head h WHERE h.size = \(Int64(size)) AND
                        (h.cluster, h.topic, h.partition) = (\(log.cluster), \(log.topic), \(log.partition)))
                    """, ""
                )
            case .before(let moment):
                ("made_at < \(moment) - make_interval(secs => \(HeadLog.slackSeconds))", "DESC")
            case .after(let moment):
                ("made_at >= \(moment) + make_interval(secs => \(HeadLog.slackSeconds))", "")
            }
        let rows = try connection.execute(
            """
            SELECT c.size, c.note, extract(epoch FROM clock_timestamp() - c.made_at)::float8 AS seconds,
                coalesce((SELECT max(b.size) FROM auditing.checkpoint b WHERE b.size < c.size), 0) AS before
              FROM auditing.checkpoint c WHERE \(condition) ORDER BY c.size \(order) LIMIT 1
            """)
        guard let row = rows.first else { return nil }
        let heads = try DatabaseSource(connection).heads(from: row.int64("before"), to: row.int64("size"))
        return Signed(
            size: UInt64(row.int64("size")), note: row.string("note"), heads: heads.map(\.head),
            seconds: row.double("seconds"))
    }

    /// The entries that came after the checkpoint of this size, or all, as far as they are not archived: what is verified from there.
    public func entries(since size: UInt64) throws -> Int64 {
        try connection.execute(
            """
            WITH start AS (
                SELECT h.* FROM auditing.head h WHERE h.position < \(Int64(size)) AND h.position >= coalesce(
                    (SELECT max(c.size) FROM auditing.checkpoint c WHERE c.size < \(Int64(size))), 0))
            SELECT coalesce(sum(l.size - greatest(l.archived, coalesce(s.size, 0))), 0)::bigint AS n
              FROM auditing.log l LEFT JOIN start s USING (cluster, topic, partition)
            """)[0].int64("n")
    }

    /// How far what was received is covered by checkpoints, and those by places outside.
    public struct Cover: Sendable {
        /// Entries that no checkpoint covers.
        public let open: Int64
        /// Since the last checkpoint, or since the first entry where there is none; 0 where nothing is open.
        public let seconds: Double
        /// Checkpoints that some place has not been given.
        public let unsent: Int64
    }

    /// `places`: all that must have every checkpoint.
    public func cover(places: [String]) throws -> Cover {
        let row = try connection.execute(
            """
            WITH last AS (
                SELECT c.size, c.made_at, coalesce((SELECT max(b.size) FROM auditing.checkpoint b WHERE b.size < c.size), 0)
                    AS before FROM auditing.checkpoint c ORDER BY c.size DESC LIMIT 1),
            counted AS (
                SELECT coalesce(sum(greatest(l.size - coalesce(h.size, 0), 0)), 0)::bigint AS open
                  FROM auditing.log l LEFT JOIN (SELECT h.* FROM auditing.head h, last
                                                  WHERE h.position >= last.before AND h.position < last.size) AS h
                    USING (cluster, topic, partition) WHERE l.lost_from IS NULL)
            SELECT open, CASE WHEN open > 0 THEN extract(epoch FROM clock_timestamp() - coalesce(
                    (SELECT made_at FROM last), (SELECT min(e.received_at) FROM auditing.log l
                        JOIN auditing.entry e ON e.log_id = l.log_id AND e.leaf_index = 0)))::float8 ELSE 0 END AS seconds,
                (SELECT count(*) FROM auditing.checkpoint c WHERE c.size > (
                    SELECT min(coalesce(p.size, 0)) FROM unnest(\(places)) AS w (place)
                      LEFT JOIN auditing.checkpoint_place p USING (place))) AS unsent
              FROM counted
            """)[0]
        return Cover(open: row.int64("open"), seconds: row.double("seconds"), unsent: row.int64("unsent"))
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
        try signed(connection.execute("SELECT size, note FROM auditing.checkpoint"))
    }

    /// What was signed at these sizes.
    func signed(of sizes: [UInt64]) throws -> [UInt64: Checkpoint] {
        let sizes = sizes.map { Int64(clamping: $0) }
        return try signed(
            connection.execute("SELECT size, note FROM auditing.checkpoint WHERE size = ANY(\(sizes))"))
    }

    private func signed(_ rows: Rows) throws -> [UInt64: Checkpoint] {
        Dictionary(
            uniqueKeysWithValues: try rows.map { row in
                (UInt64(row.int64("size")), try Checkpoint(text: try SignedNote(row.string("note")).text))
            })
    }

    /// Of the last checkpoint; 0 where there is none.
    public func size() throws -> UInt64 {
        UInt64(
            try connection.execute("SELECT coalesce(max(size), 0) AS size FROM auditing.checkpoint")[0].int64("size"))
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
