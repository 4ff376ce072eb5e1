// Before a meeting: chairs, cover, invitations, reports: section A, "Conference lifecycle".

public struct NextDateSet: Sendable, Hashable {
    public var conferenceId: String
    public var nextOn: Day
    public var nextConferenceId: String?
    public var dateSetAt: Moment?
    public init(conferenceId: String, nextOn: Day) {
        self.conferenceId = conferenceId
        self.nextOn = nextOn
    }
}

public struct ChairAssigned: Sendable, Hashable {
    public var conferenceId: String
    public var chairId: String
    public var assignedAt: Moment?
    public var chairRole: String?
    public var independent: Bool?
    public var trained: Bool?
    public var experienced: Bool?
    public var lineManages: Bool?
    public init(conferenceId: String, chairId: String) {
        self.conferenceId = conferenceId
        self.chairId = chairId
    }
}

public struct ChairUnavailable: Sendable, Hashable {
    public var conferenceId: String
    public var reportedAt: Moment
    public var chairId: String?
    public var reasonCode: String?
    public init(conferenceId: String, reportedAt: Moment) {
        self.conferenceId = conferenceId
        self.reportedAt = reportedAt
    }
}

public struct DeputyNominated: Sendable, Hashable {
    public var conferenceId: String
    public var deputyId: String
    public var forPersonId: String?
    public var nominatedBy: String?
    public var nominatedByRole: String?
    public var nominatedAt: Moment?
    public var familiarityConfirmed: Bool?
    public init(conferenceId: String, deputyId: String) {
        self.conferenceId = conferenceId
        self.deputyId = deputyId
    }
}

public struct InvitationsSent: Sendable, Hashable {
    public var conferenceId: String
    public var sentAt: Moment
    public var recipients: [Participant] = []
    /// `info_pack`, `consultation_papers`, `recording_policy`.
    public var attachments: [String] = []
    public init(conferenceId: String, sentAt: Moment) {
        self.conferenceId = conferenceId
        self.sentAt = sentAt
    }
}

public struct ConsultationSent: Sendable, Hashable {
    public var conferenceId: String
    public var sentAt: Moment
    public var recipients: [Participant] = []
    public init(conferenceId: String, sentAt: Moment) {
        self.conferenceId = conferenceId
        self.sentAt = sentAt
    }
}

public struct Apology: Sendable, Hashable {
    public var conferenceId: String
    public var receivedAt: Moment
    public var personId: String?
    public var agency: String?
    public var role: String?
    /// When someone of the family was offered another way to give views.
    public var opportunityOfferedAt: Moment?
    public init(conferenceId: String, receivedAt: Moment) {
        self.conferenceId = conferenceId
        self.receivedAt = receivedAt
    }
}

public struct ChairDiscussion: Sendable, Hashable {
    public var conferenceId: String
    public var heldAt: Moment
    public var chairId: String?
    public var swId: String?
    public var swContactedAt: Moment?
    public init(conferenceId: String, heldAt: Moment) {
        self.conferenceId = conferenceId
        self.heldAt = heldAt
    }
}

public struct ReportQualityAssured: Sendable, Hashable {
    public var reportId: String
    public var qaAt: Moment
    public var managerId: String?
    public init(reportId: String, qaAt: Moment) {
        self.reportId = reportId
        self.qaAt = qaAt
    }
}
