// Where plans and conferences stand: rulebook, sections C2 and C3.

extension Docket {
    mutating func status(of plan: History.Plan, child: History.Child) -> PlanStatus {
        let start = plan.facts.startedOn
        let isUnborn = plan.facts.unborn == true || child.isUnborn
        let born = isUnborn ? child.born : nil
        var (state, since) = ("active_initial", max(start, born ?? start))
        if isUnborn && born == nil { (state, since) = ("active_unborn", start) }
        let initial = initial(of: plan, child)?.heldOn ?? start
        if let first = nextReview(of: child, after: initial, plan, before: plan.ended)?.at?.day,
            state == "active_initial"
        {
            (state, since) = ("active", first)
        }
        if let ended = plan.ended { (state, since) = ("ended", ended) }
        let categories = categories(of: plan)
        return PlanStatus(
            childId: child.id, planId: plan.facts.planId, state: state, category: categories.initial, since: since,
            currentCategory: categories.current, flags: plan.ended == nil ? flags(of: plan, child) : [])
    }

    func status(of conference: History.Conference) -> ConferenceStatus {
        ConferenceStatus(
            conferenceId: conference.id, state: state(of: conference), quorum: quorumStatus(of: conference),
            startsAt: conference.booking?.startsAt, conferenceType: conference.type,
            childIds: Set(conference.children).sorted(), socialWorkerAttended: socialWorkerAttended(conference))
    }

    /// Held always wins, whatever is known before it.
    private func state(of conference: History.Conference) -> String {
        if conference.held != nil {
            let done = deadlines.filter {
                $0.subject.conferenceId == conference.id && ($0.state == .met || $0.state == .metLate)
            }
            if done.contains(where: { $0.duty == .conferenceRecord }) { return "record_issued" }
            return done.contains { $0.duty == .decisionLetterAll } ? "decision_issued" : "held"
        }
        if conference.isCancelled { return "cancelled" }
        if conference.isAdjourned { return "adjourned" }
        if conference.isPostponed { return "postponed" }
        if conference.pendingRequest != nil { return "postponement_pending" }
        if conference.booking != nil { return "scheduled" }
        switch conference.decision {
        case "no": return "declined"
        case nil: return "requested"
        default: return "convened"
        }
    }
}
