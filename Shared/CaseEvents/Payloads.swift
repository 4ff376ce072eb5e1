import StatutoryRules

// From a payload that has passed the table to the domain's fact. A type whose rules are still to be written waits.

extension Contract {
    static func payload(_ type: EventType, _ data: JSONPlace) throws(Problem) -> Payload {
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
        case .pregnancyRecorded: .pregnancyRecorded(try data.pregnancyRecorded())
        case .pregnancyEddRevised: .pregnancyEddRevised(try data.eddRevised())
        case .motherFitnessRecorded: .motherFitnessRecorded(try data.motherFitness())
        case .prebirthAssessmentCompleted: .prebirthAssessmentCompleted(try data.prebirthAssessment())
        case .preproceedingsLetterSent: .preproceedingsLetterSent(try data.preproceedingsLetter())
        case .childMovedArea: .childMovedArea(try data.childMoved())
        case .childLeftCountryReported: .childLeftCountryReported(try data.leftCountryReported())
        case .childLocationConfirmed: .childLocationConfirmed(try data.locationConfirmed())
        case .childWhereaboutsDecided: .childWhereaboutsDecided(try data.whereaboutsDecided())
        case .childReturnHomeProposed: .childReturnHomeProposed(try data.returnHomeProposed())
        case .childRemovedFromCare: .childRemovedFromCare(try data.removedFromCare())
        case .carePlanChanged: .carePlanChanged(try data.carePlanChanged())
        case .transferMeetingHeld: .transferMeetingHeld(try data.transferMeeting())
        case .childDetailsCorrected: .childDetailsCorrected(try data.detailsCorrected())
        case .householdMemberChanged: .householdMemberChanged(try data.householdChanged())
        case .allocationChanged: .allocationChanged(try data.allocationChanged())
        case .concernReferred: .concernReferred(try data.concernReferred())
        case .incidentRecorded: .incidentRecorded(try data.incident())
        case .supervisionSessionRecorded: .supervisionSessionRecorded(try data.supervisionSession())
        case .caseNoteRecorded: .caseNoteRecorded(try data.caseNote())
        case .childAssessmentConcluded: .childAssessmentConcluded(try data.assessmentConcluded())
        case .careProceedingsStarted: .careProceedingsStarted(try data.proceedingsStarted())
        case .careProceedingsConcluded: .careProceedingsConcluded(try data.proceedingsConcluded())
        case .familyMemberRecorded: .familyMemberRecorded(try data.familyMember())
        case .caseClosed: .caseClosed(try data.caseClosed())
        case .caseReopened: .caseReopened(try data.caseReopened())
        case .caseMerged: .caseMerged(try data.caseMerged())
        case .escalationAcknowledged: .escalationAcknowledged(try data.escalationAcknowledged())
        case .overrideRecorded: .overrideRecorded(try data.override())
        case .conferenceNextDateSet: .conferenceNextDateSet(try data.nextDateSet())
        case .conferenceChairAssigned: .conferenceChairAssigned(try data.chairAssigned())
        case .conferenceChairUnavailable: .conferenceChairUnavailable(try data.chairUnavailable())
        case .conferenceDeputyNominated: .conferenceDeputyNominated(try data.deputyNominated())
        case .conferenceInvitationsSent: .conferenceInvitationsSent(try data.invitationsSent())
        case .conferenceConsultationSent: .conferenceConsultationSent(try data.consultationSent())
        case .conferenceApologyReceived: .conferenceApologyReceived(try data.apology())
        case .conferenceChairDiscussionHeld: .conferenceChairDiscussionHeld(try data.chairDiscussion())
        case .conferenceReportQualityAssured: .conferenceReportQualityAssured(try data.reportQualityAssured())
        case .conferenceChildParticipationAssessed:
            .conferenceChildParticipationAssessed(try data.participationAssessed())
        case .conferenceViewsRecorded: .conferenceViewsRecorded(try data.viewsRecorded())
        case .conferenceExclusionRequested: .conferenceExclusionRequested(try data.exclusionRequested())
        case .conferenceExclusionDecided: .conferenceExclusionDecided(try data.exclusionDecided())
        case .conferenceParticipantExcluded: .conferenceParticipantExcluded(try data.participantExcluded())
        case .conferenceObserverRequested: .conferenceObserverRequested(try data.observerRequested())
        case .conferenceRecordingRequested: .conferenceRecordingRequested(try data.recordingRequested())
        case .conferenceRecordingDecided: .conferenceRecordingDecided(try data.recordingDecided())
        case .conferencePostponementRequested: .conferencePostponementRequested(try data.postponementRequested())
        case .conferenceRecordDiscussed: .conferenceRecordDiscussed(try data.recordDiscussed())
        case .conferenceRecordAmendmentRequested: .conferenceRecordAmendmentRequested(try data.amendmentRequested())
        case .conferenceRecordDisclosed: .conferenceRecordDisclosed(try data.recordDisclosed())
        case .letterSent: .letterSent(try data.letterSent())
        case .outlinePlanIssued: .outlinePlanIssued(try data.outlinePlan())
        case .earlyReviewRequested: .earlyReviewRequested(try data.earlyReviewRequested())
        case .earlyReviewDecided: .earlyReviewDecided(try data.earlyReviewDecided())
        case .dissentRecorded: .dissentRecorded(try data.dissent())
        case .dissentEscalated: .dissentEscalated(try data.dissentEscalated())
        case .complaintReceived: .complaintReceived(try data.complaint())
        case .complaintPassedOn: .complaintPassedOn(try data.complaintPassedOn())
        case .complaintConcluded: .complaintConcluded(try data.complaintConcluded())
        case .enquiryReceived: .enquiryReceived(try data.recordEnquiry())
        case .informationProvided: .informationProvided(try data.informationProvided())
        case .planCategoryChanged: .planCategoryChanged(try data.categoryChanged())
        case .planEndProposed: .planEndProposed(try data.planEndProposed())
        case .planEndConsulted: .planEndConsulted(try data.planEndConsulted())
        case .planDualDecided: .planDualDecided(try data.dualDecided())
        case .planActionsUpdated: .planActionsUpdated(try data.actionsUpdated())
        case .coreGroupHeld: .coreGroupHeld(try data.coreGroup())
        case .progressMeetingScheduled: .progressMeetingScheduled(try data.progressMeetingScheduled())
        case .progressMeetingHeld: .progressMeetingHeld(try data.progressMeeting())
        case .cinPlanStarted: .cinPlanStarted(try data.childInNeedPlanStarted())
        case .cinPlanReviewed: .cinPlanReviewed(try data.childInNeedPlanReviewed())
        case .cinPlanEnded: .cinPlanEnded(try data.childInNeedPlanEnded())
        case .supervisionPlanReviewed: .supervisionPlanReviewed(try data.supervisionPlanReviewed())
        case .personRecorded, .teamRecorded, .roleMailboxRecorded: .waiting(type)
        }
    }
}

/// Fields by name. What the table requires is there once `Validation` has passed; asked for and absent all the same,
/// it is refused rather than trapped on.
extension JSONPlace {
    func text(_ name: StaticString) -> String? { self[name]?.string }
    func flag(_ name: StaticString) -> Bool? { self[name]?.bool }
    func date(_ name: StaticString) -> Day? { self[name]?.date }
    func moment(_ name: StaticString) -> Moment? { self[name]?.moment }
    func conferenceType() -> ConferenceType? { text("conferenceType").flatMap(ConferenceType.init) }

    /// Of an event about one child, however it is named.
    func childId() throws(Problem) -> String {
        try required(text("childId") ?? self["childIds"]?.elements.first { _ in true }?.string, "childId")
    }

    func id(_ name: StaticString) throws(Problem) -> String { try required(text(name), name) }
    func requiredDate(_ name: StaticString) throws(Problem) -> Day { try required(date(name), name) }
    func requiredMoment(_ name: StaticString) throws(Problem) -> Moment { try required(moment(name), name) }

    private func required<Value>(_ value: Value?, _ name: StaticString) throws(Problem) -> Value {
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

    /// The elements of a list.
    func items(_ name: StaticString) -> [JSONPlace] { self[name]?.elements.map { $0 } ?? [] }
    func texts(_ name: StaticString) -> [String] { self[name]?.elements.compactMap(\.string) ?? [] }

    /// Yes or no, in JSON's words or in English.
    func answer(_ name: StaticString) -> Bool? {
        guard let value = self[name] else { return nil }
        return value.bool ?? value.string.flatMap { ["yes": true, "true": true, "no": false, "false": false][$0] }
    }

    /// Whether the field says something: neither absent nor empty, nor `false`.
    func says(_ name: StaticString) -> Bool { self[name]?.saysSomething ?? false }

    var saysSomething: Bool {
        switch kind {
        case .null: false
        case .bool: bool == true
        case .string: !raw.isEmpty
        case .array: elements.contains { $0.saysSomething }
        case .object: members.contains { $0.value.saysSomething }
        case .number: true
        }
    }

    /// People, each an object or a bare id.
    func participants(_ name: StaticString) -> [Participant] {
        items(name).map { person in
            guard person.kind == .object else { return Participant(personId: person.string) }
            var participant = Participant(
                personId: person.text("personId"), role: person.text("role"), agency: person.text("agency"))
            participant.mode = person.text("mode")
            participant.basis = person.text("basis")
            participant.directContactChildIds = person.texts("directContactChildIds")
            participant.saysDirectContact = person["directContactChildIds"].map { !$0.isNull } ?? false
            participant.leftAt = person.moment("leftAt")
            participant.mandatory = person.flag("mandatory")
            participant.hasContributionReason = person.says("contributionReason")
            return participant
        }
    }
}
