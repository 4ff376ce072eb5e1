import StatutoryRules
import Testing

/// LON-14.5a: the parents' copy is both given and talked through, and the two may be recorded apart.
@Suite("Parents' copy")
struct RecordCopiesTests {
    private func talk(_ id: String, given: String? = nil, discussed: String? = nil) -> Fact {
        var talk = RecordDiscussed(conferenceId: "CF")
        talk.personId = "M"
        talk.givenAt = given.map(moment)
        talk.discussedAt = discussed.map(moment)
        return fact(id, .conferenceRecordDiscussed(talk))
    }

    private static let meeting = held("CF", .review, "2026-03-02T10:00:00Z", attendees: [Outcome.mother])

    private func row(_ facts: [Fact], _ asOf: String) -> Deadline? {
        assessment([Self.meeting] + facts, "london", asOf).deadline("LON-14.5a")
    }

    @Test func givenIsNotTalkedThrough() {
        let given = talk("G", given: "2026-03-20T10:00:00Z")
        #expect(row([given], "2026-03-31")?.state == .missed)
        let both = row([given, talk("T", discussed: "2026-03-27T10:00:00Z")], "2026-03-31")
        #expect(both?.state == .met)
        #expect(both?.metOn == day("2026-03-27"))
        #expect(both?.metBy == "T")
    }

    /// In summer half past eleven by UTC is the next day in London: later than an act of the day that has no time of day.
    @Test func aSummersDayEndsAtMidnightInLondon() {
        let meeting = held("CF", .review, "2026-06-01T10:00:00Z", attendees: [Outcome.mother])
        let talks = [talk("G", given: "2026-06-29"), talk("T", discussed: "2026-06-29T23:30:00Z")]
        let late = assessment([meeting] + talks, "london", "2026-07-31").deadline("LON-14.5a")
        #expect(late?.due?.day == day("2026-06-29"))
        #expect(late?.state == .metLate)
        #expect(late?.metOn == day("2026-06-30"))
        #expect(late?.metBy == "T")
    }

    @Test func aCopyThatIsToBeGivenIsNotGivenYet() {
        let facts = [talk("G", given: "2026-03-25T10:00:00Z"), talk("T", discussed: "2026-03-20T10:00:00Z")]
        #expect(row(facts, "2026-03-24")?.state == .pending)
        let before = assessment([Self.meeting] + facts, "london", "2026-03-24")
        #expect(before.nextChange! <= at("2026-03-25T10:00:00Z"))
        #expect(row(facts, "2026-03-25")?.metOn == day("2026-03-25"))
    }
}
