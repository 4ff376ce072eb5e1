import StatutoryRules
import Testing

@testable import CaseEvents

@Suite struct PayloadTests {
    private func payload(_ name: String, _ data: String) throws -> Payload {
        try Contract.decode(line: BadInput.event(type: name, data: data)).fact.payload
    }

    private func fixture(_ type: EventType) throws -> Payload {
        try Contract.decode(line: Files.fixture(type.rawValue)).fact.payload
    }

    @Test(arguments: EventType.allCases) func theExampleDecodes(_ type: EventType) throws {
        let event = try Contract.decode(line: Files.fixture(type.rawValue))
        #expect(event.envelope.eventType == type)
        if case .waiting(let waiting) = event.fact.payload {
            #expect(waiting == type)
            #expect(type.isDirectory)
        } else {
            #expect(!type.isDirectory)
        }
        // The examples show every field of the table, but for pairs of which one is enough.
        let shown = Set(try #require(event.data).members.map(\.key))
        let row = try #require(Contract.row(event.envelope.type))
        for field in row.shape.fields where !["childId", "childIds", "edd", "unbornId"].contains(field.name) {
            let isOptionalThere = [
                "categoryReviewed", "conferenceId", "planId", "quorumClaim", "proceedReason",
            ].contains(field.name)
            #expect(shown.contains(field.name) || isOptionalThere, "\(type.rawValue): \(field.name)")
        }
    }

    @Test func theOwnInstantIsTheTables() throws {
        for type in EventType.allCases {
            let event = try Contract.decode(line: Files.fixture(type.rawValue))
            if case .waiting = event.fact.payload { continue }
            let row = try #require(Contract.row(event.envelope.type))
            let own = row.own.lazy.compactMap { event.data?[$0]?.lend { $0.moment } }.first
            #expect(event.fact.payload.ownMoment == own, "\(type.rawValue)")
        }
    }

    static let words: [(data: String, isUnknown: Bool)] = [
        (#"{"conferenceId":"C","heldAt":"2026-01-06","conferenceType":"review"}"#, false),
        (#"{"conferenceId":"C","heldAt":"2026-01-06","conferenceType":"tea"}"#, true),
        (#"{"conferenceId":"C","heldAt":"2026-01-06","conferenceType":null}"#, false),
        (#"{"conferenceId":"C","heldAt":"2026-01-06","attendees":[{"role":"chair"}]}"#, true),
        (#"{"conferenceId":"C","heldAt":"2026-01-06","attendees":[{"role":"obser\u0076er"},{"role":""}]}"#, false),
    ]

    /// Kept, and found by the rules; never refused.
    @Test(arguments: words) func anUnknownWordOfACodeListIsNoted(_ data: String, _ isUnknown: Bool) throws {
        let line = BadInput.event(type: "conference.held", data: data)
        #expect(try Contract.decode(line: line).fact.details.holdUnknownWord == isUnknown)
        #expect(try Contract.decodeStored(line).fact.details.holdUnknownWord == isUnknown)
    }

    @Test func aStrategyDiscussion() throws {
        #expect(
            try fixture(.strategyDiscussionHeld)
                == .strategyDiscussionHeld(
                    StrategyDiscussion(
                        discussionId: "SD-1", childIds: ["K-1", "K-2"],
                        heldAt: #require(Moment("2026-01-06T14:00:00Z")),
                        initiatedS47: true)))
    }

    @Test func aConference() throws {
        guard case .conferenceHeld(let held) = try fixture(.conferenceHeld) else { return #expect(Bool(false)) }
        #expect(held.conferenceType == .initial)
        #expect(held.childIds == ["K-1", "K-2"])
        #expect(held.heldAt == Moment("2026-01-26T12:00:00Z"))
        #expect(held.startsAt == Moment("2026-01-26T10:00:00Z"))
        #expect(held.endedAt == Moment("2026-01-26T12:10:00Z"))
        #expect(
            held.attendees.map { [$0.personId, $0.role, $0.agency] } == [
                ["P-1", "social_worker", "childrens_social_care"], ["P-10", "agency_professional", "police"],
            ])
        #expect(held.decisions.map(\.decision) == ["plan", "no_plan"])
        #expect(held.decisions.map(\.category) == ["neglect", nil])
    }

    @Test func oneChildOrAListOfOne() throws {
        let date = Day("2026-01-03")
        let expected = try Payload.childDied(ChildDied(childId: "K-1", dateOfDeath: #require(date)))
        #expect(try payload("child.died", #"{"childId":"K-1","dateOfDeath":"2026-01-03"}"#) == expected)
        #expect(try payload("child.died", #"{"childIds":["K-1"],"dateOfDeath":"2026-01-03"}"#) == expected)
    }

    static let children: [(String, [String])] = [
        (#""childId":"K-1""#, ["K-1"]), (#""childIds":["K-1","K-2"]"#, ["K-1", "K-2"]),
        (#""childIds":["K-1","K-1"],"childId":"K-3""#, ["K-1", "K-3"]), (#""childIds":[],"childId":"K-3""#, ["K-3"]),
        (#""childIds":null,"childId":"K-3""#, ["K-3"]),
    ]

    @Test(arguments: children) func childrenAreOneListWhateverNamesThem(_ fields: String, _ expected: [String]) throws {
        let data = "{\"enquiryId\":\"E\",\"startedAt\":\"2026-01-06\",\(fields)}"
        guard case .s47EnquiryStarted(let enquiry) = try payload("s47_enquiry.started", data) else {
            return #expect(Bool(false))
        }
        #expect(enquiry.childIds == expected)
        #expect(enquiry.startedAt == Moment("2026-01-06"))
    }

    @Test func unknownWordsAndFieldsAreKeptAndRefuseNothing() throws {
        let data = #"{"conferenceId":"CF","conferenceType":"tribunal","startsAt":"2026-03-01T10:00:00Z","mood":"calm"}"#
        guard case .conferenceScheduled(let booking) = try payload("conference.scheduled", data) else {
            return #expect(Bool(false))
        }
        #expect(booking.conferenceType == nil)
        guard
            case .caseNoteRecorded(let note) = try payload(
                "case_note.recorded", #"{"childId":"K","notedAt":"2026-01-01","noteType":"poem"}"#)
        else { return #expect(Bool(false)) }
        #expect(note.noteType == "poem")
        let outcome =
            #"{"enquiryId":"E","childId":"K","completedAt":"2026-01-01","outcomes":[{"childId":"K","outcome":"unclear"}]}"#
        guard case .s47EnquiryCompleted(let enquiry) = try payload("s47_enquiry.completed", outcome) else {
            return #expect(Bool(false))
        }
        #expect(enquiry.outcomes.map(\.outcome) == ["unclear"])
    }

    @Test func nullIsAbsent() throws {
        let data = #"{"discussionId":"SD","childId":"K","heldAt":"2026-01-06","initiatedS47":null,"participants":null}"#
        guard case .strategyDiscussionHeld(let discussion) = try payload("strategy_discussion.held", data) else {
            return #expect(Bool(false))
        }
        #expect(discussion.initiatedS47 == nil)
    }

    @Test func bornOnADayOrAtAnInstant() throws {
        let day = try payload("child.born", #"{"childId":"K","dateOfBirth":"2026-06-12"}"#)
        #expect(day == .childBorn(ChildBorn(childId: "K", dateOfBirth: Day("2026-06-12"))))
        let instant = try payload("child.born", #"{"childId":"K","bornAt":"2026-06-12T03:41:00+01:00"}"#)
        #expect(instant == .childBorn(ChildBorn(childId: "K", bornAt: Moment("2026-06-12T02:41:00Z"))))
    }
}
