import StatutoryRules

extension JSONValue {
    func planStarted() throws(Problem) -> PlanStarted {
        PlanStarted(
            planId: try id("planId"), childId: try childId(), startedOn: try requiredDate("startedOn"),
            conferenceId: text("conferenceId"), category: text("category"), unborn: flag("unborn"))
    }

    func planEnded() throws(Problem) -> PlanEnded {
        PlanEnded(
            planId: try id("planId"), childId: try? childId(), endedOn: try requiredDate("endedOn"),
            groundCode: text("groundCode"))
    }
}
