// After a meeting: records, letters, disagreement, complaints, enquiries: section A, "Conference lifecycle".

public struct RecordDiscussed: Sendable, Hashable {
    public var conferenceId: String
    public var personId: String?
    public var givenAt: Moment?
    public var discussedAt: Moment?
    public init(conferenceId: String) {
        self.conferenceId = conferenceId
    }
}

public struct AmendmentRequested: Sendable, Hashable {
    public var conferenceId: String
    public var requestedAt: Moment
    public var recipientId: String?
    public var receivedAt: Moment?
    public init(conferenceId: String, requestedAt: Moment) {
        self.conferenceId = conferenceId
        self.requestedAt = requestedAt
    }
}

public struct RecordDisclosed: Sendable, Hashable {
    public var conferenceId: String
    public var disclosedAt: Moment
    public var basis: String?
    public var toParty: String?
    public init(conferenceId: String, disclosedAt: Moment) {
        self.conferenceId = conferenceId
        self.disclosedAt = disclosedAt
    }
}

public struct LetterSent: Sendable, Hashable {
    public var letterId: String
    public var kind: String
    public var sentAt: Moment
    public var childId: String?
    public var planId: String?
    public var conferenceId: String?
    public var recipients: [Participant] = []
    public var signedByRole: String?
    public var releasedBy: String?
    public var inPerson: Bool?
    public init(letterId: String, kind: String, sentAt: Moment) {
        self.letterId = letterId
        self.kind = kind
        self.sentAt = sentAt
    }
}

public struct OutlinePlan: Sendable, Hashable {
    public var conferenceId: String
    public var issuedAt: Moment
    public var childId: String?
    public var recipientIds: [String] = []
    public var signedBy: String?
    public var signedAt: Moment?
    public init(conferenceId: String, issuedAt: Moment) {
        self.conferenceId = conferenceId
        self.issuedAt = issuedAt
    }
}

public struct EarlyReviewRequested: Sendable, Hashable {
    public var childId: String?
    public var planId: String?
    public var reasonCode: String?
    public var requestedByRole: String?
    public var requestedAt: Moment?
    public init() {}
}

public struct EarlyReviewDecided: Sendable, Hashable {
    public var decision: String
    public var childId: String?
    public var planId: String?
    public var decidedAt: Moment?
    public var decidedByRole: String?
    public var newOn: Day?
    public init(decision: String) {
        self.decision = decision
    }
}

public struct Dissent: Sendable, Hashable {
    public var conferenceId: String
    public var recordedAt: Moment
    public var agency: String?
    public init(conferenceId: String, recordedAt: Moment) {
        self.conferenceId = conferenceId
        self.recordedAt = recordedAt
    }
}

public struct DissentEscalated: Sendable, Hashable {
    public var conferenceId: String
    public var startedAt: Moment
    public var agency: String?
    public init(conferenceId: String, startedAt: Moment) {
        self.conferenceId = conferenceId
        self.startedAt = startedAt
    }
}

public struct Complaint: Sendable, Hashable {
    public var complaintId: String
    public var receivedAt: Moment
    public var conferenceId: String?
    public var subjectAgency: String?
    public init(complaintId: String, receivedAt: Moment) {
        self.complaintId = complaintId
        self.receivedAt = receivedAt
    }
}

public struct ComplaintPassedOn: Sendable, Hashable {
    public var complaintId: String
    public var passedOnAt: Moment
    /// Roles, or persons where no role is told.
    public var recipients: [String] = []
    public init(complaintId: String, passedOnAt: Moment) {
        self.complaintId = complaintId
        self.passedOnAt = passedOnAt
    }
}

public struct ComplaintConcluded: Sendable, Hashable {
    public var complaintId: String
    public var concludedAt: Moment
    public var outcome: String?
    public var newOn: Day?
    public var formerChairId: String?
    public init(complaintId: String, concludedAt: Moment) {
        self.complaintId = complaintId
        self.concludedAt = concludedAt
    }
}

public struct RecordEnquiry: Sendable, Hashable {
    public var enquiryId: String
    public var receivedAt: Moment
    public var childId: String?
    public var enquirerRole: String?
    public var verifiedAt: Moment?
    public init(enquiryId: String, receivedAt: Moment) {
        self.enquiryId = enquiryId
        self.receivedAt = receivedAt
    }
}

public struct InformationProvided: Sendable, Hashable {
    public var enquiryId: String
    public var providedAt: Moment
    public init(enquiryId: String, providedAt: Moment) {
        self.enquiryId = enquiryId
        self.providedAt = providedAt
    }
}
