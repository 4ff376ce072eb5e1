import StatutoryRules
import Testing

@Suite("Notices")
struct NoticeTests {
    /// `template level dueAt state to` of each.
    private func said(_ facts: [Fact], _ policy: String, _ asOf: String, of rule: String) -> [String] {
        let result = assessment(facts, policy, asOf)
        let ids = Set(result.deadlines.filter { $0.rule == rule }.map(\.id))
        return result.notices.filter { $0.deadlineId.map(ids.contains) ?? false }
            .sorted { ($0.dueAt, $0.template) < ($1.dueAt, $1.template) }
            .map {
                "\($0.rule) \($0.template) \($0.level) \($0.dueAt) \($0.state.rawValue) \($0.to.joined(separator: ","))"
            }
    }

    @Test func delayOfAnInitialConferenceGoesToTheManager() {
        let facts = [discussion("D", "2026-01-06")]
        #expect(
            said(facts, "england", "2026-01-10", of: "ENG-1") == [
                "LON-1.10a deadline_at_risk 1 2026-01-20T09:00:00Z planned csc_manager",
                "LON-1.10a deadline_missed 1 2026-01-28T09:00:00Z planned csc_manager",
            ])
        #expect(
            said(facts, "england", "2026-01-28T09:00:00Z", of: "ENG-1").map { $0.split(separator: " ")[4] }
                == ["due", "due"])
        // At nine by London's clock.
        #expect(said([discussion("D", "2026-06-01")], "england", "2026-06-02", of: "ENG-1")[0].contains("T08:00:00Z"))
    }

    @Test func aLateBookingIsSaidOnItsDay() {
        let facts = [
            discussion("D", "2026-01-06"),
            booked("CF", .initial, for: "2026-01-28T10:00:00Z", on: "2026-01-08T14:00:00Z"),
        ]
        #expect(
            said(facts, "england", "2026-01-08", of: "ENG-1")[0]
                == "LON-1.10a deadline_at_risk 1 2026-01-08T09:00:00Z due csc_manager")
    }

    @Test func aBookingInTimeSilencesTheRisk() {
        let begun = discussion("D", "2026-01-06")
        func state(_ setOn: String) -> Bool? {
            let facts = [begun, booked("CF", .initial, for: "2026-01-27T10:00:00Z", on: setOn)]
            return said(facts, "england", "2026-01-26", of: "ENG-1").first?.contains("suppressed")
        }
        #expect(state("2026-01-12") == true)
        #expect(state("2026-01-22") == false)
    }

    @Test func reportRemindersComeTwice() {
        let monday = booked("CF", .initial, for: "2026-11-09T09:30:00Z")
        #expect(
            said([monday], "swindon", "2026-11-04", of: "SWI-18") == [
                "E12 report_due_reminder 1 2026-11-04T09:00:00Z due social_worker",
                "E12 report_due_reminder 2 2026-11-06T09:00:00Z planned social_worker",
                "SWI-16 continuing_delay_escalation 1 2026-11-09T09:00:00Z planned service_manager",
            ])
        // Hours move to no working day: the nudge comes on the last working day before them.
        #expect(
            said([monday], "knowsley", "2026-11-01", of: "CAN-1.6").map { $0.split(separator: " ")[3] }
                == ["2026-11-03T09:00:00Z", "2026-11-05T09:00:00Z", "2026-11-09T09:00:00Z"])
        let done = said([monday, report("CF", "2026-11-05")], "swindon", "2026-11-20", of: "SWI-18")
        #expect(done.map { $0.split(separator: " ")[4] } == ["withdrawn", "suppressed", "suppressed"])
    }

    @Test func aReminderWhoseDayHadPassedSaysSo() {
        let short = booked("CF", .initial, for: "2026-11-09T09:30:00Z", on: "2026-11-05T15:00:00Z")
        let states = said([short], "swindon", "2026-11-05", of: "SWI-18").map { $0.split(separator: " ")[4] }
        #expect(states == ["late_booking", "planned", "planned"])
    }

    @Test func aNewDateIsSaidAndTheSameIsNot() {
        let first = booked("CF", .initial, for: "2026-11-09T09:30:00Z", on: "2026-10-01")
        let ids = { (facts: [Fact]) in
            Set(
                assessment(facts, "swindon", "2026-10-20").notices.filter { $0.template == "report_due_reminder" }.map(
                    \.id))
        }
        let same = rebooked("CF", for: "2026-11-09T14:00:00Z", on: "2026-10-10")
        let later = rebooked("CF", for: "2026-11-16T09:30:00Z", on: "2026-10-10")
        #expect(ids([first]).count == 2)
        #expect(ids([first]) == ids([first, same]))
        #expect(ids([first]).isDisjoint(with: ids([first, agreedByBoth("CF", "2026-10-09"), later])))
    }

    @Test func reviewNoticesComeFourAndTwoWeeksBefore() {
        // Due on Sunday 5 April 2026; act by Thursday 2 April.
        let facts = [Outcome.first, Outcome.started]
        #expect(
            said(facts, "england", "2026-03-10", of: "ENG-2") == [
                "E38 review_due_notice 1 2026-03-05T09:00:00Z due social_worker,team_manager,conference_chair",
                "E38 review_due_notice 2 2026-03-19T09:00:00Z planned social_worker,team_manager,conference_chair",
                "LON-1.10a deadline_at_risk 1 2026-03-26T09:00:00Z planned csc_manager",
                "LON-1.10a deadline_missed 1 2026-04-06T08:00:00Z planned csc_manager",
            ])
    }

    @Test func aLetterIsRemindedOnItsDayAndItsMissAlertedOnTheNextWorkingDay() {
        #expect(
            said([Outcome.thursday], "london", "2026-04-02", of: "LON-14.13a") == [
                "LON-14.13a decision_letter_and_plan 1 2026-04-07T08:00:00Z planned "
                    + "agency_professional,core_group_member,parent_carer,child,other_authority",
                "LON-14.13a letter_due_reminder 1 2026-04-07T08:00:00Z planned qa_team",
                "LON-14.13a deadline_missed 1 2026-04-08T08:00:00Z planned qa_team,team_manager",
            ])
    }

    @Test func nothingIsSaidOfWithdrawnOrSupersededDuties() {
        #expect(assessment([Outcome.begun, died("2026-01-20")], "note-002", "2026-03-01").notices.isEmpty)
        let ids = Set(assessment([Outcome.begun], "note-002", "2026-03-01").notices.map(\.deadlineId))
        #expect(ids == Set([assessment([Outcome.begun], "note-002", "2026-03-01").deadline("MAN-1")!.id]))
    }

    @Test func nothingAlarmsBeforeTheAuthorityIsLive() throws {
        var files = Configuration.packaged.files
        files["authorities.yaml"] = files["authorities.yaml"]!.replacing(
            "{policy: swindon, name: Swindon, lea: 866}",
            with: "{policy: swindon, liveFrom: 2026-01-28, sources: [lcs]}")
        let configuration = try Configuration(files: files)
        #expect(configuration.liveFrom(authority: swindon) == day("2026-01-28"))
        #expect(configuration.sources(authority: swindon) == ["lcs"])
        let file = CaseFile(authority: swindon, subject: "C", facts: [Outcome.begun])
        let result = assess(file, under: configuration, asOf: at("2026-02-01T00:00:00Z"))
        #expect(result.deadlines.map(\.state) == [.missed])
        #expect(result.notices.map(\.state) == [.beforeLive, .due])
    }
}
