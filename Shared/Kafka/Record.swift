import CLibrdkafka

public struct Header: Hashable, Sendable {
    public let name: String
    public let value: [UInt8]
    public init(name: String, value: [UInt8]) {
        self.name = name
        self.value = value
    }
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
    /// Copies a message whose owner is the caller.
    init(_ message: UnsafeMutablePointer<rd_kafka_message_t>, topic: String) {
        let fields = message.pointee
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let timestamp = rd_kafka_message_timestamp(message, &kind)
        self.init(
            topic: topic, partition: fields.partition, offset: fields.offset,
            timestamp: kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : timestamp,
            key: fields.key.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: fields.key_len)) },
            value: fields.payload.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: fields.len)) },
            headers: Record.headers(of: message))
    }

    private static func headers(of message: UnsafeMutablePointer<rd_kafka_message_t>) -> [Header] {
        var list: OpaquePointer?
        // "The returned pointer in *hdrsp is associated with the rkmessage and must not be used after destruction of
        // the message object": we copy before that, and free nothing.
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return [] }
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        var headers: [Header] = []
        headers.reserveCapacity(rd_kafka_header_cnt(list))
        while rd_kafka_header_get_all(list, headers.count, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            let bytes = UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size)
            headers.append(Header(name: String(cString: name!), value: [UInt8](bytes)))
        }
        return headers
    }
}
