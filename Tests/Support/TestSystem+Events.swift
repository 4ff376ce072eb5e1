import CaseEvents
import Foundation
import Kafka
import Workers

extension TestSystem {
    /// Sends events in structured mode under their own keys, as an integration does; waits for the broker.
    public func publish(_ lines: [String], partition: (Int) -> Int32? = { _ in nil }) throws {
        let producer = try Producer(kafka)
        for (place, line) in lines.enumerated() {
            let event = try JSONValue(line)
            let type = event["type"]?.string ?? ""
            let isDirectory = ["person", "team", "role_mailbox"].contains { type == "quorate.\($0).recorded.v1" }
            let key = "\(event["authority"]?.string ?? "")/\(event["subject"]?.string ?? "")"
            try producer.produce(
                topic: (isDirectory ? SystemTopic.directoryEvents : .caseEvents).rawValue, key: Array(key.utf8),
                headers: TestSystem.structured, value: Array(line.utf8), partition: partition(place), token: 0)
            if place % 1_000 == 999 { try settle(producer) }
        }
        try settle(producer)
    }

    public static let structured = [
        Header(name: "content-type", value: Array("application/cloudevents+json; charset=UTF-8".utf8))
    ]

    /// Sends one record as it is. Returns its offset.
    @discardableResult
    public func produceRaw(
        topic: SystemTopic = .caseEvents, key: [UInt8]?, headers: [Header] = structured, value: [UInt8]?,
        partition: Int32? = nil
    ) throws -> Int64 {
        let producer = try Producer(kafka)
        try producer.produce(
            topic: topic.rawValue, key: key, headers: headers, value: value, partition: partition, token: 0)
        return try settle(producer).first!.offset
    }

    @discardableResult
    func settle(_ producer: Producer) throws -> [Delivery] {
        var deliveries: [Delivery] = []
        try wait("the broker's acknowledgement", every: .zero) {
            deliveries += producer.flush(timeoutMilliseconds: 500)
            return producer.outstanding == 0
        }
        if let error = deliveries.lazy.compactMap(\.error).first { throw error }
        return deliveries
    }

    /// Puts a broker with more partitions in the place of the old one: the same records at the same places, under the same
    /// cluster's name. Workers learn of it by being launched again; not auditing, whose leaves hold the name.
    public func growBroker(to partitions: Int) throws {
        let former = try clusterName()
        let kept = try SystemTopic.allCases.flatMap { try records(of: $0) }
        try replaceBroker(sameIncarnation: true, partitions: partitions)
        try copy(kept)
        let cluster = try clusterName()
        let workers = WorkerName.allCases.filter { $0 != .auditing }
        for table in workers.flatMap({ ["\($0.schema).kafka_offset", "\($0.schema).outbox_relayed"] }) {
            try connection.execute("UPDATE \(raw: table) SET cluster = \(cluster) WHERE cluster = \(former)")
        }
    }

    /// Puts a broker with more partitions in the place of the old one under workers at work, which know both addresses and find
    /// the same records at the same places. For scheduling alone, whose records are the test's: what workers published stays
    /// with the old one. Gives the two addresses to `work`, which returns when the time has come.
    public func growBroker(to partitions: Int, under work: (_ bootstrapServers: String) throws -> Void) throws {
        let (former, successor) = (broker, try TestSystem.makeBroker(partitions: partitions, brokers: 2))
        // A client does not look for a coordinator of the same number at another address.
        try successor.setCoordinator(ofGroup: WorkerName.scheduling.group, to: 2)
        let kept = try records(of: .caseEvents)
        embedded = successor
        try copy(kept)
        try successor.setDown()
        try work("\(former.bootstrapServers),\(successor.bootstrapServers)")
        try former.setDown()
        try successor.setUp()
    }

    private func copy(_ records: [Record]) throws {
        let producer = try Producer(kafka)
        for record in records {
            try producer.produce(
                topic: record.topic, key: record.key, headers: record.headers, value: record.value,
                partition: record.partition, timestamp: record.timestamp, token: 0)
        }
        try settle(producer)
    }

    /// Lines of `quorate generate`.
    public static func sample(
        cases: Int, seed: Int, from: String = "2025-01-01", to: String = "2025-12-31", of authorities: [String] = [],
        directory: Bool = false
    ) throws -> [String] {
        let base = "\(Places.folder)/sample-\(UUID().uuidString)"
        let process = try ChildProcess(
            "\(Places.executables)/quorate",
            ["generate", "--cases", "\(cases)", "--seed", "\(seed)", "--from", from, "--to", to]
                + authorities.flatMap { ["--authority", $0] } + (directory ? ["--directory"] : []),
            environment: Places.environment, output: base, errors: base + ".err")
        guard try process.waitForExit(within: .seconds(300)) == 0 else { throw TestFault("quorate generate failed") }
        return try String(contentsOfFile: base, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    /// The partitions that a topic has by now.
    func places(of topic: String, _ consumer: Consumer) throws -> [TopicPartition] {
        guard let count = try consumer.partitionCount(topic: topic) else {
            throw TestFault("the broker has no topic \(topic)")
        }
        return (0..<Int32(count)).map { TopicPartition(topic: topic, partition: $0) }
    }

    /// Everything that a topic holds, in the order of each partition.
    public func records(of topic: SystemTopic) throws -> [Record] { try records(ofTopic: topic.rawValue) }

    public func records(ofTopic topic: String) throws -> [Record] {
        let consumer = try Consumer(
            kafka, group: "test-\(UUID().uuidString)", topics: [],
            settings: ConsumerSettings(sessionTimeoutMilliseconds: 6_000, fetchWaitMaxMilliseconds: 10),
            onAssigned: { _ in nil }, onRevoked: { _, _ in })
        defer { consumer.close() }
        var due = 0
        var starts: [TopicPartition: Int64] = [:]
        for place in try places(of: topic, consumer) {
            let (low, high) = try consumer.watermarks(place, timeoutMilliseconds: 10_000)
            due += Int(high - low)
            if high > low { starts[place] = low }
        }
        // In no group: joining one takes seconds.
        try consumer.assign(starts)
        var records: [Record] = []
        try wait("\(due) records of \(topic)", every: .zero) {
            guard records.count < due else { return true }
            records += try consumer.poll(maximumRecords: 10_000, maximumBytes: 64 << 20, timeoutMilliseconds: 100)
            return records.count >= due
        }
        return records.sorted { ($0.partition, $0.offset) < ($1.partition, $1.offset) }
    }
}
