// Who came, and what managers look ahead to: LON-3.4 (001, 3.4), LIN-5.1 (002, section 5), SWI-6 (004, item 6), CAN-1.4
// (000, section 1).

extension Docket {
    mutating func attendance(at conference: History.Conference) {
        guard Requirement.Scope.conferences.covers(conference.type) else { return }
        apologies(for: conference)
        coreGroup(at: conference)
    }

    /// LON-3.4: what the absent must do is lost (G17); that the reason was unavoidable shows only where it is recorded.
    private mutating func apologies(for conference: History.Conference) {
        for (record, apology) in conference.involvement.apologies where !record.details.contains(.reason) {
            let role = apology.role ?? apology.personId.flatMap { conference.role(of: $0) }
            guard !Docket.isFamily(role) else { continue }
            require(
                "LON-3.4", Subject(conferenceId: conference.id), events: [record.event],
                "the reason why a professional could not come is not recorded")
        }
    }

    /// LIN-5.1: the chair and the core group come to a review.
    private mutating func coreGroup(at conference: History.Conference) {
        guard let held = conference.held, conference.type?.isReview ?? false else { return }
        let subject = Subject(conferenceId: conference.id)
        let attendees = held.facts.attendees
        if held.facts.chairId == nil, !attendees.contains(where: { Docket.isChair($0.role) }) {
            require("LIN-5.1", subject, events: [held.record.event], "no chair is recorded at the review")
        }
        let children = Set(conference.children)
        for plan in history.plans where children.contains(plan.facts.childId) {
            guard let on = conference.heldOn, plan.facts.startedOn < on, plan.ended.map({ $0 >= on }) ?? true else {
                continue
            }
            let members = Set(present(plan.facts.coreGroup, of: plan, by: on).compactMap(\.personId))
            guard !members.isSubset(of: attendees.compactMap(\.personId)) else { continue }
            require(
                "LIN-5.1", Subject(childId: plan.facts.childId, conferenceId: conference.id, planId: plan.facts.planId),
                events: [held.record.event, plan.record.event],
                "not every member of the core group is recorded at the review")
        }
    }

    /// SWI-6: the coming reviews are gone through in supervision.
    mutating func supervision() {
        guard isInForce("SWI-6") else { return }
        for session in history.occurrences where session.type == .supervisionSessionRecorded {
            guard let at = session.record.at, !session.record.details.contains(.conferencesReviewed),
                history.conferences.contains(where: { Docket.isComing($0, after: at) })
            else { continue }
            require(
                "SWI-6", Subject(), events: [session.record.event],
                "a review was coming up, and the supervision session names none that was gone through")
        }
    }

    private static func isComing(_ conference: History.Conference, after at: Moment) -> Bool {
        guard let booking = conference.booking, conference.type?.isReview ?? false, !conference.isCancelled else {
            return false
        }
        return booking.startsAt.day > at.day && booking.record.at.map { $0.day <= at.day } ?? true
    }

    func socialWorkerAttended(_ conference: History.Conference) -> Bool? {
        conference.held?.facts.socialWorkerAttended
    }

    static func isFamily(_ role: String?) -> Bool { role == "parent_carer" || role == "child" }

    /// Who may lead a conference, by role.
    static func isChair(_ role: String?) -> Bool {
        switch role {
        case "conference_chair", "cp_chair_manager", "other_independent_chair": true
        default: false
        }
    }
}

extension ConferenceHeld {
    /// CAN-1.4: for the attendance figures; `nil` where nobody's attendance is recorded.
    public var socialWorkerAttended: Bool? {
        attendees.isEmpty ? nil : attendees.contains { $0.role == "social_worker" }
    }
}
