import Foundation
import TestSupport
import Testing

/// What a file must not say: it is left out and named, and nothing else is.
@Suite struct CensusFaultTests {
    struct Fault: Sendable {
        let find, replace, named: String
    }

    static let faults = [
        Fault(
            find: "<CPPendDate>2025-01-20", replace: "<CPPendDate>2024-04-29",
            named: "A-1: plan of 2024-04-30: it ends on 2024-04-29, before it starts"),
        Fault(
            find: "<CPPreviewDate>2025-03-20", replace: "<CPPreviewDate>2024-12-27",
            named: "A-4: review of 2024-12-27: not after the plan's start and by its end"),
        Fault(
            find: "<DateOfInitialCPC>2024-10-21", replace: "<DateOfInitialCPC>2024-10-18",
            named: "A-3: plan of 2024-10-21: no initial conference on the day that it starts"),
        Fault(
            find: "<PersonDeathDate>2025-03-03", replace: "<PersonDeathDate>2025-03-02",
            named: "A-3: plan of 2024-10-21: after the child's death on 2025-03-02"),
        Fault(
            find: "<S47ActualStartDate>2024-12-05", replace: "<S47ActualStartDate>2024-12-28",
            named: "A-4: enquiry of 2024-12-28: its conference of 2024-12-27 lies before its start"),
        Fault(
            find: "<InitialCategoryOfAbuse>SAB</InitialCategoryOfAbuse>", replace: "",
            named: "A-4: plan of 2024-12-27: no category of abuse"),
        Fault(
            find: "<PersonBirthDate>2019-11-11</PersonBirthDate>",
            replace: "<PersonBirthDate>2019-11-11</PersonBirthDate><PersonDeathDate>2024-12-04</PersonDeathDate>",
            named: "A-4: enquiry of 2024-12-05: after the child's death on 2024-12-04"),
        Fault(
            find: "<DateOfInitialCPC>2024-12-27</DateOfInitialCPC>\n          <ICPCnotRequired>0",
            replace: "<DateOfInitialCPC>2024-12-27</DateOfInitialCPC>\n          <ICPCnotRequired>1",
            named: "A-4: enquiry of 2024-12-05: a conference on 2024-12-27, and not required"),
        Fault(
            find: "<DateOfInitialCPC>2024-10-21", replace: "<DateOfInitialCPC>2025-03-04",
            named: "A-3: conference of 2025-03-04: after the child's death on 2025-03-03"),
        Fault(
            find: "<PersonBirthDate>2019-11-11</PersonBirthDate>",
            replace: "<PersonBirthDate>2019-11-11</PersonBirthDate><PersonDeathDate>2025-03-01</PersonDeathDate>",
            named: "A-4: plan of 2024-12-27: open after the child's death on 2025-03-01"),
        Fault(
            find: "<ExpectedPersonBirthDate>2025-05-20</ExpectedPersonBirthDate>", replace: "",
            named: "A-2: neither a date of birth nor an expected date: the child is left out"),
        Fault(
            find: "<S47ActualStartDate>2024-12-05</S47ActualStartDate>", replace: "",
            named: "A-4: an enquiry without S47ActualStartDate"),
        Fault(
            find: "<CPPstartDate>2024-12-27</CPPstartDate>", replace: "", named: "A-4: a plan without CPPstartDate"),
        Fault(
            find: "<InitialCategoryOfAbuse>SAB<", replace: "<InitialCategoryOfAbuse>Sexual<",
            named: "A-4: InitialCategoryOfAbuse: no code of the return"),
    ]

    @Test(arguments: faults) func aFaultIsNamedAndLeftOut(_ fault: Fault) async throws {
        let result = try await CensusTests.read { $0.replacing(fault.find, with: fault.replace) }
        #expect(result.status == 1)
        #expect(result.errors.contains("left out: \(fault.named)"), "\(result.errors)")
        #expect(result.lines.count < 25 && !result.lines.isEmpty)
    }

    /// Of two plans that overlap the later is left out.
    @Test func plansThatOverlapAreNamed() async throws {
        let start = "<CPPstartDate>2024-12-27</CPPstartDate>"
        let ended = """
            \(start)<CPPendDate>2025-02-03</CPPendDate><InitialCategoryOfAbuse>SAB</InitialCategoryOfAbuse></ChildProtectionPlans>\
            <ChildProtectionPlans>
            """
        let result = try await CensusTests.read { $0.replacing(start, with: ended + start) }
        #expect(result.status == 1)
        #expect(result.errors.contains("left out: A-4: plan of 2024-12-27: it overlaps the plan of 2024-12-27"))
        let begun = result.lines.filter { $0.contains("quorate.plan.started") && $0.contains("A-4") }
        #expect(begun.count == 1)
    }

    /// An episode that stands after a later one, as where files are sorted by case, with a plan that ended before the other began.
    @Test func plansOneAfterTheOtherStayInAnyOrder() async throws {
        let earlier = """
            </CINdetails><CINdetails><CINreferralDate>2024-04-02</CINreferralDate><DateOfInitialCPC>2024-04-22</DateOfInitialCPC>\
            <ChildProtectionPlans><CPPstartDate>2024-04-22</CPPstartDate><CPPendDate>2024-05-30</CPPendDate>\
            <InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse><LatestCategoryOfAbuse>NEG</LatestCategoryOfAbuse>\
            </ChildProtectionPlans></CINdetails></Child></Children>
            """
        let result = try await CensusTests.read {
            $0.replacing(#/</CINdetails>\s*</Child>\s*</Children>/#, with: earlier)
        }
        #expect(result.status == 0, "\(result.errors)")
        let begun = result.lines.filter { $0.contains("quorate.plan.started") && $0.contains("A-4") }
        #expect(begun.count == 2)
    }

    /// A code that the return does not have is left out alone, and not repeated.
    @Test func aCodeThatTheReturnDoesNotHaveIsNamed() async throws {
        let result = try await CensusTests.read { $0.replacing("<Sex>F</Sex>", with: "<Sex>Jane Doe</Sex>") }
        #expect(result.status == 1 && result.lines.count == 25)
        #expect(result.errors.contains("left out: A-1: Sex: no code of the return"), "\(result.errors)")
        #expect(!(result.output + result.errors).contains("Jane"))
    }

    /// What is no census at all, and what is no date, ends the command with words; other parts of the return are counted.
    @Test func whatCannotBeReadIsSaid() async throws {
        let cut = try await CensusTests.read { String($0.prefix($0.count / 2)) }
        #expect(cut.status != 0 && cut.errors.contains("no well-formed XML") && cut.lines.isEmpty)
        let date = try await CensusTests.read { $0.replacing("2024-04-10", with: "10/04/2024") }
        #expect(date.status != 0 && date.errors.contains("S47ActualStartDate must be a date, YYYY-MM-DD"))
        let other = try await CensusTests.read {
            $0.replacing(
                "<ReferralNFA>0</ReferralNFA>",
                with: "<Assessments><AssessmentActualStartDate>2024-04-03</AssessmentActualStartDate></Assessments>")
        }
        #expect(other.status == 0 && other.errors.contains("left out: Assessments, 1 times"))
        #expect(other.lines.count == 25)
    }
}
