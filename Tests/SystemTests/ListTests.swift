import CaseEvents
import StatutoryRules
import TestSupport
import Testing
import Workers

/// The recurring lists, drawn from published events. They go by the clock, so the days are counted from the Monday or the
/// 1st on which each was last to be published.
@Suite struct ListTests {
    private static let swindon = "E06000030"
    private static let knowsley = "E08000011"

    /// SWI-0.1 and SWI-20: the days of the week, and the fourteen from the Monday. A cancellation without the two managers'
    /// agreement (SWI-17a) leaves the meeting on the list; with it, the list says so. Child protection conferences are owed the
    /// social worker's report (SWI-18, SWI-19), a looked-after review none, and one that is called off no more.
    @Test func weekAndFortnight() async throws {
        let monday = try ListDays.monday()
        let meetings: [(id: String, type: String, day: Int)] = [
            ("CF-0", "review", -1), ("CF-1", "review", 0), ("CF-2", "initial", 2), ("CF-3", "cla_review", 3),
            ("CF-4", "review", 6), ("CF-5", "review", 7), ("CF-6", "review", 13), ("CF-7", "review", 14),
        ]
        var events = ListEvents(Self.swindon, "C-1", from: monday.adding(days: -100))
        events.add(
            "allocation.changed", on: monday.adding(days: -90),
            #""childId":"K-1","role":"social_worker","toPersonId":"SW-1","effectiveAt":"\#(monday.adding(days: -90))""#)
        for meeting in meetings { events.book(meeting.id, meeting.type, for: monday.adding(days: meeting.day)) }
        events.add(
            "conference.report_submitted", on: monday.adding(days: -20),
            #""reportId":"R-1","conferenceId":"CF-2","submittedAt":"\#(monday.adding(days: -20))""#)
        events.add(
            "conference.cancelled", on: monday.adding(days: -10),
            #""conferenceId":"CF-3","cancelledAt":"\#(monday.adding(days: -10))""#)
        events.cancel("CF-4", on: monday.adding(days: -10))
        try await ListEvents.draw(events.lines) { system in
            func row(_ place: Int, _ state: String, _ report: String, _ reports: String) -> String {
                let meeting = meetings[place]
                let type = meeting.type.replacing("_", with: " ")
                return
                    "\(monday.adding(days: meeting.day)),10:00,\(type),\(meeting.id),C-1,\(state),\(report),\(reports),SW-1,,,,"
            }
            let week = [
                row(1, "scheduled", "outstanding", "0 of 1"), row(2, "scheduled", "submitted", "1 of 1"),
                row(3, "scheduled", "outstanding", ""), row(4, "cancelled", "outstanding", ""),
            ]
            let listed = try system.list("weekly", Self.swindon)
            #expect(listed == week)
            let fortnight = try system.list("fortnight", Self.swindon)
            #expect(
                fortnight == week + [5, 6].map { row($0, "scheduled", "outstanding", "0 of 1") })
            let event = try #require(
                try system.records(of: .reportEvents).compactMap {
                    $0.value.map { String(decoding: $0, as: UTF8.self) }
                }
                .first { $0.contains(#""kind":"fortnight""#) })
            let data = try JSONValue(event)["data"]
            #expect(data?["recipients"]?.elements.compactMap(\.string) == ["team_manager", "service_manager"])
            #expect(data?["rowCount"]?.int == 6)
        }
    }

    /// SWI-21: the calendar month from its first day to its last, stamped. SWI-25: the meetings of the Tuesday to the Monday.
    @Test func monthAndAllocations() async throws {
        let first = try ListDays.first()
        let next = first.adding(months: 1)
        var events = ListEvents(Self.swindon, "C-1", from: first.adding(days: -100))
        for (id, day) in [
            ("CF-0", first.adding(days: -1)), ("CF-1", first), ("CF-2", next.adding(days: -1)), ("CF-3", next),
        ] {
            events.book(id, "initial", for: day)
        }
        let monday = try ListDays.monday(hour: 18)
        for (child, day) in [("K-0", -7), ("K-1", -6), ("K-2", 0)] {
            events.add(
                "transfer_meeting.held", on: monday.adding(days: day),
                #""heldAt":"\#(ListEvents.ten(monday.adding(days: day)))","allocations":[{"childId":"\#(child)","fromSw":"SW-1","toSw":"SW-2"}]"#
            )
        }
        try await ListEvents.draw(events.lines) { system in
            let month = try system.list("month", Self.swindon)
            #expect(
                month.map { $0.split(separator: ",", omittingEmptySubsequences: false)[3] } == ["CF-1", "CF-2"])
            let stamp = try system.strings(
                "SELECT to_char(as_at AT TIME ZONE 'Europe/London', 'YYYY') FROM reporting.published_list WHERE kind = 'month'"
            )[0]
            #expect(
                month.allSatisfy {
                    $0.split(separator: ",", omittingEmptySubsequences: false).dropLast(2).last!.contains(stamp)
                }, "\(month)")
            let allocations = try system.list("allocations", Self.swindon)
            #expect(
                allocations == [
                    "\(monday.adding(days: -6)),C-1,K-1,SW-1,SW-2,,,", "\(monday),C-1,K-2,SW-1,SW-2,,,",
                ])
        }
    }

    /// SWI-3b, SWI-7b, SWI-10b and SWI-23, of the week before the Monday. A review's list is due 13 days before (SWI-7a), a
    /// looked-after review's 16 (SWI-9), escalated on the day after; a review's report 5 days before (SWI-19).
    @Test func exceptions() async throws {
        let monday = try ListDays.monday()
        let day: @Sendable (Int) -> Day = { monday.adding(days: $0) }
        var events = ListEvents(Self.swindon, "C-1", from: day(-100))
        events.book("CF-1", "review", for: day(10))
        events.book("CF-2", "cla_review", for: day(13))
        events.book("CF-3", "review", for: day(2))
        events.submitList(of: "CF-3", on: day(-20))
        events.add(
            "conference.report_submitted", on: day(-1),
            #""reportId":"R-3","conferenceId":"CF-3","submittedAt":"\#(ListEvents.ten(day(-1)))""#)
        events.book("CF-5", "review", for: day(40))
        events.cancel("CF-5", on: day(-4))
        events.book("CF-6", "review", for: day(41))
        events.add(
            "conference.rescheduled", on: day(-2),
            #""conferenceId":"CF-6","newStartsAt":"\#(ListEvents.ten(day(60)))","rescheduledAt":"\#(day(-2))","reasonCode":"chair_ill""#
        )
        // The list is due on the fifth working day of the enquiry (SWI-1a): the last start for which that is in the week.
        let calendar = Configuration.packaged.calendar
        let starts = (-21...0).map { day($0) }
        let start = try #require(starts.last { calendar.adding(workingDays: 5, to: $0)!.day < monday })
        let due = calendar.adding(workingDays: 5, to: start)!.day
        var initial = ListEvents(Self.swindon, "C-2", from: day(-100))
        initial.add(
            "s47_enquiry.started", on: start,
            #""enquiryId":"EN","childIds":["K-2"],"startedAt":"\#(ListEvents.ten(start))""#)
        initial.add(
            "conference.requested", on: start,
            #""conferenceId":"CF-9","conferenceType":"initial","childIds":["K-2"],"requestedAt":"\#(ListEvents.ten(start))","enquiryId":"EN""#
        )
        try await ListEvents.draw(events.lines + initial.lines) { system in
            let rows = try system.list("exception", Self.swindon)
            #expect(
                rows.filter { $0.contains(",C-1,") } == [
                    "Cancelled meeting,SWI-23,C-1,CF-5,\(day(-4)),agreed,,,",
                    "Late invite list,SWI-7a,C-1,CF-1,\(day(-3)),not submitted,,,",
                    "Late invite list,SWI-9,C-1,CF-2,\(day(-3)),not submitted,,,",
                    "Late report,SWI-19,C-1,CF-3,\(day(-3)),submitted late,,,",
                    "Escalation,SWI-7b,C-1,CF-1,\(day(-2)),review list late escalation,,,",
                    "Escalation,SWI-10a,C-1,CF-2,\(day(-2)),cla list late escalation,,,",
                    "Meeting put off,SWI-23,C-1,CF-6,\(day(-2)),\"refused: the date stands, chair ill\",,,",
                ])
            #expect(
                rows.filter { $0.contains(",C-2,") } == ["Late invite list,SWI-1a,C-2,CF-9,\(due),not submitted,,,"])
        }
    }

    /// CAN-1.2, CAN-4.1 and LON-14.3b: a first review three months after the initial conference of 120 days ago is overdue; so
    /// is an action of ten days ago that nobody has done; and no note has followed the conference.
    @Test func drift() async throws {
        let monday = try ListDays.monday()
        let held = monday.adding(days: -120)
        let due = held.adding(months: 3)
        var events = ListEvents(Self.knowsley, "C-1", from: held)
        events.hold("CF-1", "initial", on: held, ["K-1"])
        events.plan("P-1", "K-1", from: held)
        func action(_ id: String, _ due: Int, _ done: Int? = nil) -> String {
            let end = done.map { #","doneAt":"\#(monday.adding(days: $0))""# } ?? ""
            return #"{"actionId":"\#(id)","agency":"health","dueAt":"\#(monday.adding(days: due))"\#(end)}"#
        }
        events.add(
            "plan.actions_updated", on: monday.adding(days: -30),
            #""planId":"P-1","updatedAt":"\#(monday.adding(days: -30))","actions":[\#(action("A-1", -10)),\#(action("A-2", -10)),\#(action("A-3", 3))]"#
        )
        events.add(
            "plan.actions_updated", on: monday.adding(days: -9),
            #""planId":"P-1","updatedAt":"\#(monday.adding(days: -9))","actions":[\#(action("A-2", -10, -11))]"#)
        // The same of a child who died: the plan ended with its life, and nothing drifts any more.
        var ended = ListEvents(Self.knowsley, "C-2", from: held)
        ended.hold("CF-2", "initial", on: held, ["K-2"])
        ended.plan("P-2", "K-2", from: held)
        ended.add(
            "plan.actions_updated", on: monday.adding(days: -30),
            #""planId":"P-2","updatedAt":"\#(monday.adding(days: -30))","actions":[\#(action("A-1", -10))]"#)
        ended.add(
            "child.died", on: monday.adding(days: -5), #""childId":"K-2","dateOfDeath":"\#(monday.adding(days: -5))""#)
        try await ListEvents.draw(events.lines + ended.lines) { system in
            let missed = try system.number(
                "SELECT count(*) FROM reporting.duty WHERE subject = 'C-2' AND rule = 'ENG-2' AND state = 'missed'")
            #expect(missed == 1)
            let rows = try system.list("drift", Self.knowsley)
            #expect(
                rows == [
                    "No tracking note,C-1,K-1,CF-1,\(held),120,since this meeting,,",
                    "Overdue review,C-1,K-1,P-1,\(due),\(monday.days(since: due)),\"first review, ENG-2\",,",
                    "Overdue action,C-1,K-1,P-1,\(monday.adding(days: -10)),10,\"A-1, health\",,",
                ])
        }
    }
}
