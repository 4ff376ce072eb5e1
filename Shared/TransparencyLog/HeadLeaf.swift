/// The size and the root of one partition's log.
public struct LogHead: Hashable, Sendable {
    public var cluster: String
    public var topic: String
    public var partition: Int32
    public var size: UInt64
    public var root: TreeHash

    public init(cluster: String, topic: String, partition: Int32, size: UInt64, root: TreeHash) {
        self.cluster = cluster
        self.topic = topic
        self.partition = partition
        self.size = size
        self.root = root
    }

    /// The leaf of the log of heads: a byte 2 and fields as in `RecordLeaf`: cluster, topic, partition (4 bytes), size (8
    /// bytes) and root (32).
    public var leaf: TreeHash {
        var bytes: [UInt8] = [LeafKind.head]
        bytes.appendField(cluster.utf8)
        bytes.appendField(topic.utf8)
        bytes.appendBigEndian(UInt32(4))
        bytes.appendBigEndian(UInt32(bitPattern: partition))
        bytes.appendField(Int64(size))
        bytes.appendField(root.bytes)
        return TreeHash.leaf(bytes)
    }
}

/// The first byte of a leaf, so that no leaf of one kind can pass for another.
enum LeafKind {
    static let record: UInt8 = 1
    static let head: UInt8 = 2
}
