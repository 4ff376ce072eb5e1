import StatutoryRules

extension SampleHistory {
    enum Ending {
        case conference, careOrder, movedAway, death, abroad, adult
        /// By a manager, without a conference or a ground: the procedures refuse it.
        case manager
    }

    private struct Decision {
        var ground: String
        var route: String
        var by: String
        var role: String
    }

    /// How the plans end, and when.
    mutating func drawEnding(of plans: [Plan], start: Day) -> (Ending, Day) {
        var ending: Ending =
            switch kind {
            case .death: .death
            case .abroad: .abroad
            default:
                random.weighted([
                    (.conference, 0.872), (.careOrder, 0.05), (.movedAway, 0.065), (.abroad, 0.004), (.death, 0.001),
                    (.manager, 0.008),
                ])
            }
        if ending == .death, plans.count > 1 { ending = .conference }
        let isRare = ending == .death || ending == .abroad
        let end = calendar.onOrBefore(start.adding(days: isRare ? random.whole(100...250) : planDays()))
        guard plans.count == 1, let birth = plans[0].child.birth else { return (ending, end) }
        let birthday = birth.adding(months: 216)
        return birthday > start && (birthday < end || kind == .adult) ? (.adult, birthday) : (ending, end)
    }

    mutating func proposeEnd(_ plans: [Plan], before review: Meeting) {
        let settled = time(calendar.adding(-3, to: review.held))
        if random.chance(0.95) { actions(of: plans[0].id, at: settled, isDone: true) }
        guard random.chance(0.7) else { return }
        let proposed = time(calendar.adding(-2, to: review.held))
        for plan in plans {
            record(
                "plan.end_proposed", at: proposed,
                [
                    "planId": .text(plan.id), "childId": .text(plan.child.id), "conferenceId": .text(review.id),
                    "groundCode": "no_continuing_risk", "proposedBy": .text(allocation.worker), "route": "conference",
                    "proposedAt": moment(proposed), "openActions": [], "openAssessments": [], "openWork": [],
                    "evidence": "Every agency's actions are complete.",
                ])
        }
    }

    mutating func finish(_ plans: [Plan], on day: Day, ending: Ending, closing: Meeting?) {
        let decision = prepare(ending, plans, on: day)
        // A death is often recorded days later, with the date of death as the plan's end.
        let recorded =
            ending == .death
            ? time(calendar.adding(3, to: day))
            : closing.map { London.instant(on: $0.held, hour: 17) } ?? time(day, 15...16)
        let note = usually("On the child's file.", 0.95)
        let goesOn = ending == .conference
        for plan in plans {
            record(
                "plan.ended", at: recorded,
                [
                    "planId": .text(plan.id), "childId": .text(plan.child.id), "endedOn": .day(day),
                    "recordedAt": moment(recorded), "groundCode": .text(decision.ground),
                    "route": .text(decision.route),
                    "decidedBy": .text(decision.by), "decidedByRole": .text(decision.role),
                    "conferenceId": closing.map { .text($0.id) } ?? .absent, "openActions": [], "openAssessments": [],
                    "openWork": [], "evidence": usually("Every agency's actions are complete.", 0.95),
                    "decisionNote": note, "toldInPerson": closing == nil ? .absent : usually(),
                    "childInformed": usually(), "discussedAt": ending == .death ? .absent : usually(moment(recorded)),
                    "notNeededReason": goesOn ? .absent : usually("Other help is in place."),
                ])
        }
        tellOfEnd(plans, ending: ending, at: recorded, closing: closing)
        if ending == .careOrder { return stayInCare(plans, from: day.adding(days: -1)) }
        if lookedAfter { leaveCare(plans, on: day) }
        guard goesOn else { return close(on: calendar.adding(8, to: day)) }
        let closed = childInNeed(from: calendar.adding(1, to: day), planIds: plans.map(\.id))
        close(on: closed)
        if random.chance(0.1) { reopen(on: closed.adding(days: random.whole(40...300))) }
    }

    /// What must have happened before the plan may end so, and whose decision it is.
    private mutating func prepare(_ ending: Ending, _ plans: [Plan], on day: Day) -> Decision {
        let lead = chair ?? staff.chair(&random)
        switch ending {
        case .conference:
            return Decision(ground: "no_continuing_risk", route: "conference", by: lead, role: "conference_chair")
        case .careOrder:
            orderCare(plans, planEnd: day)
            // Mostly by the manager whose decision it is.
            return random.chance(0.95)
                ? Decision(
                    ground: "care_order", route: "manager", by: staff.person("SSM"), role: "senior_safeguarding_manager"
                )
                : Decision(ground: "care_order", route: "manager", by: staff.person("HOS"), role: "head_of_service")
        case .movedAway:
            moveAway(plans, planEnd: day)
            return Decision(
                ground: "moved", route: "manager", by: staff.person("SSM"), role: "senior_safeguarding_manager")
        case .death:
            let reported = time(calendar.adding(1, to: day))
            record(
                "child.died", at: reported,
                ["childId": .text(plans[0].child.id), "dateOfDeath": .day(day), "reportedAt": moment(reported)])
            return Decision(ground: "died", route: "manager", by: lead, role: "conference_chair")
        case .abroad:
            leaveCountry(plans, planEnd: day)
            return Decision(ground: "abroad", route: "manager", by: lead, role: "conference_chair")
        case .adult: return Decision(ground: "aged_18", route: "manager", by: lead, role: "conference_chair")
        case .manager:
            return Decision(
                ground: "no_longer_needed", route: "manager", by: allocation.manager, role: "team_manager")
        }
    }

    /// A care order takes the plan's place: those concerned are asked first, and in Lincolnshire chair and manager choose.
    private mutating func orderCare(_ plans: [Plan], planEnd: Day) {
        let made = time(planEnd.adding(days: -1))
        record(
            "court_order.made", at: made, correctable: "madeAt",
            [
                "orderId": .text(reference("CO")), "childIds": .texts(plans.map(\.child.id)), "orderType": "care",
                "madeAt": moment(made),
            ])
        let asked = time(calendar.adding(-2, to: planEnd))
        let people = circle.map { (id: staff.person($0.prefix), agency: $0.agency) }
        let own = (id: allocation.worker, agency: "childrens_social_care")
        for plan in plans where random.chance(0.9) {
            record(
                "plan.end_consulted", at: asked,
                [
                    "planId": .text(plan.id),
                    "consulted": .list(
                        (people + [own]).map { id, agency in
                            [
                                "personId": .text(id), "agency": .text(agency), "consultedAt": .instant(asked),
                                "view": "agrees",
                            ]
                        }),
                ])
        }
        guard authority == "E10000019", random.chance(0.9) else { return }
        for plan in plans { chooseBetween(plan, kept: "care", on: calendar.adding(-1, to: planEnd)) }
    }

    mutating func chooseBetween(_ plan: Plan, kept: String, on day: Day) {
        let decided = time(day, 11...13)
        record(
            "plan.dual_decided", at: decided,
            [
                "planId": .text(plan.id), "childId": .text(plan.child.id), "decidedAt": moment(decided),
                "route": "discussion", "planKept": .text(kept),
                "decidedBy": .list([
                    ["personId": .text(allocation.manager), "role": "team_manager"],
                    ["personId": .text(chair ?? staff.chair(&random)), "role": "conference_chair"],
                ]),
                "exceptionReason": kept == "both" ? usually("The first weeks in care.") : .absent,
            ])
    }

    private mutating func tellOfEnd(_ plans: [Plan], ending: Ending, at: Instant, closing: Meeting?) {
        let kinds: [String] =
            switch ending {
            case .death: ["plan_end_death", "plan_end_by_sw"]
            case .abroad: ["plan_end_abroad", "plan_end_by_sw"]
            case .conference: ["plan_end_parents", "plan_end_agencies", "plan_end_by_sw"]
            case .careOrder, .movedAway, .adult, .manager: ["plan_end_agencies", "plan_end_by_sw"]
            }
        for kind in kinds where random.chance(0.93) {
            let inTime = random.chance(0.88)
            var sent = at.adding(minutes: inTime ? random.whole(60...360) : random.whole(3000...7000))
            // A death's letter counts from the day on which it was told.
            if ending == .death, inTime { sent = time(calendar.adding(-1, to: London.day(of: at))) }
            // One letter tells of the end of all plans that a conference ended.
            for plan in closing == nil ? plans : [plans[0]] {
                letter(kind, of: plan, closing: closing, at: sent)
            }
        }
    }

    private mutating func letter(_ kind: String, of plan: Plan, closing: Meeting?, at sent: Instant) {
        let toParents = kind == "plan_end_parents" || kind == "plan_end_by_sw"
        let bySocialWorker = kind == "plan_end_by_sw"
        var recipients: [SampleValue] = [["personId": .text("\(subject)-M"), "role": "parent_carer"]]
        if !toParents {
            recipients = circle.map {
                ["personId": .text(staff.person($0.prefix)), "agency": .text($0.agency), "role": .text($0.role)]
            }
            recipients.append([
                "personId": .text(allocation.worker), "agency": "childrens_social_care", "role": "social_worker",
            ])
            recipients.append(["agency": "childrens_social_care"])
        }
        record(
            "letter.sent", at: sent, correctable: "sentAt",
            [
                "letterId": .text(reference("L")), "kind": .text(kind),
                "childId": closing == nil ? .text(plan.child.id) : .absent,
                "planId": closing == nil ? .text(plan.id) : .absent,
                "conferenceId": closing.map { .text($0.id) } ?? .absent, "recipients": .list(recipients),
                "sentAt": moment(sent),
                "signedBy": .text(bySocialWorker ? allocation.worker : chair ?? staff.chair(&random)),
                "signedByRole": bySocialWorker ? "social_worker" : "conference_chair",
                "releasedBy": .text(staff.person("QA")), "inPerson": .flag(random.chance(0.3)),
            ])
    }

    private mutating func moveAway(_ plans: [Plan], planEnd: Day) {
        // The other authority has 15 working days, and mostly keeps to them.
        let days = random.chance(0.85) ? random.whole(10...15) : random.whole(17...24)
        let received = calendar.adding(-2, to: planEnd)
        let moved = calendar.adding(-days, to: received)
        let told = time(moved, 10...15)
        let held = time(received)
        for plan in plans {
            let child = plan.child.id
            let word = random.chance(0.88)
            record(
                "child.moved_area", at: told,
                [
                    "childId": .text(child), "movedOn": .day(moved), "permanent": true,
                    "fromAuthorityId": .text(authority), "toAuthorityId": "E06000025",
                    "notifiedAt": word ? moment(told) : .absent,
                    "recipients": word ? ["other_authority", "health", "police"] : .absent,
                ])
            record(
                "transfer_out.notified", at: told, correctable: "notifiedAt",
                [
                    "childId": .text(child), "notifiedAt": moment(told), "receivingAuthorityId": "E06000025",
                    "permanent": true,
                ])
            record(
                "transfer_out.conference_confirmed", at: held,
                [
                    "childId": .text(child), "receivingAuthorityId": "E06000025", "conferenceHeldAt": moment(held),
                    "outcome": "plan",
                ])
        }
    }

    private mutating func leaveCountry(_ plans: [Plan], planEnd: Day) {
        let reported = planEnd.adding(days: -40)
        for plan in plans {
            let child = plan.child.id
            let told = time(reported)
            record(
                "child.left_country_reported", at: told,
                [
                    "childId": .text(child), "reportedAt": moment(told), "believedCountry": "IE",
                    "source": "school",
                ])
            for week in 1...4 {
                caseNote(on: calendar.onOrAfter(reported.adding(days: week * 7)), of: "location_effort", about: child)
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
