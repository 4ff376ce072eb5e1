import CaseEvents
import Foundation
import Kafka
import TestSupport
import Workers

/// What a fault schedule publishes: good events with repeats, and records that must be refused.
struct Feed: Sendable {
    struct Item: Sendable {
        let topic: SystemTopic
        let key: [UInt8]?
        let value: [UInt8]?
        let isGood: Bool
    }

    let directory: [String]
    /// Good case events, once each, in the order in which they were written.
    let lines: [String]
    let bad: [Item]
    /// The first good event's id with other content: refused, if it comes after the first.
    let impostor: Item

    init(seed: Int, on system: TestSystem, cases: Int = 12) throws {
        func generate(_ more: [String]) throws -> [String] {
            let day = ISO8601DateFormatter()
            day.formatOptions = [.withFullDate]
            // Up to today, so that notices are due and messages written.
            let (from, to) = (day.string(from: Date() - 270 * 86_400), day.string(from: Date()))
            let result = try system.run(
                [
                    "generate", "--cases", "\(cases)", "--seed", "\(seed)", "--from", from, "--to", to,
                    "--authority", "E06000030", "--authority", "E09000012",
                ] + more)
            guard result.status == 0 else { throw TestFault("quorate generate: \(result.errors)") }
            return result.lines
        }
        directory = try generate(["--directory"])
        lines = try generate([])
        bad = Feed.badValues.map {
            Item(topic: .caseEvents, key: Array("E06000030/Zaphod-1".utf8), value: $0, isGood: false)
        }
        let changed = lines[0].replacing("\"data\":{", with: "\"data\":{\"changed\":true,", maxReplacements: 1)
        impostor = Item(topic: .caseEvents, key: Feed.key(lines[0]), value: Array(changed.utf8), isGood: false)
    }

    static func key(_ line: String) -> [UInt8] {
        let event = try? JSONValue(line)
        return Array("\(event?["authority"]?.string ?? "")/\(event?["subject"]?.string ?? "")".utf8)
    }

    /// Portions of good events in order, a tenth of them sent again somewhere later, with bad input strewn in.
    func portions(_ count: Int, _ random: inout SeededRandom) -> [[Item]] {
        var portions: [[Item]] = Array(repeating: [], count: count)
        for (place, line) in lines.enumerated() {
            let portion = place * count / lines.count
            let item = Item(topic: .caseEvents, key: Feed.key(line), value: Array(line.utf8), isGood: true)
            portions[portion].append(item)
            if random.chance(10) { portions[Int.random(in: portion..<count, using: &random)].append(item) }
        }
        for line in directory {
            let item = Item(topic: .directoryEvents, key: Feed.key(line), value: Array(line.utf8), isGood: true)
            portions[random.chance(80) ? 0 : Int.random(in: 0..<count, using: &random)].append(item)
        }
        for item in bad {
            let portion = Int.random(in: 0..<count, using: &random)
            portions[portion].insert(item, at: Int.random(in: 0...portions[portion].count, using: &random))
        }
        return portions
    }

    private static let good = """
        {"specversion":"1.0","id":"ev-1","source":"urn:lcs:E06000030","type":"quorate.strategy_discussion.held.v1",\
        "subject":"Zaphod-1","time":"2026-01-06T15:02:11Z","authority":"E06000030","datacontenttype":"application/json",\
        "data":{"discussionId":"SD-1","childIds":["K-1"],"heldAt":"2026-01-06T14:00:00Z","note":"Zaphod"}}
        """

    /// One of each sort that the contract refuses.
    private static let badValues: [[UInt8]?] = [
        nil,
        Array("Zaphod was seen".utf8),
        Array(good.utf8.dropLast(7)),
        [0, 1, 0xFF, 0xFE, 0x80],
        replaced("\"id\":\"ev-1\",", ""),
        replaced("15:02:11Z", "15:02:11"),
        replaced("2026-01-06T14", "2026-02-30T14"),
        replaced("strategy_discussion.held", "zaphod.seen"),
        replaced("held.v1", "held.v9"),
        replaced("\"Zaphod-1\"", "\"Zaphod-2\""),
        replaced("\"note\":\"Zaphod\"", "\"note\":\"\\u0000\""),
        replaced("\"authority\":\"E06000030\"", "\"authority\":\"S12000036\""),
    ]

    private static func replaced(_ part: String, _ by: String) -> [UInt8] { Array(good.replacing(part, with: by).utf8) }
}

extension TestSystem {
    /// Sends records as they are; waits until the broker has all of them, through whatever is done to it.
    func send(_ items: [Feed.Item], partition: () -> Int32? = { nil }) throws {
        let producer = try Producer(kafka)
        for item in items {
            try producer.produce(
                topic: item.topic.rawValue, key: item.key, headers: TestSystem.structured, value: item.value,
                partition: item.topic == .caseEvents ? partition() : nil, token: 0)
        }
        try wait("the broker's acknowledgement of \(items.count) records", every: .zero) {
            if let error = producer.flush(timeoutMilliseconds: 200).lazy.compactMap(\.error).first { throw error }
            return producer.outstanding == 0
        }
    }

    /// Everything that all topics hold, in the order of each partition.
    func allRecords() throws -> [Record] {
        let consumer = try Consumer(
            kafka, group: "test-\(UUID().uuidString)", topics: SystemTopic.allCases.map(\.rawValue),
            settings: ConsumerSettings(sessionTimeoutMilliseconds: 6_000, fetchWaitMaxMilliseconds: 10),
            onAssigned: { Dictionary(uniqueKeysWithValues: $0.map { ($0, 0) }) }, onRevoked: { _, _ in })
        defer { consumer.close() }
        var due = 0
        for topic in SystemTopic.allCases {
            for partition in 0..<Int32(options.partitions) {
                let place = TopicPartition(topic: topic.rawValue, partition: partition)
                let (low, high) = try consumer.watermarks(place, timeoutMilliseconds: 10_000)
                due += Int(high - low)
            }
        }
        var records: [Record] = []
        try wait("\(due) records of all topics", every: .zero) {
            records += try consumer.poll(maximumRecords: 10_000, maximumBytes: 64 << 20, timeoutMilliseconds: 100)
            return records.count >= due
        }
        return records.sorted { ($0.topic, $0.partition, $0.offset) < ($1.topic, $1.partition, $1.offset) }
    }
}
