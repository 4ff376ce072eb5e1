import Crypto

/// What a leaf of a partition's log covers: a Kafka record and nothing beside it, so that a second reading of the same
/// partition gives the same tree.
///
/// The leaf is a byte 1 and then fields, each a 4-byte length (all ones for none) and its bytes: cluster, topic, partition
/// (4 bytes), the columns below, and SHA-256 of the sealed record (32 bytes). Numbers are big-endian. That is the form in
/// which PostgreSQL's binary COPY writes a row, so that verification hashes rows as they come.
public struct RecordLeaf: Sendable {
    /// The byte 0 of a leaf's hash, the kind, and the log's identity.
    private let start: [UInt8]

    public init(cluster: String, topic: String, partition: Int32) {
        var start: [UInt8] = [0, LeafKind.record]
        start.appendField(cluster.utf8)
        start.appendField(topic.utf8)
        start.appendBigEndian(UInt32(4))
        start.appendBigEndian(UInt32(bitPattern: partition))
        self.start = start
    }

    /// Number of the fields that `columns` writes.
    public static let columnCount = 9

    /// Offset and Kafka's timestamp in milliseconds (8 bytes each), type, source, id, authority, subject and correlation
    /// id as far as a glance shows them, and the id of the key that seals the record (8 bytes).
    public static func columns(
        offset: Int64, timestamp: Int64, type: String?, source: String?, id: String?, authority: String?,
        subject: String?, correlationId: String?, keyId: Int64
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(320)
        bytes.appendField(offset)
        bytes.appendField(timestamp)
        for text in [type, source, id, authority, subject, correlationId] {
            if let text { bytes.appendField(text.utf8) } else { bytes.appendBigEndian(UInt32.max) }
        }
        bytes.appendField(keyId)
        return bytes
    }

    /// The hash of the leaf of a record of this log.
    public func hash(
        columns: some Collection<UInt8>, sealed: some Collection<UInt8> & ContiguousBytesLike
    ) -> TreeHash {
        var leaf: [UInt8] = []
        leaf.reserveCapacity(start.count + columns.count + 4 + TreeHash.byteCount)
        leaf.append(contentsOf: start)
        leaf.append(contentsOf: columns)
        leaf.appendBigEndian(UInt32(TreeHash.byteCount))
        sealed.withBytes { leaf.append(contentsOf: SHA256.hash(data: $0)) }
        return TreeHash(bytes: Array(SHA256.hash(data: leaf)))
    }
}

/// Bytes that lie together: an array, or a buffer that somebody else owns.
public protocol ContiguousBytesLike {
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R
}

extension [UInt8]: ContiguousBytesLike {
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R { withUnsafeBytes(body) }
}

extension UnsafeRawBufferPointer: ContiguousBytesLike {
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R { body(self) }
}

extension [UInt8] {
    mutating func appendBigEndian<Value: FixedWidthInteger>(_ value: Value) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    mutating func appendField(_ bytes: some Collection<UInt8>) {
        appendBigEndian(UInt32(bytes.count))
        append(contentsOf: bytes)
    }

    mutating func appendField(_ value: Int64) {
        appendBigEndian(UInt32(8))
        appendBigEndian(UInt64(bitPattern: value))
    }
}
