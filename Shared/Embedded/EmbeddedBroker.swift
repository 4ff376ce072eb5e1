import CLibrdkafka
import Kafka

/// librdkafka's in-memory broker on loopback: for trying the system and for tests.
///
/// It is a new, empty log at each start, keeps 5 MiB a partition and then drops the oldest without a word. Its
/// consumers need `fetchWaitMaxMilliseconds: 10` and `sessionTimeoutMilliseconds: 6_000`. A topic cannot grow; one that
/// is used before it was made gets 4 partitions.
///
/// `@unchecked`: the mock's calls take its own lock, and the two handles never change.
public final class EmbeddedBroker: @unchecked Sendable {
    /// The mock lives on a client, which otherwise does nothing.
    private let client: OpaquePointer
    private let cluster: OpaquePointer
    public let bootstrapServers: String
    public let brokers: Int
    /// Different at each start. The cluster id that the mock itself reports is an address in memory, and comes again.
    public let runId = "embedded-" + String(UInt64.random(in: .min ... .max), radix: 16)

    /// Settings for a consumer of this broker.
    public static let consumerSettings = ConsumerSettings(
        sessionTimeoutMilliseconds: 6_000, fetchWaitMaxMilliseconds: 10)

    public init(brokers: Int = 1, topics: [(name: String, partitions: Int)] = []) throws {
        var errorText = [CChar](repeating: 0, count: 512)
        let configuration = rd_kafka_conf_new()!
        // Without a log callback it is silent.
        rd_kafka_conf_set_log_cb(configuration, nil)
        // "the conf object is freed … on success": on failure it is ours.
        guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &errorText, errorText.count) else {
            rd_kafka_conf_destroy(configuration)
            throw EmbeddedError("the embedded broker cannot start")
        }
        guard let cluster = rd_kafka_mock_cluster_new(client, Int32(brokers)) else {
            rd_kafka_destroy(client)
            throw EmbeddedError("the embedded broker cannot listen on 127.0.0.1")
        }
        self.client = client
        self.cluster = cluster
        self.brokers = brokers
        bootstrapServers = String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
        for topic in topics { try createTopic(topic.name, partitions: topic.partitions) }
    }

    // Both are ours: the cluster goes before the client that it lives on.
    deinit {
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(client)
    }

    public func createTopic(_ name: String, partitions: Int) throws {
        try check(
            rd_kafka_mock_topic_create(cluster, name, Int32(partitions), Int32(brokers)), "create the topic \(name)")
    }

    /// The next requests of this kind (Kafka's `ApiKey`: 0 produce, 1 fetch, 8 offset commit, 11 join group) are
    /// answered with these codes in turn; -195 closes the connection.
    public func pushErrors(request kind: Int16, _ codes: [Int32]) {
        let errors = codes.map { rd_kafka_resp_err_t(rawValue: $0) }
        rd_kafka_mock_push_request_errors_array(cluster, kind, errors.count, errors)
    }

    public func clearErrors(request kind: Int16) { rd_kafka_mock_clear_request_errors(cluster, kind) }

    /// Brokers count from 1; `nil` is all of them. Leaders stay where they are.
    public func setDown(_ broker: Int? = nil) throws {
        try check(rd_kafka_mock_broker_set_down(cluster, Int32(broker ?? -1)), "take a broker down")
    }
    public func setUp(_ broker: Int? = nil) throws {
        try check(rd_kafka_mock_broker_set_up(cluster, Int32(broker ?? -1)), "bring a broker up")
    }
    public func setRoundTrip(milliseconds: Int, broker: Int? = nil) throws {
        try check(rd_kafka_mock_broker_set_rtt(cluster, Int32(broker ?? -1), Int32(milliseconds)), "slow a broker")
    }
    public func setLeader(of topic: String, partition: Int32, to broker: Int) throws {
        try check(
            rd_kafka_mock_partition_set_leader(cluster, topic, partition, Int32(broker)), "move the leader of \(topic)")
    }

    public func setCoordinator(ofGroup group: String, to broker: Int) throws {
        try check(
            rd_kafka_mock_coordinator_set(cluster, "group", group, Int32(broker)), "move the coordinator of \(group)")
    }

    private func check(_ code: rd_kafka_resp_err_t, _ action: String) throws {
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        throw EmbeddedError("the embedded broker cannot \(action): \(String(cString: rd_kafka_err2name(code)))")
    }
}

/// What keeps the embedded default from working, in words for the person who started it.
public struct EmbeddedError: Error, CustomStringConvertible, Sendable {
    public let description: String
    public init(_ description: String) { self.description = description }
}
