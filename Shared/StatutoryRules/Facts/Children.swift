// Children, enquiries, orders and moves: section A, "Case facts".

public struct ChildRegistered: Sendable, Hashable {
    public var childId: String
    public var dateOfBirth: Day?
    /// Expected date of delivery, of a child not yet born.
    public var edd: Day?
    public var householdId: String?
    public var siblingIds: [String] = []
    public var livingInAuthority: Bool?
    /// A communication need, a sensory disability, or a first language other than English is on record.
    public var needsHelpToRead = false
    public init(childId: String, dateOfBirth: Day? = nil, edd: Day? = nil) {
        self.childId = childId
        self.dateOfBirth = dateOfBirth
        self.edd = edd
    }
}

public struct ChildBorn: Sendable, Hashable {
    public var childId: String
    public var bornAt: Moment?
    public var dateOfBirth: Day?
    /// Of a further baby of a birth: the child that was expected.
    public var unbornId: String?
    public var motherId: String?
    public init(childId: String, bornAt: Moment? = nil, dateOfBirth: Day? = nil) {
        self.childId = childId
        self.bornAt = bornAt
        self.dateOfBirth = dateOfBirth
    }
}

public struct ChildDied: Sendable, Hashable {
    public var childId: String
    public var dateOfDeath: Day
    public var reportedAt: Moment?
    public init(childId: String, dateOfDeath: Day) {
        self.childId = childId
        self.dateOfDeath = dateOfDeath
    }
}

public struct PregnancyEnded: Sendable, Hashable {
    public var childId: String
    public var endedOn: Day
    /// `live_birth` or `loss`.
    public var outcome: String?
    public init(childId: String, endedOn: Day, outcome: String? = nil) {
        self.childId = childId
        self.endedOn = endedOn
        self.outcome = outcome
    }
}

public struct BecameLookedAfter: Sendable, Hashable {
    public var childId: String
    public var startedOn: Day
    /// The first review's date as the case system gives it; where sooner than the statutory date, it wins.
    public var claReviewDue: Day?
    /// `s20`, `interim_care_order`, `care_order`, `other`.
    public var legalBasis: String?
    public var iroId: String?
    /// When the senior safeguarding manager weighed the risk of a sudden removal.
    public var reviewedAt: Moment?
    public init(childId: String, startedOn: Day, claReviewDue: Day? = nil) {
        self.childId = childId
        self.startedOn = startedOn
        self.claReviewDue = claReviewDue
    }
}

public struct LookedAfterEnded: Sendable, Hashable {
    public var childId: String
    public var endedOn: Day
    public init(childId: String, endedOn: Day) {
        self.childId = childId
        self.endedOn = endedOn
    }
}

public struct StrategyDiscussion: Sendable, Hashable {
    public var discussionId: String
    public var childIds: [String]
    public var heldAt: Moment
    /// Whether the section 47 enquiry was initiated at it; `nil` where the event does not say.
    public var initiatedS47: Bool?
    public init(discussionId: String, childIds: [String], heldAt: Moment, initiatedS47: Bool? = nil) {
        self.discussionId = discussionId
        self.childIds = childIds
        self.heldAt = heldAt
        self.initiatedS47 = initiatedS47
    }
}

public struct EnquiryStarted: Sendable, Hashable {
    public var enquiryId: String
    public var childIds: [String]
    public var startedAt: Moment
    public var discussionId: String?
    public var signingManagerId: String?
    public init(enquiryId: String, childIds: [String], startedAt: Moment, discussionId: String? = nil) {
        self.enquiryId = enquiryId
        self.childIds = childIds
        self.startedAt = startedAt
        self.discussionId = discussionId
    }
}

public struct EnquiryCompleted: Sendable, Hashable {
    public struct Outcome: Sendable, Hashable {
        public var childId: String
        /// `not_substantiated`, `substantiated_no_continuing_risk`, `substantiated_continuing_risk`, or another word
        /// that is kept as it came.
        public var outcome: String
        public init(childId: String, outcome: String) {
            self.childId = childId
            self.outcome = outcome
        }
    }
    public var enquiryId: String
    public var childIds: [String]
    public var completedAt: Moment
    public var outcomes: [Outcome]
    public init(enquiryId: String, childIds: [String], completedAt: Moment, outcomes: [Outcome]) {
        self.enquiryId = enquiryId
        self.childIds = childIds
        self.completedAt = completedAt
        self.outcomes = outcomes
    }
}

public struct CourtOrderMade: Sendable, Hashable {
    public var orderId: String
    public var childIds: [String]
    /// `epo`, `child_assessment`, `interim_care`, `care`, `supervision`, `other`.
    public var orderType: String
    public var madeAt: Moment?
    public var expiresAt: Moment?
    public init(
        orderId: String, childIds: [String], orderType: String, madeAt: Moment? = nil, expiresAt: Moment? = nil
    ) {
        self.orderId = orderId
        self.childIds = childIds
        self.orderType = orderType
        self.madeAt = madeAt
        self.expiresAt = expiresAt
    }
}

public struct CourtOrderExtended: Sendable, Hashable {
    public var orderId: String
    public var newExpiresAt: Moment
    public var extendedAt: Moment?
    public init(orderId: String, newExpiresAt: Moment, extendedAt: Moment? = nil) {
        self.orderId = orderId
        self.newExpiresAt = newExpiresAt
        self.extendedAt = extendedAt
    }
}

public struct CourtOrderEnded: Sendable, Hashable {
    public var orderId: String
    public var endedAt: Moment
    public init(orderId: String, endedAt: Moment) {
        self.orderId = orderId
        self.endedAt = endedAt
    }
}

/// Another authority's notice that a child on a plan has moved in.
public struct TransferIn: Sendable, Hashable {
    public var childId: String
    public var notifiedAt: Moment
    /// Whether the move is permanent; `nil` where the notice does not say.
    public var permanent: Bool?
    public var originalPlanStart: Day?
    public var fromAuthorityId: String?
    public init(childId: String, notifiedAt: Moment, permanent: Bool? = nil) {
        self.childId = childId
        self.notifiedAt = notifiedAt
        self.permanent = permanent
    }
}

/// Our notice to the authority into whose area a child on a plan has moved.
public struct TransferOut: Sendable, Hashable {
    public var childId: String
    public var notifiedAt: Moment
    public var permanent: Bool?
    public init(childId: String, notifiedAt: Moment, permanent: Bool? = nil) {
        self.childId = childId
        self.notifiedAt = notifiedAt
        self.permanent = permanent
    }
}

/// The receiving authority's word that its conference was held.
public struct ReceivingConference: Sendable, Hashable {
    public var childId: String
    public var conferenceHeldAt: Moment
    public init(childId: String, conferenceHeldAt: Moment) {
        self.childId = childId
        self.conferenceHeldAt = conferenceHeldAt
    }
}
