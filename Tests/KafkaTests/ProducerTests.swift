import Embedded
import Kafka
import Testing

@Suite(.serialized) struct ProducerTests {
    private func flushed(_ producer: Producer) throws -> [Delivery] {
        var deliveries: [Delivery] = []
        try wait("everything delivered") {
            deliveries += producer.flush(timeoutMilliseconds: 100)
            return producer.outstanding == 0
        }
        return deliveries
    }

    @Test func deliveriesCarryTheirTokensAndOffsetsInOrder() throws {
        let fixture = try Fixture()
        let producer = try Producer(fixture.configuration)
        for token in 0..<1_000 {
            try producer.produce(
                topic: Fixture.topic, key: Array("k".utf8), value: Array("\(token)".utf8), token: Int64(token))
        }
        #expect(producer.outstanding == 1_000)
        let deliveries = try flushed(producer)
        #expect(deliveries.map(\.token) == Array(0..<1_000))
        #expect(deliveries.map(\.offset) == Array(0..<1_000))
        #expect(try texts(fixture.member().records(1_000)) == (0..<1_000).map(String.init))
    }

    /// 7 is a time-out, 6 not the leader, -195 a cut connection.
    @Test(arguments: [[Int32(7), 7], [6], [-195, -195], [19]])
    func injectedErrorsAreRetriedInOrderAndOnce(_ errors: [Int32]) throws {
        let fixture = try Fixture()
        fixture.broker.pushErrors(request: 0, errors)
        let producer = try Producer(fixture.configuration, settings: .init(lingerMilliseconds: 0))
        for token in 0..<200 {
            try producer.produce(
                topic: Fixture.topic, key: nil, value: Array("\(token)".utf8), partition: 0, token: Int64(token))
        }
        let deliveries = try flushed(producer)
        #expect(deliveries.allSatisfy { $0.error == nil })
        #expect(!producer.isFatal)
        #expect(try texts(fixture.member().records(200)) == (0..<200).map(String.init))
    }

    @Test func anOutageIsOutwaited() throws {
        let fixture = try Fixture()
        let producer = try Producer(fixture.configuration)
        try fixture.broker.setDown()
        for token in 0..<50 {
            try producer.produce(
                topic: Fixture.topic, key: nil, value: Array("\(token)".utf8), partition: 0, token: Int64(token))
        }
        #expect(producer.flush(timeoutMilliseconds: 300).isEmpty)
        #expect(producer.outstanding == 50)
        try fixture.broker.setUp()
        #expect(try flushed(producer).map(\.token) == Array(0..<50))
    }

    @Test func aFullQueueIsWaitedFor() throws {
        let fixture = try Fixture()
        let producer = try Producer(fixture.configuration, settings: .init(queueMaxMessages: 10))
        for token in 0..<200 {
            try producer.produce(topic: Fixture.topic, key: nil, value: [1], partition: 0, token: Int64(token))
        }
        #expect(try flushed(producer).map(\.token) == Array(0..<200))
    }

    @Test func aRefusedMessageIsAnErrorOfItsOwn() throws {
        let fixture = try Fixture()
        let producer = try Producer(fixture.configuration)
        let tooLong = [UInt8](repeating: 0, count: 2_000_000)
        let error = #expect(throws: KafkaError.self) {
            try producer.produce(
                topic: Fixture.topic, key: nil, headers: [Header(name: "h", value: [1])], value: tooLong, token: 1)
        }
        #expect(error?.name == "MSG_SIZE_TOO_LARGE")
        #expect(error?.isTransient == false)
        #expect(producer.outstanding == 0)
    }

    @Test func anUnknownPartitionFailsItsDelivery() throws {
        let fixture = try Fixture()
        let producer = try Producer(fixture.configuration)
        do {
            try producer.produce(topic: Fixture.topic, key: nil, value: [1], partition: 99, token: 5)
            #expect(try flushed(producer).first?.error?.name == "_UNKNOWN_PARTITION")
        } catch let error as KafkaError { #expect(error.name == "_UNKNOWN_PARTITION") }
    }
}
