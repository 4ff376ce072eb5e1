import TransparencyLog

/// A partition's log as its own row has it.
public struct StoredLog: Hashable, Sendable {
    public var id: Int64
    public var cluster: String
    public var topic: String
    public var partition: Int32
    public var size: UInt64
    public var frontier: [UInt8]
    public var root: [UInt8]
    /// Entries at the beginning that are in archives alone.
    public var archived: UInt64

    public init(
        id: Int64, cluster: String, topic: String, partition: Int32, size: UInt64, frontier: [UInt8], root: [UInt8],
        archived: UInt64 = 0
    ) {
        self.id = id
        self.cluster = cluster
        self.topic = topic
        self.partition = partition
        self.size = size
        self.frontier = frontier
        self.root = root
        self.archived = archived
    }

    public var place: LogPlace { LogPlace(cluster: cluster, topic: topic, partition: partition) }
}

/// Which log: a topic partition of a cluster.
public struct LogPlace: Hashable, Sendable, CustomStringConvertible {
    public let cluster: String
    public let topic: String
    public let partition: Int32

    public init(cluster: String, topic: String, partition: Int32) {
        self.cluster = cluster
        self.topic = topic
        self.partition = partition
    }

    /// The cluster whose partitions a log of this cluster's name holds: where one was closed, others follow.
    public static func cluster(ofLogs name: String) -> String {
        name.split(separator: LogAppender.successor, omittingEmptySubsequences: false).first.map(String.init) ?? name
    }

    public init(_ head: LogHead) { self.init(cluster: head.cluster, topic: head.topic, partition: head.partition) }

    public var description: String { "\(topic)/\(partition)" }
    public var leaf: RecordLeaf { RecordLeaf(cluster: cluster, topic: topic, partition: partition) }
}

/// One entry as its row has it, lent for as long as it is looked at.
public struct LentEntry {
    public let index: Int64
    public let leafHash: UnsafeRawBufferPointer
    public let sealed: UnsafeRawBufferPointer
    /// The fields that the leaf covers, from offset to key id, as `RecordLeaf.columns` writes them.
    public let columns: UnsafeRawBufferPointer

    public init(
        index: Int64, leafHash: UnsafeRawBufferPointer, sealed: UnsafeRawBufferPointer, columns: UnsafeRawBufferPointer
    ) {
        self.index = index
        self.leafHash = leafHash
        self.sealed = sealed
        self.columns = columns
    }

    /// `nil` where the columns do not begin with an offset.
    var offset: Int64? {
        guard columns.count >= 12 else { return nil }
        return Int64(bigEndian: columns.loadUnaligned(fromByteOffset: 4, as: Int64.self))
    }
}

/// A signed checkpoint and the position in the log of heads that its row gives it.
public struct StoredCheckpoint: Hashable, Sendable {
    public var size: UInt64
    public var note: String
    public init(size: UInt64, note: String) {
        self.size = size
        self.note = note
    }
}

/// A kept root of a complete subtree.
public struct StoredSubtree: Hashable, Sendable {
    public var height: Int
    public var position: UInt64
    public var root: [UInt8]
    public init(height: Int, position: UInt64, root: [UInt8]) {
        self.height = height
        self.position = position
        self.root = root
    }
}

/// A head and its position in the log of heads.
public struct StoredHead: Hashable, Sendable {
    public var position: Int64
    public var head: LogHead
    public init(position: Int64, head: LogHead) {
        self.position = position
        self.head = head
    }
}

/// The log of heads: checkpoints in the order of their sizes, heads in that of their positions, and its kept subtrees.
public struct StoredHeadLog: Sendable {
    public var checkpoints: [StoredCheckpoint]
    public var heads: [StoredHead]
    public var subtrees: [StoredSubtree]

    public init(checkpoints: [StoredCheckpoint], heads: [StoredHead], subtrees: [StoredSubtree]) {
        self.checkpoints = checkpoints
        self.heads = heads
        self.subtrees = subtrees
    }
}

/// Where the audit log is read from: a database, or tables in memory.
public protocol AuditSource {
    /// The log of heads as of one moment.
    func headLog() throws -> StoredHeadLog
    func logs() throws -> [StoredLog]
    /// Log, kept subtrees and entries as of one moment; entries from an index on, in order. `nil` where there is no such
    /// log any more.
    func read(
        _ id: Int64, from index: UInt64, begin: (StoredLog) throws -> Void, entry: (LentEntry) throws -> Void,
        subtrees: ([StoredSubtree]) throws -> Void
    ) throws
    /// Something that belongs to no log, in words.
    func stray() throws -> String?
    /// The tree of the first `size` entries, from kept subtrees and the entries beside them.
    func tree(of id: Int64, size: UInt64) throws -> MerkleTree
}
