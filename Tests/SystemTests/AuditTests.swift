import AuditLog
import CaseEvents
import Foundation
import Postgres
import TestSupport
import Testing
import TransparencyLog
import Workers

/// The record that cannot be altered unseen, and a status that tells what is not well.
@Suite struct AuditTests {
    struct Tampering: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let statement: String
        /// What `quorate audit verify` says of it.
        let told: String
    }

    static let tamperings: [Tampering] = [
        Tampering(
            testDescription: "a sealed record",
            statement:
                "UPDATE auditing.entry SET sealed = set_byte(sealed, 20, 255 - get_byte(sealed, 20)) WHERE leaf_index = 3",
            told: "log case-events/0: entry 3 (offset 3) is not what was received."),
        Tampering(
            testDescription: "a case", statement: "UPDATE auditing.entry SET subject = 'C-6' WHERE leaf_index = 5",
            told: "log case-events/0: entry 5 (offset 5) is not what was received."),
        Tampering(
            testDescription: "an entry away", statement: "DELETE FROM auditing.entry WHERE leaf_index = 4",
            told: "log case-events/0: entry 4 is missing."),
        Tampering(
            testDescription: "the last entry away", statement: "DELETE FROM auditing.entry WHERE leaf_index = 9",
            told: "log case-events/0: 9 entries, where a checkpoint signed 10; entry 9 is missing."),
        Tampering(
            testDescription: "the root", statement: "UPDATE auditing.log SET root = sha256('x') WHERE size = 10",
            told: "log case-events/0: the root over its 10 entries is not the one recorded."),
        Tampering(
            testDescription: "a head", statement: "UPDATE auditing.head SET size = size - 1",
            told:
                "log case-events/0: the head of its first 10 entries in checkpoint 1 is not the one that was published."
        ),
        Tampering(
            testDescription: "a signature",
            statement: "UPDATE auditing.checkpoint SET note = replace(note, E'\\n1\\n', E'\\n2\\n')",
            told: "the signature of quorate.test/audit does not fit the note."),
        Tampering(
            testDescription: "a signing key",
            statement: """
                UPDATE auditing.signing_key SET verifier = '\((try! NoteSigner(name: "quorate.test/audit")).verifier)'
                """, told: "is signed by no key that is trusted."),
        Tampering(
            testDescription: "the last checkpoint away, and what it covers",
            statement: """
                DELETE FROM auditing.checkpoint; DELETE FROM auditing.head; DELETE FROM auditing.entry;
                UPDATE auditing.log SET size = 0, frontier = '', root = ''
                """,
            told: "checkpoint 1 was published and is not in the database: what it covers was taken back."),
    ]

    private static let topic = "kafka:audit-checkpoints"

    /// Ten entries of ten cases, and the checkpoint that covers them, in the database and outside: in a file or in a topic.
    static func withTenEntries(
        inTopic: Bool = false, _ body: @escaping @Sendable (TestSystem) throws -> Void
    ) async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            try system.publish((0..<10).map { discussion("event-\($0)", case: "C-\($0)") })
            try system.start([.auditing], environment: inTopic ? ["QUORATE_AUDIT_PLACES": topic] : [:])
            try system.waitUntilCaughtUp()
            try system.waitForCheckpoint()
            try wait("the relay of every checkpoint") {
                try system.number("SELECT count(*) FROM auditing.outbox_pending") == 0
            }
            let places = ["--checkpoints", inTopic ? topic : system.checkpointFile]
            let verdict = try system.run(["audit", "verify"] + places)
            #expect(verdict.status == 0 && verdict.output.contains("; compared with 1 checkpoints kept outside"))
            try system.stopWorkers()
            try body(system)
        }
    }

    @Test func verifyNamesTheFirstThatDoesNotFit() async throws {
        try await Self.withTenEntries { system in
            let status = try system.quorate("status", exits: 1)
            #expect(status.output.contains(/auditing .*no worker connected/))
            let connection = try system.connection
            let rights = try system.number(
                """
                SELECT count(*) FROM unnest(ARRAY['entry', 'subtree', 'head', 'checkpoint', 'signing_key', 'archive']) t
                 WHERE has_table_privilege('quorate_auditing', 'auditing.' || t, 'UPDATE, DELETE, TRUNCATE')
                """)
            #expect(rights == 0)
            // As someone who may do anything would go about it.
            try connection.script("SET session_replication_role = 'replica'")
            let tables = ["entry", "log", "head", "checkpoint", "signing_key"]
            for table in tables {
                try connection.script("CREATE TABLE public.\(table) AS SELECT * FROM auditing.\(table)")
            }
            for tampering in Self.tamperings {
                try connection.script(tampering.statement)
                let verdict = try system.quorate("audit", "verify", exits: 1)
                #expect(verdict.output.contains(tampering.told), "\(tampering): \(verdict.output)")
                let second = try system.secondVerdict()
                #expect(second.status == 1 && second.output.contains(tampering.told), "\(tampering): \(second.output)")
                for table in tables {
                    try connection.script("DELETE FROM auditing.\(table)")
                    try connection.script(
                        "INSERT INTO auditing.\(table) OVERRIDING SYSTEM VALUE SELECT * FROM public.\(table)")
                }
                let good = try system.quorate("audit", "verify").output
                let told = try system.secondVerdict()
                #expect(told.status == 0 && good.hasPrefix(told.output.dropLast(2)), "\(told.output) \(told.errors)")
            }
        }
    }

    /// Who may write every table, and has the signing key too, writes the whole log anew with one record altered: all that is in
    /// the database fits, and not the checkpoint that left it.
    @Test(arguments: [false, true])
    func aWholeRewriteIsFoundByWhatLeftTheDatabase(inTopic: Bool) async throws {
        try await Self.withTenEntries(inTopic: inTopic) { system in
            let connection = try system.connection
            let cluster = try system.strings("SELECT cluster FROM auditing.log WHERE topic = 'case-events'")[0]
            let forged = try system.records(of: .caseEvents).map { record in
                let value = String(decoding: record.value!, as: UTF8.self)
                let peek = Contract.peek(IncomingEvent(record))
                return ReceivedRecord(
                    topic: record.topic, partition: record.partition, offset: record.offset,
                    timestamp: record.timestamp,
                    content: RecordContent(
                        key: record.key,
                        headers: record.headers.map { .init(name: $0.nameBytes, value: $0.valueBytes) },
                        value: Array(record.offset == 4 ? value.replacing("14:00", with: "09:00").utf8 : value.utf8)),
                    type: peek.type, source: peek.source, id: peek.id, authority: peek.authority, subject: peek.subject,
                    correlationId: peek.correlationid)
            }
            try connection.script(
                """
                SET session_replication_role = 'replica';
                DELETE FROM auditing.checkpoint_place; DELETE FROM auditing.checkpoint; DELETE FROM auditing.head;
                DELETE FROM auditing.subtree; DELETE FROM auditing.entry;
                UPDATE auditing.log SET size = 0, frontier = '', root = '';
                SET session_replication_role = 'origin';
                """)
            var appender = LogAppender(cluster: cluster)
            let keys = try KeyDatabase(system.keyDatabaseURL, applicationName: "test").keys(
                of: forged.map {
                    KeyOwner(authority: $0.authority, subject: $0.subject, isOfCase: true, timestamp: $0.timestamp)
                })
            try connection.transaction { transaction in
                try appender.append(forged, in: transaction) { _ in RecordSeals(keys: keys) }
            }
            // Told of no place, auditing has nothing to compare with, and signs.
            let worker = system.worker(.auditing)
            worker.environment["QUORATE_AUDIT_PLACES"] = ""
            try worker.launch()
            try wait("a checkpoint of what was forged") {
                try system.number("SELECT count(*) FROM auditing.checkpoint") == 1
            }
            try worker.stop()

            // What is inside fits, and says nothing.
            let inside = try system.quorate("audit", "verify", "--inside-only").output
            #expect(inside.contains("10 entries") && inside.contains("no checkpoint kept outside"), "\(inside)")
            for place in [try system.write("none.jsonl", ""), "kafka:empty"] {
                let none = try system.quorate("audit", "verify", "--checkpoints", place, exits: 1).output
                #expect(none.contains("no checkpoint kept outside could be compared"), "\(none)")
            }
            // By default of a running system its file; else the places that auditing is given.
            let places = inTopic ? ["QUORATE_AUDIT_PLACES": "smtp://localhost:25/a@example.test \(Self.topic)"] : [:]
            let named = try system.run([
                "audit", "verify", "--checkpoints", inTopic ? Self.topic : system.checkpointFile,
            ])
            for verdict in [named, try system.run(["audit", "verify"], environment: places)] {
                #expect(
                    verdict.status == 1
                        && verdict.output.contains(
                            "log case-events/0: the head of its first 10 entries in checkpoint 1 is not the one that was published."
                        ), "\(verdict.output)")
            }
            guard inTopic else { return }
            let lines = try system.quorate("audit", "verify", exits: 1).output
            #expect(lines.contains("no checkpoint kept outside could be compared"), "\(lines)")
        }
    }

    /// Nothing that a producer wrote stands in the audit log in clear, beyond what names an event and its case.
    @Test func recordsAreSealedWithTheKeyOfTheirCase() async throws {
        try await Self.withTenEntries { system in
            let clear = try system.number(
                "SELECT count(*) FROM auditing.entry WHERE position('discussion'::bytea IN sealed) > 0")
            #expect(clear == 0)
            #expect(try system.number("SELECT count(DISTINCT key_id) FROM auditing.entry") == 10)
            let keys = try KeyDatabase(system.keyDatabaseURL, applicationName: "test")
            let records = try system.records(of: .caseEvents)
            for row in try system.connection.execute(
                "SELECT l.cluster, e.authority, e.subject, e.kafka_offset, e.key_id, e.sealed FROM auditing.entry e JOIN auditing.log l USING (log_id)"
            ) {
                let record = records[Int(row.int64("kafka_offset"))]
                let ids = try keys.keyIds(authority: row.string("authority"), subject: row.string("subject"))
                #expect(ids == [row.int64("key_id")])
                let place = sealingPlace(
                    cluster: row.string("cluster"), topic: "case-events", partition: 0, offset: record.offset)
                let opened = try keys.keys(withIds: Set(ids))[row.int64("key_id")]?.open(row.bytes("sealed"), at: place)
                let content = try #require(opened.flatMap { RecordContent(encoded: $0) })
                #expect(content.key == record.key && content.value == record.value)
                #expect(content.headers.map(\.name) == record.headers.map(\.nameBytes))
            }
        }
    }

    /// Two spellings of a letter are two cases, in one batch or in two: a second reading seals with the same keys.
    @Test func spellingsOfALetterAreTwoCasesHoweverTheyCome() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            let owners = ["Zo\u{EB}-1", "Zoe\u{308}-1"].map {
                KeyOwner(authority: "E09000001", subject: $0, isOfCase: true, timestamp: 0)
            }
            func keys() throws -> KeyDatabase { try KeyDatabase(system.keyDatabaseURL, applicationName: "test") }
            let together = try keys().keys(of: owners + owners).map(\.id)
            #expect(Set(together).count == 2 && together.prefix(2) == together.suffix(2))
            for (owner, id) in zip(owners, together) {
                #expect(try keys().keys(of: [owner]).map(\.id) == [id])
            }
        }
    }

    /// A database restored from a backup reads again: the same leaves, and every checkpoint that was published still holds.
    @Test func aRestoredDatabaseReadsAgainToTheSameRoots() async throws {
        try await TestSystem.with(.init(partitions: 2)) { system in
            let worker = try system.start([.auditing])[0]
            try system.publish((0..<40).map { discussion("event-\($0)", case: "C-\($0)") })
            try system.waitUntilCaughtUp()
            try system.waitForCheckpoint()
            try worker.stop()
            let connection = try system.connection
            let tables = ["log", "kafka_offset", "entry", "subtree", "head", "checkpoint", "checkpoint_place"]
            for table in tables {
                try connection.script("CREATE TABLE public.\(table) AS SELECT * FROM auditing.\(table)")
            }
            try worker.launch()
            try system.publish((40..<90).map { discussion("event-\($0)", case: "C-\($0)") })
            try system.waitUntilCaughtUp()
            try system.waitForCheckpoint()
            try worker.stop()
            let roots = try system.strings("SELECT encode(root, 'hex') FROM auditing.log ORDER BY log_id")
            let notes = try system.strings("SELECT note FROM auditing.checkpoint ORDER BY size")
            try connection.script("SET session_replication_role = 'replica'")
            for table in tables {
                try connection.script("DELETE FROM auditing.\(table)")
                try connection.script(
                    "INSERT INTO auditing.\(table) OVERRIDING SYSTEM VALUE SELECT * FROM public.\(table)")
            }
            let taken = try system.quorate("audit", "verify", exits: 1)
            #expect(taken.output.contains("is not in the database: what it covers was taken back."))
            try worker.launch()
            try system.waitUntilCaughtUp()
            try system.waitForCheckpoint()
            #expect(try system.strings("SELECT encode(root, 'hex') FROM auditing.log ORDER BY log_id") == roots)
            let now = try system.strings("SELECT note FROM auditing.checkpoint ORDER BY size")
            #expect(Array(now.prefix(notes.count)) == notes)
            try system.quorate("audit", "verify")
        }
    }

    /// Of several workers one writes each checkpoint; each is in the topic and in the file once, in order.
    @Test func checkpointsLeaveTheDatabase() async throws {
        try await TestSystem.with(.init(partitions: 4)) { system in
            let places = "file:\(system.checkpointFile) kafka:audit-checkpoints"
            try system.start([.auditing, .auditing], environment: ["QUORATE_AUDIT_PLACES": places])
            for round in 0..<4 {
                try system.publish((0..<25).map { discussion("event-\(round)-\($0)", case: "C-\($0)") })
                try system.waitUntilCaughtUp()
                try system.waitForCheckpoint()
            }
            try wait("checkpoints in every place") {
                try system.number(
                    """
                    SELECT count(*) FROM auditing.checkpoint_place p
                     WHERE p.size = (SELECT max(size) FROM auditing.checkpoint)
                    """) == 2
            }
            let notes = try system.strings("SELECT note FROM auditing.checkpoint ORDER BY size")
            #expect(notes.count >= 4)
            #expect(try PublishedCheckpoint.read(file: system.checkpointFile).map(\.note) == notes)
            try wait("the relay of every checkpoint") {
                try system.number("SELECT count(*) FROM auditing.outbox_pending") == 0
            }
            let sent = try system.records(ofTopic: "audit-checkpoints").map { record in
                try PublishedCheckpoint(line: String(decoding: record.value ?? [], as: UTF8.self)).note
            }
            #expect(sent == notes)
            try system.quorate("audit", "verify")
            // All of it, and what came after a checkpoint.
            let first = try system.number("SELECT min(size) FROM auditing.checkpoint")
            try system.quorate("audit", "verify", "--since", "\(first)", "--parallel", "2")
            try system.quorate("audit", "verify", "--since", "\(first + 1000)", exits: 1)
        }
    }
}

extension TestSystem {
    /// What the second verifier says of the tables, as psql gives them, and of the checkpoints that left the database.
    func secondVerdict() throws -> CommandResult {
        let deploy = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("deploy").path
        let tables = try run(
            ["-XAtq", "-f", deploy + "/audit_tables.sql", cluster.ownerURL(of: database)], program: "psql")
        #expect(tables.status == 0, "\(tables.errors)")
        let keys = try strings("SELECT verifier FROM auditing.signing_key").flatMap { ["--key", $0] }
        return try run(
            ["-B", deploy + "/verify_tables.py"] + keys
                + ["--checkpoints", checkpointFile, try write("tables.jsonl", tables.output)], program: "python3")
    }

    /// Until a checkpoint covers every entry and left the database.
    func waitForCheckpoint() throws {
        try wait("a checkpoint of every entry") {
            try number(
                """
                SELECT ((SELECT coalesce(sum(size), 0) FROM auditing.log WHERE NOT closed)
                     - (SELECT coalesce(sum(h.size), 0) FROM auditing.head h
                          JOIN auditing.log l USING (cluster, topic, partition)
                         WHERE NOT l.closed AND h.position >= coalesce(
                            (SELECT size FROM auditing.checkpoint ORDER BY size DESC OFFSET 1 LIMIT 1), 0))::bigint
                     + (SELECT count(*) FROM auditing.checkpoint c WHERE c.size > coalesce((SELECT max(size)
                          FROM auditing.checkpoint_place), 0)))::bigint
                """) == 0
        }
    }
}
