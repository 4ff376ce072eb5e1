import AuditLog
import Foundation
import Kafka
import Postgres
import TestSupport
import Testing
import Workers

/// When checkpoints are signed, and what verification from one of them has before it.
@Suite struct AuditRhythmTests {
    /// Every ten entries, where no time would make it sign within the day.
    @Test func everySoManyEntriesAloneIsARhythm() async throws {
        try await TestSystem.with(.init(partitions: 2)) { system in
            try system.start(
                [.auditing], environment: ["QUORATE_AUDIT_SECONDS": "86400", "QUORATE_AUDIT_ENTRIES": "10"])
            // The first entries are signed at once; from then on nothing is until there are ten more.
            var published = 0
            func publish(_ count: Int) throws {
                try system.publish((published..<published + count).map { discussion("event-\($0)", case: "C-\($0)") })
                published += count
                try system.waitUntilCaughtUp()
            }
            try publish(1)
            try wait("the first checkpoint") {
                try system.number("SELECT count(*) FROM auditing.checkpoint") == 1
            }
            for checkpoint in 2...4 {
                try publish(9)
                #expect(try system.number("SELECT count(*) FROM auditing.checkpoint") == Int64(checkpoint - 1))
                try publish(1)
                try wait("checkpoint \(checkpoint)") {
                    try system.number("SELECT count(*) FROM auditing.checkpoint") == Int64(checkpoint)
                }
            }
            let covered = try system.strings(
                """
                SELECT (SELECT sum(h.size) FROM auditing.head h WHERE h.position < c.size AND h.position >= coalesce(
                            (SELECT max(b.size) FROM auditing.checkpoint b WHERE b.size < c.size), 0))::text
                  FROM auditing.checkpoint c ORDER BY c.size
                """)
            #expect(covered == ["1", "11", "21", "31"])
            let heads = HeadLog(try system.connection)
            let sizes = try system.strings("SELECT size::text FROM auditing.checkpoint c ORDER BY c.size")
            #expect(try heads.entries(since: 0) == 31)
            #expect(try sizes.map { try heads.entries(since: UInt64($0)!) } == [30, 20, 10, 0])
            let verdict = try system.quorate("audit", "verify", "--since", sizes[1]).output
            #expect(verdict.contains("20 entries"), "\(verdict)")
        }
    }

    /// What some place has not been given is counted by the key, however many checkpoints there are.
    @Test func whatIsUnsentIsCountedByTheKey() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            let connection = try system.connection
            // Counts of reads are of this transaction.
            try connection.script(
                """
                BEGIN;
                INSERT INTO auditing.checkpoint (size, note)
                SELECT n * 24, repeat(md5(n::text), 9) FROM generate_series(1, 20000) n;
                INSERT INTO auditing.checkpoint_place (place, size) VALUES ('file:a', 479976), ('file:b', 480000);
                ANALYZE auditing.checkpoint
                """)
            func unsent(_ places: [String]) throws -> Int64 { try HeadLog(connection).cover(places: places).unsent }
            func read() throws -> Int64 {
                try system.number(
                    """
                    SELECT sum(pg_stat_get_xact_tuples_returned(c.oid))::bigint FROM pg_class c
                     WHERE c.oid IN ('auditing.checkpoint'::regclass, 'auditing.checkpoint_pkey'::regclass)
                    """)
            }
            let before = try read()
            #expect(try unsent(["file:a", "file:b"]) == 1)
            #expect(try unsent(["file:b"]) == 0)
            #expect(try unsent([]) == 0)
            #expect(try read() - before < 100)
            #expect(try unsent(["file:a", "file:never"]) == 20_000)
            try connection.script("ROLLBACK")
        }
    }

    /// A record is kept as it came: what is missing is not made empty, and no name is repaired.
    @Test func headersAreKeptAsTheyWereReceived() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            try system.start([.scheduling, .auditing])
            let headers = [
                Header(nameBytes: Array("none".utf8), valueBytes: nil), Header(name: "empty", value: []),
                Header(nameBytes: [0xC3, 0x28, 0xFF], valueBytes: [0xFF]), Header(name: "e\u{301}", value: [0]),
            ]
            try system.produceRaw(key: Array("E06000030/C-1".utf8), headers: headers, value: [1])
            try system.produceRaw(
                key: Array("E06000030/C-1".utf8), headers: [Header(name: "\u{E9}", value: [0])], value: [1])
            try system.waitUntilCaughtUp()
            let keys = try KeyDatabase(system.keyDatabaseURL, applicationName: "test")
            let rows = try system.connection.execute(
                """
                SELECT l.cluster, l.topic, e.kafka_offset, e.key_id, e.sealed FROM auditing.entry e
                  JOIN auditing.log l USING (log_id) WHERE l.topic = 'case-events' ORDER BY e.kafka_offset
                """)
            let found = try rows.map { row in
                let place = sealingPlace(
                    cluster: row.string("cluster"), topic: row.string("topic"), partition: 0,
                    offset: row.int64("kafka_offset"))
                let id = row.int64("key_id")
                return try #require(
                    try keys.keys(withIds: [id])[id]?.open(row.bytes("sealed"), at: place)
                        .flatMap { RecordContent(encoded: $0) }
                ).headers
            }
            func kept(_ headers: [Header]) -> [RecordContent.Header] {
                headers.map { .init(name: $0.nameBytes, value: $0.valueBytes) }
            }
            #expect(found == [kept(headers), kept([Header(name: "\u{E9}", value: [0])])])
        }
    }
}
