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
        made.correct()
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
