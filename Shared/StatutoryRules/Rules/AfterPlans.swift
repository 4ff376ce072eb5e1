// Child-in-need plans and supervision orders: LON-10.8a to c (001, 10.8), LON-10.10c (001, 10.10).

extension Docket {
    mutating func afterPlans(of child: History.Child) {
        for order in child.legalOrders where order.type == "supervision" { supervisionReview(of: order, child) }
        for plan in history.childInNeedPlans { childInNeedReviews(plan, child) }
    }

    /// LON-10.8c: of every supervision order, from its own date.
    private mutating func supervisionReview(of order: History.LegalOrder, _ child: History.Child) {
        let subject = Subject(childId: child.id)
        guard let made = order.record.at?.day else {
            require("LON-10.8c", subject, events: [order.record.event], "cannot be judged: no madeAt")
            return
        }
        let reviewed = history.supervisionReviews[order.id]?.first { $0.at.map { $0.day >= made } ?? false }
        var obligation = Obligation(
            .supervisionOrderReview, subject, occasion: order.id, anchor: Anchor(order.record, on: made),
            terms: [policy.limit(.supervisionReview, on: made)], act: Obligation.Act(reviewed))
        obligation.knownAt = order.record.at
        obligation.actor = "social_worker"
        obligation.withdrawal = withdrawal("not_required", on: history.orders[order.place].ended?.day, of: child)
        remind(.supervisionReview, obligation)
    }

    /// LON-10.10c: from the plan's start, then from each review, while the plan lasts.
    private mutating func childInNeedReviews(_ plan: History.ChildInNeedPlan, _ child: History.Child) {
        guard let started = plan.started, started.facts.childId == child.id else { return }
        var record = started.record
        var day = started.facts.startedOn
        var number = 1
        let withdrawal = withdrawal("plan_ended", on: plan.ended, of: child)
        while true {
            let next = plan.reviews.first { review in
                review.at.map { $0.day > day && (plan.ended ?? $0.day) >= $0.day } ?? false
            }
            var obligation = Obligation(
                .childInNeedReview, Subject(childId: child.id), occasion: plan.id + "/" + String(number),
                anchor: Anchor(record, on: day), terms: [policy.limit(.childInNeedReview, on: day)],
                act: Obligation.Act(next))
            obligation.knownAt = record.at
            obligation.actor = "social_worker"
            obligation.withdrawal = withdrawal
            remind(.childInNeedReview, obligation)
            guard let next, let on = next.at?.day else { return }
            record = next
            day = on
            number += 1
        }
    }

    /// By the child's own end where that came first.
    private func withdrawal(_ cause: String, on day: Day?, of child: History.Child) -> Obligation.Withdrawal? {
        if let end = child.end, end.on <= day ?? end.on { return Obligation.Withdrawal(cause: end.cause, on: end.on) }
        return day.map { Obligation.Withdrawal(cause: cause, on: $0) }
    }

    /// E42, on the day to act by.
    private mutating func remind(_ key: NoticeKey, _ obligation: borrowing Obligation) {
        guard let place = place(obligation), let actBy = deadlines[place].actBy,
            let on = day(of: key, before: actBy.day)
        else { return }
        tell(
            key, obligation.subject, occasion: obligation.occasion, on: on, done: obligation.act?.at,
            known: obligation.knownAt, isOff: deadlines[place].state == .withdrawn, about: deadlines[place])
    }

    /// LON-10.8a and b: care proceedings that ended in a supervision order.
    mutating func supervision(of plan: History.Plan, child: History.Child) {
        for concluded in history.supervisionOutcomes(on: child.id) {
            guard let on = concluded.at?.day, on >= plan.facts.startedOn, plan.ended.map({ on <= $0 }) ?? true else {
                continue
            }
            decide(plan, child, concluded, on)
        }
        guard let ending = plan.ending, ending.ground != .aged18 else { return }
        let day = ending.facts.endedOn
        let isSupervised =
            !history.orders("supervision", on: child, at: day).isEmpty
            || history.supervisionOutcomes(on: child.id).contains { $0.at.map { $0.day <= day } ?? false }
        if isSupervised, !ending.record.details.contains(all: [.supervisionPlanId, .monitoringStartOn]) {
            require(
                "LON-10.8b", plan.subject, events: [ending.record.event],
                "the plan ended under a supervision order, and the order's plan and the start of monitoring are not recorded"
            )
        }
    }

    /// LON-10.8a: the next review decides whether the plan continues.
    private mutating func decide(_ plan: History.Plan, _ child: History.Child, _ concluded: Record, _ day: Day) {
        let next = child.heldReviews.map { history.conferences[$0] }.first { $0.heldOn.map { $0 >= day } ?? false }
        if let next, let held = next.held, plan.ended.map({ held.record.at!.day <= $0 }) ?? true {
            let decision = EndingCase.decision(of: next, for: child.id)
            guard decision == nil || decision == "not_decided" else { return }
            require(
                "LON-10.8a", plan.subject, events: [concluded.event, held.record.event],
                "after the supervision order the review did not record whether the plan continues")
        } else if let ending = plan.ending, ending.ground != .aged18 {
            require(
                "LON-10.8a", plan.subject, events: [concluded.event, ending.record.event],
                "the plan ended after the supervision order without a review deciding so")
        }
    }
}
