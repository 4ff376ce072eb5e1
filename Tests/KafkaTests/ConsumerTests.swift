import Embedded
import Kafka
import Testing

@Suite(.serialized) struct ConsumerTests {
    @Test func recordsComeWithKeysHeadersAndTimes() throws {
        let fixture = try Fixture()
        let producer = try Producer(fixture.configuration)
        let headers = [Header(name: "ce_type", value: Array("case.opened".utf8)), Header(name: "empty", value: [])]
        try producer.produce(
            topic: Fixture.topic, key: Array("key".utf8), headers: headers, value: [0, 255, 0], token: 1)
        try producer.produce(topic: Fixture.topic, key: nil, value: nil, token: 2)
        try producer.produce(topic: Fixture.topic, key: [], value: [], token: 3)
        #expect(producer.flush(timeoutMilliseconds: 60_000).map(\.token) == [1, 2, 3])
        let records = try fixture.member().records(3)
        #expect(records[0].key == Array("key".utf8))
        #expect(records[0].value == [0, 255, 0])
        #expect(records[0].headers == headers)
        #expect(records[0].timestamp > 1_600_000_000_000)
        #expect(records.map(\.offset) == [0, 1, 2])
        #expect(records[1].key == nil && records[1].value == nil && records[1].headers.isEmpty)
        #expect(records[2].value == [])
    }

    /// A value that is missing is not an empty one, a name may be no UTF-8, and two that read alike are two where their bytes
    /// differ: an e with its accent in one character, and in two.
    @Test func headersComeAsTheyAre() throws {
        let fixture = try Fixture()
        let producer = try Producer(fixture.configuration)
        let all: [[Header]] = [
            [Header(nameBytes: Array("h".utf8), valueBytes: nil)], [Header(name: "h", value: [])],
            [Header(nameBytes: [0xC3, 0x28, 0xFF], valueBytes: [1])], [Header(name: "\u{FFFD}(\u{FFFD}", value: [1])],
            [Header(name: "\u{E9}", value: [2])], [Header(name: "e\u{301}", value: [2])],
            [Header(name: "", value: [3])],
        ]
        for (place, headers) in all.enumerated() {
            try producer.produce(topic: Fixture.topic, key: nil, headers: headers, value: [0], token: Int64(place))
        }
        #expect(producer.flush(timeoutMilliseconds: 60_000).count == all.count)
        #expect(try fixture.member().records(all.count).map(\.headers) == all)
    }

    @Test func readingStartsWhereOnAssignedSays() throws {
        let fixture = try Fixture()
        try fixture.produce(10)
        let member = try fixture.member(from: 7)
        #expect(try texts(member.records(3)) == ["7", "8", "9"])
        #expect(member.log.assigned == [[TopicPartition(topic: Fixture.topic, partition: 0)]])
    }

    @Test func nilReadsNothing() throws {
        let fixture = try Fixture()
        try fixture.produce(1)
        let member = try fixture.member(from: nil)
        try wait("an assignment") {
            let records = try member.poll()
            #expect(records.isEmpty)
            return !member.log.assigned.isEmpty
        }
        #expect(try member.poll(200).isEmpty)
        #expect(try member.assignedCount() == 0)
    }

    @Test func aPollKeepsToItsLimits() throws {
        let fixture = try Fixture()
        try fixture.produce(100)
        let member = try fixture.member()
        var sizes: [Int] = []
        try wait("100 records") {
            sizes.append(
                try member.consumer.poll(maximumRecords: 7, maximumBytes: 1 << 20, timeoutMilliseconds: 20).count)
            return sizes.reduce(0, +) == 100
        }
        #expect(sizes.max()! <= 7)
    }

    @Test(arguments: [Int64(50), 5])
    func anOffsetThatIsNotThereIsAnErrorAndNoJump(_ offset: Int64) throws {
        let fixture = try Fixture()
        // 5 is gone once 5 MiB came after it; 50 is not there yet.
        if offset == 5 { try fixture.fillPastTheLimit() } else { try fixture.produce(10) }
        let member = try fixture.member(from: offset)
        var failure: KafkaError?
        try wait("the error") {
            do {
                let records = try member.poll()
                #expect(records.isEmpty)
            } catch let error as KafkaError { failure = error }
            return failure != nil
        }
        #expect(failure?.isOffsetOutOfRange == true)
        #expect(failure?.topicPartition == TopicPartition(topic: Fixture.topic, partition: 0))
        #expect(try member.poll(200).isEmpty)
    }

    @Test func watermarksAndSeek() throws {
        let fixture = try Fixture()
        try fixture.produce(10)
        let member = try fixture.member()
        let place = TopicPartition(topic: Fixture.topic, partition: 0)
        _ = try member.records(10)
        let marks = try member.consumer.watermarks(place, timeoutMilliseconds: 5_000)
        #expect([marks.low, marks.high] == [0, 10])
        #expect(member.consumer.cachedWatermarks(place)?.high == 10)
        try member.consumer.seek(place, to: 4)
        #expect(try texts(member.records(6)) == ["4", "5", "6", "7", "8", "9"])
        #expect(member.consumer.commit([place: 10]) == nil)
        #expect(member.consumer.memberId?.isEmpty == false)
        #expect(try member.consumer.partitionCount(topic: Fixture.topic) == 1)
        member.consumer.close()
        #expect(member.log.revoked == [[place]])
    }

    @Test func twoMembersShareAndOneLeaves() throws {
        let fixture = try Fixture(partitions: 4)
        let (first, second) = (try fixture.member(), try fixture.member())
        try wait("an even share") {
            try first.poll()
            try second.poll()
            return try first.assignedCount() == 2 && second.assignedCount() == 2
        }
        first.consumer.close()
        try wait("the whole") {
            try second.poll()
            return try second.assignedCount() == 4
        }
        for partition in 0..<4 { try fixture.produce(5, partition: Int32(partition)) }
        #expect(try second.records(20).count == 20)
    }

    @Test func recordsOfARevokedPartitionAreNotReturnedTwice() throws {
        let fixture = try Fixture(partitions: 4)
        let first = try fixture.member()
        try wait("an assignment") {
            try first.poll()
            return try first.assignedCount() == 4
        }
        var seen: [TopicPartition: [Int64]] = [:]
        let second = try fixture.member()
        for partition in 0..<4 { try fixture.produce(200, partition: Int32(partition)) }
        try wait("both to have read everything") {
            for record in try first.poll() + second.poll() {
                seen[record.topicPartition, default: []].append(record.offset)
            }
            // A worker would find the position in PostgreSQL.
            second.log.position.merge(first.log.position) { max($0, $1) }
            first.log.position.merge(second.log.position) { max($0, $1) }
            return seen.values.reduce(0) { $0 + $1.count } >= 800
        }
        for offsets in seen.values { #expect(offsets == Array(0..<200)) }
    }

    @Test func aBrokerThatGoesAndComesBackIsOutwaited() throws {
        let fixture = try Fixture()
        try fixture.produce(3)
        let member = try fixture.member()
        _ = try member.records(3)
        try fixture.broker.setDown()
        for _ in 0..<10 { #expect(try member.poll().isEmpty) }
        #expect(!member.consumer.isReachable(timeoutMilliseconds: 50))
        try fixture.broker.setUp()
        try fixture.produce(3)
        #expect(try member.records(3).map(\.offset) == [3, 4, 5])
    }

    @Test func failedFetchesAreRetried() throws {
        let fixture = try Fixture()
        fixture.broker.pushErrors(request: 1, [-195, 6, 5])
        try fixture.produce(5)
        #expect(try texts(fixture.member().records(5)) == ["0", "1", "2", "3", "4"])
    }

    @Test func reservedAndUnknownPropertiesAreNamed() throws {
        let fixture = try Fixture()
        for (name, value) in [("enable.auto.commit", "true"), ("sasl.pasword", "secret")] {
            var configuration = fixture.configuration
            configuration.extra[name] = value
            let error = #expect(throws: KafkaError.self) {
                _ = try Consumer(
                    configuration, group: "g", topics: ["t"], onAssigned: { _ in nil }, onRevoked: { _, _ in })
            }
            #expect(error?.message.contains(name) == true)
            #expect(error?.message.contains("secret") == false)
        }
    }

    @Test func closingWithTheBrokerGoneIsBounded() throws {
        let fixture = try Fixture()
        let member = try fixture.member()
        try wait("an assignment") {
            try member.poll()
            return try member.assignedCount() == 1
        }
        try fixture.broker.setDown()
        let began = ContinuousClock.now
        member.consumer.close(timeoutMilliseconds: 500)
        #expect(ContinuousClock.now - began < .seconds(10))
    }
}

extension Fixture {
    /// 6 MiB into one partition, of which the mock keeps 5.
    func fillPastTheLimit() throws {
        let producer = try Producer(configuration)
        let value = [UInt8](repeating: 1, count: 64 << 10)
        for token in 0..<96 {
            try producer.produce(topic: Fixture.topic, key: nil, value: value, partition: 0, token: Int64(token))
            if token % 8 == 7 { _ = producer.flush(timeoutMilliseconds: 60_000) }
        }
    }
}
