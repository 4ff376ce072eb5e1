// When the social worker or the chair cannot come: CAN-3 (000, section 3), MAN-7a and 7b (003, what is no reason).

extension Docket {
    mutating func cover(of conference: History.Conference) {
        let deputies = conference.deputies.filter { mayDeputise($0.facts, $0.record, conference) }.map(\.facts.deputyId)
        askForCover(conference, deputies)
        guard let held = conference.held, !held.facts.attendees.isEmpty else { return }
        let attendees = held.facts.attendees
        let present = Set(attendees.compactMap(\.personId))
        let isDeputised = deputies.contains { present.contains($0) }
        let hasWorker = attendees.contains { $0.role == "social_worker" }
        let hasManager = attendees.contains { $0.role == "team_manager" }
        let subject = Subject(conferenceId: conference.id)
        if !hasWorker && !hasManager && !isDeputised {
            for rule in ["CAN-3.1", "MAN-7a"] {
                require(
                    rule, subject, events: [held.record.event],
                    "the social worker was absent, and neither the team manager nor a confirmed deputy came")
            }
        }
        if isDeputised && !held.record.details.contains(.deputyContributed) {
            require(
                "CAN-3.3", subject, events: [held.record.event],
                "it is not recorded that the deputy shared information and took part in decisions")
        }
    }

    /// CAN-3.2: the team manager names the deputy, who knows the case well enough.
    private mutating func mayDeputise(
        _ facts: DeputyNominated, _ record: Record, _ conference: History.Conference
    ) -> Bool {
        let isByManager = facts.nominatedByRole == nil || facts.nominatedByRole == "team_manager"
        guard !isByManager || facts.familiarityConfirmed != true else { return true }
        let message =
            isByManager
            ? "it is not confirmed that the deputy knows the case" : "the deputy was not named by the team manager"
        let subject = Subject(conferenceId: conference.id)
        guard mayRefuse("CAN-3.2") else {
            require("CAN-3.2", subject, events: [record.event], message)
            return true
        }
        refuse("CAN-3.2", subject, event: record.event, message)
        return false
    }

    /// E18: the team manager covers for the social worker; another chair is looked for (CAN-3.4, MAN-7b).
    private mutating func askForCover(_ conference: History.Conference, _ deputies: [String]) {
        let subject = Subject(conferenceId: conference.id)
        for (record, facts) in conference.apologies where facts.role == "social_worker" {
            guard let day = record.at?.day else { continue }
            let named = conference.deputies.first { deputies.contains($0.facts.deputyId) }?.record.at
            tell(
                .coverForWorker, subject, occasion: record.occasion, on: day, done: named, isOff: conference.held != nil
            )
        }
        for (record, facts) in conference.chairsUnavailable {
            let found = conference.chairs.first { chair in
                guard chair.facts.chairId != facts.chairId, let at = chair.record.at, let reported = record.at else {
                    return false
                }
                return at.earliest >= reported.earliest
            }
            if let day = record.at?.day {
                tell(
                    .coverForChair, subject, occasion: record.occasion, on: day, done: found?.record.at,
                    isOff: conference.held != nil)
            }
            guard found == nil, !record.details.contains(.alternativesTried), conference.held == nil else { continue }
            require(
                "CAN-3.4", subject, events: [record.event],
                "no search for another chair is recorded, and none is named")
        }
    }
}
