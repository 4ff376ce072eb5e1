// Agencies that do not agree: LON-11.1a, 11.1b and 11.2 (001, 11), LIN-6.7 (002, section 6); notice E50.

extension Requirement {
    static let dissents = [
        Requirement(
            "LON-11.1a", .dissentRecorded, .conferences, needs: [.reasons],
            "the reasons for the dissent are not recorded"),
        Requirement(
            "LON-11.1a", .dissentRecorded, .conferences, needs: [.decisionRef],
            "it is not recorded which decision is disputed"),
        Requirement(
            "LON-11.2", .dissentRecorded, .conferences, needs: [.protocolVersion],
            "no local protocol for professional disagreement is named"),
    ]
}

extension Docket {
    mutating func dissents(from conference: History.Conference) {
        guard Requirement.Scope.conferences.covers(conference.type) else { return }
        for (record, dissent) in conference.aftermath.dissents {
            minuted(record, dissent, conference)
            escalated(record, dissent, conference)
        }
    }

    /// Once the record is out, the dissent must be in it.
    private mutating func minuted(_ record: Record, _ dissent: Dissent, _ conference: History.Conference) {
        let subject = Subject(conferenceId: conference.id)
        if dissent.agency == nil {
            require("LON-11.1a", subject, events: [record.event], "it is not recorded which agency dissents")
        }
        guard !conference.aftermath.copies.isEmpty, !record.details.contains(.recordIncludesDissent) else { return }
        require("LON-11.1a", subject, events: [record.event], "the conference record does not show the dissent")
        if conference.held?.facts.decisions.contains(where: { $0.decision == "end" }) ?? false {
            require(
                "LIN-6.7", subject, events: [record.event],
                "the minutes do not show the dissent from the decision to end the plan")
        }
    }

    /// LON-11.1b: as soon as practicable after the conference.
    private mutating func escalated(_ record: Record, _ dissent: Dissent, _ conference: History.Conference) {
        let subject = Subject(conferenceId: conference.id)
        let start = conference.aftermath.escalations.first { escalation in
            guard let agency = dissent.agency, let other = escalation.facts.agency else { return true }
            return agency == other
        }
        let day = max(dissent.recordedAt.day, conference.heldOn ?? dissent.recordedAt.day)
        var obligation = Obligation(
            .dissentEscalation, subject, occasion: record.occasion, anchor: Anchor(event: record.event, on: day),
            terms: [policy.limit(.dissentEscalation, on: day)], act: Obligation.Act(start?.record))
        obligation.isAnnounced = false
        obligation.knownAt = record.at
        guard let row = enter(obligation), let due = row.due else { return }
        tell(
            .dissentAlert, subject, occasion: record.occasion, on: due.day, done: obligation.act?.at, known: record.at,
            towards: due, about: row)
    }
}
