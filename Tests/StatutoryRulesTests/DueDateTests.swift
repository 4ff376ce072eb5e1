import StatutoryRules
import Testing

/// Expected dates are the rulebook's (sections F and "Golden vectors"), or worked out by hand from the text.
struct DueDate: Sendable, CustomTestStringConvertible {
    var name: String
    var policy: String
    var facts: [Fact]
    var rule: String
    var due: String?
    var actBy: String?

    init(_ name: String, _ policy: String, _ rule: String, due: String?, actBy: String? = nil, _ facts: Fact...) {
        self.name = name
        self.policy = policy
        self.rule = rule
        self.due = due
        self.actBy = actBy ?? due
        self.facts = facts
    }

    var testDescription: String { "\(name): \(rule) under \(policy)" }

    static let initialConferences: [DueDate] = [
        .init("F01", "england", "ENG-1", due: "2026-01-06", discussion("D", "2025-12-11T10:00:00Z")),
        .init("F02", "england", "ENG-1", due: "2028-01-10", discussion("D", "2027-12-15")),
        .init("F02 beyond the calendar", "england", "ENG-1", due: nil, discussion("D", "2028-12-15")),
        .init("F03 2026", "england", "ENG-1", due: "2026-04-14", discussion("D", "2026-03-20")),
        .init("F03 2025", "england", "ENG-1", due: "2025-04-24", discussion("D", "2025-04-01")),
        .init("F03 2027", "england", "ENG-1", due: "2027-04-07", discussion("D", "2027-03-15")),
        .init("F04 London's day", "england", "ENG-1", due: "2026-07-22", discussion("D", "2026-06-30T23:15:00Z")),
        .init("F04 weekend", "england", "ENG-1", due: "2026-06-08", discussion("D", "2026-05-16T22:30:00Z")),
        .init(
            "F05", "note-002", "MAN-1", due: "2026-02-11", discussion("A", "2026-01-12", began: false),
            discussion("B", "2026-01-21"), discussion("C", "2026-01-23", began: false)),
        .init(
            "F05 by the enquiry's discussion", "note-002", "MAN-1", due: "2026-02-11",
            discussion("A", "2026-01-12", began: nil), discussion("B", "2026-01-21", began: nil),
            discussion("C", "2026-01-23", began: nil), enquiry("E", "2026-01-21", of: "B")),
        .init(
            "F05 the flag arrives late", "note-002", "MAN-1", due: "2026-02-02",
            discussion("A", "2026-01-12", began: false), discussion("B", "2026-01-21", began: nil),
            request("CF", "2026-01-22")),
        .init(
            "enquiry that names nothing", "england", "ENG-1", due: "2026-02-02",
            discussion("A", "2026-01-12", began: nil), discussion("B", "2026-01-21", began: nil),
            enquiry("E", "2026-01-22")),
        .init("enquiry and no discussion", "england", "ENG-1", due: nil, enquiry("E", "2026-01-22")),
        .init(
            "London's own text, borrowed start", "london", "LON-1.7", due: "2026-01-27", discussion("D", "2026-01-06")),
        .init("golden", "note-002", "MAN-2", due: "2027-01-13", movedIn("2026-12-18")),
        .init("golden", "london", "LON-1.18c", due: "2027-01-13", movedIn("2026-12-18")),
        .init("statute", "swindon", "ENG-7", due: "2027-01-13", movedIn("2026-12-18")),
        .init("F22", "lincolnshire", "LIN-2.4a", due: "2026-06-15", movedIn("2026-05-22")),
        .init("F22 out", "lincolnshire", "LIN-2.4a", due: "2026-06-15", movedOut("2026-05-22")),
        .init(
            "F06 before the extension", "london", "LON-1.8", due: "2026-01-15T16:00:00Z", discussion("D", "2026-01-06"),
            emergencyOrder("2026-01-07T12:00:00Z", expires: "2026-01-15T16:00:00Z")),
        .init(
            "F06 extended", "london", "LON-1.8", due: "2026-01-22T16:00:00Z", discussion("D", "2026-01-06"),
            emergencyOrder("2026-01-07T12:00:00Z", expires: "2026-01-15T16:00:00Z"),
            extended("2026-01-14T12:00:00Z", to: "2026-01-22T16:00:00Z")),
        .init(
            "F06 hard limit stays", "london", "ENG-1", due: "2026-01-27", discussion("D", "2026-01-06"),
            emergencyOrder("2026-01-07T12:00:00Z", expires: "2026-01-15T16:00:00Z")),
        .init(
            "order that outlives the limit", "london", "LON-1.8", due: "2026-01-27", discussion("D", "2026-01-06"),
            emergencyOrder("2026-01-07T12:00:00Z", expires: "2026-02-15T16:00:00Z")),
    ]

    static func review(
        _ name: String, _ policy: String, _ rule: String, due: String, actBy: String? = nil, initial heldOn: String
    ) -> DueDate {
        .init(
            name, policy, rule, due: due, actBy: actBy, held("I", .initial, heldOn), plan("P", from: heldOn, by: "I"))
    }

    static func later(
        _ name: String, _ policy: String, _ rule: String, due: String, actBy: String? = nil, review heldOn: String
    ) -> DueDate {
        .init(
            name, policy, rule, due: due, actBy: actBy, held("I", .initial, "2026-01-05"),
            plan("P", from: "2026-01-05", by: "I"), held("R", .review, heldOn))
    }

    static let reviews: [DueDate] = [
        review("F07", "london", "LON-1.20a", due: "2027-02-28", actBy: "2027-02-26", initial: "2026-11-30"),
        review("F07", "lincolnshire", "LIN-3.1", due: "2027-03-01", initial: "2026-11-30"),
        review("F07 leap", "london", "LON-1.20a", due: "2028-02-29", initial: "2027-11-30"),
        review("F07 leap", "lincolnshire", "LIN-3.1", due: "2028-02-29", initial: "2027-11-30"),
        review("golden", "london", "LON-1.20a", due: "2026-05-28", initial: "2026-02-28"),
        review("golden", "lincolnshire", "LIN-3.1", due: "2026-05-30", actBy: "2026-05-29", initial: "2026-02-28"),
        review("golden", "london", "LON-1.20a", due: "2026-05-13", initial: "2026-02-13"),
        review("golden", "lincolnshire", "LIN-3.1", due: "2026-05-15", initial: "2026-02-13"),
        review("golden", "london", "LON-1.20a", due: "2026-01-31", actBy: "2026-01-30", initial: "2025-10-31"),
        review("golden literal", "note-002", "MAN-3", due: "2026-12-30", initial: "2026-06-30"),
        review("golden statute", "note-002", "ENG-2", due: "2026-09-30", initial: "2026-06-30"),
        review("golden", "lincolnshire", "LIN-3.1", due: "2026-09-29", initial: "2026-06-30"),
        later("F08", "london", "LON-1.20b", due: "2027-06-30", review: "2026-12-31"),
        later("F08", "lincolnshire", "LIN-3.2", due: "2027-07-02", review: "2026-12-31"),
        later("F08", "london", "LON-1.20b", due: "2026-09-02", review: "2026-03-02"),
        later("F08", "lincolnshire", "LIN-3.2", due: "2026-09-01", review: "2026-03-02"),
        later("F08", "england", "ENG-3", due: "2027-01-01", actBy: "2026-12-31", review: "2026-07-01"),
        later("F08", "lincolnshire", "LIN-3.2", due: "2026-12-31", review: "2026-07-01"),
        later("F25 before the correction", "lincolnshire", "LIN-3.2", due: "2026-09-01", review: "2026-03-02"),
        later(
            "F25 after it", "lincolnshire", "LIN-3.2", due: "2026-08-29", actBy: "2026-08-28", review: "2026-02-27"),
        // Christmas: 20 working days from 4 December 2026 are those of the golden vector of LON-14.4a.
        .init("first of a looked-after child", "england", "ENG-4", due: "2027-01-06", lookedAfter("2026-12-04")),
        .init(
            "given sooner", "england", "ENG-4", due: "2026-12-20", actBy: "2026-12-18",
            lookedAfter("2026-12-04", due: "2026-12-20")),
        .init("given later", "england", "ENG-4", due: "2027-01-06", lookedAfter("2026-12-04", due: "2027-01-20")),
        .init(
            "second", "england", "ENG-5", due: "2026-05-28", lookedAfter("2026-02-02"),
            held("R1", .lookedAfterReview, "2026-02-28")),
        .init(
            "later", "england", "ENG-6", due: "2026-11-28", actBy: "2026-11-27", lookedAfter("2026-02-02"),
            held("R1", .lookedAfterReview, "2026-02-28"), held("R2", .combined, "2026-05-28")),
    ]

    static func report(
        _ name: String, _ policy: String, _ rule: String, due: String, actBy: String? = nil, before startsAt: String,
        _ type: ConferenceType
    ) -> DueDate { .init(name, policy, rule, due: due, actBy: actBy, booked("CF", type, for: startsAt)) }

    static let reports: [DueDate] = [
        report("F09", "knowsley", "CAN-1.6", due: "2026-11-06T09:30:00Z", before: "2026-11-09T09:30:00Z", .initial),
        report("F09", "london", "LON-7.7a", due: "2026-11-05", before: "2026-11-09T09:30:00Z", .initial),
        report("F09", "london", "LON-7.7b", due: "2026-11-02", before: "2026-11-09T09:30:00Z", .review),
        report(
            "F09", "swindon", "SWI-18", due: "2026-11-07", actBy: "2026-11-06", before: "2026-11-09T09:30:00Z", .initial
        ),
        report("F09", "swindon", "SWI-19", due: "2026-11-04", before: "2026-11-09T09:30:00Z", .review),
        report("F10", "knowsley", "CAN-1.6", due: "2026-03-28T09:00:00Z", before: "2026-03-31T09:00:00Z", .review),
        report(
            "F10", "knowsley", "CAN-1.6", due: "2026-10-24T10:00:00Z", before: "2026-10-27T10:00:00Z",
            .lookedAfterReview),
        report("F11", "london", "LON-7.7a", due: "2026-04-01", before: "2026-04-07T09:00:00Z", .transferIn),
        report("F11", "knowsley", "CAN-1.6", due: "2026-04-04T09:00:00Z", before: "2026-04-07T09:00:00Z", .initial),
        report(
            "F11", "swindon", "SWI-18", due: "2026-04-05", actBy: "2026-04-02", before: "2026-04-07T09:00:00Z",
            .prebirth),
        report("F11 review", "london", "LON-7.7b", due: "2026-03-30", before: "2026-04-08T09:00:00Z", .review),
        report(
            "F11 review", "swindon", "SWI-19", due: "2026-04-03", actBy: "2026-04-02", before: "2026-04-08T09:00:00Z",
            .combined),
        report(
            "F11 review", "knowsley", "CAN-1.6", due: "2026-04-05T09:00:00Z", before: "2026-04-08T09:00:00Z", .combined),
        report(
            "golden", "swindon", "SWI-18", due: "2026-05-03", actBy: "2026-05-01", before: "2026-05-05T08:30:00Z",
            .initial),
        report("golden", "knowsley", "CAN-1.6", due: "2026-05-02T08:30:00Z", before: "2026-05-05T08:30:00Z", .initial),
        report(
            "golden", "swindon", "SWI-19", due: "2027-01-01", actBy: "2026-12-31", before: "2027-01-06T10:00:00Z",
            .review),
    ]

    static func sent(_ name: String, _ rule: String, due: String, held heldOn: String, ended: String? = nil) -> DueDate
    {
        .init(name, "london", rule, due: due, held("CF", .initial, heldOn, ended: ended))
    }

    static let letters: [DueDate] = [
        sent(
            "F18", "LON-14.5c", due: "2026-04-03T15:00:00Z", held: "2026-04-02T13:00:00Z", ended: "2026-04-02T15:00:00Z"
        ),
        sent("F18", "LON-14.13a", due: "2026-04-07", held: "2026-04-02T13:00:00Z", ended: "2026-04-02T15:00:00Z"),
        sent("golden", "LON-14.13a", due: "2026-12-29", held: "2026-12-24"),
        sent("golden", "LON-14.13a", due: "2027-01-04", held: "2026-12-31"),
        sent("golden", "LON-14.4a", due: "2027-01-06", held: "2026-12-04"),
        sent("golden", "LON-14.4a", due: "2026-01-07", held: "2025-12-05"),
    ]
}

@Suite("Due dates")
struct DueDateTests {
    @Test(arguments: DueDate.initialConferences + DueDate.reviews + DueDate.reports + DueDate.letters)
    func isTheRulebooks(_ row: DueDate) throws {
        let found = assessment(row.facts, row.policy, "2029-12-31").deadlines.filter { $0.rule == row.rule }
        let deadline = try #require(found.max { ($0.due?.description ?? "") < ($1.due?.description ?? "") })
        #expect(deadline.due?.description == row.due)
        #expect(deadline.actBy?.description == row.actBy)
        if row.due == nil { #expect(deadline.state == .undated) }
    }

    @Test func aYearWithoutBankHolidaysIsNamed() {
        let result = assessment([discussion("D", "2028-12-15")])
        #expect(result.deadlines.isEmpty)
        let later = assessment([discussion("D", "2028-12-15")], "england", "2029-01-01")
        #expect(later.deadlines.map(\.state) == [.undated])
        #expect(later.findings.first?.message.contains("2029") == true)
    }

    @Test func bankHolidaysSteppedOverAreListed() throws {
        let deadline = try #require(
            assessment([discussion("D", "2025-12-11")], "england", "2026-01-01").deadline("ENG-1"))
        #expect(deadline.skipped == [day("2025-12-25"), day("2025-12-26"), day("2026-01-01")])
        #expect(deadline.explanation.contains("2025-12-26"))
    }

    @Test func aValueIsChosenByTheAnchorsDate() throws {
        var files = Configuration.packaged.files
        let old = "{value: 15, unit: working_days, rule: ENG-1}"
        let statute = try #require(files["england.yaml"])
        let range = try #require(statute.firstRange(of: old))
        let both = "[\(old), {from: 2027-01-01, value: 10, unit: working_days, rule: ENG-1}]"
        files["england.yaml"] = statute.replacingCharacters(range, with: both)
        let configuration = try Configuration(files: files).using(policy: "england")!
        func due(_ heldOn: String) -> String? {
            let file = CaseFile(authority: swindon, subject: "C", facts: [discussion("D", heldOn)])
            return assess(file, under: configuration, asOf: at("2028-01-01T00:00:00Z")).deadlines[0].due?.description
        }
        #expect(due("2026-12-31") == "2027-01-22")
        #expect(due("2027-01-01") == "2027-01-15")
    }
}

extension String {
    func replacingCharacters(_ range: Range<String.Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
