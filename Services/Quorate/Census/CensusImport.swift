import ArgumentParser
import CaseEvents
import Foundation
import StatutoryRules

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Turn what an authority has on file into events.",
        subcommands: [CensusImport.self])
}

/// A children in need census file as case events.
struct CensusImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cin-census",
        abstract: "Turn a children in need census file into case events, one a line, for quorate publish.",
        discussion: """
            The child protection parts: enquiries, initial conferences, plans, reviews. Items that no rule uses travel in the \
            events' census objects; other parts are left out and counted. A plan that ended is told as ended by a review on \
            that day, since the return names no other way. Set liveFrom of the authority (quorate configuration) to the first \
            day of its live feed before you publish: what lies before alarms nobody. Exit status 1 where something was left \
            out for a fault.
            """)

    @Argument(help: "The census file, XML.") var file: String
    @Option(help: "ONS code of the authority.") var authority: String
    @Option(help: "File to write. (default: standard output)") var output: String?
    @Flag(help: "Write no events; say how many duties and notices would follow under the package's policies.")
    var dryRun = false

    func run() throws {
        guard let policy = Configuration.packaged.policyName(for: authority) else {
            throw ValidationError("authority \(authority): no policy is mapped to this code")
        }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ValidationError("\(file) cannot be read")
        }
        let (census, leftOut) = try CensusXML.read(data) { Terminal.error.progress("children read: \($0)") }
        let (sound, faults) = census.checked()
        let count = sound.children.count
        let events = CensusEvents(sound, authority: authority) {
            if $0 % 100 == 0 || $0 == count { Terminal.error.bar($0, of: count, "children") }
        }
        Terminal.error.endProgress()
        for fault in faults { Terminal.error.print("left out: \(fault)") }
        if dryRun {
            try foretell(events.lines, policy: policy)
        } else if let output {
            try Data(events.lines.map { $0 + "\n" }.joined().utf8).write(
                to: URL(fileURLWithPath: output), options: .atomic)
        } else {
            for line in events.lines { Terminal.out.print(line) }
        }
        let plans = sound.children.flatMap(\.episodes).flatMap(\.plans)
        Terminal.error.print(
            "\(sound.children.count) children, \(sound.children.flatMap(\.episodes).flatMap(\.enquiries).count) enquiries, "
                + "\(plans.count) plans, \(plans.flatMap(\.reviews).count) reviews of the year to \(census.to): "
                + "\(events.lines.count) events")
        for (name, count) in leftOut.sorted(by: { $0.key < $1.key }) {
            Terminal.error.print("left out: \(name), \(count) times: no part of child protection")
        }
        if !faults.isEmpty { throw ExitCode.failure }
    }

    private func foretell(_ lines: [String], policy: String) throws {
        var files: [String: CaseFile] = [:]
        for line in lines {
            let event = try Contract.decode(line: Array(line.utf8))
            let subject = event.envelope.subject
            files[subject, default: CaseFile(authority: authority, subject: subject, facts: [])].facts.append(
                event.fact)
        }
        let now = Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1e6))
        var states: [String: Int] = [:]
        var notices = 0
        for (place, file) in files.sorted(by: { $0.key < $1.key }).enumerated() {
            let assessment = assess(file.value, under: .packaged, asOf: now)
            for duty in assessment.deadlines { states[duty.state.rawValue, default: 0] += 1 }
            notices += assessment.notices.count { $0.state == .due || $0.state == .lateBooking }
            Terminal.error.bar(place + 1, of: files.count, "cases")
        }
        Terminal.error.endProgress()
        Terminal.out.print("under policy \(policy): \(states.values.reduce(0, +)) duties")
        for (state, count) in states.sorted(by: { $0.key < $1.key }) { Terminal.out.print("  \(state) \(count)") }
        Terminal.out.print(
            "\(notices) notices would be due now; with liveFrom set to the first live day none of them is sent")
    }
}
