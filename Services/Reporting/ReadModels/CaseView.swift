import StatutoryRules

/// The live facts of a case, arranged for the read models. What scheduling refused has no effect here either.
struct CaseView {
    struct Conference {
        let id: String
        var type: ConferenceType?
        var children: [String] = []
        /// The days on which it was asked for, and first booked.
        var requestedOn, bookedOn: Day?
        var startsAt: Moment?
        var heldAt: Moment?
        /// The event that says so.
        var heldEvent: String?
        /// `cancelled`, `adjourned` or `postponed`, until it is booked anew.
        var interruption: String?
        var reportAt: Moment?
        var chairId: String?
        var socialWorkerAttended: Bool?
        var excluded: Set<String> = []
        /// What the meeting said of its own quorum.
        var quorumClaim: String?
        /// By child, of one that was held.
        var decisions: [String: ConferenceHeld.Decision] = [:]
        /// Of one that was held; empty where nobody's attendance is recorded.
        var attendees: [Participant] = []

        var state: String {
            if heldAt != nil { return "held" }
            return interruption ?? (startsAt == nil ? "requested" : "scheduled")
        }
    }

    /// A decision to move a meeting or to call it off.
    struct Postponement {
        let eventId, conferenceId: String
        /// `cancel`, `postpone` or `adjourn`.
        let action: String
        let isAgreed: Bool
        let reason: String?
        let decidedOn: Day
    }

    private(set) var plans: [PlanStarted] = []
    private(set) var enquiries: [EnquiryStarted] = []
    private(set) var completions: [String: EnquiryCompleted] = [:]
    private(set) var requestedEnquiry: [String: String] = [:]
    /// By conference: whether it is to be convened, as last decided, and when.
    private(set) var convening: [String: (decision: String, on: Day)] = [:]
    private(set) var postponements: [Postponement] = []
    private(set) var casework = Casework()
    private var planEnds: [String: PlanEnded] = [:]
    /// By plan: the categories that it was given since it began, and when.
    private var categories: [String: [(category: String, on: Day)]] = [:]
    /// By child: its death, or the loss of the pregnancy.
    private(set) var lifeEnds: [String: Day] = [:]
    private(set) var discussions: [StrategyDiscussion] = []
    private var participation = Participation()
    private var byId: [String: Conference] = [:]
    /// By conference: the last postponement that was agreed, which the move that follows carries out.
    private var agreed: [String: (event: String, startsAt: Moment?)] = [:]

    var conferences: [Conference] { byId.values.sorted { $0.id < $1.id } }

    /// Facts in their order, so that of those that replace one another the last stands. `refused` are the ids of events
    /// that have no effect.
    init(_ file: CaseFile, refused: Set<String>, _ particulars: [Particulars.Key: Particulars]) {
        for fact in file.liveFacts {
            let isRefused = refused.contains(fact.id)
            notePostponement(fact, isRefused: isRefused)
            if isRefused { continue }
            take(fact)
            if let particulars = particulars[Particulars.Key(fact)] { casework.take(particulars, of: fact.payload) }
        }
        enquiries.sort { $0.enquiryId < $1.enquiryId }
        plans.sort { $0.planId < $1.planId }
    }

    private mutating func take(_ fact: Fact) {
        switch fact.payload {
        case .strategyDiscussionHeld(let fact): discussions.append(fact)
        case .s47EnquiryStarted(let fact):
            enquiries.removeAll { $0.enquiryId == fact.enquiryId }
            enquiries.append(fact)
        case .s47EnquiryCompleted(let fact): completions[fact.enquiryId] = fact
        case .planStarted(let fact):
            plans.removeAll { $0.planId == fact.planId }
            plans.append(fact)
        case .planEnded(let fact): planEnds[fact.planId] = fact
        case .planCategoryChanged(let change):
            categories[change.planId, default: []].append((change.newCategory, fact.day))
        case .conferenceConveningDecided(let decided):
            convening[decided.conferenceId] = (decided.decision, fact.day)
        case .childDied(let fact): lifeEnds[fact.childId] = fact.dateOfDeath
        case .pregnancyEnded(let fact): if fact.outcome == "loss" { lifeEnds[fact.childId] = fact.endedOn }
        case .conferenceHeld(let held):
            change(held.conferenceId, held.conferenceType, held.childIds + held.decisions.map(\.childId)) {
                $0.heldAt = held.heldAt
                $0.heldEvent = fact.id
                $0.chairId = held.chairId ?? $0.chairId
                $0.socialWorkerAttended = held.socialWorkerAttended
                $0.quorumClaim = held.quorumClaim
                $0.attendees = held.attendees
                $0.decisions = Dictionary(held.decisions.map { ($0.childId, $0) }) { _, last in last }
            }
        default:
            takeArrangement(fact.payload)
            casework.take(fact.payload)
            participation.take(fact.payload)
        }
    }

    /// What is known of a meeting before and after it is held.
    private mutating func takeArrangement(_ payload: Payload) {
        switch payload {
        case .conferenceRequested(let fact):
            change(fact.conferenceId, fact.conferenceType, fact.childIds) {
                $0.requestedOn = fact.requestedAt?.day ?? $0.requestedOn
            }
            requestedEnquiry[fact.conferenceId] = fact.enquiryId
        case .conferenceScheduled(let fact):
            change(fact.conferenceId, fact.conferenceType, fact.childIds) {
                $0.bookedOn = $0.bookedOn ?? fact.dateSetAt?.day
                $0.book(fact.startsAt)
            }
        case .conferenceRescheduled(let fact): change(fact.conferenceId) { $0.book(fact.newStartsAt) }
        case .conferencePostponementDecided(let fact):
            guard fact.agreed == true else { return }
            change(fact.conferenceId) {
                if let starts = fact.newStartsAt {
                    $0.book(starts)
                } else if fact.action != "cancel" {
                    $0.interruption = fact.action == "adjourn" ? "adjourned" : "postponed"
                }
            }
        case .conferenceAdjourned(let fact):
            change(fact.conferenceId) {
                $0.interruption = "adjourned"
                if let starts = fact.newStartsAt { $0.book(starts) }
            }
        case .conferenceCancelled(let fact): change(fact.conferenceId) { $0.interruption = "cancelled" }
        case .conferenceChairAssigned(let fact): change(fact.conferenceId) { $0.chairId = fact.chairId }
        case .conferenceExclusionDecided(let fact):
            change(fact.conferenceId) {
                if fact.excludes { $0.excluded.insert(fact.personId) } else { $0.excluded.remove(fact.personId) }
            }
        case .conferenceReportSubmitted(let fact):
            guard fact.agency ?? "childrens_social_care" == "childrens_social_care" else { return }
            change(fact.conferenceId) {
                if $0.reportAt.map({ fact.submittedAt.earliest < $0.earliest }) ?? true {
                    $0.reportAt = fact.submittedAt
                }
            }
        default: break  // of no meeting
        }
    }

    private mutating func change(
        _ id: String, _ type: ConferenceType? = nil, _ children: [String] = [],
        _ body: (inout Conference) -> Void = { _ in }
    ) {
        var conference = byId[id] ?? Conference(id: id)
        conference.type = type ?? conference.type
        conference.children = Set(conference.children).union(children).sorted()
        body(&conference)
        byId[id] = conference
    }
}

extension CaseView.Conference {
    fileprivate mutating func book(_ starts: Moment) {
        startsAt = starts
        interruption = nil
    }
}

extension CaseView {
    /// A move that no agreed decision covers is a decision of its own (rulebook, section 0).
    private mutating func notePostponement(_ fact: Fact, isRefused: Bool) {
        func note(_ id: String, _ action: String, _ isAgreed: Bool, _ reason: String?, _ at: Moment?) {
            postponements.append(
                Postponement(
                    eventId: fact.id, conferenceId: id, action: action, isAgreed: isAgreed, reason: reason,
                    decidedOn: at?.day ?? London.day(of: fact.time)))
        }
        switch fact.payload {
        case .conferencePostponementDecided(let decided):
            let isAgreed = decided.agreed == true && !isRefused
            note(decided.conferenceId, decided.action ?? "postpone", isAgreed, decided.reasonCode, decided.decidedAt)
            if isAgreed { agreed[decided.conferenceId] = (fact.id, decided.newStartsAt) }
        case .conferenceCancelled(let move):
            guard !isCovered(move.conferenceId, move.decisionEventId, nil) else { return }
            note(move.conferenceId, "cancel", !isRefused, nil, move.cancelledAt)
        case .conferenceAdjourned(let move):
            guard !isCovered(move.conferenceId, move.decisionEventId, move.newStartsAt) else { return }
            note(move.conferenceId, "adjourn", !isRefused, move.reasonCode, move.adjournedAt)
        case .conferenceRescheduled(let move):
            let isLater = byId[move.conferenceId]?.startsAt.map { move.newStartsAt.day > $0.day } ?? false
            guard isLater, !isCovered(move.conferenceId, move.decisionEventId, move.newStartsAt) else { return }
            note(move.conferenceId, "postpone", !isRefused, move.reasonCode, move.rescheduledAt)
        default: break  // moves no meeting
        }
    }

    private func isCovered(_ conference: String, _ decision: String?, _ startsAt: Moment?) -> Bool {
        guard let agreed = agreed[conference] else { return false }
        if let decision { return decision == agreed.event }
        guard let startsAt, let date = agreed.startsAt else { return true }
        return date.day == startsAt.day
    }

    /// A plan ends with the child's life, whatever is recorded later or not at all (LIN-2.6b).
    func end(of plan: PlanStarted) -> Day? {
        let life = lifeEnds[plan.childId].map { max($0, plan.startedOn) }
        return [planEnds[plan.planId]?.endedOn, life].compactMap(\.self).min()
    }

    /// Why it ended: as told, else with the child's life.
    func endGround(of plan: PlanStarted) -> String? {
        guard let end = end(of: plan) else { return nil }
        guard let told = planEnds[plan.planId], told.endedOn == end else { return "life_ended" }
        return told.groundCode
    }

    /// The category that a plan began with, or was first given where it began with none, and those that it was given later
    /// (LON-9.5b).
    func categories(of plan: PlanStarted) -> (initial: String?, changes: [(category: String, on: Day)]) {
        let changes = categories[plan.planId] ?? []
        return (plan.category ?? changes.first?.category, changes)
    }

    func participation(of child: String, in conference: Conference) -> String? {
        participation.code(of: child, born: casework.born[child], in: conference)
    }

    /// LON-8.1c: whether a review had the chair of its children's conference before; `nil` where either is not known.
    func keptChair(_ conference: Conference) -> Bool? {
        guard conference.type?.isReview ?? false, let held = conference.heldAt?.day, let chair = conference.chairId
        else { return nil }
        let before = conference.children.compactMap { child in
            byId.values.filter { other in
                other.type != .lookedAfterReview && other.children.contains(child)
                    && other.heldAt.map { $0.day < held } ?? false
            }.max { ($0.heldAt!.earliest, $0.id) < ($1.heldAt!.earliest, $1.id) }?.chairId
        }
        return before.isEmpty ? nil : before.allSatisfy { $0 == chair }
    }

    /// The discussion at which an enquiry began: the one it names, else the latest that says so by the enquiry's day.
    func discussion(beginning enquiry: EnquiryStarted, child: String) -> StrategyDiscussion? {
        if let id = enquiry.discussionId, let named = discussions.first(where: { $0.discussionId == id }) {
            return named
        }
        return discussions.filter {
            $0.initiatedS47 == true && $0.childIds.contains(child) && $0.heldAt.day <= enquiry.startedAt.day
        }.max { $0.heldAt.earliest < $1.heldAt.earliest }
    }

    /// The day of the last discussion of a child after the one that began an enquiry, up to the conference, that began no
    /// other: had it counted, the date would have moved.
    func laterDiscussion(than first: StrategyDiscussion, of child: String, through conference: Day?) -> Day? {
        let beginnings = Set(enquiries.compactMap(\.discussionId))
        return discussions.filter { later in
            later.childIds.contains(child) && later.heldAt.day > first.heldAt.day
                && !beginnings.contains(later.discussionId) && conference.map { later.heldAt.day <= $0 } ?? true
        }.map(\.heldAt.day).max()
    }

    func initialConferences(of child: String) -> [Conference] {
        byId.values.filter { $0.heldAt != nil && $0.type?.isInitial == true && $0.children.contains(child) }
            .sorted { ($0.heldAt!.earliest, $0.id) < ($1.heldAt!.earliest, $1.id) }
    }
}

extension Fact {
    /// On which what it tells of happened; where it does not say, on which it was recorded.
    fileprivate var day: Day { payload.ownMoment?.day ?? London.day(of: time) }
}
