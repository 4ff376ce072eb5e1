import CaseEvents
import Foundation
import Kafka
import Postgres
import TestSupport
import Testing
import Workers

/// A name in every free text of every event of the contract, and where no producer should write one, is found in the columns
/// that are meant for it and nowhere else.
@Suite struct CanaryTests {
    static let canary = "Zebediah Quillfeather"

    /// Of fields that hold ids, or words of a code list: beside the free text, each with columns of its own.
    static let other = "Ottoline Marrowby"
    enum Planted: String, CaseIterable { case ids, codes }

    /// Where what was received, or said to people, is kept as it is. Everything else must not know a name.
    private static let meant: Set<String> = [
        // The facts of a case, as they came.
        "scheduling.fact.body", "reporting.fact.body",
        // What was refused, as it came.
        "scheduling.quarantine.headers", "scheduling.quarantine.record_key", "scheduling.quarantine.value",
        "reporting.quarantine.headers", "reporting.quarantine.record_key", "reporting.quarantine.value",
        "notifications.quarantine.headers", "notifications.quarantine.record_key", "notifications.quarantine.value",
        // On its way to the dead letters, from who judges the topic.
        "scheduling.outbox.headers", "scheduling.outbox.record_key", "scheduling.outbox.value",
        "notifications.outbox.headers", "notifications.outbox.record_key", "notifications.outbox.value",
        // Who works where, and under which name.
        "notifications.directory_word.body",
    ]

    private static func type(_ schema: [String: Any]) -> String? {
        (schema["type"] as? String) ?? (schema["type"] as? [String])?.first
    }

    /// A value that a schema allows: the name wherever any text goes, or where another is given in its kind of fields too.
    private static func value(_ schema: [String: Any], _ name: String, _ planted: Planted?) -> Any {
        if let values = schema["enum"] as? [Any] { return values[0] }
        if let choices = schema["anyOf"] as? [[String: Any]], let first = choices.first {
            return planted == .codes && choices.contains(where: \.isEmpty) ? other : value(first, name, planted)
        }
        switch type(schema) {
        case "object":
            let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
            return Dictionary(uniqueKeysWithValues: properties.map { ($0.key, value($0.value, $0.key, planted)) })
        case "array": return [value(schema["items"] as? [String: Any] ?? [:], name, planted)]
        case "boolean": return true
        case "integer": return schema["minimum"] as? Int ?? 1
        default: break
        }
        if let pattern = schema["pattern"] as? String,
            pattern.hasPrefix("^(19|20|21)") || pattern.hasPrefix("^[0-9]{4}")
        {
            return pattern.contains(":[0-5]") ? "2026-03-03T09:00:00Z" : "2026-03-03"
        }
        if schema["format"] as? String == "date" { return "2026-03-03" }
        if planted == .ids, (schema["pattern"] as? String)?.hasPrefix("^[^") == true { return other }
        if schema["pattern"] != nil || schema["format"] != nil {
            return name.hasPrefix("childId") ? "K-1" : name == "email" ? "a@example.test" : "X-1"
        }
        return canary
    }

    private static let schemas = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("docs/contract/schemas")

    static func schema(_ type: String) throws -> [String: Any] {
        let data = try Data(contentsOf: schemas.appendingPathComponent("\(type).json"))
        return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// An event of every type, all of one case, with as many fields as its schema names; or with as few as it allows.
    static func events(empty: Bool = false, planted: Planted? = nil) throws -> [String] {
        let files = try FileManager.default.contentsOfDirectory(at: schemas, includingPropertiesForKeys: nil)
        return try files.filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }.map { file in
            let type = file.deletingPathExtension().lastPathComponent
            var schema = try schema(type)
            if empty {
                let required = Set(schema["required"] as? [String] ?? []).union(["childId"])
                schema["properties"] = (schema["properties"] as? [String: Any])?.filter { required.contains($0.key) }
            }
            let isDirectory = ["person", "team", "role_mailbox"].contains { type == "\($0).recorded" }
            var event: [String: Any] = [
                "specversion": "1.0", "id": "canary-\(type)", "source": "urn:test:E09000002",
                "type": "quorate.\(type).v1", "subject": planted == .ids ? other : isDirectory ? "X-1" : "C-1",
                "authority": "E09000002",
                "time": "2026-03-03T09:00:00Z", "datacontenttype": "application/json",
                "data": value(schema, "", planted),
            ]
            if planted == .ids {
                event["id"] = "\(other) \(type)"
                for name in ["correlationid", "causationid"] { event[name] = other }
            }
            return String(decoding: try JSONSerialization.data(withJSONObject: event), as: UTF8.self)
        }
    }

    @Test func aNameStaysWhereItBelongs() async throws {
        let lines = try Self.events()
        #expect(lines.count > 80 && lines.count { $0.contains(Self.canary) } > 40)
        try await TestSystem.with(.init(partitions: 2)) { system in
            try system.start()
            try system.publish(lines)
            // Where no producer should write it, and somebody will.
            let name = Array(Self.canary.utf8)
            try system.produceRaw(
                key: name, headers: [Header(name: "x-child", value: name)],
                value: Array("{\"childName\": \"\(Self.canary)\"".utf8))
            for topic in [SystemTopic.directoryEvents, .caseOutcomes, .reportEvents] {
                try system.produceRaw(topic: topic, key: name, value: name)
            }
            try system.waitUntilCaughtUp()
            try system.waitForCheckpoint()
            // Each was taken, and so went as far as it may; but for what the workers publish and who works where.
            let types = Set(lines.compactMap { TestSystem.attribute("type", of: $0) })
            #expect(
                types.subtracting(try system.strings("SELECT DISTINCT event_type FROM scheduling.fact"))
                    == Set(
                        ["event.quarantined", "person.recorded", "team.recorded", "role_mailbox.recorded"].map {
                            "quorate.\($0).v1"
                        }))

            let found = try Self.columns(system.connection, of: Self.canary)
            #expect(found.subtracting(Self.meant) == [], "a name is where it should not be")
            #expect(found.contains("scheduling.fact.body"))
            for worker in WorkerName.allCases {
                let topics = try system.strings(
                    """
                    SELECT DISTINCT topic FROM \(raw: worker.schema).outbox WHERE position(\(Array(Self.canary.utf8)) IN value) > 0
                    """)
                #expect(Set(topics).isSubset(of: ["dead-letters"]), "\(worker): \(topics)")
            }
            try Self.outside(system, Self.canary)
            // It is kept nevertheless: the case's own key opens it.
            let shown = try system.quorate("audit", "show", "--case", "E09000002/C-1", "--content").output
            #expect(shown.contains(Self.canary))
        }
    }

    /// A name where an id or a word of a code list goes. Ids and words are read by those who work with the case, and so they are in
    /// more columns: those that a file lists. No log, metric, header, name of a file or column of keys has them but the owner's.
    @Test(arguments: Planted.allCases)
    func aNameInTheWrongFieldStaysWhereThatFieldBelongs(planted: Planted) async throws {
        let lines = try Self.events(planted: planted)
        #expect(lines.count { $0.contains(Self.other) } > 40)
        let file = Self.schemas.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Tests/SystemTests/Fixtures/canary-\(planted.rawValue).txt")
        let meant = Set(try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init))
        try await TestSystem.with(.init(partitions: 2)) { system in
            try system.start()
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            try system.waitForCheckpoint()
            let found = try Self.columns(system.connection, of: Self.other)
            #expect(found.subtracting(meant).sorted() == [], "a name is where it should not be")
            #expect(found.isSuperset(of: ["scheduling.fact.body", "reporting.fact.body"]))
            try Self.outside(system, Self.other)
        }
    }

    /// The columns of any type, of every table of every schema, in which some row has the name: as text, or as bytes in any
    /// form of theirs.
    static func columns(_ system: TestSystem) throws -> Set<String> {
        try columns(system.connection, of: canary)
    }

    static func columns(_ connection: Connection, of name: String) throws -> Set<String> {
        let rows = try connection.execute(
            """
            SELECT n.nspname AS schema, c.relname AS name, a.attname AS field FROM pg_class c
              JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
             WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
               AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            """)
        let escaped = name.utf8.map { String($0, radix: 16) }.joined()
        return Set(
            try rows.map { "\($0.string("schema")).\($0.string("name")).\($0.string("field"))" }.filter { path in
                let parts = path.split(separator: ".").map { "\"\($0)\"" }
                return try connection.execute(
                    """
                    SELECT count(*) FROM \(raw: parts[0]).\(raw: parts[1]) t
                     WHERE position(\(name) IN t.\(raw: parts[2])::text) > 0
                        OR position(\(escaped) IN t.\(raw: parts[2])::text) > 0
                    """)[0].int64(0) > 0
            })
    }

    /// Logs of the workers and of PostgreSQL, metrics, headers, names of files, checkpoints, and the database of the keys, whose
    /// owners are cases.
    private static func outside(_ system: TestSystem, _ name: String) throws {
        let word = String(name.split(separator: " ")[1])
        for worker in system.workers {
            #expect(!worker.logText.contains(word), "\(worker.name)")
            #expect(try !worker.get("metrics").body.contains(word), "\(worker.name)")
        }
        #expect(try !system.cluster.serverLog().contains(word), "PostgreSQL")
        for topic in SystemTopic.allCases where topic != .caseEvents && topic != .deadLetters {
            for record in try system.records(of: topic) {
                #expect(!record.headers.contains { String(decoding: $0.value, as: UTF8.self).contains(name) })
            }
        }
        let files = FileManager.default.enumerator(atPath: system.folder)?.allObjects as? [String] ?? []
        #expect(!files.isEmpty && !files.contains { $0.contains(word) })
        #expect(try !String(contentsOfFile: system.checkpointFile, encoding: .utf8).contains(word))
        let keys = try columns(system.cluster.connect(to: system.cluster.keyDatabase(of: system.database)), of: name)
        #expect(keys.isSubset(of: ["audit_key.content_key.subject"]), "\(keys)")
    }
}
