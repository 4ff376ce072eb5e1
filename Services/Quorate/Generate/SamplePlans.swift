import StatutoryRules

extension SampleHistory {
    private enum Ending {
        case conference, careOrder, movedAway, death, abroad
    }

    /// A child protection plan from its conference to its end: reviews, core groups, and all that happens between.
    mutating func livePlan(_ onPlan: [Int], after first: Meeting, _ outcome: MeetingOutcome) {
        let start = first.held
        guard start <= lastDay else { return }
        let planIds = onPlan.map { _ in reference("P") }
        let category = first.category ?? "neglect"
        begin(plans: planIds, of: onPlan, category: category, meeting: first, outcome)
        let ending = drawEnding()
        let rare = ending == .death || ending == .abroad
        let end = calendar.onOrBefore(start.adding(days: rare ? random.whole(100...250) : planDays()))
        var due = start.adding(months: 3)
        if first.inquorate { due = min(due, start.adding(months: 1)) }
        due = birth(planId: planIds[0], planStart: start, reviewDue: due)
        var previous = (id: first.id, held: start, ended: outcome.endedAt)
        var number = 1
        var closing: Meeting?
        while previous.held <= lastDay {
            let final = end <= due.adding(days: 10)
            if final, ending != .conference { break }
            var review = nextReview(after: previous.held, due: due, final: final ? end : nil, number: number)
            review.category = category
            review.decisions = children.indices.map { index in
                onPlan.contains(index) ? (final ? "end" : "continue") : "no_plan"
            }
            book(&review, at: previous.ended, parent: previous.id)
            between(previous.held, review.held, planIds: planIds)
            if final { proposeEnd(planIds, of: onPlan, before: review) }
            let held = hold(review)
            previous = (review.id, review.held, held.endedAt)
            due = review.held.adding(months: 6)
            if review.inquorate { due = min(due, review.held.adding(months: 1)) }
            number += 1
            if final {
                closing = review
                break
            }
        }
        guard end <= lastDay else { return }
        if closing == nil { between(previous.held, end, planIds: planIds) }
        finish(planIds, of: onPlan, on: closing?.held ?? end, ending: ending, closing: closing)
    }

    private mutating func begin(
        plans planIds: [String], of onPlan: [Int], category: String, meeting: Meeting, _ outcome: MeetingOutcome
    ) {
        for (planId, index) in zip(planIds, onPlan) {
            record(
                "plan.started", at: outcome.endedAt,
                [
                    "planId": .text(planId), "childId": .text(children[index].id), "conferenceId": .text(meeting.id),
                    "startedOn": .day(meeting.held), "category": .text(category),
                    "categorySetBy": .text(outcome.chair), "unborn": .flag(children[index].birth == nil),
                    "initialInvitees": .list(
                        ["SCH", "HV", "POL"].map { ["personId": .text(staff.person($0))] }),
                    "coreGroup": .list(
                        [allocation.worker, staff.person("SCH"), staff.person("HV"), "\(subject)-M"].map {
                            ["personId": .text($0)]
                        }),
                    "census": random.chance(0.4)
                        ? ["NumberOfPreviousCPP": .whole(random.chance(0.24) ? 1 : 0)] : .absent,
                ])
        }
    }

    /// Days, by the national split of ended plans: up to 3 months 15.9 %, to 6 months 11.0 %, to a year 43.5 %, to two
    /// years 25.2 %, longer 4.3 %.
    private mutating func planDays() -> Int {
        // The place among the sample's plan-making cases, which is spread as evenly as they are.
        let place = outcome < 0.31 * 0.86 ? outcome / (0.31 * 0.86) : random.unit()
        return switch place * 100 {
        case ..<15.9: random.whole(40...88)
        case ..<26.9: random.whole(100...178)
        case ..<70.4: random.whole(190...360)
        case ..<95.6: random.whole(372...725)
        default: random.whole(745...1150)
        }
    }

    private mutating func drawEnding() -> Ending {
        switch kind {
        case .death: return .death
        case .abroad: return .abroad
        default:
            return random.weighted([
                (.conference, 0.88), (.careOrder, 0.05), (.movedAway, 0.065), (.abroad, 0.004), (.death, 0.001),
            ])
        }
    }

    /// A child unborn at the conference is born near the expected date, which may be revised, and brings the first
    /// review forward.
    private mutating func birth(planId: String, planStart: Day, reviewDue: Day) -> Day {
        guard let index = children.firstIndex(where: { $0.birth == nil }), let due = children[index].due else {
            return reviewDue
        }
        var expected = due
        if random.chance(0.25) {
            expected = due.adding(days: random.whole(-10...10))
            let revised = time(planStart.adding(days: 7))
            record(
                "pregnancy.edd_revised", at: revised,
                [
                    "childId": .text(children[index].id), "oldEdd": .day(due), "newEdd": .day(expected),
                    "revisedAt": moment(revised), "source": "scan",
                ])
        }
        let born = max(expected.adding(days: random.whole(-14...9)), planStart.adding(days: 2))
        let bornAt = London.instant(on: born, hour: random.whole(0...23), minute: random.whole(0...59))
        children[index].birth = born
        record(
            "child.born", at: bornAt, correctable: "bornAt",
            [
                "childId": .text(children[index].id), "bornAt": moment(bornAt), "dateOfBirth": .day(born),
                "birthOrder": 1, "motherId": .text("\(subject)-M"),
            ])
        let met = time(calendar.onOrBefore(born.adding(days: random.whole(5...12))))
        record(
            "core_group.held", at: met,
            ["planId": .text(planId), "heldAt": moment(met), "postBirth": true, "attendees": []])
        return min(reviewDue, born.adding(months: 1))
    }

    private mutating func nextReview(after previous: Day, due: Day, final: Day?, number: Int) -> Meeting {
        var planned: Day
        var held: Day
        if let final {
            planned = final
            held = final
            if random.chance(0.04) { planned = calendar.adding(-3, to: held) }
        } else {
            planned = calendar.onOrBefore(due.adding(days: -random.whole(2...16)))
            held = planned
            switch random.unit() {
            case ..<0.05: held = calendar.adding(random.whole(3...20), to: planned)
            case ..<0.1:
                planned = calendar.onOrAfter(due.adding(days: random.whole(2...28)))
                held = planned
            default: break
            }
        }
        let soonest = calendar.adding(4, to: previous)
        planned = max(planned, soonest)
        held = max(held, planned)
        return Meeting(
            id: reference("CF"), type: lookedAfter ? "combined" : "review", bookedAt: London.start(of: previous),
            planned: planned, held: held, inviteListDue: nil, decisions: [], category: nil,
            inquorate: final == nil && random.chance(0.03), number: number)
    }

    /// Most reviews are booked as the conference before closes.
    private mutating func book(_ review: inout Meeting, at ended: Instant, parent: String) {
        let previous = London.day(of: ended)
        let later = calendar.onOrBefore(review.planned.adding(days: -random.whole(18...40)))
        guard later > previous, random.chance(0.12) else {
            review.bookedAt = ended
            record(
                "conference.next_date_set", at: ended,
                [
                    "conferenceId": .text(parent), "nextConferenceId": .text(review.id),
                    "nextOn": .day(review.planned), "dateSetAt": moment(ended), "setBy": .text(staff.person("QA")),
                    "setWith": ["education", "health_visiting", "parents"], "minuted": true,
                ])
            return
        }
        review.bookedAt = time(later)
    }

    /// Core groups, notes, supervision and what else befalls a family between two reviews.
    private mutating func between(_ from: Day, _ to: Day, planIds: [String]) {
        var day = calendar.adding(random.whole(7...10), to: from)
        while day < to, day <= lastDay {
            let met = time(day)
            record(
                "core_group.held", at: met, correctable: "heldAt",
                [
                    "planId": .text(planIds[0]), "heldAt": momentOrDay(met),
                    "attendees": .list(
                        ["childrens_social_care", "education", "health_visiting"].map { ["agency": .text($0)] }),
                    "decisions": [], "planUpdatedAt": moment(met),
                ])
            caseNote(on: calendar.onOrAfter(day.adding(days: 12)))
            if random.chance(0.5) { supervision(on: calendar.onOrAfter(day.adding(days: 9)), planId: planIds[0]) }
            if random.chance(0.05) { fresh("incident", on: day) }
            if random.chance(0.04) { fresh("household", on: day) }
            if random.chance(0.03) { reallocate(on: day) }
            if !lookedAfter, random.chance(0.008), children[0].birth != nil { enterCare(on: day) }
            day = calendar.onOrAfter(day.adding(days: random.whole(26...44)))
        }
    }

    private mutating func supervision(on day: Day, planId: String) {
        let held = time(day)
        record(
            "supervision_session.recorded", at: held,
            [
                "swId": .text(allocation.worker), "managerId": .text(allocation.manager), "heldAt": moment(held),
                "conferencesReviewed": [],
            ])
        record(
            "plan.actions_updated", at: held,
            [
                "planId": .text(planId), "updatedAt": moment(held),
                "actions": [
                    [
                        "actionId": .text("\(planId)-A1"), "agency": "education",
                        "dueAt": moment(held.adding(hours: 700)),
                        "doneAt": random.chance(0.6) ? moment(held) : .absent,
                    ]
                ],
            ])
    }

    private mutating func fresh(_ what: String, on day: Day) {
        let at = time(day)
        if what == "incident" {
            record(
                "incident.recorded", at: at, correctable: "occurredAt",
                [
                    "childId": .text(childIds[0]), "occurredAt": moment(at),
                    "kind": .text(random.pick(["allegation", "significant_harm"])), "severity": "medium",
                ])
            record(
                "early_review.requested", at: at.adding(minutes: 90),
                [
                    "childId": .text(childIds[0]), "reasonCode": "significant_change",
                    "requestedBy": .text(allocation.worker), "requestedByRole": "social_worker",
                    "requestedAt": moment(at.adding(minutes: 90)),
                ])
        } else {
            record(
                "household.member_changed", at: at,
                [
                    "householdId": .text("H" + subject.dropFirst()), "childIds": .texts(childIds),
                    "personId": .text("\(subject)-X"), "change": .text(random.pick(["joined", "left"])),
                    "changedOn": .day(day), "affectsSafety": .flag(random.chance(0.4)),
                ])
        }
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
        allocation = next
    }

    /// From then on the reviews are combined; the first looked-after review stands alone.
    private mutating func enterCare(on day: Day) {
        lookedAfter = true
        let officer = staff.reviewingOfficer(&random)
        for child in childIds {
            record(
                "child.became_looked_after", at: time(day), correctable: "startedOn",
                [
                    "childId": .text(child), "startedOn": .day(day),
                    "legalBasis": .text(random.pick(["s20", "interim_care_order"])),
                    "iroId": .text(officer),
                ])
        }
        let held = calendar.adding(random.chance(0.88) ? random.whole(15...20) : random.whole(21...26), to: day)
        _ = hold(
            Meeting(
                id: reference("LR"), type: "cla_review", bookedAt: time(calendar.adding(1, to: day)), planned: held,
                held: held, inviteListDue: nil, decisions: children.map { _ in "continue" }, category: nil,
                inquorate: false, number: 1))
    }

    private mutating func proposeEnd(_ planIds: [String], of onPlan: [Int], before review: Meeting) {
        guard random.chance(0.7) else { return }
        let proposed = time(calendar.adding(-2, to: review.held))
        for (planId, index) in zip(planIds, onPlan) {
            record(
                "plan.end_proposed", at: proposed,
                [
                    "planId": .text(planId), "childId": .text(children[index].id), "conferenceId": .text(review.id),
                    "groundCode": "no_continuing_risk", "proposedBy": .text(allocation.worker), "route": "conference",
                    "proposedAt": moment(proposed), "openActions": [], "openAssessments": [], "openWork": [],
                    "evidence": "Every agency's actions are complete.",
                ])
        }
    }

    private mutating func finish(
        _ planIds: [String], of onPlan: [Int], on day: Day, ending: Ending, closing: Meeting?
    ) {
        let ended: (ground: String, route: String, by: String, role: String)
        switch ending {
        case .conference:
            ended = ("no_continuing_risk", "conference", staff.chair(&random), "conference_chair")
        case .careOrder:
            ended = ("care_order", "manager", staff.person("SSM"), "senior_safeguarding_manager")
            let made = time(day.adding(days: -1))
            record(
                "court_order.made", at: made, correctable: "madeAt",
                [
                    "orderId": .text(reference("CO")), "childIds": .texts(childIds), "orderType": "care",
                    "madeAt": moment(made),
                ])
        case .movedAway:
            ended = ("moved", "manager", staff.person("SSM"), "senior_safeguarding_manager")
            moveAway(onPlan, planEnd: day)
        case .death:
            ended = ("died", "manager", staff.chair(&random), "conference_chair")
            let reported = time(calendar.adding(1, to: day))
            record(
                "child.died", at: reported,
                [
                    "childId": .text(children[onPlan[0]].id), "dateOfDeath": .day(day),
                    "reportedAt": moment(reported),
                ])
        case .abroad:
            ended = ("abroad", "manager", staff.chair(&random), "conference_chair")
            leaveCountry(onPlan, planEnd: day)
        }
        // A death is often recorded days later, with the date of death as the plan's end.
        let recorded =
            ending == .death
            ? time(calendar.adding(3, to: day))
            : closing.map { London.instant(on: $0.held, hour: 17) } ?? time(day, 15...16)
        for (planId, index) in zip(planIds, onPlan) {
            record(
                "plan.ended", at: recorded,
                [
                    "planId": .text(planId), "childId": .text(children[index].id), "endedOn": .day(day),
                    "recordedAt": moment(recorded), "groundCode": .text(ended.ground), "route": .text(ended.route),
                    "decidedBy": .text(ended.by), "decidedByRole": .text(ended.role),
                    "conferenceId": closing.map { .text($0.id) } ?? .absent, "openActions": [], "openAssessments": [],
                    "openWork": [], "decisionNote": "On the child's file.",
                ])
        }
        tellOfEnd(planIds, of: onPlan, ending: ending, at: recorded)
        guard ending == .conference else {
            if ending != .careOrder { close(on: calendar.adding(8, to: day)) }
            return
        }
        let closed = childInNeed(from: calendar.adding(1, to: day), planIds: planIds)
        close(on: closed)
        if random.chance(0.1) { reopen(on: closed.adding(days: random.whole(40...300))) }
    }

    private mutating func tellOfEnd(_ planIds: [String], of onPlan: [Int], ending: Ending, at: Instant) {
        let kinds: [String] =
            switch ending {
            case .death: ["plan_end_death"]
            case .abroad: ["plan_end_abroad"]
            case .conference, .careOrder, .movedAway: ["plan_end_parents", "plan_end_agencies", "plan_end_by_sw"]
            }
        for kind in kinds where random.chance(0.93) {
            let sent = at.adding(minutes: random.whole(120...2400))
            let toParents = kind == "plan_end_parents" || kind == "plan_end_by_sw"
            record(
                "letter.sent", at: sent, correctable: "sentAt",
                [
                    "letterId": .text(reference("L")), "kind": .text(kind), "childId": .text(children[onPlan[0]].id),
                    "planId": .text(planIds[0]),
                    "recipients": .list(
                        toParents
                            ? [["personId": .text("\(subject)-M"), "role": "parent_carer"]]
                            : [
                                [
                                    "personId": .text(staff.person("SCH")), "agency": "education",
                                    "role": "agency_professional",
                                ],
                                [
                                    "personId": .text(staff.person("HV")), "agency": "health_visiting",
                                    "role": "agency_professional",
                                ],
                            ]),
                    "sentAt": moment(sent),
                    "signedBy": .text(kind == "plan_end_by_sw" ? allocation.worker : staff.chair(&random)),
                    "signedByRole": .text(kind == "plan_end_by_sw" ? "social_worker" : "conference_chair"),
                    "releasedBy": .text(staff.person("QA")), "inPerson": .flag(random.chance(0.3)),
                ])
        }
    }

    private mutating func moveAway(_ onPlan: [Int], planEnd: Day) {
        let moved = planEnd.adding(days: -30)
        for index in onPlan {
            let child = children[index].id
            record(
                "child.moved_area", at: time(moved),
                [
                    "childId": .text(child), "movedOn": .day(moved), "permanent": true,
                    "fromAuthorityId": .text(authority), "toAuthorityId": "E06000025",
                ])
            let told = time(calendar.adding(1, to: moved))
            record(
                "transfer_out.notified", at: told, correctable: "notifiedAt",
                [
                    "childId": .text(child), "notifiedAt": moment(told), "receivingAuthorityId": "E06000025",
                    "permanent": true,
                ])
            let held = time(calendar.adding(-2, to: planEnd))
            record(
                "transfer_out.conference_confirmed", at: held,
                [
                    "childId": .text(child), "receivingAuthorityId": "E06000025", "conferenceHeldAt": moment(held),
                    "outcome": "plan",
                ])
        }
    }

    private mutating func leaveCountry(_ onPlan: [Int], planEnd: Day) {
        let reported = planEnd.adding(days: -40)
        for index in onPlan {
            let child = children[index].id
            let told = time(reported)
            record(
                "child.left_country_reported", at: told,
                [
                    "childId": .text(child), "reportedAt": moment(told), "believedCountry": "IE",
                    "source": "school",
                ])
            for week in 1...4 {
                caseNote(on: calendar.onOrAfter(reported.adding(days: week * 7)), of: "location_effort")
            }
            let confirmed = time(calendar.adding(-1, to: planEnd))
            record(
                "child.location_confirmed", at: confirmed,
                [
                    "childId": .text(child), "confirmedAt": moment(confirmed), "location": "Invented Town, Ireland",
                    "evidence": "Confirmed by the authority there.", "abroad": true,
                ])
        }
    }
}
