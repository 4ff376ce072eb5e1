// Reviews brought forward: LON-1.23 (001, 1.23; its list of situations is lost), LIN-3.4a to e (002, 3.4), and the
// meeting that follows one without quorum: LIN-3.4d, LON-3.12 (001, 3.12).

extension Docket {
    /// Dates sooner than the interval: after an inquorate meeting, by the chair (LON-1.22a), by decision (LON-1.23).
    func addSoonerDates(
        _ duty: inout Obligation, after previous: History.Conference?, _ plan: History.Plan, _ child: History.Child
    ) {
        let day = duty.anchor.on
        if let previous, isInquorate(previous, for: child.id), let term = policy.limit(.inquorateFollowUp, on: day) {
            duty.terms.append(term)
        }
        let set = nextDate(after: previous, on: day) { $0.isReview }
        let decided = broughtForward(duty, child, planId: plan.facts.planId)
        guard set != nil || decided != nil, let usual = soonest(of: duty) else { return }
        if let set {
            if set.on < usual, let term = policy.limit(.chairSetReview, on: day) {
                duty.terms.append(term)
                duty.elsewhere[term.rule] = Anchor(set.record, on: set.on)
            } else if set.on > usual, duty.act == nil, duty.booking == nil {
                duty.booking = History.Conference.Booking(record: set.record, startsAt: .day(set.on))
            }
        }
        if let decided, decided.on < usual, let term = policy.limit(.earlyReview, on: day) {
            duty.terms.append(term)
            duty.elsewhere[term.rule] = Anchor(decided.record, on: decided.on)
        }
    }

    /// The last decision taken while the review is awaited that names a new date.
    func broughtForward(_ duty: Obligation, _ child: History.Child, planId: String?) -> (record: Record, on: Day)? {
        let decision = history.reviewing.decisions.last { record, fact in
            guard isOf(fact.childId, fact.planId, child, planId), let on = record.at?.day, fact.newOn != nil,
                Docket.isAgreed(fact.decision)
            else { return false }
            return on >= duty.anchor.on && duty.act.map { on <= $0.at.day } ?? true
        }
        return decision.flatMap { record, fact in fact.newOn.map { (record, $0) } }
    }

    /// The contract leaves the word open: a new date brings the review forward unless it is refused.
    static func isAgreed(_ decision: String) -> Bool {
        !["no", "refused", "declined", "rejected", "not_agreed"].contains(decision)
    }

    /// Named by the child, else by the plan.
    func isOf(_ childId: String?, _ named: String?, _ child: History.Child, _ planId: String?) -> Bool {
        if let named, let planId, named != planId { return false }
        if let childId { return childId == child.id }
        return named != nil && named == planId
    }
}

/// What makes people think about an early review, and whether they decided.
extension Docket {
    mutating func earlyReviews(of plan: History.Plan, _ child: History.Child) {
        for incident in history.reviewing.incidents[child.id] ?? [] {
            consider("LIN-3.4a", incident, plan, child, "an incident or allegation of significant harm")
        }
        for change in history.reviewing.changes[child.id] ?? [] {
            consider("LIN-3.4c", change, plan, child, "a change in the household that affects safety")
        }
        for (record, request) in history.reviewing.requests
        where isOf(request.childId, request.planId, child, plan.facts.planId) {
            judgeRequest(record, request, plan, child)
        }
    }

    private mutating func judgeRequest(
        _ record: Record, _ request: EarlyReviewRequested, _ plan: History.Plan, _ child: History.Child
    ) {
        switch request.reasonCode {
        case "new_incident", "incident", "allegation", "significant_harm":
            consider("LIN-3.4a", record, plan, child, "a request because of an incident or allegation")
        case "plan_failing": consider("LIN-3.4b", record, plan, child, "a request because the plan is failing")
        case "significant_change":
            consider("LIN-3.4c", record, plan, child, "a request because of a significant change")
        case "plan_working":
            consider("LIN-3.4e", record, plan, child, "a request because the plan is working")
            if request.requestedByRole != "social_worker" {
                require(
                    "LIN-3.4e", Subject(childId: child.id, planId: plan.facts.planId), events: [record.event],
                    "the request to end early does not come through the social worker")
            }
        default: break
        }
        guard concerns(record, plan, untilEnd: true) else { return }
        let subject = Subject(childId: child.id, planId: plan.facts.planId)
        guard let decision = decision(after: record, plan, child) else {
            return require(
                "LON-1.23", subject, events: [record.event],
                "no decision is recorded on the request to bring the review forward")
        }
        if Docket.isAgreed(decision.facts.decision), decision.facts.newOn == nil {
            require(
                "LON-1.23", subject, events: [record.event, decision.record.event],
                "the decision to bring the review forward names no new date")
        }
    }

    /// E54 and the finding: an early review is to be considered, and the decision recorded either way.
    private mutating func consider(
        _ rule: String, _ record: Record, _ plan: History.Plan, _ child: History.Child, _ what: String
    ) {
        guard isInForce(rule), concerns(record, plan) else { return }
        let subject = Subject(childId: child.id, planId: plan.facts.planId)
        let decision = decision(after: record, plan, child)
        if let on = record.at?.day {
            tell(.earlyReviewConsideration, subject, occasion: record.occasion, on: on, done: decision?.record.at)
        }
        if decision == nil {
            require(
                rule, subject, events: [record.event],
                "no decision is recorded on whether to bring the review forward after \(what)")
        }
    }

    /// Whether the plan was in force then; of a request without a time, whether it still is.
    private func concerns(_ record: Record, _ plan: History.Plan, untilEnd: Bool = false) -> Bool {
        guard let on = record.at?.day else { return plan.ended == nil }
        return isActive(plan, on: on, untilEnd: untilEnd)
    }

    /// The first decision on or after that day.
    private func decision(
        after record: Record, _ plan: History.Plan, _ child: History.Child
    ) -> (record: Record, facts: EarlyReviewDecided)? {
        history.reviewing.decisions.first { decided, fact in
            guard isOf(fact.childId, fact.planId, child, plan.facts.planId) else { return false }
            guard let from = record.at, let at = decided.at else { return true }
            return at.latest >= from.earliest
        }
    }
}

/// LIN-3.4d, LON-3.12: an inquorate first conference that made no plan has no review to bring forward; the next
/// conference is bounded instead.
extension Docket {
    mutating func inquorateFollowUps(of child: History.Child) {
        for place in child.heldInitial {
            let conference = history.conferences[place]
            guard isInquorate(conference, for: child.id), let held = conference.held, let on = conference.heldOn,
                let term = policy.limit(.inquorateFollowUp, on: on), !isSettled(conference, for: child)
            else { continue }
            var duty = Obligation(
                .inquorateFollowUp, Subject(childId: child.id, conferenceId: conference.id), occasion: conference.id,
                anchor: Anchor(held.record, on: on), terms: [term])
            let next = (child.heldInitial + child.heldReviews).compactMap { history.conferences[$0].held?.record }
                .filter { $0.at.map { $0.day > on } ?? false }
                .min { ($0.at?.order ?? .max) < ($1.at?.order ?? .max) }
            duty.act = Obligation.Act(next)
            duty.booking =
                next == nil ? booking(of: child, from: on.adding(days: 1)) { $0.isInitial || $0.isReview } : nil
            duty.knownAt = held.record.at
            if let end = child.end { duty.withdrawal = Obligation.Withdrawal(cause: end.cause, on: end.on) }
            enter(duty)
        }
    }

    /// A plan was made, or it was decided that none is needed.
    private func isSettled(_ conference: History.Conference, for child: History.Child) -> Bool {
        if conference.held?.facts.decisions.contains(where: { $0.childId == child.id && $0.decision == "no_plan" })
            ?? false
        {
            return true
        }
        return history.plans.contains { plan in
            plan.facts.childId == child.id && initial(of: plan, child).map { $0.id == conference.id } ?? false
        }
    }
}
