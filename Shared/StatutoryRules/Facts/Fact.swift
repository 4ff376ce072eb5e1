/// One event of a case, decoded: what happened, and the envelope that orders and corrects it.
public struct Fact: Sendable, Hashable {
    /// Unique within `source`.
    public var id: String
    public var source: String
    /// When the producer recorded it. Orders facts that replace one another; dates nothing.
    public var time: Instant
    /// The `id` of the event of the same source that this one replaces.
    public var supersedes: String?
    /// The `id` of the event of the same source that should not have been sent.
    public var retracts: String?
    public var payload: Payload

    public init(
        id: String, source: String, time: Instant, supersedes: String? = nil, retracts: String? = nil, payload: Payload
    ) {
        self.id = id
        self.source = source
        self.time = time
        self.supersedes = supersedes
        self.retracts = retracts
        self.payload = payload
    }
}

/// Everything known of one case: `authority` and `subject` are its identity. The facts are a set; their order in the
/// array means nothing.
public struct CaseFile: Sendable {
    public var authority: String
    public var subject: String
    public var facts: [Fact]

    public init(authority: String, subject: String, facts: [Fact]) {
        self.authority = authority
        self.subject = subject
        self.facts = facts
    }
}

/// What an event says, for the types that rules read so far. Every other type is kept whole by the ledger and waits
/// for its rules as `.waiting`.
public enum Payload: Sendable, Hashable {
    case childRegistered(ChildRegistered)
    case childBorn(ChildBorn)
    case childDied(ChildDied)
    case pregnancyEnded(PregnancyEnded)
    case childBecameLookedAfter(BecameLookedAfter)
    case childLookedAfterEnded(LookedAfterEnded)
    case strategyDiscussionHeld(StrategyDiscussion)
    case s47EnquiryStarted(EnquiryStarted)
    case s47EnquiryCompleted(EnquiryCompleted)
    case courtOrderMade(CourtOrderMade)
    case courtOrderExtended(CourtOrderExtended)
    case courtOrderEnded(CourtOrderEnded)
    case transferInNotified(TransferIn)
    case transferOutNotified(TransferOut)
    case transferOutConferenceConfirmed(ReceivingConference)
    case conferenceRequested(ConferenceRequested)
    case conferenceConveningDecided(ConveningDecided)
    case conferenceScheduled(ConferenceScheduled)
    case conferenceRescheduled(ConferenceRescheduled)
    case conferencePostponementDecided(PostponementDecided)
    case conferenceCancelled(ConferenceCancelled)
    case conferenceAdjourned(ConferenceAdjourned)
    case conferenceInviteListSubmitted(InviteListSubmitted)
    case conferenceReportSubmitted(ReportSubmitted)
    case conferenceReportShared(ReportShared)
    case conferenceHeld(ConferenceHeld)
    case conferenceRecordIssued(RecordIssued)
    case decisionLetterSent(DecisionLetterSent)
    case planStarted(PlanStarted)
    case planEnded(PlanEnded)
    /// A bare retraction: its data may be empty, since what it retracts says all.
    case retraction(EventType)
    case waiting(EventType)
}

extension Payload {
    /// The event's own instant, as the contract's table names it; the only time that may date a duty. `nil` where the
    /// event has none or does not say.
    public var ownMoment: Moment? {
        switch self {
        case .childRegistered, .retraction, .waiting: nil
        case .childBorn(let fact): fact.bornAt ?? fact.dateOfBirth.map(Moment.day)
        case .childDied(let fact): .day(fact.dateOfDeath)
        case .pregnancyEnded(let fact): .day(fact.endedOn)
        case .childBecameLookedAfter(let fact): .day(fact.startedOn)
        case .childLookedAfterEnded(let fact): .day(fact.endedOn)
        case .strategyDiscussionHeld(let fact): fact.heldAt
        case .s47EnquiryStarted(let fact): fact.startedAt
        case .s47EnquiryCompleted(let fact): fact.completedAt
        case .courtOrderMade(let fact): fact.madeAt
        case .courtOrderExtended(let fact): fact.extendedAt
        case .courtOrderEnded(let fact): fact.endedAt
        case .transferInNotified(let fact): fact.notifiedAt
        case .transferOutNotified(let fact): fact.notifiedAt
        case .transferOutConferenceConfirmed(let fact): fact.conferenceHeldAt
        case .conferenceRequested(let fact): fact.requestedAt
        case .conferenceConveningDecided(let fact): fact.decidedAt
        case .conferenceScheduled(let fact): fact.dateSetAt
        case .conferenceRescheduled(let fact): fact.rescheduledAt
        case .conferencePostponementDecided(let fact): fact.decidedAt
        case .conferenceCancelled(let fact): fact.cancelledAt
        case .conferenceAdjourned(let fact): fact.adjournedAt
        case .conferenceInviteListSubmitted(let fact): fact.submittedAt
        case .conferenceReportSubmitted(let fact): fact.submittedAt
        case .conferenceReportShared(let fact): fact.sharedAt
        case .conferenceHeld(let fact): fact.heldAt
        case .conferenceRecordIssued(let fact): fact.sentAt
        case .decisionLetterSent(let fact): fact.sentAt
        case .planStarted(let fact): .day(fact.startedOn)
        case .planEnded(let fact): .day(fact.endedOn)
        }
    }
}
