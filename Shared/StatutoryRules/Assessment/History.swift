/// Where something is recorded: the event that stands, and the first of its chain of corrections.
///
/// A class, since much that follows from an event keeps its record.
final class Record: Sendable {
    let event: String
    let source: String
    let root: String
    let at: Moment?
    let details: Details
    /// When its producer recorded it: says since when it was known, and dates nothing.
    let recordedAt: Instant

    init(event: String, source: String, root: String, at: Moment?, details: Details, recordedAt: Instant) {
        self.event = event
        self.source = source
        self.root = root
        self.at = at
        self.details = details
        self.recordedAt = recordedAt
    }

    /// Ids are unique within their source only.
    var occasion: String { "\(source) \(root)" }

    /// The same, as if it had happened then.
    func happening(at moment: Moment?) -> Record {
        Record(event: event, source: source, root: root, at: moment, details: details, recordedAt: recordedAt)
    }
}

/// What the facts that stand and have happened say, by child, conference and plan. Every list is in order of happening.
struct History {
    struct Discussion {
        var record: Record
        var day: Day
        var id: String
        var beganEnquiry: Bool
    }
    struct Enquiry {
        var record: Record
        var day: Day
        var id: String
        var discussion: String?
    }
    struct Transfer {
        var record: Record
        var day: Day
        var permanent: Bool?
    }
    struct Order {
        var id: String
        /// `nil` until the order itself is known.
        var made: (record: Record, expires: Moment?)?
        /// By the latest extension.
        var extendedTo: Moment?
        var ended: Moment?

        var expires: Moment? { extendedTo ?? made?.expires }
    }
    struct Plan {
        var record: Record
        var facts: PlanStarted
        /// The end that has effect: `Docket.settleEndings` sets it.
        var ended: Day?
        /// What ended it; `nil` where the life that it was for did.
        var ending: Ending?
    }
    struct LookedAfter {
        var record: Record
        var facts: BecameLookedAfter
        var ended: Day?
    }

    /// A class, so that rules hand it on without copying its lists; nothing changes it once the history is made.
    final class Child {
        let id: String
        init(id: String) { self.id = id }
        var discussions: [Discussion] = []
        var enquiries: [Enquiry] = []
        /// By enquiry id, the last outcome and when it was given.
        var outcomes: [String: (outcome: String, on: Day, event: String)] = [:]
        var transfersIn: [Transfer] = []
        var transfersOut: [Transfer] = []
        var receivingConferences: [Record] = []
        /// Into `orders`: emergency protection orders.
        var orders: [Int] = []
        var lookedAfter: [LookedAfter] = []
        var lookedAfterEnds: [Day] = []
        /// Who has worked with the child: allocations, by person.
        var workers: Set<String> = []
        /// Who took over from whom, and when.
        var handovers: [(from: String, to: String, on: Day)] = []
        var died: Day?
        var pregnancyLost: Day?
        var born: Day?
        var isUnborn = false
        var hasDisability = false
        /// Into `conferences`: those that it is listed for.
        var conferences: [Int] = []
        /// Held, into `conferences`, by day.
        var heldInitial: [Int] = []
        var heldReviews: [Int] = []
        var heldLookedAfterReviews: [Int] = []
        // Convening, pre-birth, moves and returns home.
        var circumstances = Circumstances()
        // Plans, endings and whereabouts.
        var birth: Record?
        var death: (record: Record, facts: ChildDied)?
        var permanentMoves: [Day] = []
        /// Of the plan under which the child moved in.
        var originalPlanStart: Day?
        var absences: [Absence] = []
        /// Every place that was confirmed, and whether it is abroad.
        var locations: [(record: Record, abroad: Bool?)] = []
        /// Days on which it was tried to find the child.
        var locationEfforts: [Day] = []
        var whereaboutsDecisions: [(record: Record, facts: WhereaboutsDecided)] = []
        var legalOrders: [LegalOrder] = []

        /// Nothing is owed for a child from the day it died or the pregnancy was lost.
        var end: (cause: String, on: Day)? {
            if let died { return ("death", died) }
            return pregnancyLost.map { ("pregnancy_ended", $0) }
        }
    }

    /// A class, as `Child` is.
    final class Conference {
        struct Booking {
            var record: Record
            var startsAt: Moment
            /// Of a move to another day: the reason's code, or the decision that carries it.
            var reason: String?
            var isMove = false
        }
        /// What moves a booking, or asks to.
        enum Step {
            case scheduled(ConferenceScheduled)
            case rescheduled(ConferenceRescheduled)
            case requested(PostponementRequested)
            case decided(PostponementDecided)
            case cancelled(ConferenceCancelled)
            case adjourned(ConferenceAdjourned)
        }
        struct Sent {
            var record: Record
            var person: String?
            var role: String?
        }
        struct Report {
            var record: Record
            var id: String
            var agency: String?
            var shared: [Record] = []
            var facts: ReportSubmitted
            /// With anybody.
            var shares: [(record: Record, facts: ReportShared)] = []
            /// By a manager, for quality.
            var checks: [Record] = []
        }
        let id: String
        init(id: String) { self.id = id }
        var type: ConferenceType?
        var request: Record?
        var enquiry: String?
        var requestedChildren: [String] = []
        var bookedChildren: [String] = []
        /// Requests and decisions to convene, in order of happening.
        var convening: [ConveningStep] = []
        /// `yes` or `no`, of the last decision that is not refused and that no request follows.
        var decision: String?
        var booking: Booking?
        /// Adjourned, and no new date since.
        var isAdjourned = false
        /// Postponed, and no new date since.
        var isPostponed = false
        /// A request to postpone that nobody has decided.
        var pendingRequest: Record?
        var isCancelled = false
        // Bookings, postponements, chairs and cover: Rules/Postponements.swift, Chairing.swift and Cover.swift.
        /// In order of happening, as they were told; `Docket.settleBookings` decides which of them count.
        var steps: [(record: Record, step: Step)] = []
        var chairs: [(record: Record, facts: ChairAssigned)] = []
        /// Whose appointment stands.
        var chairId: String?
        var chairsUnavailable: [(record: Record, facts: ChairUnavailable)] = []
        var deputies: [(record: Record, facts: DeputyNominated)] = []
        var apologies: [(record: Record, facts: Apology)] = []
        var held: (record: Record, facts: ConferenceHeld)?
        var invitees: [Participant] = []
        var reports: [Report] = []
        var invitationsSent: Record?
        var letters: [Sent] = []
        var records: [Sent] = []
        // Participation, exclusion, observers and recording (HistoryInvolvement.swift).
        var involvement = Involvement()
        /// Records, dissent and what else follows a meeting.
        var aftermath = Aftermath()
        // Invitations, invite lists and preparation.
        var indexChild: String?
        var bookings: [(record: Record, facts: ConferenceScheduled)] = []
        var lists: [(record: Record, facts: InviteListSubmitted)] = []
        var invitations: [(record: Record, facts: InvitationsSent)] = []
        var consultations: [(record: Record, facts: ConsultationSent)] = []
        var chairTalks: [Record] = []

        /// Whom it is for, as far as known.
        var children: [String] {
            var all = bookedChildren
            if let held { all += held.facts.childIds + held.facts.decisions.map(\.childId) }
            if all.isEmpty { all = requestedChildren }
            return all
        }
        var heldOn: Day? { held?.record.at?.day }
        var isOpen: Bool { held == nil && !isCancelled && decision != "no" }
    }

    var children: [Child] = []
    var conferences: [Conference] = []
    var orders: [Order] = []
    var plans: [Plan] = []
    /// Every event, in order of happening.
    var occurrences: [Occurrence] = []
    /// Own instants of facts that have not happened yet: the first of them.
    var firstFuture: Instant?

    /// Complaints, enquiries of the record, notes and what families need.
    var casework = Casework()
    /// Letters that tell someone of an exclusion (HistoryInvolvement.swift).
    var exclusionLetters: [(record: Record, facts: LetterSent)] = []
    /// Reviews, dual plans and long plans.
    var reviewing = ReviewFacts()
    // Plans, endings and what comes after them: HistoryPlans.swift.
    var planEnds: [Ending] = []
    var planWork: [String: PlanWork] = [:]
    var nextDates: [(record: Record, conference: String, on: Day)] = []
    var letters: [(record: Record, facts: LetterSent)] = []
    var proceedings: [String: Proceedings] = [:]
    var childInNeedPlans: [ChildInNeedPlan] = []
    /// By the order's id.
    var supervisionReviews: [String: [Record]] = [:]

    /// A report may be shared before its hand-in is known.
    var shares: [(record: Record, facts: ReportShared)] = []
    // Convening, pre-birth, moves and returns home.
    var assessmentOrders: [String: CourtOrderMade] = [:]
    var concludedAssessments: [Told<AssessmentConcluded>] = []
    var earlyReviewRequests: [Told<EarlyReviewRequested>] = []
    var qualityChecks: [(record: Record, facts: ReportQualityAssured)] = []
    /// Siblings may share a plan's id.
    private struct PlanKey: Hashable {
        var plan: String
        var child: String
    }

    private var childPlaces = Places()
    private var conferencePlaces = Places()
    private var orderPlaces = Places()
    private var childInNeedPlanPlaces = Places()
    private var planPlaces: [PlanKey: Int] = [:]

    init(_ file: CaseFile, live: [LiveFact], asOf: Instant) {
        occurrences.reserveCapacity(live.count)
        for fact in live {
            let payload = file.facts[fact.index].payload
            let at = payload.ownMoment
            if let at, at.earliest > asOf {
                firstFuture = min(firstFuture ?? at.earliest, at.earliest)
                continue
            }
            let record = Record(
                event: file.facts[fact.index].id, source: fact.source, root: fact.root, at: at,
                details: file.facts[fact.index].details, recordedAt: fact.time)
            // A retraction says nothing of its own.
            if case .retraction = payload { continue }
            occurrences.append(Occurrence(type: payload.eventType, subject: payload.subject, record: record))
            take(payload, record)
            takeInvolvement(payload, record)
            takeCircumstances(payload, record)
            reviewing.take(payload, record)
            takeForPlans(payload, record)
        }
        attachShares()
        applyEnds()
        listConferences()
        retypeAfterBirth()
    }

    func conference(_ id: String) -> Int? { conferencePlaces[id] }
    func child(_ id: String) -> Child? { childPlaces[id].map { children[$0] } }

    mutating func child(_ id: String, _ change: (Child) -> Void) {
        let place = childPlaces.findOrAdd(id)
        if place == children.count { children.append(Child(id: id)) }
        change(children[place])
    }

    mutating func conference(_ id: String, _ change: (Conference) -> Void) {
        let place = conferencePlaces.findOrAdd(id)
        if place == conferences.count { conferences.append(Conference(id: id)) }
        change(conferences[place])
    }

    /// The order's place, made where it is new: an extension may be known before its order.
    @discardableResult
    mutating func order(_ id: String, _ change: (inout Order) -> Void) -> Int {
        let place = orderPlaces.findOrAdd(id)
        if place == orders.count { orders.append(Order(id: id)) }
        change(&orders[place])
        return place
    }

    /// Made where it is new: a review may be known before its plan.
    mutating func childInNeedPlan(_ id: String) -> ChildInNeedPlan {
        let place = childInNeedPlanPlaces.findOrAdd(id)
        if place == childInNeedPlans.count { childInNeedPlans.append(ChildInNeedPlan(id: id)) }
        return childInNeedPlans[place]
    }

    /// Of two events that start one plan the later is taken.
    mutating func addPlan(_ plan: Plan) {
        let key = PlanKey(plan: plan.facts.planId, child: plan.facts.childId)
        if let place = planPlaces[key] {
            plans[place] = plan
        } else {
            planPlaces[key] = plans.count
            plans.append(plan)
        }
    }

    /// Ends may be known before what they end. Those of plans are judged first: `Docket.settleEndings`.
    private mutating func applyEnds() {
        for place in children.indices {
            let spells = children[place].lookedAfter
            for (spell, facts) in spells.enumerated() {
                let next = spell + 1 < spells.count ? spells[spell + 1].facts.startedOn : nil
                let end = children[place].lookedAfterEnds.first { $0 >= facts.facts.startedOn }
                // A spell whose end was never told ends where the next begins.
                children[place].lookedAfter[spell].ended = [end, next].compactMap(\.self).min()
            }
        }
    }

    private mutating func attachShares() {
        guard !shares.isEmpty || !qualityChecks.isEmpty else { return }
        var reports: [String: (conference: Int, report: Int)] = [:]
        for (conference, facts) in conferences.enumerated() {
            for (report, submitted) in facts.reports.enumerated() { reports[submitted.id] = (conference, report) }
        }
        for (record, share) in shares {
            guard let place = reports[share.reportId] else { continue }
            conferences[place.conference].reports[place.report].shares.append((record, share))
            guard share.personRole == "parent_carer" || share.personRole == "child" else { continue }
            conferences[place.conference].reports[place.report].shared.append(record)
        }
        for (record, check) in qualityChecks {
            guard let place = reports[check.reportId] else { continue }
            conferences[place.conference].reports[place.report].checks.append(record)
        }
    }

    private mutating func listConferences() {
        // Those that are held in the order of their days, so that "first" and "previous" are places in a list.
        let order = conferences.indices.sorted {
            let (left, right) = (conferences[$0], conferences[$1])
            let (leftAt, rightAt) = (left.held?.record.at?.earliest, right.held?.record.at?.earliest)
            if leftAt != rightAt { return (leftAt ?? .distantFuture) < (rightAt ?? .distantFuture) }
            return left.id < right.id
        }
        for place in order {
            let conference = conferences[place]
            let (type, isHeld) = (conference.type, conference.held != nil)
            for id in conference.children {
                child(id) {
                    guard !$0.conferences.contains(place) else { return }
                    $0.conferences.append(place)
                    guard isHeld, let type else { return }
                    if type.isInitial { $0.heldInitial.append(place) }
                    if type.isReview { $0.heldReviews.append(place) }
                    if type.isLookedAfterReview { $0.heldLookedAfterReviews.append(place) }
                }
            }
        }
    }
}

extension Instant {
    static let distantFuture = Instant(microseconds: .max)
}
