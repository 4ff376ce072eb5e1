import StatutoryRules

extension SampleHistory {
    /// One child's part of a family's plan.
    struct Plan {
        var id: String
        var child: SampleChild
    }

    /// A child protection plan from its conference to its end: reviews, core groups, and all that happens between.
    mutating func livePlan(_ onPlan: [Int], after first: Meeting, _ outcome: MeetingOutcome) {
        let start = first.held
        guard start <= lastDay else { return }
        let plans = onPlan.map { Plan(id: reference("P"), child: children[$0]) }
        begin(plans, category: first.category ?? "neglect", meeting: first, outcome)
        var (ending, end) = drawEnding(of: plans, start: start)
        var due = start.adding(months: 3)
        if !outcome.isQuorate { due = min(due, start.adding(months: 1)) }
        due = birth(planId: plans[0].id, planStart: start, reviewDue: due)
        var previous = (id: first.id, held: start, ended: outcome.endedAt)
        var number = 1
        var closing: Meeting?
        while previous.held <= lastDay {
            let final = end <= due.adding(days: 10)
            if final, ending != .conference { break }
            var review = nextReview(of: plans, after: previous.held, due: due, final: final ? end : nil, number: number)
            review.category = first.category
            book(&review, at: previous.ended, parent: previous.id)
            between(previous.held, review.held, plans, next: review)
            // A child may have become looked after since it was booked.
            if lookedAfter { review.type = "combined" }
            if final { proposeEnd(plans, before: review) }
            let held = hold(review)
            previous = (review.id, review.held, held.endedAt)
            due = review.held.adding(months: 6)
            if !held.isQuorate { due = min(due, review.held.adding(months: 1)) }
            if isFirstInCare { due = min(due, review.held.adding(months: 3)) }
            isFirstInCare = false
            number += 1
            if final {
                closing = review
                break
            }
        }
        if ending == .adult { reviewBeforeBirthday(plans, from: start, end, after: previous.held, number: number) }
        progressMeetings(of: plans, from: originalStart ?? start, to: end)
        guard end <= lastDay else { return }
        if closing == nil { between(previous.held, end, plans, next: nil) }
        if let closing { end = closing.held } else if ending == .conference { ending = .manager }
        finish(plans, on: end, ending: ending, closing: closing)
    }

    private mutating func begin(
        _ plans: [Plan], category: String, meeting: Meeting, _ outcome: MeetingOutcome
    ) {
        let circle: [SampleValue] = circle.map {
            ["personId": .text(staff.person($0.prefix)), "agency": .text($0.agency), "role": .text($0.role)]
        }
        let mother: SampleValue = ["personId": .text("\(subject)-M"), "role": "parent_carer"]
        let worker: SampleValue = [
            "personId": .text(allocation.worker), "agency": "childrens_social_care", "role": "social_worker",
        ]
        for plan in plans {
            let isBaby = (plan.child.age(on: meeting.held) ?? 0) < 1
            record(
                "plan.started", at: outcome.endedAt,
                [
                    "planId": .text(plan.id), "childId": .text(plan.child.id), "conferenceId": .text(meeting.id),
                    "startedOn": .day(meeting.held), "category": .text(category),
                    "categorySetBy": usually(.text(outcome.chair), 0.95), "unborn": .flag(plan.child.birth == nil),
                    "sudiConsidered": isBaby ? .flag(random.chance(0.9)) : .absent,
                    "recommendations": usually(["As minuted."]), "checklist": usually("Complete."),
                    "initialInvitees": .list(circle + [mother]),
                    // The police have no part in the work on the plan.
                    "coreGroup": .list(
                        [worker, mother] + zip(self.circle, circle).filter { $0.0.prefix != "POL" }.map(\.1)),
                    "census": random.chance(0.4)
                        ? ["NumberOfPreviousCPP": .whole(random.chance(0.24) ? 1 : 0)] : .absent,
                ])
        }
    }

    /// Days, by the national split of ended plans: up to 3 months 15.9 %, to 6 months 11.0 %, to a year 43.5 %, to two
    /// years 25.2 %, longer 4.3 %; within each as long as leaves 80 plans open for 100 begun in a year.
    mutating func planDays() -> Int {
        // The place among the sample's plan-making cases, which is spread as evenly as they are.
        let place = outcome < 0.31 * 0.86 ? outcome / (0.31 * 0.86) : random.unit()
        return switch place * 100 {
        case ..<15.9: random.whole(40...88)
        case ..<26.9: random.whole(100...178)
        case ..<70.4: random.whole(185...320)
        case ..<95.6: random.whole(372...600)
        default: random.whole(745...990)
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
        let met = time(calendar.onOrBefore(born.adding(days: random.whole(5...11))))
        coreGroup(planId, at: met, of: circle.map(\.agency), isFirst: false, postBirth: true)
        return min(reviewDue, born.adding(months: 1))
    }

    private mutating func nextReview(
        of plans: [Plan], after previous: Day, due: Day, final: Day?, number: Int
    ) -> Meeting {
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
        return review(
            of: plans, planned: planned, held: held, decision: final == nil ? "continue" : "end", number: number,
            inquorate: random.chance(final == nil ? 0.03 : 0.015))
    }

    private mutating func review(
        of plans: [Plan], planned: Day, held: Day, decision: String, number: Int, inquorate: Bool
    ) -> Meeting {
        Meeting(
            id: reference("CF"), type: lookedAfter ? "combined" : "review", childIds: plans.map(\.child.id),
            bookedAt: London.start(of: planned), planned: planned, held: held, inviteListDue: nil,
            decisions: plans.map { _ in decision }, category: nil, inquorate: inquorate, number: number)
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
                    "setWith": ["education", "health_visiting", "parents"], "minuted": .flag(random.chance(0.93)),
                ])
            return
        }
        review.bookedAt = time(later)
    }

    /// In the weeks before the young person is 18 a review looks at what comes after the plan.
    private mutating func reviewBeforeBirthday(
        _ plans: [Plan], from start: Day, _ birthday: Day, after previous: Day, number: Int
    ) {
        let day = calendar.onOrBefore(birthday.adding(days: -random.whole(3...24)))
        guard day > calendar.adding(12, to: previous), day <= lastDay, random.chance(0.9) else { return }
        var meeting = review(of: plans, planned: day, held: day, decision: "continue", number: number, inquorate: false)
        meeting.bookedAt = time(max(calendar.onOrAfter(birthday.adding(days: -110)), calendar.adding(1, to: start)))
        _ = hold(meeting)
    }
}
