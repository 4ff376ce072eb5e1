// The social worker's report before a conference: LON-7.7 (001, 7.7), SWI-18 and 19 (004), CAN-1.6 (000, section 1).

extension Docket {
    mutating func socialWorkerReport(for conference: History.Conference) {
        guard let booking = conference.booking else { return }
        let subject = Subject(conferenceId: conference.id)
        guard let type = conference.type else {
            find(
                "C1", .should, subject, events: [booking.record.event],
                "cannot be judged: no known conferenceType, so no report can be asked for")
            return
        }
        let day = booking.startsAt.day
        guard let term = policy.limit(key(for: type), on: day) else { return }
        var at: Record = booking.record
        at.at = booking.startsAt
        var obligation = Obligation(
            .socialWorkerReport, subject, occasion: conference.id, anchor: Anchor(at, on: day), terms: [term])
        obligation.act = report(for: conference, term)
        obligation.knownAt = booking.record.at
        if conference.isCancelled && conference.held == nil {
            obligation.withdrawal = Obligation.Withdrawal(cause: "cancelled", on: nil)
        }
        enter(obligation)
    }

    /// `combined` is a review and a looked-after review in one: the review's limit stands for both.
    private func key(for type: ConferenceType) -> LimitKey {
        switch type {
        case .initial, .prebirth, .transferIn: .reportInitial
        case .review, .combined: .reportReview
        case .lookedAfterReview: .reportLookedAfter
        }
    }

    /// The first act that counts: handed in, or shared with the family, as the rule has it.
    private mutating func report(for conference: History.Conference, _ term: Term) -> Obligation.Act? {
        let reports = conference.reports.filter { $0.agency == nil || $0.agency == "childrens_social_care" }
        let acts = reports.flatMap { term.evidence == .sharedWithFamily ? $0.shared : [$0.record] }
        guard let first = acts.min(by: { ($0.at?.order ?? .max) < ($1.at?.order ?? .max) }) else { return nil }
        if let unnamed = reports.first(where: { $0.agency == nil }), !reports.contains(where: { $0.agency != nil }) {
            find(
                term.rule, .should, Subject(conferenceId: conference.id), events: [unnamed.record.event],
                "the report does not name its agency: it is taken as the social worker's")
        }
        return Obligation.Act(first)
    }
}
