// Who hears that a plan has ended, and what is arranged afterwards: LON-10.9 and LON-10.10a and b (001, 10.9, 10.10),
// LIN-2.6a and LIN-2.8 (002, section 2), LIN-6.6 (002, section 6). Values: rulebook, H, `promptNotice`.

extension Docket {
    mutating func endingLetters(of plan: History.Plan, child: History.Child) {
        if let death = child.death, plan.ending == nil, plan.ended == child.died {
            deathLetter(of: plan, child, death)
        }
        guard let ending = plan.ending else { return }
        tellAgencies(ending, plan, child)
        tellBySocialWorker(plan, child, Anchor(ending.record, on: ending.facts.endedOn), ending.knownAt, notice: true)
        tellParents(ending, plan, child)
        arrange(ending, plan, child)
    }

    /// LON-10.9 and E31: those first invited, and the core group.
    private mutating func tellAgencies(_ ending: History.Ending, _ plan: History.Plan, _ child: History.Child) {
        let day = ending.facts.endedOn
        let letters = endingLetters(["plan_end_agencies", "plan_end_abroad"], of: plan, child, from: day)
        var obligation = Obligation(
            .endingLetterAgencies, plan.subject, occasion: plan.facts.planId, anchor: Anchor(ending.record, on: day),
            terms: [policy.limit(.endingAgencies, on: day)],
            act: Docket.whole(letters, reaching: initialInvitees(of: plan, child), coreGroup(of: plan, by: day)))
        obligation.knownAt = ending.knownAt
        obligation.actor = "qa_team"
        let row = enter(obligation)
        if row?.state == .missed {
            require(
                "LON-10.9", plan.subject, events: [ending.record.event],
                "not all of those first invited and of the core group are recorded as told that the plan ended")
        }
        announce(.endingToAgencies, plan, after: day, obligation)
    }

    /// LIN-2.8 and E33: the social worker tells the parents, after a death as well; the child hears where that fits.
    private mutating func tellBySocialWorker(
        _ plan: History.Plan, _ child: History.Child, _ anchor: Anchor, _ known: Moment?, notice: Bool
    ) {
        let letters = endingLetters(["plan_end_by_sw"], of: plan, child, from: anchor.on)
        var obligation = Obligation(
            .endingBySocialWorker, plan.subject, occasion: plan.facts.planId, anchor: anchor,
            terms: [policy.limit(.endingBySocialWorker, on: anchor.on)],
            act: Docket.whole(letters, reaching: parents(of: plan, child), []))
        obligation.knownAt = known
        obligation.actor = "social_worker"
        let row = enter(obligation)
        if row?.state == .missed {
            require(
                "LIN-2.8", plan.subject, events: [anchor.event],
                "the social worker is not recorded as having told the parents that the plan ended")
        }
        if notice { announce(.endingBySocialWorker, plan, after: anchor.on, obligation) }
    }

    /// LIN-6.6 and E32: in person where a parent is there, and in writing by the chair.
    private mutating func tellParents(_ ending: History.Ending, _ plan: History.Plan, _ child: History.Child) {
        let route = ending.facts.route
        guard route == "conference" || route == "combined" || (route == nil && ending.facts.conferenceId != nil) else {
            return
        }
        let day = ending.facts.endedOn
        let letters = endingLetters(["plan_end_parents"], of: plan, child, from: day)
        let conference = ending.facts.conferenceId.flatMap(history.conference).map { history.conferences[$0] }
        let isThere = conference?.held?.facts.attendees.contains { $0.role == "parent_carer" } ?? false
        let isTold = ending.record.details.contains(.toldInPerson) || letters.contains { $0.facts.inPerson == true }
        let events = [ending.record.event]
        if isThere && !isTold {
            require(
                "LIN-6.6", plan.subject, events: events,
                "a parent was at the meeting, and is not recorded as told in person that the plan ends")
        }
        let byChair = letters.filter { $0.facts.signedByRole.map(Docket.chairs.contains) ?? true }
        let act = Docket.whole(byChair, reaching: parents(of: plan, child), [])
        if act == nil, let passed = end(of: .endingPrompt, after: day) {
            require(
                "LIN-6.6", from: passed, plan.subject, events: events,
                "no letter from the chair tells the parents that the plan ended")
        }
        if let on = self.day(of: .endingToParents, before: day) {
            tell(
                .endingToParents, plan.subject, occasion: plan.facts.planId, on: on, done: act?.at,
                known: ending.knownAt)
        }
    }

    /// LON-10.10a and b: services afterwards are talked over, and support that carries on has a plan.
    private mutating func arrange(_ ending: History.Ending, _ plan: History.Plan, _ child: History.Child) {
        let day = ending.facts.endedOn
        let details = ending.record.details
        guard let passed = end(of: .endingPrompt, after: day) else { return }
        let isDiscussed =
            details.contains(.discussedAt) || !endingLetters(["plan_end_by_sw"], of: plan, child, from: day).isEmpty
        if !isDiscussed {
            require(
                "LON-10.10a", from: passed, plan.subject, events: [ending.record.event],
                "the social worker is not recorded as having discussed with parents and child what services are needed")
        }
        let isPlanned = history.childInNeedPlans.contains { one in
            guard let facts = one.started?.facts else { return false }
            return facts.fromPlanId == plan.facts.planId && facts.childId == child.id
                || facts.childId == child.id && facts.startedOn >= day
        }
        if !isPlanned, !details.contains(.cinPlanId), !details.contains(.notNeededReason), ending.ground != .aged18 {
            require(
                "LON-10.10b", from: passed, plan.subject, events: [ending.record.event],
                "neither a child-in-need plan nor the reason why none is needed is recorded")
        }
    }

    /// LIN-2.6a and E34: the chair's letter, drafted once the death is known and released by a person.
    private mutating func deathLetter(
        of plan: History.Plan, _ child: History.Child, _ death: (record: Record, facts: ChildDied)
    ) {
        let known = death.facts.reportedAt ?? .day(death.facts.dateOfDeath)
        let day = max(known.day, death.facts.dateOfDeath)
        let letters = endingLetters(["plan_end_death"], of: plan, child, from: death.facts.dateOfDeath)
        for letter in letters {
            if !(letter.facts.signedByRole.map(Docket.chairs.contains) ?? true) {
                require(
                    "LIN-2.6a", plan.subject, events: [letter.record.event],
                    "the letter after a death is not the chair's")
            }
            if letter.facts.releasedBy == nil {
                require(
                    "LIN-2.6a", plan.subject, events: [letter.record.event],
                    "it is not recorded who released the letter after a death")
            }
        }
        var obligation = Obligation(
            .deathLetter, plan.subject, occasion: plan.facts.planId,
            anchor: Anchor(event: death.record.event, on: day), terms: [policy.limit(.deathLetter, on: day)],
            act: Obligation.Act(letters.first?.record))
        obligation.knownAt = known
        obligation.actor = "conference_chair"
        enter(obligation)
        announce(.deathLetter, plan, after: day, obligation)
        let anchor = Anchor(event: death.record.event, on: day)
        tellBySocialWorker(plan, child, anchor, known, notice: false)
    }
}

/// Letters, and whom they reached.
extension Docket {
    static let chairs: Set = ["conference_chair", "other_independent_chair", "cp_chair_manager"]

    private mutating func announce(
        _ key: NoticeKey, _ plan: History.Plan, after day: Day, _ obligation: Obligation
    ) {
        guard let on = self.day(of: key, before: day) else { return }
        tell(
            key, plan.subject, occasion: plan.facts.planId, on: on, done: obligation.act?.at,
            known: obligation.knownAt)
    }

    /// Sent from that day on about that plan, that child where no plan is named, or the conference that ended it.
    func endingLetters(
        _ kinds: Set<String>, of plan: History.Plan, _ child: History.Child, from day: Day
    ) -> [(record: Record, facts: LetterSent)] {
        history.letters.filter { _, letter in
            guard kinds.contains(letter.kind), letter.sentAt.day >= day else { return false }
            if let id = letter.planId { return id == plan.facts.planId && letter.childId ?? child.id == child.id }
            if let id = letter.childId { return id == child.id }
            return letter.conferenceId.map { $0 == plan.ending?.facts.conferenceId } ?? false
        }
    }

    /// The parents and carers who were invited when the plan was made, or who came when it ended.
    private func parents(of plan: History.Plan, _ child: History.Child) -> [Participant] {
        let ending = plan.ending?.facts.conferenceId.flatMap(history.conference).map { history.conferences[$0] }
        let first =
            plan.facts.initialInvitees.isEmpty ? initial(of: plan, child)?.invitees ?? [] : plan.facts.initialInvitees
        let all = first + (ending?.invitees ?? []) + (ending?.held?.facts.attendees ?? [])
        return all.filter { $0.role == "parent_carer" && $0.personId != nil }
    }

    /// The act by which the last of them was reached. An agency is reached by any of its people; of `members` each by
    /// name. A letter that names nobody counts for all; so does the first letter where nobody is known.
    static func whole(
        _ letters: [(record: Record, facts: LetterSent)], reaching people: [Participant], _ members: [Participant]
    ) -> Obligation.Act? {
        var last: Obligation.Act?
        for (place, person) in (people + members).enumerated() {
            let isMember = place >= people.count
            let first = letters.first { _, letter in
                letter.recipients.isEmpty
                    || letter.recipients.contains { reaches($0, person, byName: isMember) }
            }
            guard let act = Obligation.Act(first?.record) else { return nil }
            if act.at.order > last?.at.order ?? .min { last = act }
        }
        return last ?? Obligation.Act(letters.first?.record)
    }

    private static func reaches(_ recipient: Participant, _ person: Participant, byName: Bool) -> Bool {
        if let id = person.personId, recipient.personId == id { return true }
        guard person.role != "parent_carer", let agency = person.agency else { return false }
        return (!byName || person.personId == nil) && recipient.agency == agency
    }

    /// When the days of that limit after a day have passed; ours, where a row gives no number.
    func end(of key: LimitKey, after day: Day) -> Instant? {
        guard let term = policy.limit(key, on: day) else { return nil }
        let due =
            term.limit.unit == .workingDays
            ? calendar.adding(workingDays: term.limit.count, to: day, knownBy: nil)?.day : day.adding(term.limit)
        return due.map { London.start(of: $0.adding(days: 1)) }
    }
}
