// The contract's table: the life of a conference or looked-after review (rulebook A, "Conference lifecycle").

extension Contract {
    static let conferences: [EventContract] = bookings + preparations + exclusions + postponements + outcomes + replies

    /// Someone invited, present or addressed.
    private static let person = named("personId") + code("agency", Codes.agency) + code("role", Codes.role)

    private static let bookings: [EventContract] = [
        EventContract(
            .conferenceRequested, own: "requestedAt", required: ["conferenceId"],
            named("conferenceId", "indexChildId", "enquiryId", "requestedBy", "requestedAt"), everyChild(),
            code("conferenceType", Codes.conferenceType), object("trigger", named("eventId"), text("kind")),
            open("justification")),
        EventContract(
            .conferenceConveningDecided, own: "decidedAt", required: ["conferenceId", "decision"],
            named("conferenceId", "decidedBy", "decidedAt"), code("decision", Codes.yesNo),
            code("decidedByRole", Codes.role), open("reasons")),
        EventContract(
            .conferenceScheduled, own: "dateSetAt", required: ["conferenceId", "startsAt"],
            named("conferenceId", "startsAt", "endsAt", "chairId", "dateSetAt", "safetyAssessmentAt"), everyChild(),
            code("conferenceType", Codes.conferenceType), open("venueOrMode"), flags("familyInformed"),
            open(
                "practiceModel", "keyAttendeeAvailability", "childcareOffered", "dayCareOffered", "measures",
                "familyConflictConsidered", "separateSession", "conflictOfInterest", "planningNote", "arrangements",
                "preparationOffered"),
            flags("hasSchoolAgeChildren", "parentOnBail", "activeInvestigation", "policeInvolved"),
            named("recordingPolicySharedAt", "owningAuthority")),
        EventContract(
            .conferenceRescheduled, own: "rescheduledAt", required: ["conferenceId", "newStartsAt"],
            named("conferenceId", "oldStartsAt", "newStartsAt", "rescheduledAt", "decidedBy", "decisionEventId"),
            code("reasonCode", Codes.postponementReason)),
        EventContract(
            .conferenceNextDateSet, own: "dateSetAt", required: ["conferenceId", "nextOn"],
            named("conferenceId", "nextConferenceId", "nextOn", "dateSetAt", "setBy"), items("setWith"),
            flags("minuted")),
        EventContract(
            .conferenceChairAssigned, own: "assignedAt", required: ["conferenceId", "chairId"],
            named("conferenceId", "assignedAt", "chairId"), code("chairRole", Codes.role),
            flags("independent", "trained"), items("caseHistory"), open("reason"), flags("experienced", "lineManages"),
            open("considered", "independenceRationale", "childConsulted", "view")),
        EventContract(
            .conferenceChairUnavailable, own: "reportedAt", required: ["conferenceId", "reportedAt"],
            named("conferenceId", "chairId", "reportedAt"), code("reasonCode", Codes.postponementReason),
            items("alternativesTried")),
        EventContract(
            .conferenceDeputyNominated, own: "nominatedAt", required: ["conferenceId", "deputyId"],
            named("conferenceId", "forPersonId", "deputyId", "nominatedBy", "nominatedAt"),
            flags("familiarityConfirmed"), code("nominatedByRole", Codes.role)),
    ]

    private static let preparations: [EventContract] = [
        EventContract(
            .conferenceInviteListSubmitted, own: "submittedAt", required: ["conferenceId", "submittedAt"],
            named("conferenceId", "submittedAt", "submittedBy"), text("channel"),
            list("invitees", person, flags("mandatory"), open("contributionReason"))),
        EventContract(
            .conferenceInvitationsSent, own: "sentAt", required: ["conferenceId", "sentAt"],
            named("conferenceId", "sentAt"), items("recipients"), open("attachments")),
        EventContract(
            .conferenceConsultationSent, own: "sentAt", required: ["conferenceId", "sentAt"],
            named("conferenceId", "sentAt"), items("recipients")),
        EventContract(
            .conferenceApologyReceived, own: "receivedAt", required: ["conferenceId", "receivedAt"],
            named("conferenceId", "personId", "receivedAt"), code("agency", Codes.agency), open("reason"),
            flags("reportSubmitted"), code("role", Codes.role), named("opportunityOfferedAt")),
        EventContract(
            .conferenceChairDiscussionHeld, own: "heldAt", required: ["conferenceId", "heldAt"],
            named("conferenceId", "heldAt", "chairId", "swId", "swContactedAt"), open("complexities")),
        EventContract(
            .conferenceReportSubmitted, own: "submittedAt", required: ["reportId", "conferenceId", "submittedAt"],
            named(
                "reportId", "conferenceId", "authorId", "indexChildId", "submittedAt", "receivedByChairAt", "signedBy",
                "templateId"),
            code("agency", Codes.agency),
            object(
                "flags", open("factOpinion", "householdCovered", "planProgress"), items("childSections", "childSeen")),
            named("signedAt", "reportSourceAuthority"), open("templateApproved", "assessmentAttached")),
        EventContract(
            .conferenceReportQualityAssured, own: "qaAt", required: ["reportId", "qaAt"],
            named("reportId", "managerId", "qaAt"), open("result")),
        EventContract(
            .conferenceReportShared, own: "sharedAt", required: ["reportId", "sharedAt"],
            named("reportId", "sharedAt", "personId"), code("personRole", Codes.role),
            open("method", "familyComments"), open("correctionsMade")),
        EventContract(
            .conferenceChildParticipationAssessed, own: "assessedAt",
            required: ["conferenceId", "childId|childIds", "assessedAt"],
            oneChild(),
            named(
                "conferenceId", "assessedAt", "assessedBy", "advocateId", "agreedByChairAt", "agreedBySwAt"),
            open("declaredWish", "attend", "arrangements", "parentViews", "impactConsidered"),
            open(
                "alternativeMethod", "parentPrivacyView", "preparedBy", "preparedAt", "adjustments", "supporterOffered",
                "checklist", "understandingAssessed")),
        EventContract(
            .conferenceViewsRecorded, own: "recordedAt", required: ["conferenceId", "recordedAt"],
            named("conferenceId", "personId", "recordedAt", "chairPreMeetingAt"), code("personRole", Codes.role),
            open("method"), named("childId"), open("reasonIfNone")),
    ]

    private static let exclusions: [EventContract] = [
        EventContract(
            .conferenceExclusionRequested, own: "requestedAt", required: ["conferenceId", "personId"],
            named("conferenceId", "personId", "requestedBy", "requestedAt"), text("groundCode"),
            open("scope", "evidence")),
        EventContract(
            .conferenceExclusionDecided, own: "decidedAt", required: ["conferenceId", "personId", "decision"],
            named("conferenceId", "personId", "decidedBy", "decidedAt", "legalAdviceAt"),
            text("groundCode", "decision"), open("scope", "recordDecision", "recordScope"),
            code("decidedByRole", Codes.role), open("considerationNote")),
        EventContract(
            .conferenceParticipantExcluded, own: "startedAt", required: ["conferenceId", "personId", "startedAt"],
            named("conferenceId", "personId", "startedAt", "endedAt", "decidedBy"), open("reason")),
        EventContract(
            .conferenceObserverRequested, own: "requestedAt", required: ["conferenceId", "personId"],
            named("conferenceId", "personId", "requestedAt", "chairConsentAt", "familyConsentAt")),
        EventContract(
            .conferenceRecordingRequested, own: "requestedAt", required: ["conferenceId"],
            named("conferenceId", "personId", "requestedAt"), open("processVersion", "noticeRequired")),
        EventContract(
            .conferenceRecordingDecided, own: "decidedAt", required: ["conferenceId", "granted"],
            named("conferenceId", "personId", "decidedBy", "decidedAt", "legalAdviceAt", "agreementSignedAt"),
            flags("granted"), open("reasons", "limitsExplained")),
    ]

    private static let postponements: [EventContract] = [
        EventContract(
            .conferencePostponementRequested, own: "requestedAt", required: ["conferenceId"],
            named("conferenceId", "requestedBy", "requestedAt", "discussedWithChairAt"),
            code("action", Codes.action), code("requestedByRole", Codes.role),
            code("reasonCode", Codes.postponementReason), open("circumstances", "measuresTaken"),
            flags("alternativeSought"), flags("exceptional"), items("missingAgencies"), open("solution"),
            named("agreedWithChairAt")),
        EventContract(
            .conferencePostponementDecided, own: "decidedAt", required: ["conferenceId"],
            named("conferenceId", "decidedAt", "filedAt", "newStartsAt"), everyChild(), code("action", Codes.action),
            flags("agreed"), code("reasonCode", Codes.postponementReason),
            list("approvals", named("personId", "approvedAt"), code("role", Codes.role)), open("writtenReasons")),
        EventContract(
            .conferenceCancelled, own: "cancelledAt", required: ["conferenceId"],
            named("conferenceId", "cancelledAt", "decisionEventId")),
        EventContract(
            .conferenceAdjourned, own: "adjournedAt", required: ["conferenceId"],
            named("conferenceId", "adjournedAt", "newStartsAt", "decisionEventId"),
            code("reasonCode", Codes.postponementReason)),
    ]

    private static let outcomes: [EventContract] = [
        EventContract(
            .conferenceHeld, own: "heldAt", required: ["conferenceId", "heldAt"],
            named("conferenceId", "heldAt", "startsAt", "endedAt", "chairId"), everyChild(),
            code("conferenceType", Codes.conferenceType),
            list(
                "attendees", person, code("mode", Codes.mode), open("basis", "exceptionReason"),
                ids("directContactChildIds"),
                moments("leftAt"), flags("leftAtChairRequest")),
            items("absentees", "recommendations"), open("quorumClaim", "proceedReason"),
            list(
                "decisions", required: ["childId"], named("childId"),
                open("threshold", "likelySignificantHarm", "continuingRisk", "reasons", "icpcDecision"),
                code("decision", ["plan", "no_plan", "continue", "end", "not_decided"]),
                code("category", Codes.category), integers("childAgencyContactCount")),
            integers("reviewNumber"), moments("nextReviewDate"),
            flags("categoryReviewed", "householdChildrenConsidered"),
            open(
                "thresholdAnswer", "likelihoodBasis", "checklist", "viewsPresentedBy", "harmConsidered",
                "progressReviewed", "securityAssessed", "adequacyConsidered", "perChildConsidered", "agendaTemplateId",
                "deputyContributed", "announced"), flags("seriousConcern"),
            code("carePlanLocation", ["with_family", "returning_to_family", "elsewhere"])),
        EventContract(
            .conferenceRecordIssued, own: "sentAt", required: ["conferenceId", "sentAt"],
            named("conferenceId", "recipientId", "sentAt", "receivedAt", "signedBy", "signedAt"),
            code("recipientRole", Codes.role), flags("redacted", "includesExclusion", "nextReviewDateIncluded"),
            open("recordScope"), code("minutesAuthorRole", Codes.role),
            open("childCopyDecision", "assistanceArranged", "parentConsent"), named("decidedBy", "explainedToChildAt"),
            code("interpreterRelationship", ["none", "relative", "other"])),
        EventContract(
            .conferenceRecordDiscussed, own: "discussedAt", required: ["conferenceId", "discussedAt|givenAt"],
            named("conferenceId", "personId", "givenAt", "discussedAt", "byPersonId")),
        EventContract(
            .conferenceRecordAmendmentRequested, own: "requestedAt", required: ["conferenceId", "requestedAt"],
            named("conferenceId", "recipientId", "receivedAt", "requestedAt")),
        EventContract(
            .conferenceRecordDisclosed, own: "disclosedAt", required: ["conferenceId", "disclosedAt"],
            named("conferenceId", "disclosedAt"), open("toParty", "basis", "basisRef")),
        EventContract(
            .decisionLetterSent, own: "sentAt", required: ["conferenceId", "sentAt"],
            named("conferenceId", "recipientId", "sentAt"), code("recipientRole", Codes.role),
            object("contents", open("decisions", "recommendations", "swName", "complaintRights")), open("protocolLink")),
        EventContract(
            .letterSent, own: "sentAt", required: ["letterId", "kind", "sentAt"],
            oneChild(), named("letterId", "planId", "conferenceId", "sentAt", "signedBy", "releasedBy"),
            code(
                "kind",
                [
                    "plan_end_death", "plan_end_abroad", "plan_end_parents", "plan_end_agencies", "plan_end_by_sw",
                    "exclusion", "no_plan", "other",
                ]),
            list("recipients", person), code("signedByRole", Codes.role), flags("inPerson"),
            object("contents", open("howToGiveViews", "howOutcomeIsTold", "howToComplain"))),
        EventContract(
            .outlinePlanIssued, own: "issuedAt", required: ["conferenceId", "issuedAt"],
            oneChild(), named("conferenceId", "recipientIds", "issuedAt", "signedBy", "signedAt")),
    ]

    /// What people answer: early reviews, dissent, complaints, enquiries of the record.
    private static let replies: [EventContract] = [
        EventContract(
            .earlyReviewRequested, own: "requestedAt", required: ["childId|childIds|planId"],
            oneChild(), named("planId", "requestedBy", "requestedAt"), text("reasonCode"),
            code("requestedByRole", Codes.role)),
        EventContract(
            .earlyReviewDecided, own: "decidedAt", required: ["childId|childIds|planId", "decision"],
            oneChild(), named("planId", "decidedBy", "decidedAt", "newOn"), text("decision"), open("reasons"),
            code("decidedByRole", Codes.role)),
        EventContract(
            .dissentRecorded, own: "recordedAt", required: ["conferenceId", "recordedAt"],
            named("conferenceId", "recordedAt"), code("agency", Codes.agency), open("decisionRef", "reasons"),
            open("protocolVersion", "recordIncludesDissent")),
        EventContract(
            .dissentEscalated, own: "startedAt", required: ["conferenceId", "startedAt"],
            named("conferenceId", "escalationId", "startedAt"), code("agency", Codes.agency)),
        EventContract(
            .complaintReceived, own: "receivedAt", required: ["complaintId", "receivedAt"],
            named("complaintId", "conferenceId", "complainantId", "receivedAt"), text("subjectCode"),
            code("subjectAgency", Codes.agency)),
        EventContract(
            .complaintPassedOn, own: "passedOnAt", required: ["complaintId", "passedOnAt"],
            named("complaintId", "passedOnAt"), items("recipients")),
        EventContract(
            .complaintConcluded, own: "concludedAt", required: ["complaintId", "concludedAt"],
            named("complaintId", "concludedAt"),
            code("outcome", ["reconvene_new_chair", "review_brought_forward", "status_quo"]), open("explanation"),
            named("newOn", "formerChairId")),
        EventContract(
            .enquiryReceived, own: "receivedAt", required: ["enquiryId", "receivedAt"],
            oneChild(), named("enquiryId", "receivedAt", "verifiedBy", "verifiedAt"), open("enquirer", "purpose"),
            code("enquirerRole", Codes.role)),
        EventContract(
            .informationProvided, own: "providedAt", required: ["enquiryId", "providedAt"],
            named("enquiryId", "providedAt", "providedBy"), open("contentRef")),
    ]
}
