import Foundation
import StatutoryRules
import Testing

@Suite("Order and time")
struct OrderTests {
    /// A few made-up cases are enough for a glance (`make check`).
    private static let seeds: ClosedRange<UInt64> =
        ProcessInfo.processInfo.environment["QUORATE_BRIEF"] == nil ? 1...40 : 1...6

    /// 40 made-up cases, each in 30 orders with repeats: 1,200 shuffles.
    @Test(arguments: seeds)
    func anyPermutationWithRepeatsGivesTheSame(seed: UInt64) {
        let facts = MadeUpCase.facts(seed: seed)
        let policy = MadeUpCase.policy(seed: seed)
        var random = Seeded(seed &* 7919)
        for _ in 0..<30 {
            let asOf = day("2025-03-01").adding(days: Int.random(in: 0...900, using: &random)).description
            let expected = assessment(facts, policy, asOf).everything
            let repeats = facts.filter { _ in Bool.random(using: &random) }
            #expect(assessment((facts + repeats).shuffled(using: &random), policy, asOf).everything == expected)
        }
    }

    @Test(arguments: UInt64(1)...200)
    func idsAreUniqueWithinACase(seed: UInt64) {
        let result = assessment(MadeUpCase.facts(seed: seed), MadeUpCase.policy(seed: seed), "2026-06-01")
        #expect(Set(result.deadlines.map(\.id)).count == result.deadlines.count)
        #expect(Set(result.notices.map(\.id)).count == result.notices.count)
        #expect(Set(result.findings.map(\.id)).count == result.findings.count)
    }

    @Test func theMadeUpCasesReachEveryDutyAndState() {
        var duties: Set<Duty> = []
        var states: Set<DeadlineState> = []
        var said: Set<NoticeState> = []
        for seed in UInt64(1)...40 {
            for asOf in ["2025-04-01", "2025-09-01", "2026-06-01", "2027-12-31"] {
                let result = assessment(MadeUpCase.facts(seed: seed), MadeUpCase.policy(seed: seed), asOf)
                duties.formUnion(result.deadlines.map(\.duty))
                states.formUnion(result.deadlines.map(\.state))
                said.formUnion(result.notices.map(\.state))
            }
        }
        // Every other duty is reached by the conformance cases.
        #expect(duties.count >= 13)
        #expect(states == Set(DeadlineState.allCases))
        #expect(said.union([.beforeLive]) == Set(NoticeState.allCases))
    }

    /// Follows `nextChange` through a case's whole life: between two changes nothing differs.
    @Test(arguments: seeds)
    func nothingChangesBeforeNextChange(seed: UInt64) {
        let file = CaseFile(authority: swindon, subject: "C-1", facts: MadeUpCase.facts(seed: seed))
        let configuration = Configuration.packaged.using(policy: MadeUpCase.policy(seed: seed))!
        var random = Seeded(seed)
        var now = at("2024-12-01T00:00:00Z")
        var steps = 0
        while steps < 2000 {
            let result = assess(file, under: configuration, asOf: now)
            let until = result.nextChange ?? at("2035-01-01T00:00:00Z")
            #expect(until > now)
            for sample in [
                now.microseconds + 1, until.microseconds - 1,
                Int64.random(in: now.microseconds..<until.microseconds, using: &random),
            ]
            where sample > now.microseconds && sample < until.microseconds {
                var later = assess(file, under: configuration, asOf: Instant(microseconds: sample))
                later.nextChange = result.nextChange
                #expect(later.everything == result.everything)
            }
            // A child abroad who is never found is asked after each week, without end.
            guard let next = result.nextChange, next < at("2029-01-01T00:00:00Z") else { break }
            now = next
            steps += 1
        }
        #expect(steps > 3 && steps < 2000)
    }

    /// Of what has happened by a day, all but the state reads the same years later.
    @Test(arguments: seeds)
    func onlyStateDependsOnTheTimeOfAsking(seed: UInt64) {
        for now in ["2025-06-01", "2026-01-15", "2026-09-01"] {
            let happened = MadeUpCase.facts(seed: seed).filter { fact in
                fact.payload.ownMoment.map { $0.earliest <= moment(now).latest } ?? true
            }
            func rows(_ asOf: String) -> [String] {
                assessment(happened, MadeUpCase.policy(seed: seed), asOf).deadlines.map(\.withoutState)
            }
            #expect(rows(now) == rows("2034-06-01"))
        }
    }

    @Test func aFactOfTheFutureHasNotHappened() {
        let facts = [discussion("D", "2026-01-06"), held("CF", .initial, "2026-01-20T10:00:00Z")]
        let before = assessment(facts, "england", "2026-01-12")
        #expect(before.deadline("ENG-1")?.state == .pending)
        #expect(before.nextChange! <= at("2026-01-20T10:00:00Z"))
        #expect(assessment(facts, "england", "2026-01-20T10:00:00Z").deadline("ENG-1")?.state == .met)
        // A bare date has happened from the start of its London day.
        let summer = [discussion("D", "2026-07-01")]
        #expect(assessment(summer, "england", "2026-06-30T22:59:59Z").deadlines.isEmpty)
        #expect(assessment(summer, "england", "2026-06-30T22:59:59Z").nextChange == at("2026-06-30T23:00:00Z"))
        #expect(assessment(summer, "england", "2026-06-30T23:00:00Z").deadlines.count == 1)
    }
}

extension Deadline {
    /// All of the row but `state` and `risk`.
    var withoutState: String {
        """
        \(id) \(rule) \(duty) \(subject) \(occasion) \(anchor) \(due as Any) \(actBy as Any) \(metBy as Any) \
        \(metOn as Any) \(lateDays as Any) \(lateHours as Any) \(limit as Any) \(provenance) \(strength) \(skipped) \
        \(supersededBy as Any) \(cause as Any) \(bookedFor as Any)
        """
    }
}
