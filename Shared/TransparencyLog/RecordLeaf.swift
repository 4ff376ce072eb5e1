import Crypto

/// What a leaf of a partition's log covers: a Kafka record and nothing beside it, so that a second reading of the same
/// partition gives the same tree.
///
/// The leaf is, in this order, big-endian: cluster and topic (4-byte length and bytes), partition (4 bytes), offset
/// (8), Kafka's timestamp in milliseconds (8), key (4-byte length, all ones for none, and bytes), headers (4-byte
/// length and bytes, see `encoded(headers:)`), and SHA-256 of the value (32 bytes; of nothing where there is no value,
/// told apart by a byte 0 or 1 before it).
public enum RecordLeaf {
    public static func hash(
        cluster: String, topic: String, partition: Int32, offset: Int64, timestamp: Int64, key: [UInt8]?,
        headers: [UInt8], value: [UInt8]?
    ) -> TreeHash {
        var leaf: [UInt8] = []
        leaf.reserveCapacity(256 + (key?.count ?? 0) + headers.count)
        leaf.appendPrefixed(cluster.utf8)
        leaf.appendPrefixed(topic.utf8)
        leaf.appendBigEndian(UInt32(bitPattern: partition))
        leaf.appendBigEndian(UInt64(bitPattern: offset))
        leaf.appendBigEndian(UInt64(bitPattern: timestamp))
        if let key { leaf.appendPrefixed(key) } else { leaf.appendBigEndian(UInt32.max) }
        leaf.appendPrefixed(headers)
        leaf.append(value == nil ? 0 : 1)
        leaf.append(contentsOf: SHA256.hash(data: value ?? []))
        return TreeHash.leaf(leaf)
    }

    /// Each header as a 4-byte length and its name, then a 4-byte length and its value, in the record's order.
    public static func encoded(headers: [(name: String, value: [UInt8])]) -> [UInt8] {
        var bytes: [UInt8] = []
        for header in headers {
            bytes.appendPrefixed(header.name.utf8)
            bytes.appendPrefixed(header.value)
        }
        return bytes
    }
}

extension [UInt8] {
    mutating func appendBigEndian<Value: FixedWidthInteger>(_ value: Value) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    mutating func appendPrefixed(_ bytes: some Collection<UInt8>) {
        appendBigEndian(UInt32(bytes.count))
        append(contentsOf: bytes)
    }
}
