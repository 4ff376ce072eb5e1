// Looked-after children who go home or are taken home: LON-2.2a to 2.2c (001, 2.2), LON-2.3a to 2.3e (001, 2.3),
// LON-2.5a (001, 2.5).

extension Docket {
    mutating func returnsHome(of child: History.Child) {
        let isGoing = !child.circumstances.returns.isEmpty
        if isGoing, isInForce("LON-2.2a") { careReviewDecisions(on: child) }
        if !child.heldLookedAfterReviews.isEmpty, isInForce("LON-2.2c") { conferencesBeforeReturn(of: child) }
        if isGoing || !child.circumstances.removals.isEmpty, isInForce("LON-2.3b") { section20Removals(of: child) }
        returnsAfterPlan(of: child)
    }

    /// Whether a looked-after review wants an initial conference for the child; `nil` where it does not say.
    func wantsConference(_ conference: History.Conference, for child: History.Child) -> Bool? {
        conference.held?.facts.decisions.last { $0.childId == child.id && $0.icpcDecision != nil }?.icpcDecision
    }

    private func basis(of child: History.Child, on day: Day?) -> String? {
        guard let day else { return nil }
        return child.lookedAfter.last { $0.facts.startedOn <= day && $0.ended.map { $0 >= day } ?? true }?.facts
            .legalBasis
    }

    func isSection20(_ proposal: Told<ReturnHomeProposed>, _ child: History.Child) -> Bool {
        (proposal.facts.legalStatus ?? basis(of: child, on: proposal.day)) == "s20"
    }

    /// LON-2.2a: the looked-after review decides and records whether a conference is needed before a return home.
    private mutating func careReviewDecisions(on child: History.Child) {
        var judged: Set<String> = []
        for proposal in child.circumstances.returns {
            let status = proposal.facts.legalStatus ?? basis(of: child, on: proposal.day)
            guard status == "care_order", let day = proposal.day else { continue }
            let reviews = child.heldLookedAfterReviews.map { history.conferences[$0] }
            if let review = reviews.first(where: { $0.heldOn.map { $0 >= day } ?? false }), let held = review.held {
                guard wantsConference(review, for: child) == nil, judged.insert(review.id).inserted else { continue }
                require(
                    "LON-2.2a", Subject(childId: child.id, conferenceId: review.id), events: [held.record.event],
                    "the looked-after review does not record whether a conference is needed before the return home")
            } else if let planned = proposal.facts.plannedReturnDate {
                let begins = London.start(of: planned.day)
                mayChange(at: begins)
                guard asOf >= begins else { continue }
                require(
                    "LON-2.2a", Subject(childId: child.id), events: [proposal.record.event],
                    "the planned return home has come, and no looked-after review has decided whether a conference is"
                        + " needed before it")
            }
        }
    }

    /// LON-2.2b and 2.2c: within the days of the review's decision, and before the child goes home.
    private mutating func conferencesBeforeReturn(of child: History.Child) {
        for place in child.heldLookedAfterReviews {
            let review = history.conferences[place]
            guard wantsConference(review, for: child) == true, let held = review.held, let day = review.heldOn else {
                continue
            }
            var duty = Obligation(
                .returnHomeConference, Subject(childId: child.id), occasion: review.id,
                anchor: Anchor(held.record, on: day), terms: [policy.limit(.returnHome, on: day)],
                act: Obligation.Act(firstInitial(of: child, from: day)))
            duty.booking = booking(of: child, from: day) { $0.isInitial }
            duty.knownAt = held.record.at
            if let end = child.end { duty.withdrawal = Obligation.Withdrawal(cause: end.cause, on: end.on) }
            if let proposal = child.circumstances.returns.last(where: { $0.facts.plannedReturnDate != nil }),
                let planned = proposal.facts.plannedReturnDate?.day, planned > day
            {
                var before = duty
                before.anchor = Anchor(event: proposal.record.event, on: planned)
                before.terms = [policy.limit(.returnHomeBefore, on: day)].compactMap(\.self)
                duty.beside = [before]
            }
            if let row = enter(duty) { followDelay(of: row, duty, child) }
            request(for: duty, child)
        }
    }

    /// The social worker asks for it: on the same or the next working day (ours).
    private mutating func request(for duty: Obligation, _ child: History.Child) {
        let day = duty.anchor.on
        let asked = child.conferences.map { history.conferences[$0] }.filter { $0.type?.isInitial ?? true }
            .compactMap { $0.request ?? $0.booking?.record ?? $0.held?.record }
            .filter { $0.at.map { $0.day >= day } ?? false }
            .min { $0.at!.order < $1.at!.order }
        var request = duty
        request.duty = .returnHomeRequest
        request.terms = [policy.limit(.returnHomeRequest, on: day)].compactMap(\.self)
        request.beside = []
        request.booking = nil
        request.act = Obligation.Act(asked)
        request.actor = "social_worker"
        enter(request)
    }
}

/// A parent takes, or means to take, a child accommodated under section 20, amid serious concerns.
extension Docket {
    private struct Removal {
        var record: Record
        var day: Day?
        var decidedByRole: String?
    }

    /// Concerns that are not denied count.
    private func removals(of child: History.Child) -> [Removal] {
        let taken = child.circumstances.removals.filter { removal in
            removal.facts.legalStatus ?? "s20" == "s20" && removal.facts.seriousConcerns != false
        }
        let proposed = child.circumstances.returns.filter { proposal in
            proposal.facts.proposedBy == "parent" && isSection20(proposal, child)
                && proposal.facts.seriousConcerns != false
        }
        return taken.map { Removal(record: $0.record, day: $0.day, decidedByRole: $0.facts.decidedByRole) }
            + proposed.map { Removal(record: $0.record, day: $0.day, decidedByRole: $0.facts.decidedByRole) }
    }

    private mutating func section20Removals(of child: History.Child) {
        let subject = Subject(childId: child.id)
        var begun: [String: History.Enquiry] = [:]
        for removal in removals(of: child) {
            let enquiry = child.enquiries.first { enquiry in removal.day.map { enquiry.day >= $0 } ?? true }
            if let enquiry { begun[enquiry.id] = enquiry }
            if let day = removal.day {
                tell(.removalAlert, subject, occasion: removal.record.occasion, on: day)
            }
            if !removal.record.details.contains(.discussedAt) {
                require(
                    "LON-2.3b", subject, events: [removal.record.event],
                    "it is not recorded that the social worker discussed the removal with a manager")
            }
            decide(removal, enquiry, subject)
        }
        for enquiry in begun.values.sorted(by: { $0.id < $1.id }) {
            if !enquiry.record.details.contains(.reasons) {
                require(
                    "LON-2.3d", subject, events: [enquiry.record.event],
                    "no reasons are recorded for the section 47 enquiry that followed the removal")
            }
            if !enquiry.record.details.contains(.legalProceedingsConsidered) {
                require(
                    "LON-2.3e", subject, events: [enquiry.record.event],
                    "it is not recorded whether legal proceedings were considered after the removal")
            }
        }
    }

    /// LON-2.3c: that manager decides whether an enquiry is begun.
    private mutating func decide(_ removal: Removal, _ enquiry: History.Enquiry?, _ subject: Subject) {
        guard removal.record.details.contains(.decision) else {
            guard enquiry == nil else { return }
            return require(
                "LON-2.3c", subject, events: [removal.record.event],
                "no manager's decision is recorded on whether to begin a section 47 enquiry")
        }
        guard let role = removal.decidedByRole, isSocialCareManager(role) || role == "ceasing_to_care_manager" else {
            return require(
                "LON-2.3c", subject, events: [removal.record.event],
                "the decision on a section 47 enquiry is not recorded as a manager's")
        }
    }

    /// LON-2.5a: the plan is over, and a parent asks for the child back.
    private mutating func returnsAfterPlan(of child: History.Child) {
        guard isInForce("LON-2.5a") else { return }
        let plans = history.plans.filter { $0.facts.childId == child.id }
        for proposal in child.circumstances.returns where proposal.facts.proposedBy == "parent" {
            guard let day = proposal.day, !plans.isEmpty,
                plans.allSatisfy({ $0.facts.startedOn > day || $0.ended.map { $0 <= day } ?? false }),
                plans.contains(where: { $0.facts.startedOn <= day })
            else { continue }
            let subject = Subject(childId: child.id)
            tell(.returnAfterPlan, subject, occasion: proposal.record.occasion, on: day)
            let isConsidered = child.conferences.contains { place in
                let conference = history.conferences[place]
                return conference.type?.isInitial ?? true && belongs(conference, to: nil, from: day, until: nil)
            }
            guard !proposal.record.details.contains(.considerationAt), !isConsidered else { continue }
            require(
                "LON-2.5a", subject, events: [proposal.record.event],
                "the plan is over and a parent asks for the child back: it is not recorded whether a conference was"
                    + " considered")
        }
    }
}
