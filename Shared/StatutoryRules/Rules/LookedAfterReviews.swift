// Reviews of looked-after children: ENG-4 to ENG-6, regulation 33 of the 2010 Regulations; LON-2.6b and c, 2.8b (001,
// section 2).

extension Docket {
    mutating func lookedAfterReviews(of child: History.Child) {
        for spell in child.lookedAfter {
            let partners = protectionPartners(of: spell, child)
            for duty in lookedAfterDuties(of: spell, child) {
                var duty = duty
                align(&duty, with: partners)
                let row = enter(duty)
                sayOverdue(row, duty)
            }
        }
        reviewsAfterCareOrder(of: child)
        carePlanChanges(of: child)
        unansweredOfficer(of: child)
    }

    /// The reviews of one time in care, before two processes are made one.
    func lookedAfterDuties(of spell: History.LookedAfter, _ child: History.Child) -> [Obligation] {
        var record = spell.record
        var day = spell.facts.startedOn
        var previous: History.Conference?
        var duties: [Obligation] = []
        let end = end(of: spell, child)
        while true {
            let number = duties.count + 1
            let (duty, key) = kind(number)
            let next = nextLookedAfterReview(of: child, after: day, first: number == 1, before: end?.on)
            var obligation = Obligation(
                duty, Subject(childId: child.id), occasion: "\(spell.record.occasion)/\(number)",
                anchor: Anchor(record, on: day), terms: [policy.statute(key, on: day), policy.limit(key, on: day)],
                act: Obligation.Act(next?.held?.record))
            if number == 1, let due = spell.facts.claReviewDue { obligation.given = (.day(due), .givenDate) }
            if number > 1 { bringForward(&obligation, number, after: previous, child) }
            if next == nil {
                let from = number == 1 ? day : day.adding(days: 1)
                obligation.booking = booking(of: child, from: from) { $0.isLookedAfterReview }
            }
            obligation.knownAt = record.at
            obligation.withdrawal = end
            duties.append(obligation)
            guard let next, let held = next.held?.record, let on = held.at?.day else { return duties }
            previous = next
            record = held
            day = on
        }
    }

    /// ENG-6: sooner where the reviewing officer asks, and by the date that the last review itself set.
    private func bringForward(
        _ duty: inout Obligation, _ number: Int, after previous: History.Conference?, _ child: History.Child
    ) {
        var dates: [Day] = []
        if number > 2, let set = nextDate(after: previous, on: duty.anchor.on, kind: { $0.isLookedAfterReview }) {
            dates.append(set.on)
        }
        if let asked = broughtForwardByOfficer(duty, child) { dates.append(asked) }
        if let sooner = dates.filter({ $0 > duty.anchor.on }).min() { duty.given = (.day(sooner), .givenDate) }
    }

    /// Decided by the officer, or at the officer's request.
    private func broughtForwardByOfficer(_ duty: Obligation, _ child: History.Child) -> Day? {
        history.reviewing.decisions.last { record, fact in
            guard concerns(fact.childId, fact.planId, child), let on = record.at?.day, fact.newOn != nil,
                Docket.isAgreed(fact.decision), on >= duty.anchor.on, duty.act.map({ on <= $0.at.day }) ?? true
            else { return false }
            if fact.decidedByRole == "iro" { return true }
            return history.reviewing.requests.contains { asked, request in
                request.requestedByRole == "iro" && concerns(request.childId, request.planId, child)
                    && asked.at.map { $0.day >= duty.anchor.on && $0.day <= on } ?? true
            }
        }?.facts.newOn
    }

    private func concerns(_ childId: String?, _ planId: String?, _ child: History.Child) -> Bool {
        if let childId { return childId == child.id }
        return history.plans.contains { $0.facts.planId == planId && $0.facts.childId == child.id }
    }

    /// The officer has asked, and nobody has set a date.
    private mutating func unansweredOfficer(of child: History.Child) {
        for (record, request) in history.reviewing.requests
        where request.requestedByRole == "iro" && concerns(request.childId, request.planId, child) {
            guard let asked = record.at?.day, child.lookedAfter.contains(where: { isIn($0, on: asked) }) else {
                continue
            }
            let isAnswered = history.reviewing.decisions.contains { decided, fact in
                concerns(fact.childId, fact.planId, child) && decided.at.map { $0.day >= asked } ?? true
            }
            let isHeld = child.heldLookedAfterReviews.contains {
                history.conferences[$0].heldOn.map { $0 >= asked } ?? false
            }
            guard !isAnswered, !isHeld else { continue }
            find(
                "ENG-6", .should, Subject(childId: child.id), events: [record.event],
                "the reviewing officer asks for an earlier review, and no date is set for it")
        }
    }

    private func kind(_ number: Int) -> (Duty, LimitKey) {
        switch number {
        case 1: (.firstLookedAfterReview, .firstLookedAfter)
        case 2: (.secondLookedAfterReview, .secondLookedAfter)
        default: (.laterLookedAfterReview, .laterLookedAfter)
        }
    }

    private func end(of spell: History.LookedAfter, _ child: History.Child) -> Obligation.Withdrawal? {
        if let end = child.end, spell.ended.map({ end.on <= $0 }) ?? true {
            return Obligation.Withdrawal(cause: end.cause, on: end.on)
        }
        return spell.ended.map { Obligation.Withdrawal(cause: "looked_after_ended", on: $0) }
    }

    func isIn(_ spell: History.LookedAfter, on day: Day) -> Bool {
        spell.facts.startedOn <= day && spell.ended.map { day < $0 } ?? true
    }

    /// The first may be held on the very day that the child became looked after.
    private func nextLookedAfterReview(
        of child: History.Child, after day: Day, first: Bool, before end: Day?
    ) -> History.Conference? {
        for place in child.heldLookedAfterReviews {
            guard let on = history.conferences[place].heldOn, on > day || first && on == day,
                end.map({ on <= $0 }) ?? true
            else { continue }
            return history.conferences[place]
        }
        return nil
    }
}

/// What a looked-after review must weigh, and what must wait for it.
extension Docket {
    /// LON-2.6b and c: the first looked-after review after a care order ended the plan.
    private mutating func reviewsAfterCareOrder(of child: History.Child) {
        var seen: Set<String> = []
        for end in history.planEnds.map(\.facts) where isByCareOrder(end, child) && seen.insert(end.planId).inserted {
            let review = child.heldLookedAfterReviews.map { history.conferences[$0] }.first {
                $0.heldOn.map { $0 >= end.endedOn } ?? false
            }
            guard let review, let held = review.held else { continue }
            let subject = Subject(childId: child.id, conferenceId: review.id, planId: end.planId)
            if !held.record.details.contains(.securityAssessed) {
                require(
                    "LON-2.6b", subject, events: [held.record.event],
                    "the first review after the care order ended the plan records no view of the child's security")
            }
            let isWithFamily = ["with_family", "returning_to_family"].contains(held.facts.carePlanLocation)
            if isWithFamily, !held.record.details.contains(.adequacyConsidered) {
                require(
                    "LON-2.6c", subject, events: [held.record.event],
                    "the child is to live with the family: whether care reviews alone protect enough is not recorded")
            }
        }
    }

    /// By its ground, else by a full care order that a manager's decision followed.
    private func isByCareOrder(_ end: PlanEnded, _ child: History.Child) -> Bool {
        let isHers =
            end.childId.map { $0 == child.id }
            ?? history.plans.contains { $0.facts.planId == end.planId && $0.facts.childId == child.id }
        guard isHers else { return false }
        if end.groundCode == "care_order" { return true }
        let isOrdered = history.reviewing.careOrders[child.id]?.contains { $0 <= end.endedOn } ?? false
        return end.route == "manager" && isOrdered
    }

    /// LON-2.8b: a significant change of the care plan follows the looked-after review.
    private mutating func carePlanChanges(of child: History.Child) {
        for (record, change) in history.reviewing.carePlanChanges where change.childId == child.id {
            let review = change.reviewId.flatMap(history.conference).map { history.conferences[$0] }
            let isAfter =
                review.map { review in
                    review.held?.record.at.map { $0.earliest <= change.changedAt.latest } ?? false
                } ?? false
            guard !isAfter else { continue }
            require(
                "LON-2.8b", Subject(childId: child.id), events: [record.event],
                change.reviewId == nil
                    ? "no looked-after review is named that the significant change of the care plan follows"
                    : "the care plan was changed significantly before the looked-after review was held")
        }
    }
}
