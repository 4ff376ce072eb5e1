// A child believed to have left the country: LIN-2.7a to LIN-2.7e (002, section 2, paragraph on leaving the country).
// No clock pauses while the child is not found (LIN-2.7c); what may end the plan is in EndingGrounds.swift.

extension Docket {
    mutating func whereabouts(of plan: History.Plan, child: History.Child) {
        for absence in child.absences where isDuring(plan, absence.day) {
            efforts(absence, plan, child)
            decision(absence, plan, child)
        }
        for (record, decided) in child.whereaboutsDecisions
        where decided.planId ?? plan.facts.planId == plan.facts.planId && decided.decidedByRole != "service_manager" {
            let message = "whether the plan ends while the child is not found is for a service manager to decide"
            if mayRefuse("LIN-2.7e") {
                refuse("LIN-2.7e", plan.subject, event: record.event, message)
            } else {
                require("LIN-2.7e", plan.subject, events: [record.event], message)
            }
        }
        leftCountryLetter(of: plan, child)
    }

    private func isDuring(_ plan: History.Plan, _ day: Day) -> Bool {
        day >= plan.facts.startedOn && (plan.ended.map { day <= $0 } ?? true)
    }

    /// When the search was over: the place was confirmed, or the plan ended.
    private func close(of absence: History.Absence, _ plan: History.Plan) -> Moment? {
        let ended = plan.ended.map { Moment.day($0) }
        return [absence.found?.record.at, ended].compactMap(\.self).min { $0.order < $1.order }
    }

    /// LIN-2.7a and E53: what is done to find the child, asked for each week (policy `abroad.prompt`).
    private mutating func efforts(_ absence: History.Absence, _ plan: History.Plan, _ child: History.Child) {
        guard let every = policy.limit(.abroadPrompt, on: absence.day), every.limit.count > 0 else { return }
        let closed = close(of: absence, plan)
        var day = absence.day.adding(every.limit)
        let first = London.start(of: day.adding(days: 1))
        mayChange(at: first)
        let isTried = child.locationEfforts.contains { $0 >= absence.day }
        if asOf >= first, !isTried, closed.map({ $0.day > day }) ?? true {
            require(
                "LIN-2.7a", plan.subject, events: [absence.reported.event],
                "nothing is recorded of what was done to find the child")
        }
        while true {
            tell(
                .abroadPrompt, plan.subject, occasion: absence.reported.occasion, on: day, done: closed,
                known: closed == nil ? absence.reported.at : nil)
            // The next one is planned; those after it follow in their time.
            if asOf < morning(of: day) || closed.map({ $0.day <= day }) ?? false { return }
            day = day.adding(every.limit)
        }
    }

    /// LIN-2.7e and E36: the service manager's decision, never later than the next review is due.
    private mutating func decision(_ absence: History.Absence, _ plan: History.Plan, _ child: History.Child) {
        var obligation = Obligation(
            .whereaboutsDecision, plan.subject, occasion: "\(plan.facts.planId)/\(absence.reported.occasion)",
            anchor: Anchor(absence.reported, on: absence.day), terms: [policy.limit(.abroadDecision, on: absence.day)])
        if let review = nextReviewDue(of: plan, from: absence.day) { obligation.given = (.day(review), .nextReview) }
        let decided = child.whereaboutsDecisions.first { _, decided in
            decided.decidedByRole == "service_manager" && decided.planId ?? plan.facts.planId == plan.facts.planId
                && decided.decidedAt.map { $0.day >= absence.day } ?? false
        }
        obligation.act = Obligation.Act(decided?.record)
        if let ending = plan.ending, ending.facts.decidedByRole == "service_manager", decided == nil {
            obligation.act = Obligation.Act(ending.record)
        }
        if let found = absence.found?.record.at {
            obligation.withdrawal = Obligation.Withdrawal(cause: "not_required", on: found.day)
        }
        if let ended = plan.ended, ended <= obligation.withdrawal?.on ?? ended {
            let cause = plan.ending == nil ? child.end?.cause ?? "plan_ended" : "plan_ended"
            obligation.withdrawal = Obligation.Withdrawal(cause: cause, on: ended)
        }
        obligation.knownAt = absence.reported.at
        obligation.actor = "service_manager"
        guard let row = enter(obligation), let due = row.due else { return }
        tell(
            .abroadDecision, plan.subject, occasion: obligation.occasion, on: due.day, done: obligation.act?.at,
            known: absence.reported.at, isOff: row.state == .withdrawn, about: row)
    }

    /// Of the reviews that are owed on the plan, the one whose time was running on that day and had not run out.
    private func nextReviewDue(of plan: History.Plan, from day: Day) -> Day? {
        let rows = deadlines.filter {
            $0.duty.family == .review && $0.subject == plan.subject && $0.state != .superseded
                && $0.anchor.happenedOn <= day
        }
        let running = rows.map(\.anchor.happenedOn).max()
        return rows.filter { $0.anchor.happenedOn == running }.compactMap { $0.due?.day }.filter { $0 >= day }.min()
    }

    /// LIN-2.7b and E35: once the place abroad is confirmed, the chair's letter to those first invited.
    private mutating func leftCountryLetter(of plan: History.Plan, _ child: History.Child) {
        let confirmed = child.locations.first { record, abroad in
            abroad == true && (record.at.map { isDuring(plan, $0.day) } ?? false)
        }
        guard let record = confirmed?.record, let day = record.at?.day else { return }
        let letters = endingLetters(["plan_end_abroad"], of: plan, child, from: day)
        var obligation = Obligation(
            .leftCountryLetter, plan.subject, occasion: "\(plan.facts.planId)/\(record.occasion)",
            anchor: Anchor(record, on: day), terms: [policy.limit(.abroadLetter, on: day)],
            act: Docket.whole(letters, reaching: initialInvitees(of: plan, child), []))
        obligation.knownAt = record.at
        obligation.actor = "conference_chair"
        if let end = child.end { obligation.withdrawal = Obligation.Withdrawal(cause: end.cause, on: end.on) }
        let row = enter(obligation)
        if row?.state == .missed {
            require(
                "LIN-2.7b", plan.subject, events: [record.event],
                "the chair's letter to the agencies first invited, that the plan is to end, is not recorded as sent")
        }
        guard let on = self.day(of: .abroadLetter, before: day) else { return }
        tell(
            .abroadLetter, plan.subject, occasion: record.occasion, on: on, done: obligation.act?.at, known: record.at,
            isOff: row?.state == .withdrawn)
    }
}
