// The conditions on one ending of a plan, by ground and route: rulebook, section C3, "Permitted endings". The grounds of
// LON-10.4 are lost (G31): at a review any code is taken.

/// One ending of one child's plan, and what there is to say against it.
struct EndingCase {
    /// What a row has against it.
    struct Objection {
        let rule: String
        let message: String
        init(_ rule: String, _ message: String) {
            self.rule = rule
            self.message = message
        }
    }

    let end: History.Ending
    let plan: History.Plan
    let child: History.Child
    let docket: Docket
    /// A proposal is decided later: who decides, and after whose consultation, only the ending says.
    let isProposal: Bool
    /// The conference that it names or rests on.
    let conference: History.Conference?
    /// Why that is no review conference that ended the plan; `nil` where it is one.
    let fault: String?
    /// The meeting decided, and not to end.
    let isDecidedOtherwise: Bool

    private var facts: PlanEnded { end.facts }
    private var history: History { docket.history }

    init(
        _ end: History.Ending, of plan: History.Plan, _ child: History.Child, in docket: Docket,
        isProposal: Bool = false
    ) {
        self.end = end
        self.isProposal = isProposal
        self.plan = plan
        self.child = child
        self.docket = docket
        let isMeeting = end.facts.route.map { $0 == "conference" || $0 == "combined" }
        let meeting = isMeeting == false ? nil : EndingCase.meeting(of: end, child, docket.history)
        conference = meeting
        let decision = meeting.flatMap { EndingCase.decision(of: $0, for: child.id) }
        isDecidedOtherwise = decision.map { $0 != "end" } ?? false
        fault = EndingCase.fault(of: meeting, end, child, isNamed: isMeeting ?? false)
    }

    /// The one that it names; else the review on or before it that decided to end the plan, or of that very day.
    private static func meeting(
        of end: History.Ending, _ child: History.Child, _ history: History
    ) -> History.Conference? {
        if let id = end.facts.conferenceId { return history.conference(id).map { history.conferences[$0] } }
        let place = child.heldReviews.last { place in
            let conference = history.conferences[place]
            guard let on = conference.heldOn, on <= end.facts.endedOn else { return false }
            return on == end.facts.endedOn || decision(of: conference, for: child.id) == "end"
        }
        return place.map { history.conferences[$0] }
    }

    static func decision(of conference: History.Conference, for child: String) -> String? {
        conference.held?.facts.decisions.last { $0.childId == child }?.decision
    }

    private static func fault(
        of meeting: History.Conference?, _ end: History.Ending, _ child: History.Child, isNamed: Bool
    ) -> String? {
        guard let meeting else {
            return isNamed || end.facts.conferenceId != nil
                ? "the conference that is to have ended it is not recorded" : "it was ended without a conference"
        }
        guard let on = meeting.heldOn, let type = meeting.type else {
            return "the conference that is to have ended it is not recorded as held"
        }
        if !type.isReview { return "the meeting that is to have ended it is no review conference" }
        if !meeting.children.isEmpty && !meeting.children.contains(child.id) {
            return "the conference that is to have ended it was not about this child"
        }
        return on > end.facts.endedOn ? "the conference that is to have ended it was held later" : nil
    }
}

/// What each ground asks for.
extension EndingCase {
    func objections() -> [Objection] {
        var all: [Objection] = []
        if let lost = stillLost() { all.append(lost) }
        switch end.ground {
        case .died:
            all.append(Objection("LIN-2.6b", "the plan is ended by a death that is not recorded"))
        case .aged18:
            if let missing = notYetAdult() { all.append(Objection("LIN-2.5a", missing)) }
        case .moved:
            if !hasMoved {
                all.append(
                    Objection("LIN-2.4b", "the receiving authority's conference is not recorded as held before the end")
                )
            }
        case .abroad:
            if !isAbroad && !child.isLost(on: facts.endedOn) {
                all.append(
                    Objection(
                        "LIN-2.7d", "neither a place abroad is confirmed nor a service manager's decision recorded"))
            }
        case .careOrder, .otherPlan:
            if !isDualDecided {
                all.append(
                    Objection(
                        "LIN-2.3b",
                        "neither the team manager and the chair nor a combined meeting decided that the care plan stays"
                    ))
            }
        case .noContinuingRisk, .noLongerNeeded, nil:
            if let fault = fault ?? (isDecidedOtherwise ? "the conference decided otherwise" : nil) {
                all.append(Objection("LIN-2.2b", "only a review conference can end the plan on this ground: \(fault)"))
            }
        }
        return all + objectionsToMeeting() + objectionsWithoutMeeting()
    }

    func objectionsToProposal() -> [Objection] {
        objectionsToMeeting() + (facts.route == "manager" ? withoutGround() : [])
    }

    /// LIN-2.7d: the plan continues while the child is not found, save by LIN-2.7e, death or age 18.
    private func stillLost() -> Objection? {
        guard child.isLost(on: facts.endedOn), !isDecidedByManager, !isAdultEnding else { return nil }
        return Objection(
            "LIN-2.7d", "the child's whereabouts are not confirmed and no service manager's decision to end is recorded"
        )
    }

    /// LIN-2.7e: the service manager's decision, in an event of its own or as who ended the plan.
    private var isDecidedByManager: Bool {
        if end.ground == .abroad && facts.decidedByRole == "service_manager" { return true }
        let since = child.absences.last { $0.day <= facts.endedOn }?.day
        return child.whereaboutsDecisions.contains { _, decided in
            guard let on = decided.decidedAt?.day, on <= facts.endedOn, since.map({ $0 <= on }) ?? true else {
                return false
            }
            return decided.decision == "end" && decided.decidedByRole == "service_manager"
                && decided.planId ?? plan.facts.planId == plan.facts.planId
        }
    }

    private var isAbroad: Bool { child.isConfirmedAbroad(on: facts.endedOn) || isDecidedByManager }

    private var isAdultEnding: Bool { end.ground == .aged18 && notYetAdult() == nil }

    /// `nil` where the child is 18 on the day that the plan ends.
    private func notYetAdult() -> String? {
        guard let adult = docket.comingOfAge(of: child) else {
            return "cannot be judged: no date of birth is recorded, so that the age of 18 is not shown"
        }
        return facts.endedOn >= adult ? nil : "the child is not yet 18 on the day that the plan is to end"
    }

    /// LIN-2.4b: the receiving conference was held, since the latest notice of a permanent move.
    private var hasMoved: Bool {
        let notice = child.transfersOut.last { $0.day <= facts.endedOn }
        guard notice?.permanent != false else { return false }
        return child.receivingConferences.contains { held in
            guard let at = held.at, at.day <= facts.endedOn, notice.map({ $0.day <= at.day }) ?? true else {
                return false
            }
            guard at.day == facts.endedOn, let recorded = facts.recordedAt else { return true }
            return recorded.latest > at.earliest
        }
    }

    /// C3, "other plan replaces it": by a recorded decision of both, or at a combined meeting. One that was refused decides
    /// nothing.
    private var isDualDecided: Bool {
        if fault == nil, conference?.type == .combined, !isDecidedOtherwise { return true }
        return history.reviewing.dualDecisions.contains { record, decided in
            guard decided.planKept == "care", decided.decidedAt.map({ $0.day <= facts.endedOn }) ?? false,
                decided.planId ?? plan.facts.planId == plan.facts.planId, decided.childId ?? child.id == child.id
            else { return false }
            return docket.isTakenRightly(decided, record, child)
        }
    }
}

/// What a meeting that ends a plan must be.
extension EndingCase {
    private func objectionsToMeeting() -> [Objection] {
        guard let conference, conference.held != nil, let type = conference.type, type.isReview else { return [] }
        var all: [Objection] = []
        if docket.isInquorate(conference, for: child.id) {
            all.append(
                Objection(
                    "LIN-2.0a", "the review was not quorate, and only a quorate review may consider ending the plan"))
        }
        guard end.ground != .died, end.ground != .aged18, docket.isFirstReview(conference, of: plan, child) else {
            return all
        }
        if !isWorkEvidenced(by: conference) {
            all.append(
                Objection("LIN-2.1a", "at the first review: it is not shown that every agency's actions are complete"))
        }
        if end.ground == nil {
            all.append(Objection("LIN-2.1b", "at the first review: none of the grounds for ending a plan is recorded"))
        }
        return all
    }

    /// Every action that is known by the review is done and evidenced, and none is said to be open.
    private func isWorkEvidenced(by conference: History.Conference) -> Bool {
        let day = max(conference.heldOn ?? facts.endedOn, facts.endedOn)
        let actions = docket.actions(of: plan, by: day).map(\.action)
        guard facts.openActions == 0, actions.allSatisfy({ $0.doneAt.map { $0.day <= day } ?? false }) else {
            return false
        }
        if end.record.details.contains(.evidence) { return true }
        return !actions.isEmpty && actions.allSatisfy(\.isEvidenced)
    }
}

/// London: what may end a plan without a conference.
extension EndingCase {
    private func objectionsWithoutMeeting() -> [Objection] {
        guard fault != nil || isDecidedOtherwise else { return [] }
        if isDecidedOtherwise && fault == nil && !isExempt && end.ground != .careOrder {
            return [Objection("LON-10.3", "the review conference did not decide to end the plan")]
        }
        return withoutGround()
    }

    /// LON-10.5: denied, save by care order, on a ground that is configured, or on those of C3.
    private func withoutGround() -> [Objection] {
        if isExempt { return [] }
        let isConfigured = docket.policy.choice(.managerGrounds)?.values.contains(facts.groundCode ?? "") ?? false
        guard end.ground == .careOrder || isConfigured else {
            let why = fault ?? "it was ended without a conference"
            return [Objection("LON-10.5", "no ground is recorded on which a plan may end without a conference: \(why)")]
        }
        let rule = isConfigured ? "LON-10.5" : "LON-2.6a"
        var all: [Objection] = []
        if !isConfigured && history.orders("care", on: child, at: facts.endedOn).isEmpty {
            all.append(Objection(rule, "no full care order is recorded as in force when the plan ended"))
        }
        if isProposal { return all }
        if facts.decidedByRole != "senior_safeguarding_manager" {
            all.append(
                Objection(
                    rule, "only the senior manager responsible for safeguarding may end a plan without a conference"))
        }
        if let missing = notConsulted() { all.append(Objection("LON-10.6a", missing)) }
        return all
    }

    /// Death, age 18, a completed permanent move and a child abroad: C3 and LON-10.5, borrowed from Lincolnshire.
    private var isExempt: Bool {
        switch end.ground {
        case .aged18: notYetAdult() == nil
        case .moved: hasMoved
        case .abroad: isAbroad
        case .died: child.died != nil
        case .noContinuingRisk, .noLongerNeeded, .otherPlan, .careOrder, nil: false
        }
    }

    /// LON-10.6a: the agencies of the first invitation list and today's core group, before the day of the end.
    private func notConsulted() -> String? {
        let voices = (history.planWork[plan.facts.planId]?.consultations ?? []).flatMap(\.facts.consulted).filter {
            $0.consultedAt.map { $0.day < facts.endedOn } ?? false
        }
        if voices.isEmpty { return "no consultation before the plan's end is recorded" }
        let people = Set(voices.compactMap(\.personId))
        let agencies = Set(voices.compactMap(\.agency))
        let invited = docket.initialInvitees(of: plan, child)
        let isCovered = invited.allSatisfy { invitee in
            if let id = invitee.personId, people.contains(id) { return true }
            guard let agency = invitee.agency else { return invitee.personId == nil }
            let colleagues = invited.filter { $0.agency == agency }.compactMap(\.personId)
            return agencies.contains(agency) || colleagues.contains(where: people.contains)
        }
        let isGroupCovered = docket.coreGroup(of: plan, by: facts.endedOn).allSatisfy { member in
            member.personId.map(people.contains) ?? (member.agency.map(agencies.contains) ?? true)
        }
        return isCovered && isGroupCovered
            ? nil : "not every agency first invited and every member of the core group was consulted before the end"
    }
}

/// What is put on record about an ending that has effect all the same.
extension EndingCase {
    func remarks() -> [Objection] {
        var all = [unfinishedWork()].compactMap(\.self)
        let isByConference = facts.route == "conference" || facts.route == "combined"
        if end.ground == .noContinuingRisk, let conference,
            conference.held?.facts.decisions.last(where: { $0.childId == child.id })?.continuingRisk == true
        {
            all.append(
                Objection("LIN-2.2a", "the ground is that no risk continues, yet the review recorded that it does"))
        }
        if facts.groundCode == nil { all.append(Objection("LIN-2.2a", "no ground for ending the plan is recorded")) }
        if isByConference, fault == nil, let conference, EndingCase.decision(of: conference, for: child.id) == nil {
            all.append(Objection("LON-10.3", "the review recorded no decision to end the plan of this child"))
        }
        let proceedings = history.proceedings(on: child.id, at: facts.endedOn)
        if end.ground != .aged18, proceedings.contains(where: { $0.livingAtHome != false }) {
            all.append(
                Objection(
                    "LON-10.7", "the plan ends while care proceedings are under way: it may be needed until they end"))
        }
        return all
    }

    /// LIN-2.0b: a warning, unless the reason is on record.
    func unfinishedWork() -> Objection? {
        guard end.ground != .died, end.ground != .aged18, facts.openAssessments + facts.openWork > 0,
            !end.record.details.contains(isProposal ? .evidence : .decisionNote)
        else { return nil }
        return Objection(
            "LIN-2.0b", "assessments or work are unfinished, and no reason is recorded for ending the plan now")
    }
}
