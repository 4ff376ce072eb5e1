// A list that does not come, and a meeting booked late: SWI-3a, 7b, 10a and 16 (004, items 3, 7, 10 and 16); the
// rulebook's section 0, "Reminders already in the past". Which notices ask for a report or a list: SWI-14 (item 14).

extension Docket {
    /// Says that a list has not come, and while that goes on says it again to the next rung (SWI-16).
    ///
    /// `due` is the last day in time, `known` when the list could first be asked for: a step before that day is said at
    /// once.
    mutating func escalate(
        _ key: NoticeKey, _ conference: History.Conference, due: Day, known: Moment?, about row: Deadline?
    ) {
        guard policy.recipients(key) != nil, let first = day(of: key, before: due) else { return }
        let subject = Subject(conferenceId: conference.id)
        let done = conference.lists.first?.record.at
        tell(
            key, subject, occasion: conference.id, on: first, level: 1, done: done, known: known, towards: .day(due),
            isOff: isOver(conference, by: first), about: row)
        let said = max(first, known?.day ?? first)
        guard let next = day(of: .continuingDelay, before: said),
            conference.booking.map({ next <= $0.startsAt.day }) ?? true
        else { return }
        tell(
            .continuingDelay, subject, occasion: conference.id, on: next, level: 2, done: done, towards: .day(due),
            isOff: isOver(conference, by: next), about: row)
    }

    /// Says once, on booking, that steps are already past.
    mutating func lateBooking(of conference: History.Conference) {
        guard let booking = conference.booking, let known = known(of: conference) else { return }
        let isPast = { (step: Day) in step < known.day }
        var isLate = false
        if conference.lists.first?.record.at.map({ $0.day > known.day }) ?? true {
            isLate = listSteps(of: conference).contains(where: isPast)
        }
        if conference.invitations.first?.record.at.map({ $0.day > known.day }) ?? true {
            isLate =
                isLate
                || invitationTerms(for: conference).contains { term in
                    lastDay(of: term, from: booking.startsAt.day).map(isPast) ?? false
                }
        }
        guard isLate else { return }
        tell(
            .lateBooking, Subject(conferenceId: conference.id), occasion: conference.id, on: known.day,
            towards: .day(booking.startsAt.day), isOff: isOver(conference, by: known.day))
    }
}

extension Notice {
    private static let requests: Set = [
        "day5_invite_list_reminder", "day6_invite_list_escalation", "cla_five_week_reminder",
        "cla_twenty_day_reminder", "cla_list_late_escalation", "review_list_late_escalation", "invite_list_recheck",
        "continuing_delay_escalation", "report_due_reminder",
    ]

    /// Whether it asks for a report or an invite list, so that SWI-14 gives it a fixed title.
    public static func asksForReportOrList(template: String, duty: Duty?) -> Bool {
        switch duty {
        case .socialWorkerReport, .reportToChair, .agencyReport, .inviteList: true
        default: requests.contains(template)
        }
    }
}
