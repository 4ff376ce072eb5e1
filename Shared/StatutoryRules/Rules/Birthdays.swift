// The 18th birthday of a child on a plan: LIN-2.5a and LIN-2.5b (002, section 2, fifth point); rulebook, H,
// `birthday18.window`.

extension Docket {
    /// The day on which the child is 18: of one born on 29 February, 1 March.
    func comingOfAge(of child: History.Child) -> Day? {
        guard let born = child.born, let age = policy.limit(.adulthood, on: born) else { return nil }
        let birthday = born.adding(age.limit)
        return birthday.dayOfMonth == born.dayOfMonth ? birthday : birthday.adding(days: 1)
    }

    /// On the docket from the year before the birthday on.
    mutating func birthday(of plan: History.Plan, child: History.Child) {
        guard let adult = comingOfAge(of: child), let birth = child.birth, plan.facts.startedOn < adult,
            let horizon = policy.limit(.birthdayHorizon, on: adult),
            plan.ended.map({ $0 >= adult.adding(horizon.limit) }) ?? true
        else { return }
        let from = London.start(of: adult.adding(horizon.limit))
        mayChange(at: from)
        guard asOf >= from else { return }
        planReview(of: plan, child, adult, birth)
        holdReview(of: plan, child, adult, birth)
        endPlan(plan, adult, birth)
        list(plan, adult, birth)
    }

    private func anchor(_ birth: Record, _ adult: Day) -> Anchor { Anchor(event: birth.event, on: adult) }

    private func occasion(_ plan: History.Plan) -> String { "\(plan.facts.planId)/18" }

    /// An end before the limit withdraws; one from then on leaves what was missed.
    private func withdrawal(_ plan: History.Plan, _ child: History.Child) -> Obligation.Withdrawal? {
        plan.ended.map {
            Obligation.Withdrawal(cause: plan.ending == nil ? child.end?.cause ?? "plan_ended" : "plan_ended", on: $0)
        }
    }

    /// LIN-2.5b, "planned in advance": a review is booked for the window, or its date is set.
    private mutating func planReview(of plan: History.Plan, _ child: History.Child, _ adult: Day, _ birth: Record) {
        var obligation = Obligation(
            .birthdayReviewPlanned, plan.subject, occasion: occasion(plan), anchor: anchor(birth, adult),
            terms: [policy.limit(.birthdayPlanned, on: adult)])
        let booked = child.conferences.compactMap { place -> Record? in
            let conference = history.conferences[place]
            guard conference.type?.isReview ?? false, !conference.isCancelled, let booking = conference.booking,
                isInWindow(booking.startsAt.day, adult, child)
            else { return nil }
            // Held without a booking date known, it was planned by then at the latest.
            return booking.record.at == nil ? booking.record.happening(at: conference.held?.record.at) : booking.record
        }
        let set = history.nextDates.filter { next in
            isInWindow(next.on, adult, child)
                && history.conference(next.conference).map { child.conferences.contains($0) } ?? false
        }
        obligation.act = (booked + set.map(\.record)).compactMap(Obligation.Act.init).min { $0.at.order < $1.at.order }
        obligation.knownAt = plan.record.at
        obligation.actor = "conference_chair"
        obligation.withdrawal = withdrawal(plan, child)
        enter(obligation)
    }

    private func isInWindow(_ day: Day, _ adult: Day, _ child: History.Child) -> Bool {
        guard let from = policy.limit(.birthdayFrom, on: adult) else { return false }
        return day >= adult.adding(from.limit) && day <= adult
    }

    /// LIN-2.5b: the review itself, in the weeks before the birthday.
    private mutating func holdReview(of plan: History.Plan, _ child: History.Child, _ adult: Day, _ birth: Record) {
        guard let from = policy.limit(.birthdayFrom, on: adult) else { return }
        let opens = adult.adding(from.limit)
        let held = child.heldReviews.compactMap { history.conferences[$0].held?.record }.first { record in
            record.at.map { $0.day >= opens && $0.day > plan.facts.startedOn } ?? false
        }
        var obligation = Obligation(
            .birthdayReview, plan.subject, occasion: occasion(plan), anchor: anchor(birth, adult),
            terms: [policy.limit(.birthdayReview, on: adult)], act: Obligation.Act(held))
        if let born = child.born, born.dayOfMonth != adult.dayOfMonth {
            obligation.given = (.day(adult.adding(days: -1)), .leapBirthday)
        }
        if held == nil { obligation.booking = booking(of: child, from: opens) { $0.isReview } }
        obligation.knownAt = plan.record.at
        obligation.actor = "conference_chair"
        obligation.withdrawal = withdrawal(plan, child)
        enter(obligation)
    }

    /// LIN-2.5a: no plan ends by itself. A person ends it, and one that is still open at 18 is found.
    private mutating func endPlan(_ plan: History.Plan, _ adult: Day, _ birth: Record) {
        var obligation = Obligation(
            .planEndAt18, plan.subject, occasion: occasion(plan), anchor: anchor(birth, adult),
            terms: [policy.limit(.birthdayEnd, on: adult)])
        if let ended = plan.ended, ended >= adult, let ending = plan.ending {
            obligation.act = Obligation.Act(event: ending.record.event, at: .day(ended))
        } else if let ended = plan.ended {
            let cause = plan.ending == nil ? history.child(plan.facts.childId)?.end?.cause : nil
            obligation.withdrawal = Obligation.Withdrawal(cause: cause ?? "plan_ended", on: ended)
        }
        obligation.knownAt = plan.record.at
        obligation.actor = "social_worker"
        enter(obligation)
        if plan.ended.map({ $0 > adult }) ?? true {
            require(
                "LIN-2.5a", from: London.start(of: adult), plan.subject, events: [plan.record.event, birth.event],
                "the plan is open although the young person is 18")
        }
    }

    /// E41: three months and four weeks before.
    private mutating func list(_ plan: History.Plan, _ adult: Day, _ birth: Record) {
        for (step, key) in [LimitKey.birthdayPlanned, .birthdayFrom].enumerated() {
            guard let term = policy.limit(key, on: adult) else { continue }
            let day = adult.adding(term.limit)
            tell(
                .birthdayList, plan.subject, occasion: occasion(plan), on: day, level: step + 1,
                known: plan.record.at, isOff: plan.ended.map { $0 <= day } ?? false)
        }
    }
}
