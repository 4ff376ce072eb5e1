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
    public var details: Details

    public init(
        id: String, source: String, time: Instant, supersedes: String? = nil, retracts: String? = nil, payload: Payload,
        details: Details = []
    ) {
        self.id = id
        self.source = source
        self.time = time
        self.supersedes = supersedes
        self.retracts = retracts
        self.payload = payload
        self.details = details
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

/// What an event says. Those of the directory never enter an assessment and stay `.waiting`. Indirect, so that a fact is
/// copied as cheaply as a reference.
public indirect enum Payload: Sendable, Hashable {
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
    case pregnancyRecorded(PregnancyRecorded)
    case pregnancyEddRevised(EddRevised)
    case motherFitnessRecorded(MotherFitness)
    case prebirthAssessmentCompleted(PrebirthAssessment)
    case preproceedingsLetterSent(PreproceedingsLetter)
    case childMovedArea(ChildMoved)
    case childLeftCountryReported(LeftCountryReported)
    case childLocationConfirmed(LocationConfirmed)
    case childWhereaboutsDecided(WhereaboutsDecided)
    case childReturnHomeProposed(ReturnHomeProposed)
    case childRemovedFromCare(RemovedFromCare)
    case carePlanChanged(CarePlanChanged)
    case transferMeetingHeld(TransferMeeting)
    case childDetailsCorrected(DetailsCorrected)
    case householdMemberChanged(HouseholdChanged)
    case allocationChanged(AllocationChanged)
    case concernReferred(ConcernReferred)
    case incidentRecorded(Incident)
    case supervisionSessionRecorded(SupervisionSession)
    case caseNoteRecorded(CaseNote)
    case childAssessmentConcluded(AssessmentConcluded)
    case careProceedingsStarted(ProceedingsStarted)
    case careProceedingsConcluded(ProceedingsConcluded)
    case familyMemberRecorded(FamilyMember)
    case caseClosed(CaseClosed)
    case caseReopened(CaseReopened)
    case caseMerged(CaseMerged)
    case escalationAcknowledged(EscalationAcknowledged)
    case overrideRecorded(Override)
    case conferenceNextDateSet(NextDateSet)
    case conferenceChairAssigned(ChairAssigned)
    case conferenceChairUnavailable(ChairUnavailable)
    case conferenceDeputyNominated(DeputyNominated)
    case conferenceInvitationsSent(InvitationsSent)
    case conferenceConsultationSent(ConsultationSent)
    case conferenceApologyReceived(Apology)
    case conferenceChairDiscussionHeld(ChairDiscussion)
    case conferenceReportQualityAssured(ReportQualityAssured)
    case conferenceChildParticipationAssessed(ParticipationAssessed)
    case conferenceViewsRecorded(ViewsRecorded)
    case conferenceExclusionRequested(ExclusionRequested)
    case conferenceExclusionDecided(ExclusionDecided)
    case conferenceParticipantExcluded(ParticipantExcluded)
    case conferenceObserverRequested(ObserverRequested)
    case conferenceRecordingRequested(RecordingRequested)
    case conferenceRecordingDecided(RecordingDecided)
    case conferencePostponementRequested(PostponementRequested)
    case conferenceRecordDiscussed(RecordDiscussed)
    case conferenceRecordAmendmentRequested(AmendmentRequested)
    case conferenceRecordDisclosed(RecordDisclosed)
    case letterSent(LetterSent)
    case outlinePlanIssued(OutlinePlan)
    case earlyReviewRequested(EarlyReviewRequested)
    case earlyReviewDecided(EarlyReviewDecided)
    case dissentRecorded(Dissent)
    case dissentEscalated(DissentEscalated)
    case complaintReceived(Complaint)
    case complaintPassedOn(ComplaintPassedOn)
    case complaintConcluded(ComplaintConcluded)
    case enquiryReceived(RecordEnquiry)
    case informationProvided(InformationProvided)
    case planCategoryChanged(CategoryChanged)
    case planEndProposed(PlanEndProposed)
    case planEndConsulted(PlanEndConsulted)
    case planDualDecided(DualDecided)
    case planActionsUpdated(ActionsUpdated)
    case coreGroupHeld(CoreGroup)
    case progressMeetingScheduled(ProgressMeetingScheduled)
    case progressMeetingHeld(ProgressMeeting)
    case cinPlanStarted(ChildInNeedPlanStarted)
    case cinPlanReviewed(ChildInNeedPlanReviewed)
    case cinPlanEnded(ChildInNeedPlanEnded)
    case supervisionPlanReviewed(SupervisionPlanReviewed)
    /// A bare retraction: its data may be empty, since what it retracts says all.
    case retraction(EventType)
    case waiting(EventType)
}

extension Payload {
    /// The event's own instant, as the contract's table names it; the only time that may date a duty. `nil` where the
    /// event has none or does not say.
    public var ownMoment: Moment? {
        switch self {
        case .childRegistered, .pregnancyRecorded, .familyMemberRecorded, .planEndConsulted, .progressMeetingScheduled,
            .retraction, .waiting:
            nil
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
        case .pregnancyEddRevised(let fact): fact.revisedAt
        case .motherFitnessRecorded(let fact): fact.recordedAt
        case .prebirthAssessmentCompleted(let fact): fact.completedAt
        case .preproceedingsLetterSent(let fact): fact.sentAt
        case .childMovedArea(let fact): .day(fact.movedOn)
        case .childLeftCountryReported(let fact): fact.reportedAt
        case .childLocationConfirmed(let fact): fact.confirmedAt
        case .childWhereaboutsDecided(let fact): fact.decidedAt
        case .childReturnHomeProposed(let fact): fact.proposedAt
        case .childRemovedFromCare(let fact): fact.removedAt
        case .carePlanChanged(let fact): fact.changedAt
        case .transferMeetingHeld(let fact): fact.heldAt
        case .childDetailsCorrected(let fact): fact.correctedAt
        case .householdMemberChanged(let fact): .day(fact.changedOn)
        case .allocationChanged(let fact): fact.effectiveAt
        case .concernReferred(let fact): fact.referredAt
        case .incidentRecorded(let fact): fact.occurredAt
        case .supervisionSessionRecorded(let fact): fact.heldAt
        case .caseNoteRecorded(let fact): fact.notedAt
        case .childAssessmentConcluded(let fact): fact.concludedAt
        case .careProceedingsStarted(let fact): fact.startedAt
        case .careProceedingsConcluded(let fact): fact.concludedAt
        case .caseClosed(let fact): .day(fact.closedOn)
        case .caseReopened(let fact): fact.reopenedOn.map(Moment.day)
        case .caseMerged(let fact): fact.mergedOn.map(Moment.day)
        case .escalationAcknowledged(let fact): fact.acknowledgedAt
        case .overrideRecorded(let fact): fact.recordedAt
        case .conferenceNextDateSet(let fact): fact.dateSetAt
        case .conferenceChairAssigned(let fact): fact.assignedAt
        case .conferenceChairUnavailable(let fact): fact.reportedAt
        case .conferenceDeputyNominated(let fact): fact.nominatedAt
        case .conferenceInvitationsSent(let fact): fact.sentAt
        case .conferenceConsultationSent(let fact): fact.sentAt
        case .conferenceApologyReceived(let fact): fact.receivedAt
        case .conferenceChairDiscussionHeld(let fact): fact.heldAt
        case .conferenceReportQualityAssured(let fact): fact.qaAt
        case .conferenceChildParticipationAssessed(let fact): fact.assessedAt
        case .conferenceViewsRecorded(let fact): fact.recordedAt
        case .conferenceExclusionRequested(let fact): fact.requestedAt
        case .conferenceExclusionDecided(let fact): fact.decidedAt
        case .conferenceParticipantExcluded(let fact): fact.startedAt
        case .conferenceObserverRequested(let fact): fact.requestedAt
        case .conferenceRecordingRequested(let fact): fact.requestedAt
        case .conferenceRecordingDecided(let fact): fact.decidedAt
        case .conferencePostponementRequested(let fact): fact.requestedAt
        case .conferenceRecordDiscussed(let fact): fact.discussedAt
        case .conferenceRecordAmendmentRequested(let fact): fact.requestedAt
        case .conferenceRecordDisclosed(let fact): fact.disclosedAt
        case .letterSent(let fact): fact.sentAt
        case .outlinePlanIssued(let fact): fact.issuedAt
        case .earlyReviewRequested(let fact): fact.requestedAt
        case .earlyReviewDecided(let fact): fact.decidedAt
        case .dissentRecorded(let fact): fact.recordedAt
        case .dissentEscalated(let fact): fact.startedAt
        case .complaintReceived(let fact): fact.receivedAt
        case .complaintPassedOn(let fact): fact.passedOnAt
        case .complaintConcluded(let fact): fact.concludedAt
        case .enquiryReceived(let fact): fact.receivedAt
        case .informationProvided(let fact): fact.providedAt
        case .planCategoryChanged(let fact): fact.changedAt
        case .planEndProposed(let fact): fact.proposedAt
        case .planDualDecided(let fact): fact.decidedAt
        case .planActionsUpdated(let fact): fact.updatedAt
        case .coreGroupHeld(let fact): fact.heldAt
        case .progressMeetingHeld(let fact): fact.heldAt
        case .cinPlanStarted(let fact): .day(fact.startedOn)
        case .cinPlanReviewed(let fact): fact.reviewedAt
        case .cinPlanEnded(let fact): .day(fact.endedOn)
        case .supervisionPlanReviewed(let fact): fact.reviewedAt
        }
    }
}
