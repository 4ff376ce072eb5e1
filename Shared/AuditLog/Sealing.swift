import Crypto
import Foundation
import TransparencyLog

/// A key that seals records. The same key, place and record always give the same bytes.
public struct ContentKey: Sendable {
    public let id: Int64
    private let encryption: SymmetricKey
    /// HMAC-SHA256 (RFC 2104) of the nonce after the two blocks that are the key's alone, and so every record's.
    private let inner: SHA256
    private let outer: SHA256

    static let secretBytes = 64

    init(id: Int64, secret: [UInt8]) {
        precondition(secret.count == ContentKey.secretBytes, "a secret has 64 bytes")
        self.id = id
        encryption = SymmetricKey(data: secret[..<32])
        let block = secret[32...] + [UInt8](repeating: 0, count: SHA256.blockByteCount - 32)
        inner = ContentKey.hash(after: block.map { $0 ^ 0x36 })
        outer = ContentKey.hash(after: block.map { $0 ^ 0x5C })
    }

    private static func hash(after block: [UInt8]) -> SHA256 {
        var hash = SHA256()
        hash.update(data: block)
        return hash
    }

    /// AES-256-GCM with a nonce that is made from place and content (decision 0013): nonce, ciphertext, tag.
    public func seal(_ content: [UInt8], at place: [UInt8]) -> Data {
        do {
            let nonce = try nonce(of: content, at: place).withUnsafeBytes {
                try AES.GCM.Nonce(data: UnsafeRawBufferPointer(rebasing: $0[..<ContentKey.nonceBytes]))
            }
            return try AES.GCM.seal(content, using: encryption, nonce: nonce, authenticating: place).combined!
        } catch {
            fatalError("AES-GCM refuses a key of 32 bytes and a nonce of 12: \(error)")
        }
    }

    private func nonce(of content: [UInt8], at place: [UInt8]) -> SHA256Digest {
        var inner = inner
        place.withUnsafeBytes { inner.update(bufferPointer: $0) }
        content.withUnsafeBytes { inner.update(bufferPointer: $0) }
        var outer = outer
        inner.finalize().withUnsafeBytes { outer.update(bufferPointer: $0) }
        return outer.finalize()
    }

    /// The content; `nil` where this key did not seal these bytes at this place.
    public func open(_ sealed: some DataProtocol, at place: [UInt8]) -> [UInt8]? {
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let content = try? AES.GCM.open(box, using: encryption, authenticating: place)
        else { return nil }
        return Array(content)
    }

    private static let nonceBytes = 12
}

/// A record's place in Kafka.
public struct RecordPlace: Hashable, Sendable {
    public let log: LogPlace
    public let offset: Int64

    public init(log: LogPlace, offset: Int64) {
        self.log = log
        self.offset = offset
    }
}

/// What a key made of a record before it was destroyed.
public struct KeptSeal: Sendable {
    public let keyId: Int64
    public let sealed: Data

    public init(keyId: Int64, sealed: Data) {
        self.keyId = keyId
        self.sealed = sealed
    }
}

/// What seals records: of each its key, in their order. A record whose seal was kept has that one.
public struct RecordSeals: Sendable {
    let keys: [ContentKey]
    let kept: [RecordPlace: KeptSeal]

    public init(keys: [ContentKey], kept: [RecordPlace: KeptSeal] = [:]) {
        self.keys = keys
        self.kept = kept
    }
}

/// A record's seal and its leaf, which depend on its place, its key and itself alone.
public struct SealedRecord: Sendable {
    let keyId: Int64
    let bytes: Data
    /// The fields that the leaf covers, from offset to key id.
    let columns: [UInt8]
    let leaf: TreeHash
}

/// Seals records of one cluster.
public struct RecordSealer: Sendable {
    private let cluster: String
    // Of the last record: those of one partition come together.
    private var log: LogPlace?
    private var leaf = RecordLeaf(cluster: "", topic: "", partition: 0)
    private var place = SealingPlace(LogPlace(cluster: "", topic: "", partition: 0))
    private var content: [UInt8] = []

    public init(cluster: String) { self.cluster = cluster }

    /// With this key, or with what another made of the record before it was destroyed.
    public mutating func seal(_ record: ReceivedRecord, by key: ContentKey, or kept: KeptSeal? = nil) -> SealedRecord {
        if record.partition != log?.partition || record.topic != log?.topic {
            let named = LogPlace(cluster: cluster, topic: record.topic, partition: record.partition)
            (log, leaf, place) = (named, named.leaf, SealingPlace(named))
        }
        let sealed: Data
        if let kept {
            sealed = kept.sealed
        } else {
            record.content.encode(to: &content)
            sealed = key.seal(content, at: place.bytes(at: record.offset))
        }
        let keyId = kept?.keyId ?? key.id
        let columns = RecordLeaf.columns(
            offset: record.offset, timestamp: record.timestamp, type: record.type, source: record.source, id: record.id,
            authority: record.authority, subject: record.subject, correlationId: record.correlationId, keyId: keyId)
        return SealedRecord(
            keyId: keyId, bytes: sealed, columns: columns, leaf: leaf.hash(columns: columns, sealed: sealed))
    }
}

/// A record's own bytes: what producers wrote, and so what may name a child.
public struct RecordContent: Hashable, Sendable {
    public struct Header: Hashable, Sendable {
        public let name: [UInt8]
        public let value: [UInt8]?
        public init(name: [UInt8], value: [UInt8]?) {
            self.name = name
            self.value = value
        }
    }
    public var key: [UInt8]?
    public var headers: [Header]
    public var value: [UInt8]?

    public init(key: [UInt8]?, headers: [Header], value: [UInt8]?) {
        self.key = key
        self.headers = headers
        self.value = value
    }

    /// Key, number of headers (4 bytes), each header's name and value, and the value; all but the number with a 4-byte
    /// length, all ones for none.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        encode(to: &bytes)
        return bytes
    }

    /// The same, in the place of what `bytes` held.
    package func encode(to bytes: inout [UInt8]) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(field: key)
        bytes.append(bigEndian: UInt32(headers.count))
        for header in headers {
            bytes.append(field: header.name)
            bytes.append(field: header.value)
        }
        bytes.append(field: value)
    }

    public init?(encoded: [UInt8]) {
        var reader = FieldReader(encoded)
        guard let key = reader.field(), let count = reader.number() else { return nil }
        var headers: [Header] = []
        for _ in 0..<count {
            guard let name = reader.field(), let name, let value = reader.field() else { return nil }
            headers.append(Header(name: name, value: value))
        }
        guard let value = reader.field(), reader.isAtEnd else { return nil }
        self.init(key: key, headers: headers, value: value)
    }
}

/// Where a record stood, which its seal is bound to: cluster, topic (4-byte length and bytes each), partition (4 bytes) and
/// offset (8).
public func sealingPlace(cluster: String, topic: String, partition: Int32, offset: Int64) -> [UInt8] {
    var place = SealingPlace(LogPlace(cluster: cluster, topic: topic, partition: partition))
    return place.bytes(at: offset)
}

/// The places of one log, of which the end alone changes.
package struct SealingPlace {
    private var bytes: [UInt8] = []
    private let start: Int

    package init(_ log: LogPlace) {
        bytes.append(field: log.cluster.utf8)
        bytes.append(field: log.topic.utf8)
        bytes.append(bigEndian: UInt32(bitPattern: log.partition))
        start = bytes.count
    }

    package mutating func bytes(at offset: Int64) -> [UInt8] {
        bytes.removeSubrange(start...)
        bytes.append(bigEndian: UInt64(bitPattern: offset))
        return bytes
    }
}

/// Reads fields of a 4-byte length and bytes.
struct FieldReader {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { at == bytes.count }

    mutating func number() -> UInt32? {
        guard bytes.count - at >= 4 else { return nil }
        defer { at += 4 }
        return bytes[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// `.some(nil)` is a field that says none; `nil` is the end.
    mutating func field() -> [UInt8]?? {
        guard let length = number() else { return nil }
        guard length != UInt32.max else { return .some(nil) }
        guard bytes.count - at >= Int(length) else { return nil }
        defer { at += Int(length) }
        return Array(bytes[at..<at + Int(length)])
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func append(field: some Collection<UInt8>) {
        append(bigEndian: UInt32(field.count))
        append(contentsOf: field)
    }

    fileprivate mutating func append(field: [UInt8]?) {
        if let field { append(field: field) } else { append(bigEndian: UInt32.max) }
    }
}
