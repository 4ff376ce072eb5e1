import CaseEvents
import Foundation
import TestSupport
import Testing
import Workers

extension TestSystem {
    /// Compares the rows of each case with what `evaluate` prints for its events at the instant of its assessment.
    func expectRowsEqualEvaluate(_ lines: [String], configuration: String? = nil) throws {
        let cases = Dictionary(grouping: lines) { TestSystem.attribute("subject", of: $0)! }
        let (rows, times) = (try rows(), try assessedAt())
        // A case may be known by a refused event alone.
        for (subject, rows) in rows where cases[subject] == nil { #expect(rows == CaseRows(), "\(subject)") }
        for (subject, events) in cases.sorted(by: { $0.key < $1.key }) {
            let time = try #require(times[subject], "\(subject) was not assessed")
            let expected = try evaluate(events, asOf: time, configuration: configuration)[subject]
            #expect(rows[subject] == expected, "\(subject) at \(time)")
        }
    }

    /// Nothing lost, nothing twice, rows that do not show in what order the events came, and one tree for each partition
    /// that holds anything.
    func expectWhole(_ lines: [String]) throws {
        for table in ["scheduling.fact", "reporting.fact"] {
            #expect(try number("SELECT count(*) FROM \(raw: table)") == distinct(lines), "\(table)")
        }
        #expect(try number("SELECT count(*) FROM scheduling.quarantine") == 0)
        try expectRowsEqualEvaluate(lines)
        // Reporting publishes its lists once all is quiet, so perhaps only now.
        try wait("an entry for each record, in one tree for each partition") {
            let all = try SystemTopic.allCases.flatMap { try records(of: $0) }
            let held = Dictionary(grouping: all) { "\($0.topic)/\($0.partition)" }.map { "\($0) \($1.count)" }
            let trees = try strings("SELECT topic || '/' || partition || ' ' || size FROM auditing.log WHERE size > 0")
            return try trees.sorted() == held.sorted()
                && number("SELECT count(*) FROM auditing.entry") == Int64(all.count)
        }
        try quorate("audit", "verify")
    }

    /// As many records as the topics ever held.
    func recordCount() throws -> Int { try SystemTopic.allCases.reduce(0) { $0 + (try records(of: $1).count) } }

    /// Runs `quorate` and expects its exit status.
    @discardableResult
    func quorate(_ arguments: String..., exits status: Int32 = 0, input: String? = nil) throws -> CommandResult {
        let result = try run(arguments, input: input)
        #expect(
            result.status == status, "quorate \(arguments.joined(separator: " ")): \(result.output)\(result.errors)")
        return result
    }

    /// Writes a file into the system's folder; its path.
    func write(_ name: String, _ text: String) throws -> String {
        let path = "\(folder)/\(name)"
        try FileManager.default.createDirectory(
            at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }
}

/// How many events these lines tell of; a sample repeats some.
func distinct(_ lines: [String]) -> Int64 { Int64(Set(lines.map { TestSystem.attribute("id", of: $0)! }).count) }

/// A strategy discussion that begins an enquiry: one duty, ENG-1.
func discussion(
    _ id: String, case subject: String, authority: String = "E06000030", source: String? = nil,
    held: String = "2026-01-06T14:00:00Z", note: String = "none", more: String = ""
) -> String {
    """
    {"specversion":"1.0","id":"\(id)","source":"\(source ?? "urn:lcs:\(authority)")",\
    "type":"quorate.strategy_discussion.held.v1","subject":"\(subject)","time":"2026-01-06T15:02:11Z",\
    "authority":"\(authority)"\(more),"data":{"discussionId":"SD-1","childIds":["K-1"],"heldAt":"\(held)",\
    "initiatedS47":true,"note":"\(note)"}}
    """
}

/// The same numbers for the same seed, on every machine.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
