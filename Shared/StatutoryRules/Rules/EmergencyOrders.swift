// The conference wanted before an emergency protection order runs out: LON-1.8 (001, 1.8).

extension Docket {
    /// A target that stands beside the hard limit and supersedes nothing; only with a decision to hold a conference.
    mutating func emergencyOrders(of child: History.Child, beside duties: [Obligation]) {
        for place in child.orders {
            let order = history.orders[place]
            guard let made = order.made else { continue }
            let day = made.record.at?.day ?? order.expires?.day
            let subject = Subject(childId: child.id)
            guard let day, let expires = order.expires else {
                find("LON-1.8", .should, subject, events: [made.record.event], "cannot be judged: no expiresAt")
                continue
            }
            let duty = duties.last { isDecided($0, made: day, expires: expires) }
            guard duty != nil || isWanted(child, from: day) else { continue }
            var target = Obligation(
                .emergencyOrderConference, subject, occasion: order.id, anchor: Anchor(made.record, on: day),
                terms: [policy.limit(.emergencyOrder, on: day)],
                act: Obligation.Act(firstInitial(of: child, from: min(day, duty?.anchor.on ?? day))))
            target.given = sooner(expires, duty)
            target.booking = booking(of: child, from: min(day, duty?.anchor.on ?? day)) { $0.isInitial }
            target.knownAt = made.record.at
            if let end = child.end { target.withdrawal = Obligation.Withdrawal(cause: end.cause, on: end.on) }
            if let ended = order.ended, ended.day <= target.given!.due.day {
                target.withdrawal = Obligation.Withdrawal(cause: "not_required", on: ended.day)
            }
            if let duty, duty.withdrawal?.cause == "not_required", duty.act == nil {
                target.withdrawal = duty.withdrawal
            }
            enter(target)
        }
    }

    /// Begun before the order runs out, and not met before it was made.
    private func isDecided(_ duty: Obligation, made: Day, expires: Moment) -> Bool {
        duty.isDated && duty.anchor.on <= expires.day && (duty.act.map { $0.at.day >= made } ?? true)
    }

    private func isWanted(_ child: History.Child, from day: Day) -> Bool {
        child.conferences.contains { place in
            let conference = history.conferences[place]
            guard let type = conference.type, type.isInitial else { return false }
            return conference.isOpen || conference.heldOn.map { $0 >= day } ?? false
        }
    }

    /// The order's end, or the initial conference's own limit where that comes first.
    private func sooner(_ expires: Moment, _ duty: Obligation?) -> (due: Due, basis: Basis) {
        let limits = (duty?.terms ?? []).compactMap { term in
            calendar.adding(workingDays: term.limit.count, to: duty!.anchor.on, knownBy: duty!.act?.at.day)?.day
        }
        if let limit = limits.min(), Moment.day(limit).order < expires.order { return (.day(limit), .initialLimit) }
        return (expires, .orderExpiry)
    }
}

/// LON-1.9 (001, 1.9): at once when the examinations and assessments under a child assessment order end.
extension Docket {
    /// A target beside the hard limit, as an emergency order's is; "immediately" has a tolerance that is ours.
    mutating func assessmentOrders(of child: History.Child, beside duties: [Obligation]) {
        for concluded in history.concludedAssessments {
            let order = concluded.facts.orderId.flatMap { history.assessmentOrders[$0] }
            guard concluded.facts.childId.map({ $0 == child.id }) ?? order?.childIds.contains(child.id) ?? false,
                let day = concluded.record.at?.day, let term = policy.limit(.assessmentOrder, on: day)
            else { continue }
            let from = min(order?.madeAt?.day ?? day, day)
            var target = Obligation(
                .assessmentOrderConference, Subject(childId: child.id), occasion: concluded.record.occasion,
                anchor: Anchor(concluded.record, on: day), terms: [term],
                act: Obligation.Act(firstInitial(of: child, from: from)))
            target.booking = booking(of: child, from: from) { $0.isInitial }
            target.knownAt = concluded.record.at
            if let end = child.end { target.withdrawal = Obligation.Withdrawal(cause: end.cause, on: end.on) }
            let duty = duties.last { $0.anchor.on <= day }
            if let duty, duty.withdrawal?.cause == "not_required", duty.act == nil {
                target.withdrawal = duty.withdrawal
            }
            enter(target)
        }
    }
}
