// Child protection reviews: ENG-2, ENG-3, LON-1.20a and b (001, 1.20), LIN-3.1 and 3.2 (002, section 3), MAN-3 (003).

extension Docket {
    mutating func reviews(of plan: History.Plan, child: History.Child) {
        let initial = initial(of: plan, child)
        var record = initial?.held?.record ?? plan.record
        var day = initial?.heldOn ?? plan.facts.startedOn
        if initial == nil {
            find(
                "ENG-2", .should, Subject(childId: child.id, planId: plan.facts.planId), events: [plan.record.event],
                "no conference of an initial kind is recorded for the plan: the first review runs from its start")
        }
        let end = end(of: plan, child)
        var number = 1
        while true {
            let next = nextReview(of: child, after: day, plan, before: end?.on)
            var obligation = Obligation(
                number == 1 ? .firstReview : .laterReview, Subject(childId: child.id, planId: plan.facts.planId),
                occasion: "\(plan.facts.planId)/\(number)", anchor: Anchor(record, on: day),
                terms: terms(number, on: day, initial: initial?.type), act: Obligation.Act(next))
            obligation.booking = next == nil ? booking(of: child, from: day.adding(days: 1)) { $0.isReview } : nil
            obligation.knownAt = record.at
            obligation.withdrawal = end
            enter(obligation)
            guard let next, let on = next.at?.day else { return }
            record = next
            day = on
            number += 1
        }
    }

    private func terms(_ number: Int, on day: Day, initial: ConferenceType?) -> [Term?] {
        let key: LimitKey = number == 1 ? .firstReview : .laterReview
        let own = policy.limit(key, on: day)
        let applies = own?.kinds.map { kinds in initial.map(kinds.contains) ?? true } ?? true
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
    private func end(of plan: History.Plan, _ child: History.Child) -> Obligation.Withdrawal? {
        if let end = child.end, plan.ended.map({ end.on <= $0 }) ?? true {
            return Obligation.Withdrawal(cause: end.cause, on: end.on)
        }
        return plan.ended.map { Obligation.Withdrawal(cause: "plan_ended", on: $0) }
    }

    /// The first review after that day, of this plan and no later one.
    func nextReview(of child: History.Child, after day: Day, _ plan: History.Plan, before end: Day?) -> Record? {
        for place in child.heldReviews {
            guard let held = history.conferences[place].held?.record, let on = held.at?.day, on > day,
                on > plan.facts.startedOn, end.map({ on <= $0 }) ?? true
            else { continue }
            return held
        }
        return nil
    }
}
