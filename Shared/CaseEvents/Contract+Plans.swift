// The contract's table: plans and other meetings, and the directory (rulebook A).

extension Contract {
    static let plans: [EventContract] = [
        EventContract(
            .planStarted, own: "startedOn", required: ["planId", "childId|childIds", "startedOn"],
            oneChild(), named("planId", "conferenceId", "startedOn", "categorySetBy"),
            code("category", Codes.category), flags("unborn", "sudiConsidered"),
            items("initialInvitees", "coreGroup"), open("census"), items("recommendations"), open("checklist")),
        EventContract(
            .planCategoryChanged, own: "changedAt", required: ["planId", "newCategory", "changedAt"],
            named("planId", "conferenceId", "changedAt"), code("oldCategory", Codes.category),
            code("newCategory", Codes.category)),
        EventContract(
            .planEndProposed, own: "proposedAt", required: ["planId"],
            oneChild(), named("planId", "conferenceId", "proposedBy", "proposedAt"), text("groundCode"),
            code("route", ["conference", "manager", "discussion", "combined"]),
            items("openActions", "openAssessments", "openWork"), open("evidence")),
        EventContract(
            .planEndConsulted, required: ["planId"], named("planId"),
            list("consulted", named("personId", "consultedAt"), code("agency", Codes.agency), open("view"))),
        EventContract(
            .planEnded, own: "endedOn", required: ["planId", "endedOn"],
            oneChild(), named("planId", "endedOn", "recordedAt", "decidedBy", "conferenceId"),
            text("groundCode"), code("route", ["conference", "manager", "discussion", "combined"]),
            code("decidedByRole", Codes.role), items("openActions", "openAssessments", "openWork"),
            open("evidence", "decisionNote", "replacementPlan"),
            named("discussedAt", "cinPlanId", "supervisionPlanId", "monitoringStartOn"),
            open("notNeededReason", "toldInPerson", "childInformed")),
        EventContract(
            .planDualDecided, own: "decidedAt", required: ["childId|childIds|planId"],
            oneChild(), named("planId", "carePlanId", "decidedAt", "conferenceId"),
            code("route", ["discussion", "combined"]), list("decidedBy", named("personId"), code("role", Codes.role)),
            code("planKept", ["child_protection", "care", "both"]), open("exceptionReason")),
        EventContract(
            .planActionsUpdated, own: "updatedAt", required: ["planId", "updatedAt"], named("planId", "updatedAt"),
            list("actions", named("actionId", "dueAt", "doneAt"), code("agency", Codes.agency), open("evidence"))),
        EventContract(
            .coreGroupHeld, own: "heldAt", required: ["planId", "heldAt"], named("planId", "heldAt", "planUpdatedAt"),
            list("attendees", code("agency", Codes.agency), open("profession")),
            items("decisions", "actions", "absentViews"), flags("postBirth"), open("planDetailAgreed")),
        EventContract(
            .progressMeetingScheduled, required: ["planId", "startsAt"], named("planId", "startsAt", "chairId"),
            items("invitees")),
        EventContract(
            .progressMeetingHeld, own: "heldAt", required: ["planId", "heldAt"],
            named("planId", "heldAt", "chairId", "caseChairId", "minutesId"), items("attendees"),
            object("agenda", open("originalReason", "progress", "wayForward")), open("mapping")),
        EventContract(
            .cinPlanStarted, own: "startedOn", required: ["cinPlanId", "childId|childIds", "startedOn"],
            oneChild(), named("cinPlanId", "startedOn", "fromPlanId")),
        EventContract(
            .cinPlanReviewed, own: "reviewedAt", required: ["cinPlanId", "reviewedAt"],
            named("cinPlanId", "reviewedAt"), moments("nextDate")),
        EventContract(
            .cinPlanEnded, own: "endedOn", required: ["cinPlanId", "endedOn"], named("cinPlanId", "endedOn")),
        EventContract(
            .supervisionPlanReviewed, own: "reviewedAt", required: ["orderId", "reviewedAt"],
            named("orderId", "reviewedAt")),
    ]

    static let directory: [EventContract] = [
        EventContract(
            .personRecorded, required: ["personId"], named("personId", "teamId", "managerId"),
            text("name", "email", "mobile"), codes("roles", Codes.role), code("agency", Codes.agency),
            open("channelPreference"), flags("active"), code("digest", ["at_once", "daily", "weekly"]),
            object("cover", named("personId", "fromOn", "toOn"))),
        EventContract(
            .teamRecorded, required: ["teamId"],
            named("teamId", "parentTeamId", "teamManagerId", "serviceManagerId"), text("name", "mailbox")),
        EventContract(
            .roleMailboxRecorded, required: ["role", "email"], code("role", Codes.role), text("email"),
            named("fromOn", "toOn")),
    ]
}
