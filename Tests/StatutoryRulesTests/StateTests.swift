import StatutoryRules
import Testing

@Suite("States")
struct StateTests {
    @Test(
        arguments: Outcome.initial + Outcome.transfers + Outcome.orders + Outcome.reviews + Outcome.lookedAfterReviews
            + Outcome.reports + Outcome.letters)
    func isWhatTheFactsCometo(_ row: Outcome) throws {
        let result = assessment(row.facts, row.policy, row.asOf)
        let deadline = try #require(result.deadline(row.rule))
        #expect(deadline.state == row.state)
        #expect((deadline.lateDays ?? deadline.lateHours) == row.late)
        #expect((deadline.due == nil) == (row.state == .undated))
        #expect((deadline.metBy == nil) == (row.state != .met && row.state != .metLate))
        #expect((deadline.cause != nil) == (row.state == .withdrawn))
        #expect((deadline.risk != nil) == (row.state == .atRisk))
        #expect(!deadline.explanation.isEmpty)
    }

    /// Every rule of the issue is in the tables both kept and not kept.
    @Test func everyRuleIsMetAndMissedInATable() {
        let rows = [
            Outcome.initial, Outcome.transfers, Outcome.orders, Outcome.reviews, Outcome.lookedAfterReviews,
            Outcome.reports, Outcome.letters,
        ].flatMap { $0 }
        let rules = [
            "ENG-1", "ENG-2", "ENG-3", "ENG-4", "ENG-5", "ENG-6", "ENG-7", "MAN-1", "MAN-2", "LON-1.8", "LON-1.18c",
            "LON-1.20a",
            "LON-1.20b", "LON-7.7a", "LON-7.7b", "LON-14.4a", "LON-14.5c", "LON-14.13a", "LIN-2.4a", "LIN-3.1",
            "LIN-3.2", "SWI-18", "SWI-19",
            "CAN-1.6",
        ]
        for rule in rules {
            #expect(rows.contains { $0.rule == rule && $0.state == .met }, "\(rule) met")
            #expect(rows.contains { $0.rule == rule && $0.state == .missed }, "\(rule) missed")
        }
    }

    @Test func aMoveThatIsNotPermanentHasNoStatutoryDuty() {
        #expect(assessment([movedIn("2026-05-22", permanent: false)], "note-002", "2026-06-01").deadlines.isEmpty)
        let unsaid = assessment([movedIn("2026-05-22", permanent: nil)], "england", "2026-06-01")
        #expect(unsaid.deadlines.isEmpty)
        #expect(unsaid.findings.map(\.rule) == ["ENG-7"])
        let noted = assessment([movedIn("2026-05-22", permanent: nil)], "note-002", "2026-06-01")
        #expect(noted.deadlines.map(\.rule) == ["MAN-2"])
        #expect(noted.findings.map(\.rule) == ["MAN-2"])
    }

    @Test func theNotesOwnSixMonthsBindLaterReviews() {
        let facts = [Outcome.first, Outcome.started, held("R", .review, "2026-04-02")]
        let missed = assessment(facts, "note-002", "2026-10-03").deadline("MAN-3", "P/2")
        #expect(missed?.state == .missed)
        let met = assessment(facts + [held("R2", .review, "2026-10-02")], "note-002", "2026-12-01")
        #expect(met.deadline("MAN-3", "P/2")?.state == .met)
        #expect(met.deadline("ENG-3", "P/2")?.supersededBy == "MAN-3")
    }

    @Test func bareDiscussionsOweNothing() {
        #expect(assessment([discussion("D", "2026-01-06", began: false)], "england", "2026-06-01").deadlines.isEmpty)
    }

    @Test func twoEnquiriesAreTwoDuties() {
        let facts = [
            discussion("A", "2026-01-06"), discussion("B", "2026-02-03"), enquiry("E1", "2026-01-06", of: "A"),
            enquiry("E2", "2026-02-03", of: "B"),
        ]
        let result = assessment(facts, "england", "2026-02-10")
        #expect(result.deadlines.map(\.occasion) == ["E1", "E2"])
        #expect(result.deadlines.map { $0.due!.description } == ["2026-01-27", "2026-02-24"])
    }

    @Test func aCombinedMeetingServesBothReviews() {
        let facts = [Outcome.first, Outcome.started, lookedAfter("2026-01-05"), held("R", .combined, "2026-02-02")]
        let result = assessment(facts, "england", "2026-02-10")
        #expect(result.deadline("ENG-2")?.metBy == "R-held")
        #expect(result.deadline("ENG-4")?.metBy == "R-held")
    }

    @Test func theRecordIsNotStatedUnderLincolnshire() {
        #expect(assessment([Outcome.thursday], "lincolnshire", "2026-06-01").deadline("LON-14.4a") == nil)
        #expect(assessment([Outcome.thursday], "lincolnshire", "2026-06-01").deadline("LON-14.5c") != nil)
    }

    @Test func aBorrowedValueIsAdvisory() {
        for policy in Configuration.packaged.policyNames {
            let result = assessment([Outcome.begun, Outcome.thursday, Outcome.monday], policy, "2026-06-01")
            for deadline in result.deadlines where deadline.provenance == .borrowed {
                #expect(deadline.strength != .must)
            }
        }
    }

    @Test func plansAndConferencesStandWhereTheFactsSay() {
        func state(_ facts: [Fact]) -> [String] {
            let result = assessment(facts, "england", "2026-12-31")
            return result.plans.map { "\($0.state) \($0.since)" } + result.conferences.map(\.state)
        }
        #expect(state([plan("P", from: "2026-01-05", unborn: true)]) == ["active_unborn 2026-01-05"])
        let born = fact("b", .childBorn(ChildBorn(childId: "K", dateOfBirth: day("2026-02-01"))))
        #expect(state([plan("P", from: "2026-01-05", unborn: true), born]) == ["active_initial 2026-02-01"])
        let reviewed = [Outcome.first, Outcome.started, held("R", .review, "2026-04-02")]
        #expect(state(reviewed) == ["active 2026-04-02", "held", "held"])
        #expect(state(reviewed + [planEnded("P", "2026-05-01")]) == ["ended 2026-05-01", "held", "held"])
        #expect(state([request("CF", "2026-01-05")]) == ["requested"])
        #expect(state([request("CF", "2026-01-05"), convening("CF", "2026-01-06", "yes")]) == ["convened"])
        #expect(state([request("CF", "2026-01-05"), convening("CF", "2026-01-06", "no")]) == ["declined"])
        #expect(state([Outcome.monday]) == ["scheduled"])
        #expect(state([Outcome.monday, cancelled("CF", "2026-11-01")]) == ["cancelled"])
        #expect(state([Outcome.thursday, letter("CF", "2026-04-02T16:00:00Z")]) == ["decision_issued"])
        #expect(state([Outcome.thursday, issued("CF", "2026-05-01")]) == ["record_issued"])
    }
}
