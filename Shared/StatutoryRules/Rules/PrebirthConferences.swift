// Conferences about unborn children: LON-1.1 (001, 1.1), LON-1.11a to 1.11d (001, the paragraph on pre-birth
// conferences), LON-1.12 to 1.16b (001, 1.12 to 1.16). A pre-birth conference is an initial one: its limits stand beside
// those of the section 47 enquiry, and the sooner binds. They end with the birth or the loss.

extension Docket {
    /// Enters the limits that run from the expected date of delivery, or joins them to the duty of the enquiry.
    mutating func prebirthConferences(of child: History.Child, beside duties: inout [Obligation]) {
        let begun = duties.indices.filter { place in child.born.map { duties[place].anchor.on < $0 } ?? true }
        let place = begun.last { duties[$0].withdrawal?.cause != "not_required" } ?? begun.last
        let duty = place.map { duties[$0] }
        var joined: [Obligation] = []
        var alone: [Obligation] = []
        for limit in deliveryLimits(of: child, duty) {
            if standsAlone(limit, of: child, duty) { alone.append(limit) } else { joined.append(limit) }
        }
        if let limit = assessedLimit(of: child, joined, alone, duty) {
            if standsAlone(limit, of: child, duty) { alone.append(limit) } else { joined.append(limit) }
        }
        if let place {
            duties[place].beside += joined
        } else if var first = joined.first {
            first.beside = Array(joined.dropFirst())
            duties.append(first)
        }
        for limit in alone { enter(limit) }
        preproceedingsLetter(for: child)
    }

    /// Withdrawn, or past before the other clock began: it bounds nothing else.
    /// A death or a loss ends all of them alike, and parts none.
    private func standsAlone(_ limit: Obligation, of child: History.Child, _ duty: Obligation?) -> Bool {
        if limit.isKnownLate || !limit.isDated { return true }
        if let withdrawal = limit.withdrawal, withdrawal.cause != child.end?.cause { return true }
        guard let duty else { return false }
        if duty.withdrawal?.cause == "not_required" { return true }
        return soonest(of: limit).map { $0 < duty.anchor.on } ?? false
    }

    private func base(
        _ duty: Duty, _ child: History.Child, _ term: Term?, _ anchor: Anchor, act: Obligation.Act?
    ) -> Obligation {
        var limit = Obligation(
            duty, Subject(childId: child.id), occasion: "\(child.id)/pregnancy", anchor: anchor, terms: [term], act: act
        )
        limit.knownAt = child.circumstances.expected.last?.knownAt
        return limit
    }

    /// The first conference of an initial kind up to the birth.
    private func prebirthAct(of child: History.Child) -> Obligation.Act? {
        for place in child.heldInitial {
            guard let record = history.conferences[place].held?.record else { continue }
            if child.wasBorn(before: record.at) { return nil }
            return Obligation.Act(record)
        }
        return nil
    }

    /// LON-1.16a and 1.16b.
    private mutating func deliveryLimits(of child: History.Child, _ duty: Obligation?) -> [Obligation] {
        guard let delivery = child.circumstances.expected.last else { return [] }
        let anchor = Anchor(delivery.record, on: delivery.edd)
        let act = prebirthAct(of: child)
        var latest = base(
            .initialConference, child, policy.limit(.prebirth, on: delivery.edd), anchor, act: act)
        latest.isKnownLate = isKnownLate(latest, child)
        var limits = [latest]
        if let early = prematureLimit(of: child, latest, anchor, act) { limits.append(early) }
        for place in limits.indices where !limits[place].terms.isEmpty {
            limits[place].booking = booking(of: child, from: delivery.edd.adding(days: -365)) { $0.isInitial }
            limits[place].withdrawal = withdrawal(of: limits[place], child, beside: duty)
        }
        return limits.filter { !$0.terms.isEmpty }
    }

    /// LON-1.16b: a day set by the social care manager where the baby is likely to come early.
    private mutating func prematureLimit(
        of child: History.Child, _ latest: Obligation, _ anchor: Anchor, _ act: Obligation.Act?
    ) -> Obligation? {
        let deliveries = child.circumstances.expected
        guard isInForce("LON-1.16b"), deliveries.compactMap(\.prematureRisk).last == true else { return nil }
        let subject = Subject(childId: child.id)
        var early = base(
            .initialConference, child, policy.limit(.prematureBirth, on: anchor.on), anchor, act: act)
        guard let set = deliveries.last(where: { $0.targetDate != nil }), let target = set.targetDate else {
            early.isDated = false
            if act == nil, child.born == nil, child.end == nil {
                require(
                    "LON-1.16b", subject, events: [anchor.event],
                    "cannot be dated: the baby is likely to come early, and no earlier day is set for the conference")
            }
            return early
        }
        early.anchor = Anchor(set.record, on: set.edd)
        early.given = (.day(target.day), .targetDate)
        if !isSocialCareManager(set.setByRole) {
            require(
                "LON-1.16b", subject, events: [set.record.event],
                "the day for a baby likely to come early is not recorded as set by the children's social care manager")
        }
        if let usual = soonest(of: latest), target.day >= usual {
            require(
                "LON-1.16b", subject, events: [set.record.event],
                "the day for a baby likely to come early is no earlier than the usual one")
        }
        return early
    }

    /// LON-1.11b: at once after the assessment. The text has no number, so the sooner of the other limits stands.
    private mutating func assessedLimit(
        of child: History.Child, _ joined: [Obligation], _ alone: [Obligation], _ duty: Obligation?
    ) -> Obligation? {
        guard let assessment = child.circumstances.assessments.last, assessment.facts.riskNoLongerApplies != true,
            assessment.facts.planNeedsConsidering != false || isWanted(child),
            let day = assessment.record.at?.day, let term = policy.limit(.prebirthAssessed, on: day)
        else { return nil }
        var limit = base(
            .initialConference, child, term, Anchor(assessment.record, on: day), act: prebirthAct(of: child))
        limit.occasion = assessment.record.occasion
        limit.withdrawal = withdrawal(of: limit, child, beside: duty)
        let running = joined + (duty.map { $0.withdrawal == nil ? [$0] : [] } ?? [])
        let dues = (running.isEmpty ? alone.filter(\.isDated) : running).filter(\.isDated).compactMap(soonest(of:))
        guard let due = dues.min() else {
            limit.isDated = false
            if limit.withdrawal == nil, limit.act == nil {
                require(
                    "LON-1.11b", Subject(childId: child.id), events: [assessment.record.event],
                    "cannot be dated: neither a strategy discussion nor an expected date of delivery is recorded")
            }
            return limit
        }
        limit.given = (.day(due), .otherLimits)
        limit.isKnownLate = running.isEmpty && alone.contains(where: \.isKnownLate)
        return limit
    }
}

/// When these limits were known, and when they end.
extension Docket {
    /// Past when the expected date was first known. A date that was known in time and let go by stays a plain miss,
    /// whatever the date is revised to afterwards.
    func isKnownLate(_ limit: Obligation, _ child: History.Child) -> Bool {
        let dates = child.circumstances.expected.map { delivery in
            var then = limit
            then.anchor = Anchor(delivery.record, on: delivery.edd)
            return (due: soonest(of: then), known: delivery.knownAt?.day)
        }
        guard let last = dates.last, let due = last.due, let known = last.known, due < known else { return false }
        for (place, date) in dates.enumerated().dropLast() {
            guard let due = date.due, let known = date.known, known <= due else { continue }
            if let next = dates[place + 1].known, due < next { return false }
        }
        return true
    }

    /// Birth ends them, and what was missed before it stays missed; one that was past when first known was never owed.
    private func withdrawal(
        of limit: Obligation, _ child: History.Child, beside duty: Obligation?
    ) -> Obligation.Withdrawal? {
        if let end = child.end { return Obligation.Withdrawal(cause: end.cause, on: end.on) }
        if let born = child.born, limit.act == nil {
            return Obligation.Withdrawal(cause: "pregnancy_ended", on: limit.isKnownLate ? nil : born)
        }
        if let withdrawal = duty?.withdrawal, withdrawal.cause == "not_required", limit.act == nil { return withdrawal }
        let isOver = child.circumstances.assessments.last?.facts.riskNoLongerApplies == true
        let isDeclined = child.conferences.contains { place in
            let conference = history.conferences[place]
            return conference.decision == "no" && conference.type?.isInitial ?? true
        }
        if limit.act == nil, isOver || isDeclined, duty == nil || isOver, !isWanted(child) {
            return Obligation.Withdrawal(cause: "not_required", on: nil)
        }
        return nil
    }

    /// Whether a conference of an initial kind is asked for, booked or held.
    func isWanted(_ child: History.Child) -> Bool {
        child.conferences.contains { place in
            let conference = history.conferences[place]
            return conference.type?.isInitial ?? true && (conference.held != nil || conference.isOpen)
        }
    }

    /// LON-1.11c: where proceedings soon after the birth are in view.
    private mutating func preproceedingsLetter(for child: History.Child) {
        let deliveries = child.circumstances.expected
        guard let delivery = deliveries.last, deliveries.compactMap(\.proceedingsContemplated).last == true else {
            return
        }
        var letter = base(
            .preproceedingsLetter, child, policy.limit(.preproceedingsLetter, on: delivery.edd),
            Anchor(delivery.record, on: delivery.edd), act: Obligation.Act(child.circumstances.letters.first))
        letter.actor = "social_worker"
        letter.isKnownLate = isKnownLate(letter, child)
        if let end = child.end {
            letter.withdrawal = Obligation.Withdrawal(cause: end.cause, on: end.on)
        } else if let born = child.born {
            let isPast = letter.isKnownLate && letter.act == nil
            letter.withdrawal = Obligation.Withdrawal(cause: "pregnancy_ended", on: isPast ? nil : born)
        }
        guard let row = enter(letter), let actBy = row.actBy,
            let day = day(of: .preproceedingsTarget, before: actBy.day)
        else { return }
        tell(
            .preproceedingsTarget, row.subject, occasion: row.occasion, on: day, done: letter.act?.at,
            known: delivery.knownAt, towards: actBy, isOff: row.state == .withdrawn, about: row)
    }
}

/// What must be thought about, and what an assessment leads to.
extension Docket {
    /// LON-1.1 and 1.15.
    mutating func beforeBirth(of child: History.Child) {
        let subject = Subject(childId: child.id)
        let pregnancies = child.circumstances.deliveries.filter { $0.rank == .recorded }.map(\.record)
        let discussions = child.discussions.filter { discussion in child.born.map { discussion.day < $0 } ?? true }
        let raised = pregnancies + discussions.map(\.record)
        if let first = raised.first, !raised.contains(where: { $0.details.contains(.considerationRecorded) }),
            !isWanted(child)
        {
            require(
                "LON-1.1", subject, events: [first.event],
                "it is not recorded whether a conference before the birth was considered")
        }
        for referral in child.circumstances.referrals {
            guard !referral.record.details.contains(.gestationAtReferral), referral.facts.edd == nil,
                child.circumstances.deliveries.isEmpty, child.born.map({ (referral.day ?? $0) < $0 }) ?? true
            else { continue }
            require(
                "LON-1.15", subject, events: [referral.record.event],
                "how far the pregnancy was when the concern was referred is not recorded")
        }
    }

    /// LON-1.12 and 1.13, with the one exception that the text still has: the risk no longer applies.
    mutating func prebirthNeeds(of child: History.Child) {
        guard let assessment = child.circumstances.assessments.last, child.end == nil, !isWanted(child) else { return }
        let subject = Subject(childId: child.id)
        if assessment.facts.planNeedsConsidering == true {
            require(
                "LON-1.12", subject, events: [assessment.record.event],
                "the pre-birth assessment leaves a plan to be considered, and no conference is asked for")
        }
        let listed = policy.choice(.prebirthCircumstances)?.values
        let applies = assessment.facts.circumstanceCodes.contains { listed?.contains($0) ?? true }
        if applies, assessment.facts.riskNoLongerApplies != true {
            require(
                "LON-1.13", subject, events: [assessment.record.event],
                "listed circumstances are recorded without the risk being over, and no conference is asked for")
        }
    }
}
