// Who may chair: LON-8.1 (001, 8.1). Past responsibility for the case counts without limit of time. A refused
// appointment leaves the chair before it in place.

extension Docket {
    /// Decides which appointment stands.
    mutating func settleChair(of conference: History.Conference) {
        var appointed: Set<String> = []
        for (record, facts) in conference.chairs where mayChair(facts, record, conference) {
            appointed.insert(facts.chairId)
            conference.chairId = facts.chairId
            keepChair(facts, record, conference)
        }
        // Whoever was refused neither signs nor rules as the chair, save who chaired all the same.
        conference.aftermath.assignedChairs = appointed
        for (_, booking) in conference.bookings {
            if let chair = booking.chairId { appointed.insert(chair) }
        }
        if let chair = conference.held?.facts.chairId {
            conference.chairId = chair
            appointed.insert(chair)
        }
        conference.involvement.chairs = appointed
    }

    private mutating func mayChair(
        _ facts: ChairAssigned, _ record: Record, _ conference: History.Conference
    ) -> Bool {
        guard conference.type != .lookedAfterReview else { return true }
        var problems: [(String, String)] = []
        if let problem = unfitRole(facts) { problems.append(problem) }
        let hasWorked = conference.children.contains { history.child($0)?.workers.contains(facts.chairId) ?? false }
        if record.details.contains(.caseHistory) || facts.lineManages == true || hasWorked {
            problems.append(("LON-8.1b", "the chair has, or has had, responsibility for the case"))
        }
        let subject = Subject(conferenceId: conference.id)
        var stands = true
        for (rule, message) in problems {
            if mayRefuse(rule) {
                refuse(rule, subject, event: record.event, message)
                stands = false
            } else {
                require(rule, subject, events: [record.event], message)
            }
        }
        return stands
    }

    /// LON-8.1a: a manager of children's social care, or independent; LON-8.1d: an IRO trained and experienced.
    private func unfitRole(_ facts: ChairAssigned) -> (String, String)? {
        switch facts.chairRole {
        case nil, "csc_manager", "team_manager", "service_manager", "cp_chair_manager": return nil
        case "conference_chair", "other_independent_chair":
            return facts.independent == false ? ("LON-8.1a", "the chair is not independent") : nil
        case "iro":
            let isFit = facts.trained != false && facts.experienced != false
            return isFit ? nil : ("LON-8.1d", "the IRO is not trained and experienced as a chair")
        default: return ("LON-8.1a", "the chair is neither a manager of children's social care nor independent")
        }
    }

    /// LON-8.1c: the child's later reviews keep their chair where possible.
    private mutating func keepChair(_ facts: ChairAssigned, _ record: Record, _ conference: History.Conference) {
        guard conference.type?.isReview ?? false, !record.details.contains(.reason),
            let day = conference.heldOn ?? conference.booking?.startsAt.day
        else { return }
        for id in Set(conference.children).sorted() {
            let before = history.child(id)?.conferences.last { place in
                guard let on = history.conferences[place].heldOn else { return false }
                return on < day && history.conferences[place].type != .lookedAfterReview
            }
            guard let before, let chair = history.conferences[before].held?.facts.chairId, chair != facts.chairId else {
                continue
            }
            require(
                "LON-8.1c", Subject(childId: id, conferenceId: conference.id), events: [record.event],
                "the chair has changed since the child's last conference, and no reason is recorded")
        }
    }
}
