import ArgumentParser
import AuditLog
import CaseEvents
import Foundation
import StatutoryRules

/// What each record-keeping row of the rulebook wants on record: by which events, in which of their fields.
enum RecordKeeping {
    struct Row {
        let rule: String
        /// Events that give cause for the record, and are to hold it. Names as in the contract.
        let events: [String]
        /// Others that may hold it: they count where they do.
        let also: [String]
        let fields: [String]

        /// Those fields of it that an event gives.
        func given(by data: JSONValue?) -> [String] {
            guard let data else { return [] }
            return fields.filter { data[$0].map { !$0.isNull } ?? false }
        }

        func concerns(_ entry: CaseEntries.Entry) -> Bool {
            events.contains(entry.name) || also.contains(entry.name) && !given(by: entry.data).isEmpty
        }
    }

    /// In the order of the rulebook.
    static let rows: [Row] = {
        let lines = String(decoding: PackageResources.record_keeping_tsv, as: UTF8.self).split(separator: "\n")
        return lines.dropFirst().map { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            func names(_ cell: String) -> [String] { cell.split(separator: ",").map(String.init) }
            return Row(rule: cells[0], events: names(cells[1]), also: names(cells[2]), fields: names(cells[3]))
        }
    }()
}

/// A finding as the audit log tells it: recorded, perhaps cleared, resting on events.
struct RecordedFinding {
    let id: String
    let rule: String
    let message: String
    let events: [String]
    let recordedAt: Instant
    let recordedIn: String
    var clearedAt: Instant?
    var clearedIn: String?

    /// In the order in which they were first recorded. Entries whose content was erased tell nothing.
    static func all(in entries: [CaseEntries.Entry]) -> [RecordedFinding] {
        var found: [RecordedFinding] = []
        var places: [String: Int] = [:]
        for entry in entries {
            guard let data = entry.data, let id = data["findingId"]?.string else { continue }
            switch entry.type {
            case "quorate.finding.recorded.v1":
                if let place = places[id] {
                    found[place].clearedAt = nil
                    found[place].clearedIn = nil
                } else {
                    places[id] = found.count
                    found.append(
                        RecordedFinding(
                            id: id, rule: data["rule"]?.string ?? "", message: data["message"]?.string ?? "",
                            events: data["events"]?.elements.compactMap(\.string) ?? [], recordedAt: entry.instant,
                            recordedIn: entry.place))
                }
            case "quorate.finding.cleared.v1":
                guard let place = places[id] else { continue }
                found[place].clearedAt = entry.instant
                found[place].clearedIn = entry.place
            default: continue
            }
        }
        return found
    }
}

extension CaseEntries.Entry {
    /// Kafka's timestamp.
    var instant: Instant { Instant(microseconds: row.int64("kafka_timestamp_ms") * 1_000) }

    /// `conference.held` of `quorate.conference.held.v1`.
    var name: String {
        let parts = type.split(separator: ".")
        return parts.count > 3 ? parts.dropFirst().dropLast().joined(separator: ".") : type
    }

    /// The roles and people that the event says acted.
    var actors: String {
        guard let members = data?.members else { return "" }
        return members.compactMap { name, value in
            (name.hasSuffix("Role") || name.hasSuffix("By")) ? value.string.map { "\(name) \($0)" } : nil
        }.sorted().joined(separator: ", ")
    }
}

extension Audit {
    struct Record: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Show what each record-keeping rule finds in a case: what was recorded, when, by whom, what is missing.",
            discussion: """
                Of the 65 record-keeping rows of the rulebook those that the case gave cause to, from the audit log's own \
                entries. Names of fields, not their contents. The look is an entry itself.
                """)
        @OptionGroup var options: DeploymentOptions
        @Option(name: .customLong("case"), help: "The case, as authority/reference.") var reference: CaseReference
        @Option(help: "Only this row, as LON-2.5b.") var rule: String?
        @Flag(help: "Rows that the case gave no cause to, too.") var all = false

        func run() throws {
            let rows = RecordKeeping.rows.filter { rule == nil || $0.rule == rule }
            guard !rows.isEmpty else {
                throw ValidationError("\(rule!) is no record-keeping row: see quorate rules list --kind record")
            }
            let deployment = try options.deployment()
            let connection = try deployment.connect("audit")
            try Operator.viewed("audit.record", reference, on: connection)
            let entries = try CaseEntries(of: reference, connection, try deployment.keyDatabase("audit")).entries
            let findings = RecordedFinding.all(in: entries).filter { $0.clearedAt == nil }
            var shown = 0
            for row in rows {
                let recorded = entries.filter(row.concerns)
                let missing = findings.filter { $0.rule == row.rule }
                guard all || !recorded.isEmpty || !missing.isEmpty else { continue }
                shown += 1
                Terminal.out.print(Terminal.out.strong("\(row.rule): \(Rulebook.row(row.rule)?.text ?? "")"))
                for entry in recorded { Terminal.out.print(line(entry, row)) }
                for finding in missing {
                    Terminal.out.print(
                        Terminal.out.bad(
                            "  missing   \(finding.recordedAt) \(finding.message) (\(finding.recordedIn), on \(finding.events.joined(separator: ", ")))"
                        ))
                }
                if recorded.isEmpty && missing.isEmpty { Terminal.out.print("  no cause") }
            }
            Terminal.out.print("\(shown) of \(rows.count) record-keeping rows, from \(entries.count) entries.")
            try Audit.sayWhatIsArchived(connection)
        }

        private func line(_ entry: CaseEntries.Entry, _ row: RecordKeeping.Row) -> String {
            guard let data = entry.data else { return "  erased    \(entry.instant) \(entry.name) (\(entry.place))" }
            let given = row.given(by: data)
            let actors = entry.actors
            return
                "  recorded  \(entry.instant) \(entry.name) \(entry.row.stringOrNil("event_id") ?? "-") (\(entry.place)): "
                + (given.isEmpty ? "none of \(row.fields.joined(separator: ", "))" : given.joined(separator: ", "))
                + (actors.isEmpty ? "; names no role" : "; \(actors)")
        }
    }

    struct Evidence: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show each finding of a case and its clearing, with the events that it rests on.",
            discussion: """
                Every event and finding is named by its entry, topic/partition/offset: quorate audit prove takes that. The \
                look is an entry itself.
                """)
        @OptionGroup var options: DeploymentOptions
        @Option(name: .customLong("case"), help: "The case, as authority/reference.") var reference: CaseReference
        @Option(help: "Only findings of this row.") var rule: String?

        func run() throws {
            let deployment = try options.deployment()
            let connection = try deployment.connect("audit")
            try Operator.viewed("audit.evidence", reference, on: connection)
            let entries = try CaseEntries(of: reference, connection, try deployment.keyDatabase("audit")).entries
            let places = Dictionary(
                entries.compactMap { entry in entry.row.stringOrNil("event_id").map { ($0, entry) } },
                uniquingKeysWith: { first, _ in first })
            let findings = RecordedFinding.all(in: entries).filter { rule == nil || $0.rule == rule }
            for finding in findings {
                Terminal.out.print(Terminal.out.strong("\(finding.rule): \(finding.message)"))
                Terminal.out.print("  recorded  \(finding.recordedAt) (\(finding.recordedIn))")
                for event in finding.events {
                    let entry = places[event]
                    Terminal.out.print(
                        "  rests on  \(entry.map { "\($0.instant) \($0.name)" } ?? "an event not in the log") \(event)\(entry.map { " (\($0.place))" } ?? "")"
                    )
                }
                if let at = finding.clearedAt, let place = finding.clearedIn {
                    Terminal.out.print("  cleared   \(at) (\(place))")
                }
            }
            let open = findings.count { $0.clearedAt == nil }
            Terminal.out.print("\(findings.count) findings, \(open) of them open.")
            try Audit.sayWhatIsArchived(connection)
        }
    }
}
