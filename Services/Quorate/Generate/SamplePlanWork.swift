import StatutoryRules

extension SampleHistory {
    /// Core groups, notes, supervision and what else befalls a family between two reviews.
    mutating func between(_ from: Day, _ to: Day, _ plans: [Plan], next: Meeting?) {
        var day = calendar.adding(random.whole(7...10), to: from)
        var round = 0
        while day < to, day <= lastDay {
            round += 1
            let met = time(day)
            let agencies = ["childrens_social_care"] + circle.filter { $0.prefix != "POL" }.map(\.agency)
            coreGroup(plans[0].id, at: met, of: agencies, isFirst: round == 1, postBirth: false)
            note(plans, on: calendar.onOrAfter(day.adding(days: 12)), isFirst: round == 1, before: to)
            if random.chance(0.5) {
                supervision(on: calendar.onOrAfter(day.adding(days: 9)), planId: plans[0].id, next: next)
            }
            if random.chance(0.05) { incident(on: day, plans) }
            if random.chance(0.04) { householdChanges(on: day, plans) }
            if random.chance(0.03) { reallocate(on: day) }
            if random.chance(0.015) { somebodyAsks(on: calendar.onOrAfter(day.adding(days: 3))) }
            if !lookedAfter, random.chance(0.008), children[0].birth != nil { enterCare(on: day, plans, next: to) }
            day = calendar.onOrAfter(day.adding(days: random.whole(26...44)))
        }
    }

    mutating func coreGroup(_ planId: String, at met: Instant, of agencies: [String], isFirst: Bool, postBirth: Bool) {
        let present = agencies.filter { $0 == "midwifery" || $0 == "childrens_social_care" || random.chance(0.93) }
        record(
            "core_group.held", at: met, correctable: "heldAt",
            [
                "planId": .text(planId), "heldAt": momentOrDay(met),
                "attendees": .list(present.map { ["agency": .text($0)] }),
                "decisions": usually(["As minuted."], 0.93), "actions": usually(["As minuted."], 0.95),
                "absentViews": present.count < agencies.count ? usually(["In writing."], 0.8) : .absent,
                "postBirth": postBirth ? true : .absent, "planUpdatedAt": usually(moment(met), 0.92),
                "planDetailAgreed": isFirst ? usually(true, 0.92) : .absent,
            ])
    }

    /// The reviewing chair's notes are Knowsley's rule, and a habit of some elsewhere.
    private mutating func note(_ plans: [Plan], on day: Day, isFirst: Bool, before next: Day) {
        guard isFirst, random.chance(authority == "E08000011" ? 0.9 : 0.2) else { return caseNote(on: day) }
        for plan in plans where plan.child.birth != nil || plan.child.due != nil {
            caseNote(on: min(day, calendar.adding(-1, to: next)), of: "iro_tracking", about: plan.child.id)
        }
    }

    private mutating func supervision(on day: Day, planId: String, next: Meeting?) {
        let held = time(day)
        record(
            "supervision_session.recorded", at: held,
            [
                "swId": .text(allocation.worker), "managerId": .text(allocation.manager), "heldAt": moment(held),
                "conferencesReviewed": next.map { usually(.texts([$0.id])) } ?? .absent,
            ])
        actions(of: planId, at: held, isDone: random.chance(0.8))
    }

    mutating func actions(of planId: String, at: Instant, isDone: Bool) {
        record(
            "plan.actions_updated", at: at,
            [
                "planId": .text(planId), "updatedAt": moment(at),
                "actions": [
                    [
                        "actionId": .text("\(planId)-A1"), "agency": "education",
                        "dueAt": moment(at.adding(hours: 700)),
                        "doneAt": isDone ? moment(at) : .absent, "evidence": isDone ? usually("Seen.") : .absent,
                    ]
                ],
            ])
    }

    private mutating func incident(on day: Day, _ plans: [Plan]) {
        let at = time(day)
        record(
            "incident.recorded", at: at, correctable: "occurredAt",
            [
                "childId": .text(plans[0].child.id), "occurredAt": moment(at),
                "kind": .text(random.pick(["allegation", "significant_harm"])), "severity": "medium",
                "carePlanUpdatedAt": lookedAfter ? usually(moment(at)) : .absent,
                "placementPlanUpdatedAt": lookedAfter ? usually(moment(at)) : .absent,
            ])
        let asked = at.adding(minutes: 90)
        record(
            "early_review.requested", at: asked,
            [
                "childId": .text(plans[0].child.id), "reasonCode": "significant_change",
                "requestedBy": .text(allocation.worker), "requestedByRole": "social_worker",
                "requestedAt": moment(asked),
            ])
        considerEarlyReview(of: plans[0], after: asked)
    }

    private mutating func householdChanges(on day: Day, _ plans: [Plan]) {
        let matters = random.chance(0.4)
        record(
            "household.member_changed", at: time(day),
            [
                "householdId": .text("H" + subject.dropFirst()), "childIds": .texts(childIds),
                "personId": .text("\(subject)-X"), "change": .text(random.pick(["joined", "left"])),
                "changedOn": .day(day), "affectsSafety": .flag(matters),
            ])
        guard matters else { return }
        let known = time(day, 16...16)
        for plan in plans { considerEarlyReview(of: plan, after: known) }
    }

    /// The date stands, mostly; the decision is on record either way.
    private mutating func considerEarlyReview(of plan: Plan, after at: Instant) {
        guard random.chance(0.85) else { return }
        let decided = at.adding(minutes: random.whole(60...2800))
        record(
            "early_review.decided", at: decided,
            [
                "childId": .text(plan.child.id), "planId": .text(plan.id), "decidedBy": .text(chair ?? "unknown"),
                "decidedByRole": "conference_chair", "decidedAt": moment(decided), "decision": "no",
                "reasons": usually("The date set is soon enough."),
            ])
    }

    private mutating func reallocate(on day: Day) {
        let next = staff.allocation(&random)
        let at = time(day)
        for child in childIds {
            record(
                "allocation.changed", at: at, correctable: "effectiveAt",
                [
                    "childId": .text(child), "role": "social_worker", "fromPersonId": .text(allocation.worker),
                    "toPersonId": .text(next.worker), "effectiveAt": moment(at), "planned": .flag(random.chance(0.7)),
                ])
        }
        if authority == "E06000030", random.chance(0.5) {
            let worker = allocation.worker
            record(
                "transfer_meeting.held", at: at.adding(minutes: -120),
                [
                    "heldAt": moment(at.adding(minutes: -120)),
                    "allocations": .list(
                        childIds.map {
                            ["childId": .text($0), "fromSw": .text(worker), "toSw": .text(next.worker)]
                        }),
                ])
        }
        allocation = next
    }

    /// Another service asks whether the child is known.
    private mutating func somebodyAsks(on day: Day) {
        let id = reference("EQ")
        let received = time(day, 9...12)
        let verified = received.adding(minutes: 30)
        record(
            "enquiry.received", at: received,
            [
                "enquiryId": .text(id), "childId": .text(childIds[0]), "receivedAt": moment(received),
                "enquirer": usually("A hospital's ward.", 0.93), "enquirerRole": "agency_professional",
                "purpose": usually("The child's treatment.", 0.93),
                "verifiedBy": usually(.text(staff.person("QA")), 0.93),
                "verifiedAt": usually(moment(verified), 0.93),
            ])
        let told = verified.adding(minutes: random.whole(10...60))
        record(
            "information.provided", at: told,
            [
                "enquiryId": .text(id), "providedAt": moment(told), "providedBy": .text(staff.person("QA")),
                "contentRef": "log",
            ])
    }

    /// Lincolnshire looks at a plan that is 18 months old, under another chair.
    mutating func progressMeetings(of plans: [Plan], from start: Day, to end: Day) {
        let day = calendar.onOrBefore(start.adding(months: 17).adding(days: random.whole(3...27)))
        guard authority == "E10000019", day < end, day <= lastDay else { return }
        for plan in plans where random.chance(0.85) {
            let startsAt = time(day, 10...15)
            let invited = time(calendar.adding(-10, to: day))
            record(
                "progress_meeting.scheduled", at: invited,
                [
                    "planId": .text(plan.id), "startsAt": moment(startsAt), "chairId": .text(staff.person("OIC")),
                    "invitees": .list([
                        ["personId": .text(allocation.worker), "role": "social_worker"],
                        ["personId": .text(staff.person("PS")), "role": "practice_supervisor"],
                    ]),
                ])
            record(
                "progress_meeting.held", at: startsAt,
                [
                    "planId": .text(plan.id), "heldAt": moment(startsAt), "chairId": .text(staff.person("OIC")),
                    "caseChairId": chair.map { .text($0) } ?? .absent, "minutesId": usually(.text(reference("MN"))),
                    "agenda": usually([
                        "originalReason": "As at the start.", "progress": "As minuted.", "wayForward": "As minuted.",
                    ]),
                ])
        }
    }
}
