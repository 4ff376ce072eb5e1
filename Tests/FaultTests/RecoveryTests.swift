import CaseEvents
import Embedded
import Foundation
import Kafka
import Postgres
import TestSupport
import Testing
import Workers

/// Faults at one chosen moment each.
@Suite struct RecoveryTests {
    private static let options = TestSystem.Options(
        partitions: 4, environment: ["QUORATE_KAFKA_FETCH_WAIT_MAX_MS": "40"])

    private static func high(_ topic: SystemTopic, on system: TestSystem) throws -> Int64 {
        let consumer = try Consumer(
            system.kafka, group: "test.watermarks", topics: [], settings: ConsumerSettings(), onAssigned: { _ in nil },
            onRevoked: { _, _ in })
        return try (0..<Int32(system.options.partitions)).reduce(0) { sum, partition in
            let place = TopicPartition(topic: topic.rawValue, partition: partition)
            return try sum + consumer.watermarks(place, timeoutMilliseconds: 10_000).high
        }
    }

    private static func check(_ system: TestSystem, _ feed: Feed) throws {
        let problems = try Checks(system: system, feed: feed, plan: nil).run()
        guard problems.isEmpty else { throw TestFault(problems.map { "  - \($0)" }.joined(separator: "\n")) }
    }

    private static func items(_ feed: Feed) -> [Feed.Item] {
        let good = feed.lines.map {
            Feed.Item(topic: .caseEvents, key: Feed.key($0), value: Array($0.utf8), isGood: true)
        }
        let words = feed.directory.map {
            Feed.Item(topic: .directoryEvents, key: Feed.key($0), value: Array($0.utf8), isGood: true)
        }
        return words + good + feed.bad + [feed.impostor]
    }

    /// Between COMMIT and the relay: all outbox rows arrive after the restart.
    @Test func killedBeforeTheRelay() async throws {
        try await TestSystem.with(RecoveryTests.options) { system in
            try system.watchOffsets()
            let feed = try Feed(seed: 101, on: system, cases: 5)
            try system.send(RecoveryTests.items(feed))
            // No produce request gets through from here on.
            system.broker.pushErrors(request: 0, Array(repeating: 7, count: 100_000))
            let scheduling = try system.start([.scheduling])[0]
            try wait("all facts") {
                try system.number("SELECT count(*) FROM scheduling.fact") == Int64(feed.lines.count)
            }
            try wait("all that was refused") {
                try system.number("SELECT count(*) FROM scheduling.quarantine") == Int64(feed.bad.count + 1)
            }
            scheduling.crash()
            let rows = try system.number("SELECT count(*) FROM scheduling.outbox")
            #expect(rows > 0)
            #expect(try system.number("SELECT count(*) FROM scheduling.outbox_pending") == rows)
            #expect(try RecoveryTests.high(.caseOutcomes, on: system) == 0)
            #expect(try RecoveryTests.high(.deadLetters, on: system) == 0)
            system.broker.clearErrors(request: 0)
            try system.start([.notifications, .reporting, .auditing])
            try scheduling.launch()
            try system.waitUntilAtRest()
            let outcomes = try system.number("SELECT count(*) FROM scheduling.outbox WHERE topic = 'case-outcomes'")
            #expect(try RecoveryTests.high(.caseOutcomes, on: system) == outcomes)
            #expect(try RecoveryTests.high(.deadLetters, on: system) == Int64(feed.bad.count + 1))
            try system.stopWorkers()
            try system.waitUntilCaughtUp(within: .seconds(2))
            try RecoveryTests.check(system, feed)
        }
    }

    /// A producer that its broker no longer accepts is replaced; the worker goes on.
    @Test func producerRefusedForGood() async throws {
        try await TestSystem.with(RecoveryTests.options) { system in
            try system.watchOffsets()
            let feed = try Feed(seed: 102, on: system, cases: 3)
            try system.send(RecoveryTests.items(feed))
            // OUT_OF_ORDER_SEQUENCE_NUMBER at the first message in flight, which librdkafka cannot mend.
            system.broker.pushErrors(request: 0, Array(repeating: 45, count: 6))
            try system.start()
            try system.waitUntilAtRest()
            for worker in system.workers { #expect(worker.launches == 1 && worker.isRunning, "\(worker.logText)") }
            try system.stopWorkers()
            try system.waitUntilCaughtUp(within: .seconds(2))
            try RecoveryTests.check(system, feed)
        }
    }

    /// A consumer that is closed with records on their way to it ends in order, and its process with it.
    @Test func closesWhileRecordsWait() throws {
        let broker = try EmbeddedBroker(topics: [("busy", 4)])
        let kafka = KafkaConfiguration(bootstrapServers: broker.bootstrapServers, log: { _, _ in })
        let producer = try Producer(kafka)
        for number in 0..<20_000 {
            try producer.produce(
                topic: "busy", key: Array("\(number)".utf8), value: [UInt8](repeating: 1, count: 100), token: 0)
        }
        try wait("the broker's acknowledgement", every: .zero) {
            _ = producer.flush(timeoutMilliseconds: 200)
            return producer.outstanding == 0
        }
        for _ in 0..<3 {
            var revoked = 0
            let consumer = try Consumer(
                kafka, group: "busy", topics: ["busy"], settings: EmbeddedBroker.consumerSettings,
                onAssigned: { Dictionary(uniqueKeysWithValues: $0.map { ($0, 0) }) },
                onRevoked: { partitions, _ in revoked += partitions.count })
            try wait("the first records", every: .zero) {
                try !consumer.poll(maximumRecords: 10, maximumBytes: 1 << 20, timeoutMilliseconds: 100).isEmpty
            }
            consumer.close()
            #expect(revoked == 4)
        }
    }

    /// The word that a duty was found not to exist may come before the one that set it: by copies, or by two relays.
    @Test func wordsOutOfOrder() async throws {
        try await TestSystem.with(RecoveryTests.options) { system in
            let feed = try Feed(seed: 104, on: system, cases: 3)
            try system.send(RecoveryTests.items(feed).filter { $0.isGood })
            let scheduling = try system.start([.scheduling])[0]
            try system.waitUntilCaughtUp()
            try scheduling.stop()
            // The broker is replaced by an empty one, to which only chosen words are sent.
            let rows = try system.connection.execute(
                """
                SELECT record_key, event_type, convert_from(value, 'UTF8') AS value FROM scheduling.outbox
                 WHERE event_type IN ('quorate.deadline.set.v1', 'quorate.deadline.met.v1', 'quorate.deadline.missed.v1')
                 ORDER BY outbox_id
                """)
            guard !rows.isEmpty else { throw TestFault("no duty was told of") }
            let set = rows[0].string("value")
            let id = try JSONValue(set)["data"]?["deadlineId"]?.string ?? ""
            let revision = try JSONValue(set)["caserevision"]?.int ?? 0
            let gone = set.replacing(rows[0].string("event_type"), with: "quorate.deadline.withdrawn.v1")
                .replacing("\"caserevision\":\(revision)", with: "\"caserevision\":\(revision + 1)")
            let cut = gone.firstRange(of: "\"data\":{")!
            let withdrawn = gone[..<cut.lowerBound] + "\"data\":{\"deadlineId\":\"\(id)\",\"cause\":\"correction\"}}"
            try system.replaceBroker()
            for value in [String(withdrawn), set] {
                try system.produceRaw(topic: .caseOutcomes, key: rows[0].bytes("record_key"), value: Array(value.utf8))
            }
            try system.start([.reporting])
            try wait("both words") {
                try system.number(
                    "SELECT coalesce(sum(next_offset), 0)::bigint FROM reporting.kafka_offset WHERE topic = 'case-outcomes'"
                ) == 2
            }
            #expect(try system.number("SELECT count(*) FROM reporting.quarantine") == 0)
            #expect(try system.number("SELECT count(*) FROM reporting.duty WHERE NOT withdrawn") == 0)
        }
    }

    /// Stopped inside a transaction past the session time-out, then resumed while another holds its partitions: the late
    /// transaction is fenced, and both go on as members of one group.
    @Test func resumedZombieIsFenced() async throws {
        try await TestSystem.with(RecoveryTests.options) { system in
            try system.watchOffsets()
            let feed = try Feed(seed: 103, on: system, cases: 5)
            let items = RecoveryTests.items(feed)
            let half = feed.directory.count + feed.lines.count / 2
            let zombie = try system.start([.scheduling])[0]
            try system.start([.notifications, .reporting, .auditing])
            try system.send(Array(items[..<half]))
            try system.waitUntilCaughtUp()
            // The test holds every case row, so that the worker waits inside its transaction, offsets advanced.
            let blocker = try system.newConnection()
            let (backend, started) = try system.holder()
            try blocker.script("BEGIN; SELECT 1 FROM scheduling.case_file FOR UPDATE")
            try system.send(Array(items[half...]))
            try wait("the worker inside its transaction", within: .seconds(20)) {
                try system.number(
                    "SELECT count(*) FROM pg_stat_activity WHERE pid = \(backend) AND wait_event_type = 'Lock'") == 1
            }
            zombie.signal(SIGSTOP)
            // A batch of cases that were new went through before.
            let known = try system.number("SELECT count(*) FROM scheduling.fact")
            try blocker.script("ROLLBACK")
            #expect(try system.number("SELECT count(*) FROM scheduling.fact") == known)
            let heir = try system.start([.scheduling])[0]
            try system.waitUntilCaughtUp(within: .seconds(90))
            #expect(try system.number("SELECT count(*) FROM scheduling.fact") > known)
            // The heir ended the session that held the late transaction.
            #expect(
                try system.number(
                    "SELECT count(*) FROM pg_stat_activity WHERE pid = \(backend) AND backend_start::text = \(started)")
                    == 0)
            let before = try system.strings("SELECT event_id FROM scheduling.outbox ORDER BY outbox_id")
            let offsets = try system.strings(
                "SELECT topic || '/' || partition || '/' || next_offset FROM scheduling.kafka_offset ORDER BY 1")
            zombie.signal(SIGCONT)
            try wait("the zombie to notice", within: .seconds(30)) {
                zombie.logText.contains("\"message\":\"waiting\"")
            }
            try wait("the zombie as a member again", within: .seconds(60)) {
                try system.number("SELECT count(DISTINCT holder) FROM scheduling.kafka_offset") == 2
            }
            // What the passing of time alone adds comes after.
            let after = try system.strings("SELECT event_id FROM scheduling.outbox ORDER BY outbox_id")
            #expect(after.starts(with: before))
            #expect(
                try system.strings(
                    "SELECT topic || '/' || partition || '/' || next_offset FROM scheduling.kafka_offset ORDER BY 1")
                    == offsets)
            // Both take part.
            try system.send(items.filter(\.isGood))
            try system.waitUntilAtRest()
            #expect(zombie.isRunning && zombie.launches == 1)
            #expect(heir.isRunning && heir.launches == 1)
            try system.stopWorkers()
            try system.waitUntilCaughtUp(within: .seconds(2))
            try RecoveryTests.check(system, feed)
        }
    }
}

extension TestSystem {
    /// The one session that holds scheduling's partitions, and when it began.
    func holder() throws -> (backend: Int32, started: String) {
        let rows = try connection.execute(
            "SELECT DISTINCT backend_pid, backend_started_at::text AS at FROM scheduling.kafka_offset WHERE topic = 'case-events'"
        )
        guard rows.count == 1 else { throw TestFault("\(rows.count) holders of case-events") }
        return (rows[0].int32("backend_pid"), rows[0].string("at"))
    }
}
