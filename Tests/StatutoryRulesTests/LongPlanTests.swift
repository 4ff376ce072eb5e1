import StatutoryRules
import Testing

/// LON-1.22c is a switch, off until the owner sets it: these tests switch it on.
@Suite("Long plans")
struct LongPlanTests {
    private func london() throws -> Configuration {
        var files = Configuration.packaged.files
        let text = try #require(files["london.yaml"])
        let from = try #require(text.firstRange(of: "  without:\n"))
        let to = try #require(text.firstRange(of: "\nlimits:"))
        files["london.yaml"] = String(text[..<from.lowerBound]) + String(text[to.lowerBound...])
        return try Configuration(files: files).using(policy: "london")!
    }

    private func assessed(_ facts: [Fact], _ asOf: String) throws -> Assessment {
        let file = CaseFile(authority: swindon, subject: "C-1", facts: facts)
        return assess(file, under: try london(), asOf: moment(asOf).latest)
    }

    /// Golden vector: 24 months from Saturday 31 August 2024 end on the summer bank holiday of 2026.
    @Test func aPlanOfTwoYearsIsListed() throws {
        let facts = [held("I", .initial, "2024-08-31"), plan("P", from: "2024-08-31", by: "I")]
        let before = try #require(try assessed(facts, "2026-08-31").deadline("LON-1.22c"))
        #expect(before.due?.description == "2026-08-31")
        #expect(before.actBy?.description == "2026-08-28")
        #expect(before.state == .atRisk)
        let after = try assessed(facts, "2026-09-01")
        #expect(after.deadline("LON-1.22c")?.state == .missed)
        #expect(!after.notices.contains { $0.rule == "E52" && $0.deadlineId == after.deadline("LON-1.22c")?.id })
    }

    @Test func aPlanThatEndedSoonerIsNot() throws {
        let facts = [
            held("I", .initial, "2024-08-31"), plan("P", from: "2024-08-31", by: "I"), died("2026-08-01"),
        ]
        #expect(try assessed(facts, "2026-09-01").deadline("LON-1.22c")?.state == .withdrawn)
    }

    /// A plan that moved in counts from where it began.
    @Test func theOriginalStartCounts() throws {
        var notice = TransferIn(childId: "K", notifiedAt: moment("2025-09-01"), permanent: true)
        notice.originalPlanStart = day("2024-08-31")
        let facts = [
            fact("in", .transferInNotified(notice)), held("I", .transferIn, "2025-09-15"),
            plan("P", from: "2025-09-15", by: "I"),
        ]
        let row = try #require(try assessed(facts, "2026-01-01").deadline("LON-1.22c"))
        #expect(row.due?.description == "2026-08-31")
        #expect(row.anchor.event == "in")
    }

    /// Once overdue a review is in the digest of each day, for as long as the policy says.
    @Test func theDailyDigestEnds() {
        func digests(_ asOf: String) -> [String] {
            assessment([Outcome.first, Outcome.started], "england", asOf).notices
                .filter { $0.template == "review_due_notice" && $0.level == 3 }.map(\.dueAt.description)
        }
        #expect(digests("2026-04-05") == [])
        #expect(digests("2026-04-06") == ["2026-04-06T08:00:00Z"])
        #expect(digests("2026-07-05") == ["2026-07-05T08:00:00Z"])
        #expect(digests("2026-07-06") == [])
    }
}
