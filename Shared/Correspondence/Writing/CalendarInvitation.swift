import Foundation
import StatutoryRules

/// A meeting in a calendar: iTIP (RFC 5546) in iCalendar (RFC 5545).
///
/// Written here and not by libical, whose C values would have to be owned one by one: of the format a page is needed, and what
/// comes out is read back in the tests by another program. Each invitation names its own reader alone, and neither a child nor a
/// case.
struct CalendarInvitation {
    enum Method: String {
        case request = "REQUEST"
        case cancel = "CANCEL"
    }

    let method: Method
    /// One a meeting, for as long as it lives.
    let uid: String
    /// One more with every change of date or place, and with the cancellation.
    let sequence: Int
    /// When this word of it was written.
    let stamp: Instant
    let start: Moment
    /// Of a bare date none: it takes the whole day.
    let end: Instant?
    let summary: String
    let place: String?
    let organizer: String
    let attendee: String

    var text: String {
        var lines = [
            "BEGIN:VCALENDAR", "PRODID:-//Quorate//Correspondence//EN", "VERSION:2.0", "CALSCALE:GREGORIAN",
            "METHOD:\(method.rawValue)",
        ]
        if case .instant = start { lines += Self.london }
        lines += [
            "BEGIN:VEVENT", "UID:\(uid)", "SEQUENCE:\(sequence)", "DTSTAMP:\(Self.utc(stamp))",
            Self.time("DTSTART", start),
        ]
        if let end { lines.append(Self.time("DTEND", .instant(end))) }
        lines += ["SUMMARY:\(Self.escaped(summary))", "CLASS:CONFIDENTIAL", "TRANSP:OPAQUE"]
        if let place { lines.append("LOCATION:\(Self.escaped(place))") }
        lines += [
            "STATUS:\(method == .cancel ? "CANCELLED" : "CONFIRMED")", "ORGANIZER:mailto:\(organizer)",
            "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=\(method == .cancel ? "FALSE" : "TRUE"):mailto:\(attendee)",
            "END:VEVENT", "END:VCALENDAR",
        ]
        return lines.map(Self.folded).joined()
    }

    /// In London's own time, so that it stays at its hour across a change of the clocks. An hour that comes twice is told in UTC.
    private static func time(_ name: String, _ moment: Moment) -> String {
        guard case .instant(let instant) = moment else { return "\(name);VALUE=DATE:\(digits(moment.day))" }
        let (day, clock) = (London.day(of: instant), London.clock(at: instant))
        let seconds = instant.microseconds / 1_000_000 % 60
        let isPlain =
            London.instant(on: day, hour: clock.hour, minute: clock.minute).adding(
                microseconds: seconds * 1_000_000)
            == Instant(microseconds: instant.microseconds / 1_000_000 * 1_000_000)
        guard isPlain else { return "\(name):\(utc(instant))" }
        return "\(name);TZID=Europe/London:\(digits(day))T\(two(clock.hour))\(two(clock.minute))\(two(Int(seconds)))"
    }

    private static func utc(_ instant: Instant) -> String {
        // `2026-03-27T10:00:00Z`, without its marks and parts of a second.
        instant.description.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
    }

    private static func digits(_ day: Day) -> String { day.description.replacing("-", with: "") }
    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// RFC 5545, 3.3.11.
    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing(";", with: "\\;").replacing(",", with: "\\,")
            .split(whereSeparator: \.isNewline).joined(separator: "\\n")
    }

    /// RFC 5545, 3.1: lines of at most 75 octets, folded between characters.
    private static func folded(_ line: String) -> String {
        var text = ""
        var octets = 0
        for character in line.unicodeScalars {
            let size = String(character).utf8.count
            if octets + size > 75 {
                text += "\r\n "
                octets = 1
            }
            text.unicodeScalars.append(character)
            octets += size
        }
        return text + "\r\n"
    }

    /// The clocks of Europe/London since 1996, as RFC 5545 (3.6.5) writes a rule.
    private static let london = [
        "BEGIN:VTIMEZONE", "TZID:Europe/London",
        "BEGIN:DAYLIGHT", "DTSTART:19960331T010000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "TZOFFSETFROM:+0000",
        "TZOFFSETTO:+0100", "TZNAME:BST", "END:DAYLIGHT",
        "BEGIN:STANDARD", "DTSTART:19961027T020000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0000", "TZNAME:GMT", "END:STANDARD",
        "END:VTIMEZONE",
    ]
}

extension CaseFacts.Meeting {
    /// What an invitee was told of it: another word is to be sent where this has changed. Nothing while it has no date.
    public var told: String? {
        startsAt.map { "\($0)|\(endsAt?.description ?? "")|\(place ?? "")|\(isCancelled ? "cancelled" : "on")" }
    }

    /// Whether somebody who was told this has it in their calendar.
    public static func isOn(told: String) -> Bool { !told.hasSuffix("|cancelled") }

    func invitation(
        _ id: String, in authority: String, sequence: Int, _ envelope: Envelopment, summary: String, place: String?
    ) -> CalendarInvitation? {
        guard let startsAt else { return nil }
        var end: Instant?
        if case .instant(let start) = startsAt {
            let said = endsAt?.earliest
            end = said.map { $0 > start } == true ? said : start.adding(minutes: Self.usualMinutes)
        }
        return CalendarInvitation(
            method: isCancelled ? .cancel : .request, uid: "\(NameUUID(name: "meeting/\(authority)/\(id)"))@quorate",
            sequence: sequence, stamp: envelope.dated, start: startsAt, end: end, summary: summary, place: place,
            organizer: envelope.from, attendee: envelope.to)
    }
}
