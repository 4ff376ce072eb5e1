// What a plan has on record when it begins, and what it is marked with while it lasts: LON-8.2 (001, 8.2), LON-9.5 to
// LON-9.9 (001, 9.5-9.9); rulebook, section C3. LON-9.5b: the first category is kept beside the present one.

extension Requirement {
    static let plans: [Requirement] = [
        Requirement(
            "LON-10.6b", .planEnded, needs: [.decisionNote],
            "the decision to end the plan is not on the child's record")
    ]
}

extension Docket {
    mutating func beginnings(of plan: History.Plan, child: History.Child) {
        let events = [plan.record.event]
        let categories = categories(of: plan)
        if categories.initial == nil {
            require("LON-9.5", plan.subject, events: events, "the plan has no category")
        } else if categories.initial == "multiple" {
            require("LON-9.5", plan.subject, events: events, "the plan's category names no main concern")
        } else if !plan.record.details.contains(.categorySetBy) {
            require(
                "LON-9.5", plan.subject, events: events, "it is not recorded that the chair set the plan's category")
        }
        let conference = initial(of: plan, child)
        if !plan.record.details.contains(.recommendations),
            !(conference?.held?.record.details.contains(.recommendations) ?? false)
        {
            require(
                "LON-9.7", plan.subject, events: events,
                "no recommendations are recorded on how agencies and family will work together")
        }
        if isForBaby(plan, child), !plan.record.details.contains(.sudiConsidered) {
            require(
                "LON-9.9", plan.subject, events: events,
                "the risk of sudden unexpected death in infancy is not recorded as considered")
        }
        if policy.choice(.planChecklist) != nil, !plan.record.details.contains(.checklist) {
            require(
                "LON-8.2", plan.subject, events: events, "what the chair sees to once a plan is made is not recorded")
        }
    }

    /// Unborn, or below the age of the policy (`baby.maxAge`) when the plan began.
    private func isForBaby(_ plan: History.Plan, _ child: History.Child) -> Bool {
        let start = plan.facts.startedOn
        if plan.facts.unborn == true || (child.isUnborn && child.born == nil) { return true }
        guard let born = child.born, let age = policy.limit(.babyAge, on: start) else { return false }
        return start < born.adding(age.limit)
    }

    /// The category that the plan began with, or was given later where it began with none, and the one in force.
    func categories(of plan: History.Plan) -> (initial: String?, current: String?) {
        let changes = history.planWork[plan.facts.planId]?.categories.map(\.newCategory) ?? []
        let initial = plan.facts.category ?? changes.first
        return (initial, changes.last ?? initial)
    }

    mutating func flags(of plan: History.Plan, _ child: History.Child) -> [String] {
        let today = London.day(of: asOf)
        var flags: [String] = []
        let isLookedAfter = child.lookedAfter.contains { spell in
            spell.facts.startedOn <= today && (spell.ended.map { $0 > today } ?? true)
        }
        if isLookedAfter { flags.append("dual") }
        if isMoving(child) { flags.append("moving") }
        if child.isLost(on: today) { flags.append("whereabouts_unknown") }
        if !history.proceedings(on: child.id, at: today).isEmpty { flags.append("in_proceedings") }
        if let last = lastConference(of: plan, child), isInquorate(last, for: child.id) {
            flags.append("inquorate_followup")
        }
        let isDisputed = history.casework.complaints.values.contains { complaint in
            complaint.concluded == nil
                && complaint.received?.facts.conferenceId.flatMap(history.conference).map(child.conferences.contains)
                    ?? false
        }
        if isDisputed { flags.append("complaint_open") }
        // A plan taken over from another authority counts from its original start.
        let start = child.originalPlanStart.map { min($0, plan.facts.startedOn) } ?? plan.facts.startedOn
        for (key, flag) in [(LimitKey.over18Months, "over_18m"), (.over24Months, "over_24m")] {
            guard let age = policy.limit(key, on: start) else { continue }
            let from = London.start(of: start.adding(age.limit))
            mayChange(at: from)
            if asOf >= from { flags.append(flag) }
        }
        return flags.sorted()
    }

    /// A permanent move is known, and the receiving authority's conference is awaited.
    private func isMoving(_ child: History.Child) -> Bool {
        let notices = child.transfersOut.filter { $0.permanent == true }.map(\.day)
        guard let since = (notices + child.permanentMoves).max() else { return false }
        return !child.receivingConferences.contains { $0.at.map { $0.day >= since } ?? false }
    }

    private func lastConference(of plan: History.Plan, _ child: History.Child) -> History.Conference? {
        let places = child.heldInitial + child.heldReviews
        return places.map { history.conferences[$0] }.max { left, right in
            (left.held?.record.at?.earliest ?? .distantFuture, left.id) < (
                right.held?.record.at?.earliest ?? .distantFuture, right.id
            )
        }
    }

    /// Whether it is the first review of the plan.
    func isFirstReview(_ conference: History.Conference, of plan: History.Plan, _ child: History.Child) -> Bool {
        let from = initial(of: plan, child)?.heldOn ?? plan.facts.startedOn
        let first = nextReview(of: child, after: from, plan, before: nil)
        return first?.event == conference.held?.record.event
    }
}

extension Day {
    /// A limit in days or months on, or back where negative.
    func adding(_ limit: Limit) -> Day {
        switch limit.unit {
        case .months: adding(months: limit.count)
        case .calendarDays, .workingDays, .hours: adding(days: limit.count)
        }
    }
}
