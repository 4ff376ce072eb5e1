import AuditLog
import Foundation
import Postgres
import TestSupport
import Testing
import Workers

/// Transactions end between any two steps of appending, signing and sending; nothing is lost, doubled or out of order.
@Suite struct AuditCutTests {
    private static let cutsWanted: Int64 = 242

    /// What is written, from an entry to its checkpoint's place in Kafka. Only 256 entries of a log make a subtree.
    private static let tables = [
        "entry", "log", "subtree", "head", "checkpoint", "signing_key", "checkpoint_place", "kafka_offset", "outbox",
        "outbox_pending", "outbox_relayed",
    ]
    private static let places = tables.count * 2

    /// The place that is cut next: five on from the last, so that what is tried again at once is not cut at once.
    private static func next(after cuts: Int64) -> Int { Int(cuts) * 5 % places }

    /// Rolls back before or after a statement that writes to one of these tables, at one place after the other, until there
    /// were enough.
    private static func cut(_ tables: [String], _ wanted: Int64, stride: Int, on connection: Connection) throws {
        try connection.script(
            """
            CREATE SEQUENCE public.cut;
            SELECT nextval('public.cut');
            CREATE FUNCTION public.cut() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
            BEGIN
                IF TG_ARGV[0]::int = (SELECT last_value FROM public.cut) * \(stride) % \(tables.count * 2)
                    AND (SELECT last_value FROM public.cut) <= \(wanted) THEN
                    PERFORM nextval('public.cut');
                    PERFORM nextval(format('public.cut_%s_%s', lower(TG_WHEN), TG_TABLE_NAME));
                    RAISE EXCEPTION 'cut' USING ERRCODE = 'serialization_failure';
                END IF;
                RETURN NULL;
            END $$;
            """)
        for (number, table) in tables.enumerated() {
            let name = table.split(separator: ".").last!
            for (place, moment) in ["BEFORE", "AFTER"].enumerated() {
                try connection.script(
                    """
                    CREATE SEQUENCE public.cut_\(moment.lowercased())_\(name);
                    CREATE TRIGGER cut_\(moment.lowercased()) \(moment) INSERT OR UPDATE OR DELETE ON \(table)
                        FOR EACH STATEMENT EXECUTE FUNCTION public.cut(\(number * 2 + place));
                    """)
            }
        }
    }

    /// Places that were cut less often than that.
    private static func seldomCut(below count: Int64, on connection: Connection) throws -> [String] {
        try connection.execute(
            """
            SELECT sequencename::text FROM pg_sequences WHERE sequencename ~ '^cut_' AND coalesce(last_value, 0) < \(count)
            """
        ).map { $0.string(0) }
    }

    @Test func nothingIsLostOrDoubledByTwoHundredCuts() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            try Self.cut(
                Self.tables.map { "auditing.\($0)" }, Self.cutsWanted, stride: 5, on: system.connection)
            let places = "file:\(system.checkpointFile) kafka:audit-checkpoints"
            let worker = try system.start(
                [.auditing], environment: ["QUORATE_AUDIT_ENTRIES": "1", "QUORATE_AUDIT_PLACES": places])[0]
            var published = 0
            func cuts() throws -> Int64 { try system.number("SELECT last_value FROM public.cut") }
            try wait("\(Self.cutsWanted) cuts", within: .seconds(500), every: .milliseconds(50)) {
                // Few at a time: the embedded broker keeps 5 MiB a partition, and all of it is counted at the end.
                if try system.number("SELECT count(*) FROM auditing.entry") >= published {
                    let isSubtree = Self.tables[Self.next(after: try cuts()) / 2] == "subtree"
                    let count = isSubtree ? 256 : 2
                    try system.publish(
                        (published..<published + count).map { discussion("event-\($0)", case: "C-\($0 % 600)") })
                    published += count
                }
                return try cuts() > Self.cutsWanted
            }
            try system.waitUntilCaughtUp()
            try system.waitForCheckpoint()
            #expect(worker.isRunning && worker.launches == 1)
            #expect(try system.number("SELECT count(*) FROM auditing.entry") == Int64(system.recordCount()))
            try system.expectOrderAndConsistency()
            #expect(try Self.seldomCut(below: 11, on: system.connection) == [])
            // The topic has each checkpoint once, in order.
            try wait("the relay of every checkpoint") {
                try system.number("SELECT count(*) FROM auditing.outbox_pending") == 0
            }
            let sent = try system.records(ofTopic: "audit-checkpoints").map { record in
                try PublishedCheckpoint(line: String(decoding: record.value ?? [], as: UTF8.self)).note
            }
            #expect(try sent == system.strings("SELECT note FROM auditing.checkpoint c ORDER BY c.size"))
            try worker.stop()
        }
    }

    /// A key is made in a database of its own, before what it seals is written: cut there, and between the two.
    @Test func aKeyIsMadeOnceThoughItsMakingIsCut() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            let keys = try system.cluster.connect(to: system.cluster.keyDatabase(of: system.database))
            try Self.cut(["audit_key.content_key"], 20, stride: 1, on: keys)
            try Self.cut(["auditing.entry"], 20, stride: 1, on: system.connection)
            let worker = try system.start([.auditing])[0]
            var published = 0
            try wait("40 cuts", within: .seconds(300), every: .milliseconds(50)) {
                if try system.number("SELECT count(*) FROM auditing.entry") >= published {
                    // A case that nobody heard of needs a key.
                    try system.publish(
                        (published..<published + 2).map { discussion("event-\($0)", case: "C-\($0)") })
                    published += 2
                }
                let inKeys = try keys.execute("SELECT last_value FROM public.cut")[0].int64(0)
                return try inKeys > 20 && system.number("SELECT last_value FROM public.cut") > 20
            }
            try system.waitUntilCaughtUp()
            try system.waitForCheckpoint()
            #expect(worker.isRunning && worker.launches == 1)
            #expect(try Self.seldomCut(below: 10, on: keys) == [])
            #expect(try Self.seldomCut(below: 10, on: system.connection) == [])
            let made = try keys.execute("SELECT key_id FROM audit_key.content_key ORDER BY 1").map { $0.int64(0) }
            let used = try system.connection.execute("SELECT DISTINCT key_id FROM auditing.entry ORDER BY 1").map {
                $0.int64(0)
            }
            #expect(made == used && made.count == published)
            try system.expectOrderAndConsistency()
            let shown = try system.quorate("audit", "show", "--case", "E06000030/C-0", "--content").output
            #expect(shown.contains("event-0"))
        }
    }

    /// A database from a backup takes back what it had signed: cut before and after each table that this writes.
    @Test func whatWasSignedIsTakenBackThoughThatIsCut() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            let worker = try system.start([.auditing])[0]
            func publish(_ range: Range<Int>) throws {
                try system.publish(range.map { discussion("event-\($0)", case: "C-\($0)") })
                try system.waitUntilCaughtUp()
                try system.waitForCheckpoint()
            }
            try publish(0..<5)
            try worker.stop()
            try system.backUp()
            try worker.launch()
            try publish(5..<10)
            try worker.stop()
            let notes = try system.strings("SELECT note FROM auditing.checkpoint c ORDER BY c.size")
            try system.restoreBackup()
            let before = try system.strings("SELECT note FROM auditing.checkpoint c ORDER BY c.size")
            try #require(before.count < notes.count)
            try Self.cut(["auditing.head", "auditing.checkpoint"], 4, stride: 1, on: system.connection)
            try worker.launch()
            try wait("what was signed", within: .seconds(120)) {
                try system.strings("SELECT note FROM auditing.checkpoint c ORDER BY c.size").starts(with: notes)
            }
            #expect(try Self.seldomCut(below: 1, on: system.connection) == [])
            try publish(10..<15)
            #expect(try system.number("SELECT count(*) FROM auditing.entry") == 15)
            try system.expectOrderAndConsistency()
        }
    }
}
