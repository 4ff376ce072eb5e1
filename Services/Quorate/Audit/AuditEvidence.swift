import ArgumentParser
import AuditLog
import CaseEvents
import Foundation
import StatutoryRules

/// A finding as the audit log tells it: recorded, perhaps cleared, perhaps recorded again; each time resting on events.
struct RecordedFinding {
    struct Turn {
        let recorded: CaseEntries.Entry
        let events: [String]
        var cleared: CaseEntries.Entry?
    }

    let rule: String
    let message: String
    /// At least one, in their order.
    var turns: [Turn]

    var isOpen: Bool { turns.last!.cleared == nil }

    /// In the order in which they were first recorded. Entries whose content was erased tell nothing.
    static func all(in entries: [CaseEntries.Entry]) -> [RecordedFinding] {
        var found: [RecordedFinding] = []
        var places: [String: Int] = [:]
        for entry in entries where entry.name.hasPrefix("finding.") {
            guard let data = entry.data, let id = data["findingId"]?.string else { continue }
            if entry.name == "finding.recorded" {
                let turn = Turn(recorded: entry, events: data["events"]?.elements.compactMap(\.string) ?? [])
                if let place = places[id] {
                    found[place].turns.append(turn)
                } else {
                    places[id] = found.count
                    found.append(
                        RecordedFinding(
                            rule: data["rule"]?.string ?? "", message: data["message"]?.string ?? "", turns: [turn]))
                }
            } else if let place = places[id], found[place].isOpen {
                found[place].turns[found[place].turns.count - 1].cleared = entry
            }
        }
        return found
    }
}

extension Audit {
    struct Evidence: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show each finding of a case and its clearing, with the events that it rests on.",
            discussion: """
                Every event and finding is named by its entry, topic/partition/offset: quorate audit prove takes that. A \
                finding that was recorded again stands with each recording and each clearing, and a clearing with the event \
                by which it came. The look is an entry itself.
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
            /// An event by its entry, where it is one.
            func named(_ id: String) -> String {
                guard let entry = places[id] else { return "an event not in the log \(id)" }
                return "\(entry.instant) \(entry.name) \(id) (\(entry.cited))"
            }
            for finding in findings {
                Terminal.out.print(Terminal.out.strong("\(finding.rule): \(finding.message)"))
                for turn in finding.turns {
                    Terminal.out.print("  recorded  \(turn.recorded.instant) (\(turn.recorded.cited))")
                    for event in turn.events { Terminal.out.print("  rests on  \(named(event))") }
                    guard let cleared = turn.cleared else { continue }
                    Terminal.out.print("  cleared   \(cleared.instant) (\(cleared.cited))")
                    let cause = cleared.event?["causationid"]?.string
                    let why =
                        cleared.data?["cause"]?.string == "directory"
                        ? "what the directory says" : "time, or other rules"
                    Terminal.out.print("  by        \(cause.map(named) ?? "no event of the case: \(why)")")
                }
            }
            let open = findings.count(where: \.isOpen)
            Terminal.out.print("\(findings.count) findings, \(open) of them open.")
            try Audit.sayWhatIsArchived(connection)
        }
    }
}
