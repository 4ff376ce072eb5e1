// What a conference decides for each child, and who hears of it: LON-9.1 to 9.3, 9.6 and 10.1 to 10.2 (001, 9 and 10),
// LIN-1.1, 1.2, 7.1, 7.2 and 7.5 (002, sections 1 and 7); notice E25.

extension Requirement {
    static let decisions = [
        Requirement(
            "LIN-1.1", .conferenceHeld, .reviews, needs: [.harmConsidered],
            "it is not recorded that the review looked at continuing or likely significant harm"),
        Requirement(
            "LIN-1.1", .conferenceHeld, .reviews, needs: [.progressReviewed],
            "it is not recorded that the review looked at developmental progress against the plan"),
    ]
}

extension Docket {
    mutating func decisions(of conference: History.Conference) {
        guard let held = conference.held, let type = conference.type, Requirement.Scope.conferences.covers(type)
        else { return }
        for child in Set(conference.children).sorted() {
            let decision = held.facts.decisions.last { $0.childId == child }
            let subject = Subject(childId: child, conferenceId: conference.id)
            decided(decision, held.record, subject)
            threshold(decision, held, subject, isReview: type.isReview)
            if type.isReview { reviewed(decision, held, subject) }
        }
        let subject = Subject(conferenceId: conference.id)
        let isContinued = held.facts.decisions.contains { $0.decision == "continue" || $0.decision == "change" }
        if type.isReview && isContinued && !held.record.details.contains(.categoryReviewed) {
            require(
                "LIN-7.5", subject, events: [held.record.event],
                "the plan continues, and it is not recorded whether the category is still right")
        }
        if held.facts.decisions.contains(where: { $0.decision == "no_plan" }) {
            if !held.record.details.contains(.recommendations) {
                require(
                    "LON-10.1b", subject, events: [held.record.event],
                    "no plan was made, and no recommendation for further help is recorded")
            }
            tellOfNoPlan(conference, held)
        }
    }

    /// LON-9.6: one decision for each child.
    private mutating func decided(_ decision: ConferenceHeld.Decision?, _ held: Record, _ subject: Subject) {
        if decision?.decision == nil || decision?.decision == "not_decided" {
            require("LON-9.6", subject, events: [held.event], "no decision is recorded for the child")
        }
    }

    /// LON-9.1, 9.2, 9.3 and 10.1a: the answer to the threshold question, and a decision that agrees with it. The plan
    /// stands whatever is found.
    private mutating func threshold(
        _ decision: ConferenceHeld.Decision?, _ held: (record: Record, facts: ConferenceHeld), _ subject: Subject,
        isReview: Bool
    ) {
        guard let decision, let word = decision.decision, word != "not_decided" else { return }
        let events = [held.record.event]
        let answer = decision.threshold ?? held.facts.thresholdAnswer
        let isAnswered =
            answer != nil || held.record.details.contains(.thresholdAnswer)
            || isReview && decision.continuingRisk != nil
        if !isAnswered {
            require(
                "LON-9.1", subject, events: events,
                "the answer to the question whether the child needs a plan is not recorded")
        }
        if !decision.hasReasons {
            require("LON-9.1", subject, events: events, "the reasons for the decision are not recorded")
        }
        if decision.likelySignificantHarm == true {
            if !held.record.details.contains(.likelihoodBasis) {
                require(
                    "LON-9.2", subject, events: events,
                    "future harm is judged likely, and what that rests on is not recorded")
            }
            if word == "no_plan" {
                require(
                    "LON-9.3", subject, events: events,
                    "significant harm is judged likely, and yet no plan was made: inconsistent")
            }
        }
        if answer == false && word == "plan" {
            require(
                "LON-10.1a", subject, events: events,
                "a plan was made although the child neither suffered nor is likely to suffer significant harm")
        }
    }

    /// LIN-1.2, 7.1 and 7.2: what a review decides for a child on a plan.
    private mutating func reviewed(
        _ decision: ConferenceHeld.Decision?, _ held: (record: Record, facts: ConferenceHeld), _ subject: Subject
    ) {
        let events = [held.record.event]
        let word = decision?.decision
        let isFirstPlan = (word == "plan" || word == "no_plan") && !isOnPlan(subject.childId, on: held.facts.heldAt.day)
        if !["continue", "change", "end"].contains(word) && !isFirstPlan {
            require(
                "LIN-1.2", subject, events: events,
                "it is not recorded whether the plan continues, changes or ends")
        }
        if decision?.continuingRisk == nil {
            require(
                "LIN-7.1", subject, events: events,
                "it is not recorded whether the child is still at risk of significant harm")
        } else if decision?.hasReasons != true {
            require(
                "LIN-7.1", subject, events: events,
                "the reasons for the view on continuing risk are not recorded")
        }
        if decision?.continuingRisk == false && word == "continue" {
            require(
                "LIN-7.2", subject, events: events,
                "the risk has gone, and yet the plan continues: inconsistent, unless something else holds it open")
        }
    }

    private func isOnPlan(_ child: String?, on day: Day) -> Bool {
        history.plans.contains { plan in
            plan.facts.childId == child && plan.facts.startedOn < day && plan.ended.map { $0 >= day } ?? true
        }
    }
}

/// LON-10.2: the decision not to make a plan is told in person and in writing.
extension Docket {
    private mutating func tellOfNoPlan(
        _ conference: History.Conference, _ held: (record: Record, facts: ConferenceHeld)
    ) {
        guard isInForce("LON-10.2") else { return }
        // No time is stated: that of the decision letter is taken.
        let letter = deadlines.last {
            $0.duty == .decisionLetterAll && $0.subject.conferenceId == conference.id && $0.state != .superseded
        }
        guard let due = letter?.due else { return }
        let subject = Subject(conferenceId: conference.id)
        let people = Docket.people(conference.invitees + held.facts.attendees, where: Docket.hearsOfDecision)
        let letters = history.casework.noPlanLetters.filter { isAbout(conference, $0.facts) }
        let written =
            conference.letters
            + letters.filter { $0.facts.inPerson != true }.flatMap { Docket.sent($0.record, $0.facts) }
        let inWriting = Docket.complete(
            written.sorted { ($0.record.at?.order ?? .max) < ($1.record.at?.order ?? .max) }, people, unknown: nil)
        tell(
            .noPlanLetter, subject, occasion: conference.id, on: due.day, done: inWriting?.at, known: held.record.at,
            towards: due)
        let passed = due.latest.adding(microseconds: 1)
        if inWriting == nil {
            require(
                "LON-10.2", from: passed, subject, events: [held.record.event],
                "no plan was made, and not all parents and agencies are recorded as told in writing")
        }
        let spoken = letters.filter { $0.facts.inPerson == true }.flatMap { Docket.sent($0.record, $0.facts) }
        // Who was there heard it.
        let absent = people.filter { person in !held.facts.attendees.contains { $0.personId == person.id } }
        let isNobodyKnown = people.isEmpty && spoken.isEmpty
        if isNobodyKnown || !absent.isEmpty && Docket.complete(spoken, absent, unknown: nil) == nil {
            require(
                "LON-10.2", from: passed, subject, events: [held.record.event],
                "no plan was made, and not all parents and agencies are recorded as told in person")
        }
    }

    /// Parents and agencies.
    private static func hearsOfDecision(_ person: Participant) -> Bool {
        switch person.role {
        case "parent_carer", "agency_professional", "police_rep", "core_group_member", "other_authority": true
        case nil: person.agency != nil && person.agency != "childrens_social_care"
        default: false
        }
    }

    private func isAbout(_ conference: History.Conference, _ letter: LetterSent) -> Bool {
        if let id = letter.conferenceId { return id == conference.id }
        guard let child = letter.childId, let held = conference.heldOn else { return false }
        return conference.children.contains(child) && letter.sentAt.day >= held
    }

    private static func sent(_ record: Record, _ letter: LetterSent) -> [History.Conference.Sent] {
        if letter.recipients.isEmpty { return [History.Conference.Sent(record: record, person: nil, role: nil)] }
        return letter.recipients.map { History.Conference.Sent(record: record, person: $0.personId, role: $0.role) }
    }
}
