// Referrals, incidents, allocation, supervision and notes: section A, "Case facts".

public struct DetailsCorrected: Sendable, Hashable {
    public var childId: String
    public var field: String
    public var correctedAt: Moment?
    public init(childId: String, field: String) {
        self.childId = childId
        self.field = field
    }
}

public struct HouseholdChanged: Sendable, Hashable {
    public var childIds: [String]
    public var changedOn: Day
    public var affectsSafety: Bool?
    public init(childIds: [String], changedOn: Day) {
        self.childIds = childIds
        self.changedOn = changedOn
    }
}

public struct AllocationChanged: Sendable, Hashable {
    public var childId: String
    public var effectiveAt: Moment
    public var role: String?
    public var fromPersonId: String?
    public var toPersonId: String?
    public var planned: Bool?
    public init(childId: String, effectiveAt: Moment) {
        self.childId = childId
        self.effectiveAt = effectiveAt
    }
}

public struct ConcernReferred: Sendable, Hashable {
    public var childId: String
    public var referredAt: Moment
    public var agency: String?
    public var edd: Day?
    public init(childId: String, referredAt: Moment) {
        self.childId = childId
        self.referredAt = referredAt
    }
}

public struct Incident: Sendable, Hashable {
    public var childId: String
    public var occurredAt: Moment
    public var kind: String?
    public init(childId: String, occurredAt: Moment) {
        self.childId = childId
        self.occurredAt = occurredAt
    }
}

public struct SupervisionSession: Sendable, Hashable {
    public var heldAt: Moment
    public init(heldAt: Moment) {
        self.heldAt = heldAt
    }
}

public struct CaseNote: Sendable, Hashable {
    public var childId: String
    public var notedAt: Moment
    public var noteType: String?
    public var meetingId: String?
    public init(childId: String, notedAt: Moment) {
        self.childId = childId
        self.notedAt = notedAt
    }
}

public struct AssessmentConcluded: Sendable, Hashable {
    public var concludedAt: Moment
    public var orderId: String?
    public var childId: String?
    public init(concludedAt: Moment) {
        self.concludedAt = concludedAt
    }
}

public struct ProceedingsStarted: Sendable, Hashable {
    public var proceedingsId: String
    public var childIds: [String]
    public var startedAt: Moment
    public var livingAtHome: Bool?
    public init(proceedingsId: String, childIds: [String], startedAt: Moment) {
        self.proceedingsId = proceedingsId
        self.childIds = childIds
        self.startedAt = startedAt
    }
}

public struct ProceedingsConcluded: Sendable, Hashable {
    public var proceedingsId: String
    public var childIds: [String]
    public var concludedAt: Moment
    public var finalOrder: String?
    public init(proceedingsId: String, childIds: [String], concludedAt: Moment) {
        self.proceedingsId = proceedingsId
        self.childIds = childIds
        self.concludedAt = concludedAt
    }
}

public struct FamilyMember: Sendable, Hashable {
    public var personId: String
    public var childIds: [String]
    public var parentalResponsibility: Bool?
    public var safeToContact: Bool?
    /// A language other than English is on record.
    public var speaksOtherLanguage = false
    public init(personId: String, childIds: [String]) {
        self.personId = personId
        self.childIds = childIds
    }
}

public struct CaseClosed: Sendable, Hashable {
    public var closedOn: Day
    public init(closedOn: Day) {
        self.closedOn = closedOn
    }
}

public struct CaseReopened: Sendable, Hashable {
    public var reopenedOn: Day?
    public init() {}
}

public struct CaseMerged: Sendable, Hashable {
    public var intoSubject: String
    public var mergedOn: Day?
    public init(intoSubject: String) {
        self.intoSubject = intoSubject
    }
}

public struct EscalationAcknowledged: Sendable, Hashable {
    public var noticeId: String
    public var acknowledgedAt: Moment
    public var personId: String?
    public init(noticeId: String, acknowledgedAt: Moment) {
        self.noticeId = noticeId
        self.acknowledgedAt = acknowledgedAt
    }
}

public struct Override: Sendable, Hashable {
    public var overriddenEventId: String
    public var rule: String?
    public var role: String?
    public var recordedAt: Moment?
    public init(overriddenEventId: String) {
        self.overriddenEventId = overriddenEventId
    }
}
