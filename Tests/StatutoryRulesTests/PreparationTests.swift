import StatutoryRules
import Testing

/// What the rulebook's section H leaves to the owner, and the lists that the reporting worker draws.
@Suite("Preparation of meetings")
struct PreparationTests {
    private func packaged(_ policy: String, changing file: String, _ old: String, to new: String) throws
        -> Configuration
    {
        var files = Configuration.packaged.files
        let text = try #require(files[file])
        try #require(text.contains(old))
        files[file] = text.replacing(old, with: new)
        return try #require(try Configuration(files: files).using(policy: policy))
    }

    private func due(_ facts: [Fact], _ configuration: Configuration, _ rule: String) -> String? {
        let file = CaseFile(authority: swindon, subject: "C", facts: facts)
        return assess(file, under: configuration, asOf: at("2026-04-01T00:00:00Z")).deadline(rule)?.due?.description
    }

    /// Tuesday 5 May 2026; Monday 4 May is a holiday. With clear days two whole working days, or two whole days, lie
    /// between.
    @Test(arguments: [
        ("london", "LON-7.7a", "2026-04-30", "2026-04-29"), ("london", "LON-7.8a", "2026-04-30", "2026-04-29"),
        ("london", "SWI-2", "2026-04-24", "2026-04-23"), ("swindon", "SWI-18", "2026-05-03", "2026-05-02"),
        ("knowsley", "CAN-1.6", "2026-05-02T08:30:00Z", "2026-05-02T08:30:00Z"),
    ])
    func clearDaysAreTheOwnersChoice(_ policy: String, _ rule: String, _ plain: String, _ clear: String) throws {
        let facts = [booked("CF", .initial, for: "2026-05-05T08:30:00Z", on: "2026-03-01")]
        let full = try packaged(
            policy, changing: "defaults.yaml", "{value: false, rule: clearDays}", to: "{value: true, rule: clearDays}")
        #expect(due(facts, try #require(Configuration.packaged.using(policy: policy)), rule) == plain)
        #expect(due(facts, full, rule) == clear)
    }

    /// F16: the enquiry began on Monday 27 April 2026. Working days from the day after; the start as day 1; calendar
    /// days.
    @Test(arguments: [
        ("value: 5, unit: working_days", "2026-05-05"), ("value: 4, unit: working_days", "2026-05-01"),
        ("value: 5, unit: calendar_days", "2026-05-02"),
    ])
    func theReadingOfDayFiveIsData(_ limit: String, _ expected: String) throws {
        let configuration = try packaged(
            "swindon", changing: "defaults.yaml", "{value: 5, unit: working_days, rule: SWI-1a}",
            to: "{\(limit), rule: SWI-1a}")
        let facts = [enquiry("E", "2026-04-27T09:00:00Z"), request("CF", "2026-04-28T09:00:00Z", enquiry: "E")]
        let file = CaseFile(authority: swindon, subject: "C", facts: facts)
        let result = assess(file, under: configuration, asOf: at("2026-04-30T00:00:00Z"))
        #expect(result.deadline("SWI-1a")?.due?.description == expected)
    }

    @Test func swindonHasItsListsAndNobodyElse() {
        let code = ["swindon": swindon, "london": "E09000001"]
        let lists = { (list: String, policy: String) in
            Configuration.packaged.listRecipients(list, authority: code[policy]!)
        }
        #expect(lists("fortnight", "swindon") == ["team_manager", "service_manager"])
        #expect(lists("month", "swindon") == ["team_manager", "service_manager"])
        #expect(lists("allocations", "swindon") == ["sqa"])
        #expect(["fortnight", "month", "allocations"].allSatisfy { lists($0, "london") == nil })
    }

    @Test func requestsForReportsAndListsAreKnown() {
        #expect(Notice.asksForReportOrList(template: "cla_five_week_reminder", duty: nil))
        #expect(Notice.asksForReportOrList(template: "deadline_missed", duty: .agencyReport))
        #expect(!Notice.asksForReportOrList(template: "deadline_missed", duty: .conferenceRecord))
        #expect(!Notice.asksForReportOrList(template: "conference_invitation", duty: nil))
    }
}
