import ArgumentParser
import Foundation
import StatutoryRules

/// Fictional histories, true to practice.
struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write fictional case histories as events, one a line.",
        discussion: """
            The same seed gives the same bytes. Timing follows the national figures for section 47 enquiries and initial \
            conferences.
            """)

    @Option(help: "Number of cases.")
    var cases: Int = 60

    @Option(help: "Seed.")
    var seed: UInt64 = 1

    @Option(help: "First day on which a case may begin, YYYY-MM-DD. (default: a year before --to)")
    var from: String?

    @Option(help: "Last day of which anything is recorded, YYYY-MM-DD. (default: today)")
    var to: String?

    @Option(help: "ONS code of an authority; may be repeated. (default: five sample authorities)")
    var authority: [String] = []

    @Flag(help: "Write the people, teams and mailboxes of the authorities instead, for directory-events.")
    var directory = false

    func run() throws {
        let today = London.day(of: Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)))
        let to = try day(self.to, "to") ?? today
        let from = try day(self.from, "from") ?? to.adding(days: -365)
        guard from <= to, cases > 0 else {
            throw ValidationError("--from must not lie after --to, and --cases must be 1 or more")
        }
        let generator = HistoryGenerator(
            seed: seed, cases: cases, from: from, to: to, authorities: authority,
            isWorkingDay: { Configuration.packaged.calendar.isWorkingDay($0) })
        var buffer: [UInt8] = []
        func emit(_ line: String) {
            buffer.append(contentsOf: line.utf8)
            buffer.append(UInt8(ascii: "\n"))
            if buffer.count > 1 << 20 { flush() }
        }
        func flush() {
            FileHandle.standardOutput.write(Data(buffer))
            buffer.removeAll(keepingCapacity: true)
        }
        if directory { generator.directory(emit) } else { generator.generate(emit) }
        flush()
    }

    private func day(_ text: String?, _ name: String) throws -> Day? {
        guard let text else { return nil }
        guard let day = Day(text) else { throw ValidationError("--\(name) must be a date, YYYY-MM-DD") }
        return day
    }
}
