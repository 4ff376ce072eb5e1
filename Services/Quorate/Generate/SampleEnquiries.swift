import StatutoryRules

extension SampleHistory {
    /// A concern, the strategy discussion, the section 47 enquiry, and what it led to.
    mutating func enquiry(from day: Day, reaches: Bool, makesPlan: Bool, repeated: Bool) {
        guard day <= lastDay else { return }
        let unborn = children.contains { $0.birth == nil }
        let referred = time(day, 9...9)
        record(
            "concern.referred", at: referred,
            [
                "childId": .text(children[0].id),
                "agency": .text(random.pick(["police", "education", "health", "health_visiting", "domestic_abuse"])),
                "referredAt": moment(referred),
                "gestationAtReferral": children[0].due.map { usually(.whole((280 - $0.days(since: day)) / 7)) }
                    ?? .absent,
            ])
        if random.chance(0.3) {
            record(
                "incident.recorded", at: referred, correctable: "occurredAt",
                [
                    "childId": .text(children[0].id), "occurredAt": moment(time(day.adding(days: -1))),
                    "kind": .text(random.pick(["allegation", "significant_harm", "other"])), "severity": "high",
                ])
        }
        var discussionDay = calendar.onOrAfter(day.adding(days: random.whole(0...1)))
        let discussedAgain = kind == .discussedAgain || random.chance(0.1)
        if discussedAgain {
            discussion(on: discussionDay, initiated: false)
            discussionDay = calendar.adding(random.whole(1...2), to: discussionDay)
        }
        let discussionId = discussion(on: discussionDay, initiated: true)
        let startDay = random.chance(0.8) ? discussionDay : calendar.adding(1, to: discussionDay)
        let enquiryId = reference("S47")
        let started = startDay == discussionDay ? time(startDay, 16...17) : time(startDay, 9...12)
        record(
            "s47_enquiry.started", at: started, correctable: "startedAt",
            [
                "enquiryId": .text(enquiryId), "childIds": .texts(childIds), "startedAt": moment(started),
                "discussionId": .text(discussionId), "signingManagerId": .text(allocation.manager),
                "reasons": "Reasonable cause to suspect significant harm.",
                "legalProceedingsConsidered": usually(),
                "census": random.chance(0.4) ? ["S47ActualStartDate": .day(startDay)] : .absent,
            ])
        if kind == .discussedAgain || random.chance(0.06) {
            discussion(on: calendar.adding(random.whole(3...9), to: startDay), initiated: false)
        }
        let workingDays = reaches ? workingDaysToConference() : random.whole(8...19)
        let emergency = !repeated && kind == .emergency
        if emergency || !unborn && random.chance(workingDays < 8 ? 0.3 : 0.008) { protectionOrder(on: startDay) }
        for step in 1...3 { caseNote(on: calendar.adding(step * 3, to: startDay)) }
        if reaches {
            conferenceAfter(enquiryId, started: startDay, workingDays: workingDays, makesPlan: makesPlan)
        } else {
            endWithoutConference(enquiryId, started: startDay, workingDays: workingDays)
        }
    }

    @discardableResult
    private mutating func discussion(on day: Day, initiated: Bool) -> String {
        let id = reference("SD")
        let held = time(day, 10...15)
        let others = ["police", "health", "education", "early_years", "mental_health"].prefix(random.whole(2...4))
        record(
            "strategy_discussion.held", at: held, correctable: "heldAt",
            [
                "discussionId": .text(id), "childIds": .texts(childIds), "heldAt": momentOrDay(held),
                "initiatedS47": .flag(initiated), "participants": .texts(["childrens_social_care"] + others),
                "outcome": initiated ? "s47" : "review",
            ])
        return id
    }

    /// England, year to March 2025: 8.7 % within 10 working days, 72.7 % on 11 to 15, 8.9 % on 16 to 20, 9.7 % later;
    /// quartiles 13, 14, 15.
    private mutating func workingDaysToConference() -> Int {
        switch SampleRandom.evenlySpread(number, step: 0.414_213_562_373_095, offset: random.unit() * 0.02) * 100 {
        case ..<8.7: random.weighted([(4, 1), (5, 1), (6, 1), (7, 1.5), (8, 2), (9, 3), (10, 5)])
        case ..<81.4: random.weighted([(11, 4), (12, 8), (13, 17), (14, 22), (15, 21.7)])
        case ..<90.3: random.whole(16...20)
        default: min(21 + random.whole(0...12) + random.whole(0...18) * random.whole(0...1), 60)
        }
    }

    private mutating func protectionOrder(on day: Day) {
        let id = reference("CO")
        let made = time(day, 17...18)
        var expires = made.adding(hours: 8 * 24)
        record(
            "court_order.made", at: made, correctable: "madeAt",
            [
                "orderId": .text(id), "childIds": .texts(childIds), "orderType": "epo", "madeAt": moment(made),
                "expiresAt": moment(expires),
            ])
        if kind == .emergency || random.chance(0.3) {
            let extended = expires.adding(hours: -24)
            expires = expires.adding(hours: 7 * 24)
            record(
                "court_order.extended", at: extended,
                ["orderId": .text(id), "newExpiresAt": moment(expires), "extendedAt": moment(extended)])
        }
        record(
            "court_order.ended", at: expires,
            ["orderId": .text(id), "endedAt": moment(expires), "reason": "expired"])
    }

    mutating func caseNote(
        on day: Day, of noteType: String = "other", about child: String? = nil, onSafety: Bool = false
    ) {
        let noted = time(day)
        record(
            "case_note.recorded", at: noted, correctable: "notedAt",
            [
                "childId": .text(child ?? random.pick(childIds)), "noteType": .text(noteType),
                "notedAt": momentOrDay(noted), "authorId": .text(allocation.worker),
                "interimSafetyNote": onSafety ? "The safety plan holds." : .absent,
            ])
    }

    /// London wants a word on how each child is kept safe every week while a conference is late.
    private mutating func safetyNotes(from day: Day, to held: Day) {
        guard authority.hasPrefix("E09") else { return }
        var at = calendar.adding(random.whole(2...4), to: day)
        while at < held {
            for child in childIds where random.chance(0.93) { caseNote(on: at, about: child, onSafety: true) }
            at = calendar.adding(4, to: at)
        }
    }

    private mutating func completed(_ enquiryId: String, on day: Day, outcomes: [String]) {
        let completed = time(day, 14...16)
        record(
            "s47_enquiry.completed", at: completed, correctable: "completedAt",
            [
                "enquiryId": .text(enquiryId), "childIds": .texts(childIds), "completedAt": momentOrDay(completed),
                "outcomes": .list(
                    zip(childIds, outcomes).map { ["childId": .text($0), "outcome": .text($1)] }),
                "signedOffBy": .text(allocation.manager), "childSeen": .texts(childIds),
            ])
    }

    private mutating func endWithoutConference(_ enquiryId: String, started: Day, workingDays: Int) {
        let done = calendar.adding(workingDays, to: started)
        var closed = calendar.adding(random.whole(3...15), to: done)
        switch random.unit() {
        case ..<0.03: return  // Left open: the duty stays, and is missed.
        case ..<0.06:
            // Harm confirmed, and the manager decided not to convene.
            completed(enquiryId, on: done, outcomes: childIds.map { _ in "substantiated_continuing_risk" })
            let conferenceId = reference("CF")
            request(conferenceId, type: "initial", enquiryId: enquiryId, on: done)
            convene(conferenceId, decision: "no", at: time(calendar.adding(1, to: done), 9...12))
        default:
            completed(
                enquiryId, on: done,
                outcomes: childIds.map { _ in
                    random.weighted([("not_substantiated", 0.45), ("substantiated_no_continuing_risk", 0.55)])
                })
        }
        if random.chance(0.55) { closed = childInNeed(from: calendar.adding(1, to: done), planIds: []) }
        close(on: closed)
        let again = closed.adding(days: random.whole(50...250))
        if random.chance(0.06) { reopen(on: again) }
    }

    /// A child in need plan with its reviews; gives the day it ended.
    mutating func childInNeed(from day: Day, planIds: [String]) -> Day {
        guard day <= lastDay else { return day }
        let rounds = random.whole(1...4)
        var ended = day
        for (index, child) in childIds.enumerated() {
            let id = reference("CIN")
            record(
                "cin_plan.started", at: time(day),
                [
                    "cinPlanId": .text(id), "childId": .text(child), "startedOn": .day(day),
                    "fromPlanId": index < planIds.count ? .text(planIds[index]) : .absent,
                ])
            var reviewed = day
            for _ in 0..<rounds {
                let next = calendar.onOrAfter(reviewed.adding(days: random.chance(0.8) ? 77 : 95))
                let met = time(next)
                record(
                    "cin_plan.reviewed", at: met,
                    [
                        "cinPlanId": .text(id), "reviewedAt": moment(met),
                        "nextDate": .day(next.adding(days: 84)),
                    ])
                reviewed = next
            }
            record("cin_plan.ended", at: time(reviewed), ["cinPlanId": .text(id), "endedOn": .day(reviewed)])
            ended = max(ended, reviewed)
        }
        return calendar.adding(3, to: ended)
    }

    mutating func close(on day: Day) {
        record("case.closed", at: time(day, 16...17), ["closedOn": .day(day), "reason": "no further work"])
    }

    mutating func reopen(on day: Day) {
        record("case.reopened", at: time(day, 8...8), ["reopenedOn": .day(day), "reason": "new concern"])
        enquiry(
            from: day, reaches: random.chance(0.31), makesPlan: random.chance(0.86), repeated: true)
    }

    private mutating func request(_ conferenceId: String, type: String, enquiryId: String?, on day: Day) {
        let requested = time(day, 9...10)
        record(
            "conference.requested", at: requested, correctable: "requestedAt",
            [
                "conferenceId": .text(conferenceId), "conferenceType": .text(type), "childIds": .texts(childIds),
                "indexChildId": .text(childIds[0]), "enquiryId": enquiryId.map { .text($0) } ?? .absent,
                "requestedBy": .text(allocation.manager), "requestedAt": moment(requested),
                "justification": lookedAfter ? usually("No review can be sooner.") : .absent,
            ])
    }

    private mutating func convene(_ conferenceId: String, decision: String, at: Instant) {
        // A few are decided by somebody who may not.
        let isManagers = random.chance(0.975)
        record(
            "conference.convening_decided", at: at,
            [
                "conferenceId": .text(conferenceId), "decision": .text(decision),
                "decidedBy": .text(isManagers ? staff.person("CSCM") : allocation.worker),
                "decidedByRole": .text(isManagers ? "csc_manager" : "social_worker"), "decidedAt": moment(at),
                "reasons": usually(
                    decision == "no" ? "Risk can be managed by a child in need plan." : "Harm is continuing.", 0.95),
            ])
    }

    private mutating func conferenceAfter(_ enquiryId: String, started: Day, workingDays: Int, makesPlan: Bool) {
        let held = calendar.adding(workingDays, to: started)
        let done = calendar.adding(max(1, workingDays - random.whole(3...6)), to: started)
        // Mostly early enough for the invite list to be in by day 5.
        let asked = random.chance(0.85) ? random.whole(1...4) : random.whole(5...8)
        let requested = calendar.adding(min(workingDays - 3, asked), to: started)
        let unborn = children.contains { $0.birth == nil }
        let type = unborn ? "prebirth" : "initial"
        let conferenceId = reference("CF")
        if unborn {
            let assessed = time(done)
            record(
                "prebirth_assessment.completed", at: assessed,
                [
                    "childId": .text(children[0].id), "completedAt": moment(assessed), "outcome": "conference",
                    "riskNoLongerApplies": false,
                ])
        }
        request(conferenceId, type: type, enquiryId: enquiryId, on: requested)
        convene(conferenceId, decision: "yes", at: time(requested, 11...12))
        completed(enquiryId, on: done, outcomes: childIds.map { _ in "substantiated_continuing_risk" })
        let postponed = workingDays > 8 && random.chance(workingDays > 15 ? 0.5 : 0.04)
        let earlier = calendar.adding(-random.whole(2...max(2, workingDays - 6)), to: held)
        let planned = postponed ? min(held, max(earlier, calendar.adding(2, to: requested))) : held
        let category = drawCategory()
        let spared = makesPlan && children.count > 1 && random.chance(0.06)
        let onPlan = makesPlan ? Array(children.indices.dropLast(spared ? 1 : 0)) : []
        let meeting = Meeting(
            id: conferenceId, type: type, childIds: childIds, bookedAt: time(requested, 13...15), planned: planned,
            held: held,
            inviteListDue: calendar.adding(5, to: started),
            decisions: children.indices.map { onPlan.contains($0) ? "plan" : "no_plan" }, category: category,
            inquorate: kind == .inquorate || random.chance(0.03))
        if workingDays > 15 { safetyNotes(from: requested, to: held) }
        let outcome = hold(meeting)
        if makesPlan {
            livePlan(onPlan, after: meeting, outcome)
        } else {
            let closed = childInNeed(from: calendar.adding(2, to: held), planIds: [])
            close(on: closed)
        }
    }

    mutating func drawCategory() -> String {
        random.weighted([
            ("neglect", 0.48), ("emotional_abuse", 0.37), ("physical_abuse", 0.08), ("sexual_abuse", 0.04),
            ("multiple", 0.03),
        ])
    }
}
