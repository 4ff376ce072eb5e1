// Whether a conference is called, by whom, and what is recorded while it is late: LON-1.5b, 1.6a, 1.6b and 1.10 (001,
// 1.5, 1.6 and 1.10), LON-2.1a and 2.1b (001, 2.1), LON-2.5b (001, 2.5). A practice model (LON-1.0) is a label: no rule
// reads it.

extension Requirement {
    static let convening: [Requirement] = [
        Requirement(
            "LON-2.5b", .conferenceConveningDecided, needs: [.reasons],
            "no reasons are recorded for the decision whether to convene a conference"),
        Requirement(
            "LON-1.11d", .preproceedingsLetterSent, needs: [.rationale],
            "the letter before proceedings does not say how the risk of an early birth was weighed in its timing"),
    ]
}

/// LON-1.6b: the children's social care manager decides.
extension Docket {
    /// Puts the decisions to convene into effect, save those that the policy refuses: they neither withdraw a clock nor
    /// open one. Transfer-in conferences and reviews need no such decision (C2).
    mutating func settleConvening() {
        for conference in history.conferences {
            conference.decision = nil
            for step in conference.convening {
                guard case .decided(let record, let facts) = step else {
                    conference.decision = nil
                    continue
                }
                if let problem = problem(with: facts, for: conference.type), mayRefuse("LON-1.6b") {
                    refuse("LON-1.6b", Subject(conferenceId: conference.id), event: record.event, problem)
                } else {
                    conference.decision = facts.decision
                }
            }
        }
    }

    private func problem(with decision: ConveningDecided, for type: ConferenceType?) -> String? {
        guard type == .initial || type == .prebirth || type == nil else { return nil }
        guard let role = decision.decidedByRole else {
            return "the decision to convene does not say in which role it was taken"
        }
        return isSocialCareManager(role)
            ? nil : "the decision to convene was not taken by the children's social care manager"
    }

    /// Which roles count is the policy's (section B).
    func isSocialCareManager(_ role: String?) -> Bool {
        role.map { policy.choice(.socialCareManagers)?.values.contains($0) ?? ($0 == "csc_manager") } ?? false
    }
}

extension Docket {
    mutating func convening(of child: History.Child) {
        if !child.outcomes.isEmpty, isInForce("LON-1.6a") { confirmedHarm(of: child) }
        if isInForce("LON-2.1b") { plansRefreshed(for: child) }
        if child.wasExpected { beforeBirth(of: child) }
        prebirthNeeds(of: child)
    }

    /// LON-1.6a: confirmed harm leads to a conference.
    private mutating func confirmedHarm(of child: History.Child) {
        for (id, outcome) in child.outcomes.sorted(by: { $0.key < $1.key })
        where outcome.outcome == "substantiated_continuing_risk" {
            let enquiry = child.enquiries.first { $0.id == id }
            let discussion = child.discussions.first { $0.id == enquiry?.discussion }
            let from = [enquiry?.day, discussion?.day, outcome.on].compactMap(\.self).min()!
            let next = child.enquiries.map(\.day).filter { $0 > outcome.on }.min()
            let linked = child.conferences.map { history.conferences[$0] }.filter {
                $0.type?.isInitial ?? true && belongs($0, to: id, from: from, until: next)
            }
            guard !linked.contains(where: { $0.held != nil || $0.decision != "no" }) else { continue }
            let subject = Subject(childId: child.id)
            if isLookedAfter(child, on: outcome.on) {
                // For a looked-after child no conference is the norm: what is asked for is the decision.
                guard !linked.contains(where: { hasReasonedDecision($0) }) else { continue }
                require(
                    "LON-2.1a", subject, events: [outcome.event],
                    "the enquiry confirmed harm to a looked-after child, and no decision with reasons is recorded on"
                        + " whether to hold a conference")
            } else if isOnPlan(child, from: from, through: outcome.on) {
                guard !isEarlyReviewAsked(for: child, from: from) else { continue }
                require(
                    "LON-1.6a", subject, events: [outcome.event],
                    "the enquiry confirmed harm to a child on a plan, and no early review is asked for")
            } else {
                require(
                    "LON-1.6a", subject, events: [outcome.event],
                    "the enquiry confirmed harm, and no conference is asked for")
            }
        }
    }

    private func hasReasonedDecision(_ conference: History.Conference) -> Bool {
        conference.decision != nil
            && conference.convening.contains {
                if case .decided(let record, _) = $0 { record.details.contains(.reasons) } else { false }
            }
    }

    private func isEarlyReviewAsked(for child: History.Child, from day: Day) -> Bool {
        history.earlyReviewRequests.contains { request in
            let plan = history.plans.contains {
                $0.facts.planId == request.facts.planId && $0.facts.childId == child.id
            }
            return (request.facts.childId == child.id || plan) && request.day.map { $0 >= day } ?? true
        }
    }

    func isLookedAfter(_ child: History.Child, on day: Day) -> Bool {
        child.lookedAfter.contains { $0.facts.startedOn <= day && $0.ended.map { $0 > day } ?? true }
    }

    /// On a plan that began before the first day and lasts through the second; with none given, that lasts.
    func isOnPlan(_ child: History.Child, from day: Day, through end: Day? = nil) -> Bool {
        history.plans.contains { plan in
            guard plan.facts.childId == child.id, plan.facts.startedOn < day else { return false }
            return plan.ended.map { ended in end.map { ended > max($0, day) } ?? false } ?? true
        }
    }

    /// LON-2.1b: new concerns about a looked-after child lead to its plans being looked at again.
    private mutating func plansRefreshed(for child: History.Child) {
        for incident in child.circumstances.incidents {
            guard let day = incident.at?.day, isLookedAfter(child, on: day) else { continue }
            let isCareReviewed =
                incident.details.contains(.carePlanUpdatedAt)
                || child.circumstances.carePlanChanges.contains { $0.at.map { $0.day >= day } ?? false }
            guard !isCareReviewed || !incident.details.contains(.placementPlanUpdatedAt) else { continue }
            require(
                "LON-2.1b", Subject(childId: child.id), events: [incident.event],
                "after a new concern no update of the looked-after child's care plan and placement plan is recorded")
        }
    }
}

/// What a conference itself must show.
extension Docket {
    mutating func convening(of conference: History.Conference) {
        justification(of: conference)
        guard let held = conference.held, let type = conference.type, type != .lookedAfterReview else { return }
        let subject = Subject(conferenceId: conference.id)
        let details = held.record.details
        if !details.contains(.householdChildrenConsidered), !details.contains(.perChildConsidered) {
            require(
                "LON-1.5b", subject, events: [held.record.event],
                "it is not recorded that the needs of the other children in the home were considered")
        }
        let isDecided = conference.convening.contains { if case .decided = $0 { true } else { false } }
        if type == .initial || type == .prebirth, !isDecided {
            require(
                "LON-1.6b", subject, events: [held.record.event],
                "the conference was held, and no decision to convene it is recorded")
        }
    }

    /// LON-2.1a: a looked-after child is rarely taken to conference. Going home from section 20 accommodation
    /// (LON-2.3a), or a care review that wants the conference (LON-2.2a), is a reason of its own.
    private mutating func justification(of conference: History.Conference) {
        guard isInForce("LON-2.1a"), let request = conference.request, conference.type?.isInitial ?? true,
            !request.details.contains(.justification)
        else { return }
        let day = request.at?.day ?? London.day(of: request.recordedAt)
        for id in Set(conference.requestedChildren + conference.children).sorted() {
            guard let child = history.child(id), isLookedAfter(child, on: day), !isGoingHome(child, by: day) else {
                continue
            }
            require(
                "LON-2.1a", Subject(childId: id, conferenceId: conference.id), events: [request.event],
                "a conference is asked for on a looked-after child, and no justification is recorded")
        }
    }

    private func isGoingHome(_ child: History.Child, by day: Day) -> Bool {
        let proposed = child.circumstances.returns.contains {
            isSection20($0, child) && $0.day.map { $0 <= day } ?? true
        }
        let removed = child.circumstances.removals.contains { $0.day.map { $0 <= day } ?? true }
        let wanted = child.heldLookedAfterReviews.contains { place in
            let conference = history.conferences[place]
            return wantsConference(conference, for: child) == true && conference.heldOn.map { $0 <= day } ?? false
        }
        return proposed || removed || wanted
    }
}

/// LON-1.10: what is reported and recorded while an initial conference is late.
extension Docket {
    mutating func followDelay(of row: Deadline, _ duty: Obligation, _ child: History.Child) {
        guard let due = row.due, [.pending, .atRisk, .missed, .metLate].contains(row.state), !row.isKnownLate else {
            return
        }
        let booking = duty.booking ?? heldBooking(of: child, duty.act)
        let isBookedLate = booking.map { Docket.isLate($0.startsAt, for: due) } ?? false
        if isBookedLate, let booking, booking.isMove, booking.reason == nil {
            requireOnce(
                "LON-1.10a", row.subject, events: [booking.record.event],
                "the conference is moved past its date, and no reason is recorded for the delay")
        }
        guard isInForce("LON-1.10b"), let term = policy.limit(.interimSafety, on: row.anchor.on) else { return }
        var start: (day: Day, event: String) = (due.day.adding(days: 1), row.anchor.event)
        if isBookedLate, let booking {
            let set = max(booking.record.at?.day ?? row.anchor.on, row.anchor.on)
            if set < start.day { start = (set, booking.record.event) }
        }
        watch(row.subject, from: start, to: duty.act?.at.day, notes: child.circumstances.notes, every: term)
    }

    private func heldBooking(of child: History.Child, _ act: Obligation.Act?) -> History.Conference.Booking? {
        guard let act else { return nil }
        return child.heldInitial.map { history.conferences[$0] }.first { $0.held?.record.event == act.event }?.booking
    }

    /// LON-1.10b: a note on the child's safety within each stretch of the delay.
    private mutating func watch(
        _ subject: Subject, from start: (day: Day, event: String), to held: Day?, notes: [Record], every term: Term
    ) {
        let until = held ?? London.day(of: asOf)
        var last = start
        let kept = notes.filter { note in
            note.details.contains(.interimSafetyNote)
                && note.at.map { $0.day >= start.day && $0.day <= until } ?? false
        }
        for note in kept.map({ (day: $0.at!.day, event: $0.event) }) + [(day: until, event: "")] {
            guard let limit = end(of: term, from: last.day) else { return }
            if note.day > limit {
                requireOnce(
                    "LON-1.10b", subject, events: [last.event],
                    "while the conference was late, no note on how the child is kept safe followed in the time set")
            } else if note.event.isEmpty, held == nil {
                mayChange(at: London.end(of: limit).adding(microseconds: 1))
            }
            last = note
        }
    }

    /// One late booking may keep several duties waiting; it is found once.
    private mutating func requireOnce(_ rule: String, _ subject: Subject, events: [String], _ message: String) {
        let isFound = findings.contains { $0.rule == rule && $0.subject == subject && $0.events == events }
        if !isFound { require(rule, subject, events: events, message) }
    }

    /// The last day of a limit in days or months; `nil` beyond the loaded bank holidays.
    func end(of term: Term, from day: Day) -> Day? {
        switch term.limit.unit {
        case .workingDays: calendar.adding(workingDays: term.limit.count, to: day)?.day
        case .calendarDays: day.adding(days: term.limit.count)
        case .months: day.adding(months: term.limit.count)
        case .hours: nil
        }
    }
}
