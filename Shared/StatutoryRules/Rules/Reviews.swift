// Child protection reviews: ENG-2, ENG-3, LON-1.20a and b (001, 1.20), LIN-3.1 and 3.2 (002, section 3), MAN-3 (003).
// What brings one forward stands in PrebirthReviews, EarlyReviews, ReviewDates and DualPlans.

extension Docket {
    mutating func reviews(of plan: History.Plan, child: History.Child) {
        let initial = initial(of: plan, child)
        if initial == nil {
            find(
                "ENG-2", .should, Subject(childId: child.id, planId: plan.facts.planId), events: [plan.record.event],
                "no conference of an initial kind is recorded for the plan: the first review runs from its start")
        }
        let chain = reviewDuties(of: plan, child)
        let partners = lookedAfterPartners(of: plan, child)
        var previous = initial
        for review in chain {
            var duty = review.duty
            judgeNextDate(after: previous, duty, plan, child)
            align(&duty, with: partners)
            let row = enter(duty)
            sayOverdue(row, duty)
            previous = review.met
        }
        meetAfterBirth(of: plan, child)
        secondReview(of: plan, child, chain.compactMap(\.met))
        longPlan(plan, child)
        dualStatus(of: plan, child)
        earlyReviews(of: plan, child)
    }

    /// The reviews of a plan, each with the conference that met it, before two processes are made one.
    func reviewDuties(
        of plan: History.Plan, _ child: History.Child
    ) -> [(duty: Obligation, met: History.Conference?)] {
        var previous = initial(of: plan, child)
        var record = previous?.held?.record ?? plan.record
        var day = previous?.heldOn ?? plan.facts.startedOn
        let end = end(of: plan, child)
        var duties: [(duty: Obligation, met: History.Conference?)] = []
        while true {
            let number = duties.count + 1
            let next = nextReviewConference(of: child, after: day, plan, before: end?.on)
            var duty = Obligation(
                number == 1 ? .firstReview : .laterReview, Subject(childId: child.id, planId: plan.facts.planId),
                occasion: "\(plan.facts.planId)/\(number)", anchor: Anchor(record, on: day),
                terms: terms(number, on: day, initial: previous.flatMap { effectiveType(of: $0, for: child) }),
                act: Obligation.Act(next?.held?.record))
            duty.booking = next == nil ? booking(of: child, from: day.adding(days: 1)) { $0.isReview } : nil
            duty.knownAt = record.at
            duty.withdrawal = end
            if number == 1 { addPrebirthLimit(&duty, after: previous, child) }
            addSoonerDates(&duty, after: previous, plan, child)
            duties.append((duty, next))
            guard let next, let held = next.held?.record, let on = held.at?.day else { return duties }
            previous = next
            record = held
            day = on
        }
    }

    private func terms(_ number: Int, on day: Day, initial: ConferenceType?) -> [Term?] {
        let key: LimitKey = number == 1 ? .firstReview : .laterReview
        let own = policy.limit(key, on: day)
        let applies = number > 1 || own?.kinds.map { kinds in initial.map(kinds.contains) ?? true } ?? true
        return [policy.statute(key, on: day), applies ? own : nil]
    }

    /// The conference that the plan names, else the latest of an initial kind on or before its start.
    func initial(of plan: History.Plan, _ child: History.Child) -> History.Conference? {
        if let id = plan.facts.conferenceId, let place = history.conference(id), history.conferences[place].held != nil
        {
            return history.conferences[place]
        }
        let place = child.heldInitial.last { place in
            history.conferences[place].heldOn.map { $0 <= plan.facts.startedOn } ?? false
        }
        return place.map { history.conferences[$0] }
    }

    /// When the plan or the life that it was for ended, whichever came first.
    func end(of plan: History.Plan, _ child: History.Child) -> Obligation.Withdrawal? {
        if let end = child.end, plan.ended.map({ end.on <= $0 }) ?? true {
            return Obligation.Withdrawal(cause: end.cause, on: end.on)
        }
        return plan.ended.map { Obligation.Withdrawal(cause: "plan_ended", on: $0) }
    }

    func nextReview(of child: History.Child, after day: Day, _ plan: History.Plan, before end: Day?) -> Record? {
        nextReviewConference(of: child, after: day, plan, before: end)?.held?.record
    }

    /// The first review after that day, of this plan and no later one.
    private func nextReviewConference(
        of child: History.Child, after day: Day, _ plan: History.Plan, before end: Day?
    ) -> History.Conference? {
        for place in child.heldReviews {
            guard let on = history.conferences[place].heldOn, on > day, on > plan.facts.startedOn,
                end.map({ on <= $0 }) ?? true
            else { continue }
            return history.conferences[place]
        }
        return nil
    }

    /// Whether a plan is in force on that day; on its last day it still is where `untilEnd`.
    func isActive(_ plan: History.Plan, on day: Day, untilEnd: Bool = false) -> Bool {
        guard plan.facts.startedOn <= day else { return false }
        return plan.ended.map { untilEnd ? day <= $0 : day < $0 } ?? true
    }
}

/// E38: once overdue, a digest each day.
extension Docket {
    mutating func sayOverdue(_ row: Deadline?, _ duty: Obligation) {
        guard let row, row.state == .missed || row.state == .pending || row.state == .atRisk, let due = row.due?.day,
            let recipients = policy.recipients(
                duty.duty.family == .lookedAfter ? .lookedAfterReminder : .reviewReminder)
        else { return }
        let digest = policy.lead(.overdueDigest)
        let last = due.adding(days: digest.values[0])
        let end = min(duty.withdrawal?.on?.adding(days: -1) ?? last, last)
        var today = London.day(of: asOf)
        if asOf < morning(of: today) { today = today.adding(days: -1) }
        let next = max(today, due).adding(days: 1)
        // The last of them is taken back on the morning after.
        if next <= end || today == end { mayChange(at: morning(of: next)) }
        guard row.state == .missed, today > due, today <= end else { return }
        tell(
            duty.duty.family == .lookedAfter ? .lookedAfterReminder : .reviewReminder, row.subject,
            occasion: row.occasion, on: today, template: recipients.template ?? "review_due_notice",
            level: policy.lead(.reviewNotices).values.count + 1, about: row)
    }
}

/// LIN-5.2 (002, section 5): the team manager attends the second review.
extension Docket {
    private mutating func secondReview(
        of plan: History.Plan, _ child: History.Child, _ held: [History.Conference]
    ) {
        guard held.count > 1, let second = held[1].held,
            !second.facts.attendees.contains(where: { $0.role == "team_manager" })
        else { return }
        require(
            "LIN-5.2", Subject(childId: child.id, conferenceId: held[1].id, planId: plan.facts.planId),
            events: [second.record.event], "no team manager is recorded as attending the second review")
    }
}
