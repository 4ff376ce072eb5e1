import AuditLog
import Postgres
import TestSupport
import Testing
import Workers

/// What auditing reads a second time goes into logs of their own, and is told once.
@Suite struct AuditResetTests {
    private static let topic = "case-events"

    private static func publish(_ range: Range<Int>, _ system: TestSystem) throws {
        try system.publish(range.map { discussion("event-\($0)", case: "C-\($0)") }, partition: { Int32($0 % 2) })
        try system.waitUntilCaughtUp()
        try system.waitForCheckpoint()
    }

    private static func entries(_ system: TestSystem) throws -> Int64 {
        try system.number("SELECT count(*) FROM auditing.entry")
    }

    /// By both verifiers; every checkpoint adds to those before.
    private static func expectGood(_ system: TestSystem, _ notes: inout [String]) throws {
        let verdict = try system.quorate("audit", "verify").output
        let second = try system.secondVerdict()
        #expect(second.status == 0 && verdict.hasPrefix(second.output.dropLast(2)), "\(second.output) \(second.errors)")
        let now = try AuditRestoreTests.notes(system)
        #expect(now.count > notes.count && Array(now.prefix(notes.count)) == notes)
        notes = now
        let sizes = try system.strings("SELECT size::text FROM auditing.checkpoint c ORDER BY c.size")
        for size in sizes.dropLast() { try system.quorate("audit", "consistency", size, sizes.last!) }
    }

    private static func expectToldOnce(_ count: Int64, _ system: TestSystem) throws {
        try system.connection.script(
            "INSERT INTO configuration.analyst_grant SELECT session_user, '*' ON CONFLICT DO NOTHING")
        #expect(try system.number("SELECT count(*) FROM analysis.audit_trail WHERE topic = \(topic)") == count)
        #expect(
            try system.number(
                "SELECT count(DISTINCT kafka_offset || '/' || partition) FROM analysis.audit_trail WHERE topic = \(topic)"
            ) == count)
        let shown = try system.quorate("audit", "show", "--case", "E06000030/C-3").output
        #expect(shown.contains("1 entries of E06000030/C-3."), "\(shown)")
    }

    @Test func whatIsReadAgainGoesIntoALogOfItsOwn() async throws {
        try await TestSystem.with(.init(partitions: 2)) { system in
            let worker = try system.start([.auditing])[0]
            var notes: [String] = []
            try Self.publish(0..<20, system)
            try Self.expectGood(system, &notes)

            // Whatever makes it read again, nothing goes into a log a second time.
            try worker.stop()
            try system.connection.script("DELETE FROM auditing.kafka_offset")
            try worker.launch()
            let remedy = "offset 0 is not after 9, its last): what is read again goes into a log of its own: run "
            try wait("the remedy") { worker.latestLog.contains(remedy) }
            #expect(try worker.get("readyz").status == 503)
            try worker.stop()
            #expect(try Self.entries(system) == 20)

            let reset = try system.quorate("offsets", "reset", "--worker", "auditing", "--topic", Self.topic).output
            #expect(reset == "2 partitions start anew.\n2 logs are closed; others take their places.\n")
            try worker.launch()
            try Self.publish(20..<30, system)
            #expect(try Self.entries(system) == 20 + 30)
            try Self.expectGood(system, &notes)
            try Self.expectToldOnce(30, system)

            // One partition alone.
            try worker.stop()
            let one = try system.quorate(
                "offsets", "reset", "--worker", "auditing", "--topic", Self.topic, "--partition", "1"
            ).output
            #expect(one == "1 partitions start anew.\n1 logs are closed; others take their places.\n")
            try worker.launch()
            try Self.publish(30..<40, system)
            #expect(try Self.entries(system) == 20 + 30 + 15 + 10)
            let logs = try system.strings(
                """
                SELECT partition || ' ' || coalesce(substring(cluster FROM '~.*'), '') || ' ' || size || ' ' || closed
                  FROM auditing.log l ORDER BY partition, log_id
                """)
            #expect(
                logs == [
                    "0  10 true", "0 ~2 20 false", "1  10 true", "1 ~2 15 true", "1 ~3 20 false",
                ])
            try Self.expectGood(system, &notes)
            try Self.expectToldOnce(40, system)
        }
    }

    /// Restored to before a reset: what followed is given up, and the log that is open again goes on where it stood.
    @Test func aLossBesideAnOpenLogReadsNothingAgain() async throws {
        try await TestSystem.with(.init(partitions: 2)) { system in
            let worker = try system.start([.auditing])[0]
            var notes: [String] = []
            try Self.publish(0..<20, system)
            try worker.stop()
            try system.quorate(
                "offsets", "reset", "--worker", "auditing", "--topic", Self.topic, "--partition", "0")
            try worker.launch()
            try Self.publish(20..<20, system)
            try worker.stop()
            #expect(try Self.entries(system) == 30)
            try system.connection.script(
                """
                SET session_replication_role = 'replica';
                DELETE FROM auditing.entry e USING auditing.log l WHERE l.log_id = e.log_id AND l.cluster LIKE '%~2';
                DELETE FROM auditing.log WHERE cluster LIKE '%~2';
                UPDATE auditing.log SET closed = false;
                SET session_replication_role = 'origin';
                """)
            let given = try system.quorate("audit", "accept-loss", "--reason", "restored").output
            #expect(given.contains("10 entries in 1 logs are given up as lost."), "\(given)")
            try worker.launch()
            try Self.publish(20..<30, system)
            #expect(try system.number("SELECT count(*) FROM auditing.entry WHERE event_id IS NOT NULL") == 31)
            try Self.expectGood(system, &notes)
            try Self.expectToldOnce(30, system)
        }
    }
}
