// Children who move, leave the country, go home or are removed: section A, "Case facts".

public struct ChildMoved: Sendable, Hashable {
    public var childId: String
    public var movedOn: Day
    public var permanent: Bool?
    public var fromAuthorityId: String?
    public var toAuthorityId: String?
    public var notifiedAt: Moment?
    public init(childId: String, movedOn: Day) {
        self.childId = childId
        self.movedOn = movedOn
    }
}

public struct LeftCountryReported: Sendable, Hashable {
    public var childId: String
    public var reportedAt: Moment
    public init(childId: String, reportedAt: Moment) {
        self.childId = childId
        self.reportedAt = reportedAt
    }
}

public struct LocationConfirmed: Sendable, Hashable {
    public var childId: String
    public var confirmedAt: Moment
    public var abroad: Bool?
    public init(childId: String, confirmedAt: Moment) {
        self.childId = childId
        self.confirmedAt = confirmedAt
    }
}

public struct WhereaboutsDecided: Sendable, Hashable {
    public var childId: String
    public var decision: String
    public var planId: String?
    public var decidedByRole: String?
    public var decidedAt: Moment?
    public init(childId: String, decision: String) {
        self.childId = childId
        self.decision = decision
    }
}

public struct ReturnHomeProposed: Sendable, Hashable {
    public var childId: String
    public var proposedAt: Moment
    public var proposedBy: String?
    public var plannedReturnDate: Moment?
    public var legalStatus: String?
    public var seriousConcerns: Bool?
    public var discussedAt: Moment?
    public var decidedByRole: String?
    public var considerationAt: Moment?
    public init(childId: String, proposedAt: Moment) {
        self.childId = childId
        self.proposedAt = proposedAt
    }
}

public struct RemovedFromCare: Sendable, Hashable {
    public var childId: String
    public var removedAt: Moment
    public var legalStatus: String?
    public var seriousConcerns: Bool?
    public var discussedAt: Moment?
    public var decidedByRole: String?
    public init(childId: String, removedAt: Moment) {
        self.childId = childId
        self.removedAt = removedAt
    }
}

public struct CarePlanChanged: Sendable, Hashable {
    public var childId: String
    public var changedAt: Moment
    public var significant: Bool?
    public var reviewId: String?
    public init(childId: String, changedAt: Moment) {
        self.childId = childId
        self.changedAt = changedAt
    }
}

public struct TransferMeeting: Sendable, Hashable {
    public struct Allocation: Sendable, Hashable {
        public var childId: String
        public var fromSw: String?
        public var toSw: String?
        public init(childId: String, fromSw: String? = nil, toSw: String? = nil) {
            self.childId = childId
            self.fromSw = fromSw
            self.toSw = toSw
        }
    }
    public var heldAt: Moment
    public var allocations: [TransferMeeting.Allocation] = []
    public init(heldAt: Moment) {
        self.heldAt = heldAt
    }
}
