// Which type an event is, and whom or what it is about.

extension Payload {
    public var eventType: EventType {
        switch self {
        case .childRegistered: .childRegistered
        case .childBorn: .childBorn
        case .childDied: .childDied
        case .pregnancyEnded: .pregnancyEnded
        case .childBecameLookedAfter: .childBecameLookedAfter
        case .childLookedAfterEnded: .childLookedAfterEnded
        case .strategyDiscussionHeld: .strategyDiscussionHeld
        case .s47EnquiryStarted: .s47EnquiryStarted
        case .s47EnquiryCompleted: .s47EnquiryCompleted
        case .courtOrderMade: .courtOrderMade
        case .courtOrderExtended: .courtOrderExtended
        case .courtOrderEnded: .courtOrderEnded
        case .transferInNotified: .transferInNotified
        case .transferOutNotified: .transferOutNotified
        case .transferOutConferenceConfirmed: .transferOutConferenceConfirmed
        case .conferenceRequested: .conferenceRequested
        case .conferenceConveningDecided: .conferenceConveningDecided
        case .conferenceScheduled: .conferenceScheduled
        case .conferenceRescheduled: .conferenceRescheduled
        case .conferencePostponementDecided: .conferencePostponementDecided
        case .conferenceCancelled: .conferenceCancelled
        case .conferenceAdjourned: .conferenceAdjourned
        case .conferenceInviteListSubmitted: .conferenceInviteListSubmitted
        case .conferenceReportSubmitted: .conferenceReportSubmitted
        case .conferenceReportShared: .conferenceReportShared
        case .conferenceHeld: .conferenceHeld
        case .conferenceRecordIssued: .conferenceRecordIssued
        case .decisionLetterSent: .decisionLetterSent
        case .planStarted: .planStarted
        case .planEnded: .planEnded
        case .pregnancyRecorded: .pregnancyRecorded
        case .pregnancyEddRevised: .pregnancyEddRevised
        case .motherFitnessRecorded: .motherFitnessRecorded
        case .prebirthAssessmentCompleted: .prebirthAssessmentCompleted
        case .preproceedingsLetterSent: .preproceedingsLetterSent
        case .childMovedArea: .childMovedArea
        case .childLeftCountryReported: .childLeftCountryReported
        case .childLocationConfirmed: .childLocationConfirmed
        case .childWhereaboutsDecided: .childWhereaboutsDecided
        case .childReturnHomeProposed: .childReturnHomeProposed
        case .childRemovedFromCare: .childRemovedFromCare
        case .carePlanChanged: .carePlanChanged
        case .transferMeetingHeld: .transferMeetingHeld
        case .childDetailsCorrected: .childDetailsCorrected
        case .householdMemberChanged: .householdMemberChanged
        case .allocationChanged: .allocationChanged
        case .concernReferred: .concernReferred
        case .incidentRecorded: .incidentRecorded
        case .supervisionSessionRecorded: .supervisionSessionRecorded
        case .caseNoteRecorded: .caseNoteRecorded
        case .childAssessmentConcluded: .childAssessmentConcluded
        case .careProceedingsStarted: .careProceedingsStarted
        case .careProceedingsConcluded: .careProceedingsConcluded
        case .familyMemberRecorded: .familyMemberRecorded
        case .caseClosed: .caseClosed
        case .caseReopened: .caseReopened
        case .caseMerged: .caseMerged
        case .escalationAcknowledged: .escalationAcknowledged
        case .overrideRecorded: .overrideRecorded
        case .conferenceNextDateSet: .conferenceNextDateSet
        case .conferenceChairAssigned: .conferenceChairAssigned
        case .conferenceChairUnavailable: .conferenceChairUnavailable
        case .conferenceDeputyNominated: .conferenceDeputyNominated
        case .conferenceInvitationsSent: .conferenceInvitationsSent
        case .conferenceConsultationSent: .conferenceConsultationSent
        case .conferenceApologyReceived: .conferenceApologyReceived
        case .conferenceChairDiscussionHeld: .conferenceChairDiscussionHeld
        case .conferenceReportQualityAssured: .conferenceReportQualityAssured
        case .conferenceChildParticipationAssessed: .conferenceChildParticipationAssessed
        case .conferenceViewsRecorded: .conferenceViewsRecorded
        case .conferenceExclusionRequested: .conferenceExclusionRequested
        case .conferenceExclusionDecided: .conferenceExclusionDecided
        case .conferenceParticipantExcluded: .conferenceParticipantExcluded
        case .conferenceObserverRequested: .conferenceObserverRequested
        case .conferenceRecordingRequested: .conferenceRecordingRequested
        case .conferenceRecordingDecided: .conferenceRecordingDecided
        case .conferencePostponementRequested: .conferencePostponementRequested
        case .conferenceRecordDiscussed: .conferenceRecordDiscussed
        case .conferenceRecordAmendmentRequested: .conferenceRecordAmendmentRequested
        case .conferenceRecordDisclosed: .conferenceRecordDisclosed
        case .letterSent: .letterSent
        case .outlinePlanIssued: .outlinePlanIssued
        case .earlyReviewRequested: .earlyReviewRequested
        case .earlyReviewDecided: .earlyReviewDecided
        case .dissentRecorded: .dissentRecorded
        case .dissentEscalated: .dissentEscalated
        case .complaintReceived: .complaintReceived
        case .complaintPassedOn: .complaintPassedOn
        case .complaintConcluded: .complaintConcluded
        case .enquiryReceived: .enquiryReceived
        case .informationProvided: .informationProvided
        case .planCategoryChanged: .planCategoryChanged
        case .planEndProposed: .planEndProposed
        case .planEndConsulted: .planEndConsulted
        case .planDualDecided: .planDualDecided
        case .planActionsUpdated: .planActionsUpdated
        case .coreGroupHeld: .coreGroupHeld
        case .progressMeetingScheduled: .progressMeetingScheduled
        case .progressMeetingHeld: .progressMeetingHeld
        case .cinPlanStarted: .cinPlanStarted
        case .cinPlanReviewed: .cinPlanReviewed
        case .cinPlanEnded: .cinPlanEnded
        case .supervisionPlanReviewed: .supervisionPlanReviewed
        case .retraction(let type), .waiting(let type): type
        }
    }

    /// The child, conference and plan that it names itself.
    var subject: Subject {
        switch self {
        case .childRegistered(let fact): Subject(childId: fact.childId)
        case .childBorn(let fact): Subject(childId: fact.childId)
        case .childDied(let fact): Subject(childId: fact.childId)
        case .pregnancyEnded(let fact): Subject(childId: fact.childId)
        case .childBecameLookedAfter(let fact): Subject(childId: fact.childId)
        case .childLookedAfterEnded(let fact): Subject(childId: fact.childId)
        case .transferInNotified(let fact): Subject(childId: fact.childId)
        case .transferOutNotified(let fact): Subject(childId: fact.childId)
        case .transferOutConferenceConfirmed(let fact): Subject(childId: fact.childId)
        case .conferenceRequested(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceConveningDecided(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceScheduled(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceRescheduled(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferencePostponementDecided(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceCancelled(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceAdjourned(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceInviteListSubmitted(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceReportSubmitted(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceHeld(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceRecordIssued(let fact): Subject(conferenceId: fact.conferenceId)
        case .decisionLetterSent(let fact): Subject(conferenceId: fact.conferenceId)
        case .planStarted(let fact):
            Subject(childId: fact.childId, conferenceId: fact.conferenceId, planId: fact.planId)
        case .planEnded(let fact): Subject(childId: fact.childId, conferenceId: fact.conferenceId, planId: fact.planId)
        case .pregnancyRecorded(let fact): Subject(childId: fact.childId)
        case .pregnancyEddRevised(let fact): Subject(childId: fact.childId)
        case .motherFitnessRecorded(let fact): Subject(childId: fact.childId)
        case .prebirthAssessmentCompleted(let fact): Subject(childId: fact.childId)
        case .preproceedingsLetterSent(let fact): Subject(childId: fact.childId)
        case .childMovedArea(let fact): Subject(childId: fact.childId)
        case .childLeftCountryReported(let fact): Subject(childId: fact.childId)
        case .childLocationConfirmed(let fact): Subject(childId: fact.childId)
        case .childWhereaboutsDecided(let fact): Subject(childId: fact.childId, planId: fact.planId)
        case .childReturnHomeProposed(let fact): Subject(childId: fact.childId)
        case .childRemovedFromCare(let fact): Subject(childId: fact.childId)
        case .carePlanChanged(let fact): Subject(childId: fact.childId)
        case .childDetailsCorrected(let fact): Subject(childId: fact.childId)
        case .allocationChanged(let fact): Subject(childId: fact.childId)
        case .concernReferred(let fact): Subject(childId: fact.childId)
        case .incidentRecorded(let fact): Subject(childId: fact.childId)
        case .caseNoteRecorded(let fact): Subject(childId: fact.childId)
        case .childAssessmentConcluded(let fact): Subject(childId: fact.childId)
        case .conferenceNextDateSet(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceChairAssigned(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceChairUnavailable(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceDeputyNominated(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceInvitationsSent(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceConsultationSent(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceApologyReceived(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceChairDiscussionHeld(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceChildParticipationAssessed(let fact):
            Subject(childId: fact.childId, conferenceId: fact.conferenceId)
        case .conferenceViewsRecorded(let fact): Subject(childId: fact.childId, conferenceId: fact.conferenceId)
        case .conferenceExclusionRequested(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceExclusionDecided(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceParticipantExcluded(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceObserverRequested(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceRecordingRequested(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceRecordingDecided(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferencePostponementRequested(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceRecordDiscussed(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceRecordAmendmentRequested(let fact): Subject(conferenceId: fact.conferenceId)
        case .conferenceRecordDisclosed(let fact): Subject(conferenceId: fact.conferenceId)
        case .letterSent(let fact): Subject(childId: fact.childId, conferenceId: fact.conferenceId, planId: fact.planId)
        case .outlinePlanIssued(let fact): Subject(childId: fact.childId, conferenceId: fact.conferenceId)
        case .earlyReviewRequested(let fact): Subject(childId: fact.childId, planId: fact.planId)
        case .earlyReviewDecided(let fact): Subject(childId: fact.childId, planId: fact.planId)
        case .dissentRecorded(let fact): Subject(conferenceId: fact.conferenceId)
        case .dissentEscalated(let fact): Subject(conferenceId: fact.conferenceId)
        case .complaintReceived(let fact): Subject(conferenceId: fact.conferenceId)
        case .enquiryReceived(let fact): Subject(childId: fact.childId)
        case .planCategoryChanged(let fact): Subject(conferenceId: fact.conferenceId, planId: fact.planId)
        case .planEndProposed(let fact):
            Subject(childId: fact.childId, conferenceId: fact.conferenceId, planId: fact.planId)
        case .planEndConsulted(let fact): Subject(planId: fact.planId)
        case .planDualDecided(let fact):
            Subject(childId: fact.childId, conferenceId: fact.conferenceId, planId: fact.planId)
        case .planActionsUpdated(let fact): Subject(planId: fact.planId)
        case .coreGroupHeld(let fact): Subject(planId: fact.planId)
        case .progressMeetingScheduled(let fact): Subject(planId: fact.planId)
        case .progressMeetingHeld(let fact): Subject(planId: fact.planId)
        case .cinPlanStarted(let fact): Subject(childId: fact.childId)
        case .strategyDiscussionHeld, .s47EnquiryStarted, .s47EnquiryCompleted, .courtOrderMade, .courtOrderExtended,
            .courtOrderEnded, .conferenceReportShared, .transferMeetingHeld, .householdMemberChanged,
            .supervisionSessionRecorded, .careProceedingsStarted, .careProceedingsConcluded, .familyMemberRecorded,
            .caseClosed, .caseReopened, .caseMerged, .escalationAcknowledged, .overrideRecorded,
            .conferenceReportQualityAssured, .complaintPassedOn, .complaintConcluded, .informationProvided,
            .cinPlanReviewed, .cinPlanEnded, .supervisionPlanReviewed, .retraction, .waiting:
            Subject()
        }
    }
}
