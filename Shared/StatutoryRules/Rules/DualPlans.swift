// Looked-after children on a plan: LON-2.4, 2.7 to 2.10 (001, section 2: one process), LIN-2.3a to c (002, section 2:
// one plan is chosen; LIN-2.3c permits a combined meeting, which meets both reviews). E21.

/// One plan and one time in care, while both run.
struct DualPeriod {
    let plan: History.Plan
    let spell: History.LookedAfter
    let from: Day
    let to: Day?

    /// The meeting that ends one of them still belongs to both.
    func covers(_ day: Day) -> Bool { from <= day && to.map { day <= $0 } ?? true }
}

extension Docket {
    private func dualPeriod(_ plan: History.Plan, _ spell: History.LookedAfter, _ child: History.Child) -> DualPeriod? {
        let from = max(plan.facts.startedOn, spell.facts.startedOn)
        let to = [plan.ended, spell.ended, child.end?.on].compactMap(\.self).min()
        guard to.map({ from < $0 }) ?? true else { return nil }
        return DualPeriod(plan: plan, spell: spell, from: from, to: to)
    }

    func dualPeriods(of child: History.Child) -> [DualPeriod] {
        guard !child.lookedAfter.isEmpty else { return [] }
        return history.plans.filter { $0.facts.childId == child.id }.flatMap { plan in
            child.lookedAfter.compactMap { dualPeriod(plan, $0, child) }
        }
    }

    /// D29: one process for both, or one of the plans is chosen.
    private func dualMode(_ mode: String) -> Bool { policy.choice(.dualMode)?.values.contains(mode) ?? false }

    // LON-2.7b: the sooner of the two dates bounds both reviews.

    typealias Partner = (period: DualPeriod, duties: [Obligation])

    func lookedAfterPartners(of plan: History.Plan, _ child: History.Child) -> [Partner] {
        guard dualMode("merge") else { return [] }
        return child.lookedAfter.compactMap { spell in
            dualPeriod(plan, spell, child).map { ($0, lookedAfterDuties(of: spell, child)) }
        }
    }

    func protectionPartners(of spell: History.LookedAfter, _ child: History.Child) -> [Partner] {
        guard dualMode("merge") else { return [] }
        return history.plans.filter { $0.facts.childId == child.id }.compactMap { plan in
            dualPeriod(plan, spell, child).map { ($0, reviewDuties(of: plan, child).map(\.duty)) }
        }
    }

    func align(_ duty: inout Obligation, with partners: [Partner]) {
        for (period, duties) in partners {
            guard period.to.map({ duty.anchor.on < $0 }) ?? true, duty.act.map({ $0.at.day >= period.from }) ?? true
            else { continue }
            let from = max(duty.anchor.on, period.from)
            // One that a meeting of its own has met before no longer bounds this one.
            let partner = duties.first { other in
                guard let met = other.act?.at.day else { return true }
                return duty.act.map { met >= $0.at.day } ?? false
            }
            guard let partner, let term = policy.limit(.alignedReview, on: from), let due = soonest(of: partner),
                due >= from, period.to.map({ due < $0 }) ?? true, soonest(of: duty).map({ due < $0 }) ?? false
            else { continue }
            duty.terms.removeAll { $0.rule == term.rule }
            duty.terms.append(term)
            duty.elsewhere[term.rule] = Anchor(event: partner.anchor.event, on: due)
        }
    }

    /// What the two being dual asks for, of one plan.
    mutating func dualStatus(of plan: History.Plan, _ child: History.Child) {
        for spell in child.lookedAfter {
            guard let period = dualPeriod(plan, spell, child) else { continue }
            if spell.facts.startedOn >= plan.facts.startedOn { becameLookedAfter(period, child) }
            if spell.facts.iroId == nil {
                require(
                    "LON-2.7a", Subject(childId: child.id, planId: plan.facts.planId), events: [spell.record.event],
                    "no reviewing officer is recorded to lead the one plan and its reviews")
            }
            separateReviews(period, child)
        }
        choosePlan(plan, child)
    }

    /// LON-2.4a and b, 2.8a: what is weighed when a child on a plan becomes looked after.
    private mutating func becameLookedAfter(_ period: DualPeriod, _ child: History.Child) {
        let (plan, spell) = (period.plan, period.spell)
        let subject = Subject(childId: child.id, planId: plan.facts.planId)
        let details = spell.record.details
        if isInForce("LON-2.7a") || isInForce("LIN-2.3a") {
            tell(.dualStatus, subject, occasion: spell.record.occasion, on: spell.facts.startedOn)
        }
        if !details.contains(.criteriaConsidered) {
            require(
                "LON-2.8a", subject, events: [spell.record.event],
                "whether the plan is still needed, and its review sooner, is not recorded")
        }
        guard spell.facts.legalBasis == "s20", let term = policy.limit(.securityReview, on: spell.facts.startedOn)
        else { return }
        var duty = Obligation(
            .securityReview, subject, occasion: spell.record.occasion,
            anchor: Anchor(spell.record, on: spell.facts.startedOn), terms: [term])
        if let at = spell.facts.reviewedAt, at.earliest <= asOf {
            duty.act = Obligation.Act(event: spell.record.event, at: at)
        } else if let at = spell.facts.reviewedAt {
            mayChange(at: at.earliest)
        }
        duty.knownAt = spell.record.at
        duty.actor = "senior_safeguarding_manager"
        if let to = period.to {
            let cause = child.end?.cause ?? (plan.ended == to ? "plan_ended" : "looked_after_ended")
            duty.withdrawal = Obligation.Withdrawal(cause: cause, on: to)
        }
        guard let row = enter(duty), row.state != .pending, row.state != .atRisk, row.state != .withdrawn,
            !details.contains(all: [.securityAssured, .riskReduced, .carePlanId, .placementPlanId])
        else { return }
        require(
            "LON-2.4b", subject, events: [spell.record.event],
            "it is not recorded that the care plan and placement plan give security and reduce the risk enough")
    }

    /// LON-2.7b: two meetings on two days are two processes.
    private mutating func separateReviews(_ period: DualPeriod, _ child: History.Child) {
        guard dualMode("merge") else { return }
        let meetings = child.conferences.map { history.conferences[$0] }
        for (kind, other) in [(ConferenceType.review, ConferenceType.lookedAfterReview), (.lookedAfterReview, .review)]
        {
            let others = meetings.filter { $0.type == other || $0.type == .combined }
            let days = Set(others.compactMap { meetingDay($0) })
            let isOtherBooked = others.contains { $0.isOpen && $0.booking != nil }
            for meeting in meetings where meeting.type == kind {
                guard let day = meetingDay(meeting), day > period.from, period.covers(day), !days.contains(day),
                    meeting.held != nil || isOtherBooked,
                    let event = meeting.held?.record.event ?? meeting.booking?.record.event
                else { continue }
                require(
                    "LON-2.7b", Subject(childId: child.id, conferenceId: meeting.id, planId: period.plan.facts.planId),
                    events: [event], "the child protection review and the looked-after review are not one meeting")
            }
        }
    }

    private func meetingDay(_ conference: History.Conference) -> Day? {
        conference.heldOn ?? (conference.isOpen ? conference.booking?.startsAt.day : nil)
    }
}

/// LIN-2.3: no two plans unless in exceptional circumstances; which of them stays is decided.
extension Docket {
    /// A child on a plan became looked after, or came to be in care proceedings.
    private struct Trigger {
        var record: Record
        var day: Day
        var ended: Day?
    }

    private func triggers(of plan: History.Plan, _ child: History.Child) -> [Trigger] {
        var triggers = child.lookedAfter.map {
            Trigger(record: $0.record, day: $0.facts.startedOn, ended: $0.ended)
        }
        for proceedings in history.reviewing.proceedings where proceedings.children.contains(child.id) {
            triggers.append(
                Trigger(
                    record: proceedings.record, day: proceedings.day,
                    ended: history.reviewing.concluded[proceedings.id]))
        }
        return triggers.filter { isActive(plan, on: $0.day) }.sorted {
            ($0.day, $0.record.occasion) < ($1.day, $1.record.occasion)
        }
    }

    private mutating func choosePlan(_ plan: History.Plan, _ child: History.Child) {
        guard dualMode("choose"), isInForce("LIN-2.3b") else { return }
        let triggers = triggers(of: plan, child)
        guard let first = triggers.first else { return }
        let subject = Subject(childId: child.id, planId: plan.facts.planId)
        let decisions = dualDecisions(plan, child, from: first.day)
        for (place, trigger) in triggers.enumerated() {
            if !child.lookedAfter.contains(where: { $0.record.occasion == trigger.record.occasion }) {
                tell(.dualStatus, subject, occasion: trigger.record.occasion, on: trigger.day)
            }
            // A later trigger asks nothing again once the choice is made.
            let decided = decisions.first
            if place > 0, let decided, decided.record.at.map({ $0.day <= trigger.day }) ?? false { continue }
            let row = enter(choice(trigger, decided?.record, plan, child))
            let isOver = row.map { $0.state == .missed || $0.state == .met || $0.state == .metLate } ?? false
            let isKept = decided.map { $0.facts.planKept == "both" } ?? true
            let hasReason =
                trigger.record.details.contains(.exceptionReason)
                || decided?.record.details.contains(.exceptionReason) ?? false
            guard isOver, isKept, !hasReason else { continue }
            require(
                "LIN-2.3a", subject, events: [trigger.record.event] + (decided.map { [$0.record.event] } ?? []),
                "two plans run side by side, and no exceptional reason is recorded")
        }
    }

    private func choice(
        _ trigger: Trigger, _ decided: Record?, _ plan: History.Plan, _ child: History.Child
    ) -> Obligation {
        var duty = Obligation(
            .dualPlanDecision, Subject(childId: child.id, planId: plan.facts.planId), occasion: trigger.record.occasion,
            anchor: Anchor(trigger.record, on: trigger.day), terms: [policy.limit(.dualChoice, on: trigger.day)],
            act: Obligation.Act(decided))
        duty.knownAt = trigger.record.at
        duty.actor = "conference_chair"
        duty.withdrawal = end(of: plan, child)
        if let ended = trigger.ended, duty.withdrawal?.on.map({ ended < $0 }) ?? true {
            duty.withdrawal = Obligation.Withdrawal(cause: "not_required", on: ended)
        }
        return duty
    }

    /// Those that the right people took: the team manager and the chair, or a combined meeting.
    private mutating func dualDecisions(
        _ plan: History.Plan, _ child: History.Child, from day: Day
    ) -> [(record: Record, facts: DualDecided)] {
        let all = history.reviewing.dualDecisions.filter {
            isOf($0.facts.childId, $0.facts.planId, child, plan.facts.planId)
                && $0.record.at.map { $0.day >= day } ?? true
        }
        let subject = Subject(childId: child.id, planId: plan.facts.planId)
        return all.filter { record, fact in
            guard record.at != nil else {
                require("LIN-2.3b", subject, events: [record.event], "cannot be judged: no decidedAt")
                return false
            }
            if isTakenRightly(fact, record, child) { return true }
            refuse(
                "LIN-2.3b", subject, event: record.event,
                "neither the team manager and the chair together nor a combined meeting decided which plan stays")
            return !mayRefuse("LIN-2.3b")
        }
    }

    func isTakenRightly(_ fact: DualDecided, _ record: Record, _ child: History.Child) -> Bool {
        if fact.route == "combined" {
            if let id = fact.conferenceId, let place = history.conference(id) {
                return history.conferences[place].type == .combined && history.conferences[place].held != nil
            }
            return child.heldReviews.contains {
                history.conferences[$0].type == .combined && history.conferences[$0].heldOn == record.at?.day
            }
        }
        let roles = Set(fact.decidedBy.compactMap(\.role))
        return roles.contains("team_manager") && roles.contains("conference_chair")
    }
}

/// LON-2.9, 2.10a to c: the reviewing officer as chair.
extension Docket {
    mutating func dualChair(of conference: History.Conference) {
        guard let type = conference.type, type != .lookedAfterReview,
            isInForce("LON-2.9") || isInForce("LON-2.10c")
        else { return }
        let chairs = history.reviewing.chairs[conference.id] ?? []
        guard let day = conference.heldOn ?? conference.booking?.startsAt.day ?? chairs.last?.record.at?.day else {
            return
        }
        let periods = Set(conference.children).sorted().compactMap { history.child($0) }.flatMap {
            dualPeriods(of: $0).filter { $0.covers(day) }
        }
        guard let period = periods.first else { return }
        let subject = Subject(conferenceId: conference.id)
        let details = chairs.map(\.record.details)
        if let event = chairs.last?.record.event ?? conference.held?.record.event {
            for (rule, isKept, message) in [
                (
                    "LON-2.9", details.contains { $0.contains(.considered) },
                    "whether the reviewing officer should chair is not recorded as considered"
                ),
                (
                    "LON-2.10a", details.contains { $0.contains(.independenceRationale) },
                    "how the reviewing officer's independence is kept is not recorded"
                ),
                (
                    "LON-2.10b", details.contains { $0.contains(.childConsulted) || $0.contains(.view) },
                    "it is not recorded that the child was asked about the reviewing officer as chair"
                ),
            ] where !isKept {
                require(rule, subject, events: [event], message)
            }
        }
        guard type.isReview, let held = conference.held else { return }
        let officers = Set(periods.compactMap(\.spell.facts.iroId))
        let isThere =
            held.facts.chairId.map(officers.contains) ?? false
            || held.facts.attendees.contains {
                $0.role == "iro" || $0.personId.map(officers.contains) ?? false
            } || chairs.last.map { $0.facts.chairRole == "iro" && $0.facts.chairId == held.facts.chairId } ?? false
        guard !isThere else { return }
        require(
            "LON-2.10c", subject, events: [held.record.event, period.spell.record.event].sorted(),
            "the reviewing officer neither chaired nor attended the review")
    }
}
