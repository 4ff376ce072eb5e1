import ArgumentParser
import AuditLog
import CaseEvents
import Foundation
import Postgres
import StatutoryRules
import TransparencyLog
import Workers

/// A case, as commands name it.
struct CaseReference: ExpressibleByArgument {
    let authority: String
    let subject: String

    init?(argument: String) {
        guard let slash = argument.firstIndex(of: "/") else { return nil }
        authority = String(argument[..<slash])
        subject = String(argument[argument.index(after: slash)...])
        guard !authority.isEmpty, !subject.isEmpty else { return nil }
    }

    init(authority: String, subject: String) {
        self.authority = authority
        self.subject = subject
    }

    var description: String { "\(authority)/\(subject)" }
}

/// Entries of a case, opened where their key is still there.
struct CaseEntries {
    struct Entry {
        let row: Row
        /// `nil` where the key was destroyed.
        let content: RecordContent?

        var place: String { "\(row.string("topic"))/\(row.int32("partition"))/\(row.int64("kafka_offset"))" }
        var type: String { row.stringOrNil("event_type") ?? "unknown type" }
        var data: JSONValue? {
            content?.value.flatMap { try? JSONValue(String(decoding: $0, as: UTF8.self)) }.flatMap { $0["data"] }
        }
    }

    let entries: [Entry]

    /// In the order of Kafka's timestamps. Waits for an archive that is being made: else nothing of what it takes might be
    /// found, neither here nor there.
    init(of reference: CaseReference, _ connection: Connection, _ keys: KeyDatabase) throws {
        let ids = try keys.keyIds(authority: reference.authority, subject: reference.subject)
        let open = try keys.keys(withIds: Set(ids))
        let rows = try LogArchive(connection).whileNothingLeaves {
            try connection.execute(
                """
                SELECT l.cluster, l.topic, l.partition, e.* FROM auditing.entry e JOIN auditing.log l USING (log_id)
                 WHERE e.key_id = ANY(\(ids)) ORDER BY e.kafka_timestamp_ms, e.log_id, e.leaf_index
                """)
        }
        entries = rows.map { row in
            let place = sealingPlace(
                cluster: row.string("cluster"), topic: row.string("topic"), partition: row.int32("partition"),
                offset: row.int64("kafka_offset"))
            let content = open[row.int64("key_id")]?.open(row.bytes("sealed"), at: place)
            return Entry(row: row, content: content.flatMap { RecordContent(encoded: $0) })
        }
    }
}

extension Audit {
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show every entry of a case.",
            discussion: "The look is an entry itself, written before anything is shown.")
        @OptionGroup var options: DeploymentOptions
        @Option(name: .customLong("case"), help: "The case, as authority/reference.") var reference: CaseReference
        @Flag(help: "With what was received.") var content = false

        func run() throws {
            let deployment = try options.deployment()
            let connection = try deployment.connect("audit")
            try Operator.viewed("audit.show", reference, on: connection)
            let entries = try CaseEntries(of: reference, connection, try deployment.keyDatabase("audit")).entries
            for entry in entries {
                let received = entry.row.timestamp("received_at").instant
                let erased = entry.content == nil ? "  (content erased)" : ""
                Terminal.out.print(
                    "\(entry.place.padded(to: 34)) \("\(received)".padded(to: 28)) \(entry.type.padded(to: 44)) \(entry.row.stringOrNil("event_id") ?? "-")\(erased)"
                )
                if content, let value = entry.content?.value {
                    Terminal.out.print("    " + String(decoding: value, as: UTF8.self))
                }
            }
            Terminal.out.print("\(entries.count) entries of \(reference.description).")
            try Audit.sayWhatIsArchived(connection)
        }
    }

    struct WhoSaw: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "who-saw",
            abstract: "Show who looked at a child's record, asked about it, or was given of it.",
            discussion: """
                Pages and commands that showed the case, enquiries (LON-14.15), and records disclosed (LON-14.10, \
                LON-14.11), in the order in which they were recorded. The look is an entry itself.
                """)
        @OptionGroup var options: DeploymentOptions
        @Option(help: "The child, by the reference that events use.") var child: String
        @Option(help: "The authority, where several have a child of that reference.") var authority: String?

        /// Events by which something of a record becomes known to somebody.
        private static let types = [
            "quorate.record.viewed.v1", "quorate.operator.acted.v1", "quorate.enquiry.received.v1",
            "quorate.information.provided.v1", "quorate.conference.record_disclosed.v1",
        ]

        func run() throws {
            let deployment = try options.deployment()
            let connection = try deployment.connect("audit")
            let cases = try cases(connection)
            guard !cases.isEmpty else { throw ValidationError("no case has a child \(child)") }
            let keys = try deployment.keyDatabase("audit")
            var count = 0
            for reference in cases {
                try Operator.viewed("audit.who-saw", reference, on: connection)
                for entry in try CaseEntries(of: reference, connection, keys).entries
                where WhoSaw.types.contains(entry.type) {
                    guard isOfChild(entry.data) else { continue }
                    count += 1
                    Terminal.out.print(
                        "\("\(Instant(microseconds: entry.row.int64("kafka_timestamp_ms") * 1_000))".padded(to: 28)) \(entry.type.padded(to: 44)) \(who(entry))"
                    )
                }
            }
            Terminal.out.print(
                "\(count) times, in \(cases.map(\.description).joined(separator: ", ")), as far as it was recorded.")
            try Audit.sayWhatIsArchived(connection)
        }

        /// What names another child of the family alone is left out.
        private func isOfChild(_ data: JSONValue?) -> Bool {
            guard let data else { return true }
            if let named = data["childId"]?.string { return named == child }
            let named = data["childIds"]?.elements.compactMap(\.string) ?? []
            if !named.isEmpty { return named.contains(child) }
            return true
        }

        private func who(_ entry: CaseEntries.Entry) -> String {
            guard let data = entry.data else { return "content erased" }
            let names = ["viewer", "login", "enquirer", "providedBy", "toParty", "act", "purpose", "basis"]
            let parts = names.compactMap { name in data[name].map { "\(name) \($0.string ?? $0.rawText)" } }
            return parts.isEmpty ? "names nobody" : parts.joined(separator: ", ")
        }

        private func cases(_ connection: Connection) throws -> [CaseReference] {
            try connection.execute(
                """
                SELECT DISTINCT authority, subject FROM (
                    SELECT authority, subject FROM reporting.child WHERE child_id = \(child)
                    UNION ALL SELECT authority, subject FROM reporting.duty WHERE child_id = \(child)
                    UNION ALL SELECT authority, subject FROM reporting.enquiry WHERE child_id = \(child)
                    UNION ALL SELECT authority, subject FROM reporting.plan WHERE child_id = \(child)
                    UNION ALL SELECT authority, subject FROM reporting.finding WHERE child_id = \(child)) f
                 WHERE \(authority == nil) OR authority = \(authority ?? "") ORDER BY 1, 2
                """
            ).map { CaseReference(authority: $0.string("authority"), subject: $0.string("subject")) }
        }
    }
}
