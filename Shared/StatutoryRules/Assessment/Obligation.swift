/// One act that is owed, before it is judged: what it hangs on, what bounds it, and what was done.
struct Obligation {
    /// An act that meets it.
    struct Act {
        var event: String
        var at: Moment
    }
    /// What takes it away.
    struct Withdrawal {
        var cause: String
        /// What was missed before that day stays missed; `nil`: it was never owed.
        var on: Day?
    }

    var duty: Duty
    var subject: Subject
    var occasion: String
    var anchor: Anchor
    /// The limits that bound the act; the sooner binds.
    var terms: [Term]
    var act: Act?
    var withdrawal: Withdrawal?
    /// A conference's booking in force.
    var booking: History.Conference.Booking?
    /// From when on what it hangs on was known to those who must act; `nil` where nothing says.
    var knownAt: Moment?
    /// A date that replaces the counted one where it is sooner, or that is the limit itself.
    var given: (due: Due, basis: Basis)?
    /// Limits that run from another event, by rule. One of no days at all is a date that the event names.
    var elsewhere: [String: Anchor] = [:]
    /// The role that owes it, of a task: told of a breach beside the policy's own.
    var actor: String?
    /// Whether its family's notices are said: not where its rules say themselves who is told, where its breach is a
    /// finding, or where it only fills a list.
    var isAnnounced = true
    /// A window in which something may be done: unused, it closes and nothing was missed.
    var isWindow = false
    /// Whether the limits run from the anchor; `nil` dates otherwise.
    var isDated = true
    /// Whether its day had passed when what it hangs on was first known.
    var isKnownLate = false
    /// Limits on the same act that run from other events; of all of them the sooner binds. Only their anchors, limits
    /// and dates are read: whether it was done is one question.
    var beside: [Obligation] = []

    init(
        _ duty: Duty, _ subject: Subject, occasion: String, anchor: Anchor, terms: [Term?], act: Act? = nil,
        withdrawal: Withdrawal? = nil
    ) {
        self.duty = duty
        self.subject = subject
        self.occasion = occasion
        self.anchor = anchor
        self.terms = terms.compactMap(\.self)
        self.act = act
        self.withdrawal = withdrawal
    }
}

extension Anchor {
    init(_ record: Record, on day: Day) {
        event = record.event
        on = day
        if case .instant(let instant) = record.at { at = instant }
    }
}

extension Obligation.Act {
    init?(_ record: Record?) {
        guard let record, let at = record.at else { return nil }
        event = record.event
        self.at = at
    }
}

extension Duty {
    /// The ways in which duties warn: rulebook, sections C4 and H.
    enum Family { case conference, review, lookedAfter, report, letter, task }

    var family: Family {
        switch self {
        case .initialConference, .transferInConference, .receivingConference, .emergencyOrderConference,
            .assessmentOrderConference, .returnHomeConference:
            .conference
        case .firstReview, .laterReview: .review
        case .firstLookedAfterReview, .secondLookedAfterReview, .laterLookedAfterReview: .lookedAfter
        case .socialWorkerReport, .reportToChair, .agencyReport: .report
        case .inviteList, .invitations, .consultationPapers, .agencyReportShared: .task
        case .decisionLetterParents, .decisionLetterAll, .conferenceRecord: .letter
        case .newDate: .task
        case .exclusionRequest: .task
        case .parentsRecord, .recordAmendments, .dissentEscalation, .complaintHandover: .task
        case .returnHomeRequest, .preproceedingsLetter, .moveNotice: .task
        case .inquorateFollowUp: .conference
        case .postBirthMeeting, .reviewDateSet, .securityReview, .dualPlanDecision, .progressMeeting, .longPlan: .task
        case .endingLetterAgencies, .endingBySocialWorker, .deathLetter, .leftCountryLetter, .whereaboutsDecision,
            .birthdayReviewPlanned, .birthdayReview, .planEndAt18, .supervisionOrderReview, .childInNeedReview:
            .task
        }
    }
}
