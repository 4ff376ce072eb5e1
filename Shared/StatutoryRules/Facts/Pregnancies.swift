// Unborn children and their mothers: section A, "Case facts".

public struct PregnancyRecorded: Sendable, Hashable {
    public var childId: String
    public var edd: Day
    public var motherId: String?
    /// When the expected date of delivery came to be known.
    public var eddRecordedAt: Moment?
    public var prematureRisk: Bool?
    public var proceedingsContemplated: Bool?
    public var targetDate: Moment?
    public var setBy: String?
    public var setByRole: String?
    public init(childId: String, edd: Day) {
        self.childId = childId
        self.edd = edd
    }
}

public struct EddRevised: Sendable, Hashable {
    public var childId: String
    public var newEdd: Day
    public var revisedAt: Moment?
    public var prematureRisk: Bool?
    public var targetDate: Moment?
    public var setBy: String?
    public var setByRole: String?
    public init(childId: String, newEdd: Day) {
        self.childId = childId
        self.newEdd = newEdd
    }
}

public struct MotherFitness: Sendable, Hashable {
    public var recordedAt: Moment
    public var childId: String?
    public var motherId: String?
    public var fit: Bool?
    public init(recordedAt: Moment) {
        self.recordedAt = recordedAt
    }
}

public struct PrebirthAssessment: Sendable, Hashable {
    public var childId: String
    public var completedAt: Moment
    public var planNeedsConsidering: Bool?
    public var riskNoLongerApplies: Bool?
    public var circumstanceCodes: [String] = []
    public init(childId: String, completedAt: Moment) {
        self.childId = childId
        self.completedAt = completedAt
    }
}

public struct PreproceedingsLetter: Sendable, Hashable {
    public var childId: String
    public var sentAt: Moment
    public var letterKind: String?
    public init(childId: String, sentAt: Moment) {
        self.childId = childId
        self.sentAt = sentAt
    }
}
