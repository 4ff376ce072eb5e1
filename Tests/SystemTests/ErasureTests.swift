import AuditLog
import CaseEvents
import Foundation
import Kafka
import Postgres
import StatutoryRules
import TestSupport
import Testing
import Workers

/// A name in every free text of a case, in what was refused of it and in a list: once the case is erased it is in no column of
/// any schema and in no file, and no key that is left opens an entry of the audit log that holds it.
@Suite struct ErasureTests {
    private static let authority = "E09000002"
    private static let name = CanaryTests.canary
    private static let other = "Ottilie Fernsby"

    /// An event of every type, all of 1984, of a child who was never looked after.
    private static func history() throws -> [String] {
        try CanaryTests.events().map { $0.replacing("2026-03-03", with: "1984-03-03") }.filter { line in
            let type = TestSystem.attribute("type", of: line) ?? ""
            let isDirectory = ["person", "team", "role_mailbox"].contains { type == "quorate.\($0).recorded.v1" }
            return !isDirectory && type != "quorate.child.became_looked_after.v1"
        }
    }

    @Test func aNameIsGoneWithItsCase() async throws {
        let lines = try Self.history()
        try await TestSystem.with(.init(partitions: 2)) { system in
            try system.start()
            try system.publish(lines)
            try Self.refuse(in: system)
            try Self.publishList("named", rows: [("C-1", Self.name), ("C-2", Self.other)], in: system)
            try Self.publishList("unnamed", rows: [("C-2", Self.other)], in: system)
            try system.waitUntilCaughtUp()
            // A case is kept while anything of it awaits repair.
            for id in try system.strings(
                "SELECT quarantine_id::text FROM scheduling.quarantine WHERE state = 'open' AND subject = 'C-1'")
            {
                try system.quorate("quarantine", "discard", id, "--reason", "of no use")
            }
            try system.waitUntilCaughtUp()
            try system.waitForCheckpoint()

            let before = try CanaryTests.columns(system)
            for column in [
                "scheduling.fact.body", "reporting.fact.body", "scheduling.quarantine.value",
                "scheduling.outbox.record_key", "scheduling.outbox.value", "reporting.published_list.cells",
                "reporting.outbox.value", "notifications.published_list.body",
            ] {
                #expect(before.contains(column), "\(column)")
            }
            #expect(try Self.topics(thatShow: Self.name, system) == ["case-events", "dead-letters", "report-events"])

            try system.quorate("retention", "apply", "--case", "\(Self.authority)/C-1", "--erase")
            try system.waitUntilCaughtUp()
            try system.waitForCheckpoint()

            #expect(try CanaryTests.columns(system) == [])
            #expect(try Self.topics(thatShow: Self.name, system) == [])
            #expect(try Self.files(thatShow: Self.name, system) == [])
            // The list that did not name it is as it was, the other one has its other row, and every proof holds.
            #expect(try Self.topics(thatShow: Self.other, system) == ["report-events"])
            #expect(
                try system.strings("SELECT csv FROM reporting.published_list ORDER BY list_id")
                    == ["", Self.csv([("C-2", Self.other)])])
            #expect(
                try system.strings("SELECT cells::text FROM reporting.published_list ORDER BY list_id")
                    == Array(repeating: #"[["Case", "Child"], ["C-2", "\#(Self.other)"]]"#, count: 2))
            #expect(try system.quorate("audit", "verify").output.contains("all fit"))
        }
    }

    /// What names no case goes by its year: a name in input that nobody can read, on every topic that is judged.
    @Test func aNameIsGoneWithTheYearOfWhatNamesNoCase() async throws {
        try await TestSystem.with(.init(partitions: 2)) { system in
            try system.start([.scheduling, .notifications, .reporting])
            let auditing = try system.start([.auditing])[0]
            func refuse(_ name: String) throws {
                let bytes = Array(name.utf8)
                for topic in [SystemTopic.caseEvents, .directoryEvents, .caseOutcomes, .reportEvents] {
                    try system.produceRaw(
                        topic: topic, key: bytes, headers: [Header(name: "x-child", value: bytes)],
                        value: Array("{\"childName\": \"\(name)\"".utf8))
                }
                let event = """
                    {"specversion":"1.0","id":"of-none","source":"urn:test:\(Self.authority)","authority":"\(Self.authority)",\
                    "type":"quorate.unheard.of.v1","time":"1984-03-03T09:00:00Z","data":{"note":"\(name)"}}
                    """
                try system.produceRaw(key: bytes, value: Array(event.utf8))
                try system.waitUntilCaughtUp()
                try system.waitForCheckpoint()
            }
            try refuse(Self.name)
            // As if it had come in 1985.
            for schema in ["scheduling", "notifications", "reporting"] {
                try system.connection.execute(
                    """
                    UPDATE \(raw: schema).quarantine SET kafka_timestamp_ms = 486000000000, quarantined_at = '1985-05-26'
                    """)
            }
            try Connection(system.keyDatabaseURL, applicationName: "test").execute(
                "UPDATE audit_key.content_key SET year = 1985, made_at = '1985-05-26' WHERE subject = ''")
            // It remembers the key of this year, which is one of 1985 now.
            _ = try auditing.stop()
            try auditing.launch()
            try refuse(Self.other)

            let before = try CanaryTests.columns(system)
            #expect(before.isSuperset(of: ["scheduling.quarantine.value", "notifications.quarantine.value"]))
            #expect(before.contains("scheduling.outbox.value"))
            let seen = try Self.topics(thatShow: Self.name, system)
            #expect(seen.isSuperset(of: ["case-events", "directory-events", "dead-letters"]), "\(seen)")
            let report = try system.quorate("retention", "report").output
            #expect(report.contains(/\(no authority\) 1985, of no case +kept through 2020-12-31; its time has ended/))
            #expect(report.contains(/E09000002 1985, of no case +kept through 2020-12-31; its time has ended/))
            #expect(report.contains(/\(no authority\) 20\d\d, of no case +kept through 20\d\d-12-31\n/))
            #expect(try system.quorate("retention", "apply").output.contains("and 2 years of what names no case."))
            #expect(try CanaryTests.columns(system) == before)

            // What is of no authority is under no hold of one.
            try system.quorate("retention", "hold", "--authority", Self.authority, "--reason", "inquiry")
            #expect(try system.quorate("retention", "apply", "--erase").output.contains("and 1 years of what"))
            try system.quorate("retention", "lift", "--authority", Self.authority)
            #expect(try system.quorate("retention", "apply", "--erase").output.contains("and 1 years of what"))
            try system.waitUntilCaughtUp()
            try system.waitForCheckpoint()

            #expect(try CanaryTests.columns(system) == [])
            #expect(try Self.topics(thatShow: Self.name, system) == [])
            #expect(try Self.files(thatShow: Self.name, system) == [])
            // What came since is as it was.
            #expect(try system.number("SELECT count(*) FROM scheduling.quarantine") == 2)
            #expect(try Self.topics(thatShow: Self.other, system) == seen)
            #expect(try system.quorate("audit", "verify").output.contains("all fit"))
        }
    }

    /// A record that ends auditing whenever it is looked into is an entry all the same, sealed with the key of its case.
    @Test func whatAuditingCannotLookIntoIsSealedUnread() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            let worker = try system.start([.auditing])[0]
            try system.publish((0..<5).map { discussion("event-\($0)", case: "C-1", authority: Self.authority) })
            try system.waitUntilCaughtUp()
            worker.crash()
            try system.publish(
                (5..<8).map { discussion("event-\($0)", case: "C-1", authority: Self.authority, note: Self.name) })
            // As it is left by a worker that ended twice while it had this record alone.
            try system.connection.execute(
                "UPDATE auditing.kafka_offset SET attempt_offset = 5, attempts = 2 WHERE topic = 'case-events'")
            try worker.launch()
            try system.waitUntilCaughtUp()
            try system.waitForCheckpoint()

            let rows = try system.connection.execute("SELECT * FROM auditing.quarantine")
            #expect(rows.map { $0.string("code") } == ["stopped_the_process"])
            #expect(rows.map { $0.int64("kafka_offset") } == [5])
            #expect(rows.allSatisfy { $0.bytesOrNil("value") == nil && $0.bytesOrNil("record_key") == nil })
            #expect(
                try system.strings(
                    "SELECT kafka_offset || ' ' || coalesce(event_id, 'unread') || ' ' || subject FROM auditing.entry ORDER BY leaf_index"
                ) == (0..<8).map { "\($0) \($0 == 5 ? "unread" : "event-\($0)") C-1" })
            try system.expectOrderAndConsistency()
            #expect(try CanaryTests.columns(system) == [])
            let shown = try system.quorate("audit", "show", "--case", "\(Self.authority)/C-1", "--content").output
            for number in 0..<8 { #expect(shown.contains("\"id\":\"event-\(number)\""), "\(number)") }
        }
    }

    /// Two that no worker can apply: under the key of the case, and under one that its producer chose.
    private static func refuse(in system: TestSystem) throws {
        for (number, key) in ["\(authority)/C-1", name].enumerated() {
            let event = """
                {"specversion":"1.0","id":"refused-\(number)","source":"urn:test:\(authority)","type":"quorate.unheard.of.v1",\
                "subject":"C-1","time":"1984-03-03T09:00:00Z","authority":"\(authority)","data":{"note":"\(name)"}}
                """
            try system.produceRaw(key: Array(key.utf8), value: Array(event.utf8))
        }
    }

    private static func csv(_ rows: [(subject: String, child: String)]) -> String {
        ListTable(header: ["Case", "Child"], rows: rows.map { [$0.subject, $0.child] }).csv
    }

    /// As reporting publishes a list: its row, and its event on the way to Kafka.
    private static func publishList(
        _ id: String, rows: [(subject: String, child: String)], in system: TestSystem
    ) throws {
        let text = csv(rows)
        let cells = "[[\"Case\",\"Child\"]" + rows.map { ",[\"\($0.subject)\",\"\($0.child)\"]" }.joined() + "]"
        let event = OutgoingEvent(
            id: ListTable.eventId(ofList: id), source: WorkerName.reporting.source, type: "quorate.list.published.v1",
            subject: "lists", authority: authority, time: Instant("2020-01-06T06:00:00Z")!,
            data: "{\"listId\":\"\(id)\",\"kind\":\"weekly\",\"recipients\":[],\"csv\":\(JSONValue.quoted(text))}")
        let connection = try system.newConnection()
        try connection.transaction { transaction in
            try transaction.execute(
                """
                INSERT INTO reporting.published_list (list_id, kind, authority, period, as_at, row_count, csv, html,
                    listed_on, cells, xlsx)
                VALUES (\(id), 'weekly', \(authority), \(id), now(), \(Int32(rows.count)), \(text), \(text), '2020-01-06',
                    \(cells)::text::jsonb, \(Array(text.utf8)))
                """)
            try transaction.execute(
                """
                WITH kept AS (
                    INSERT INTO reporting.outbox (source_partition, topic, event_id, event_type, record_key, value)
                    VALUES (0, 'report-events', \(event.id), \(event.type), \(Array(event.key.utf8)),
                        \(Array(event.json.utf8))) RETURNING outbox_id, source_partition)
                INSERT INTO reporting.outbox_pending SELECT outbox_id, source_partition FROM kept
                """)
        }
    }

    /// The topics of entries in which a key that is left shows the name.
    private static func topics(thatShow name: String, _ system: TestSystem) throws -> Set<String> {
        let rows = try system.connection.execute(
            """
            SELECT l.cluster, l.topic, l.partition, e.kafka_offset, e.key_id, e.sealed
              FROM auditing.entry e JOIN auditing.log l USING (log_id)
            """)
        let ids = Set(rows.map { $0.int64("key_id") })
        let keys = try KeyDatabase(system.keyDatabaseURL, applicationName: "test").keys(withIds: ids)
        return Set(
            rows.filter { row in
                let place = sealingPlace(
                    cluster: row.string("cluster"), topic: row.string("topic"), partition: row.int32("partition"),
                    offset: row.int64("kafka_offset"))
                let content = keys[row.int64("key_id")]?.open(row.bytes("sealed"), at: place)
                return content.map { String(decoding: $0, as: UTF8.self).contains(name) } ?? false
            }.map { $0.string("topic") })
    }

    /// Files of the workers and of the commands, but for mail, which left the system.
    private static func files(thatShow name: String, _ system: TestSystem) throws -> [String] {
        let files = FileManager.default.enumerator(atPath: system.folder)?.allObjects as? [String] ?? []
        #expect(!files.isEmpty)
        return files.map { "\(system.folder)/\($0)" }.filter { path in
            guard !path.hasPrefix(system.mailFolder), let data = FileManager.default.contents(atPath: path) else {
                return false
            }
            return data.range(of: Data(name.utf8)) != nil
        }
    }
}
