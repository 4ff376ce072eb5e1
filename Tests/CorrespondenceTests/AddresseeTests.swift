import CaseEvents
import StatutoryRules
import Testing

@testable import Correspondence

/// Who is told, as a table: a small authority, one case, and what changes from line to line.
@Suite struct AddresseeTests {
    private typealias Entry = (kind: String, id: String, body: String)

    private static let staff: [Entry] = [
        ("person", "SW-1", #"{"roles":["social_worker"],"email":"sw1@a.example","managerId":"TM-1","teamId":"T-1"}"#),
        ("person", "SW-2", #"{"roles":["social_worker"],"email":"sw2@a.example","managerId":"TM-1"}"#),
        ("person", "TM-1", #"{"roles":["team_manager"],"email":"tm1@a.example","managerId":"SM-1"}"#),
        ("person", "TM-2", #"{"roles":["team_manager"],"email":"tm2@a.example"}"#),
        ("person", "SM-1", #"{"roles":["service_manager"],"email":"sm1@a.example"}"#),
        ("person", "CH-1", #"{"roles":["conference_chair"],"email":"ch1@a.example"}"#),
        ("person", "CH-2", #"{"roles":["conference_chair"],"email":"ch2@a.example"}"#),
        ("person", "HV-1", #"{"roles":["agency_professional"],"email":"hv1@a.example"}"#),
        ("person", "GP-1", #"{"roles":["agency_professional"],"email":"gp1@a.example"}"#),
        ("person", "HOS", #"{"roles":["head_of_service"],"email":"hos@a.example"}"#),
        ("team", "T-1", #"{"teamManagerId":"TM-1","serviceManagerId":"SM-1"}"#),
        ("role_mailbox", "qa_team", #"{"email":"qa@a.example","fromOn":"2025-01-01"}"#),
        ("role_mailbox", "sqa", #"{"email":"sqa@a.example","fromOn":"2025-01-01","toOn":"2026-01-31"}"#),
    ]

    private static let people: [(kind: String, id: String, childIds: [String], body: String)] = [
        ("allocation", "K-1/social_worker", ["K-1"], #"{"personId":"SW-1"}"#),
        ("chair", "CF-1", ["K-1"], #"{"personId":"CH-2"}"#),
        (
            "invitees", "CF-1", ["K-1"],
            #"{"invitees":[{"personId":"HV-1","agency":"health_visiting"},{"personId":"M-1","role":"parent_carer"}]}"#
        ),
        (
            "family_member", "M-1", ["K-1"],
            #"{"relationship":"mother","email":"m1@f.example","safeChannels":["email"]}"#
        ),
        ("family_member", "F-1", ["K-1"], #"{"relationship":"father","email":"f1@f.example","safeToContact":false}"#),
        ("family_member", "X-1", ["K-9"], #"{"relationship":"mother","email":"x1@f.example"}"#),
        ("family_member", "B-1", ["K-1"], #"{"relationship":"brother","email":"b1@f.example"}"#),
    ]

    /// - Parameter changed: Words in the place of those of the same id.
    private func find(
        _ role: String, staff changed: [Entry] = [], without gone: Set<String> = [], on day: String = "2026-02-02"
    ) throws -> (told: [String], lacks: [String]) {
        let entries =
            Self.staff.filter { entry in
                !gone.contains(entry.id) && !changed.contains { $0.kind == entry.kind && $0.id == entry.id }
            } + changed
        let addressees = Addressees(
            staff: Staff(try entries.map { ($0.kind, $0.id, try JSONValue($0.body)) }),
            people: CasePeople(
                try Self.people.filter { !gone.contains($0.id) }.map {
                    ($0.kind, $0.id, $0.childIds, try JSONValue($0.body))
                }), childIds: ["K-1"],
            conferenceId: "CF-1", day: try #require(Day(day)))
        let found = addressees.find(role)
        return (
            found.recipients.map { "\($0.id) as \($0.role)\($0.hold.map { " held: \($0.rawValue)" } ?? "")" },
            found.lacks.map { "\($0.code.rawValue) \($0.role)\($0.personId.map { " " + $0 } ?? "")" }.sorted()
        )
    }

    private func expect(
        _ found: (told: [String], lacks: [String]), _ told: [String], lacks: [String] = [],
        _ place: SourceLocation = #_sourceLocation
    ) {
        #expect(found.told == told, sourceLocation: place)
        #expect(found.lacks == lacks, sourceLocation: place)
    }

    @Test func holdersOfTheCase() throws {
        expect(try find("social_worker"), ["SW-1 as social_worker"])
        expect(try find("team_manager"), ["TM-1 as team_manager"])
        expect(try find("service_manager"), ["SM-1 as service_manager"])
        expect(try find("conference_chair"), ["CH-2 as conference_chair"])
        expect(try find("agency_professional"), ["HV-1 as agency_professional"])
        expect(try find("head_of_service"), ["HOS as head_of_service"])
        expect(try find("qa_team"), ["mailbox:qa_team as qa_team"])
    }

    /// A reviewing officer may chair a conference: who is assigned is told in either role that they hold, and in no other.
    @Test func aReviewingOfficerMayChair() throws {
        let both: Entry = ("person", "CH-2", #"{"roles":["iro","conference_chair"],"email":"ch2@a.example"}"#)
        expect(try find("conference_chair", staff: [both]), ["CH-2 as conference_chair"])
        expect(try find("iro", staff: [both]), ["CH-2 as iro"])
        expect(try find("iro"), ["mailbox:qa_team as qa_team"], lacks: ["role_unheld iro"])
    }

    /// What is said of a meeting goes to those who were asked to it as professionals of the case, and to no other meeting's.
    @Test func lettersOfAMeetingGoToItsOwn() throws {
        let words: [(kind: String, id: String, childIds: [String], body: String)] = [
            (
                "invitees", "CF-1", ["K-1"],
                #"""
                {"invitees":[{"personId":"HV-1","agency":"health_visiting"},{"personId":"GP-1","agency":"health",\#
                "role":"observer"},{"personId":"X-2","role":"other_authority"},{"personId":"M-1","role":"parent_carer"}]}
                """#
            ),
            ("invitees", "CF-9", ["K-1"], #"{"invitees":[{"personId":"GP-1","agency":"gp"}]}"#),
            (
                "family_member", "M-1", ["K-1"],
                #"{"relationship":"mother","email":"m1@f.example","safeChannels":["email"]}"#
            ),
            (
                "family_member", "F-1", ["K-1"],
                #"{"relationship":"father","email":"f1@f.example","safeChannels":["email"]}"#
            ),
            ("exclusion", "CF-1/F-1", ["K-1"], #"{"decision":"excluded","scope":"full"}"#),
        ]
        let staff: [Entry] =
            Self.staff + [
                ("role_mailbox", "other_authority", #"{"email":"elsewhere@b.example","fromOn":"2025-01-01"}"#),
                ("person", "X-2", #"{"roles":["other_authority"],"email":"x2@b.example"}"#),
            ]
        func told(
            _ template: String, _ role: String, at meeting: String = "CF-1", alone person: String? = nil
        ) throws -> [String] {
            let alone = person.map { #","personId":"\#($0)""# } ?? ""
            let body = try JSONValue(
                #"{"template":"\#(template)","childIds":["K-1"],"subject":{"conferenceId":"\#(meeting)"}\#(alone)}"#)
            return Addressees(
                staff: Staff(try staff.map { ($0.kind, $0.id, try JSONValue($0.body)) }),
                people: CasePeople(try words.map { ($0.kind, $0.id, $0.childIds, try JSONValue($0.body)) }),
                of: body, day: Day("2026-02-02")!
            ).find(role).recipients.map(\.id)
        }
        #expect(try told("decision_letter_and_plan", "agency_professional") == ["HV-1"])
        #expect(try told("decision_letter_and_plan", "other_authority") == ["X-2"])
        #expect(try told("decision_letter_and_plan", "other_authority", at: "CF-9") == [])
        #expect(try told("decision_letter_and_plan", "agency_professional", at: "CF-8") == ["mailbox:qa_team"])
        #expect(try told("transfer_chase", "other_authority", at: "CF-9") == ["mailbox:other_authority"])
        // Who is kept out is told of that, and not when and where the others meet.
        #expect(try told("conference_invitation", "parent_carer") == ["M-1"])
        #expect(try told("exclusion_letter", "parent_carer") == ["F-1"])
        #expect(try told("exclusion_letter", "parent_carer", alone: "F-1") == ["F-1"])
        // Who is not excluded, or no longer, has none, whomever the notice names: nobody of the family has.
        #expect(try Set(told("exclusion_letter", "parent_carer", alone: "M-1")).isDisjoint(with: ["M-1", "F-1"]))
        #expect(try told("parents_decision_letter", "parent_carer") == ["M-1", "F-1"])
    }

    /// One parent may be written to, the other waits for a person; a brother is no parent, and K-9's mother another's.
    @Test func family() throws {
        expect(try find("parent_carer"), ["M-1 as parent_carer held: letter", "F-1 as parent_carer held: not_safe"])
        // Nobody can write to the child: the social worker passes it on.
        expect(try find("child"), ["SW-1 as social_worker"], lacks: ["role_unheld child"])
    }

    @Test func whoLeftIsFollowedByTheNextRung() throws {
        let left: Entry = ("person", "SW-1", #"{"roles":["social_worker"],"managerId":"TM-1","active":false}"#)
        expect(
            try find("social_worker", staff: [left]), ["TM-1 as team_manager"],
            lacks: ["person_left social_worker SW-1", "role_unheld social_worker"])
    }

    @Test func withoutAddressOrManagerTheQATeamIsTold() throws {
        let mute: Entry = ("person", "SW-1", #"{"roles":["social_worker"]}"#)
        // SW-2 alone is left among those who hold the role with an address, and has nothing to do with the case.
        let found = try find("social_worker", staff: [mute], without: ["SW-2", "TM-1", "TM-2", "SM-1"])
        expect(
            found, ["mailbox:qa_team as qa_team"],
            lacks: ["no_address social_worker SW-1", "role_unheld social_worker"])
    }

    /// What could be read as a second address, or as a command to the mail server, is no address.
    @Test(arguments: [
        #"sw1@a.example>\r\nRCPT TO:<other@b.example"#, "sw1@a.example,other@b.example", "sw1@a.example;x",
        "a b@c.example",
        "<sw1@a.example>", #"sw1@a.example\u007f"#, "sw1", "sw1@", "@a.example", "sw1@a@b", "",
    ]) func whatIsNoAddress(text: String) throws {
        let wrong: Entry = ("person", "SW-1", #"{"roles":["social_worker"],"email":"\#(text)"}"#)
        expect(
            try find("social_worker", staff: [wrong], without: ["SW-2", "TM-1", "TM-2", "SM-1"]),
            ["mailbox:qa_team as qa_team"], lacks: ["no_address social_worker SW-1", "role_unheld social_worker"])
    }

    @Test func nobodyAtAll() throws {
        let found = try find("cp_chair_manager", without: ["qa_team"])
        expect(found, [], lacks: ["unreachable cp_chair_manager"])
    }

    /// Several chairs, none of them this meeting's: none of them is written to.
    @Test func oneOfSeveralIsNotGuessed() throws {
        expect(
            try find("conference_chair", without: ["CF-1"]), ["mailbox:qa_team as qa_team"],
            lacks: ["role_unheld conference_chair", "several_hold conference_chair"])
    }

    /// 31 January is the mailbox's last day; on the day after it is no longer used.
    @Test func mailboxesHaveDays() throws {
        expect(try find("sqa", on: "2026-01-31"), ["mailbox:sqa as sqa"])
        expect(
            try find("sqa", on: "2026-02-01"), ["mailbox:qa_team as qa_team"], lacks: ["role_unheld sqa"])
    }

    @Test func coverStandsIn() throws {
        let away: Entry = (
            "person", "TM-1",
            #"{"roles":["team_manager"],"email":"tm1@a.example","cover":{"personId":"TM-2","fromOn":"2026-02-02","toOn":"2026-02-06"}}"#
        )
        expect(try find("team_manager", staff: [away], on: "2026-02-01"), ["TM-1 as team_manager"])
        expect(try find("team_manager", staff: [away], on: "2026-02-02"), ["TM-2 as team_manager"])
        expect(try find("team_manager", staff: [away], on: "2026-02-06"), ["TM-2 as team_manager"])
        expect(try find("team_manager", staff: [away], on: "2026-02-07"), ["TM-1 as team_manager"])
    }

    /// A chain that bites its own tail ends, and every rung of a role ends with the QA team.
    @Test func chainsEnd() throws {
        let ring: [Entry] = [
            ("person", "TM-1", #"{"roles":["team_manager"],"managerId":"SW-1"}"#),
            ("team", "T-1", "{}"),
        ]
        expect(
            try find("service_manager", staff: ring, without: ["SM-1", "TM-2"]), ["mailbox:qa_team as qa_team"],
            lacks: ["role_unheld service_manager"])
        for role in [
            "child", "social_worker", "team_manager", "conference_chair", "iro", "other_authority", "csc_manager",
        ] {
            #expect(Addressees.rungs(from: role).last == "qa_team", "\(role)")
        }
    }
}
