import Foundation
import TestSupport
import Testing
import Workers

/// What is wrong is named by `quorate status`, with what to do; and its exit status is 1.
@Suite struct StatusTests {
    /// Connected, and yet it takes nothing: frozen here, as a hung disk or a paused machine would leave it.
    @Test func aWorkerThatStandsStill() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            let worker = try system.start([.scheduling])[0]
            try system.publish([discussion("e-1", case: "C-1")])
            try system.waitUntilCaughtUp()
            worker.signal(SIGSTOP)
            try system.connection.execute(
                "UPDATE scheduling.kafka_offset SET updated_at = now() - interval '150 seconds'")
            try system.publish([discussion("e-2", case: "C-1")])
            let still = try system.quorate("status", exits: 1).output
            #expect(still.contains(/scheduling +lag 1, nothing taken for 2 min, outbox .*, connected/), "\(still)")
            worker.signal(SIGCONT)
            try system.waitUntilCaughtUp()
            let after = try system.quorate("status", exits: 1).output
            #expect(after.contains(/scheduling +lag 0, outbox/), "\(after)")
            #expect(after.contains(/auditing +lag \d+, outbox empty, no worker connected/), "\(after)")
        }
    }

    @Test func aBrokerThatDoesNotAnswer() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            let nowhere = ["--kafka-bootstrap-servers", "127.0.0.1:1"]
            let publish = try system.run(["publish"] + nowhere)
            #expect(publish.status == 2)
            #expect(publish.errors.contains("Look at KAFKA_BOOTSTRAP_SERVERS"), "\(publish.errors)")
            let status = try system.run(["status"] + nowhere)
            #expect(status.status == 1)
            #expect(status.output.contains("broker         does not answer"), "\(status.output)")
        }
    }

    /// A record that reporting cannot read is shown, and dealt with, by the same commands as the integrations' events.
    @Test func whatReportingCouldNotTake() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            try system.start([.reporting])
            try system.produceRaw(topic: .caseOutcomes, key: Array("E06000030/C-1".utf8), value: Array("{\"id\"".utf8))
            try system.waitUntilCaughtUp()
            let status = try system.quorate("status", exits: 1).output
            #expect(
                status.contains(/set aside +1 event awaits repair, .*: quorate quarantine list --worker reporting/),
                "\(status)")
            #expect(try system.quorate("quarantine", "list", "--worker", "reporting").output.contains("1 row."))
            let replay = try system.quorate("quarantine", "replay", "1", "--worker", "reporting", exits: 2)
            #expect(replay.errors.contains("quorate offsets reset --worker reporting"), "\(replay.errors)")
            let entry = try system.quorate("quarantine", "replay", "1", "--worker", "auditing", exits: 2)
            #expect(entry.errors.contains("auditing holds the record as an entry"), "\(entry.errors)")
            try system.quorate("quarantine", "discard", "1", "--worker", "reporting", "--reason", "a test")
            #expect(!(try system.quorate("status", exits: 1).output.contains("set aside")))
        }
    }
}
