// Children who move, and those who hand them on: LON-1.17b (001, 1.17), SWI-24a (004, item 24).

extension Docket {
    mutating func moves(of child: History.Child) {
        for move in child.circumstances.moves where concerns(move, child) { word(of: move, child) }
        if isInForce("SWI-24a") { incomingWorker(of: child) }
    }

    /// A child on a plan, or brought here on one; a move that is only for a time tells nobody anything.
    private func concerns(_ move: Told<ChildMoved>, _ child: History.Child) -> Bool {
        guard move.facts.permanent != false else { return false }
        let plans = history.plans.filter { $0.facts.childId == child.id }
        if plans.isEmpty || !child.transfersIn.isEmpty { return true }
        return plans.contains { $0.ended.map { $0 >= move.facts.movedOn } ?? true }
    }

    /// LON-1.17b: children's social care, designated health professionals and the police are told promptly.
    private mutating func word(of move: Told<ChildMoved>, _ child: History.Child) {
        let day = move.facts.movedOn
        guard let term = policy.limit(.moveNotice, on: day) else { return }
        let subject = Subject(childId: child.id)
        var duty = Obligation(
            .moveNotice, subject, occasion: move.record.occasion, anchor: Anchor(move.record, on: day), terms: [term])
        duty.act = move.facts.notifiedAt.map { Obligation.Act(event: move.record.event, at: $0) }
        if let at = duty.act?.at, at.earliest > asOf {
            mayChange(at: at.earliest)
            duty.act = nil
        }
        duty.actor = "social_worker"
        duty.knownAt = move.record.at
        if let end = child.end { duty.withdrawal = Obligation.Withdrawal(cause: end.cause, on: end.on) }
        let row = enter(duty)
        if let notice = self.day(of: .moveIn, before: day) {
            tell(
                .moveIn, subject, occasion: move.record.occasion, on: notice, done: duty.act?.at,
                isOff: row?.state == .withdrawn, about: row)
        }
        if duty.act != nil, !move.record.details.contains(.recipients) {
            require(
                term.rule, subject, events: [move.record.event],
                "it is not recorded who was told of the move")
        }
    }

    /// SWI-24a: where the case is to change hands, the new social worker attends the initial conference.
    private mutating func incomingWorker(of child: History.Child) {
        for place in child.heldInitial {
            let conference = history.conferences[place]
            guard let held = conference.held, let at = held.record.at,
                let incoming = incoming(of: child, at: at),
                !held.facts.attendees.contains(where: { $0.personId == incoming })
            else { continue }
            require(
                "SWI-24a", Subject(childId: child.id, conferenceId: conference.id), events: [held.record.event],
                "the social worker who takes the child on is not recorded as present at the conference")
        }
    }

    /// By a change that was planned by then and comes no sooner, else by the last transfer meeting before.
    private func incoming(of child: History.Child, at held: Moment) -> String? {
        let planned = child.circumstances.allocations.first { change in
            change.facts.planned == true && change.facts.role ?? "social_worker" == "social_worker"
                && change.facts.toPersonId != nil && change.facts.effectiveAt.day >= held.day
                && London.day(of: change.record.recordedAt) <= held.day
        }
        if let worker = planned?.facts.toPersonId { return worker }
        return child.circumstances.handovers.last { $0.day.map { $0 <= held.day } ?? false }?.facts
    }
}
