// The life of a conference or looked-after review: section A, "Conference lifecycle".

/// Rulebook, C1. A value that the contract does not know is kept in the fact and makes a finding.
public enum ConferenceType: String, Sendable, Hashable, CaseIterable {
    case initial
    case prebirth
    case transferIn = "transfer_in"
    case review
    case lookedAfterReview = "cla_review"
    case combined

    /// "Initial kinds" of the rulebook's section 0.
    public var isInitial: Bool { self == .initial || self == .prebirth || self == .transferIn }
    /// `review` in a rule's trigger includes `combined`.
    public var isReview: Bool { self == .review || self == .combined }
    /// `cla_review` in a rule's trigger includes `combined`.
    public var isLookedAfterReview: Bool { self == .lookedAfterReview || self == .combined }
}

public struct ConferenceRequested: Sendable, Hashable {
    public var conferenceId: String
    public var conferenceType: ConferenceType?
    public var childIds: [String]
    public var requestedAt: Moment?
    public var enquiryId: String?
    public var indexChildId: String?
    public init(
        conferenceId: String, conferenceType: ConferenceType? = nil, childIds: [String] = [],
        requestedAt: Moment? = nil, enquiryId: String? = nil
    ) {
        self.conferenceId = conferenceId
        self.conferenceType = conferenceType
        self.childIds = childIds
        self.requestedAt = requestedAt
        self.enquiryId = enquiryId
    }
}

public struct ConveningDecided: Sendable, Hashable {
    public var conferenceId: String
    /// `yes` or `no`, or another word that is kept as it came.
    public var decision: String
    public var decidedByRole: String?
    public var decidedAt: Moment?
    public init(conferenceId: String, decision: String, decidedByRole: String? = nil, decidedAt: Moment? = nil) {
        self.conferenceId = conferenceId
        self.decision = decision
        self.decidedByRole = decidedByRole
        self.decidedAt = decidedAt
    }
}

public struct ConferenceScheduled: Sendable, Hashable {
    public var conferenceId: String
    public var conferenceType: ConferenceType?
    public var childIds: [String]
    public var startsAt: Moment
    /// When the booking was made: its own instant.
    public var dateSetAt: Moment?
    public var endsAt: Moment?
    public var chairId: String?
    public var hasSchoolAgeChildren: Bool?
    /// Police no longer involved need not report to a review.
    public var policeInvolved: Bool?
    public var owningAuthority: String?
    public init(
        conferenceId: String, conferenceType: ConferenceType? = nil, childIds: [String] = [], startsAt: Moment,
        dateSetAt: Moment? = nil
    ) {
        self.conferenceId = conferenceId
        self.conferenceType = conferenceType
        self.childIds = childIds
        self.startsAt = startsAt
        self.dateSetAt = dateSetAt
    }
}

public struct ConferenceRescheduled: Sendable, Hashable {
    public var conferenceId: String
    public var newStartsAt: Moment
    public var rescheduledAt: Moment?
    public var reasonCode: String?
    public var decisionEventId: String?
    public init(conferenceId: String, newStartsAt: Moment, rescheduledAt: Moment? = nil) {
        self.conferenceId = conferenceId
        self.newStartsAt = newStartsAt
        self.rescheduledAt = rescheduledAt
    }
}

public struct PostponementDecided: Sendable, Hashable {
    public struct Approval: Sendable, Hashable {
        public var personId: String?
        public var role: String?
        public var approvedAt: Moment?
        public init(personId: String? = nil, role: String? = nil, approvedAt: Moment? = nil) {
            self.personId = personId
            self.role = role
            self.approvedAt = approvedAt
        }
    }
    public var conferenceId: String
    /// `cancel`, `postpone` or `adjourn`.
    public var action: String?
    public var agreed: Bool?
    public var decidedAt: Moment?
    public var newStartsAt: Moment?
    public var reasonCode: String?
    public var approvals: [Approval] = []
    public var childIds: [String] = []
    public var filedAt: Moment?
    public init(
        conferenceId: String, action: String? = nil, agreed: Bool? = nil, decidedAt: Moment? = nil,
        newStartsAt: Moment? = nil, reasonCode: String? = nil
    ) {
        self.conferenceId = conferenceId
        self.action = action
        self.agreed = agreed
        self.decidedAt = decidedAt
        self.newStartsAt = newStartsAt
        self.reasonCode = reasonCode
    }
}

public struct ConferenceCancelled: Sendable, Hashable {
    public var conferenceId: String
    public var cancelledAt: Moment?
    public var decisionEventId: String?
    public init(conferenceId: String, cancelledAt: Moment? = nil) {
        self.conferenceId = conferenceId
        self.cancelledAt = cancelledAt
    }
}

public struct ConferenceAdjourned: Sendable, Hashable {
    public var conferenceId: String
    public var adjournedAt: Moment?
    public var newStartsAt: Moment?
    public var reasonCode: String?
    public var decisionEventId: String?
    public init(conferenceId: String, adjournedAt: Moment? = nil, newStartsAt: Moment? = nil) {
        self.conferenceId = conferenceId
        self.adjournedAt = adjournedAt
        self.newStartsAt = newStartsAt
    }
}

/// Someone invited or present. Roles are the keys of the rulebook's section B.
public struct Participant: Sendable, Hashable {
    public var personId: String?
    public var role: String?
    public var agency: String?
    /// `in_person` or `remote`.
    public var mode: String?
    /// `direct_contact`, `expertise`, `service`.
    public var basis: String?
    public var directContactChildIds: [String] = []
    /// Whether the event says which children they know, if only that they know none.
    public var saysDirectContact = false
    public var leftAt: Moment?
    public var mandatory: Bool?
    /// Of someone invited: whether it is said what they can contribute.
    public var hasContributionReason = false
    public init(personId: String? = nil, role: String? = nil, agency: String? = nil) {
        self.personId = personId
        self.role = role
        self.agency = agency
    }
}

public struct InviteListSubmitted: Sendable, Hashable {
    public var conferenceId: String
    public var submittedAt: Moment
    public var invitees: [Participant]
    public var channel: String?
    public init(conferenceId: String, submittedAt: Moment, invitees: [Participant]) {
        self.conferenceId = conferenceId
        self.submittedAt = submittedAt
        self.invitees = invitees
    }
}

public struct ReportSubmitted: Sendable, Hashable {
    public var reportId: String
    public var conferenceId: String
    public var agency: String?
    public var submittedAt: Moment
    public var receivedByChairAt: Moment?
    public var indexChildId: String?
    /// The children whom a section of its own is about.
    public var childSections: [String] = []
    public var reportSourceAuthority: String?
    public var signedBy: String?
    /// Whether a child is said to have been seen, and not alone, without who was there or why.
    public var hasUnexplainedSighting = false
    public init(
        reportId: String, conferenceId: String, agency: String? = nil, submittedAt: Moment,
        receivedByChairAt: Moment? = nil
    ) {
        self.reportId = reportId
        self.conferenceId = conferenceId
        self.agency = agency
        self.submittedAt = submittedAt
        self.receivedByChairAt = receivedByChairAt
    }
}

public struct ReportShared: Sendable, Hashable {
    public var reportId: String
    public var sharedAt: Moment
    public var personId: String?
    public var personRole: String?
    public init(reportId: String, sharedAt: Moment, personId: String? = nil, personRole: String? = nil) {
        self.reportId = reportId
        self.sharedAt = sharedAt
        self.personId = personId
        self.personRole = personRole
    }
}

public struct ConferenceHeld: Sendable, Hashable {
    public struct Decision: Sendable, Hashable {
        public var childId: String
        /// `plan`, `no_plan`, `continue`, `end`, `not_decided`, or another word that is kept as it came.
        public var decision: String?
        public var category: String?
        /// Whether the threshold for a plan was met.
        public var threshold: Bool?
        public var likelySignificantHarm: Bool?
        public var continuingRisk: Bool?
        /// Of a looked-after review: whether an initial conference is wanted before a return home.
        public var icpcDecision: Bool?
        public var hasReasons = false
        /// How many agencies have had relevant contact with the child, children's social care among them.
        public var childAgencyContactCount: Int?
        public init(childId: String, decision: String? = nil, category: String? = nil) {
            self.childId = childId
            self.decision = decision
            self.category = category
        }
    }
    public var conferenceId: String
    public var conferenceType: ConferenceType?
    public var childIds: [String]
    /// When it was held; of one adjourned part-heard, when the decision was made.
    public var heldAt: Moment
    public var startsAt: Moment?
    public var endedAt: Moment?
    public var attendees: [Participant]
    /// `nil` where the event does not say who stayed away.
    public var absentees: [Participant]?
    public var decisions: [Decision]
    public var chairId: String?
    /// What the meeting said of itself: `quorate`, `quorate_by_exception`, `inquorate`.
    public var quorumClaim: String?
    public var reviewNumber: Int?
    public var nextReviewDate: Day?
    public var seriousConcern: Bool?
    /// The threshold question, answered for all the children together.
    public var thresholdAnswer: Bool?
    /// Of a looked-after review, where the child is to live: `with_family`, `returning_to_family`, `elsewhere`.
    public var carePlanLocation: String?
    public init(
        conferenceId: String, conferenceType: ConferenceType? = nil, childIds: [String] = [], heldAt: Moment,
        startsAt: Moment? = nil, endedAt: Moment? = nil, attendees: [Participant] = [], decisions: [Decision] = []
    ) {
        self.conferenceId = conferenceId
        self.conferenceType = conferenceType
        self.childIds = childIds
        self.heldAt = heldAt
        self.startsAt = startsAt
        self.endedAt = endedAt
        self.attendees = attendees
        self.decisions = decisions
    }
}

public struct RecordIssued: Sendable, Hashable {
    public var conferenceId: String
    public var recipientId: String?
    public var recipientRole: String?
    public var sentAt: Moment
    public var receivedAt: Moment?
    public var signedBy: String?
    public var signedAt: Moment?
    /// `whole` or `attended_part`.
    public var recordScope: String?
    public var minutesAuthorRole: String?
    public var interpreterRelationship: String?
    /// The chair's decision on the child's copy; `nil` where none is told.
    public var childCopy: Bool?
    /// Whether the parent agreed that a supporter has the record; `nil` where nobody says that they were asked.
    public var parentConsent: Bool?
    /// Who decided what is left out, or on the child's copy.
    public var decidedBy: String?
    public var explainedToChildAt: Moment?
    public init(conferenceId: String, recipientId: String? = nil, recipientRole: String? = nil, sentAt: Moment) {
        self.conferenceId = conferenceId
        self.recipientId = recipientId
        self.recipientRole = recipientRole
        self.sentAt = sentAt
    }
}

public struct DecisionLetterSent: Sendable, Hashable {
    public var conferenceId: String
    public var recipientId: String?
    public var recipientRole: String?
    public var sentAt: Moment
    public init(conferenceId: String, recipientId: String? = nil, recipientRole: String? = nil, sentAt: Moment) {
        self.conferenceId = conferenceId
        self.recipientId = recipientId
        self.recipientRole = recipientRole
        self.sentAt = sentAt
    }
}
