import AuditLog
import Foundation
import Postgres
import TestSupport
import Testing
import Workers

/// The tables of the audit log: what they refuse, and the parts in which entries lie.
@Suite struct AuditTableTests {
    /// A trigger refuses every change, to everybody, with its own words: of each table, and of each part of the entries' table.
    @Test func nothingIsChangedEvenByTheOwner() async throws {
        try await AuditTests.withTenEntries { system in
            let connection = try system.connection
            // Rows for triggers that look at rows.
            let rows = """
                INSERT INTO auditing.subtree VALUES (1, 8, 0, '');
                INSERT INTO auditing.archive (until, since, entries, file, digest) VALUES (2, 1, 0, '', '');
                """
            func refused(_ change: String) throws {
                let error = #expect(throws: PostgresError.self, "\(change)") {
                    try connection.transaction { transaction in
                        try transaction.script(rows)
                        try transaction.script(change)
                    }
                }
                #expect(error?.sqlState == "42501" && error?.message == "the audit log is insert only", "\(change)")
            }
            let tables = [
                "entry": "subject", "subtree": "root", "head": "size", "checkpoint": "note", "signing_key": "verifier",
                "archive": "file",
            ]
            for (table, column) in tables {
                try refused("UPDATE auditing.\(table) SET \(column) = \(column)")
                try refused("DELETE FROM auditing.\(table)")
                try refused("TRUNCATE auditing.\(table)")
            }
            let parts = try system.strings("SELECT name FROM configuration.partition_bounds('auditing.entry')")
            #expect(parts.count >= 2)
            for part in parts { try refused("TRUNCATE \(part)") }
            // Their rows are those of the first.
            let first = try system.strings("SELECT DISTINCT tableoid::regclass::text FROM auditing.entry")
            try refused("UPDATE \(first[0]) SET subject = subject")
            try refused("DELETE FROM \(first[0])")
        }
    }

    /// Any byte of the key that the database names.
    @Test func noByteOfASigningKeyIsAlteredUnseen() async throws {
        try await AuditTests.withTenEntries { system in
            let connection = try system.connection
            let key = try system.strings("SELECT verifier FROM auditing.signing_key")[0]
            try connection.script("SET session_replication_role = 'replica'")
            for place in stride(from: 0, to: key.utf8.count, by: 7) {
                var bytes = Array(key.utf8)
                bytes[place] = bytes[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
                try connection.execute(
                    "UPDATE auditing.signing_key SET verifier = \(String(decoding: bytes, as: UTF8.self))")
                let verdict = try system.quorate("audit", "verify", exits: 1).output
                #expect(
                    verdict.contains("is signed by no key that is trusted")
                        || verdict.contains("auditing.signing_key: "),
                    "\(place): \(verdict)")
            }
            try connection.execute("UPDATE auditing.signing_key SET verifier = \(key)")
            try system.quorate("audit", "verify")
            try connection.script("DELETE FROM auditing.signing_key")
            let none = try system.quorate("audit", "verify", exits: 1).output
            #expect(none.contains("is signed by no key that is trusted"), "\(none)")
        }
    }

    private static func parts(_ system: TestSystem) throws -> [String] {
        try system.strings(
            "SELECT p.first || ' ' || p.bound FROM configuration.partition_bounds('auditing.entry') p ORDER BY p.first")
    }

    /// The table's parts in the place of those of a new database.
    private static func replaceParts(_ statement: String, _ system: TestSystem) throws {
        for name in try system.strings("SELECT name FROM configuration.partition_bounds('auditing.entry')") {
            try system.connection.script("DROP TABLE \(name)")
        }
        try system.connection.script(statement)
    }

    /// A log grows over the bounds of the table's parts, whatever their width, is judged and proved on both sides of them,
    /// and the first parts are emptied by an archive, and by nobody else.
    @Test func aLogGoesOverTheBoundsOfTheTable() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            #expect(try Self.parts(system) == ["0 500000", "500000 1000000"])
            try Self.replaceParts("SELECT configuration.ensure_partitions('auditing.entry', 511, 256)", system)
            #expect(try Self.parts(system) == ["0 256", "256 512"])
            try system.start([.auditing, .scheduling])
            try AuditArchiveTests.publish(0..<600, system)
            #expect(try Self.parts(system).prefix(3) == ["0 256", "256 512", "512 500512"])
            try system.quorate("audit", "verify")
            let key = try system.strings("SELECT verifier FROM auditing.signing_key")[0]
            func prove(_ indices: [Int]) throws {
                for index in indices {
                    let proof = try system.quorate("audit", "prove", "case-events/0/\(index)").output
                    try system.quorate(
                        "audit", "verify-bundle", system.write("proof-\(index).jsonl", proof), "--key", key)
                }
            }
            try prove([0, 255, 256, 511, 512, 599])
            try AuditArchiveTests.age(system, days: 40)
            try AuditArchiveTests.publish(600..<610, system)
            let file = "\(system.folder)/archive.jsonl"
            try system.quorate("audit", "archive", "--older-than", "30", "-o", file)
            try system.waitUntilCaughtUp()
            try system.waitForCheckpoint()
            let names = try system.strings(
                "SELECT name FROM configuration.partition_bounds('auditing.entry') p ORDER BY p.first")
            let left = try names.map { try system.number("SELECT count(*) FROM \(raw: $0) WHERE log_id = 1") }
            #expect(left.prefix(3) == [0, 0, 98])
            for name in names {
                let refused = #expect(throws: PostgresError.self) { try system.connection.script("TRUNCATE \(name)") }
                #expect(refused?.message == "the audit log is insert only")
            }
            try system.quorate("audit", "verify", "--archive", file)
            try prove([512, 609])
        }
    }

    /// A new part is let through beside a transaction that has read the table and is still open, and is like one that
    /// PostgreSQL makes itself.
    @Test func aPartIsAddedBesideWhoReads() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            try Self.replaceParts("SELECT configuration.ensure_partitions('auditing.entry', 511, 256)", system)
            let reader = try system.cluster.connect(to: system.database)
            try reader.script("BEGIN; SELECT count(*) FROM auditing.entry")
            try system.start([.auditing])
            try AuditArchiveTests.publish(0..<300, system)
            #expect(try Self.parts(system) == ["0 256", "256 512", "512 500512"])
            try reader.script("ROLLBACK")
            for change in [
                "UPDATE auditing.entry_from_256 SET subject = subject", "DELETE FROM auditing.entry_from_256",
                "TRUNCATE auditing.entry_from_512",
            ] {
                let refused = #expect(throws: PostgresError.self, "\(change)") { try system.connection.script(change) }
                #expect(refused?.message == "the audit log is insert only", "\(change)")
            }
            try system.connection.script(
                """
                SET ROLE quorate_owner;
                CREATE TABLE auditing.own PARTITION OF auditing.entry FOR VALUES FROM (900000) TO (900001);
                CREATE TRIGGER entry_is_not_truncated BEFORE TRUNCATE ON auditing.own
                    FOR EACH STATEMENT EXECUTE FUNCTION auditing.refuse_change();
                RESET ROLE
                """)
            #expect(try Self.shape("auditing.entry_from_512", system) == Self.shape("auditing.own", system))
        }
    }

    /// Owner, rights, columns, indexes and triggers of a table.
    private static func shape(_ table: String, _ system: TestSystem) throws -> [String] {
        try system.strings(
            """
            SELECT concat_ws(' ', c.relowner::regrole, c.relacl, c.relrowsecurity, c.relforcerowsecurity)
              FROM pg_class c WHERE c.oid = \(table)::regclass
            UNION ALL
            SELECT concat_ws(' ', attname, atttypid::regtype, attnotnull, attstorage, attcompression, atthasdef, attidentity)
              FROM pg_attribute WHERE attrelid = \(table)::regclass AND attnum > 0
            UNION ALL
            SELECT regexp_replace(pg_get_indexdef(i.indexrelid), ' INDEX \\S+ ON \\S+', '')
                || EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
              FROM pg_index i WHERE i.indrelid = \(table)::regclass
            UNION ALL
            SELECT concat_ws(' ', tgname, tgtype, tgenabled, tgfoid::regproc, tgparentid)
              FROM pg_trigger WHERE tgrelid = \(table)::regclass
            ORDER BY 1
            """)
    }

    /// A database of before: what holds entries stays as wide as it is, and narrower parts follow.
    @Test func aWidePartThatHoldsEntriesStays() async throws {
        let migration = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .appendingPathComponent("Shared/Workers/Migrations/0032_audit_table_partitions.sql")
        let text = try String(contentsOf: migration, encoding: .utf8)
        try await TestSystem.with(.init(partitions: 1)) { system in
            try Self.replaceParts(
                """
                CREATE TABLE auditing.entry_0 PARTITION OF auditing.entry FOR VALUES FROM (0) TO (10000000);
                CREATE TABLE auditing.entry_1 PARTITION OF auditing.entry FOR VALUES FROM (10000000) TO (20000000);
                ALTER TABLE auditing.entry_0 OWNER TO quorate_owner;
                ALTER TABLE auditing.entry_1 OWNER TO quorate_owner;
                """, system)
            let worker = try system.start([.auditing])[0]
            try AuditArchiveTests.publish(0..<10, system)
            try worker.stop()
            try system.connection.transaction { transaction in
                try transaction.script("DROP FUNCTION configuration.partition_bounds")
                try transaction.script(text)
            }
            #expect(try Self.parts(system) == ["0 10000000"])
            try system.connection.script("SELECT configuration.ensure_partitions('auditing.entry', 10000000, 500000)")
            #expect(try Self.parts(system) == ["0 10000000", "10000000 10500000"])
            let refused = #expect(throws: PostgresError.self) {
                try system.connection.script("TRUNCATE auditing.entry_0")
            }
            #expect(refused?.message == "the audit log is insert only")
            try worker.launch()
            try AuditArchiveTests.publish(10..<20, system)
            try system.quorate("audit", "verify")
        }
    }
}
