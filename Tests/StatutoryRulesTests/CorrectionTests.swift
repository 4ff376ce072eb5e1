import StatutoryRules
import Testing

@Suite("Corrections")
struct CorrectionTests {
    static let wrong = discussion("D", "2026-01-06")
    static let right = discussion("D", "2026-01-07")

    private func due(_ facts: [Fact]) -> [String] {
        assessment(facts, "england", "2026-01-20").deadlines.map { $0.due!.description }
    }

    private func everyOrder(_ facts: [Fact]) -> [[Fact]] {
        guard facts.count > 1 else { return [facts] }
        return facts.indices.flatMap { index in
            var rest = facts
            let first = rest.remove(at: index)
            return everyOrder(rest).map { [first] + $0 }
        }
    }

    @Test func aCorrectionEqualsAHistoryNeverWrong() {
        let correction = Self.right.superseding("D", id: "D2", recorded: "2026-01-09T09:00:00Z")
        let once = assessment([Self.right], "england", "2026-01-20")
        for facts in everyOrder([Self.wrong, correction, correction]) {
            let result = assessment(facts, "england", "2026-01-20")
            #expect(result.deadlines.map(\.id) == once.deadlines.map(\.id))
            #expect(result.deadlines.map(\.due) == once.deadlines.map(\.due))
            #expect(result.notices.map(\.id) == once.notices.map(\.id))
        }
    }

    /// The ledger keeps facts by the bytes of their ids: two Unicode forms of one word are two events.
    @Test func idsAreToldApartByTheirBytes() {
        let correction = Self.right.superseding("D", id: "D2", recorded: "2026-01-09T09:00:00Z")
        let others = [discussion("\u{E9}", "2026-01-08"), discussion("e\u{301}", "2026-01-09")]
        let withdrawn = retraction(of: "e\u{301}", id: "X")
        for facts in everyOrder([Self.wrong, correction] + others + [withdrawn]) {
            #expect(due(facts) == due([Self.right, others[0]]))
        }
    }

    @Test func aChainEndsWithItsLast() {
        let second = discussion("D", "2026-01-07").superseding("D", id: "D2", recorded: "2026-01-09T09:00:00Z")
        let third = discussion("D", "2026-01-08").superseding("D2", id: "D3", recorded: "2026-01-10T09:00:00Z")
        let ids = Set(
            everyOrder([Self.wrong, second, third]).map { facts -> String in
                #expect(due(facts) == ["2026-01-29"])
                return assessment(facts, "england", "2026-01-20").deadlines[0].id.description
            })
        #expect(ids.count == 1)
        // Its first event has not arrived: place and occasion are its all the same.
        #expect(assessment([third, second], "england", "2026-01-20").deadlines[0].id.description == ids.first)
    }

    @Test func ofTwoCorrectionsTheGreaterStands() {
        let early = discussion("D", "2026-01-07").superseding("D", id: "D2", recorded: "2026-01-10T09:00:00Z")
        let late = discussion("D", "2026-01-08").superseding("D", id: "D3", recorded: "2026-01-09T09:00:00Z")
        for facts in everyOrder([Self.wrong, early, late]) { #expect(due(facts) == ["2026-01-29"]) }
        // The greater is withdrawn: the lesser stands.
        for facts in everyOrder([Self.wrong, early, late, retraction(of: "D3", id: "X")]) {
            #expect(due(facts) == ["2026-01-28"])
        }
    }

    @Test func aRetractionOfARetractionRestores() {
        let away = retraction(of: "D", id: "X")
        for facts in everyOrder([Self.wrong, away]) { #expect(due(facts) == []) }
        for facts in everyOrder([Self.wrong, away, retraction(of: "X", id: "Y")]) {
            #expect(due(facts) == ["2026-01-27"])
        }
        for facts in everyOrder([Self.wrong, away, retraction(of: "X", id: "Y"), retraction(of: "Y", id: "Z")]) {
            #expect(due(facts) == [])
        }
        #expect(due([away]) == [])
    }

    @Test func aRetractedCorrectionRestoresItsTarget() {
        let correction = Self.right.superseding("D", id: "D2", recorded: "2026-01-09T09:00:00Z")
        for facts in everyOrder([Self.wrong, correction, retraction(of: "D2", id: "X")]) {
            #expect(due(facts) == ["2026-01-27"])
        }
    }

    @Test func aCorrectedRetractionActsOnItsNewTarget() {
        let other = discussion("O", "2026-01-12")
        var corrected = retraction(of: "O", id: "X2")
        corrected.supersedes = "X"
        for facts in everyOrder([Self.wrong, other, retraction(of: "D", id: "X"), corrected]) {
            #expect(due(facts) == ["2026-01-27"])
        }
    }

    @Test func aLoopIsDeadAndFound() {
        let first = Self.wrong.superseding("B", id: "A", recorded: "2026-01-09T09:00:00Z")
        let second = Self.right.superseding("A", id: "B", recorded: "2026-01-10T09:00:00Z")
        for facts in everyOrder([first, second]) {
            let result = assessment(facts, "england", "2026-01-20")
            #expect(result.deadlines.isEmpty)
            #expect(result.findings.map(\.events) == [["A", "B"]])
        }
        // An event that supersedes a looping one repairs it.
        let repair = discussion("D", "2026-01-08").superseding("B", id: "C", recorded: "2026-01-11T09:00:00Z")
        for facts in everyOrder([first, second, repair]) { #expect(due(facts) == ["2026-01-29"]) }
        let each = [retraction(of: "Y", id: "X"), retraction(of: "X", id: "Y"), Self.wrong]
        for facts in everyOrder(each) {
            #expect(due(facts) == ["2026-01-27"])
            #expect(assessment(facts).findings.map(\.events) == [["X", "Y"]])
        }
        #expect(
            assessment([Self.wrong.superseding("D", id: "D", recorded: "2026-01-09T09:00:00Z")]).findings.count == 1)
    }

    @Test func anotherSourceCorrectsNothing() {
        var correction = discussion("Q", "2026-01-07").superseding("D", id: "D2", recorded: "2026-01-09T09:00:00Z")
        correction.source = "other"
        #expect(due([Self.wrong, correction]) == ["2026-01-27", "2026-01-28"])
    }

    @Test func aCorrectionKeepsItsPlaceAmongBookings() {
        // Neither says when it was made: the correction of the first must not overtake the second.
        let first = booked("CF", .initial, for: "2026-11-09T09:30:00Z", on: nil)
        var second = rebooked("CF", for: "2026-12-14T09:30:00Z", on: "2026-11-01")
        second.time = at("2026-11-01T09:00:00Z")
        let correction = booked("CF", .initial, for: "2026-11-10T09:30:00Z", on: nil)
            .superseding("CF-booked", id: "Q", recorded: "2026-11-02T09:00:00Z")
        for facts in everyOrder([first, second, correction]) {
            #expect(
                assessment(facts, "england", "2026-11-20").conferences[0].startsAt == moment("2026-12-14T09:30:00Z"))
        }
    }

    @Test func aLongChainIsNoStackOverflow() {
        var facts = [Self.wrong]
        for number in 1...5000 {
            facts.append(
                Self.right.superseding(facts[number - 1].id, id: "D\(number)", recorded: "2026-01-09T09:00:00Z"))
        }
        #expect(due(facts) == ["2026-01-28"])
    }
}
