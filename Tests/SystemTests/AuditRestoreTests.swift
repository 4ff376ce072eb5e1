import AuditLog
import Foundation
import Postgres
import TestSupport
import Testing
import TransparencyLog
import Workers

/// A restored database signs no second checkpoint of a size that was published.
@Suite struct AuditRestoreTests {
    private static let tables = ["log", "kafka_offset", "entry", "subtree", "head", "checkpoint", "checkpoint_place"]
    static let topic = "kafka:audit-checkpoints"

    private static func keep(_ tables: [String], _ system: TestSystem) throws {
        for table in tables {
            try system.connection.script("CREATE TABLE public.\(table) AS SELECT * FROM auditing.\(table)")
        }
    }

    /// As someone who may do anything would go about it.
    private static func restore(_ tables: [String], _ system: TestSystem) throws {
        try system.connection.script("SET session_replication_role = 'replica'")
        for table in tables {
            try system.connection.script("DELETE FROM auditing.\(table)")
            try system.connection.script(
                "INSERT INTO auditing.\(table) OVERRIDING SYSTEM VALUE SELECT * FROM public.\(table)")
        }
        try system.connection.script("SET session_replication_role = 'origin'")
    }

    static func publish(_ range: Range<Int>, _ system: TestSystem) throws {
        try system.publish(range.map { discussion("event-\($0)", case: "C-\($0)") })
        try system.waitUntilCaughtUp()
        try system.waitForCheckpoint()
    }

    static func notes(_ system: TestSystem) throws -> [String] {
        try system.strings("SELECT note FROM auditing.checkpoint c ORDER BY c.size")
    }

    /// Two checkpoints, the second by a new key alone, then the database as it was after the first.
    static func withRestored(
        toFile: Bool, _ body: @escaping @Sendable (TestSystem, WorkerInstance, _ notes: [String]) throws -> Void
    ) async throws {
        try await TestSystem.with(.init(partitions: 2)) { system in
            let keyFiles = ["first", "second"].map { "\(system.folder)/\($0).key" }
            for file in keyFiles { try SignerFile.make(file, name: "quorate.test/audit") }
            let worker = try system.start(
                [.auditing],
                environment: [
                    "QUORATE_AUDIT_KEY_FILE": keyFiles[0],
                    "QUORATE_AUDIT_PLACES": toFile ? "file:\(system.checkpointFile)" : topic,
                ])[0]
            try publish(0..<20, system)
            try worker.stop()
            try keep(tables, system)
            worker.environment["QUORATE_AUDIT_KEY_FILE"] = keyFiles[1]
            try worker.launch()
            try publish(20..<40, system)
            try worker.stop()
            let notes = try notes(system)
            try restore(tables, system)
            #expect(try Self.notes(system).count < notes.count)
            try body(system, worker, notes)
        }
    }

    @Test(arguments: [true, false])
    func whatWasSignedIsTakenBackThoughItsKeyIsRetired(fromFile: Bool) async throws {
        try await Self.withRestored(toFile: fromFile) { system, worker, notes in
            try worker.launch()
            try Self.publish(40..<60, system)
            let now = try Self.notes(system)
            #expect(now.count > notes.count && Array(now.prefix(notes.count)) == notes)
            #expect(worker.latestLog.contains("a checkpoint was taken back"))
            try wait("the relay of every checkpoint") {
                try system.number("SELECT count(*) FROM auditing.outbox_pending") == 0
            }
            let verdict = try system.quorate(
                "audit", "verify", "--checkpoints", fromFile ? system.checkpointFile : Self.topic)
            #expect(verdict.output.contains("keys as the database names them; compared with "))
            guard fromFile else {
                #expect(verdict.output.contains("compared with \(now.count) checkpoints kept outside"))
                return
            }
            #expect(try PublishedCheckpoint.read(file: system.checkpointFile).map(\.note) == now)
            #expect(try PublishedCheckpoint.last(file: system.checkpointFile).checkpoint?.note == now.last)
            // A file that was given checkpoints and is gone is no good news.
            try FileManager.default.removeItem(atPath: system.checkpointFile)
            let gone = try system.quorate("audit", "verify", exits: 1)
            #expect(gone.output.contains("the checkpoints kept in \(system.checkpointFile) are gone"))
        }
    }

    /// What is kept cannot be judged, or is of another history: nothing is signed.
    @Test(arguments: [true, false])
    func nothingIsSignedBeforeWhatIsKeptWasTakenBack(isForked: Bool) async throws {
        try await Self.withRestored(toFile: true) { system, worker, _ in
            var kept = try PublishedCheckpoint.read(file: system.checkpointFile)
            if isForked {
                // Where the database ends, another history, which it does not know.
                let signers = try SignerFile.read("\(system.folder)/first.key")
                let end = try Self.notes(system).count - 1
                var other = try kept[end].signed
                other.root = .leaf([])
                kept[end].note = try SignedNote(signing: other.text, by: signers).description
            } else {
                let strangers = [try NoteSigner(name: "quorate.test/audit")]
                let last = kept.count - 1
                kept[last].note = try SignedNote(signing: try kept[last].signed.text, by: strangers).description
            }
            let text = kept.map { $0.line + "\n" }.joined()
            try text.write(toFile: system.checkpointFile, atomically: true, encoding: .utf8)
            let before = try Self.notes(system)
            try worker.launch()
            try system.publish((40..<60).map { discussion("event-\($0)", case: "C-\($0)") })
            try wait("a refusal to sign") { worker.latestLog.contains("no checkpoint is signed") }
            try system.waitUntilCaughtUp()
            let told = isForked ? "as it was kept, is not among those of the database" : "is signed by no key"
            #expect(worker.latestLog.contains(told))
            // Stopping ends the sweep that was due.
            try worker.stop()
            #expect(try Self.notes(system) == before)
            #expect(try String(contentsOfFile: system.checkpointFile, encoding: .utf8) == text)
        }
    }

    /// A place that is gone is no empty place: nobody knows any more what was signed after the backup.
    @Test(arguments: [false, true])
    func nothingIsSignedWhereWhatWasGivenIsGone(isReplaced: Bool) async throws {
        try await Self.withRestored(toFile: true) { system, worker, _ in
            let (place, moved) = ("file:\(system.checkpointFile)", system.folder + "/moved.jsonl")
            // Taken away, or out of the settings, for a new place.
            try FileManager.default.moveItem(atPath: system.checkpointFile, toPath: moved)
            let new = isReplaced ? system.folder + "/new.jsonl" : system.checkpointFile
            worker.environment["QUORATE_AUDIT_PLACES"] = "file:\(new)"
            let before = try Self.notes(system)
            try worker.launch()
            try system.publish((40..<60).map { discussion("event-\($0)", case: "C-\($0)") })
            try wait("a refusal to sign") {
                worker.latestLog.contains("was given to it, and no place that can be read holds that")
            }
            #expect(worker.latestLog.contains("checkpoints.jsonl"))
            try system.waitUntilCaughtUp()
            let gone = ["audit", "accept-loss", "--gone", place]
            #expect(try system.run(gone + ["--reason", "the room burnt down"]).errors.contains("still connected"))
            try worker.stop()
            #expect(try Self.notes(system) == before)
            #expect(!FileManager.default.fileExists(atPath: new))
            #expect(try system.run(gone).errors.contains("--gone needs --reason"))
            #expect(try system.run(["audit", "accept-loss", "--gone", "file:x", "--reason", "r"]).status == 2)
            let few = try system.write("few.jsonl", "")
            let blind = try system.run(["audit", "accept-loss", "--checkpoints", few])
            #expect(blind.status == 1 && blind.output.contains("no checkpoint kept outside"), "\(blind)")

            if isReplaced {
                // Given up, it is no longer asked for: the new one has all that there is.
                #expect(try system.run(gone + ["--reason", "the room burnt down"]).status == 0)
            } else {
                // Found again.
                try FileManager.default.moveItem(atPath: moved, toPath: new)
                worker.environment["QUORATE_AUDIT_PLACES"] = "file:\(system.folder)/new.jsonl file:\(new)"
            }
            try worker.launch()
            try Self.publish(60..<70, system)
            let now = try Self.notes(system)
            #expect(now.count > before.count && Array(now.prefix(before.count)) == before)
            // A new place is given what was before it.
            let second = system.folder + "/new.jsonl"
            try wait("all of it in the new place") { try PublishedCheckpoint.read(file: second).map(\.note) == now }
            try system.quorate("audit", "verify", "--checkpoints", second)
        }
    }

    /// A backup that holds all that was signed, and a broker that holds nothing: new logs begin beside the old ones.
    @Test func aBackupGoesOnOverAnEmptyBroker() async throws {
        try await TestSystem.with(.init(partitions: 2)) { system in
            let worker = try system.start([.auditing])[0]
            try Self.publish(0..<20, system)
            try worker.stop()
            let notes = try Self.notes(system)
            try system.backUp()
            // What becomes of the database after that is gone with it.
            try system.connection.script("SET session_replication_role = 'replica'; DELETE FROM auditing.entry")
            try system.restoreBackup()
            try system.replaceBroker()
            try worker.launch()
            try Self.publish(20..<40, system)
            #expect(try system.number("SELECT count(*) FROM auditing.entry") == 40)
            #expect(try Array(Self.notes(system).prefix(notes.count)) == notes)
            try system.expectOrderAndConsistency()
        }
    }

    @Test func aMailboxAloneIsRefused() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            let environment = system.environment(
                of: .auditing, ["QUORATE_AUDIT_PLACES": "smtp://localhost:2525/audit@example.test"])
            let refused = try system.run([], program: "auditing", environment: environment)
            #expect(refused.status != 0)
            #expect(refused.errors.contains("needs file:PATH or kafka:TOPIC beside smtp:"), "\(refused.errors)")
        }
    }

    /// Rows that do not take a record say that the log's state is wrong: the record waits, and is shown to nobody.
    @Test(arguments: [
        "UPDATE auditing.log SET size = 0, frontier = '', root = ''", "UPDATE auditing.log SET size = size + 1",
    ])
    func aWrongStateStopsTheLogAndLosesNothing(damage: String) async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            let worker = try system.start([.auditing])[0]
            try Self.publish(0..<10, system)
            try worker.stop()
            try Self.keep(["log", "kafka_offset"], system)
            try system.connection.script(damage)
            try worker.launch()
            try system.publish((10..<15).map { discussion("event-\($0)", case: "C-\($0)") })
            try wait("a word on the log") { worker.latestLog.contains("the tables do not take case-events/0") }
            #expect(worker.isRunning)
            #expect(try system.number("SELECT count(*) FROM auditing.quarantine") == 0)
            #expect(try system.number("SELECT count(*) FROM auditing.entry") == 10)
            let offsets = try system.number(
                """
                SELECT count(*) FROM auditing.kafka_offset o JOIN public.kafka_offset k USING (cluster, topic, partition)
                 WHERE o.topic = 'case-events' AND o.next_offset = k.next_offset
                """)
            #expect(offsets == 1)
            // Mended, it goes on by itself.
            try Self.restore(["log"], system)
            try system.waitUntilCaughtUp()
            try system.waitForCheckpoint()
            #expect(try system.number("SELECT count(*) FROM auditing.entry") == 15)
            #expect(try system.number("SELECT count(*) FROM auditing.quarantine") == 0)
            try system.quorate("audit", "verify")
        }
    }
}
