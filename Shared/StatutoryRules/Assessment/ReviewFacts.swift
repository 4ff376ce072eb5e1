/// What the facts say of reviews, looked-after children on a plan and long plans, in order of happening.
struct ReviewFacts {
    /// A date that a meeting set for the next one.
    struct NextDate {
        var record: Record
        var on: Day
        /// The meeting that it is set for, where the event names it.
        var conference: String?
    }
    struct CoreGroupMeeting {
        var record: Record
        var facts: CoreGroup
    }
    struct ProgressMeetings {
        var scheduled: [(record: Record, facts: ProgressMeetingScheduled)] = []
        var held: [(record: Record, facts: ProgressMeeting)] = []
    }
    struct Proceedings {
        var record: Record
        var id: String
        var children: [String]
        var day: Day
    }

    /// By the meeting that set them.
    var nextDates: [String: [NextDate]] = [:]
    /// By conference: its first booking.
    var firstBookings: [String: History.Conference.Booking] = [:]
    /// By conference.
    var chairs: [String: [(record: Record, facts: ChairAssigned)]] = [:]
    /// By child.
    var births: [String: (record: Record, day: Day)] = [:]
    /// By child, the mother.
    var mothers: [String: String] = [:]
    /// Mothers who were medically unfit to attend.
    var unfit: [(record: Record, facts: MotherFitness)] = []
    /// Fresh harm or allegations, by child.
    var incidents: [String: [Record]] = [:]
    /// Changes in the household that affect safety, by child.
    var changes: [String: [Record]] = [:]
    var requests: [(record: Record, facts: EarlyReviewRequested)] = []
    var decisions: [(record: Record, facts: EarlyReviewDecided)] = []
    /// Significant changes of a care plan.
    var carePlanChanges: [(record: Record, facts: CarePlanChanged)] = []
    var proceedings: [Proceedings] = []
    /// By proceedings.
    var concluded: [String: Day] = [:]
    var dualDecisions: [(record: Record, facts: DualDecided)] = []
    /// By plan.
    var coreGroups: [String: [CoreGroupMeeting]] = [:]
    /// By plan.
    var progressMeetings: [String: ProgressMeetings] = [:]
    /// Days on which a full care order was made, by child.
    var careOrders: [String: [Day]] = [:]
    /// Original starts of plans that moved in, by child.
    var originalStarts: [String: [(record: Record, notified: Day, start: Day)]] = [:]

    mutating func take(_ payload: Payload, _ record: Record) {
        takeMeeting(payload, record)
        takeFamily(payload, record)
        takePlan(payload, record)
    }

    private mutating func takeMeeting(_ payload: Payload, _ record: Record) {
        switch payload {
        case .conferenceNextDateSet(let fact):
            let date = NextDate(record: record, on: fact.nextOn, conference: fact.nextConferenceId)
            nextDates[fact.conferenceId, default: []].append(date)
        case .conferenceScheduled(let fact) where firstBookings[fact.conferenceId] == nil:
            firstBookings[fact.conferenceId] = History.Conference.Booking(record: record, startsAt: fact.startsAt)
        case .conferenceChairAssigned(let fact): chairs[fact.conferenceId, default: []].append((record, fact))
        case .earlyReviewRequested(let fact): requests.append((record, fact))
        case .earlyReviewDecided(let fact): decisions.append((record, fact))
        default: break
        }
    }

    private mutating func takeFamily(_ payload: Payload, _ record: Record) {
        switch payload {
        case .childRegistered(let fact):
            if let day = fact.dateOfBirth, births[fact.childId] == nil { births[fact.childId] = (record, day) }
        case .childBorn(let fact):
            if let day = fact.dateOfBirth ?? fact.bornAt?.day { births[fact.childId] = (record, day) }
            if let mother = fact.motherId { mothers[fact.childId] = mother }
        case .pregnancyRecorded(let fact): mothers[fact.childId] = fact.motherId ?? mothers[fact.childId]
        case .motherFitnessRecorded(let fact): if fact.fit == false { unfit.append((record, fact)) }
        case .incidentRecorded(let fact):
            if fact.kind == "allegation" || fact.kind == "significant_harm" {
                incidents[fact.childId, default: []].append(record)
            }
        case .householdMemberChanged(let fact) where fact.affectsSafety == true:
            for id in distinct(fact.childIds) { changes[id, default: []].append(record) }
        case .carePlanChanged(let fact): if fact.significant == true { carePlanChanges.append((record, fact)) }
        case .courtOrderMade(let fact) where fact.orderType == "care":
            guard let day = fact.madeAt?.day else { return }
            for id in distinct(fact.childIds) { careOrders[id, default: []].append(day) }
        default: break
        }
    }

    private mutating func takePlan(_ payload: Payload, _ record: Record) {
        switch payload {
        case .careProceedingsStarted(let fact):
            let started = Proceedings(
                record: record, id: fact.proceedingsId, children: fact.childIds, day: fact.startedAt.day)
            proceedings.removeAll { $0.id == fact.proceedingsId }
            proceedings.append(started)
        case .careProceedingsConcluded(let fact): concluded[fact.proceedingsId] = fact.concludedAt.day
        case .planDualDecided(let fact): dualDecisions.append((record, fact))
        case .coreGroupHeld(let fact):
            coreGroups[fact.planId, default: []].append(CoreGroupMeeting(record: record, facts: fact))
        case .progressMeetingScheduled(let fact):
            progressMeetings[fact.planId, default: ProgressMeetings()].scheduled.append((record, fact))
        case .progressMeetingHeld(let fact):
            progressMeetings[fact.planId, default: ProgressMeetings()].held.append((record, fact))
        case .transferInNotified(let fact):
            if let start = fact.originalPlanStart {
                originalStarts[fact.childId, default: []].append((record, fact.notifiedAt.day, start))
            }
        default: break
        }
    }
}
