// Work on a plan, and plans beside it: section A, "Plans and other meetings".

public struct CategoryChanged: Sendable, Hashable {
    public var planId: String
    public var newCategory: String
    public var changedAt: Moment
    public var conferenceId: String?
    public init(planId: String, newCategory: String, changedAt: Moment) {
        self.planId = planId
        self.newCategory = newCategory
        self.changedAt = changedAt
    }
}

public struct PlanEndProposed: Sendable, Hashable {
    public var planId: String
    public var childId: String?
    public var conferenceId: String?
    public var groundCode: String?
    public var route: String?
    public var proposedAt: Moment?
    public var openActions = 0
    public var openAssessments = 0
    public var openWork = 0
    public init(planId: String) {
        self.planId = planId
    }
}

public struct PlanEndConsulted: Sendable, Hashable {
    public struct Voice: Sendable, Hashable {
        public var personId: String?
        public var agency: String?
        public var consultedAt: Moment?
        public init(personId: String? = nil, agency: String? = nil, consultedAt: Moment? = nil) {
            self.personId = personId
            self.agency = agency
            self.consultedAt = consultedAt
        }
    }
    public var planId: String
    public var consulted: [PlanEndConsulted.Voice] = []
    public init(planId: String) {
        self.planId = planId
    }
}

public struct DualDecided: Sendable, Hashable {
    public var childId: String?
    public var planId: String?
    public var conferenceId: String?
    public var decidedAt: Moment?
    public var route: String?
    public var decidedBy: [Participant] = []
    public var planKept: String?
    public init() {}
}

public struct ActionsUpdated: Sendable, Hashable {
    public struct Action: Sendable, Hashable {
        public var actionId: String?
        public var agency: String?
        public var dueAt: Moment?
        public var doneAt: Moment?
        public var isEvidenced: Bool
        public init(
            actionId: String? = nil, agency: String? = nil, dueAt: Moment? = nil, doneAt: Moment? = nil,
            isEvidenced: Bool = false
        ) {
            self.actionId = actionId
            self.agency = agency
            self.dueAt = dueAt
            self.doneAt = doneAt
            self.isEvidenced = isEvidenced
        }
    }
    public var planId: String
    public var updatedAt: Moment
    public var actions: [ActionsUpdated.Action] = []
    public init(planId: String, updatedAt: Moment) {
        self.planId = planId
        self.updatedAt = updatedAt
    }
}

public struct CoreGroup: Sendable, Hashable {
    public var planId: String
    public var heldAt: Moment
    public var attendees: [Participant] = []
    public var planUpdatedAt: Moment?
    public var postBirth: Bool?
    public init(planId: String, heldAt: Moment) {
        self.planId = planId
        self.heldAt = heldAt
    }
}

public struct ProgressMeetingScheduled: Sendable, Hashable {
    public var planId: String
    public var startsAt: Moment
    public var chairId: String?
    public var invitees: [Participant] = []
    public init(planId: String, startsAt: Moment) {
        self.planId = planId
        self.startsAt = startsAt
    }
}

public struct ProgressMeeting: Sendable, Hashable {
    public var planId: String
    public var heldAt: Moment
    public var chairId: String?
    public var caseChairId: String?
    public init(planId: String, heldAt: Moment) {
        self.planId = planId
        self.heldAt = heldAt
    }
}

public struct ChildInNeedPlanStarted: Sendable, Hashable {
    public var cinPlanId: String
    public var childId: String
    public var startedOn: Day
    public var fromPlanId: String?
    public init(cinPlanId: String, childId: String, startedOn: Day) {
        self.cinPlanId = cinPlanId
        self.childId = childId
        self.startedOn = startedOn
    }
}

public struct ChildInNeedPlanReviewed: Sendable, Hashable {
    public var cinPlanId: String
    public var reviewedAt: Moment
    public init(cinPlanId: String, reviewedAt: Moment) {
        self.cinPlanId = cinPlanId
        self.reviewedAt = reviewedAt
    }
}

public struct ChildInNeedPlanEnded: Sendable, Hashable {
    public var cinPlanId: String
    public var endedOn: Day
    public init(cinPlanId: String, endedOn: Day) {
        self.cinPlanId = cinPlanId
        self.endedOn = endedOn
    }
}

public struct SupervisionPlanReviewed: Sendable, Hashable {
    public var orderId: String
    public var reviewedAt: Moment
    public init(orderId: String, reviewedAt: Moment) {
        self.orderId = orderId
        self.reviewedAt = reviewedAt
    }
}
