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

    /// The case that a record of a topic is of, by its authority and subject. Of a directory event the subject is a person or
    /// a team; what is published of many cases, or of what an operator did to none, has another word there.
    init?(of row: Row, in topic: String) {
        let others = [SystemTopic.directoryEvents, .reportEvents].map(\.rawValue)
        guard let authority = row.stringOrNil("authority"), let subject = row.stringOrNil("subject"),
            !others.contains(topic), subject != "lists", subject != "operator"
        else { return nil }
        self.init(authority: authority, subject: subject)
    }
}

/// Entries of a case, opened where their key is still there.
struct CaseEntries {
    struct Entry {
        let row: Row
        /// `nil` where the key was destroyed.
        let content: RecordContent?

        var place: String { "\(row.string("topic"))/\(row.int32("partition"))/\(row.int64("kafka_offset"))" }
        var type: String { row.stringOrNil("event_type") ?? "unknown type" }
        /// What was received, where it is JSON.
        let event: JSONValue?
        /// Where nothing shows that it is what was received.
        var mark: String { row.bool("is_lost") ? ", given up as lost" : "" }
        var cited: String { place + mark }
        var data: JSONValue? { event?["data"] }
    }

    let entries: [Entry]

    init(of reference: CaseReference, _ connection: Connection, _ keys: KeyDatabase) throws {
        try self.init(
            sealedBy: keys.keyIds(authority: reference.authority, subject: reference.subject), connection, keys)
    }

    /// Of what these keys sealed, those of some types or all, each once, in the order of Kafka's timestamps. Waits for an archive that is
    /// being made: else nothing of what it takes might be found, neither here nor there.
    init(sealedBy ids: [Int64], of types: [String]? = nil, _ connection: Connection, _ keys: KeyDatabase) throws {
        let open = try keys.keys(withIds: Set(ids))
        let rows = try LogArchive(connection).whileNothingLeaves {
            try connection.execute(
                """
                SELECT l.cluster, l.topic, l.partition, l.closed, coalesce(e.leaf_index >= l.lost_from, false) AS is_lost, e.*
                  FROM auditing.entry e JOIN auditing.log l USING (log_id)
                 WHERE e.key_id = ANY(\(ids)) AND (\(types == nil) OR e.event_type = ANY(\(types ?? [])))
                 ORDER BY e.kafka_timestamp_ms, e.log_id, e.leaf_index
                """)
        }
        entries = CaseEntries.once(rows).map { row in
            let place = sealingPlace(
                cluster: row.string("cluster"), topic: row.string("topic"), partition: row.int32("partition"),
                offset: row.int64("kafka_offset"))
            let content = open[row.int64("key_id")]?.open(row.bytes("sealed"), at: place)
                .flatMap { RecordContent(encoded: $0) }
            let event = content?.value.flatMap { try? JSONValue(String(decoding: $0, as: UTF8.self)) }
            return Entry(row: row, content: content, event: event)
        }
    }

    /// Where Kafka had a record, and when: the same in a log that was closed and in one that took its place.
    private struct Source: Hashable {
        let cluster, topic: String
        let partition: Int32
        let offset, timestamp: Int64

        init(_ row: Row) {
            cluster = LogPlace.cluster(ofLogs: row.string("cluster"))
            (topic, partition) = (row.string("topic"), row.int32("partition"))
            (offset, timestamp) = (row.int64("kafka_offset"), row.int64("kafka_timestamp_ms"))
        }
    }

    /// Without what a later log tells again. As `analysis.audit_trail` has it.
    private static func once(_ rows: Rows) -> [Row] {
        guard rows.contains(where: { $0.bool("closed") }) else { return Array(rows) }
        let same = Dictionary(grouping: rows, by: Source.init)
        return rows.filter { row in
            let (log, id) = (row.int64("log_id"), row.stringOrNil("event_id"))
            return !row.bool("closed")
                || !same[Source(row)]!.contains {
                    $0.int64("log_id") > log && (id == nil || $0.stringOrNil("event_id") == id)
                }
        }
    }
}

extension Audit {
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show every entry of a case.",
            discussion: """
                A record that was read again is told once; prove takes its newest entry. The look is an entry itself, \
                written before anything is shown.
                """)
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
                    "\(entry.place.padded(to: 34)) \("\(received)".padded(to: 28)) \(entry.type.padded(to: 44)) \(entry.row.stringOrNil("event_id") ?? "-")\(entry.mark)\(erased)"
                )
                if content, let value = entry.content?.value {
                    Terminal.out.print("    " + String(decoding: value, as: UTF8.self))
                }
            }
            Terminal.out.print("\(entries.count) entries of \(reference.description).")
            try Audit.sayWhatIsArchived(connection)
        }
    }
}
