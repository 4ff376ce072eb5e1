import Embedded
import Kafka
import Testing

@Suite struct EmbeddedBrokerTests {
    @Test func topicsHaveTheirPartitions() throws {
        let broker = try EmbeddedBroker(topics: [("case-events", 24), ("dead-letters", 1)])
        let producer = try Producer(.init(bootstrapServers: broker.bootstrapServers, log: { _, _ in }))
        #expect(try producer.partitionCount(topic: "case-events") == 24)
        #expect(try producer.partitionCount(topic: "dead-letters") == 1)
        #expect(try producer.partitionCount(topic: "unheard-of") == nil)
        #expect(producer.clusterId(timeoutMilliseconds: 5_000) != nil)
        #expect(producer.isReachable(timeoutMilliseconds: 5_000))
    }

    @Test func aTopicCannotGrow() throws {
        let broker = try EmbeddedBroker(topics: [("t", 2)])
        #expect(throws: EmbeddedError.self) { try broker.createTopic("t", partitions: 4) }
    }

    @Test func eachStartHasItsOwnRunId() throws {
        #expect(try EmbeddedBroker().runId != EmbeddedBroker().runId)
    }

    @Test func adminCallsAreRefusedAndSaySo() throws {
        let broker = try EmbeddedBroker(topics: [("t", 2)])
        let producer = try Producer(.init(bootstrapServers: broker.bootstrapServers, log: { _, _ in }))
        #expect(throws: KafkaError.self) {
            try producer.createTopics([NewTopic(name: "u", partitions: 1, replication: 1)], timeoutMilliseconds: 5_000)
        }
        #expect(throws: KafkaError.self) { try producer.growTopic("t", to: 4, timeoutMilliseconds: 5_000) }
        #expect(throws: KafkaError.self) { try producer.topicConfiguration("t", timeoutMilliseconds: 5_000) }
    }
}
