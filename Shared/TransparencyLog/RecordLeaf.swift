import Crypto
import Foundation

/// What a leaf of a partition's log covers: a Kafka record and nothing beside it, so that a second reading of the same
/// partition gives the same tree.
///
/// The leaf is a byte 1 and then fields, each a 4-byte length (all ones for none) and its bytes: cluster, topic, partition
/// (4 bytes), the columns below, and SHA-256 of the sealed record (32 bytes). Numbers are big-endian. That is the form in
/// which PostgreSQL's binary COPY writes a row, so that verification hashes rows as they come.
public struct RecordLeaf: Sendable {
    /// A leaf's hash after what is the same in every leaf of the log: the byte 0, the kind, and the log's identity.
    private let started: SHA256

    public init(cluster: String, topic: String, partition: Int32) {
        var start: [UInt8] = [0, LeafKind.record]
        start.appendField(cluster.utf8)
        start.appendField(topic.utf8)
        start.appendBigEndian(UInt32(4))
        start.appendBigEndian(UInt32(bitPattern: partition))
        var hash = SHA256()
        hash.update(data: start)
        started = hash
    }

    /// Number of the fields that `columns` writes.
    public static let columnCount = 9

    /// Offset and Kafka's timestamp in milliseconds (8 bytes each), type, source, id, authority, subject and correlation
    /// id as far as a glance shows them, and the id of the key that seals the record (8 bytes), in the place of what
    /// `bytes` held.
    public static func write(
        offset: Int64, timestamp: Int64, type: String?, source: String?, id: String?, authority: String?,
        subject: String?, correlationId: String?, keyId: Int64, to bytes: inout [UInt8]
    ) {
        bytes.removeAll(keepingCapacity: true)
        bytes.appendField(offset)
        bytes.appendField(timestamp)
        bytes.appendField(type)
        bytes.appendField(source)
        bytes.appendField(id)
        bytes.appendField(authority)
        bytes.appendField(subject)
        bytes.appendField(correlationId)
        bytes.appendField(keyId)
    }

    /// The same, in an array of its own.
    public static func columns(
        offset: Int64, timestamp: Int64, type: String?, source: String?, id: String?, authority: String?,
        subject: String?, correlationId: String?, keyId: Int64
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        write(
            offset: offset, timestamp: timestamp, type: type, source: source, id: id, authority: authority,
            subject: subject, correlationId: correlationId, keyId: keyId, to: &bytes)
        return bytes
    }

    /// The hash of the leaf of a record of this log.
    public func hash(columns: some ContiguousBytes, sealed: some ContiguousBytes) -> TreeHash {
        columns.withUnsafeBytes { columns in
            sealed.withUnsafeBytes { hash(columns: columns, sealed: $0) }
        }
    }

    public func hash(columns: UnsafeRawBufferPointer, sealed: UnsafeRawBufferPointer) -> TreeHash {
        var leaf = started
        leaf.update(bufferPointer: columns)
        withUnsafeBytes(of: UInt32(TreeHash.byteCount).bigEndian) { leaf.update(bufferPointer: $0) }
        SHA256.hash(data: sealed).withUnsafeBytes { leaf.update(bufferPointer: $0) }
        return TreeHash(leaf.finalize())
    }
}

extension [UInt8] {
    mutating func appendBigEndian<Value: FixedWidthInteger>(_ value: Value) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    mutating func appendField(_ bytes: some Collection<UInt8>) {
        appendBigEndian(UInt32(bytes.count))
        append(contentsOf: bytes)
    }

    /// All ones for a text that is not there.
    fileprivate mutating func appendField(_ text: String?) {
        if let text { appendField(text.utf8) } else { appendBigEndian(UInt32.max) }
    }

    mutating func appendField(_ value: Int64) {
        appendBigEndian(UInt32(8))
        appendBigEndian(UInt64(bitPattern: value))
    }
}
