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

    /// A value that a schema allows: the name wherever any text goes.
    private static func value(_ schema: [String: Any], _ name: String) -> Any {
        if let values = schema["enum"] as? [Any] { return values[0] }
        if let choices = schema["anyOf"] as? [[String: Any]], let first = choices.first { return value(first, name) }
        switch type(schema) {
        case "object":
            let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
            return Dictionary(uniqueKeysWithValues: properties.map { ($0.key, value($0.value, $0.key)) })
        case "array": return [value(schema["items"] as? [String: Any] ?? [:], name)]
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
        if schema["pattern"] != nil || schema["format"] != nil {
            return name.hasPrefix("childId") ? "K-1" : name == "email" ? "a@example.test" : "X-1"
        }
        return canary
    }

    /// An event of every type, all of one case, with as many fields as its schema names.
    static func events() throws -> [String] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/contract/schemas")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }.map { file in
            let schema = try #require(
                JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
            let type = file.deletingPathExtension().lastPathComponent
            let isDirectory = ["person", "team", "role_mailbox"].contains { type == "\($0).recorded" }
            let event: [String: Any] = [
                "specversion": "1.0", "id": "canary-\(type)", "source": "urn:test:E09000002",
                "type": "quorate.\(type).v1", "subject": isDirectory ? "X-1" : "C-1", "authority": "E09000002",
                "time": "2026-03-03T09:00:00Z", "datacontenttype": "application/json", "data": value(schema, ""),
            ]
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

            let found = try Self.columns(system)
            #expect(found.subtracting(Self.meant) == [], "a name is where it should not be")
            #expect(found.contains("scheduling.fact.body"))
            for worker in WorkerName.allCases {
                let topics = try system.strings(
                    """
                    SELECT DISTINCT topic FROM \(raw: worker.schema).outbox WHERE position(\(Array(Self.canary.utf8)) IN value) > 0
                    """)
                #expect(Set(topics).isSubset(of: ["dead-letters"]), "\(worker): \(topics)")
            }
            try Self.outside(system)
            // It is kept nevertheless: the case's own key opens it.
            let shown = try system.quorate("audit", "show", "--case", "E09000002/C-1", "--content").output
            #expect(shown.contains(Self.canary))
        }
    }

    /// The columns of any type, of every table of every schema, in which some row has the name: as text, or as bytes in any
    /// form of theirs.
    static func columns(_ system: TestSystem) throws -> Set<String> {
        let rows = try system.connection.execute(
            """
            SELECT n.nspname AS schema, c.relname AS name, a.attname AS field FROM pg_class c
              JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
             WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
               AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            """)
        #expect(Set(rows.map { $0.string("schema") }).isSuperset(of: WorkerName.allCases.map(\.schema)))
        let escaped = canary.utf8.map { String($0, radix: 16) }.joined()
        return Set(
            try rows.map { "\($0.string("schema")).\($0.string("name")).\($0.string("field"))" }.filter { path in
                let parts = path.split(separator: ".").map { "\"\($0)\"" }
                return try system.number(
                    """
                    SELECT count(*) FROM \(raw: parts[0]).\(raw: parts[1]) t
                     WHERE position(\(canary) IN t.\(raw: parts[2])::text) > 0
                        OR position(\(escaped) IN t.\(raw: parts[2])::text) > 0
                    """) > 0
            })
    }

    /// Logs, metrics, headers, names of files, checkpoints.
    private static func outside(_ system: TestSystem) throws {
        for worker in system.workers {
            #expect(!worker.logText.contains("Quillfeather"), "\(worker.name)")
            #expect(try !worker.get("metrics").body.contains("Quillfeather"), "\(worker.name)")
        }
        for topic in SystemTopic.allCases where topic != .caseEvents && topic != .deadLetters {
            for record in try system.records(of: topic) {
                #expect(!record.headers.contains { String(decoding: $0.value, as: UTF8.self).contains(canary) })
            }
        }
        let files = FileManager.default.enumerator(atPath: system.folder)?.allObjects as? [String] ?? []
        #expect(!files.isEmpty && !files.contains { $0.contains("Quillfeather") })
        #expect(try !String(contentsOfFile: system.checkpointFile, encoding: .utf8).contains("Quillfeather"))
    }
}
