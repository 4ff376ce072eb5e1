import StatutoryRules

extension JSONPlace {
    func planStarted() throws(Problem) -> PlanStarted {
        var fact = PlanStarted(
            planId: try id("planId"), childId: try childId(), startedOn: try requiredDate("startedOn"),
            conferenceId: text("conferenceId"), category: text("category"), unborn: flag("unborn"))
        fact.initialInvitees = participants("initialInvitees")
        fact.coreGroup = participants("coreGroup")
        return fact
    }

    func planEnded() throws(Problem) -> PlanEnded {
        var fact = PlanEnded(
            planId: try id("planId"), childId: try? childId(), endedOn: try requiredDate("endedOn"),
            groundCode: text("groundCode"))
        fact.recordedAt = moment("recordedAt")
        fact.route = text("route")
        fact.decidedByRole = text("decidedByRole")
        fact.conferenceId = text("conferenceId")
        fact.openActions = items("openActions").count
        fact.openAssessments = items("openAssessments").count
        fact.openWork = items("openWork").count
        return fact
    }
}
