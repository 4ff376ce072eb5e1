// Child protection plans: section A, "Plans and other meetings".

public struct PlanStarted: Sendable, Hashable {
    public var planId: String
    public var childId: String
    public var startedOn: Day
    public var conferenceId: String?
    public var category: String?
    public var unborn: Bool?
    /// By person.
    public var initialInvitees: [Participant] = []
    public var coreGroup: [Participant] = []
    public init(
        planId: String, childId: String, startedOn: Day, conferenceId: String? = nil, category: String? = nil,
        unborn: Bool? = nil
    ) {
        self.planId = planId
        self.childId = childId
        self.startedOn = startedOn
        self.conferenceId = conferenceId
        self.category = category
        self.unborn = unborn
    }
}

public struct PlanEnded: Sendable, Hashable {
    public var planId: String
    public var childId: String?
    /// May lie before the day it was recorded, as after a death.
    public var endedOn: Day
    public var groundCode: String?
    public var recordedAt: Moment?
    /// `conference`, `manager`, `discussion`, `combined`.
    public var route: String?
    public var decidedByRole: String?
    public var conferenceId: String?
    /// What was left undone when it ended.
    public var openActions = 0
    public var openAssessments = 0
    public var openWork = 0
    public init(planId: String, childId: String? = nil, endedOn: Day, groundCode: String? = nil) {
        self.planId = planId
        self.childId = childId
        self.endedOn = endedOn
        self.groundCode = groundCode
    }
}
