import StatutoryRules
import Testing

@testable import ReadModels

/// The codes of the looked-after return: who was under four, who came, who spoke for whom.
@Suite struct ParticipationTests {
    struct Case: Sendable {
        let code: String?
        var born: String? = "2015-06-01"
        var comes = false
        var methods: [String] = []
        var hasAdvocate = false
        var isRecorded = true
    }

    static let cases = [
        Case(code: "PN0", born: "2022-01-13", comes: true), Case(code: "PN7", born: "2022-01-12"),
        Case(code: "PN1", comes: true, methods: ["chair_meeting"]),
        Case(code: "PN2", comes: true, methods: ["chair_meeting"], hasAdvocate: true),
        Case(code: "PN3", comes: true, methods: ["drawing"]), Case(code: nil, comes: true),
        Case(code: "PN5", hasAdvocate: true), Case(code: "PN5", methods: ["advocate"]),
        Case(code: "PN6", methods: ["worksheet"]), Case(code: "PN7"), Case(code: nil, born: nil),
        Case(code: nil, born: "2026-01-13"), Case(code: nil, isRecorded: false),
    ]

    @Test(arguments: cases) func codes(_ example: Case) {
        var participation = Participation()
        for method in example.methods {
            var views = ViewsRecorded(conferenceId: "CF", recordedAt: .day(Day("2026-01-11")!))
            views.childId = "K-1"
            views.method = method
            participation.take(.conferenceViewsRecorded(views))
        }
        if example.hasAdvocate {
            var assessed = ParticipationAssessed(
                conferenceId: "CF", childId: "K-1", assessedAt: .day(Day("2026-01-10")!))
            assessed.advocateId = "ADV"
            participation.take(.conferenceChildParticipationAssessed(assessed))
        }
        var conference = CaseView.Conference(id: "CF")
        conference.heldAt = .day(Day("2026-01-12")!)
        if example.isRecorded {
            conference.attendees = [Participant(personId: example.comes ? "K-1" : "SW-1")]
        }
        let code = participation.code(of: "K-1", born: example.born.map { Day($0)! }, in: conference)
        #expect(code == example.code)
    }
}
