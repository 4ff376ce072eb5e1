import ArgumentParser
import AuditLog
import CaseEvents
import Foundation
import StatutoryRules

/// What each record-keeping row of the rulebook wants on record: by which events, in which of their fields, by whom.
enum RecordKeeping {
    struct Row {
        let rule: String
        /// Events that give cause for the record, and are to hold it. Names as in the contract.
        let events: [String]
        /// Others that may hold it: they count where they do.
        let also: [String]
        let fields: [String]
        /// Who is to record it, as the rulebook has it.
        let role: String
        /// Fields in which an event says who did.
        let by: [String]

        /// Those fields of it that an event gives.
        func given(by data: JSONValue?) -> [String] {
            guard let data else { return [] }
            return fields.filter { data[$0].map { !$0.isNull } ?? false }
        }

        /// Those that it leaves out and might give. Only what is to hold the record leaves something out.
        func lacking(in entry: CaseEntries.Entry) -> [String] {
            guard events.contains(entry.name), let data = entry.data else { return [] }
            let (given, known) = (given(by: data), Contract.fields(of: entry.type))
            return fields.filter { known.contains($0) && !given.contains($0) }
        }

        func concerns(_ entry: CaseEntries.Entry) -> Bool {
            events.contains(entry.name) || also.contains(entry.name) && !given(by: entry.data).isEmpty
        }

        /// The roles and people of whom the event says that they acted.
        func actors(in data: JSONValue) -> [String] {
            by.compactMap { field in
                guard let value = data[field] else { return nil }
                let names = value.string.map { [$0] } ?? value.elements.compactMap(RecordKeeping.who)
                return names.isEmpty ? nil : "\(field) \(names.joined(separator: " and "))"
            }
        }
    }

    /// One of several: a text, or the role, agency or id of a person.
    private static func who(_ value: JSONValue) -> String? {
        value.string ?? ["role", "agency", "personId"].lazy.compactMap { value[$0]?.string }.first
    }

    /// In the order of the rulebook.
    static let rows: [Row] = {
        let lines = String(decoding: PackageResources.record_keeping_tsv, as: UTF8.self).split(separator: "\n")
        return lines.dropFirst().map { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            func names(_ cell: String) -> [String] { cell.split(separator: ",").map(String.init) }
            return Row(
                rule: cells[0], events: names(cells[1]), also: names(cells[2]), fields: names(cells[3]), role: cells[4],
                by: names(cells[5]))
        }
    }()
}

/// A duty that a row gives and whose time has passed without the act, by the last word on it.
struct MissedDuty {
    let rule: String
    let duty: String
    let due: String
    let entry: CaseEntries.Entry

    /// In the order of their last words. Entries whose content was erased tell nothing.
    static func all(in entries: [CaseEntries.Entry]) -> [MissedDuty] {
        var last: [String: (place: Int, entry: CaseEntries.Entry, data: JSONValue)] = [:]
        for (place, entry) in entries.enumerated() where entry.name.hasPrefix("deadline.") {
            guard let data = entry.data, let id = data["deadlineId"]?.string else { continue }
            last[id] = (place, entry, data)
        }
        return last.values.filter { $0.entry.name == "deadline.missed" }.sorted { $0.place < $1.place }.map { word in
            MissedDuty(
                rule: word.data["rule"]?.string ?? "", duty: word.data["duty"]?.string ?? "",
                due: word.data["due"]?.string ?? "", entry: word.entry)
        }
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
}

extension Audit {
    struct Record: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Show what each record-keeping rule finds in a case: what was recorded, when, by whom, what is missing.",
            discussion: """
                Of the 65 record-keeping rows of the rulebook those that the case gave cause to, from the audit log's own \
                entries. Each row with the role that is to record it; each event with the fields that it gives and leaves \
                out, by name and not by content, and who it says acted. Missing is what an open finding of the row says, \
                and a duty of the row whose time has passed. The look is an entry itself.
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
            let findings = RecordedFinding.all(in: entries).filter(\.isOpen)
            let duties = MissedDuty.all(in: entries)
            var shown = 0
            for row in rows {
                let recorded = entries.filter(row.concerns).map { line($0, row) }
                let missing =
                    findings.filter { $0.rule == row.rule }.map(missing)
                    + duties.filter { $0.rule == row.rule }.map(missing)
                guard all || !recorded.isEmpty || !missing.isEmpty else { continue }
                shown += 1
                let title = "\(row.rule): \(Rulebook.row(row.rule)?.text ?? "") (\(row.role))"
                Terminal.out.print(Terminal.out.strong(title))
                for line in recorded { Terminal.out.print(line) }
                for line in missing { Terminal.out.print(Terminal.out.bad(line)) }
                if recorded.isEmpty && missing.isEmpty { Terminal.out.print("  no cause") }
            }
            Terminal.out.print("\(shown) of \(rows.count) record-keeping rows, from \(entries.count) entries.")
            try Audit.sayWhatIsArchived(connection)
        }

        /// What an event holds of the row, what it leaves out, and who it says acted.
        private func line(_ entry: CaseEntries.Entry, _ row: RecordKeeping.Row) -> String {
            guard let data = entry.data else { return "  erased    \(entry.instant) \(entry.name) (\(entry.cited))" }
            let given = row.given(by: data)
            let lacking = row.lacking(in: entry)
            let actors = row.actors(in: data)
            let parts = [
                given.joined(separator: ", "), lacking.isEmpty ? "" : "without " + lacking.joined(separator: ", "),
                actors.isEmpty ? "names nobody who did" : "by " + actors.joined(separator: ", "),
            ]
            return
                "  recorded  \(entry.instant) \(entry.name) \(entry.row.stringOrNil("event_id") ?? "-") (\(entry.cited)): "
                + parts.filter { !$0.isEmpty }.joined(separator: "; ")
        }

        private func missing(_ finding: RecordedFinding) -> String {
            let turn = finding.turns.last!
            return
                "  missing   \(turn.recorded.instant) \(finding.message) (\(turn.recorded.cited), on \(turn.events.joined(separator: ", ")))"
        }

        private func missing(_ duty: MissedDuty) -> String {
            "  missing   \(duty.entry.instant) \(duty.duty) was due \(duty.due) and was not done (\(duty.entry.cited))"
        }
    }
}
