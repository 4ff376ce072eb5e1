// Children and families in a meeting: section A, "Conference lifecycle".

public struct ParticipationAssessed: Sendable, Hashable {
    public var conferenceId: String
    public var childId: String
    public var assessedAt: Moment
    /// `attend` or `not_attend`.
    public var declaredWish: String?
    /// `all`, `part` or `none`.
    public var attend: String?
    public var advocateId: String?
    public var preparedAt: Moment?
    public var agreedByChairAt: Moment?
    public var agreedBySwAt: Moment?
    public init(conferenceId: String, childId: String, assessedAt: Moment) {
        self.conferenceId = conferenceId
        self.childId = childId
        self.assessedAt = assessedAt
    }
}

public struct ViewsRecorded: Sendable, Hashable {
    public var conferenceId: String
    public var recordedAt: Moment
    public var personId: String?
    public var personRole: String?
    public var childId: String?
    public var method: String?
    public var chairPreMeetingAt: Moment?
    public init(conferenceId: String, recordedAt: Moment) {
        self.conferenceId = conferenceId
        self.recordedAt = recordedAt
    }
}

public struct ExclusionRequested: Sendable, Hashable {
    public var conferenceId: String
    public var personId: String
    public var scope: String?
    public var groundCode: String?
    public var requestedAt: Moment?
    public init(conferenceId: String, personId: String) {
        self.conferenceId = conferenceId
        self.personId = personId
    }
}

public struct ExclusionDecided: Sendable, Hashable {
    public var conferenceId: String
    public var personId: String
    public var decision: String
    /// `partial` or `full`.
    public var scope: String?
    public var groundCode: String?
    public var decidedBy: String?
    public var decidedByRole: String?
    public var decidedAt: Moment?
    /// Whether the excluded parent receives the record, as the chair settled it.
    public var recordDecision: String?
    /// `whole` or `attended_part`.
    public var recordScope: String?
    public init(conferenceId: String, personId: String, decision: String) {
        self.conferenceId = conferenceId
        self.personId = personId
        self.decision = decision
    }
}

public struct ParticipantExcluded: Sendable, Hashable {
    public var conferenceId: String
    public var personId: String
    public var startedAt: Moment
    public var endedAt: Moment?
    public var decidedBy: String?
    public init(conferenceId: String, personId: String, startedAt: Moment) {
        self.conferenceId = conferenceId
        self.personId = personId
        self.startedAt = startedAt
    }
}

public struct ObserverRequested: Sendable, Hashable {
    public var conferenceId: String
    public var personId: String
    public var requestedAt: Moment?
    public var chairConsentAt: Moment?
    public var familyConsentAt: Moment?
    public init(conferenceId: String, personId: String) {
        self.conferenceId = conferenceId
        self.personId = personId
    }
}

public struct RecordingRequested: Sendable, Hashable {
    public var conferenceId: String
    public var personId: String?
    public var requestedAt: Moment?
    public init(conferenceId: String) {
        self.conferenceId = conferenceId
    }
}

public struct RecordingDecided: Sendable, Hashable {
    public var conferenceId: String
    public var granted: Bool
    public var personId: String?
    public var decidedAt: Moment?
    public var legalAdviceAt: Moment?
    public init(conferenceId: String, granted: Bool) {
        self.conferenceId = conferenceId
        self.granted = granted
    }
}

public struct PostponementRequested: Sendable, Hashable {
    public var conferenceId: String
    public var action: String?
    public var requestedByRole: String?
    public var requestedAt: Moment?
    public var reasonCode: String?
    public var discussedWithChairAt: Moment?
    public var alternativeSought: Bool?
    public var exceptional: Bool?
    public init(conferenceId: String) {
        self.conferenceId = conferenceId
    }
}
