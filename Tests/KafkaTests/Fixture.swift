import Embedded
import Kafka
import Testing

/// A mock broker of its own, and members of its groups, for one test.
final class Fixture {
    let broker: EmbeddedBroker
    static let topic = "case-events"
    /// Long enough for a loaded machine; a test that passes never waits for it.
    static let patience = Duration.seconds(60)

    init(partitions: Int = 1) throws { broker = try EmbeddedBroker(topics: [(Fixture.topic, partitions)]) }

    var configuration: KafkaConfiguration {
        KafkaConfiguration(
            bootstrapServers: broker.bootstrapServers, extra: ["reconnect.backoff.max.ms": "200"], log: { _, _ in })
    }

    func member(_ instanceId: String? = nil, group: String = "scheduling", from offset: Int64? = 0) throws -> Member {
        try Member(configuration, group: group, instanceId: instanceId, offset: offset)
    }

    /// Produces values "0", "1", ... and waits until they are stored.
    func produce(_ count: Int, partition: Int32 = 0) throws {
        let producer = try Producer(configuration)
        for number in 0..<count {
            try producer.produce(
                topic: Fixture.topic, key: nil, value: Array("\(number)".utf8), partition: partition,
                token: Int64(number))
        }
        let deliveries = producer.flush(timeoutMilliseconds: 60_000)
        #expect(deliveries.count == count)
        #expect(deliveries.allSatisfy { $0.error == nil })
    }
}

/// A consumer and what its callbacks were told.
final class Member {
    final class Log {
        var assigned: [[TopicPartition]] = []
        var revoked: [[TopicPartition]] = []
        var position: [TopicPartition: Int64] = [:]
    }
    let consumer: Consumer
    let log = Log()

    init(_ configuration: KafkaConfiguration, group: String, instanceId: String?, offset: Int64?) throws {
        let log = log
        consumer = try Consumer(
            configuration, group: group, instanceId: instanceId, topics: [Fixture.topic],
            settings: EmbeddedBroker.consumerSettings,
            onAssigned: { partitions in
                log.assigned.append(partitions)
                guard let offset else { return nil }
                return Dictionary(uniqueKeysWithValues: partitions.map { ($0, log.position[$0] ?? offset) })
            },
            onRevoked: { partitions, _ in log.revoked.append(partitions) })
    }

    @discardableResult
    func poll(_ timeoutMilliseconds: Int32 = 20) throws -> [Record] {
        let records = try consumer.poll(
            maximumRecords: 1_000, maximumBytes: 1 << 20, timeoutMilliseconds: timeoutMilliseconds)
        for record in records { log.position[record.topicPartition] = record.offset + 1 }
        return records
    }

    func records(_ count: Int) throws -> [Record] {
        var records: [Record] = []
        try wait("\(count) records") {
            records += try poll()
            return records.count >= count
        }
        return records
    }

    func assignedCount() throws -> Int { try consumer.assignment.count }
}

struct TimedOut: Error { let what: String }

func wait(_ what: String, until condition: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + Fixture.patience
    while try !condition() {
        guard ContinuousClock.now < deadline else { throw TimedOut(what: what) }
    }
}

func texts(_ records: [Record]) -> [String] { records.map { String(decoding: $0.value ?? [], as: UTF8.self) } }
