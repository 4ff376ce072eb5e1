import Foundation
import TestSupport
import Testing
import Workers

/// Invitations for the calendar, from the first to the cancellation, as Python's icalendar reads them.
@Suite struct InvitationTests {
    private static func event(_ id: String, _ type: String, _ data: String, at time: String) -> String {
        """
        {"specversion":"1.0","id":"\(id)","source":"urn:lcs:E06000030","type":"quorate.\(type).v1","subject":"C-1",\
        "time":"\(time)","authority":"E06000030","data":{"conferenceId":"CF-1",\(data)}}
        """
    }

    private static func people() -> [String] {
        var events = NoticeEvents()
        events.mailbox("qa_team")
        events.person("A-1", "agency_professional")
        events.person("A-2", "agency_professional")
        events.family("M-1", "K-1", case: "C-1", #","relationship":"mother","name":"Jo Mead","email":"m1@f.example""#)
        return events.lines
    }

    /// Of each mail to one address, by its sequence: what its calendar part says; the same as what is attached.
    private static let reader = """
        import email, email.policy, pathlib, sys, icalendar
        found = []
        for path in pathlib.Path(sys.argv[1]).glob('new/*'):
            m = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if m['To'].addresses[0].addr_spec != sys.argv[2]: continue
            part = next(p for p in m.walk() if p.get_content_type() == 'text/calendar')
            file = next(p for p in m.iter_attachments() if p.get_filename() == 'invite.ics')
            text = part.get_payload(decode=True)
            assert text == file.get_payload(decode=True) and not any(p.defects for p in m.walk())
            calendar = icalendar.Calendar.from_ical(text)
            event, = calendar.walk('VEVENT')
            zone, = calendar.walk('VTIMEZONE')
            assert not event.errors and event['ATTENDEE'] == 'mailto:' + sys.argv[2]
            assert part.get_content_charset() == 'utf-8' and part.get_param('method') == calendar['METHOD']
            start, end = (event.decoded(n).astimezone(__import__('datetime').timezone.utc) for n in ('DTSTART', 'DTEND'))
            found.append((event['SEQUENCE'], calendar['METHOD'], event['STATUS'], start.strftime('%FT%TZ'), end.strftime('%TZ'),
                          event.decoded('DTSTART').strftime('%H:%M'), event.get('LOCATION', '-'), event['SUMMARY'], event['UID']))
        for line in sorted(found): print(*line, sep=' | ')
        """

    private static func read(_ system: TestSystem, _ python: String, _ address: String) throws -> [String] {
        let result = try system.run(["-c", reader, system.mailFolder, address], program: python)
        #expect(result.status == 0, "\(result.errors)")
        return result.lines
    }

    @Test func invitedMovedAndCancelled() async throws {
        let python = try PythonPackages.install("icalendar==7.3.0")
        let booked = Self.event(
            "booked", "conference.scheduled",
            #""conferenceType":"initial","childIds":["K-1"],"startsAt":"2099-03-27T10:00:00Z","endsAt":"2099-03-27T11:30:00Z","venueOrMode":"Hall, room 2","dateSetAt":"2026-01-05T09:00:00Z""#,
            at: "2026-01-05T09:00:00Z")
        let listed = Self.event(
            "listed", "conference.invite_list_submitted",
            #""submittedAt":"2026-01-05T10:00:00Z","invitees":[{"personId":"A-1","agency":"police","role":"agency_professional"}]"#,
            at: "2026-01-05T10:00:00Z")
        // After the clocks have changed on the 29th: the same hour in London is another in UTC.
        let moved = Self.event(
            "moved", "conference.rescheduled",
            #""newStartsAt":"2099-03-30T10:00:00+01:00","rescheduledAt":"2026-01-06T09:00:00Z""#,
            at: "2026-01-06T09:00:00Z")
        let cancelled = Self.event(
            "cancelled", "conference.cancelled", #""cancelledAt":"2026-01-07T09:00:00Z""#, at: "2026-01-07T09:00:00Z")
        let lines = Self.people() + [booked, listed]
        try await TestSystem.with { system in
            try system.start([.notifications])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            let notice = try system.say(
                "conference_invitation", to: ["agency_professional", "parent_carer"],
                about: #","conferenceId":"CF-1""#)
            try system.waitUntilCaughtUp()
            #expect(
                try system.told(of: notice) == ["A-1 as agency_professional sent", "M-1 as parent_carer held letter"])
            // The invitations are done, and the notice withdrawn: what changes is said all the same.
            try system.say("", to: [], revision: 2, id: notice, withdrawn: true)
            for news in [moved, moved.replacing("\"id\":\"moved\"", with: "\"id\":\"again\""), cancelled] {
                try system.publish([news])
                try system.waitUntilCaughtUp()
            }
            let read = try Self.read(system, python, "a-1@e06000030.example")
            let uid = try #require(read.first?.split(separator: " | ").last)
            let summary = "Initial child protection conference | \(uid)"
            #expect(
                read == [
                    "0 | REQUEST | CONFIRMED | 2099-03-27T10:00:00Z | 11:30:00Z | 10:00 | Hall, room 2 | \(summary)",
                    "1 | REQUEST | CONFIRMED | 2099-03-30T09:00:00Z | 11:00:00Z | 10:00 | Hall, room 2 | \(summary)",
                    "2 | CANCEL | CANCELLED | 2099-03-30T09:00:00Z | 11:00:00Z | 10:00 | Hall, room 2 | \(summary)",
                ])
            // Whose invitation never left hears nothing of its changes.
            #expect(try Self.read(system, python, "m1@f.example") == [])
            #expect(
                try system.strings(
                    "SELECT recipient_id || ' ' || template FROM notifications.message WHERE sequence > 0 ORDER BY sequence"
                )
                    == ["A-1 meeting_changed", "A-1 meeting_changed"])
        }
    }

    private static func list(_ id: String, _ people: [String], at time: String) -> String {
        let invitees = people.map { #"{"personId":"\#($0)","agency":"police","role":"agency_professional"}"# }
        return event(
            id, "conference.invite_list_submitted",
            #""submittedAt":"\#(time)","invitees":[\#(invitees.joined(separator: ","))]"#, at: time)
    }

    /// A-1 is not on the next list, and is on the one after; the mother is excluded. To each the meeting is called off as they
    /// knew it, whatever it is by now, once; who is asked again is told anew.
    @Test func invitedNoLonger() async throws {
        let python = try PythonPackages.install("icalendar==7.3.0")
        let lines =
            Self.people() + [
                Self.event(
                    "booked", "conference.scheduled",
                    #""conferenceType":"initial","childIds":["K-1"],"startsAt":"2099-03-27T10:00:00Z","endsAt":"2099-03-27T11:30:00Z","venueOrMode":"Hall, room 2","dateSetAt":"2026-01-05T09:00:00Z""#,
                    at: "2026-01-05T09:00:00Z"),
                Self.list("listed", ["A-1", "A-2"], at: "2026-01-05T10:00:00Z"),
            ]
        let news = [
            [Self.list("shorter", ["A-2"], at: "2026-01-06T10:00:00Z")],
            [
                Self.event(
                    "excluded", "conference.exclusion_decided",
                    #""personId":"M-1","decision":"excluded","scope":"full","decidedAt":"2026-01-06T11:00:00Z""#,
                    at: "2026-01-06T11:00:00Z")
            ],
            [
                Self.event(
                    "moved", "conference.rescheduled",
                    #""newStartsAt":"2099-03-30T10:00:00+01:00","rescheduledAt":"2026-01-07T09:00:00Z""#,
                    at: "2026-01-07T09:00:00Z")
            ],
            [Self.list("longer", ["A-1", "A-2"], at: "2026-01-08T10:00:00Z")],
        ]
        try await TestSystem.with { system in
            try system.start([.notifications])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            try system.say(
                "conference_invitation", to: ["agency_professional", "parent_carer"],
                about: #","conferenceId":"CF-1""#)
            try system.waitUntilCaughtUp()
            let letter = "SELECT message_id::text FROM notifications.message WHERE state = 'held'"
            try system.quorate("letters", "release", try system.strings("\(raw: letter)")[0])
            try system.waitUntilCaughtUp()
            for events in news {
                try system.publish(events)
                try system.waitUntilCaughtUp()
            }
            let first = try Self.read(system, python, "a-1@e06000030.example")
            let uid = try #require(first.first?.split(separator: " | ").last)
            let summary = "Initial child protection conference | \(uid)"
            #expect(
                first == [
                    "0 | REQUEST | CONFIRMED | 2099-03-27T10:00:00Z | 11:30:00Z | 10:00 | Hall, room 2 | \(summary)",
                    "1 | CANCEL | CANCELLED | 2099-03-27T10:00:00Z | 11:30:00Z | 10:00 | - | \(summary)",
                    "2 | REQUEST | CONFIRMED | 2099-03-30T09:00:00Z | 11:00:00Z | 10:00 | Hall, room 2 | \(summary)",
                ])
            #expect(
                try Self.read(system, python, "a-2@e06000030.example") == [
                    "0 | REQUEST | CONFIRMED | 2099-03-27T10:00:00Z | 11:30:00Z | 10:00 | Hall, room 2 | \(summary)",
                    "1 | REQUEST | CONFIRMED | 2099-03-30T09:00:00Z | 11:00:00Z | 10:00 | Hall, room 2 | \(summary)",
                ])
            let withdrawn = try system.strings("\(raw: letter)")
            try #require(withdrawn.count == 1)
            let shown = try system.quorate("letters", "show", withdrawn[0]).output
            #expect(shown.contains("You are no longer invited to a meeting"), "\(shown)")
            #expect(shown.contains("27 March 2099") && !shown.contains("30 March"), "\(shown)")
        }
    }

    /// The authority sends its own invitations, and says to whom before it says when: each gets the meeting for their calendar
    /// once, and its changes; who has it by an invitation from here gets no other; who is in no directory is left out.
    @Test func invitedByTheAuthority() async throws {
        let python = try PythonPackages.install("icalendar==7.3.0")
        func sent(_ id: String, _ people: [String], at time: String) -> String {
            let names = people.map { "\"\($0)\"" }.joined(separator: ",")
            return Self.event(
                id, "conference.invitations_sent", #""sentAt":"\#(time)","recipients":[\#(names)]"#, at: time)
        }
        var others = NoticeEvents()
        others.person("A-3", "agency_professional")
        let third = others.lines[0].replacing("\"id\":\"e-1\"", with: "\"id\":\"a-3\"")
        let booked = Self.event(
            "booked", "conference.scheduled",
            #""conferenceType":"initial","childIds":["K-1"],"startsAt":"2099-03-27T10:00:00Z","dateSetAt":"2026-01-05T09:00:00Z""#,
            at: "2026-01-05T09:00:00Z")
        let news = [
            [sent("first", ["A-1", "M-1", "X-9"], at: "2026-01-05T11:00:00Z")], [booked],
            [sent("more", ["A-1", "A-2", "A-3"], at: "2026-01-06T11:00:00Z")],
            [
                Self.event(
                    "moved", "conference.rescheduled",
                    #""newStartsAt":"2099-03-30T10:00:00+01:00","rescheduledAt":"2026-01-07T09:00:00Z""#,
                    at: "2026-01-07T09:00:00Z")
            ],
        ]
        try await TestSystem.with { system in
            try system.start([.notifications])
            try system.publish(Self.people() + [third, Self.list("listed", ["A-3"], at: "2026-01-05T10:00:00Z")])
            try system.waitUntilCaughtUp()
            for (place, events) in news.enumerated() {
                try system.publish(events)
                try system.waitUntilCaughtUp()
                if place == 0 { #expect(system.mailFiles.isEmpty) }
                if place == 1 {
                    try system.say(
                        "conference_invitation", to: ["agency_professional"], about: #","conferenceId":"CF-1""#)
                    try system.waitUntilCaughtUp()
                }
            }
            func told(_ person: String) throws -> [String] {
                try Self.read(system, python, "\(person)@e06000030.example")
                    .map { $0.components(separatedBy: " | ")[0...3].joined(separator: " ") }
            }
            let both = ["0 REQUEST CONFIRMED 2099-03-27T10:00:00Z", "1 REQUEST CONFIRMED 2099-03-30T09:00:00Z"]
            for person in ["a-1", "a-2", "a-3"] { #expect(try told(person) == both, "\(person)") }
            #expect(
                try system.strings(
                    "SELECT recipient_id || ' ' || template || ' ' || state FROM notifications.message ORDER BY 1")
                    == [
                        "A-1 meeting_changed sent", "A-1 meeting_for_calendar sent", "A-2 meeting_changed sent",
                        "A-2 meeting_for_calendar sent", "A-3 conference_invitation sent", "A-3 meeting_changed sent",
                        "M-1 meeting_for_calendar held",
                    ])
        }
    }

    /// To family, each word on a meeting waits for a person; the same number is never given twice.
    @Test func toFamilyOnceReleased() async throws {
        let python = try PythonPackages.install("icalendar==7.3.0")
        let booked = Self.event(
            "booked", "conference.scheduled",
            #""conferenceType":"review","childIds":["K-1"],"startsAt":"2099-07-01T13:00:00Z","dateSetAt":"2026-01-05T09:00:00Z""#,
            at: "2026-01-05T09:00:00Z")
        let moved = Self.event(
            "moved", "conference.rescheduled",
            #""newStartsAt":"2099-07-02T13:00:00Z","rescheduledAt":"2026-01-06T09:00:00Z""#,
            at: "2026-01-06T09:00:00Z")
        let lines = Self.people() + [booked]
        try await TestSystem.with { system in
            func release() throws {
                let id = try system.strings("SELECT message_id::text FROM notifications.message WHERE state = 'held'")
                try #require(id.count == 1)
                try system.quorate("letters", "release", id[0])
                try system.waitUntilCaughtUp()
            }
            try system.start([.notifications])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            try system.say("conference_invitation", to: ["parent_carer"], about: #","conferenceId":"CF-1""#)
            try system.waitUntilCaughtUp()
            try release()
            try system.publish([moved])
            try system.waitUntilCaughtUp()
            #expect(system.mailFiles.count == 1)
            try release()
            let read = try Self.read(system, python, "m1@f.example")
            #expect(
                read.map { $0.components(separatedBy: " | ")[0...3].joined(separator: " ") } == [
                    "0 REQUEST CONFIRMED 2099-07-01T13:00:00Z", "1 REQUEST CONFIRMED 2099-07-02T13:00:00Z",
                ])
            #expect(read.allSatisfy { $0.contains(" | 14:00 | - | Meeting | ") }, "\(read)")
        }
    }
}
