// Plans that last: LIN-7.3a to e (002, section 7: the 18-month meeting), LON-1.22c (001, 1.22: over two years), E39 and
// E40.

extension Docket {
    /// A plan that moved in counts from its original start (LON-1.18d).
    private func start(of plan: History.Plan, _ child: History.Child) -> Anchor {
        let own = Anchor(plan.record, on: plan.facts.startedOn)
        guard initial(of: plan, child)?.type == .transferIn,
            let moved = history.reviewing.originalStarts[child.id]?.last(where: { $0.notified <= plan.facts.startedOn }
            ),
            moved.start < plan.facts.startedOn
        else { return own }
        return Anchor(moved.record, on: moved.start)
    }

    mutating func longPlan(_ plan: History.Plan, _ child: History.Child) {
        let start = start(of: plan, child)
        progressMeeting(of: plan, child, from: start)
        var duty = Obligation(
            .longPlan, Subject(childId: child.id, planId: plan.facts.planId), occasion: plan.facts.planId,
            anchor: start,
            terms: [policy.limit(.longPlan, on: start.on)])
        duty.withdrawal = end(of: plan, child)
        duty.isAnnounced = false
        enter(duty)
    }

    /// LIN-7.3a, and E39 from the window's opening.
    private mutating func progressMeeting(of plan: History.Plan, _ child: History.Child, from start: Anchor) {
        let meetings = history.reviewing.progressMeetings[plan.facts.planId] ?? ReviewFacts.ProgressMeetings()
        judge(meetings, plan, child)
        guard let term = policy.limit(.progressMeeting, on: start.on) else { return }
        let subject = Subject(childId: child.id, planId: plan.facts.planId)
        var duty = Obligation(
            .progressMeeting, subject, occasion: plan.facts.planId, anchor: start, terms: [term])
        let opens = policy.limit(.progressInvite, on: start.on).map { start.on.adding(months: $0.limit.count) }
        let held = meetings.held.first { $0.facts.heldAt.day >= opens ?? start.on }
        duty.act = Obligation.Act(held?.record)
        if held == nil, let next = meetings.scheduled.last, next.facts.startsAt.day >= opens ?? start.on {
            duty.booking = History.Conference.Booking(record: next.record, startsAt: next.facts.startsAt)
        }
        duty.knownAt = plan.record.at
        duty.actor = "conference_chair"
        duty.withdrawal = end(of: plan, child)
        guard let row = enter(duty), row.state != .withdrawn, let opens else { return }
        tell(
            .progressMeeting, subject, occasion: plan.facts.planId, on: opens, done: held?.record.at,
            known: duty.knownAt, towards: row.due, about: row)
    }

    private mutating func judge(
        _ meetings: ReviewFacts.ProgressMeetings, _ plan: History.Plan, _ child: History.Child
    ) {
        let subject = Subject(childId: child.id, planId: plan.facts.planId)
        let invited: Set = ["practice_supervisor", "social_worker"]
        for (record, fact) in meetings.scheduled where !invited.isSubset(of: fact.invitees.compactMap(\.role)) {
            require(
                "LIN-7.3c", subject, events: [record.event],
                "the practice supervisor and the social worker are not both invited to the 18-month meeting")
        }
        for (record, fact) in meetings.held {
            if meetings.scheduled.isEmpty {
                require(
                    "LIN-7.3c", subject, events: [record.event], "no invitation to the 18-month meeting is recorded")
            }
            let usual = fact.caseChairId ?? lastChair(of: child, before: fact.heldAt.day)
            guard let chair = fact.chairId, let usual else {
                require(
                    "LIN-7.3b", subject, events: [record.event],
                    "cannot be judged: who chaired the 18-month meeting, or who chairs the case, is not recorded")
                continue
            }
            if chair == usual {
                require(
                    "LIN-7.3b", subject, events: [record.event],
                    "the chair of the case led the 18-month meeting: another independent chair should")
            }
        }
    }

    private func lastChair(of child: History.Child, before day: Day) -> String? {
        (child.heldInitial + child.heldReviews).map { history.conferences[$0] }
            .filter { $0.heldOn.map { $0 <= day } ?? false && $0.held?.facts.chairId != nil }
            .max { ($0.heldOn!, $0.id) < ($1.heldOn!, $1.id) }?.held?.facts.chairId
    }
}

extension Requirement {
    static let progressMeetings: [Requirement] = [
        Requirement(
            "LIN-7.3d", .progressMeetingHeld, needs: [.originalReason, .progress, .wayForward],
            "the 18-month meeting's agenda lacks the original reason, the progress or the way forward"),
        Requirement(
            "LIN-7.3e", .progressMeetingHeld, needs: [.minutesId], "no minutes of the 18-month meeting are recorded"),
    ]
}
