import Foundation
import Kafka
import TestSupport
import Testing
import Workers

/// What a real broker alone can show. `KAFKA_BOOTSTRAP_SERVERS` names one that holds none of Quorate's topics; they are
/// made, filled, and left there. TLS and SASL are set as for a worker: `QUORATE_KAFKA_SECURITY_PROTOCOL` and so on.
@Suite(.serialized, .enabled(if: RealBroker.kafka != nil, "KAFKA_BOOTSTRAP_SERVERS names no real broker"))
struct RealBrokerTests {
    @Test func topicsAreMadeAsStated() throws {
        let producer = try Producer(RealBroker.kafka!)
        try SystemTopic.create(through: producer)
        for topic in SystemTopic.allCases {
            try wait(topic.rawValue) { try producer.partitionCount(topic: topic.rawValue) == SystemTopic.partitions }
            let settings = try producer.topicConfiguration(topic.rawValue)
            if topic == .directoryEvents {
                #expect(settings["cleanup.policy"] == "compact")
            } else {
                #expect(settings["cleanup.policy"] == "delete", "\(topic.rawValue)")
                #expect(settings["retention.ms"] == "3024000000", "\(topic.rawValue): 35 days")
            }
        }
    }

    /// Several workers are at work on the first half as the partitions come; keys of the second fall elsewhere.
    @Test func partitionsAddedUnderLoad() async throws {
        let lines = try TestSystem.sample(cases: 60, seed: 5)
        let half = lines.count / 2
        let grown = SystemTopic.partitions + 12
        try await TestSystem.with(RealBroker.options) { system in
            let producer = try Producer(system.kafka)
            try #require(try system.recordCount() == 0, "the broker holds records of Quorate: give it an empty one")
            try system.start([.scheduling, .scheduling, .notifications, .reporting, .auditing, .auditing])
            try system.publish(Array(lines[..<half]))
            try producer.growTopic(SystemTopic.caseEvents.rawValue, to: grown)
            try wait("the new partitions") {
                try producer.partitionCount(topic: SystemTopic.caseEvents.rawValue) == grown
            }
            try system.publish(Array(lines[half...]))
            try wait("holders of the new partitions") {
                try system.number(
                    "SELECT count(holder) FROM scheduling.kafka_offset WHERE topic = 'case-events'") == Int64(grown)
            }
            try system.waitUntilCaughtUp()
            try system.expectWhole(lines)
            #expect(try system.number("SELECT count(DISTINCT holder) FROM scheduling.kafka_offset") == 2)
        }
    }
}

enum RealBroker {
    private static let environment = ProcessInfo.processInfo.environment.filter {
        $0.key == "KAFKA_BOOTSTRAP_SERVERS" || $0.key.hasPrefix("QUORATE_KAFKA_")
    }

    /// `nil` where none is named.
    static let kafka = try? KafkaConfiguration.settings(
        bootstrapServers: nil, properties: [], SettingSource(environment: environment))

    /// Workers that notice soon what has changed.
    static let options = TestSystem.Options(
        environment: environment.merging([
            "QUORATE_KAFKA_TOPIC_METADATA_REFRESH_INTERVAL_MS": "2000", "QUORATE_SESSION_TIMEOUT_MS": "6000",
        ]) { $1 }, kafka: kafka)
}
