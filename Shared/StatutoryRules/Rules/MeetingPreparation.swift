// How a meeting is got ready: LON-3.5b, 3.6a, 3.6b, 3.6d, 3.7, 4.2, 5.4, 5.7a, 7.11 and 14.1 (001, 3.5 to 3.7, 4.2, 5.4,
// 5.7, 7.11 and 14.1), SWI-22a, 22b and 25 (004, items 22 and 25), CAN-1.5 (000, section 1). Reviews are convened and run
// as initial conferences are (LIN-1.3, LIN-6.3): nothing here tells them apart but their dates.

extension Docket {
    /// What is owed before one meeting: its invite list, its invitations, its reports and its planning.
    mutating func preparation(of conference: History.Conference) {
        inviteList(for: conference)
        invitations(for: conference)
        lateBooking(of: conference)
        socialWorkerReport(for: conference)
        reportToChair(for: conference)
        agencyReports(for: conference)
        reportContents(for: conference)
        planning(of: conference)
        chairTalk(before: conference)
        representation(at: conference)
    }

    /// Why nothing is to be prepared any more; `nil` while it is, and once the meeting was held.
    func ending(of conference: History.Conference) -> Obligation.Withdrawal? {
        if conference.held != nil { return nil }
        if conference.isCancelled { return Obligation.Withdrawal(cause: "cancelled", on: nil) }
        if conference.decision == "no" { return Obligation.Withdrawal(cause: "not_required", on: nil) }
        let children = Set(conference.children).compactMap(history.child)
        let ends = children.compactMap(\.end)
        if !ends.isEmpty, ends.count == children.count {
            let last = ends.max { ($0.on, $0.cause) < ($1.on, $1.cause) }!
            return Obligation.Withdrawal(cause: last.cause, on: last.on)
        }
        guard conference.type == .lookedAfterReview, let meeting = conference.booking?.startsAt.day else { return nil }
        let left = children.compactMap { $0.lookedAfter.last?.ended }.filter { $0 <= meeting }
        guard !left.isEmpty, left.count == children.count else { return nil }
        return Obligation.Withdrawal(cause: "looked_after_ended", on: left.max())
    }

    /// Whether nothing is to be said on that day: no longer wanted, or held before it.
    func isOver(_ conference: History.Conference, by day: Day) -> Bool {
        ending(of: conference) != nil || conference.heldOn.map { $0 < day } ?? false
    }

    /// From when on a meeting's steps could be taken: since it was booked, and of a looked-after review since the first
    /// of its children came into care.
    func known(of conference: History.Conference) -> Moment? {
        guard let booking = conference.booking else { return nil }
        let booked = booking.record.at
        guard conference.type?.isLookedAfterReview ?? false else { return booked }
        let entered = conference.children.compactMap { id in
            history.child(id)?.lookedAfter.last { $0.facts.startedOn <= booking.startsAt.day }?.facts.startedOn
        }
        return [booked, entered.min().map(Moment.day)].compactMap(\.self).max { $0.order < $1.order }
    }

    /// The limit before a meeting. Where full days must lie between the act and the meeting it is a day longer
    /// (policy `clearDays`).
    func leadLimit(_ key: LimitKey, on day: Day) -> Term? {
        guard let term = policy.limit(key, on: day) else { return nil }
        let isInDays = term.limit.unit == .workingDays || term.limit.unit == .calendarDays
        guard policy.choice(.clearDays)?.values == ["true"], isInDays, term.limit.count < 0 else { return term }
        return Term(
            from: term.from, rule: term.rule, limit: Limit(count: term.limit.count - 1, unit: term.limit.unit),
            provenance: term.provenance, strength: term.strength, citation: term.citation, kinds: term.kinds,
            evidence: term.evidence, permanence: term.permanence)
    }

    /// The last day that a limit in days leaves; `nil` of one in hours, or beyond the loaded bank holidays.
    func lastDay(of term: Term, from day: Day) -> Day? {
        switch term.limit.unit {
        case .workingDays: calendar.adding(workingDays: term.limit.count, to: day)?.day
        case .calendarDays: day.adding(days: term.limit.count)
        case .months: day.adding(months: term.limit.count)
        case .hours: nil
        }
    }
}

extension History.Conference {
    /// What the meeting's acts are counted back from.
    var meetingAnchor: Anchor? {
        guard let booking else { return nil }
        return Anchor(booking.record.happening(at: booking.startsAt), on: booking.startsAt.day)
    }

    /// When it began, of one that was held.
    var began: Moment? {
        guard let held else { return nil }
        if let starts = held.facts.startsAt { return starts }
        if let booked = booking?.startsAt, booked.day == heldOn, booked.order <= held.facts.heldAt.order {
            return booked
        }
        return held.facts.heldAt
    }

    /// A meeting that the London, Lincolnshire and note 002 rows speak of: not a looked-after review alone.
    var isProtectionConference: Bool { Requirement.Scope.conferences.covers(type) }

    /// Whether something came before the meeting began, as far as its time of day tells.
    func isBeforeStart(_ act: Moment?) -> Bool {
        guard let act, let began else { return false }
        return act.earliest < began.latest
    }
}

/// What was to be planned before the meeting, once it was held.
extension Docket {
    private static let preparations: [(rule: String, needs: Detail, message: String)] = [
        ("LON-3.5b", .childcareOffered, "no help with childcare is recorded as offered to the parents"),
        ("LON-3.6a", .keyAttendeeAvailability, "no thought is recorded for a place and time that suit the key people"),
        ("LON-3.6d", .dayCareOffered, "no day care is recorded as offered"),
        ("LON-3.7", .safetyAssessmentAt, "no plan for health, safety and security at the meeting is recorded"),
        ("LON-4.2", .familyConflictConsidered, "no thought is recorded for conflict in the family before the meeting"),
        ("LON-7.11", .preparationOffered, "no help is recorded for the family in planning what to say"),
    ]

    private mutating func planning(of conference: History.Conference) {
        guard conference.isProtectionConference, !conference.bookings.isEmpty else { return }
        let subject = Subject(conferenceId: conference.id)
        let event = [conference.bookings.last!.record.event]
        let isOnRecord = { (detail: Detail) in conference.bookings.contains { $0.record.details.contains(detail) } }
        warnOfHours(conference, subject)
        if Set(conference.bookings.compactMap(\.facts.owningAuthority)).count > 1 {
            require(
                "LON-14.1", subject, events: conference.bookings.map(\.record.event),
                "the bookings name more than one authority as the one that runs the meeting")
        }
        guard conference.held != nil else { return }
        for preparation in Docket.preparations where !isOnRecord(preparation.needs) {
            require(preparation.rule, subject, events: event, preparation.message)
        }
        if isOnRecord(.conflictOfInterest), !isOnRecord(.planningNote) {
            require(
                "LON-5.4", subject, events: event,
                "the interests of child and parents conflict, and no planning for the child's welfare is recorded")
        }
        if isOnRecord(.parentOnBail) || isOnRecord(.activeInvestigation), !isOnRecord(.arrangements) {
            require(
                "LON-5.7a", subject, events: event,
                "a parent is on bail or under police inquiry, and no arrangements for police and parents are recorded")
        }
    }

    /// Warned of as soon as it is booked, so that there is time to choose another hour.
    private mutating func warnOfHours(_ conference: History.Conference, _ subject: Subject) {
        guard let booking = conference.booking, conference.bookings.last?.facts.hasSchoolAgeChildren != false,
            case .instant(let starts) = booking.startsAt, !booking.startsAt.day.isWeekend
        else { return }
        let scheduled = conference.bookings.last.flatMap { $0.record.event == booking.record.event ? $0.facts : nil }
        var hours = [(starts, isEnd: false)]
        if case .instant(let ends) = scheduled?.endsAt { hours.append((ends, isEnd: true)) }
        let from = policy.lead(.avoidAfter).values[0]
        let isLate = hours.contains { instant, isEnd in
            let (hour, minute) = London.clock(at: instant)
            return hour > from || hour == from && (minute > 0 || !isEnd)
        }
        guard isLate else { return }
        require(
            "LON-3.6b", subject, events: [booking.record.event],
            "the meeting lies in hours when parents are caring for children who are home from school")
    }

    private mutating func chairTalk(before conference: History.Conference) {
        let subject = Subject(conferenceId: conference.id)
        for talk in conference.chairTalks
        where talk.details.contains(.complexities) && !talk.details.contains(.swContactedAt) {
            require(
                "SWI-22b", subject, events: [talk.event],
                "complexities for the parents are recorded, and not when the social worker raised them")
        }
        let first = conference.chairTalks.first
        if let booking = conference.booking, let day = day(of: .chairTalk, before: booking.startsAt.day) {
            tell(
                .chairTalk, subject, occasion: conference.id, on: day, done: first?.at, known: booking.record.at,
                towards: .day(booking.startsAt.day), isOff: isOver(conference, by: day))
        }
        guard let held = conference.held, conference.type != nil else { return }
        if !conference.chairTalks.contains(where: { conference.isBeforeStart($0.at) }) {
            require(
                "SWI-22a", subject, events: [held.record.event],
                "no talk of the chair or reviewing officer with the social worker is recorded before the meeting")
        }
    }

    /// CAN-1.5: the social worker, or a team manager or deputy in their place, and the report.
    private mutating func representation(at conference: History.Conference) {
        guard let held = conference.held else { return }
        let subject = Subject(conferenceId: conference.id)
        let isRepresented = held.facts.attendees.contains { person in
            person.role == "social_worker" || person.role == "team_manager"
                || person.personId.map { id in conference.deputies.contains { $0.facts.deputyId == id } } ?? false
        }
        if !isRepresented {
            require(
                "CAN-1.5", subject, events: [held.record.event],
                "no social worker, team manager or nominated deputy is recorded as present")
        }
        if !socialWorkReports(for: conference).contains(where: { conference.isBeforeStart($0.record.at) }) {
            require(
                "CAN-1.5", subject, events: [held.record.event],
                "no social work report is recorded as handed in before the meeting")
        }
    }
}

extension Requirement {
    static let meetingPreparation = [
        Requirement(
            "SWI-25", .transferMeetingHeld, needs: [.allocations],
            "the transfer meeting records no allocations of which the SQA inbox can be told")
    ]
}
