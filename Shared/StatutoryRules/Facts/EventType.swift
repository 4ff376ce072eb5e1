/// The events that integrations publish: rulebook, section A, and the six of the contract beyond it.
///
/// On the wire the type reads `quorate.<raw value>.v1`.
public enum EventType: String, CaseIterable, Sendable {
    // Topic `case-events`.
    case childRegistered = "child.registered"
    case childDetailsCorrected = "child.details_corrected"
    case householdMemberChanged = "household.member_changed"
    case allocationChanged = "allocation.changed"
    case concernReferred = "concern.referred"
    case incidentRecorded = "incident.recorded"
    case pregnancyRecorded = "pregnancy.recorded"
    case pregnancyEddRevised = "pregnancy.edd_revised"
    case pregnancyEnded = "pregnancy.ended"
    case childBorn = "child.born"
    case motherFitnessRecorded = "mother.fitness_recorded"
    case childDied = "child.died"
    case childMovedArea = "child.moved_area"
    case childLeftCountryReported = "child.left_country_reported"
    case childLocationConfirmed = "child.location_confirmed"
    case childWhereaboutsDecided = "child.whereabouts_decided"
    case childBecameLookedAfter = "child.became_looked_after"
    case childLookedAfterEnded = "child.looked_after_ended"
    case childReturnHomeProposed = "child.return_home_proposed"
    case childRemovedFromCare = "child.removed_from_care"
    case carePlanChanged = "care_plan.changed"
    case strategyDiscussionHeld = "strategy_discussion.held"
    case s47EnquiryStarted = "s47_enquiry.started"
    case s47EnquiryCompleted = "s47_enquiry.completed"
    case prebirthAssessmentCompleted = "prebirth_assessment.completed"
    case courtOrderMade = "court_order.made"
    case courtOrderExtended = "court_order.extended"
    case courtOrderEnded = "court_order.ended"
    case childAssessmentConcluded = "child_assessment.concluded"
    case careProceedingsStarted = "care_proceedings.started"
    case careProceedingsConcluded = "care_proceedings.concluded"
    case preproceedingsLetterSent = "preproceedings_letter.sent"
    case transferInNotified = "transfer_in.notified"
    case transferOutNotified = "transfer_out.notified"
    case transferOutConferenceConfirmed = "transfer_out.conference_confirmed"
    case transferMeetingHeld = "transfer_meeting.held"
    case supervisionSessionRecorded = "supervision_session.recorded"
    case caseNoteRecorded = "case_note.recorded"
    case familyMemberRecorded = "family_member.recorded"
    case caseClosed = "case.closed"
    case caseReopened = "case.reopened"
    case caseMerged = "case.merged"
    case escalationAcknowledged = "escalation.acknowledged"
    case conferenceRequested = "conference.requested"
    case conferenceConveningDecided = "conference.convening_decided"
    case conferenceScheduled = "conference.scheduled"
    case conferenceRescheduled = "conference.rescheduled"
    case conferenceNextDateSet = "conference.next_date_set"
    case conferenceChairAssigned = "conference.chair_assigned"
    case conferenceChairUnavailable = "conference.chair_unavailable"
    case conferenceDeputyNominated = "conference.deputy_nominated"
    case conferenceInviteListSubmitted = "conference.invite_list_submitted"
    case conferenceInvitationsSent = "conference.invitations_sent"
    case conferenceConsultationSent = "conference.consultation_sent"
    case conferenceApologyReceived = "conference.apology_received"
    case conferenceChairDiscussionHeld = "conference.chair_discussion_held"
    case conferenceReportSubmitted = "conference.report_submitted"
    case conferenceReportQualityAssured = "conference.report_quality_assured"
    case conferenceReportShared = "conference.report_shared"
    case conferenceChildParticipationAssessed = "conference.child_participation_assessed"
    case conferenceViewsRecorded = "conference.views_recorded"
    case conferenceExclusionRequested = "conference.exclusion_requested"
    case conferenceExclusionDecided = "conference.exclusion_decided"
    case conferenceParticipantExcluded = "conference.participant_excluded"
    case conferenceObserverRequested = "conference.observer_requested"
    case conferenceRecordingRequested = "conference.recording_requested"
    case conferenceRecordingDecided = "conference.recording_decided"
    case conferencePostponementRequested = "conference.postponement_requested"
    case conferencePostponementDecided = "conference.postponement_decided"
    case conferenceCancelled = "conference.cancelled"
    case conferenceAdjourned = "conference.adjourned"
    case conferenceHeld = "conference.held"
    case conferenceRecordIssued = "conference.record_issued"
    case conferenceRecordDiscussed = "conference.record_discussed"
    case conferenceRecordAmendmentRequested = "conference.record_amendment_requested"
    case conferenceRecordDisclosed = "conference.record_disclosed"
    case decisionLetterSent = "decision_letter.sent"
    case letterSent = "letter.sent"
    case outlinePlanIssued = "outline_plan.issued"
    case earlyReviewRequested = "early_review.requested"
    case earlyReviewDecided = "early_review.decided"
    case dissentRecorded = "dissent.recorded"
    case dissentEscalated = "dissent.escalated"
    case complaintReceived = "complaint.received"
    case complaintPassedOn = "complaint.passed_on"
    case complaintConcluded = "complaint.concluded"
    case enquiryReceived = "enquiry.received"
    case informationProvided = "information.provided"
    case planStarted = "plan.started"
    case planCategoryChanged = "plan.category_changed"
    case planEndProposed = "plan.end_proposed"
    case planEndConsulted = "plan.end_consulted"
    case planEnded = "plan.ended"
    case planDualDecided = "plan.dual_decided"
    case planActionsUpdated = "plan.actions_updated"
    case coreGroupHeld = "core_group.held"
    case progressMeetingScheduled = "progress_meeting.scheduled"
    case progressMeetingHeld = "progress_meeting.held"
    case cinPlanStarted = "cin_plan.started"
    case cinPlanReviewed = "cin_plan.reviewed"
    case cinPlanEnded = "cin_plan.ended"
    case supervisionPlanReviewed = "supervision_plan.reviewed"
    case overrideRecorded = "override.recorded"

    // Topic `directory-events`.
    case personRecorded = "person.recorded"
    case teamRecorded = "team.recorded"
    case roleMailboxRecorded = "role_mailbox.recorded"

    /// Whether it travels on `directory-events` and so never enters an assessment.
    public var isDirectory: Bool {
        switch self {
        case .personRecorded, .teamRecorded, .roleMailboxRecorded: true
        default: false
        }
    }
}

extension EventType {
    /// Whether rules read what it says; the others are kept and wait for theirs. In step with `Payload`, by a test.
    public var isRead: Bool {
        switch self {
        case .childRegistered, .childBorn, .childDied, .pregnancyEnded, .childBecameLookedAfter, .childLookedAfterEnded,
            .strategyDiscussionHeld, .s47EnquiryStarted, .s47EnquiryCompleted, .courtOrderMade, .courtOrderExtended,
            .courtOrderEnded, .transferInNotified, .transferOutNotified, .transferOutConferenceConfirmed,
            .conferenceRequested, .conferenceConveningDecided, .conferenceScheduled, .conferenceRescheduled,
            .conferencePostponementDecided, .conferenceCancelled, .conferenceAdjourned, .conferenceInviteListSubmitted,
            .conferenceReportSubmitted, .conferenceReportShared, .conferenceHeld, .conferenceRecordIssued,
            .decisionLetterSent, .planStarted, .planEnded:
            true
        default: false
        }
    }
}
