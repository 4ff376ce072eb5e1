import CLibrdkafka

public struct ProducerSettings: Sendable {
    /// How long a message waits for company.
    public var lingerMilliseconds = 5
    public var queueMaxMessages = 100_000
    public var queueMaxKilobytes = 65_536
    /// 0 waits for as long as it takes, in order. With a limit, messages after one that failed may arrive before it.
    public var messageTimeoutMilliseconds = 0

    public init(
        lingerMilliseconds: Int = 5, queueMaxMessages: Int = 100_000, queueMaxKilobytes: Int = 65_536,
        messageTimeoutMilliseconds: Int = 0
    ) {
        self.lingerMilliseconds = lingerMilliseconds
        self.queueMaxMessages = queueMaxMessages
        self.queueMaxKilobytes = queueMaxKilobytes
        self.messageTimeoutMilliseconds = messageTimeoutMilliseconds
    }
}

/// What became of a message. `token` is the caller's.
public struct Delivery: Sendable {
    public let token: Int64
    public let topic: String
    public let partition: Int32
    public let offset: Int64
    public let error: KafkaError?
}

/// An idempotent producer with `acks=all`, for one thread: not `Sendable`. Each message is acknowledged by a
/// `Delivery`, which `poll` or `flush` returns.
public final class Producer {
    private let client: Client
    private let deliveries: Deliveries
    /// Produced and not yet returned as a `Delivery`.
    public private(set) var outstanding = 0

    static let queueWaitMilliseconds = 60_000

    public init(_ configuration: KafkaConfiguration, settings: ProducerSettings = ProducerSettings()) throws {
        let fixed = ["enable.idempotence": "true", "acks": "all"]
        let defaults = [
            "linger.ms": String(settings.lingerMilliseconds),
            "queue.buffering.max.messages": String(settings.queueMaxMessages),
            "queue.buffering.max.kbytes": String(settings.queueMaxKilobytes),
            "message.timeout.ms": String(settings.messageTimeoutMilliseconds),
            // An event of 1 MiB with its headers, as the topics take it.
            "message.max.bytes": "1200000",
            // As Java's producers place keys.
            "partitioner": "murmur2_random",
        ]
        deliveries = Deliveries(log: configuration.log)
        client = try Client(
            RD_KAFKA_PRODUCER, properties: configuration.properties(fixed: fixed, defaults: defaults),
            callbacks: deliveries)
    }

    /// Queues a message, waiting while the queue is full. Without a partition the key chooses it; without a timestamp
    /// (milliseconds since 1970) it is of now.
    public func produce(
        topic: String, key: [UInt8]?, headers: [Header] = [], value: [UInt8]?, partition: Int32? = nil,
        timestamp: Int64 = 0, token: Int64
    ) throws {
        let deadline = ContinuousClock.now + .milliseconds(Producer.queueWaitMilliseconds)
        let list = headers.isEmpty ? nil : Producer.makeHeaders(headers)
        while let error = enqueue(topic, key, list, value, partition ?? RD_KAFKA_PARTITION_UA, timestamp, token) {
            if error.code == RD_KAFKA_RESP_ERR__QUEUE_FULL.rawValue, ContinuousClock.now < deadline {
                rd_kafka_poll(client.handle, 100)
                continue
            }
            // "… unless produceva() fails": then the headers are still ours.
            if let list { rd_kafka_headers_destroy(list) }
            throw error
        }
        outstanding += 1
    }

    private static func makeHeaders(_ headers: [Header]) -> OpaquePointer {
        let list = rd_kafka_headers_new(headers.count)!
        for header in headers {
            withBytes(header.nameBytes) { name in
                withBytes(header.valueBytes) { value in
                    // Name and value are copied into the list; a value of NULL is none.
                    _ = rd_kafka_header_add(
                        list, name.pointer?.assumingMemoryBound(to: CChar.self), name.count, value.pointer, value.count)
                }
            }
        }
        return list
    }

    private func enqueue(
        _ topic: String, _ key: [UInt8]?, _ headers: OpaquePointer?, _ value: [UInt8]?, _ partition: Int32,
        _ timestamp: Int64, _ token: Int64
    ) -> KafkaError? {
        withBytes(key) { key in
            withBytes(value) { value in
                topic.withCString { topic in
                    var fields = [
                        field(RD_KAFKA_VTYPE_TOPIC) { $0.cstr = topic },
                        field(RD_KAFKA_VTYPE_PARTITION) { $0.i32 = partition },
                        // librdkafka copies key and value before it returns.
                        field(RD_KAFKA_VTYPE_MSGFLAGS) { $0.i = RD_KAFKA_MSG_F_COPY },
                        field(RD_KAFKA_VTYPE_KEY) { $0.mem = .init(ptr: key.pointer, size: key.count) },
                        field(RD_KAFKA_VTYPE_VALUE) { $0.mem = .init(ptr: value.pointer, size: value.count) },
                        // "Message timestamp (ms since epoch UTC)"; 0 stands for now.
                        field(RD_KAFKA_VTYPE_TIMESTAMP) { $0.i64 = timestamp },
                        field(RD_KAFKA_VTYPE_OPAQUE) { $0.ptr = UnsafeMutableRawPointer(bitPattern: Int(token)) },
                    ]
                    // "The message object will assume ownership of the headers (unless produceva() fails)."
                    if let headers { fields.append(field(RD_KAFKA_VTYPE_HEADERS) { $0.headers = headers }) }
                    return rd_kafka_produceva(client.handle, fields, fields.count).map { KafkaError(taking: $0) }
                }
            }
        }
    }

    /// Serves what has arrived, waiting for it up to the time-out.
    public func poll(timeoutMilliseconds: Int32) -> [Delivery] {
        rd_kafka_poll(client.handle, timeoutMilliseconds)
        return takeDeliveries()
    }

    /// Waits until everything is delivered or has failed, or the time is up: then `outstanding` is not 0.
    public func flush(timeoutMilliseconds: Int32) -> [Delivery] {
        rd_kafka_flush(client.handle, timeoutMilliseconds)
        return takeDeliveries()
    }

    private func takeDeliveries() -> [Delivery] {
        let taken = deliveries.take()
        outstanding -= taken.count
        return taken
    }

    public func clusterId(timeoutMilliseconds: Int32) -> String? {
        client.clusterId(timeoutMilliseconds: timeoutMilliseconds)
    }
    public func partitionCount(topic: String, timeoutMilliseconds: Int32 = 5_000) throws -> Int? {
        try client.partitionCount(topic: topic, timeoutMilliseconds: timeoutMilliseconds)
    }
    public func isReachable(timeoutMilliseconds: Int32) -> Bool {
        client.isReachable(timeoutMilliseconds: timeoutMilliseconds)
    }
    /// An error after which every produce fails: make another producer.
    public var fatalError: KafkaError? { client.fatalError }
    public var isFatal: Bool { fatalError != nil }

    var handle: OpaquePointer { client.handle }
}

/// The deliveries since they were last taken.
private final class Deliveries: Callbacks {
    private var waiting: [Delivery] = []

    func take() -> [Delivery] {
        defer { waiting = [] }
        return waiting
    }

    override func delivered(_ message: rd_kafka_message_t) {
        let topic = String(cString: rd_kafka_topic_name(message.rkt))
        let place = TopicPartition(topic: topic, partition: message.partition)
        let isDelivered = message.err == RD_KAFKA_RESP_ERR_NO_ERROR
        waiting.append(
            Delivery(
                token: Int64(Int(bitPattern: message._private)), topic: topic, partition: message.partition,
                offset: message.offset, error: isDelivered ? nil : KafkaError(message.err, topicPartition: place)))
    }
}

private func field(
    _ type: rd_kafka_vtype_t, _ set: (inout rd_kafka_vu_s.__Unnamed_union_u) -> Void
) -> rd_kafka_vu_t {
    var field = rd_kafka_vu_t()
    field.vtype = type
    set(&field.u)
    return field
}

/// Lends bytes; those of an empty array are not NULL, since NULL is a tombstone, no key or no value of a header.
private func withBytes<R>(
    _ bytes: [UInt8]?, _ body: ((pointer: UnsafeMutableRawPointer?, count: Int)) -> R
) -> R {
    guard let bytes else { return body((nil, 0)) }
    if bytes.isEmpty {
        var zero: UInt8 = 0
        return withUnsafeMutableBytes(of: &zero) { body(($0.baseAddress, 0)) }
    }
    return bytes.withUnsafeBytes { body((UnsafeMutableRawPointer(mutating: $0.baseAddress), bytes.count)) }
}
