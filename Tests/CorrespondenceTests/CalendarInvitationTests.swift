import StatutoryRules
import Testing

@testable import Correspondence

/// Invitations as RFC 5545 and 5546 have them. That other programs read them: SystemTests.InvitationTests.
@Suite struct CalendarInvitationTests {
    private static func invitation(
        _ start: String, end: String? = nil, place: String? = nil, _ method: CalendarInvitation.Method = .request
    ) -> [String] {
        let text = CalendarInvitation(
            method: method, uid: "u@quorate", sequence: 3, stamp: Instant("2026-03-02T08:00:05.25Z")!,
            start: Moment(start)!,
            end: end.flatMap { Instant($0) }, summary: "Meeting", place: place, organizer: "q@a.example",
            attendee: "m1@f.example"
        ).text
        return text.components(separatedBy: "\r\n")
    }

    /// The clocks change on 29 March and 25 October 2026: ten in the morning stays ten in the morning.
    @Test func clocks() {
        #expect(Self.invitation("2026-03-27T10:00:00Z").contains("DTSTART;TZID=Europe/London:20260327T100000"))
        #expect(Self.invitation("2026-03-30T09:00:00Z").contains("DTSTART;TZID=Europe/London:20260330T100000"))
        #expect(Self.invitation("2026-10-24T10:00:00+01:00").contains("DTSTART;TZID=Europe/London:20261024T100000"))
        // From 1:00 to 2:00 the hour comes twice: the first is told in London's time, the second cannot be.
        #expect(Self.invitation("2026-10-25T00:30:00Z").contains("DTSTART;TZID=Europe/London:20261025T013000"))
        #expect(Self.invitation("2026-10-25T01:30:00Z").contains("DTSTART:20261025T013000Z"))
        // A bare date is a whole day, and needs no clock.
        let day = Self.invitation("2026-03-27")
        #expect(day.contains("DTSTART;VALUE=DATE:20260327") && !day.contains("BEGIN:VTIMEZONE"))
        #expect(day.contains("DTSTAMP:20260302T080005Z"))
    }

    /// No line is longer than 75 octets, none breaks a character, and what means something to a calendar is escaped.
    @Test func linesAndText() {
        let place = String(repeating: "Neuadd y Dref, Llanfair-ŵŷ; llawr 2\\3 ", count: 5)
        let lines = Self.invitation("2026-03-27T10:00:00Z", end: "2026-03-27T12:00:00Z", place: place)
        #expect(lines.allSatisfy { $0.utf8.count <= 75 })
        let unfolded = lines.joined(separator: "\r\n").replacing("\r\n ", with: "")
        #expect(
            unfolded.contains(
                "LOCATION:" + String(repeating: "Neuadd y Dref\\, Llanfair-ŵŷ\\; llawr 2\\\\3 ", count: 5)))
        #expect(unfolded.contains("DTEND;TZID=Europe/London:20260327T120000"))
        let cancelled = Self.invitation("2026-03-27T10:00:00Z", .cancel)
        #expect(
            cancelled.contains("METHOD:CANCEL") && cancelled.contains("STATUS:CANCELLED")
                && cancelled.contains("SEQUENCE:3"))
    }

    /// A meeting has one identity for all who are invited; a family's calendar says no more than that there is one.
    @Test func whoIsInvited() throws {
        func lines(_ role: String) throws -> [String] {
            try #require(Correspondents.mail("conference_invitation", to: role).calendar).text
                .components(separatedBy: "\r\n")
        }
        let (mother, agency) = (try lines("parent_carer"), try lines("agency_professional"))
        #expect(mother.contains("SUMMARY:Meeting") && agency.contains("SUMMARY:Initial child protection conference"))
        let uid = try #require(agency.first { $0.hasPrefix("UID:") })
        #expect(mother.contains(uid))
        for line in mother + agency {
            for name in ["Sam", "Alex", "Mead", "K-1", "C-10442"] { #expect(!line.contains(name), "\(line)") }
        }
        #expect(try Correspondents.mail("conference_invitation", to: "social_worker").calendar == nil)
        // Without a date there is nothing to put into a calendar.
        #expect(try Correspondents.mail("conference_invitation", to: "agency_professional", []).calendar == nil)
    }
}
