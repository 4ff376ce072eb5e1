import AuditLog
import Foundation
import Kafka
import Postgres
import TestSupport
import Testing
import TransparencyLog
import Workers

/// Checkpoints on their way to a mailbox: each once, in order, a hundred at a time, after ever longer pauses where it fails.
@Suite struct AuditPlaceTests {
    /// The checkpoint and its line, of each message that Python's own parser finds without defect.
    private static let reader = """
        import email, email.policy, json, pathlib, sys
        for path in sorted(pathlib.Path(sys.argv[1]).iterdir(), key=lambda path: path.stat().st_mtime_ns):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            defects = [d for part in message.walk() for d in part.defects]
            assert not defects and message['Date'].datetime and message['To'] == 'audit@example.test', defects
            note, line = [part.get_content() for part in message.iter_parts()]
            line = json.loads(line if isinstance(line, str) else line.decode())
            assert line['checkpoint'] == note and line['heads'], note
            assert message['Subject'] == 'Checkpoint %s of quorate.test/audit' % note.split('\\n')[1]
            print(note.split('\\n')[1])
        """

    /// Signs the same snapshot again and again, as a busy night would.
    private static func sign(_ count: Int, _ system: TestSystem) throws {
        let signers = try SignerFile.read(system.environment(of: .auditing)["QUORATE_AUDIT_KEY_FILE"]!)
        let connection = try system.connection
        let log = HeadLog(connection)
        let last = try #require(try log.signed(.last))
        var tree = try log.tree(size: last.size)
        for _ in 0..<count {
            try log.append(last.heads, to: &tree) { tree in
                let checkpoint = Checkpoint(origin: signers[0].verifier.name, size: tree.size, root: tree.root)
                return try SignedNote(signing: checkpoint.text, by: signers).description
            }
        }
    }

    private static func sizes(_ system: TestSystem) throws -> [String] {
        try system.strings("SELECT size::text FROM auditing.checkpoint c ORDER BY c.size")
    }

    @Test func aMailboxGetsEveryCheckpointOnceAndAHundredAtATime() async throws {
        let port = ServerProgram.freePort()
        try await TestSystem.with(.init(partitions: 1)) { system in
            let box = system.folder + "/box"
            try FileManager.default.createDirectory(atPath: box, withIntermediateDirectories: true)
            let mailbox = "smtp://127.0.0.1:\(port)/audit@example.test"
            let worker = try system.start(
                [.auditing], environment: ["QUORATE_AUDIT_PLACES": "file:\(system.checkpointFile) \(mailbox)"])[0]
            try system.publish((0..<10).map { discussion("event-\($0)", case: "C-\($0)") })
            try system.waitUntilCaughtUp()

            // Nobody listens: tried again after 2 seconds, then after 4.
            func failures() -> [Date] {
                let form = ISO8601DateFormatter()
                form.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
                return worker.logText.split(separator: "\n").filter { $0.contains("a checkpoint could not be sent") }
                    .compactMap { $0.firstMatch(of: /"time":"([^"]+)"/) }.compactMap {
                        form.date(from: String($0.output.1))
                    }
            }
            try wait("three failures", within: .seconds(60)) { failures().count >= 3 }
            let times = failures()
            #expect(times[1].timeIntervalSince(times[0]) >= 1.9 && times[2].timeIntervalSince(times[1]) >= 3.9)
            // The file does not wait for the mailbox.
            #expect(try PublishedCheckpoint.read(file: system.checkpointFile).count >= 1)
            #expect(
                try worker.get("metrics").body.contains(/quorate_audit_unsent_checkpoints\{worker="auditing"\} [1-9]/))
            #expect(try system.quorate("status", exits: 1).output.contains("checkpoints "))

            try worker.stop()
            try Self.sign(150, system)
            try system.connection.script(
                """
                CREATE TABLE public.given (place text, size bigint, during bigint DEFAULT txid_current());
                CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
                BEGIN INSERT INTO public.given (place, size) VALUES (NEW.place, NEW.size); RETURN NULL; END $$;
                CREATE TRIGGER note AFTER INSERT OR UPDATE ON auditing.checkpoint_place
                    FOR EACH ROW EXECUTE FUNCTION public.note();
                """)
            let own = getuid() == 0 ? ["-u", "root"] : []
            let server = try ServerProgram(
                "/usr/sbin/smtp-sink", own + ["-d", "\(box)/%s-%M.", "127.0.0.1:\(port)", "100"], port: port,
                output: system.folder + "/sink.log")
            try worker.launch()
            try wait("every checkpoint in every place") {
                try system.number(
                    """
                    SELECT count(*) FROM auditing.checkpoint_place
                     WHERE size = (SELECT max(size) FROM auditing.checkpoint)
                    """) == 2
            }
            let most = try system.number(
                "SELECT max(n) FROM (SELECT count(*) AS n FROM public.given GROUP BY place, during) g")
            #expect(most == 100)
            let sizes = try Self.sizes(system)
            #expect(sizes.count >= 151)
            #expect(try PublishedCheckpoint.read(file: system.checkpointFile).map { "\(try $0.signed.size)" } == sizes)
            let mails = try system.run(["-c", Self.reader, box], program: "python3")
            #expect(mails.status == 0, "\(mails.errors)")
            // One file may hold several messages' time stamps alike: the order is that of the table of what was given.
            #expect(mails.lines.sorted { Int($0)! < Int($1)! } == sizes)
            let given = try system.strings(
                "SELECT size::text FROM public.given WHERE place LIKE 'mail:%' ORDER BY given.during, given.size")
            #expect(given == sizes)
            try wait("the metric of a place that has all") {
                try worker.get("metrics").body.contains("quorate_audit_unsent_checkpoints{worker=\"auditing\"} 0")
            }
            try system.quorate("audit", "verify")
            withExtendedLifetime(server) {}
        }
    }

    /// A file that another took the place of, as on another machine, is given all of it; one of another history is told of.
    @Test func aFileHasNoHoles() async throws {
        try await TestSystem.with(.init(partitions: 2)) { system in
            let (worker, file) = (try system.start([.auditing])[0], system.checkpointFile)
            func goesOn(_ round: Int) throws {
                try system.publish(
                    (0..<2).map { discussion("event-\(round)-\($0)", case: "C-\($0)") }, partition: { Int32($0) })
                try wait("a checkpoint of both logs") {
                    try system.number(
                        """
                        SELECT count(DISTINCT partition) FROM auditing.head
                         WHERE topic = 'case-events' AND size = \(Int64(round + 1))
                        """) == 2
                }
            }
            func isWhole() throws -> Bool {
                try PublishedCheckpoint.read(file: file).map { "\(try $0.signed.size)" } == Self.sizes(system)
            }
            for round in 0..<3 { try goesOn(round) }
            let first = try #require(try PublishedCheckpoint.read(file: file).first)
            try first.line.appending("\n").write(toFile: file, atomically: true, encoding: .utf8)
            try goesOn(3)
            try wait("the file's missing checkpoints") { try isWhole() }
            #expect(worker.latestLog.contains("they are written again"))
            try FileManager.default.removeItem(atPath: file)
            try goesOn(4)
            try wait("all of the file") { try isWhole() }

            // Each snapshot has two heads: none ends between two.
            let last = try #require(try PublishedCheckpoint.last(file: file).checkpoint)
            let signers = try SignerFile.read(system.environment(of: .auditing)["QUORATE_AUDIT_KEY_FILE"]!)
            var other = try last.signed
            other.size += 1
            let note = try SignedNote(signing: other.text, by: signers).description
            let line = PublishedCheckpoint(note: note, heads: last.heads).line
            try line.appending("\n").write(toFile: file, atomically: true, encoding: .utf8)
            try goesOn(5)
            try wait("a word on the file") { worker.latestLog.contains("and \(other.size) is the last there") }
            #expect(try String(contentsOfFile: file, encoding: .utf8) == line + "\n")
        }
    }

    /// After a restore what is missing is read back from the end of a place: 10,000 older lines that are none are never looked at.
    @Test(arguments: [false, true])
    func whatIsMissingAloneIsReadBack(fromTopic: Bool) async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            let topic = "audit-checkpoints"
            let worker = try system.start(
                [.auditing],
                environment: ["QUORATE_AUDIT_PLACES": fromTopic ? "kafka:\(topic)" : "file:\(system.checkpointFile)"])[
                    0]
            try system.publish((0..<10).map { discussion("event-\($0)", case: "C-\($0)") })
            try system.waitUntilCaughtUp()
            try system.waitForCheckpoint()
            try worker.stop()
            try Self.sign(400, system)
            let (connection, sizes) = (try system.connection, try Self.sizes(system))
            let lines = try HeadLog(connection).published(after: 0, limit: 1_000).map(\.checkpoint.line)
            func give(_ lines: [String]) throws {
                guard fromTopic else {
                    return try lines.map { $0 + "\n" }.joined()
                        .write(toFile: system.checkpointFile, atomically: true, encoding: .utf8)
                }
                let producer = try Producer(system.kafka)
                for line in lines { try producer.produce(topic: topic, key: [0], value: Array(line.utf8), token: 0) }
                try wait("the broker") { producer.flush(timeoutMilliseconds: 500).isEmpty && producer.outstanding == 0 }
            }
            try give([String](repeating: "none", count: 10_000) + lines.suffix(300))
            // As it was fifty checkpoints ago.
            let former = sizes[sizes.count - 51]
            try connection.script(
                """
                SET session_replication_role = 'replica';
                UPDATE auditing.checkpoint_place SET size = \(sizes.last!);
                DELETE FROM auditing.checkpoint WHERE size > \(former);
                DELETE FROM auditing.head WHERE position >= \(former);
                DELETE FROM auditing.subtree WHERE log_id = 0 AND (position + 1) << height > \(former);
                SET session_replication_role = 'origin';
                """)
            func goesOn(_ round: Int) throws {
                try worker.launch()
                try system.publish([discussion("later-\(round)", case: "C-\(round)")])
                try system.waitUntilCaughtUp()
                try system.waitForCheckpoint()
                try worker.stop()
                #expect(try Array(Self.sizes(system).prefix(sizes.count)) == sizes)
                #expect(!worker.latestLog.contains("no checkpoint is signed"))
            }
            try goesOn(0)
            #expect(worker.latestLog.components(separatedBy: "a checkpoint was taken back").count == 51)
            // Of what the database has already, the last is enough.
            if !fromTopic {
                let last = try #require(try PublishedCheckpoint.last(file: system.checkpointFile).checkpoint)
                try give([String](repeating: "none", count: 10_000) + [last.line])
            }
            try goesOn(1)
            try system.quorate("audit", "verify", "--inside-only")
        }
    }
}
