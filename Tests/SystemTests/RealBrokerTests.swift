import Foundation
import Kafka
import TestSupport
import Testing
import Workers

/// What a real broker alone can show. `KAFKA_BOOTSTRAP_SERVERS` names one that holds none of Quorate's topics; they are
/// made, filled, and left there. TLS and SASL are set as for a worker: `QUORATE_KAFKA_SECURITY_PROTOCOL` and so on.
@Suite(.serialized, .enabled(if: RealBroker.kafka != nil, "KAFKA_BOOTSTRAP_SERVERS names no real broker"))
struct RealBrokerTests {
    @Test func topicsAreMadeAsStated() async throws {
        try await TestSystem.with(RealBroker.options) { system in
            let names = SystemTopic.allCases.map(\.rawValue) + ["audit-checkpoints"]
            let made = try system.run(["migrate"], environment: RealBroker.environment)
            #expect(made.status == 0, "\(made.errors)")
            for name in names { #expect(made.output.contains(name), "\(made.output)") }
            let producer = try Producer(system.kafka)
            for name in names {
                try wait(name) { try producer.partitionCount(topic: name) == SystemTopic.partitions }
                let settings = try producer.topicConfiguration(name)
                let isDirectory = name == "directory-events"
                #expect(settings["cleanup.policy"] == (isDirectory ? "compact" : "delete"), "\(name)")
                #expect(settings["max.message.bytes"] == "1200000", "\(name)")
                let kept = name == "audit-checkpoints" ? "-1" : "3024000000"
                let setting = isDirectory ? "min.compaction.lag.ms" : "retention.ms"
                #expect(settings[setting] == kept, "\(name): 35 days, or for good")
            }
            let again = try system.run(["migrate"], environment: RealBroker.environment)
            #expect(again.status == 0 && again.output.contains("The topics are there."), "\(again)")
        }
    }

    /// Several workers are at work on the first half as the partitions come; keys of the second fall elsewhere.
    @Test func partitionsAddedUnderLoad() async throws {
        let lines = try TestSystem.sample(cases: 60, seed: 5)
        let half = lines.count / 2
        let grown = SystemTopic.partitions + 12
        try await TestSystem.with(RealBroker.options) { system in
            let producer = try Producer(system.kafka)
            try SystemTopic.create(through: producer)
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
    static let environment = ProcessInfo.processInfo.environment.filter {
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
