import CLibrdkafka
import Foundation

/// A header as it was received: a name may be no UTF-8, and a value may be missing.
public struct Header: Hashable, Sendable {
    public let nameBytes: [UInt8]
    public let valueBytes: [UInt8]?

    public init(nameBytes: [UInt8], valueBytes: [UInt8]?) {
        self.nameBytes = nameBytes
        self.valueBytes = valueBytes
    }

    public init(name: String, value: [UInt8]) { self.init(nameBytes: Array(name.utf8), valueBytes: value) }

    /// Repaired where it is no UTF-8.
    public var name: String { String(decoding: nameBytes, as: UTF8.self) }
    /// Empty where there is none.
    public var value: [UInt8] { valueBytes ?? [] }
}

/// A message, copied out of librdkafka's.
public struct Record: Sendable {
    public let topic: String
    public let partition: Int32
    public let offset: Int64
    /// Milliseconds since 1970, or -1 where the message has none.
    public let timestamp: Int64
    public let key: [UInt8]?
    /// `nil` is a tombstone.
    public let value: [UInt8]?
    public let headers: [Header]

    public init(
        topic: String, partition: Int32, offset: Int64, timestamp: Int64, key: [UInt8]?, value: [UInt8]?,
        headers: [Header] = []
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.headers = headers
    }

    public var topicPartition: TopicPartition { TopicPartition(topic: topic, partition: partition) }
}

extension Record {
    /// Copies a message whose owner is the caller. Headers that are the former record's are shared with it.
    init(_ message: UnsafeMutablePointer<rd_kafka_message_t>, topic: String, former: [Header]) {
        let fields = message.pointee
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let timestamp = rd_kafka_message_timestamp(message, &kind)
        self.init(
            topic: topic, partition: fields.partition, offset: fields.offset,
            timestamp: kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : timestamp,
            key: fields.key.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: fields.key_len)) },
            value: fields.payload.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: fields.len)) },
            headers: Record.headers(of: message, former: former))
    }

    private static func headers(of message: UnsafeMutablePointer<rd_kafka_message_t>, former: [Header]) -> [Header] {
        var list: OpaquePointer?
        // "The returned pointer in *hdrsp is associated with the rkmessage and must not be used after destruction of
        // the message object": we copy before that, and free nothing.
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return [] }
        guard !isSame(list, former) else { return former }
        var headers: [Header] = []
        headers.reserveCapacity(rd_kafka_header_cnt(list))
        while let (name, value) = header(list, headers.count) {
            headers.append(Header(nameBytes: [UInt8](name), valueBytes: value.map { [UInt8]($0) }))
        }
        return headers
    }

    private static func isSame(_ list: OpaquePointer, _ former: [Header]) -> Bool {
        guard rd_kafka_header_cnt(list) == former.count else { return false }
        return former.indices.allSatisfy { place in
            guard let (name, value) = header(list, place), former[place].nameBytes.elementsEqual(name) else {
                return false
            }
            guard let value, let bytes = former[place].valueBytes else {
                return value == nil && former[place].valueBytes == nil
            }
            return bytes.elementsEqual(value)
        }
    }

    /// librdkafka gives a name as a C string: what follows a zero byte in it cannot be had.
    private static func header(
        _ list: OpaquePointer, _ place: Int
    ) -> (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?)? {
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        guard rd_kafka_header_get_all(list, place, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let name else {
            return nil
        }
        return (
            UnsafeRawBufferPointer(start: name, count: strlen(name)),
            value.map { UnsafeRawBufferPointer(start: $0, count: size) }
        )
    }
}
