// Which endings of a plan have effect: rulebook, section C3, "Permitted endings"; LON-2.6a (001, 2.6), LON-10.3 and
// LON-10.5 to 10.7 (001, 10.3-10.7), LIN-2.0a to 2.2b, 2.4b, 2.5a, 2.6b and 2.7d (002, section 2).

/// Why a plan ends, by the code that the event gives. Any other code is a local one, and is treated as none of these.
enum EndingGround: String {
    case noContinuingRisk = "no_continuing_risk"
    case noLongerNeeded = "no_longer_needed"
    /// Another plan replaces it, as of a child who is looked after.
    case otherPlan = "other_plan"
    case careOrder = "care_order"
    case moved
    case aged18 = "aged_18"
    case died, abroad
}

extension History.Ending {
    var ground: EndingGround? { facts.groundCode.flatMap(EndingGround.init) }
}

extension Docket {
    /// Decides for each `plan.ended` whether it has effect. One that is refused leaves the plan and its clocks running.
    mutating func settleEndings() {
        for place in history.plans.indices {
            let plan = history.plans[place]
            guard let child = history.child(plan.facts.childId) else { continue }
            for (record, facts) in history.planWork[plan.facts.planId]?.proposals ?? []
            where facts.childId ?? child.id == child.id {
                judge(record, facts, of: plan, child)
            }
            for end in history.planEnds
            where end.facts.planId == plan.facts.planId && end.facts.childId ?? child.id == child.id {
                if isByDeath(end, child) {
                    checkDate(of: end, plan, child)
                } else if hasEffect(end, of: plan, child) {
                    history.plans[place].ending = end
                    history.plans[place].ended = end.facts.endedOn
                }
            }
            endWithLife(place, child)
        }
    }

    /// LIN-2.6b: the plan ends on the day of the death, whatever is recorded later or not at all. A pregnancy that is
    /// lost ends the plan for the unborn child in the same way.
    private mutating func endWithLife(_ place: Int, _ child: History.Child) {
        guard let life = child.end, history.plans[place].ended.map({ life.on <= $0 }) ?? true else { return }
        history.plans[place].ended = max(life.on, history.plans[place].facts.startedOn)
        history.plans[place].ending = nil
    }

    /// From the day of the death on there is nothing left to decide.
    private func isByDeath(_ end: History.Ending, _ child: History.Child) -> Bool {
        guard let died = child.died else { return false }
        return end.ground == .died || end.facts.endedOn >= died
    }

    private mutating func checkDate(of end: History.Ending, _ plan: History.Plan, _ child: History.Child) {
        guard end.facts.endedOn != child.died else { return }
        require(
            "LIN-2.6b", plan.subject, events: [end.record.event] + [child.death?.record.event].compactMap(\.self),
            "the end of the plan is recorded on another day than the child's death: it ended when the child died")
    }

    private mutating func hasEffect(_ end: History.Ending, of plan: History.Plan, _ child: History.Child) -> Bool {
        let ending = EndingCase(end, of: plan, child, in: self)
        var isRefused = false
        for objection in ending.objections() {
            if mayRefuse(objection.rule) {
                refuse(objection.rule, plan.subject, event: end.record.event, objection.message)
                isRefused = true
            } else {
                require(objection.rule, plan.subject, events: [end.record.event], objection.message)
            }
        }
        for remark in ending.remarks() {
            require(remark.rule, plan.subject, events: [end.record.event], remark.message)
        }
        return !isRefused
    }

    /// A proposal changes nothing; those of its conditions that an ending must meet are judged on it as well.
    private mutating func judge(
        _ record: Record, _ facts: PlanEndProposed, of plan: History.Plan, _ child: History.Child
    ) {
        // One without a date is judged as of the meeting that it is meant for.
        let meeting = facts.conferenceId.flatMap(history.conference).flatMap { history.conferences[$0].heldOn }
        var ended = PlanEnded(
            planId: facts.planId, endedOn: facts.proposedAt?.day ?? meeting ?? plan.facts.startedOn)
        (ended.groundCode, ended.route, ended.conferenceId) = (facts.groundCode, facts.route, facts.conferenceId)
        (ended.openActions, ended.openAssessments, ended.openWork) = (
            facts.openActions, facts.openAssessments, facts.openWork
        )
        let ending = EndingCase(
            History.Ending(record: record, facts: ended), of: plan, child, in: self, isProposal: true)
        for objection in ending.objectionsToProposal() {
            if mayRefuse(objection.rule) {
                refuse(objection.rule, plan.subject, event: record.event, objection.message)
            } else {
                require(objection.rule, plan.subject, events: [record.event], objection.message)
            }
        }
        if let remark = ending.unfinishedWork() {
            require(remark.rule, plan.subject, events: [record.event], remark.message)
        }
    }
}

extension History.Plan {
    var subject: Subject { Subject(childId: facts.childId, planId: facts.planId) }
}
