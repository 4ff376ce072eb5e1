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
    /// Whether the limits run from the anchor; `nil` dates otherwise.
    var isDated = true

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
    /// The four ways in which duties warn: rulebook, section C4.
    enum Family { case conference, review, lookedAfter, report, letter }

    var family: Family {
        switch self {
        case .initialConference, .transferInConference, .receivingConference, .emergencyOrderConference: .conference
        case .firstReview, .laterReview: .review
        case .firstLookedAfterReview, .secondLookedAfterReview, .laterLookedAfterReview: .lookedAfter
        case .socialWorkerReport: .report
        case .decisionLetterParents, .decisionLetterAll, .conferenceRecord: .letter
        }
    }
}
