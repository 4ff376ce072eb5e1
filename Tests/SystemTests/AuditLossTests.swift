import AuditLog
import Foundation
import Postgres
import TestSupport
import Testing
import Workers

/// What is nowhere any more after a restore is named, given up by an operator, and named from then on.
@Suite struct AuditLossTests {
    /// What neither the backup nor the broker holds is named, and nothing is signed that would hide it, until an operator gives
    /// it up: from then on every verdict names it, and checkpoints are signed that add to all that were published.
    @Test func whatIsNowhereAnyMoreIsNamedAndGivenUp() async throws {
        try await AuditRestoreTests.withRestored(toFile: true) { system, worker, notes in
            let left = try system.number("SELECT count(*) FROM auditing.entry")
            try system.replaceBroker()
            try worker.launch()
            try wait("the checkpoints that were published") { try AuditRestoreTests.notes(system) == notes }
            try system.publish((40..<60).map { discussion("event-\($0)", case: "C-\($0)") })
            try system.waitUntilCaughtUp()
            try wait("a refusal to sign") { worker.latestLog.contains("a log holds less than was signed") }
            #expect(try system.number("SELECT count(*) FROM auditing.entry") == left + 20)
            #expect(try AuditRestoreTests.notes(system) == notes)
            let busy = try system.quorate("audit", "accept-loss", "--reason", "x", exits: 2).errors
            #expect(busy.contains("still connected"), "\(busy)")
            try worker.stop()
            let verdict = try system.quorate("audit", "verify", exits: 1)
            #expect(verdict.output.contains(/where a checkpoint signed \d+; entry \d+ is missing\./))

            let lost = try Self.lost(system)
            #expect(lost.count == 2)
            let shown = try system.quorate("audit", "accept-loss").lines
            #expect(shown == lost + ["20 entries in 2 logs were signed and are not here: --reason gives them up."])
            #expect(try system.quorate("audit", "verify", exits: 1).output == verdict.output)
            let given = try system.quorate("audit", "accept-loss", "--reason", "the room burnt down").lines
            #expect(given == lost + ["20 entries in 2 logs are given up as lost."])
            #expect(
                try system.quorate("audit", "accept-loss", "--reason", "again").output
                    == "every log holds what was signed of it.\n")

            // The act goes through the outbox of scheduling.
            try worker.launch()
            try system.start([.scheduling])
            try AuditRestoreTests.publish(60..<70, system)
            try Self.expectLossNamed(lost, notes, system)
            let acts = try system.records(of: .operatorEvents).map { String(decoding: $0.value!, as: UTF8.self) }
            #expect(acts.count == 1 && acts[0].contains("audit.accept-loss") && acts[0].contains("the room burnt down"))
            #expect(
                try system.number("SELECT count(*) FROM auditing.entry WHERE event_type = 'quorate.operator.acted.v1'")
                    == 1)

            // What is left of the closed logs is proved by what signed it; what is lost is not.
            let key = try system.strings("SELECT verifier FROM auditing.signing_key").flatMap { ["--key", $0] }
            let closed = try system.connection.execute(
                "SELECT topic, partition, size FROM auditing.log WHERE closed AND size > 0")[0]
            let place = "\(closed.string("topic"))/\(closed.int32("partition"))"
            let proof = try system.write("proof.jsonl", system.quorate("audit", "prove", "\(place)/0").output)
            #expect(try system.run(["audit", "verify-bundle", proof] + key).status == 0)
            let day = try system.strings("SELECT to_char(now() AT TIME ZONE 'Europe/London', 'YYYY-MM-DD')")[0]
            // Rows of a range that was given up are told, and marked.
            #expect(
                try system.number("SELECT count(*) FROM auditing.log WHERE closed AND lost_from = size") == 2)
            try system.connection.script("UPDATE auditing.log SET lost_from = size - 1 WHERE closed AND size > 0")
            try system.connection.script("INSERT INTO configuration.analyst_grant SELECT session_user, '*'")
            #expect(try system.number("SELECT count(*) FROM analysis.audit_trail WHERE given_up") == 2)
            let marked = try #require(
                try system.strings("SELECT case_reference FROM analysis.audit_trail WHERE given_up").first)
            let told = try system.quorate("audit", "show", "--case", "E06000030/\(marked)").output
            #expect(told.contains(", given up as lost\n") && told.contains("1 entries of"), "\(told)")
            let export = try system.run(["audit", "export", "--from", "2020-01-01", "--to", day])
            #expect(export.status == 1 && export.errors.contains("were given up as lost"), "\(export.errors)")

            // A log that was given up cannot be shortened further, nor its loss unsaid.
            try system.stopWorkers()
            try system.connection.script(
                """
                SET session_replication_role = 'replica';
                DELETE FROM auditing.entry e USING auditing.log l
                 WHERE l.log_id = e.log_id AND l.closed AND l.size > 0 AND e.leaf_index = l.size - 1;
                """)
            let shortened = try system.quorate("audit", "verify", exits: 1).output
            #expect(shortened.contains(/is missing\.|where its state says/), "\(shortened)")
        }
    }

    /// The same broker, of which a log was lost in the database and is given up: it is read again, into a log that follows.
    @Test func aLogThatWasGivenUpGoesOnInAnother() async throws {
        try await AuditRestoreTests.withRestored(toFile: false) { system, worker, notes in
            // The command takes back what was published, as the worker does.
            let place = ["--checkpoints", AuditRestoreTests.topic]
            // Who reads nothing outside does not know what was signed.
            let blind = try system.quorate("audit", "accept-loss", "--reason", "a disk was lost", exits: 1).output
            #expect(blind.contains("no checkpoint kept outside could be read"), "\(blind)")
            let inside = try system.quorate("audit", "accept-loss", "--inside-only", exits: 1).output
            #expect(inside.contains("audit-checkpoints was given checkpoint"), "\(inside)")
            try system.connection.script("UPDATE auditing.checkpoint_place SET place = 'mail:audit@example.test'")
            #expect(
                try system.quorate("audit", "accept-loss", "--inside-only").output
                    == "every log holds what was signed of it.\n")
            let lost = try system.run(["audit", "accept-loss", "--reason", "a disk was lost"] + place)
            #expect(lost.status == 0 && lost.output.contains("20 entries in 2 logs are given up as lost."), "\(lost)")
            #expect(try AuditRestoreTests.notes(system) == notes)
            try worker.launch()
            try AuditRestoreTests.publish(40..<50, system)
            let clusters = try system.strings("SELECT DISTINCT cluster FROM auditing.log WHERE topic = 'case-events'")
            #expect(clusters.count == 2 && clusters.contains { $0.hasSuffix("~2") })
            // All that the broker holds, in order, beside what was there.
            let again = try system.number(
                "SELECT count(*) FROM auditing.entry JOIN auditing.log l USING (log_id) WHERE l.cluster LIKE '%~2'")
            #expect(again == 50)
            // Each is told once.
            try system.connection.script("INSERT INTO configuration.analyst_grant SELECT session_user, '*'")
            #expect(
                try system.number("SELECT count(*) FROM analysis.audit_trail WHERE topic = 'case-events'") == 50)
            let shown = try system.quorate("audit", "show", "--case", "E06000030/C-3").output
            #expect(shown.contains("1 entries of E06000030/C-3."), "\(shown)")
            #expect(Array(try AuditRestoreTests.notes(system).prefix(notes.count)) == notes)
            let verdict = try system.run(["audit", "verify"] + place)
            #expect(verdict.status == 0 && verdict.output.contains("given up as lost: log case-events/"), "\(verdict)")
            let keys = try KeyDatabase(system.keyDatabaseURL, applicationName: "test")
            for row in try system.connection.execute(
                "SELECT l.cluster, l.topic, l.partition, e.kafka_offset, e.key_id, e.sealed FROM auditing.entry e JOIN auditing.log l USING (log_id) WHERE l.topic = 'case-events'"
            ) {
                let id = row.int64("key_id")
                let place = sealingPlace(
                    cluster: row.string("cluster"), topic: row.string("topic"), partition: row.int32("partition"),
                    offset: row.int64("kafka_offset"))
                #expect(try keys.keys(withIds: [id])[id]?.open(row.bytes("sealed"), at: place) != nil)
            }
        }
    }

    /// As `accept-loss` shows it: what the tables lack of what was signed last.
    private static func lost(_ system: TestSystem) throws -> [String] {
        try system.strings(
            """
            SELECT 'log ' || h.topic || '/' || h.partition || ': entries ' || l.size || ' to ' || h.size - 1
              FROM auditing.head h JOIN auditing.log l USING (cluster, topic, partition)
             WHERE h.size > l.size AND h.position >= (SELECT size FROM auditing.checkpoint ORDER BY size DESC OFFSET 1 LIMIT 1)
             ORDER BY h.position
            """)
    }

    /// By both verifiers, and by whoever holds the checkpoints that were published.
    private static func expectLossNamed(_ lost: [String], _ notes: [String], _ system: TestSystem) throws {
        let words = lost.map { $0.replacing(": ", with: ", ") }.sorted()
        let verdict = try system.quorate("audit", "verify").output
        let named = try #require(verdict.firstMatch(of: /given up as lost: ([^(.]+?)(; the last| \()/)).output.1
        #expect(named.split(separator: "; ").map(String.init).sorted() == words, "\(verdict)")
        let second = try system.secondVerdict()
        #expect(second.status == 0 && verdict.hasPrefix(second.output.dropLast(2)), "\(second.output) \(second.errors)")
        let now = try AuditRestoreTests.notes(system)
        #expect(now.count > notes.count && Array(now.prefix(notes.count)) == notes)
        let sizes = try system.strings("SELECT size::text FROM auditing.checkpoint c ORDER BY c.size")
        for size in sizes.dropLast() { try system.quorate("audit", "consistency", size, sizes.last!) }
    }
}
