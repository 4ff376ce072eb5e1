import StatutoryRules

extension SampleHistory {
    /// A family on another authority's plan moves in.
    mutating func transferIn(on day: Day) {
        let notified = time(day)
        let permanent = random.chance(0.9)
        let began = day.adding(days: -random.whole(30...400))
        originalStart = began
        for child in childIds {
            record(
                "transfer_in.notified", at: notified, correctable: "notifiedAt",
                [
                    "childId": .text(child), "notifiedAt": momentOrDay(notified),
                    "fromAuthorityId": .text(SampleHistory.formerAuthority),
                    "permanent": .flag(permanent), "originalPlanStart": .day(began),
                    "category": .text("neglect"), "originalInvitees": ["education", "health_visiting", "police"],
                ])
        }
        guard permanent else { return close(on: day.adding(days: 90)) }
        let days = random.weighted([(9, 1.0), (11, 2), (13, 4), (14, 4), (15, 3), (18, 1.5), (24, 1)])
        let meeting = Meeting(
            id: reference("CF"), type: "transfer_in", childIds: childIds, bookedAt: time(calendar.adding(2, to: day)),
            planned: calendar.adding(days, to: day), held: calendar.adding(days, to: day),
            inviteListDue: calendar.adding(5, to: day), decisions: children.map { _ in "plan" }, category: "neglect",
            inquorate: false)
        let outcome = hold(meeting)
        livePlan(Array(children.indices), after: meeting, outcome)
    }

    /// Looked after, with no plan: regulation 33 reviews.
    mutating func careEpisode(from day: Day) {
        becomeLookedAfter(
            [childIds[0]], on: day, basis: random.pick(["s20", "interim_care_order", "care_order"]), plans: [])
        var end = day.adding(days: random.whole(60...1100))
        if let birth = children[0].birth { end = min(end, birth.adding(months: 216)) }
        careReviews(of: [childIds[0]], from: day, until: end)
        record(
            "child.looked_after_ended", at: time(end),
            ["childId": .text(childIds[0]), "endedOn": .day(end), "reason": "returned home"])
        close(on: calendar.onOrAfter(end.adding(days: 10)))
    }

    /// A care order ended the plan: from then on there are looked-after reviews alone.
    mutating func stayInCare(_ plans: [Plan], from day: Day) {
        let ids = plans.map(\.child.id)
        let entered = lookedAfter
        lookedAfter = false
        if !entered { becomeLookedAfter(ids, on: day, basis: "care_order", plans: []) }
        careReviews(of: ids, from: day, until: day.adding(days: 1500))
    }

    mutating func leaveCare(_ plans: [Plan], on day: Day) {
        for plan in plans {
            record(
                "child.looked_after_ended", at: time(day, 16...16),
                ["childId": .text(plan.child.id), "endedOn": .day(day), "reason": "returned home"])
        }
        lookedAfter = false
    }

    private mutating func becomeLookedAfter(_ ids: [String], on day: Day, basis: String, plans: [Plan]) {
        let officer = officer ?? staff.reviewingOfficer(&random)
        self.officer = officer
        let at = time(day)
        let reviewed = time(calendar.adding(random.whole(1...4), to: day))
        let isSecure = random.chance(0.85)
        for id in ids {
            let isDual = plans.contains { $0.child.id == id }
            record(
                "child.became_looked_after", at: at, correctable: "startedOn",
                [
                    "childId": .text(id), "startedOn": .day(day), "legalBasis": .text(basis), "iroId": .text(officer),
                    "criteriaConsidered": isDual ? usually() : .absent,
                    "reviewedBy": isDual && isSecure ? .text(staff.person("SSM")) : .absent,
                    "reviewedAt": isDual && isSecure ? moment(reviewed) : .absent,
                    "securityAssured": isDual && isSecure ? true : .absent,
                    "riskReduced": isDual && isSecure ? true : .absent,
                    "carePlanId": isDual && isSecure ? .text("\(id)-CARE") : .absent,
                    "placementPlanId": isDual && isSecure ? .text("\(id)-PLACE") : .absent,
                ])
        }
    }

    /// Within 20 working days, three months, and six months each.
    private mutating func careReviews(of ids: [String], from day: Day, until end: Day) {
        var booked = time(calendar.adding(2, to: day))
        var due = calendar.adding(20, to: day)
        var number = 1
        while due <= end, due <= lastDay.adding(days: 200) {
            let late = random.chance(0.08)
            let held =
                late
                ? calendar.onOrAfter(due.adding(days: random.whole(1...20)))
                : calendar.onOrBefore(due.adding(days: -random.whole(1...9)))
            let meeting = careReview(
                of: ids, bookedAt: booked, planned: late && random.chance(0.5) ? calendar.onOrBefore(due) : held,
                held: held, number: number)
            let outcome = hold(meeting)
            booked = outcome.endedAt
            for week in [4, 9, 13] where number > 1 || week < 10 {
                let noted = calendar.onOrAfter(held.adding(days: week * 7))
                if random.chance(0.8) { caseNote(on: noted, of: random.pick(["iro_contact", "iro_tracking"])) }
            }
            if random.chance(0.15) { carePlanChanges(ids[0], after: meeting) }
            due = held.adding(months: number == 1 ? 3 : 6)
            number += 1
        }
    }

    private mutating func careReview(
        of ids: [String], bookedAt: Instant, planned: Day, held: Day, number: Int
    ) -> Meeting {
        Meeting(
            id: reference("LR"), type: "cla_review", childIds: ids, bookedAt: bookedAt, planned: planned, held: held,
            inviteListDue: nil, decisions: ids.map { _ in "continue" }, category: nil, inquorate: false,
            number: number)
    }

    private mutating func carePlanChanges(_ child: String, after review: Meeting) {
        let changed = time(calendar.onOrAfter(review.held.adding(days: 30)))
        record(
            "care_plan.changed", at: changed,
            [
                "childId": .text(child), "carePlanId": .text(reference("CARE")), "changedAt": moment(changed),
                "significant": .flag(random.chance(0.4)), "reviewId": usually(.text(review.id)),
            ])
    }

    /// From then on the reviews are combined; elsewhere than in London the first looked-after reviews stand alone.
    mutating func enterCare(on day: Day, _ plans: [Plan], next: Day) {
        let ids = plans.map(\.child.id)
        becomeLookedAfter(ids, on: day, basis: random.pick(["s20", "interim_care_order"]), plans: plans)
        lookedAfter = true
        if authority == "E10000019", random.chance(0.9) {
            for plan in plans { chooseBetween(plan, kept: "both", on: calendar.adding(random.whole(2...8), to: day)) }
        }
        let held = calendar.adding(random.chance(0.88) ? random.whole(15...20) : random.whole(21...26), to: day)
        guard held < next else {
            isFirstInCare = true
            return
        }
        // London makes one process of the two from the start.
        let type = authority.hasPrefix("E09") ? "combined" : "cla_review"
        let booked = time(calendar.adding(1, to: day))
        var first = careReview(of: ids, bookedAt: booked, planned: held, held: held, number: 1)
        first.type = type
        let outcome = hold(first)
        // The conference's review is further off than the three months that the second looked-after review has.
        let second = calendar.onOrBefore(held.adding(months: 3).adding(days: -random.whole(1...9)))
        guard second < next else { return }
        var review = careReview(of: ids, bookedAt: outcome.endedAt, planned: second, held: second, number: 2)
        review.type = type
        _ = hold(review)
    }
}
