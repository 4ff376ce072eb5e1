import CaseEvents
import Foundation
import TestSupport
import Testing

/// `quorate evaluate` as a person calls it: rows, exit status, reasons with their line.
@Suite struct EvaluateTests {
    private static let discussion = """
        {"specversion":"1.0","id":"7c1e","source":"urn:lcs:E06000030","type":"quorate.strategy_discussion.held.v1",\
        "subject":"C-10442","time":"2026-01-06T15:02:11Z","authority":"E06000030","datacontenttype":"application/json",\
        "data":{"discussionId":"SD-1","childIds":["K-1","K-2"],"heldAt":"2026-01-06T14:00:00Z","initiatedS47":true}}
        """

    private struct Answer {
        let status: Int32
        let output: String
        let errors: String
        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    private func evaluate(_ input: String, _ arguments: String...) throws -> Answer {
        let base = "\(Places.folder)/evaluate-\(UUID().uuidString)"
        try Data(input.utf8).write(to: URL(fileURLWithPath: base + ".in"))
        let process = try ChildProcess(
            "\(Places.executables)/quorate", ["evaluate"] + arguments, environment: Places.environment,
            input: base + ".in", output: base + ".out", errors: base + ".err")
        let status = try process.waitForExit()
        return Answer(
            status: status, output: try String(contentsOfFile: base + ".out", encoding: .utf8),
            errors: try String(contentsOfFile: base + ".err", encoding: .utf8))
    }

    /// Tuesday 6 January 2026 and 15 working days: Tuesday 27 January, for each of the two children.
    @Test func theExampleOfTheContract() throws {
        let result = try evaluate(Self.discussion, "--as-of", "2026-02-01")
        #expect(result.status == 0)
        let row = try JSONValue(try #require(result.lines.first))
        #expect(row["asOf"]?.string == "2026-02-01T23:59:59Z")
        #expect(row["policy"]?.string == "swindon")
        let deadlines = row["deadlines"]?.elements.map { $0 } ?? []
        #expect(deadlines.map { $0["due"]?.string } == ["2026-01-27", "2026-01-27"])
        #expect(deadlines.map { $0["state"]?.string } == ["missed", "missed"])
        #expect(deadlines.map { $0["rule"]?.string } == ["ENG-1", "ENG-1"])
        #expect(deadlines.map { $0["subject"]?["childId"]?.string } == ["K-1", "K-2"])
    }

    @Test func theDueDayIsInTime() throws {
        for (asOf, state) in [
            ("2026-01-19", "pending"), ("2026-01-20", "at_risk"), ("2026-01-27", "at_risk"), ("2026-01-28", "missed"),
        ] {
            let row = try JSONValue(try #require(try evaluate(Self.discussion, "--as-of", asOf).lines.first))
            #expect(row["deadlines"]?.elements.first { _ in true }?["state"]?.string == state, "\(asOf)")
        }
    }

    @Test func anotherPolicyAndAnExplanation() throws {
        let row = try JSONValue(
            try #require(try evaluate(Self.discussion, "--as-of", "2026-02-01", "--policy", "note-002").lines.first))
        // On a tie the authority's own rule is named, and the statute stands superseded beside it.
        let own = row["deadlines"]?.elements.filter { $0["rule"]?.string == "MAN-1" } ?? []
        #expect(own.map { $0["state"]?.string } == ["missed", "missed"])
        let statute = row["deadlines"]?.elements.filter { $0["rule"]?.string == "ENG-1" } ?? []
        #expect(statute.map { $0["supersededBy"]?.string } == ["MAN-1", "MAN-1"])
        let text = try evaluate(Self.discussion, "--as-of", "2026-02-01", "--explain").output
        #expect(text.contains("15 working days"))
        #expect(text.contains("ENG-1"))
    }

    @Test func aBadLineIsNamedAndTheRestIsEvaluated() throws {
        let result = try evaluate("{\"not\":\"an event\"}\n" + Self.discussion, "--as-of", "2026-02-01")
        #expect(result.status == 1)
        #expect(result.errors.contains("line 1: "))
        #expect(result.lines.count == 1)
    }

    /// The bank holidays end with 2028; fifteen working days from mid-December reach 2029.
    @Test func beyondTheCalendarNothingIsGuessed() throws {
        let late = Self.discussion.replacing("2026-01-06T", with: "2028-12-15T")
        let result = try evaluate(late, "--as-of", "2028-12-20")
        #expect(result.status == 1)
        #expect(result.output.contains("\"state\":\"undated\""))
        #expect(result.output.contains("2029"))
    }

    @Test func whatCannotBeDoneExitsWithTwo() throws {
        #expect(try evaluate(Self.discussion, "--policy", "atlantis").status == 2)
        #expect(try evaluate(Self.discussion, "--policy", "atlantis").errors.contains("swindon"))
        #expect(try evaluate(Self.discussion, "--as-of", "yesterday").status == 2)
        #expect(try evaluate("", "/nowhere/events.jsonl").status == 2)
        #expect(try evaluate("", "/").status == 2)
        #expect(try evaluate("", "/").errors == "cannot read /: Is a directory\n")
        #expect(try evaluate(Self.discussion, "--wrong").status == 2)
    }
}
