// Core groups and the actions of a plan: LON-9.8b (001, 9.8), LON-14.3a to c (001, 14.3).

extension Requirement {
    static let coreGroups: [Requirement] = [
        Requirement(
            "LON-14.3a", .coreGroupHeld, needs: [.decisions, .actions],
            "the core group's decisions and actions are not both recorded")
    ]
}

extension Docket {
    mutating func coreGroups(of plan: History.Plan) {
        guard let work = history.planWork[plan.facts.planId] else { return }
        for (record, meeting) in work.coreGroups {
            if isSomeoneAbsent(from: meeting, plan), !record.details.contains(.absentViews) {
                require(
                    "LON-14.3b", plan.subject, events: [record.event],
                    "members of the core group were absent, and no written views of theirs are kept")
            }
            if record.details.contains(.actions), !isPlanUpdated(after: record, meeting, work) {
                require(
                    "LON-14.3c", plan.subject, events: [record.event],
                    "the core group agreed actions, and no update of the plan is recorded")
            }
        }
        if let first = work.coreGroups.first,
            !work.coreGroups.contains(where: { $0.record.details.contains(.planDetailAgreed) })
        {
            require(
                "LON-9.8b", plan.subject, events: [plan.record.event, first.record.event],
                "no core group has recorded that it agreed the plan's details")
        }
        overdueActions(of: plan)
    }

    /// By agency where the meeting's people are not named. Unknown members cannot be missed.
    private func isSomeoneAbsent(from meeting: CoreGroup, _ plan: History.Plan) -> Bool {
        guard !meeting.attendees.isEmpty else { return false }
        let people = Set(meeting.attendees.compactMap(\.personId))
        let agencies = Set(meeting.attendees.compactMap(\.agency))
        return plan.facts.coreGroup.contains { member in
            if let id = member.personId, people.contains(id) { return false }
            guard let agency = member.agency else {
                return member.personId != nil && people.count == meeting.attendees.count
            }
            return !agencies.contains(agency)
        }
    }

    private func isPlanUpdated(after record: Record, _ meeting: CoreGroup, _ work: History.PlanWork) -> Bool {
        if meeting.planUpdatedAt != nil { return true }
        return work.updates.contains { $0.facts.updatedAt.day >= meeting.heldAt.day }
    }

    /// LON-14.3b, "follow up": an action past its date is on record from the next day on, until it is done.
    private mutating func overdueActions(of plan: History.Plan) {
        var late: Set<String> = []
        for (action, record) in actions(of: plan) where action.doneAt == nil {
            guard let due = action.dueAt?.day, plan.ended.map({ due < $0 }) ?? true else { continue }
            let passed = London.start(of: due.adding(days: 1))
            mayChange(at: passed)
            if asOf >= passed { late.insert(record.event) }
        }
        for event in late.sorted() {
            require(
                "LON-14.3b", plan.subject, events: [event], "an agreed action is past its date and not recorded as done"
            )
        }
    }

    /// Each action as last reported, with the event that said so; `day` leaves out those that were added later. An
    /// action without an id is known by the last report alone.
    func actions(
        of plan: History.Plan, by day: Day? = nil
    ) -> [(action: ActionsUpdated.Action, record: Record)] {
        let updates = history.planWork[plan.facts.planId]?.updates ?? []
        var named: [String: Int] = [:]
        var all: [(action: ActionsUpdated.Action, record: Record)] = []
        for (record, update) in updates {
            let isEarly = day.map { update.updatedAt.day <= $0 } ?? true
            if isEarly { all.removeAll { $0.action.actionId == nil } }
            for (place, one) in all.enumerated() { one.action.actionId.map { named[$0] = place } }
            for action in update.actions {
                if let id = action.actionId, let place = named[id] {
                    all[place] = (action, record)
                } else if isEarly {
                    if let id = action.actionId { named[id] = all.count }
                    all.append((action, record))
                }
            }
        }
        return all
    }

    /// Today's core group: those named when the plan began, and who came to the last meeting by then.
    func coreGroup(of plan: History.Plan, by day: Day) -> [Participant] {
        let family: Set = ["parent_carer", "child", "supporter", "interpreter"]
        let meetings = history.planWork[plan.facts.planId]?.coreGroups ?? []
        let last = meetings.last { $0.facts.heldAt.day <= day }?.facts.attendees ?? []
        return (present(plan.facts.coreGroup, of: plan, by: day) + last).filter { !family.contains($0.role ?? "") }
    }

    /// Those who stand today for the people named when the plan began: a new social worker for the one before.
    func present(_ people: [Participant], of plan: History.Plan, by day: Day) -> [Participant] {
        let handovers = history.child(plan.facts.childId)?.handovers.filter { $0.on <= day } ?? []
        return people.map { person in
            var person = person
            for handover in handovers where handover.from == person.personId { person.personId = handover.to }
            return person
        }
    }

    /// The agencies invited to the conference that made the plan: kept for the plan's life (LON-10.9).
    func initialInvitees(of plan: History.Plan, _ child: History.Child) -> [Participant] {
        let family: Set = ["parent_carer", "child", "supporter", "interpreter", "observer"]
        let kept = plan.facts.initialInvitees
        let invited = kept.isEmpty ? initial(of: plan, child)?.invitees ?? [] : kept
        return invited.filter { !family.contains($0.role ?? "") }
    }
}
