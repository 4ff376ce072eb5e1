import CaseEvents
import Embedded
import Foundation
import Kafka
import StatutoryRules
import Workers

/// The events of a benchmark: generated histories of at least 20 events, each padded to the stated size.
struct BenchData {
    struct Event {
        let key: [UInt8]
        let value: [UInt8]
        let type: String
    }

    /// How the same events stand in the topic.
    enum Order {
        /// In order of time; produced in large batches, as for the raw lanes.
        case byTime
        /// One case after the other: a backfill.
        case byCase
        /// In order of time, and so interleaved that a reader gets them in that order across partitions: each
        /// produced batch is small, and the embedded broker answers a fetch with one of each partition.
        case interleaved
    }

    static let eventBytes = 700
    static let caseEventsMinimum = 20
    /// Of the events that set, move, meet or withdraw a duty.
    static let dutyShare = 0.25

    /// By case, each in the order sent; and the same in the order of time.
    let byCase: [[Event]]
    private let timeOrder: [Event]
    var count: Int { timeOrder.count }
    var caseCount: Int { byCase.count }
    var meanBytes: Int { timeOrder.reduce(0) { $0 + $1.value.count } / max(1, count) }

    init(byCase: [[Event]], timeOrder: [Event]? = nil) {
        self.byCase = byCase
        self.timeOrder = timeOrder ?? byCase.flatMap { $0 }
    }

    /// At least so many events over exactly so many cases: histories are cut at the length that gives that, and thinned
    /// by events that move no duty until a quarter of the rest does.
    static func make(
        events: Int, cases: Int, under configuration: Configuration, _ say: (String) -> Void
    ) throws -> BenchData {
        say("generating histories")
        let today = London.day(of: Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)))
        let generator = HistoryGenerator(
            seed: 1, cases: cases * 3 + 50, from: today.adding(days: -365), to: today, authorities: [],
            isWorkingDay: { Configuration.packaged.calendar.isWorkingDay($0) })
        var all: [Event] = []
        generator.generate { all.append(Event(Array($0.utf8))) }
        let (thinned, lengths) = try thin(all, under: configuration)
        let long = lengths.filter { $0.value >= caseEventsMinimum }.keys.sorted { $0.lexicographicallyPrecedes($1) }
        guard long.count >= cases else {
            throw EmbeddedError("the generator gave \(long.count) long histories of \(cases)")
        }
        let chosen = long.prefix(cases)
        var limit = caseEventsMinimum
        while chosen.reduce(0, { $0 + min(lengths[$1]!, limit) }) < events {
            guard limit < 500 else {
                throw EmbeddedError("\(cases) cases have fewer than \(events) events: give more --open-cases")
            }
            limit += 1
        }
        var kept = Dictionary(uniqueKeysWithValues: chosen.map { ($0, [Event]()) })
        var timeOrder: [Event] = []
        for event in thinned where kept[event.key].map({ $0.count < limit }) ?? false {
            kept[event.key]!.append(event)
            timeOrder.append(event)
        }
        return BenchData(byCase: chosen.map { kept[$0]! }, timeOrder: timeOrder)
    }

    /// Leaves out events, evenly, of types that hardly ever move a duty, as a sample of the cases tells.
    private static func thin(
        _ all: [Event], under configuration: Configuration
    ) throws -> (events: [Event], lengths: [[UInt8]: Int]) {
        let byCase = Dictionary(grouping: all) { $0.key }.values.filter { $0.count >= caseEventsMinimum }
        let sample = BenchData(byCase: byCase.sorted { $0[0].key.lexicographicallyPrecedes($1[0].key) })
        let moves = try sample.dutyMoves(under: configuration)
        let total = moves.values.reduce(0) { $0 + $1.events }
        let moving = moves.values.reduce(0) { $0 + $1.moving }
        let quiet = moves.filter { $0.value.moving * 50 < $0.value.events }
        let quietTotal = max(1, quiet.values.reduce(0) { $0 + $1.events })
        let surplus = Double(total) - Double(moving) / dutyShare
        let keptShare = max(0, 1 - max(0, surplus) / Double(quietTotal))
        var events: [Event] = []
        var (seen, lengths): ([[UInt8]: Double], [[UInt8]: Int]) = ([:], [:])
        for event in all {
            // A case begins with its children whatever the share.
            if quiet[event.type] != nil, !event.type.contains(".registered") {
                let before = seen[event.key, default: 0.5]
                seen[event.key] = before + keptShare
                if (before + keptShare).rounded(.down) == before.rounded(.down) { continue }
            }
            lengths[event.key, default: 0] += 1
            events.append(event)
        }
        return (events, lengths)
    }

    func events(_ order: Order) -> [Event] { order == .byCase ? byCase.flatMap { $0 } : timeOrder }

    /// How many events of each type set, move, meet or withdraw a duty, counted on some of the cases.
    func dutyMoves(under configuration: Configuration) throws -> [String: (events: Int, moving: Int)] {
        let now = Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1e6))
        var moves: [String: (events: Int, moving: Int)] = [:]
        for events in stride(from: 0, to: caseCount, by: max(1, caseCount / 60)).map({ byCase[$0] }) {
            var facts: [Fact] = []
            var before: [String] = []
            for event in events {
                let decoded = try Contract.decode(line: event.value)
                facts.append(decoded.fact)
                let file = CaseFile(
                    authority: decoded.envelope.authority, subject: decoded.envelope.subject, facts: facts)
                let after = assess(file, under: configuration, asOf: now).deadlines.map(\.json)
                moves[event.type, default: (0, 0)].events += 1
                moves[event.type]!.moving += after == before ? 0 : 1
                before = after
            }
        }
        return moves
    }
}

extension BenchData.Event {
    /// Pads with an extension attribute, which the contract takes and no rule reads.
    init(_ line: [UInt8]) {
        let peek = Contract.peek(IncomingEvent(key: nil, headers: [], value: line))
        type = peek.type ?? ""
        key = Array("\(peek.authority ?? "")/\(peek.subject ?? "")".utf8)
        let head = Array(",\"filler\":\"".utf8)
        let missing = BenchData.eventBytes - line.count - head.count - 1
        guard missing > 0 else {
            value = line
            return
        }
        let filler = (0..<missing).map { UInt8(ascii: "a") + UInt8($0 * 7 % 26) }
        value = line.dropLast() + head + filler + Array("\"}".utf8)
    }
}

/// An embedded broker that holds one data set.
final class BenchTopic {
    static let partitions = 64
    let broker: EmbeddedBroker
    let count: Int

    /// Loads it once; refuses what the broker would silently drop (5 MiB and 100,000 batches a partition).
    init(_ events: [BenchData.Event], _ order: BenchData.Order, _ say: (String) -> Void) throws {
        let topic = SystemTopic.caseEvents.rawValue
        broker = try EmbeddedBroker(
            topics: SystemTopic.allCases.map {
                ($0.rawValue, $0 == .caseEvents ? BenchTopic.partitions : SystemTopic.partitions)
            })
        count = events.count
        var configuration = KafkaConfiguration(bootstrapServers: broker.bootstrapServers)
        configuration.extra = ["batch.num.messages": order == .interleaved ? "16" : "2000"]
        let producer = try Producer(configuration, settings: ProducerSettings(lingerMilliseconds: 20))
        let header = Header(name: "content-type", value: Array("application/cloudevents+json; charset=UTF-8".utf8))
        func check(_ deliveries: [Delivery]) throws {
            if let error = deliveries.lazy.compactMap(\.error).first { throw error }
        }
        for (place, event) in events.enumerated() {
            try producer.produce(topic: topic, key: event.key, headers: [header], value: event.value, token: 0)
            // Small batches stay in the order of time across partitions when few are under way.
            let isFull = producer.outstanding >= (order == .interleaved ? BenchTopic.partitions * 16 : 20_000)
            if isFull { try check(producer.flush(timeoutMilliseconds: 10_000)) }
            if place % 1_000 == 0 { say("loading \(place) of \(events.count) events") }
        }
        while producer.outstanding > 0 { try check(producer.flush(timeoutMilliseconds: 1_000)) }
        try verify(topic, configuration)
    }

    private func verify(_ topic: String, _ configuration: KafkaConfiguration) throws {
        let consumer = try Consumer(
            KafkaConfiguration(bootstrapServers: broker.bootstrapServers), group: "bench", topics: [],
            onAssigned: { _ in nil }, onRevoked: { _, _ in })
        defer { consumer.close() }
        var held: Int64 = 0
        for partition in 0..<Int32(BenchTopic.partitions) {
            let marks = try consumer.watermarks(
                TopicPartition(topic: topic, partition: partition), timeoutMilliseconds: 5_000)
            held += marks.high - marks.low
        }
        guard held == count else {
            throw EmbeddedError(
                "the embedded broker holds \(held) of \(count) events: fewer --events fit into 5 MiB a partition")
        }
    }
}
