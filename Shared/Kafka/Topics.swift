import CLibrdkafka

public struct NewTopic: Sendable {
    public let name: String
    public let partitions: Int
    /// -1 leaves it to the broker.
    public let replication: Int
    /// The broker's settings for a topic, such as `retention.ms`.
    public let configuration: [String: String]

    public init(name: String, partitions: Int, replication: Int = -1, configuration: [String: String] = [:]) {
        self.name = name
        self.partitions = partitions
        self.replication = replication
        self.configuration = configuration
    }
}

extension Producer {
    /// Creates what is missing, and returns their names; a topic that exists is left as it is, and not even asked for, so
    /// that a login without that right may call this. The mock broker has no such call: it makes topics by its own means.
    @discardableResult
    public func createTopics(_ topics: [NewTopic], timeoutMilliseconds: Int32 = 30_000) throws -> [String] {
        let topics = try topics.filter { try partitionCount(topic: $0.name) == nil }
        guard !topics.isEmpty else { return [] }
        var requests: [OpaquePointer?] = []
        // "rd_kafka_NewTopic_new … Use rd_kafka_NewTopic_destroy() to free object when done": by us, the call copies.
        defer { for request in requests { rd_kafka_NewTopic_destroy(request) } }
        for topic in topics { requests.append(try request(for: topic)) }
        try answer(within: timeoutMilliseconds) { queue in
            rd_kafka_CreateTopics(handle, &requests, requests.count, nil, queue)
        } read: { event in
            var count = 0
            // Results live as long as the event, here and below.
            let results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
            try check(results, count, besides: RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        }
        return topics.map(\.name)
    }

    /// Adds partitions, up to so many in all. Keys fall elsewhere afterwards. Not for the mock broker.
    public func growTopic(_ name: String, to partitions: Int, timeoutMilliseconds: Int32 = 30_000) throws {
        var text = [CChar](repeating: 0, count: 512)
        guard let request = rd_kafka_NewPartitions_new(name, partitions, &text, text.count) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, message: "\(name): \(text.text)")
        }
        // "Use rd_kafka_NewPartitions_destroy() to free object when done": by us, the call copies.
        defer { rd_kafka_NewPartitions_destroy(request) }
        try answer(within: timeoutMilliseconds) { queue in
            var requests: [OpaquePointer?] = [request]
            rd_kafka_CreatePartitions(handle, &requests, requests.count, nil, queue)
        } read: { event in
            var count = 0
            let results = rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(event), &count)
            try check(results, count)
        }
    }

    /// The broker's settings of a topic, those by default among them. Not for the mock broker.
    public func topicConfiguration(
        _ name: String, timeoutMilliseconds: Int32 = 30_000
    ) throws -> [String: String] {
        let resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name)
        // Ours: the call copies.
        defer { rd_kafka_ConfigResource_destroy(resource) }
        return try answer(within: timeoutMilliseconds) { queue in
            var resources: [OpaquePointer?] = [resource]
            rd_kafka_DescribeConfigs(handle, &resources, resources.count, nil, queue)
        } read: { event in
            var count = 0
            let results = rd_kafka_DescribeConfigs_result_resources(
                rd_kafka_event_DescribeConfigs_result(event), &count)
            var configuration: [String: String] = [:]
            for result in UnsafeBufferPointer(start: results, count: count) {
                let place = TopicPartition(topic: name, partition: -1)
                try KafkaError.check(rd_kafka_ConfigResource_error(result), topicPartition: place)
                var entryCount = 0
                let entries = rd_kafka_ConfigResource_configs(result, &entryCount)
                for entry in UnsafeBufferPointer(start: entries, count: entryCount) {
                    guard let value = rd_kafka_ConfigEntry_value(entry) else { continue }
                    configuration[String(cString: rd_kafka_ConfigEntry_name(entry))] = String(cString: value)
                }
            }
            return configuration
        }
    }

    /// Sends an admin request and reads its answer.
    private func answer<R>(
        within timeoutMilliseconds: Int32, ask: (OpaquePointer) -> Void, read: (OpaquePointer) throws -> R
    ) throws -> R {
        // Ours, as is the event: "rd_kafka_queue_destroy", "rd_kafka_event_destroy".
        let queue = rd_kafka_queue_new(handle)!
        defer { rd_kafka_queue_destroy(queue) }
        ask(queue)
        guard let event = rd_kafka_queue_poll(queue, timeoutMilliseconds) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT)
        }
        defer { rd_kafka_event_destroy(event) }
        try KafkaError.check(rd_kafka_event_error(event))
        return try read(event)
    }

    private func request(for topic: NewTopic) throws -> OpaquePointer {
        var text = [CChar](repeating: 0, count: 512)
        guard
            let request = rd_kafka_NewTopic_new(
                topic.name, Int32(topic.partitions), Int32(topic.replication), &text, text.count)
        else { throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, message: "\(topic.name): \(text.text)") }
        for (name, value) in topic.configuration {
            let code = rd_kafka_NewTopic_set_config(request, name, value)
            if code != RD_KAFKA_RESP_ERR_NO_ERROR {
                rd_kafka_NewTopic_destroy(request)
                throw KafkaError(code, message: "\(topic.name): \(name)")
            }
        }
        return request
    }

    private func check(
        _ results: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int, besides allowed: rd_kafka_resp_err_t? = nil
    ) throws {
        for result in UnsafeBufferPointer(start: results, count: count) {
            let code = rd_kafka_topic_result_error(result)
            guard code != allowed else { continue }
            let name = String(cString: rd_kafka_topic_result_name(result))
            try KafkaError.check(code, topicPartition: TopicPartition(topic: name, partition: -1))
        }
    }
}
