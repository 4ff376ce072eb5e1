import StatutoryRules
import Testing

@testable import ReadModels

/// Which enquiry a conference answers: never two of one child, and never one that came to nothing before it was asked for.
@Suite struct AttributionTests {
    /// Enquiry A of 7 January finds nothing on the 20th; B begins on Tuesday 10 June 2025, and the conference is on Tuesday
    /// 1 July: 15 working days after B, and no conference of A's, whether or not the request names B.
    @Test(arguments: ["B", nil]) func aLaterEnquirysConference(_ named: String?) {
        let rows = Self.rows([
            Self.started("A", on: "2025-01-07"), Self.completed("A", on: "2025-01-20", "not_substantiated"),
            Self.started("B", on: "2025-06-10"), Self.requested(named, on: "2025-06-12"), Self.held("2025-07-01"),
        ])
        #expect(rows == [Row("A", notNeeded: "not_substantiated"), Row("B", conference: "2025-07-01", days: 15)])
    }

    /// Of A nothing more is known: B's conference, 125 working days later, is not its own. A has none yet.
    @Test func anEnquiryWithoutAnOutcome() {
        let rows = Self.rows([
            Self.started("A", on: "2025-01-07"), Self.started("B", on: "2025-06-10"), Self.held("2025-07-01"),
        ])
        #expect(rows == [Row("A"), Row("B", conference: "2025-07-01", days: 15)])
    }

    /// After the enquiry found nothing, a conference is its own only where one was requested since it began.
    @Test func aConferenceAfterTheLapse() {
        let lapsed = [Self.started("A", on: "2025-06-10"), Self.completed("A", on: "2025-06-20", "not_substantiated")]
        #expect(Self.rows(lapsed + [Self.held("2025-07-01")]) == [Row("A", notNeeded: "not_substantiated")])
        let asked = [Self.requested(nil, on: "2025-06-24"), Self.held("2025-07-01")]
        #expect(Self.rows(lapsed + asked) == [Row("A", conference: "2025-07-01", days: 15)])
        // Not to be convened, as decided: what is held later is another matter.
        let declined: [Payload] = [
            Self.started("A", on: "2025-06-10"),
            .conferenceRequested(
                .init(conferenceId: "NONE", conferenceType: .initial, childIds: ["K-1"], enquiryId: "A")),
            .conferenceConveningDecided(.init(conferenceId: "NONE", decision: "no")), Self.held("2025-07-01"),
        ]
        #expect(Self.rows(declined) == [Row("A", notNeeded: "not_convened")])
    }

    /// Asked for on the eve of the enquiry; and asked for by the enquiry of a sibling, at whose conference the child was.
    @Test func whatIsStillItsOwn() {
        let early = [
            Self.requested(nil, on: "2025-06-09"), Self.started("A", on: "2025-06-10"), Self.held("2025-07-01"),
        ]
        #expect(Self.rows(early) == [Row("A", conference: "2025-07-01", days: 15)])
        let sibling = [
            Self.started("A", on: "2025-06-10"), Self.started("S", on: "2025-06-10", of: "K-2"),
            Self.requested("S", on: "2025-06-12"), Self.held("2025-07-01"),
        ]
        #expect(Self.rows(sibling) == [Row("A", conference: "2025-07-01", days: 15)])
    }

    private struct Row: Equatable {
        let enquiry: String
        var conference: String?
        var days: Int32?
        var notNeeded: String?

        init(_ enquiry: String, conference: String? = nil, days: Int32? = nil, notNeeded: String? = nil) {
            (self.enquiry, self.conference, self.days, self.notNeeded) = (enquiry, conference, days, notNeeded)
        }
    }

    /// The enquiries of child K-1.
    private static func rows(_ payloads: [Payload]) -> [Row] {
        var file = CaseFile(authority: "E06000030", subject: "C-1", facts: [])
        file.facts = payloads.enumerated().map { place, payload in
            Fact(
                id: "\(100 + place)", source: "urn:test", time: London.instant(on: Day("2025-08-01")!, hour: 10),
                payload: payload)
        }
        return CaseModel(file, refused: [], [:], Configuration.packaged.calendar).enquiries
            .filter { $0.childId == "K-1" }
            .map {
                Row(
                    $0.id, conference: $0.conferenceOn?.day.description, days: $0.daysFromStart, notNeeded: $0.notNeeded
                )
            }
    }

    private static func started(_ id: String, on day: String, of child: String = "K-1") -> Payload {
        .s47EnquiryStarted(.init(enquiryId: id, childIds: [child], startedAt: .day(Day(day)!)))
    }

    private static func completed(_ id: String, on day: String, _ outcome: String) -> Payload {
        .s47EnquiryCompleted(
            .init(
                enquiryId: id, childIds: ["K-1"], completedAt: .day(Day(day)!),
                outcomes: [.init(childId: "K-1", outcome: outcome)]))
    }

    private static func requested(_ enquiry: String?, on day: String) -> Payload {
        .conferenceRequested(
            .init(
                conferenceId: "CF", conferenceType: .initial, childIds: ["K-1", "K-2"], requestedAt: .day(Day(day)!),
                enquiryId: enquiry))
    }

    private static func held(_ day: String) -> Payload {
        .conferenceHeld(
            .init(conferenceId: "CF", conferenceType: .initial, childIds: ["K-1", "K-2"], heldAt: .day(Day(day)!)))
    }
}
