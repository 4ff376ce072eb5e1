import CaseEvents
import Foundation
import StatutoryRules
import Testing

/// The cases of `cases/*.yaml`: events in, deadlines, findings and notices out, worked out by hand from the texts.
@Suite("Conformance")
struct ConformanceTests {
    @Test(arguments: ConformanceCase.all)
    func holds(_ example: ConformanceCase) throws {
        let assessment = try example.assessment()
        for expectation in example.expect {
            if let problem = expectation.problem(in: assessment) {
                Issue.record("\(example.file), \(example.name): \(problem)")
            }
        }
    }

    /// Order and repeats change nothing: each case backwards, and with every event twice.
    @Test(arguments: ConformanceCase.all)
    func holdsInAnyOrder(_ example: ConformanceCase) throws {
        let once = try example.assessment()
        let again = try example.assessment { Array(($0 + $0).reversed()) }
        #expect(
            once.json(authority: "", subject: "", asOf: example.asOf)
                == again.json(authority: "", subject: "", asOf: example.asOf))
    }
}
