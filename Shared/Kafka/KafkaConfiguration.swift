import CLibrdkafka

/// Where the brokers are, and how to speak to them.
public struct KafkaConfiguration: Sendable {
    public var bootstrapServers: String
    /// librdkafka's own properties (`security.protocol`, `sasl.…`, `ssl.…`), passed on as they are. What this module
    /// decides, such as `enable.auto.commit`, is refused by name.
    public var extra: [String: String]
    /// librdkafka's own log lines with their syslog level, on the thread that polls. Without it they go to stderr.
    public var log: (@Sendable (_ level: Int32, _ line: String) -> Void)?

    public init(
        bootstrapServers: String, extra: [String: String] = [:],
        log: (@Sendable (_ level: Int32, _ line: String) -> Void)? = nil
    ) {
        self.bootstrapServers = bootstrapServers
        self.extra = extra
        self.log = log
    }

    private static let reserved: Set<String> = [
        "bootstrap.servers", "metadata.broker.list", "group.id", "group.instance.id", "enable.auto.commit",
        "enable.auto.offset.store", "auto.offset.reset", "partition.assignment.strategy", "enable.partition.eof",
        "enable.idempotence", "acks", "request.required.acks", "log.queue",
    ]

    /// Checks and orders the properties: `fixed` holds, `defaults` give way to `extra`.
    func properties(fixed: [String: String], defaults: [String: String]) throws -> [String: String] {
        if let name = extra.keys.sorted().first(where: { KafkaConfiguration.reserved.contains($0) }) {
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, message: "the property \(name) is not yours to set")
        }
        var all = ["bootstrap.servers": bootstrapServers, "socket.keepalive.enable": "true"]
        if log != nil { all["log.queue"] = "true" }
        return all.merging(defaults) { $1 }.merging(extra) { $1 }.merging(fixed) { $1 }
    }
}

/// What librdkafka's callbacks may touch. It outlives the handle, which keeps an unretained pointer to it.
class Callbacks {
    let log: (@Sendable (Int32, String) -> Void)?
    init(log: (@Sendable (Int32, String) -> Void)?) { self.log = log }

    /// Called on the thread that polls.
    func rebalance(_ handle: OpaquePointer, _ code: rd_kafka_resp_err_t, _ partitions: borrowing PartitionList) {}
    func delivered(_ message: rd_kafka_message_t) {}

    static func from(_ opaque: UnsafeMutableRawPointer?) -> Callbacks {
        Unmanaged<Callbacks>.fromOpaque(opaque!).takeUnretainedValue()
    }
}

/// The one owner of an `rd_kafka_t`.
final class Client {
    let handle: OpaquePointer
    private let callbacks: Callbacks

    init(_ type: rd_kafka_type_t, properties: [String: String], callbacks: Callbacks) throws {
        let configuration = rd_kafka_conf_new()!
        var isTaken = false
        defer { if !isTaken { rd_kafka_conf_destroy(configuration) } }
        var errorText = [CChar](repeating: 0, count: 512)
        for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
            let result = rd_kafka_conf_set(configuration, name, value, &errorText, errorText.count)
            guard result == RD_KAFKA_CONF_OK else {
                // librdkafka's text repeats the value, which may be a password.
                let reason = result == RD_KAFKA_CONF_UNKNOWN ? "is unknown" : "has a value that librdkafka refuses"
                throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, message: "the property \(name) \(reason)")
            }
        }
        Client.register(callbacks, in: configuration, isConsumer: type == RD_KAFKA_CONSUMER)
        // "rd_kafka_new() … the conf object is freed … on success and must not be used or destroyed by the application":
        // on failure it is still ours.
        guard let handle = rd_kafka_new(type, configuration, &errorText, errorText.count) else {
            throw KafkaError(rd_kafka_last_error(), message: errorText.text)
        }
        isTaken = true
        self.handle = handle
        self.callbacks = callbacks
        if callbacks.log != nil { rd_kafka_set_log_queue(handle, nil) }
    }

    // A consumer leaves its group in `close`, which is bounded; here nothing may wait for a broker.
    deinit { rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE) }

    private static func register(_ callbacks: Callbacks, in configuration: OpaquePointer, isConsumer: Bool) {
        rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(callbacks).toOpaque())
        if isConsumer {
            rd_kafka_conf_set_rebalance_cb(configuration) { handle, code, partitions, opaque in
                // The list stays librdkafka's: "freed by librdkafka after the callback returns".
                Callbacks.from(opaque).rebalance(handle!, code, PartitionList(lending: partitions!))
            }
        } else {
            rd_kafka_conf_set_dr_msg_cb(configuration) { _, message, opaque in
                Callbacks.from(opaque).delivered(message!.pointee)
            }
        }
        if callbacks.log != nil {
            rd_kafka_conf_set_log_cb(configuration) { handle, level, facility, text in
                let line = "\(String(cString: facility!)): \(String(cString: text!))"
                Callbacks.from(rd_kafka_opaque(handle)).log?(level, line)
            }
        }
    }

    /// The id that the brokers give their cluster, or `nil` if none answers in time.
    func clusterId(timeoutMilliseconds: Int32) -> String? {
        // "The returned pointer must be freed by the application using rd_kafka_mem_free()."
        guard let id = rd_kafka_clusterid(handle, timeoutMilliseconds) else { return nil }
        defer { rd_kafka_mem_free(handle, id) }
        return String(cString: id)
    }

    /// `nil` where there is no such topic. Asks for all topics, because asking for one by name can create it.
    func partitionCount(topic: String, timeoutMilliseconds: Int32) throws -> Int? {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        try KafkaError.check(rd_kafka_metadata(handle, 1, nil, &metadata, timeoutMilliseconds))
        // "rd_kafka_metadata … must be released with rd_kafka_metadata_destroy()": by us, when counted.
        defer { rd_kafka_metadata_destroy(metadata) }
        let topics = UnsafeBufferPointer(start: metadata!.pointee.topics, count: Int(metadata!.pointee.topic_cnt))
        guard let found = topics.first(where: { String(cString: $0.topic) == topic }), found.partition_cnt > 0 else {
            return nil
        }
        try KafkaError.check(found.err, topicPartition: TopicPartition(topic: topic, partition: -1))
        return Int(found.partition_cnt)
    }

    /// Whether a broker answers now.
    func isReachable(timeoutMilliseconds: Int32) -> Bool {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        guard rd_kafka_metadata(handle, 0, nil, &metadata, timeoutMilliseconds) == RD_KAFKA_RESP_ERR_NO_ERROR else {
            return false
        }
        rd_kafka_metadata_destroy(metadata)
        return true
    }

    /// An error after which this client is of no more use.
    var fatalError: KafkaError? {
        var text = [CChar](repeating: 0, count: 512)
        let code = rd_kafka_fatal_error(handle, &text, text.count)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return KafkaError(code, message: text.text, isFatal: true)
    }
}

extension [CChar] {
    /// The text up to the first zero.
    var text: String { String(decoding: prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) }
}
