import StatutoryRules

/// SplitMix64: the same seed gives the same numbers everywhere.
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// A case made up from a seed: an enquiry, conferences, a plan with reviews, letters, care, orders, moves; some of it
/// missing, some of it corrected or retracted.
struct MadeUpCase {
    private var random: Seeded
    private(set) var facts: [Fact] = []
    private var start: Day

    static func facts(seed: UInt64) -> [Fact] {
        var made = MadeUpCase(seed: seed)
        made.enquire()
        made.confer()
        made.review()
        made.move()
        made.prepare()
        made.involve()
        made.expectAndReturn()
        made.bringForward()
        made.grow()
        made.correct()
        made.answer()
        return made.facts
    }

    static let policies = ["england", "london", "lincolnshire", "note-002", "swindon", "knowsley"]
    static func policy(seed: UInt64) -> String { policies[Int(seed % 6)] }

    private init(seed: UInt64) {
        random = Seeded(seed)
        start = day("2025-01-01")
        start = start.adding(days: Int.random(in: 0...600, using: &random))
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    /// An instant that many days after the start, or now and then a bare date.
    private mutating func time(_ days: ClosedRange<Int>) -> String {
        let on = start.adding(days: Int.random(in: days, using: &random))
        if chance(20) { return on.description }
        let (hour, minute) = (Int.random(in: 0...23, using: &random), Int.random(in: 0...59, using: &random))
        return London.instant(on: on, hour: hour, minute: minute).description
    }

    private mutating func enquire() {
        let flag: Bool? = chance(60) ? true : chance(50) ? false : nil
        facts.append(discussion("D1", time(0...2), began: flag, children: ["K", "L"]))
        if chance(40) { facts.append(discussion("D2", time(3...12), began: chance(50) ? true : nil)) }
        if chance(60) { facts.append(enquiry("E1", time(0...6), of: chance(50) ? "D1" : nil)) }
        if chance(30) {
            facts.append(
                outcome("E1", time(7...20), chance(50) ? "not_substantiated" : "substantiated_continuing_risk"))
        }
        if chance(50) { facts.append(request("I", chance(70) ? time(3...10) : nil, enquiry: chance(30) ? "E1" : nil)) }
        if chance(30) { facts.append(convening("I", time(5...12), chance(50) ? "yes" : "no")) }
        if chance(25) { facts.append(emergencyOrder(time(1...3), expires: time(8...10))) }
        if chance(15) { facts.append(extended(time(8...9), to: time(14...17))) }
    }

    private mutating func confer() {
        if chance(70) { facts.append(booked("I", .initial, for: time(10...25), on: chance(80) ? time(3...9) : nil)) }
        if chance(30) { facts.append(rebooked("I", for: time(15...30), on: time(9...14))) }
        if chance(15) { facts.append(cancelled("I", time(10...18))) }
        let people = [Outcome.mother, Outcome.father, Outcome.nurse, Outcome.student]
        if chance(50) { facts.append(invited("I", people.filter { _ in chance(60) }, time(5...10))) }
        if chance(60) { facts.append(report("I", time(8...24), agency: chance(80) ? "childrens_social_care" : nil)) }
        if chance(40) { facts.append(shared("I", time(8...24))) }
        guard chance(75) else { return }
        facts.append(held("I", .initial, time(12...30), ended: chance(60) ? time(12...30) : nil, attendees: people))
        for person in ["M", "F", "N", nil] where chance(60) {
            facts.append(letter("I", time(13...40), to: person))
            if chance(60) { facts.append(issued("I", time(20...60), to: person)) }
        }
    }

    private mutating func review() {
        guard chance(70) else { return }
        let from = start.adding(days: Int.random(in: 12...30, using: &random))
        facts.append(plan("P", from: from.description, by: chance(70) ? "I" : nil, unborn: chance(20) ? true : nil))
        for number in 1...3 where chance(70) {
            let around = number * 130 - 60
            let type: ConferenceType = chance(45) ? .combined : chance(20) ? .lookedAfterReview : .review
            facts.append(
                booked("R\(number)", type, for: time(around...around + 60), on: time(around - 40...around - 20)))
            if chance(80) { facts.append(held("R\(number)", type, time(around...around + 70))) }
        }
        if chance(25) {
            facts.append(planEnded("P", start.adding(days: Int.random(in: 60...400, using: &random)).description))
        }
        if chance(45) {
            facts.append(lookedAfter(start.adding(days: Int.random(in: 5...90, using: &random)).description))
        }
        if chance(15) {
            facts.append(lookedAfterEnded(start.adding(days: Int.random(in: 95...300, using: &random)).description))
        }
    }

    private mutating func move() {
        if chance(20) { facts.append(movedIn(time(0...90), permanent: chance(60) ? true : nil)) }
        if chance(20) { facts.append(movedOut(time(100...200), permanent: chance(60) ? true : nil)) }
        if chance(10) { facts.append(receivingHeld(time(110...230))) }
        if chance(10) { facts.append(died(start.adding(days: Int.random(in: 30...300, using: &random)).description)) }
    }

    /// Children's part, exclusion and observers.
    private mutating func involve() {
        for child in ["K", "L"] where chance(40) {
            facts.append(assessed("I", child, time(4...20), chance(50) ? "all" : chance(50) ? "none" : nil))
            if chance(50) { facts.append(views("I", child, time(4...25))) }
        }
        guard chance(70) else { return }
        facts.append(exclusionAsked("I", "F", time(5...20)))
        if chance(80) { facts.append(exclusionDecided("I", "F", time(6...24), by: chance(70) ? "CH" : "SW")) }
        if chance(50) { facts.append(askedToLeave("I", "M", time(12...30))) }
        if chance(30) { facts.append(exclusionLetter("I", "F", time(6...30))) }
    }

    /// What parents and agencies answer after the initial conference.
    private mutating func answer() {
        for person in ["M", "F"] where chance(40) { facts.append(talkedThrough("I", time(20...70), with: person)) }
        if chance(30) { facts.append(amended("I", time(30...80), by: chance(50) ? "M" : nil)) }
        if chance(25) { facts += dissented("I", time(14...32), escalated: chance(50) ? time(15...36) : nil) }
        if chance(50) { facts += complained("I", time(14...60), passedOn: chance(50) ? time(15...66) : nil) }
        if chance(30), let last = facts.last {
            facts.append(last.superseding(last.id, id: "XA", recorded: "2027-06-01T09:00:00Z"))
        }
    }

    private mutating func prepare() {
        let health = ReportSubmitted(
            reportId: "HR", conferenceId: "I", agency: "health", submittedAt: moment(time(5...20)))
        if chance(50) { facts.append(fact("I-health", .conferenceReportSubmitted(health))) }
        if chance(40) {
            let share = ReportShared(reportId: "HR", sharedAt: moment(time(8...24)), personRole: "parent_carer")
            facts.append(fact("I-health-shared", .conferenceReportShared(share)))
        }
        if chance(40) {
            let check = ReportQualityAssured(reportId: "R-I", qaAt: moment(time(8...24)))
            facts.append(fact("I-checked", .conferenceReportQualityAssured(check)))
        }
        for conference in ["I", "R1", "R2"] {
            let around = conference == "I" ? 5 : conference == "R1" ? 40 : 170
            if conference != "I", chance(60) {
                facts.append(invited(conference, [Outcome.mother, Outcome.nurse], time(around...around + 60)))
            }
            if chance(50) {
                var sent = InvitationsSent(conferenceId: conference, sentAt: moment(time(around...around + 60)))
                if chance(50) { sent.attachments = ["consultation_papers"] }
                facts.append(fact("\(conference)-invitations", .conferenceInvitationsSent(sent)))
            }
            if chance(50) {
                let talk = ChairDiscussion(conferenceId: conference, heldAt: moment(time(around...around + 60)))
                facts.append(fact("\(conference)-talk", .conferenceChairDiscussionHeld(talk)))
            }
        }
    }

    /// A baby on the way, an assessment order, moves and returns home.
    private mutating func expectAndReturn() {
        let edd = start.adding(days: Int.random(in: 20...200, using: &random))
        if chance(50) {
            var pregnancy = PregnancyRecorded(childId: "L", edd: edd)
            pregnancy.proceedingsContemplated = chance(60)
            pregnancy.prematureRisk = chance(40)
            if chance(50) { pregnancy.targetDate = .day(edd.adding(days: -90)) }
            facts.append(fact("pregnancy", .pregnancyRecorded(pregnancy), recorded: "2025-03-01T09:00:00Z"))
            if chance(30) {
                var revised = EddRevised(childId: "L", newEdd: edd.adding(days: -12))
                revised.revisedAt = moment(time(5...30))
                facts.append(fact("revised", .pregnancyEddRevised(revised)))
            }
            if chance(50) {
                var assessment = PrebirthAssessment(childId: "L", completedAt: moment(time(5...60)))
                assessment.riskNoLongerApplies = chance(25)
                assessment.planNeedsConsidering = chance(50)
                facts.append(fact("assessed", .prebirthAssessmentCompleted(assessment)))
            }
            if chance(40) { facts.append(held("B", .prebirth, time(20...200), children: ["L"])) }
            if chance(40) {
                facts.append(fact("born", .childBorn(ChildBorn(childId: "L", dateOfBirth: edd.adding(days: -3)))))
            }
        }
        if chance(40) {
            var concluded = AssessmentConcluded(concludedAt: moment(time(3...20)))
            concluded.childId = "K"
            facts.append(fact("concluded", .childAssessmentConcluded(concluded)))
        }
        if chance(70) {
            var moved = ChildMoved(childId: "K", movedOn: start.adding(days: Int.random(in: 20...200, using: &random)))
            if chance(50) { moved.notifiedAt = .day(moved.movedOn) }
            facts.append(fact("moved", .childMovedArea(moved)))
        }
        if chance(70) {
            var proposal = ReturnHomeProposed(childId: "K", proposedAt: moment(time(60...120)))
            proposal.proposedBy = chance(50) ? "parent" : "authority"
            proposal.legalStatus = chance(50) ? "s20" : "care_order"
            proposal.plannedReturnDate = .day(start.adding(days: 150))
            facts.append(fact("return", .childReturnHomeProposed(proposal)))
            var decision = ConferenceHeld.Decision(childId: "K")
            decision.icpcDecision = chance(70)
            var review = ConferenceHeld(
                conferenceId: "H", conferenceType: .lookedAfterReview, childIds: ["K"], heldAt: moment(time(121...140)))
            review.decisions = [decision]
            facts.append(fact("H-held", .conferenceHeld(review)))
        }
    }

    /// Births, incidents, early reviews, next dates, chosen plans and progress meetings.
    private mutating func bringForward() {
        if chance(25) {
            facts.append(held("B", .prebirth, time(5...20)))
            facts.append(plan("Q", from: start.adding(days: 20).description, by: "B", unborn: true))
            let born = start.adding(days: Int.random(in: 1...120, using: &random))
            facts.append(fact("born", .childBorn(ChildBorn(childId: "K", dateOfBirth: born))))
            if chance(40) {
                var unfit = MotherFitness(recordedAt: .day(born.adding(days: Int.random(in: 0...14, using: &random))))
                (unfit.childId, unfit.fit) = ("K", false)
                facts.append(fact("unfit", .motherFitnessRecorded(unfit)))
            }
            if chance(50) {
                let met = CoreGroup(planId: "Q", heldAt: moment(time(30...150)))
                facts.append(fact("group", .coreGroupHeld(met)))
            }
        }
        if chance(30) {
            var inquorate = ConferenceHeld(
                conferenceId: "N", conferenceType: .initial, childIds: ["K"], heldAt: moment(time(40...300)))
            inquorate.quorumClaim = "inquorate"
            facts.append(fact("N-held", .conferenceHeld(inquorate)))
        }
        for parent in ["I", "R1", "R2"] where chance(30) {
            var set = NextDateSet(
                conferenceId: parent, nextOn: start.adding(days: Int.random(in: 40...500, using: &random)))
            set.dateSetAt = moment(time(10...300))
            facts.append(fact("next-\(parent)", .conferenceNextDateSet(set)))
        }
        if chance(30) {
            var asked = EarlyReviewRequested()
            (asked.childId, asked.requestedByRole) = ("K", chance(50) ? "iro" : "social_worker")
            (asked.reasonCode, asked.requestedAt) = ("plan_failing", moment(time(30...300)))
            facts.append(fact("asked", .earlyReviewRequested(asked)))
            var decided = EarlyReviewDecided(decision: chance(60) ? "agreed" : "no")
            (decided.childId, decided.decidedAt) = ("K", moment(time(30...300)))
            decided.newOn = chance(70) ? start.adding(days: Int.random(in: 60...400, using: &random)) : nil
            if chance(70) { facts.append(fact("decided", .earlyReviewDecided(decided))) }
        }
        if chance(25) {
            var harm = Incident(childId: "K", occurredAt: moment(time(20...200)))
            harm.kind = "allegation"
            facts.append(fact("harm", .incidentRecorded(harm)))
        }
        if chance(60) {
            var care = BecameLookedAfter(
                childId: "K", startedOn: start.adding(days: Int.random(in: 31...90, using: &random)))
            (care.legalBasis, care.iroId) = ("s20", chance(50) ? "IRO" : nil)
            facts.append(fact("s20", .childBecameLookedAfter(care)))
            var chosen = DualDecided()
            (chosen.planId, chosen.decidedAt, chosen.route) = ("P", moment(time(40...120)), "discussion")
            chosen.decidedBy = [Participant(role: "team_manager"), Participant(role: "conference_chair")]
            if chance(50) { facts.append(fact("chosen", .planDualDecided(chosen))) }
        }
        if chance(25) {
            let met = ProgressMeeting(planId: "P", heldAt: moment(time(480...620)))
            facts.append(fact("progress", .progressMeetingHeld(met)))
        }
    }

    /// Birthdays, journeys abroad, orders and plans that come after.
    private mutating func grow() {
        if chance(40) {
            let born = start.adding(months: -216).adding(days: Int.random(in: 0...400, using: &random))
            facts.append(fact("born", .childRegistered(ChildRegistered(childId: "K", dateOfBirth: born))))
        }
        if chance(30) {
            let left = LeftCountryReported(childId: "K", reportedAt: moment(time(40...90)))
            facts.append(fact("left", .childLeftCountryReported(left)))
        }
        if chance(20) {
            var place = LocationConfirmed(childId: "K", confirmedAt: moment(time(60...250)))
            place.abroad = chance(80)
            facts.append(fact("found", .childLocationConfirmed(place)))
        }
        if chance(15) {
            var decided = WhereaboutsDecided(childId: "K", decision: chance(50) ? "end" : "continue")
            decided.decidedAt = moment(time(60...250))
            decided.decidedByRole = chance(70) ? "service_manager" : nil
            facts.append(fact("decided", .childWhereaboutsDecided(decided)))
        }
        if chance(30) {
            let order = CourtOrderMade(
                orderId: "SO", childIds: ["K"], orderType: "supervision", madeAt: moment(time(20...120)))
            facts.append(fact("supervision", .courtOrderMade(order)))
        }
        if chance(30) {
            let from = start.adding(days: Int.random(in: 60...400, using: &random))
            let plan = ChildInNeedPlanStarted(cinPlanId: "CIN", childId: "K", startedOn: from)
            facts.append(fact("cin", .cinPlanStarted(plan)))
            let review = ChildInNeedPlanReviewed(cinPlanId: "CIN", reviewedAt: moment(time(100...500)))
            facts.append(fact("cin-reviewed", .cinPlanReviewed(review)))
        }
        if chance(30) {
            var end = PlanEnded(planId: "P", childId: "K", endedOn: day(moment(time(80...500)).day.description))
            end.groundCode = ["moved", "aged_18", "abroad", "care_order", "no_continuing_risk"].randomElement(
                using: &random)
            end.conferenceId = chance(50) ? "R1" : nil
            facts.append(fact("ended", .planEnded(end)))
        }
    }

    private mutating func correct() {
        for number in 0..<Int.random(in: 0...4, using: &random) {
            let target = facts.randomElement(using: &random)!
            let recorded = "2027-0\(number + 1)-01T09:00:00Z"
            if chance(50) {
                facts.append(target.superseding(target.id, id: "X\(number)", recorded: recorded))
            } else {
                facts.append(retraction(of: target.id, id: "X\(number)"))
            }
        }
    }
}
