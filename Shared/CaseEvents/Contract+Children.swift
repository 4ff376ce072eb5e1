// The contract's table: children, enquiries, orders and moves (rulebook A, "Case facts").

extension Contract {
    static let children: [EventContract] =
        [
            EventContract(
                .childRegistered, required: ["childId|childIds"],
                oneChild(), named("authorityId", "householdId", "dateOfBirth", "edd"), ids("siblingIds"),
                text("displayName"), open("communicationNeeds", "disability", "firstLanguage", "census"),
                object("allocated", named("socialWorkerId", "teamManagerId", "serviceManagerId", "teamId")),
                flags("livingInAuthority")),
            EventContract(
                .childDetailsCorrected, own: "correctedAt", required: ["childId|childIds", "field"],
                oneChild(), named("effectiveOn", "correctedAt", "correctedBy"), text("field"),
                open("oldValue", "newValue")),
            EventContract(
                .householdMemberChanged, own: "changedOn", required: ["childIds|childId|householdId", "changedOn"],
                named("householdId", "personId", "changedOn"), everyChild(), code("change", ["joined", "left"]),
                flags("affectsSafety")),
            EventContract(
                .allocationChanged, own: "effectiveAt", required: ["childId|childIds", "effectiveAt"],
                oneChild(), named("fromPersonId", "toPersonId", "effectiveAt"), code("role", Codes.role),
                flags("planned")),
            EventContract(
                .concernReferred, own: "referredAt", required: ["childId|childIds", "referredAt"],
                oneChild(), named("referredAt", "edd"), code("agency", Codes.agency), open("gestationAtReferral")),
            EventContract(
                .incidentRecorded, own: "occurredAt", required: ["childId|childIds", "occurredAt"], oneChild(),
                named("occurredAt"),
                code("kind", ["allegation", "significant_harm", "other"]), open("severity"),
                named("carePlanUpdatedAt", "placementPlanUpdatedAt")),
            EventContract(
                .childBorn, own: "bornAt", "dateOfBirth", required: ["childId|childIds", "bornAt|dateOfBirth"],
                oneChild(), named("bornAt", "dateOfBirth", "motherId", "unbornId"), integers("birthOrder")),
            EventContract(
                .childDied, own: "dateOfDeath", required: ["childId|childIds", "dateOfDeath"],
                oneChild(), named("dateOfDeath", "reportedAt")),
            EventContract(
                .childMovedArea, own: "movedOn", required: ["childId|childIds", "movedOn"],
                oneChild(), named("movedOn", "fromAuthorityId", "toAuthorityId"), flags("permanent"),
                named("notifiedAt"), items("recipients")),
            EventContract(
                .childLeftCountryReported, own: "reportedAt", required: ["childId|childIds", "reportedAt"],
                oneChild(), named("reportedAt"), open("believedCountry", "source")),
            EventContract(
                .childLocationConfirmed, own: "confirmedAt", required: ["childId|childIds", "confirmedAt"],
                oneChild(), named("confirmedAt"), open("location", "evidence"), flags("abroad")),
            EventContract(
                .childWhereaboutsDecided, own: "decidedAt", required: ["childId|childIds", "decision"],
                oneChild(), named("planId", "decidedBy", "decidedAt"), code("decision", ["end", "continue"]),
                code("decidedByRole", Codes.role), open("reasons")),
            EventContract(
                .familyMemberRecorded, required: ["personId"],
                named("personId"), everyChild(), text("relationship", "name", "email", "language"),
                flags("parentalResponsibility", "safeToContact"), open("address", "safeChannels")),
            EventContract(
                .caseNoteRecorded, own: "notedAt", required: ["childId|childIds", "notedAt"],
                oneChild(), named("notedAt", "authorId", "meetingId"),
                code("noteType", ["iro_contact", "iro_tracking", "dispute_challenge", "location_effort", "other"]),
                open("interimSafetyNote")),
            EventContract(
                .supervisionSessionRecorded, own: "heldAt", required: ["heldAt"], named("swId", "managerId", "heldAt"),
                items("conferencesReviewed")),
        ] + pregnancies + lookedAfter + enquiries + orders + moves + caseAdministration

    private static let pregnancies: [EventContract] = [
        EventContract(
            .pregnancyRecorded, required: ["childId|childIds", "edd"], oneChild(),
            named("motherId", "edd", "eddRecordedAt"),
            open("eddSource"),
            flags("prematureRisk", "proceedingsContemplated"), moments("targetDate"), named("setBy"),
            code("setByRole", Codes.role), open("considerationRecorded", "reasons")),
        EventContract(
            .pregnancyEddRevised, own: "revisedAt", required: ["childId|childIds", "newEdd"],
            oneChild(), named("oldEdd", "newEdd", "revisedAt"), open("source"), moments("targetDate"), named("setBy"),
            code("setByRole", Codes.role), flags("prematureRisk")),
        EventContract(
            .pregnancyEnded, own: "endedOn", required: ["childId|childIds", "endedOn"], oneChild(), named("endedOn"),
            code("outcome", ["live_birth", "loss"])),
        EventContract(
            .motherFitnessRecorded, own: "recordedAt", required: ["motherId|childId|childIds", "recordedAt"],
            oneChild(), named("motherId", "recordedAt", "recordedBy"), flags("fit"), open("medicalSource")),
        EventContract(
            .prebirthAssessmentCompleted, own: "completedAt", required: ["childId|childIds", "completedAt"],
            oneChild(), named("completedAt"), open("outcome"), items("circumstanceCodes"),
            flags("riskNoLongerApplies", "planNeedsConsidering")),
        EventContract(
            .preproceedingsLetterSent, own: "sentAt", required: ["childId|childIds", "sentAt"], oneChild(),
            named("sentAt"),
            code("letterKind", ["pre_proceedings", "issue"]), open("rationale"), flags("prematureRisk")),
    ]

    private static let lookedAfter: [EventContract] = [
        EventContract(
            .childBecameLookedAfter, own: "startedOn", required: ["childId|childIds", "startedOn"],
            oneChild(), named("startedOn", "iroId"), moments("claReviewDue"),
            code("legalBasis", ["s20", "interim_care_order", "care_order", "other"]),
            named("reviewedBy", "reviewedAt", "carePlanId", "placementPlanId"),
            open("securityAssured", "riskReduced", "criteriaConsidered", "exceptionReason")),
        EventContract(
            .childLookedAfterEnded, own: "endedOn", required: ["childId|childIds", "endedOn"], oneChild(),
            named("endedOn"),
            open("reason")),
        EventContract(
            .childReturnHomeProposed, own: "proposedAt", required: ["childId|childIds", "proposedAt"],
            oneChild(), named("proposedAt"), moments("plannedReturnDate"), code("proposedBy", ["authority", "parent"]),
            open("legalStatus"), flags("seriousConcerns"),
            named("discussedAt", "discussedWith", "considerationAt", "decidedBy", "decidedAt"),
            code("decidedByRole", Codes.role), open("decision", "reasons")),
        EventContract(
            .childRemovedFromCare, own: "removedAt", required: ["childId|childIds", "removedAt"],
            oneChild(), named("removedAt", "byPersonId"), open("legalStatus"), flags("seriousConcerns"),
            named("discussedAt", "discussedWith", "decidedBy", "decidedAt"), code("decidedByRole", Codes.role),
            open("decision", "reasons")),
        EventContract(
            .carePlanChanged, own: "changedAt", required: ["childId|childIds", "changedAt"],
            oneChild(), named("carePlanId", "changedAt", "reviewId"), flags("significant")),
    ]

    private static let enquiries: [EventContract] = [
        EventContract(
            .strategyDiscussionHeld, own: "heldAt", required: ["discussionId", "childIds|childId", "heldAt"],
            named("discussionId", "heldAt"), everyChild(), flags("initiatedS47"), codes("participants", Codes.agency),
            open("outcome"), open("considerationRecorded", "reasons")),
        EventContract(
            .s47EnquiryStarted, own: "startedAt", required: ["enquiryId", "childIds|childId", "startedAt"],
            named("enquiryId", "startedAt", "discussionId", "signingManagerId"), everyChild(),
            open("reasons", "census"), open("legalProceedingsConsidered")),
        EventContract(
            .s47EnquiryCompleted, own: "completedAt",
            required: ["enquiryId", "childIds|childId|outcomes", "completedAt"],
            named("enquiryId", "completedAt", "signedOffBy"), everyChild(),
            list(
                "outcomes", required: ["childId", "outcome"], named("childId"),
                code(
                    "outcome",
                    [
                        "not_substantiated", "substantiated_no_continuing_risk", "substantiated_continuing_risk",
                    ])),
            items("childSeen")),
    ]

    private static let orders: [EventContract] = [
        EventContract(
            .courtOrderMade, own: "madeAt", required: ["orderId", "childIds|childId", "orderType"],
            named("orderId", "madeAt", "expiresAt"), everyChild(),
            code("orderType", ["epo", "child_assessment", "interim_care", "care", "supervision", "other"])),
        EventContract(
            .courtOrderExtended, own: "extendedAt", required: ["orderId", "newExpiresAt"],
            named("orderId", "newExpiresAt", "extendedAt")),
        EventContract(
            .courtOrderEnded, own: "endedAt", required: ["orderId", "endedAt"], named("orderId", "endedAt"),
            open("reason")),
        EventContract(
            .childAssessmentConcluded, own: "concludedAt", required: ["orderId|childId|childIds", "concludedAt"],
            oneChild(), named("orderId", "concludedAt")),
        EventContract(
            .careProceedingsStarted, own: "startedAt", required: ["proceedingsId", "childIds|childId", "startedAt"],
            named("proceedingsId", "startedAt"), everyChild(), flags("livingAtHome"), open("exceptionReason")),
        EventContract(
            .careProceedingsConcluded, own: "concludedAt",
            required: ["proceedingsId", "concludedAt"], named("proceedingsId", "concludedAt"), everyChild(),
            open("finalOrder")),
    ]

    private static let moves: [EventContract] = [
        EventContract(
            .transferInNotified, own: "notifiedAt", required: ["childId|childIds", "notifiedAt"],
            oneChild(), named("notifiedAt", "fromAuthorityId"), moments("originalPlanStart"), flags("permanent"),
            code("category", Codes.category), items("originalInvitees")),
        EventContract(
            .transferOutNotified, own: "notifiedAt", required: ["childId|childIds", "notifiedAt"],
            oneChild(), named("notifiedAt", "receivingAuthorityId"), flags("permanent")),
        EventContract(
            .transferOutConferenceConfirmed, own: "conferenceHeldAt",
            required: ["childId|childIds", "conferenceHeldAt"],
            oneChild(), named("receivingAuthorityId", "conferenceHeldAt"), open("outcome")),
        EventContract(
            .transferMeetingHeld, own: "heldAt", required: ["heldAt"], named("heldAt"),
            list("allocations", required: ["childId"], named("childId", "fromSw", "toSw"))),
    ]

    private static let caseAdministration: [EventContract] = [
        EventContract(.caseClosed, own: "closedOn", required: ["closedOn"], named("closedOn"), open("reason")),
        EventContract(.caseReopened, own: "reopenedOn", required: [], named("reopenedOn"), open("reason")),
        EventContract(
            .caseMerged, own: "mergedOn", required: ["intoSubject"], named("intoSubject", "mergedOn"), open("reason")),
        EventContract(
            .escalationAcknowledged, own: "acknowledgedAt", required: ["noticeId", "acknowledgedAt"],
            named("noticeId", "personId", "acknowledgedAt")),
        EventContract(
            .overrideRecorded, own: "recordedAt", required: ["overriddenEventId", "reason"],
            named("overriddenEventId", "rule", "byPersonId", "recordedAt"), code("role", Codes.role), text("reason")),
    ]
}
