import Foundation
import TestSupport
import Testing
import Workers

/// A record that ends the process, and a broker that is not the one it was.
@Suite struct RecoveryTests {
    /// In a batch with others the first time, then alone twice; the fourth start passes it by.
    @Test func aRecordThatStopsTheProcessIsSetAside() async throws {
        try await TestSystem.with(.init(partitions: 3)) { system in
            var lines: [String] = []
            for number in 0..<60 { lines.append(discussion("event-\(number)", case: "C-\(number % 7)")) }
            let deadly = "event-31"
            try system.publish(lines, partition: { Int32($0 % 3) })
            let worker = try system.start([.scheduling], environment: ["QUORATE_STOP_AT": deadly])[0]
            try system.waitUntilCaughtUp {
                if !worker.isRunning {
                    #expect(worker.exitStatus ?? 0 > 128, "ended by a signal")
                    try worker.launch()
                }
            }
            #expect(worker.launches == 4)
            let rows = try system.connection.execute("SELECT subject, code, reason FROM scheduling.quarantine")
            #expect(rows.map { $0.string("code") } == ["stopped_the_process"])
            #expect(
                try system.strings("SELECT subject FROM scheduling.case_file WHERE awaiting_repair") == ["C-3"])
            #expect(rows.first?.string("reason").contains("report it with the release, then replay it") == true)
            let stored = Set(try system.strings("SELECT event_id FROM scheduling.fact"))
            #expect(stored == Set((0..<60).map { "event-\($0)" }).subtracting([deadly]))
            let letters = try system.records(of: .deadLetters)
            #expect(letters.map { $0.value } == [Array(lines[31].utf8)])
            try system.expectRowsEqualEvaluate(lines.filter { !$0.contains("\"\(deadly)\"") })

            // The defect is mended: it replays.
            try worker.stop()
            worker.environment["QUORATE_STOP_AT"] = nil
            try worker.launch()
            try system.quorate("quarantine", "replay", "1")
            try system.waitUntilCaughtUp()
            try system.expectRowsEqualEvaluate(lines)
        }
    }

    /// Nothing rests on "one case, one partition": two workers share the cases of every partition.
    @Test func anotherPartitionerMakesNoDifference() async throws {
        let lines = try TestSystem.sample(cases: 40, seed: 8)
        try await TestSystem.with(.init(partitions: 6)) { system in
            try system.start([.scheduling, .scheduling, .reporting])
            try system.publish(lines, partition: { Int32(($0 * 7 + 3) % 6) })
            try system.waitUntilCaughtUp()
            #expect(try system.number("SELECT count(*) FROM scheduling.fact") == distinct(lines))
            try system.expectRowsEqualEvaluate(lines)
            for worker in system.workers where worker.name == .scheduling {
                #expect(worker.logText.contains("partitions assigned"))
            }
            let apart = try system.strings(
                """
                SELECT d.deadline_id::text FROM scheduling.deadline d LEFT JOIN reporting.duty r USING (deadline_id)
                 WHERE (r.state, r.withdrawn) IS DISTINCT FROM (d.state, false)
                """)
            #expect(apart.isEmpty)
        }
    }

    /// The in-memory broker cannot add partitions: it makes no topic that it has, and answers no admin calls. So one with more
    /// of them takes its place, which running workers meet as an outage. Without one: `RealBrokerTests`.
    @Test func partitionsAddedUnderLoad() async throws {
        let lines = try TestSystem.sample(cases: 80, seed: 10)
        let half = lines.count / 2
        try await TestSystem.with(.init(partitions: 3)) { system in
            try system.publish(Array(lines[..<half]))
            try system.growBroker(to: 8) { both in
                try system.start(
                    [.scheduling, .scheduling],
                    environment: ["KAFKA_BOOTSTRAP_SERVERS": both, "QUORATE_SESSION_TIMEOUT_MS": "6000"])
                try wait("a part of the work") { try system.number("SELECT count(*) FROM scheduling.fact") > 0 }
            }
            try system.publish(Array(lines[half...]))
            try wait("both as holders of the eight") {
                try system.strings(
                    """
                    SELECT count(holder) || ' by ' || count(DISTINCT holder) FROM scheduling.kafka_offset
                     WHERE topic = 'case-events'
                    """) == ["8 by 2"]
            }
            try wait("all of the work") {
                try system.number("SELECT count(*) FROM scheduling.fact") == distinct(lines)
                    && system.number("SELECT count(*) FROM scheduling.outbox_pending") == 0
            }
            #expect(try system.number("SELECT sum(next_offset) FROM scheduling.kafka_offset WHERE partition >= 3") > 0)
            #expect(try system.number("SELECT count(*) FROM scheduling.quarantine") == 0)
            #expect(system.workers.allSatisfy { $0.isRunning && $0.launches == 1 })
            try system.expectRowsEqualEvaluate(lines)
        }
    }

    /// Whole, down to the audit log: that names the broker, and so is started after it grew.
    @Test func partitionsAddedBetweenAStopAndAStart() async throws {
        let lines = try TestSystem.sample(cases: 40, seed: 9)
        let half = lines.count / 2
        try await TestSystem.with(.init(partitions: 3)) { system in
            try system.start([.scheduling, .scheduling, .reporting])
            try system.publish(Array(lines[..<half]))
            try wait("a part of the work") { try system.number("SELECT count(*) FROM scheduling.fact") > 100 }
            try system.stopWorkers()
            try system.growBroker(to: 8)
            try system.publish(Array(lines[half...]))
            try system.relaunchDead()
            try system.start([.auditing])
            try system.waitUntilCaughtUp()
            try system.expectWhole(lines)
            let known = try system.number("SELECT count(*) FROM scheduling.kafka_offset WHERE topic = 'case-events'")
            #expect(known == 8)
        }
    }

    enum Loss: CaseIterable { case empty, rewound, otherRecords }

    /// Never skipped over: the worker says what to do, stays up, and goes on once an operator accepts the loss.
    @Test(arguments: Loss.allCases) func aReplacedBrokerIsRefused(_ loss: Loss) async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            let before = (0..<20).map { discussion("before-\($0)", case: "C-\($0 % 3)") }
            let after = (0..<40).map { discussion("after-\($0)", case: "D-\($0 % 3)") }
            let worker = try system.start([.scheduling])[0]
            try system.publish(before)
            try system.waitUntilCaughtUp()
            #expect(try worker.stop() == 0)
            let old = try system.clusterName()
            try system.replaceBroker()
            // As a real cluster would: restored under the same id.
            try system.connection.execute(
                "UPDATE scheduling.kafka_offset SET cluster = \(system.clusterName()) WHERE cluster = \(old)")
            switch loss {
            case .empty: break
            case .rewound: try system.publish(Array(before.prefix(5)))
            case .otherRecords: try system.publish(after)
            }
            try worker.launch()
            let remedy = "quorate offsets reset --worker scheduling --topic case-events"
            try wait("the remedy in the log") {
                // An empty partition shows the loss only when something is fetched from it.
                worker.latestLog.contains(remedy)
            }
            try wait("not ready") { try worker.get("readyz").status == 503 }
            #expect(try worker.get("healthz").status == 200)
            #expect(worker.isRunning)
            #expect(try system.number("SELECT count(*) FROM scheduling.fact") == 20)

            #expect(try worker.stop() == 0)
            try system.quorate("offsets", "reset", "--worker", "scheduling", "--topic", "case-events")
            try system.quorate("offsets", "reset", "--worker", "nobody", "--topic", "case-events", exits: 2)
            try worker.launch()
            if loss != .otherRecords { try system.publish(after) }
            try system.waitUntilCaughtUp()
            #expect(try worker.get("readyz").status == 200)
            try system.expectRowsEqualEvaluate(before + after)
        }
    }
}
