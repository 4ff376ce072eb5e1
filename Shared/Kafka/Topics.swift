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
    /// Creates what is missing; a topic that exists is left as it is. The mock broker has no such call: it makes topics
    /// by its own means.
    public func createTopics(_ topics: [NewTopic], timeoutMilliseconds: Int32 = 30_000) throws {
        guard !topics.isEmpty else { return }
        var requests: [OpaquePointer?] = []
        // "rd_kafka_NewTopic_new … Use rd_kafka_NewTopic_destroy() to free object when done": by us, the call copies.
        defer { for request in requests { rd_kafka_NewTopic_destroy(request) } }
        for topic in topics { requests.append(try request(for: topic)) }
        guard let queue = rd_kafka_queue_new(handle) else { return }
        // Ours, as is the event: "rd_kafka_event_destroy".
        defer { rd_kafka_queue_destroy(queue) }
        rd_kafka_CreateTopics(handle, &requests, requests.count, nil, queue)
        guard let event = rd_kafka_queue_poll(queue, timeoutMilliseconds) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT)
        }
        defer { rd_kafka_event_destroy(event) }
        try KafkaError.check(rd_kafka_event_error(event))
        try checkTopics(in: event)
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

    private func checkTopics(in event: OpaquePointer) throws {
        var count = 0
        // Results live as long as the event.
        let results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
        for result in UnsafeBufferPointer(start: results, count: count) {
            let code = rd_kafka_topic_result_error(result)
            guard code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS else { continue }
            let name = String(cString: rd_kafka_topic_result_name(result))
            try KafkaError.check(code, topicPartition: TopicPartition(topic: name, partition: -1))
        }
    }
}
