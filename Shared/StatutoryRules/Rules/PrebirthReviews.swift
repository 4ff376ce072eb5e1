// After a pre-birth conference: LIN-3.3 (002, 3.3), LON-1.21a, b and c (001, 1.21).

extension Docket {
    /// A pre-birth conference that is held after the birth is an initial conference (rulebook, C1).
    func effectiveType(of conference: History.Conference, for child: History.Child) -> ConferenceType? {
        guard conference.type == .prebirth, let held = conference.held, let on = conference.heldOn,
            let birth = history.reviewing.births[child.id]
        else { return conference.type }
        if birth.day != on { return birth.day < on ? .initial : .prebirth }
        if case .instant(let born) = birth.record.at, case .instant(let met) = held.record.at, born < met {
            return .initial
        }
        return .prebirth
    }

    /// LIN-3.3: a month after the birth or 91 days after the conference, whichever is the sooner; never later than it
    /// was before the birth.
    func addPrebirthLimit(_ duty: inout Obligation, after conference: History.Conference?, _ child: History.Child) {
        guard let conference, effectiveType(of: conference, for: child) == .prebirth,
            let fromConference = policy.limit(.prebirthReview, on: duty.anchor.on)
        else { return }
        var term = fromConference
        if let birth = history.reviewing.births[child.id], duty.act.map({ $0.at.day >= birth.day }) ?? true,
            let fromBirth = policy.limit(.afterBirthReview, on: birth.day)
        {
            let anchor = Anchor(birth.record, on: birth.day)
            var later = duty
            later.terms = [fromBirth]
            later.elsewhere[fromBirth.rule] = anchor
            var sooner = duty
            sooner.terms = [fromConference]
            if let left = soonest(of: later), let right = soonest(of: sooner), left < right {
                term = fromBirth
                duty.elsewhere[term.rule] = anchor
                if left < soonest(of: duty) ?? left.adding(days: 1) { duty.knownAt = birth.record.at }
            }
        }
        duty.terms.append(term)
    }

    /// LON-1.21a and b: a review or a core group soon after the birth; later where the mother is not fit to attend.
    mutating func meetAfterBirth(of plan: History.Plan, _ child: History.Child) {
        guard let conference = initial(of: plan, child), effectiveType(of: conference, for: child) == .prebirth,
            let birth = history.reviewing.births[child.id], birth.day >= plan.facts.startedOn,
            isActive(plan, on: birth.day), let usual = policy.limit(.postBirth, on: birth.day)
        else { return }
        let subject = Subject(childId: child.id, planId: plan.facts.planId)
        var duty = Obligation(
            .postBirthMeeting, subject, occasion: plan.facts.planId, anchor: Anchor(birth.record, on: birth.day),
            terms: [usual])
        if let unfit = unfitMother(of: child, from: birth.day), let cutOff = soonest(of: duty) {
            if let on = unfit.at?.day, on <= cutOff {
                duty.terms = [policy.limit(.postBirthUnfit, on: birth.day) ?? usual]
            } else if isInForce("LON-1.21b") {
                // Annotates the miss, and is none itself.
                find(
                    "LON-1.21b", .consider, subject, events: [birth.record.event, unfit.event],
                    "the mother's unfitness was recorded too late to lengthen the time after the birth")
            }
        }
        let review = child.heldReviews.map { history.conferences[$0] }.first {
            $0.heldOn.map { $0 >= birth.day } ?? false
        }
        let coreGroup = history.reviewing.coreGroups[plan.facts.planId]?.first { $0.facts.heldAt.day >= birth.day }
        let records = [review?.held?.record, coreGroup?.record].compactMap(\.self)
        let act = records.min { ($0.at?.order ?? .max) < ($1.at?.order ?? .max) }
        duty.act = Obligation.Act(act)
        duty.booking = act == nil ? booking(of: child, from: birth.day) { $0.isReview } : nil
        duty.knownAt = birth.record.at
        duty.withdrawal = end(of: plan, child)
        duty.actor = "social_worker"
        let row = enter(duty)
        remindAfterBirth(row, duty)
        sayOverdue(row, duty)
        guard let coreGroup, act?.event == coreGroup.record.event,
            !coreGroup.facts.attendees.contains(where: { $0.agency == "midwifery" })
        else { return }
        require(
            "LON-1.21c", subject, events: [coreGroup.record.event],
            "no midwife is recorded at the core group that was held after the birth")
    }

    private func unfitMother(of child: History.Child, from birth: Day) -> Record? {
        let mother = history.reviewing.mothers[child.id]
        return history.reviewing.unfit.first { record, fact in
            let isHers = fact.childId.map { $0 == child.id } ?? (mother != nil && fact.motherId == mother)
            return isHers && fact.recordedAt.day >= birth
        }?.record
    }

    /// E38: of the review notices only the last whose day had passed at the birth is said, at once.
    private mutating func remindAfterBirth(_ row: Deadline?, _ duty: Obligation) {
        guard let row, row.state != .withdrawn, let actBy = row.actBy?.day else { return }
        let lead = policy.lead(.reviewNotices)
        let days = lead.values.map { back($0, lead.unit, from: actBy) }
        let first = days.lastIndex { $0 < duty.anchor.on } ?? 0
        for place in days.indices where place >= first {
            tell(
                .reviewReminder, row.subject, occasion: row.occasion, on: days[place], template: "review_due_notice",
                level: place + 1, done: duty.act?.at, known: duty.knownAt, about: row)
        }
    }
}
