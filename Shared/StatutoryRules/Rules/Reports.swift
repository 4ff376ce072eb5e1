// The social worker's report before a meeting: LON-7.7, 7.8 and SWI-15 (001, 7.7 and 7.8; 004, item 15), SWI-18 and 19
// (004), CAN-1.6 (000, section 1).

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
        announceReport(for: conference)
        let day = booking.startsAt.day
        guard let term = leadLimit(key(for: type), on: day), let anchor = conference.meetingAnchor else { return }
        var obligation = Obligation(
            .socialWorkerReport, subject, occasion: conference.id, anchor: anchor, terms: [term],
            withdrawal: ending(of: conference))
        obligation.act = report(for: conference, term)
        obligation.knownAt = booking.record.at
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

    /// Those of the authority's own social work: no agency's, and not the former authority's.
    func socialWorkReports(for conference: History.Conference) -> [History.Conference.Report] {
        conference.reports.filter { report in
            (report.agency ?? "childrens_social_care") == "childrens_social_care" && !isFormerAuthority(report)
        }
    }

    func isFormerAuthority(_ report: History.Conference.Report) -> Bool {
        report.facts.reportSourceAuthority.map { $0 != authority } ?? false
    }

    /// The first act that counts: handed in, or shared with the family, as the rule has it.
    private mutating func report(for conference: History.Conference, _ term: Term) -> Obligation.Act? {
        let reports = socialWorkReports(for: conference)
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

/// The chair's copy, and who is told that the report is ready.
extension Docket {
    /// LON-7.8: receipt, not despatch.
    mutating func reportToChair(for conference: History.Conference) {
        guard let type = conference.type, type != .lookedAfterReview, let anchor = conference.meetingAnchor,
            let term = leadLimit(type.isInitial ? .chairReportInitial : .chairReportReview, on: anchor.on)
        else { return }
        let subject = Subject(conferenceId: conference.id)
        var obligation = Obligation(
            .reportToChair, subject, occasion: conference.id, anchor: anchor, terms: [term],
            act: chairReceipt(of: conference), withdrawal: ending(of: conference))
        obligation.knownAt = conference.booking?.record.at
        if obligation.act == nil, let report = socialWorkReports(for: conference).first {
            require(
                term.rule, subject, events: [report.record.event],
                "the report was handed in, and no time is recorded at which the chair had it: the time runs on")
        }
        enter(obligation)
    }

    /// When the chair first had it: as the report says, or by being given it.
    private mutating func chairReceipt(of conference: History.Conference) -> Obligation.Act? {
        var acts: [Obligation.Act] = []
        for report in socialWorkReports(for: conference) {
            if let received = report.facts.receivedByChairAt {
                mayChange(at: received.earliest)
                if received.earliest <= asOf { acts.append(Obligation.Act(event: report.record.event, at: received)) }
            }
            for share in report.shares where share.facts.personRole == "conference_chair" {
                acts.append(Obligation.Act(event: share.record.event, at: share.facts.sharedAt))
            }
        }
        return acts.min { ($0.at.order, $0.event) < ($1.at.order, $1.event) }
    }

    /// Once it is in, and where a manager is to check it first (SWI-0.3) once that is done. Children have it from
    /// people, who judge what suits them.
    private mutating func announceReport(for conference: History.Conference) {
        let reports = socialWorkReports(for: conference)
        guard let booking = conference.booking, let report = reports.first, let submitted = report.record.at else {
            return
        }
        var ready = submitted
        if isInForce("SWI-0.3") {
            guard let checked = reports.lazy.compactMap({ $0.checks.first?.at }).first else { return }
            if checked.order > ready.order { ready = checked }
        }
        let shared = reports.lazy.compactMap { $0.shared.first?.at }.first
        let received = chairReceipt(of: conference)?.at
        var done: Moment?
        if let shared, let received { done = shared.order > received.order ? shared : received }
        tell(
            .reportReady, Subject(conferenceId: conference.id), occasion: conference.id, on: ready.day, done: done,
            towards: .day(booking.startsAt.day), isOff: isOver(conference, by: ready.day))
    }

    /// SWI-15: a report on another child than the index child is kept as a fact and does not count.
    mutating func settleReports() {
        guard isInForce("SWI-15") else { return }
        let mayRefuse = mayRefuse("SWI-15")
        for conference in history.conferences where !conference.reports.isEmpty {
            var wrong: Set<String> = []
            for report in socialWorkReports(for: conference) {
                let subject = Subject(conferenceId: conference.id)
                guard let child = report.facts.indexChildId else {
                    require(
                        "SWI-15", subject, events: [report.record.event],
                        "the report does not say which child it is written on")
                    continue
                }
                let children = conference.children
                let isRight =
                    conference.indexChild.map { $0 == child } ?? (children.isEmpty || children.contains(child))
                guard !isRight else { continue }
                refuse(
                    "SWI-15", subject, event: report.record.event,
                    "the report is not written on the index child of the conference")
                wrong.insert(report.record.occasion)
            }
            if mayRefuse { conference.reports.removeAll { wrong.contains($0.record.occasion) } }
        }
    }
}
