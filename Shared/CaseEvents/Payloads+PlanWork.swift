import StatutoryRules

extension JSONPlace {
    func categoryChanged() throws(Problem) -> CategoryChanged {
        var fact = CategoryChanged(
            planId: try id("planId"), newCategory: try id("newCategory"), changedAt: try requiredMoment("changedAt"))
        fact.conferenceId = text("conferenceId")
        return fact
    }

    func planEndProposed() throws(Problem) -> PlanEndProposed {
        var fact = PlanEndProposed(planId: try id("planId"))
        fact.childId = try? childId()
        fact.conferenceId = text("conferenceId")
        fact.groundCode = text("groundCode")
        fact.route = text("route")
        fact.proposedAt = moment("proposedAt")
        fact.openActions = items("openActions").count
        fact.openAssessments = items("openAssessments").count
        fact.openWork = items("openWork").count
        return fact
    }

    func planEndConsulted() throws(Problem) -> PlanEndConsulted {
        var fact = PlanEndConsulted(planId: try id("planId"))
        fact.consulted = items("consulted").map {
            PlanEndConsulted.Voice(
                personId: $0.text("personId"), agency: $0.text("agency"), consultedAt: $0.moment("consultedAt"))
        }
        return fact
    }

    func dualDecided() throws(Problem) -> DualDecided {
        var fact = DualDecided()
        fact.childId = try? childId()
        fact.planId = text("planId")
        fact.conferenceId = text("conferenceId")
        fact.decidedAt = moment("decidedAt")
        fact.route = text("route")
        fact.decidedBy = participants("decidedBy")
        fact.planKept = text("planKept")
        return fact
    }

    func actionsUpdated() throws(Problem) -> ActionsUpdated {
        var fact = ActionsUpdated(planId: try id("planId"), updatedAt: try requiredMoment("updatedAt"))
        fact.actions = items("actions").map {
            ActionsUpdated.Action(
                actionId: $0.text("actionId"), agency: $0.text("agency"), dueAt: $0.moment("dueAt"),
                doneAt: $0.moment("doneAt"), isEvidenced: $0.says("evidence"))
        }
        return fact
    }

    func coreGroup() throws(Problem) -> CoreGroup {
        var fact = CoreGroup(planId: try id("planId"), heldAt: try requiredMoment("heldAt"))
        fact.attendees = participants("attendees")
        fact.planUpdatedAt = moment("planUpdatedAt")
        fact.postBirth = flag("postBirth")
        return fact
    }

    func progressMeetingScheduled() throws(Problem) -> ProgressMeetingScheduled {
        var fact = ProgressMeetingScheduled(planId: try id("planId"), startsAt: try requiredMoment("startsAt"))
        fact.chairId = text("chairId")
        fact.invitees = participants("invitees")
        return fact
    }

    func progressMeeting() throws(Problem) -> ProgressMeeting {
        var fact = ProgressMeeting(planId: try id("planId"), heldAt: try requiredMoment("heldAt"))
        fact.chairId = text("chairId")
        fact.caseChairId = text("caseChairId")
        return fact
    }

    func childInNeedPlanStarted() throws(Problem) -> ChildInNeedPlanStarted {
        var fact = ChildInNeedPlanStarted(
            cinPlanId: try id("cinPlanId"), childId: try childId(), startedOn: try requiredDate("startedOn"))
        fact.fromPlanId = text("fromPlanId")
        return fact
    }

    func childInNeedPlanReviewed() throws(Problem) -> ChildInNeedPlanReviewed {
        ChildInNeedPlanReviewed(cinPlanId: try id("cinPlanId"), reviewedAt: try requiredMoment("reviewedAt"))
    }

    func childInNeedPlanEnded() throws(Problem) -> ChildInNeedPlanEnded {
        ChildInNeedPlanEnded(cinPlanId: try id("cinPlanId"), endedOn: try requiredDate("endedOn"))
    }

    func supervisionPlanReviewed() throws(Problem) -> SupervisionPlanReviewed {
        SupervisionPlanReviewed(orderId: try id("orderId"), reviewedAt: try requiredMoment("reviewedAt"))
    }
}
