/// What an event says, with where it is recorded.
struct Told<Facts: Sendable>: Sendable {
    var record: Record
    var facts: Facts

    /// The London date of its own instant, else of its recording.
    var day: Day? { record.at?.day ?? London.day(of: record.recordedAt) }
}

/// A step towards convening a conference.
enum ConveningStep: Sendable {
    /// A request after a refusal asks anew.
    case asked
    case decided(Record, ConveningDecided)
}

/// What is known of a child before its birth, and of its moves and returns home. Every list is in order of happening.
struct Circumstances: Sendable {
    /// An expected date of delivery, and what was said with it.
    struct Delivery: Sendable {
        /// A revision outranks the record of the pregnancy, and that the child's registration, whichever came first.
        enum Rank: Int { case registered, recorded, revised }
        var record: Record
        var rank: Rank
        var edd: Day
        /// When it came to be known: as told, else when it was recorded.
        var knownAt: Moment?
        var prematureRisk: Bool?
        var targetDate: Moment?
        var setByRole: String?
        var proceedingsContemplated: Bool?
    }

    var deliveries: [Delivery] = []
    var bornAt: Moment?
    var assessments: [Told<PrebirthAssessment>] = []
    var letters: [Record] = []
    var referrals: [Told<ConcernReferred>] = []
    var moves: [Told<ChildMoved>] = []
    var returns: [Told<ReturnHomeProposed>] = []
    var removals: [Told<RemovedFromCare>] = []
    var incidents: [Record] = []
    var carePlanChanges: [Record] = []
    var notes: [Record] = []
    var allocations: [Told<AllocationChanged>] = []
    /// The child's new social worker, by transfer meeting.
    var handovers: [Told<String>] = []
    /// The authority that a child on a plan came from, by the event of its notice.
    var origins: [String: String] = [:]

    /// The expected dates, the one in force last.
    var expected: [Delivery] {
        [Delivery.Rank.registered, .recorded, .revised].flatMap { rank in deliveries.filter { $0.rank == rank } }
    }
}

extension History {
    mutating func takeCircumstances(_ payload: Payload, _ record: Record) {
        switch payload {
        case .childRegistered, .pregnancyRecorded, .pregnancyEddRevised: takeDelivery(payload, record)
        case .childBorn(let fact): child(fact.childId) { $0.circumstances.bornAt = fact.bornAt }
        case .prebirthAssessmentCompleted(let fact):
            child(fact.childId) { $0.circumstances.assessments.append(Told(record: record, facts: fact)) }
        case .preproceedingsLetterSent(let fact): child(fact.childId) { $0.circumstances.letters.append(record) }
        case .concernReferred(let fact):
            child(fact.childId) { $0.circumstances.referrals.append(Told(record: record, facts: fact)) }
        case .childMovedArea(let fact):
            child(fact.childId) { $0.circumstances.moves.append(Told(record: record, facts: fact)) }
        case .childReturnHomeProposed(let fact):
            child(fact.childId) { $0.circumstances.returns.append(Told(record: record, facts: fact)) }
        case .childRemovedFromCare(let fact):
            child(fact.childId) { $0.circumstances.removals.append(Told(record: record, facts: fact)) }
        case .incidentRecorded(let fact): child(fact.childId) { $0.circumstances.incidents.append(record) }
        case .carePlanChanged(let fact): child(fact.childId) { $0.circumstances.carePlanChanges.append(record) }
        case .caseNoteRecorded(let fact): child(fact.childId) { $0.circumstances.notes.append(record) }
        case .allocationChanged(let fact):
            child(fact.childId) { $0.circumstances.allocations.append(Told(record: record, facts: fact)) }
        case .transferMeetingHeld(let fact):
            for allocation in fact.allocations {
                guard let worker = allocation.toSw else { continue }
                child(allocation.childId) { $0.circumstances.handovers.append(Told(record: record, facts: worker)) }
            }
        case .transferInNotified(let fact):
            child(fact.childId) { $0.circumstances.origins[record.event] = fact.fromAuthorityId }
        case .courtOrderMade(let fact):
            guard fact.orderType == "child_assessment" else { return }
            assessmentOrders[fact.orderId] = fact
            for id in fact.childIds { child(id) { _ in } }
        case .childAssessmentConcluded(let fact):
            concludedAssessments.append(Told(record: record, facts: fact))
            if let id = fact.childId { child(id) { _ in } }
        case .conferenceInvitationsSent(let fact):
            conference(fact.conferenceId) { $0.invitationsSent = $0.invitationsSent ?? record }
        case .earlyReviewRequested(let fact): earlyReviewRequests.append(Told(record: record, facts: fact))
        default: break
        }
    }

    private mutating func takeDelivery(_ payload: Payload, _ record: Record) {
        let recorded = Moment.instant(record.recordedAt)
        switch payload {
        case .childRegistered(let fact):
            guard let edd = fact.edd, fact.dateOfBirth == nil else { return }
            add(
                Circumstances.Delivery(record: record, rank: .registered, edd: edd, knownAt: recorded), to: fact.childId
            )
        case .pregnancyRecorded(let fact):
            add(
                Circumstances.Delivery(
                    record: record, rank: .recorded, edd: fact.edd, knownAt: fact.eddRecordedAt ?? recorded,
                    prematureRisk: fact.prematureRisk, targetDate: fact.targetDate, setByRole: fact.setByRole,
                    proceedingsContemplated: fact.proceedingsContemplated),
                to: fact.childId)
        case .pregnancyEddRevised(let fact):
            add(
                Circumstances.Delivery(
                    record: record, rank: .revised, edd: fact.newEdd, knownAt: fact.revisedAt ?? recorded,
                    prematureRisk: fact.prematureRisk, targetDate: fact.targetDate, setByRole: fact.setByRole),
                to: fact.childId)
        default: break
        }
    }

    private mutating func add(_ delivery: Circumstances.Delivery, to id: String) {
        child(id) { $0.circumstances.deliveries.append(delivery) }
    }

    /// A pre-birth conference becomes an initial one where every child that it is for was born first (C1).
    mutating func retypeAfterBirth() {
        for conference in conferences where conference.type == .prebirth {
            let held = conference.held?.record.at
            let children = conference.children
            guard !children.isEmpty else { continue }
            if children.allSatisfy({ child($0)?.wasBorn(before: held) ?? false }) { conference.type = .initial }
        }
    }
}

extension History.Child {
    /// By the clock where both times are known, else by the day: on one and the same day it counts as held first.
    func wasBorn(before moment: Moment?) -> Bool {
        guard let born else { return false }
        guard let moment else { return true }
        if case .instant(let birth) = circumstances.bornAt, case .instant(let held) = moment { return birth < held }
        return born < moment.day
    }

    /// Expected, or once expected: the rows on unborn children are about it.
    var wasExpected: Bool { isUnborn || !circumstances.deliveries.isEmpty || !circumstances.assessments.isEmpty }
}
