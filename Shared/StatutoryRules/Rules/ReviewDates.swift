// The next date, set at a meeting: LON-1.22a (001, 1.22), LIN-6.1 and 6.5 (002, section 6), SWI-5a (004, item 5), E30.

extension Docket {
    /// What a meeting set for the next one: in an event of its own, else on the meeting's record.
    ///
    /// A combined meeting may set two dates: one whose meeting is of another kind does not count.
    func nextDate(
        after conference: History.Conference?, on day: Day, kind: (ConferenceType) -> Bool
    ) -> (record: Record, on: Day)? {
        guard let conference else { return nil }
        let set = history.reviewing.nextDates[conference.id]?.last { date in
            let next = date.conference.flatMap(history.conference).flatMap { history.conferences[$0].type }
            return next.map(kind) ?? true
        }
        if let set, set.on > day { return (set.record, set.on) }
        guard let held = conference.held, let on = held.facts.nextReviewDate, on > day else { return nil }
        return (held.record, on)
    }

    /// LON-1.22a: a chair's interval only shortens. LIN-6.5: a later date is kept, and found.
    mutating func judgeNextDate(
        after previous: History.Conference?, _ duty: Obligation, _ plan: History.Plan, _ child: History.Child
    ) {
        guard let previous, let set = nextDate(after: previous, on: duty.anchor.on, kind: { $0.isReview }) else {
            return
        }
        var plain = duty
        plain.terms.removeAll { $0.rule == policy.limit(.earlyReview, on: duty.anchor.on)?.rule }
        guard let usual = soonest(of: plain), set.on > usual, duty.withdrawal?.on.map({ $0 > duty.anchor.on }) ?? true
        else { return }
        let subject = Subject(childId: child.id, conferenceId: previous.id, planId: plan.facts.planId)
        let message = "the date set for the next review is later than the limit allows"
        if previous.held?.record.event != set.record.event, mayRefuse("LON-1.22a") {
            refuse("LON-1.22a", subject, event: set.record.event, message)
        } else {
            require("LON-1.22a", subject, events: [set.record.event], message)
        }
        if previous.type?.isReview ?? false { require("LIN-6.5", subject, events: [set.record.event], message) }
    }

    /// LIN-6.1 and LIN-6.5, and E30 to those who attended.
    mutating func nextReviewDate(of conference: History.Conference) {
        guard let held = conference.held, let day = conference.heldOn, let type = conference.type,
            type != .lookedAfterReview,
            conference.children.contains(where: { goesOn(for: $0, after: conference, on: day) })
        else { return }
        let subject = Subject(conferenceId: conference.id)
        let set = nextDate(after: conference, on: day) { $0.isReview }
        let rule = type.isInitial ? "LIN-6.1" : "LIN-6.5"
        if set == nil {
            require(rule, subject, events: [held.record.event], "no date for the next review is recorded")
        }
        if type.isInitial {
            if !held.record.details.contains(.announced) {
                require(
                    rule, subject, events: [held.record.event],
                    "it is not recorded that those attending were told the date of the review")
            }
            if let set {
                tell(
                    .nextReviewDate, subject, occasion: conference.id, on: max(day, set.record.at?.day ?? day),
                    towards: .day(set.on))
            }
            return
        }
        let isMinuted = history.reviewing.nextDates[conference.id]?.last?.record.details.contains(.minuted) ?? false
        guard set != nil, !isMinuted, let record = conference.records.first?.record,
            !conference.records.contains(where: { $0.record.details.contains(.nextReviewDateIncluded) })
        else { return }
        require(rule, subject, events: [record.event], "the date of the next review is not noted in the minutes")
    }

    /// Whether the child has a plan after the meeting: as the meeting decided, else as the plans stand.
    private func goesOn(for childId: String, after conference: History.Conference, on day: Day) -> Bool {
        switch conference.held?.facts.decisions.last(where: { $0.childId == childId })?.decision {
        case "plan", "continue": return true
        case "no_plan", "end": return false
        default:
            return history.plans.contains { plan in
                let isIts = plan.facts.conferenceId == conference.id
                return plan.facts.childId == childId && (isIts || isActive(plan, on: day))
                    && plan.ended.map { $0 > day } ?? true
            }
        }
    }
}

/// SWI-5a: the review's date is set three months ahead; where that cannot be, at the initial conference.
extension Docket {
    mutating func reviewDateSet(for conference: History.Conference) {
        guard conference.type?.isReview ?? false, let first = history.reviewing.firstBookings[conference.id],
            let term = policy.limit(.reviewDateSet, on: first.startsAt.day)
        else { return }
        let day = first.startsAt.day
        let subject = Subject(conferenceId: conference.id)
        let at = first.record.happening(at: first.startsAt)
        var duty = Obligation(
            .reviewDateSet, subject, occasion: conference.id, anchor: Anchor(at, on: day), terms: [term])
        duty.isAnnounced = false
        if let initial = initialBefore(conference, on: day), let usual = soonest(of: duty), let on = initial.heldOn,
            on > usual, let relaxed = policy.limit(.firstReviewDateSet, on: day), let held = initial.held
        {
            duty.terms = [relaxed]
            duty.elsewhere[relaxed.rule] = Anchor(held.record, on: on)
        }
        duty.act = Obligation.Act(dateSet(for: conference, on: day, first.record))
        if conference.isCancelled, conference.held == nil {
            duty.withdrawal = Obligation.Withdrawal(cause: "cancelled", on: nil)
        }
        if duty.act == nil {
            duty.isDated = false
            require(term.rule, subject, events: [first.record.event], "cannot be judged: no dateSetAt")
        }
        guard let row = enter(duty), row.state == .metLate else { return }
        require(
            term.rule, subject, events: [row.metBy, first.record.event].compactMap(\.self).sorted(),
            "the date of the review was set less than three months ahead")
    }

    /// The initial conference, where the booking is of a child's first review.
    private func initialBefore(_ conference: History.Conference, on day: Day) -> History.Conference? {
        for id in conference.children {
            guard let child = history.child(id),
                let plan = history.plans.last(where: { $0.facts.childId == id && isActive($0, on: day) }),
                let initial = initial(of: plan, child), let on = initial.heldOn
            else { continue }
            let hasReview = child.heldReviews.contains { place in
                let other = history.conferences[place]
                return other.id != conference.id && other.heldOn.map { $0 > on && $0 < day } ?? false
            }
            if !hasReview { return initial }
        }
        return nil
    }

    /// When that date was first set: by the booking, or before it by the meeting that came first.
    private func dateSet(for conference: History.Conference, on day: Day, _ booking: Record) -> Record? {
        var records = [booking]
        let children = Set(conference.children)
        for (parent, dates) in history.reviewing.nextDates {
            let isIts = history.conference(parent).map { !children.isDisjoint(with: history.conferences[$0].children) }
            for date in dates {
                let isNamed = date.conference.map { $0 == conference.id }
                if isNamed ?? (isIts ?? false && date.on == day) { records.append(date.record) }
            }
        }
        for other in history.conferences where other.held?.facts.nextReviewDate == day {
            if let held = other.held, !children.isDisjoint(with: other.children) { records.append(held.record) }
        }
        return records.filter { $0.at != nil }.min {
            let (left, right) = ($0.at?.order ?? .max, $1.at?.order ?? .max)
            return (left, $0.occasion) < (right, $1.occasion)
        }
    }
}
