import StatutoryRules

// From a payload that has passed the table to the domain's fact. A type whose rules are still to be written waits.

extension Contract {
    static func payload(_ type: EventType, _ data: JSONValue) throws(Problem) -> Payload {
        switch type {
        case .childRegistered: .childRegistered(try data.childRegistered())
        case .childBorn: .childBorn(try data.childBorn())
        case .childDied: .childDied(try data.childDied())
        case .pregnancyEnded: .pregnancyEnded(try data.pregnancyEnded())
        case .childBecameLookedAfter: .childBecameLookedAfter(try data.becameLookedAfter())
        case .childLookedAfterEnded: .childLookedAfterEnded(try data.lookedAfterEnded())
        case .strategyDiscussionHeld: .strategyDiscussionHeld(try data.strategyDiscussion())
        case .s47EnquiryStarted: .s47EnquiryStarted(try data.enquiryStarted())
        case .s47EnquiryCompleted: .s47EnquiryCompleted(try data.enquiryCompleted())
        case .courtOrderMade: .courtOrderMade(try data.courtOrderMade())
        case .courtOrderExtended: .courtOrderExtended(try data.courtOrderExtended())
        case .courtOrderEnded: .courtOrderEnded(try data.courtOrderEnded())
        case .transferInNotified: .transferInNotified(try data.transferIn())
        case .transferOutNotified: .transferOutNotified(try data.transferOut())
        case .transferOutConferenceConfirmed: .transferOutConferenceConfirmed(try data.receivingConference())
        case .conferenceRequested: .conferenceRequested(try data.conferenceRequested())
        case .conferenceConveningDecided: .conferenceConveningDecided(try data.conveningDecided())
        case .conferenceScheduled: .conferenceScheduled(try data.conferenceScheduled())
        case .conferenceRescheduled: .conferenceRescheduled(try data.conferenceRescheduled())
        case .conferencePostponementDecided: .conferencePostponementDecided(try data.postponementDecided())
        case .conferenceCancelled: .conferenceCancelled(try data.conferenceCancelled())
        case .conferenceAdjourned: .conferenceAdjourned(try data.conferenceAdjourned())
        case .conferenceInviteListSubmitted: .conferenceInviteListSubmitted(try data.inviteListSubmitted())
        case .conferenceReportSubmitted: .conferenceReportSubmitted(try data.reportSubmitted())
        case .conferenceReportShared: .conferenceReportShared(try data.reportShared())
        case .conferenceHeld: .conferenceHeld(try data.conferenceHeld())
        case .conferenceRecordIssued: .conferenceRecordIssued(try data.recordIssued())
        case .decisionLetterSent: .decisionLetterSent(try data.decisionLetterSent())
        case .planStarted: .planStarted(try data.planStarted())
        case .planEnded: .planEnded(try data.planEnded())
        case .childDetailsCorrected, .householdMemberChanged, .allocationChanged, .concernReferred, .incidentRecorded,
            .pregnancyRecorded, .pregnancyEddRevised, .motherFitnessRecorded, .childMovedArea,
            .childLeftCountryReported, .childLocationConfirmed, .childWhereaboutsDecided, .childReturnHomeProposed,
            .childRemovedFromCare, .carePlanChanged, .prebirthAssessmentCompleted, .childAssessmentConcluded,
            .careProceedingsStarted, .careProceedingsConcluded, .preproceedingsLetterSent, .transferMeetingHeld,
            .supervisionSessionRecorded, .caseNoteRecorded, .familyMemberRecorded, .caseClosed, .caseReopened,
            .caseMerged, .escalationAcknowledged, .overrideRecorded:
            .waiting(type)
        case .conferenceNextDateSet, .conferenceChairAssigned, .conferenceChairUnavailable,
            .conferenceDeputyNominated, .conferenceInvitationsSent, .conferenceConsultationSent,
            .conferenceApologyReceived, .conferenceChairDiscussionHeld, .conferenceReportQualityAssured,
            .conferenceChildParticipationAssessed, .conferenceViewsRecorded, .conferenceExclusionRequested,
            .conferenceExclusionDecided, .conferenceParticipantExcluded, .conferenceObserverRequested,
            .conferenceRecordingRequested, .conferenceRecordingDecided, .conferencePostponementRequested,
            .conferenceRecordDiscussed, .conferenceRecordAmendmentRequested, .conferenceRecordDisclosed, .letterSent,
            .outlinePlanIssued, .earlyReviewRequested, .earlyReviewDecided, .dissentRecorded, .dissentEscalated,
            .complaintReceived, .complaintPassedOn, .complaintConcluded, .enquiryReceived, .informationProvided:
            .waiting(type)
        case .planCategoryChanged, .planEndProposed, .planEndConsulted, .planDualDecided, .planActionsUpdated,
            .coreGroupHeld, .progressMeetingScheduled, .progressMeetingHeld, .cinPlanStarted, .cinPlanReviewed,
            .cinPlanEnded, .supervisionPlanReviewed, .personRecorded, .teamRecorded, .roleMailboxRecorded:
            .waiting(type)
        }
    }
}

/// Fields by name. What the table requires is there once `Validation` has passed; asked for and absent all the same,
/// it is refused rather than trapped on.
extension JSONValue {
    func text(_ name: String) -> String? { self[name]?.string }
    func flag(_ name: String) -> Bool? { self[name]?.bool }
    func date(_ name: String) -> Day? { self[name]?.utf8.flatMap { Day(bytes: $0) } }
    func moment(_ name: String) -> Moment? { self[name]?.utf8.flatMap { Moment(bytes: $0) } }
    func conferenceType() -> ConferenceType? { text("conferenceType").flatMap(ConferenceType.init) }

    /// Of an event about one child, however it is named.
    func childId() throws(Problem) -> String {
        try required(text("childId") ?? self["childIds"]?.elements.first { _ in true }?.string, "childId")
    }

    func id(_ name: String) throws(Problem) -> String { try required(text(name), name) }
    func requiredDate(_ name: String) throws(Problem) -> Day { try required(date(name), name) }
    func requiredMoment(_ name: String) throws(Problem) -> Moment { try required(moment(name), name) }

    private func required<Value>(_ value: Value?, _ name: String) throws(Problem) -> Value {
        guard let value else {
            throw Problem(code: "missing_field", reason: "`data.\(name)` is missing: add it.")
        }
        return value
    }

    /// Every child once, whether the event lists them or names one.
    func childIds() -> [String] {
        var children: [String] = []
        for id in (self["childIds"]?.elements.compactMap(\.string) ?? []) + [text("childId")].compactMap({ $0 })
        where !children.contains(id) {
            children.append(id)
        }
        return children
    }
}
