import StatutoryRules
import Testing

/// What cannot be shown with the packaged policies, or with events as the contract takes them.
@Suite("Involvement")
struct InvolvementTests {
    private func london(_ old: String, _ new: String) throws -> Configuration {
        var files = Configuration.packaged.files
        let text = try #require(files["defaults.yaml"])
        let range = try #require(text.firstRange(of: old))
        files["defaults.yaml"] = text.replacingCharacters(range, with: new)
        return try #require(try Configuration(files: files).using(policy: "london"))
    }

    /// LON-3.5a: the owner may set the age under which a child's attendance is warned about.
    @Test(arguments: [("2023-03-03", true), ("2023-03-02", false), (nil, false)])
    func aYoungChildIsWarnedAbout(_ born: String?, _ warns: Bool) throws {
        let configuration = try london(
            "youngChild.warnAge: not_stated", "youngChild.warnAge: {value: 36, unit: months, rule: LON-3.5a}")
        let child = fact("child", .childRegistered(ChildRegistered(childId: "K", dateOfBirth: born.map(day))))
        let facts = [child, assessed("C", "K", "2026-02-20", "all"), held("C", .review, "2026-03-02T10:00:00Z")]
        let result = assess(
            CaseFile(authority: swindon, subject: "C-1", facts: facts), under: configuration,
            asOf: at("2026-03-03T00:00:00Z"))
        #expect(result.findings.contains { $0.rule == "LON-3.5a" } == warns)
    }

    @Test func withoutARuleTheMeetingsOwnWordIsTaken() throws {
        let rule = "{value: [childrens_social_care, direct_contact, direct_contact], rule: LON-3.10a}"
        let configuration = try london("quorum.rule: \(rule)", "quorum.rule: not_stated")
        var meeting = ConferenceHeld(
            conferenceId: "C", conferenceType: .review, childIds: ["K"], heldAt: moment("2026-03-02T10:00:00Z"))
        for (claim, expected) in [(nil, nil), ("inquorate", "inquorate"), ("more or less", nil)] as [(String?, String?)]
        {
            meeting.quorumClaim = claim
            let result = assess(
                CaseFile(authority: swindon, subject: "C-1", facts: [fact("held", .conferenceHeld(meeting))]),
                under: configuration, asOf: at("2026-03-03T00:00:00Z"))
            #expect(result.conferences.map(\.quorum) == [expected])
            #expect(result.conferences.map(\.socialWorkerAttended) == [nil])
        }
    }

    /// LON-5.2: without its time a request can be neither in time nor late.
    @Test func aRequestWithoutItsTimeIsNotJudged() {
        var request = ExclusionRequested(conferenceId: "C", personId: "F")
        request.groundCode = "violence_risk"
        let facts = [
            booked("C", .initial, for: "2026-05-27T09:00:00Z"),
            fact("asked", .conferenceExclusionRequested(request)),
        ]
        let result = assessment(facts, "london", "2026-05-20")
        #expect(result.deadline("LON-5.2") == nil)
        #expect(result.findings.contains { $0.rule == "LON-5.2" && $0.severity == .must })
    }

    /// A bare date on the day of the meeting leaves open whether it came before.
    @Test func aBareDateOnTheDayCannotBeJudged() {
        let facts = [
            assessed("C", "K", "2026-03-02", "none"), held("C", .review, "2026-03-02T10:00:00Z"),
        ]
        let findings = assessment(facts, "london", "2026-03-03").findings.filter { $0.rule == "LON-4.4" }
        #expect(findings.map { $0.message.hasPrefix("cannot be judged") } == [true])
    }
}
