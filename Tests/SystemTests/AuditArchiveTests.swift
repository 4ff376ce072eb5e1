import AuditLog
import Foundation
import Postgres
import TestSupport
import Testing
import TransparencyLog
import Workers

/// Old entries leave the database for files that verify; the trees and the proofs of what is left go on.
@Suite struct AuditArchiveTests {
    private static let secondVerifier = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("deploy/verify_bundle.py").path

    static func publish(_ range: Range<Int>, _ system: TestSystem) throws {
        try system.publish(range.map { discussion("event-\($0)", case: "C-\($0 % 7)") })
        try system.waitUntilCaughtUp()
        try system.waitForCheckpoint()
    }

    /// As if what is signed by now was signed and received some days ago.
    static func age(_ system: TestSystem, days: Int) throws {
        try system.connection.script(
            """
            SET session_replication_role = 'replica';
            UPDATE auditing.checkpoint SET made_at = made_at - interval '\(days) days';
            UPDATE auditing.entry SET received_at = received_at - interval '\(days) days';
            SET session_replication_role = 'origin';
            """)
    }

    private static func count(_ system: TestSystem) throws -> Int64 {
        try system.number("SELECT count(*) FROM auditing.entry")
    }

    @Test func oldEntriesLeaveForFilesThatVerify() async throws {
        try await TestSystem.with(.init(partitions: 2)) { system in
            // The archive's own act goes through the outbox of scheduling.
            let auditing = try system.start([.auditing, .scheduling])[0]
            try Self.publish(0..<900, system)
            try Self.age(system, days: 40)
            try Self.publish(900..<960, system)
            let key = try system.strings("SELECT verifier FROM auditing.signing_key")[0]
            let all = try Self.count(system)
            let files = (1...3).map { "\(system.folder)/archive-\($0).jsonl" }
            #expect(
                try system.quorate("audit", "archive", "--older-than", "90", "-o", files[0]).output
                    .contains("nothing that was signed"))
            #expect(!FileManager.default.fileExists(atPath: files[0]))

            // While the worker runs: its sweeps and batches wait, and go on.
            let written = try system.quorate("audit", "archive", "--older-than", "30", "-o", files[0]).output
            #expect(written.contains("after checkpoint 0 up to checkpoint "))
            let gone = all - (try Self.count(system))
            // 900 entries in two partitions: one whole subtree at least.
            #expect(gone >= 256 && gone % 256 == 0)
            #expect(try system.number("SELECT sum(archived)::bigint FROM auditing.log") == gone)
            try Self.publish(960..<1_000, system)
            #expect(auditing.launches == 1 && auditing.isRunning)

            // The file by itself, by both verifiers.
            let judged = try system.quorate("audit", "verify-bundle", files[0], "--key", key).output
            #expect(judged.contains("none is missing"))
            let second = try system.run([Self.secondVerifier, "--key", key, files[0]], program: "python3")
            #expect(second.status == 0 && second.output == judged, "\(second.errors)")
            // The database by itself, and both.
            let alone = try system.quorate("audit", "verify").output
            #expect(alone.contains("\(gone) entries before them are in archives that were not given"), "\(alone)")
            let tables = try system.secondVerdict()
            let told = try #require(tables.output.firstRange(of: "; \(gone) entries before them are in archives"))
            #expect(tables.status == 0 && alone.hasPrefix(tables.output[..<told.lowerBound]), "\(tables.output)")
            let judgedToo = try system.quorate("audit", "verify", "--archive", files[0]).output
            #expect(judgedToo.contains("the \(gone) entries before them are in the archives that were given"))
            try system.expectOrderAndConsistency()

            // A second file goes on where the first ended.
            try Self.age(system, days: 40)
            _ = try system.write("archive-3.jsonl", "")
            let refused = try system.quorate("audit", "archive", "--older-than", "30", "-o", files[2], exits: 1).output
            #expect(refused.contains("File exists"), "\(refused)")
            try system.quorate("audit", "archive", "--older-than", "30", "-o", files[1])
            try Self.publish(1_000..<1_010, system)
            let both = try system.quorate("audit", "verify", "--archive", files[0], "--archive", files[1]).output
            #expect(both.contains("in 2 archives: all fit."), "\(both)")
            let missing = try system.quorate("audit", "verify", "--archive", files[1], exits: 1).output
            #expect(missing.contains("where 0 is due."), "\(missing)")
            let short = try system.quorate("audit", "verify", "--archive", files[0], exits: 1).output
            #expect(short.contains("where the database goes on after"), "\(short)")
            #expect(try system.quorate("audit", "archive").output.contains("2 archives."))

            try Self.proofs(system, files, key)
            try Self.rows(system, files)
            try Self.erasure(system, files, key)
        }
    }

    /// Whoever may change every row cannot call archived what is in no archive, and no archive takes another one back.
    @Test func nothingIsArchivedButWhatArchivesHold() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            try system.start([.auditing, .scheduling])
            try Self.publish(0..<600, system)
            try Self.age(system, days: 40)
            try Self.publish(600..<1_200, system)
            let keys = try system.strings("SELECT verifier FROM auditing.signing_key").map { try NoteVerifier($0) }
            let connection = try system.newConnection()
            let archive = LogArchive(connection)
            let moment = try system.number("SELECT (extract(epoch FROM now() - interval '30 days') * 1000000)::bigint")
            let unused = try #require(
                try archive.write(before: moment, to: "\(system.folder)/unused.jsonl", keys: keys))
            let file = "\(system.folder)/archive.jsonl"
            try system.quorate("audit", "archive", "--older-than", "30", "-o", file)
            let late = #expect(throws: AuditFault.self) {
                _ = try connection.transaction { transaction in try archive.remove(unused, in: transaction) }
            }
            #expect(late?.description.contains("another archive was made meanwhile") == true)
            try Self.publish(1_200..<1_210, system)
            try system.stopWorkers()
            try system.quorate("audit", "verify", "--archive", file)

            // The worker may not say what is archived.
            #expect(throws: PostgresError.self) {
                try connection.transaction { transaction in
                    try transaction.script("SET LOCAL ROLE quorate_auditing")
                    try transaction.execute("UPDATE auditing.log SET archived = archived + 256")
                }
            }
            // The owner may.
            try connection.script(
                """
                SET session_replication_role = 'replica';
                UPDATE auditing.log SET archived = size / 256 * 256 WHERE topic = 'case-events';
                DELETE FROM auditing.entry e USING auditing.log l WHERE l.log_id = e.log_id AND e.leaf_index < l.archived;
                """)
            let told = "log case-events/0: its row says that 1024 entries are archived; the archives hold 512."
            for files in [[], ["--archive", file]] as [[String]] {
                let verdict = try system.run(["audit", "verify"] + files)
                #expect(verdict.status == 1 && verdict.output.contains(told), "\(verdict.output)")
            }
            try connection.script("UPDATE auditing.log SET archived = 512 WHERE topic = 'case-events'")
            let missing = try system.quorate("audit", "verify", exits: 1).output
            #expect(missing.contains("log case-events/0: entry 512 is missing."), "\(missing)")
        }
    }

    /// Who reads entries while an archive takes some away waits for its end, and then finds what is left or where the rest is.
    @Test func lookingWaitsForAnArchive() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            try system.start([.auditing, .scheduling, .reporting])
            try Self.publish(0..<600, system)
            try Self.age(system, days: 40)
            try Self.publish(600..<700, system)
            let keys = try system.strings("SELECT verifier FROM auditing.signing_key").map { try NoteVerifier($0) }
            let archiving = try system.newConnection()
            let archive = LogArchive(archiving)
            let moment = try system.number("SELECT (extract(epoch FROM now() - interval '30 days') * 1000000)::bigint")
            let file = "\(system.folder)/archive.jsonl"
            let written = try #require(try archive.write(before: moment, to: file, keys: keys))
            let looks = [
                ["prove", "case-events/0/0"], ["prove", "case-events/0/699"], ["show", "--case", "E06000030/C-3"],
                ["who-saw", "--child", "K-1"], ["record", "--case", "E06000030/C-3", "--all"],
                ["evidence", "--case", "E06000030/C-3"],
            ]
            let running = try archiving.transaction { transaction in
                let gone = try archive.remove(written, in: transaction)
                #expect(gone >= 512)
                let running = try looks.enumerated().map { place, look in
                    try ChildProcess(
                        "\(Places.executables)/quorate", ["audit"] + look,
                        environment: Places.environment.merging(["QUORATE_DATA": system.folder]) { $1 },
                        output: "\(system.folder)/look-\(place).out", errors: "\(system.folder)/look-\(place).err")
                }
                try wait("every look to wait", within: .seconds(60)) {
                    try system.number(
                        """
                        SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                         WHERE a.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted
                           AND a.application_name = 'quorate-audit'
                        """) == Int64(looks.count)
                }
                return running
            }
            let told = try running.enumerated().map { place, look in
                let status = try look.waitForExit(within: .seconds(60))
                let texts = try ["out", "err"].map {
                    try String(contentsOfFile: "\(system.folder)/look-\(place).\($0)", encoding: .utf8)
                }
                return (status: status, text: texts.joined())
            }
            #expect(told[0].status == 2 && told[0].text.contains(file), "\(told[0].text)")
            #expect(told[1].status == 0 && told[1].text.contains("\"inclusion\""), "\(told[1].text)")
            for look in told[2...] { #expect(look.status == 0 && look.text.contains(file), "\(look.text)") }
        }
    }

    /// The rows that tell of the archives, altered by whoever may: found without the files where they say what is gone, else
    /// with them.
    private static func rows(_ system: TestSystem, _ files: [String]) throws {
        let connection = try system.connection
        let both = ["--archive", files[0], "--archive", files[1]]
        try connection.script("CREATE TABLE public.archive AS SELECT * FROM auditing.archive")
        let changes = [
            (
                "UPDATE auditing.archive SET since = since + 1 WHERE since > 0", [],
                /archive \d+: its row says that it begins/
            ),
            ("UPDATE auditing.archive SET since = 1 WHERE since = 0", [], /archive \d+: its row says that it begins/),
            (
                "UPDATE auditing.archive SET until = until + 1 WHERE since > 0", [],
                /checkpoint \d+, where the last archive/
            ),
            ("DELETE FROM auditing.archive WHERE since = 0", [], /archive \d+: its row says that it begins/),
            (
                "DELETE FROM auditing.archive", [],
                /log .*: its row says that \d+ entries are archived; the archives hold 0/
            ),
            ("UPDATE auditing.archive SET entries = entries + 1", both, /archive \d+: its row is not that of/),
            (
                "UPDATE auditing.archive SET digest = set_byte(digest, 5, 255 - get_byte(digest, 5)) WHERE since > 0",
                both,
                /archive \d+: its row is not that of/
            ),
        ]
        for (change, files, told) in changes {
            try connection.script("SET session_replication_role = 'replica'; \(change)")
            let verdict = try system.run(["audit", "verify"] + files)
            #expect(verdict.status == 1 && verdict.output.contains(told), "\(change): \(verdict.output)")
            try connection.script(
                """
                DELETE FROM auditing.archive;
                INSERT INTO auditing.archive SELECT * FROM public.archive;
                SET session_replication_role = 'origin';
                """)
        }
        #expect(try system.run(["audit", "verify"] + both).status == 0)
    }

    /// What is left can be proved; what is not says where it is.
    private static func proofs(_ system: TestSystem, _ files: [String], _ key: String) throws {
        let archived = try system.number(
            "SELECT archived FROM auditing.log WHERE topic = 'case-events' AND partition = 0")
        let proof = try system.quorate("audit", "prove", "case-events/0/\(archived)").output
        let file = try system.write("proof.jsonl", proof)
        try system.quorate("audit", "verify-bundle", file, "--key", key)
        let before = try system.run(["audit", "prove", "case-events/0/\(archived - 1)"])
        #expect(before.status == 2 && before.errors.contains(files[0]), "\(before.errors)")
        let today = try system.strings("SELECT to_char(now() AT TIME ZONE 'Europe/London', 'YYYY-MM-DD')")[0]
        let export = try system.run(["audit", "export", "--from", "2020-01-01", "--to", today])
        #expect(export.status == 1 && export.errors.contains("are archived"), "\(export.errors)")
        let shown = try system.run(["audit", "show", "--case", "E06000030/C-3"])
        #expect(shown.errors.contains(files[0]), "\(shown.errors)")
    }

    /// A key that is destroyed takes the content in the archives with it; every proof there stays. A byte that is altered
    /// in a file, or a root in the database, is found.
    private static func erasure(_ system: TestSystem, _ files: [String], _ key: String) throws {
        let keys = try KeyDatabase(system.keyDatabaseURL, applicationName: "test")
        let authority = try system.strings("SELECT authority FROM auditing.entry WHERE subject = 'C-3' LIMIT 1")[0]
        let ids = try keys.keyIds(authority: authority, subject: "C-3")
        #expect(try !keys.keys(withIds: Set(ids)).isEmpty)
        try keys.destroy(keys.keyIds(authority: authority, subject: "C-3"))
        #expect(try keys.keys(withIds: Set(ids)).isEmpty)
        let both = ["--archive", files[0], "--archive", files[1]]
        #expect(try system.run(["audit", "verify"] + both).status == 0)

        let text = try String(contentsOfFile: files[0], encoding: .utf8)
        let altered = text.replacing(/"sealed":"(.{40})./, maxReplacements: 1) { "\"sealed\":\"\($0.output.1)_" }
        #expect(altered != text)
        try altered.write(toFile: files[0], atomically: true, encoding: .utf8)
        #expect(try system.run(["audit", "verify"] + both).status == 1)
        try text.write(toFile: files[0], atomically: true, encoding: .utf8)
        // Entries cannot be called archived by whoever takes them away.
        let connection = try system.connection
        try connection.script(
            """
            SET session_replication_role = 'replica';
            UPDATE auditing.subtree SET root = sha256('x') WHERE log_id = (
                SELECT log_id FROM auditing.log WHERE topic = 'case-events' AND partition = 0) AND position = 0;
            """)
        let verdict = try system.quorate("audit", "verify", exits: 1).output
        #expect(verdict.contains("log case-events/0: "), "\(verdict)")
    }
}
