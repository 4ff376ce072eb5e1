import StatutoryRules
import Testing

/// 35 years from closure, and 75 from birth for who was looked after; a family's time ends with its last child's.
@Suite struct RetentionTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let closedOn: String?
        let children: [(born: String?, lookedAfter: Bool)]
        let end: String
    }

    static let samples = [
        Sample(
            testDescription: "a child on a plan", closedOn: "1990-05-14", children: [("1985-01-02", false)],
            end: "2025-05-14"),
        Sample(
            testDescription: "closed on a leap day", closedOn: "1988-02-29", children: [(nil, false)], end: "2023-02-28"
        ),
        Sample(
            testDescription: "looked after", closedOn: "1990-05-14", children: [("1985-01-02", true)], end: "2060-01-02"
        ),
        Sample(
            testDescription: "looked after, born long before", closedOn: "1999-05-14", children: [("1931-01-02", true)],
            end: "2034-05-14"),
        Sample(
            testDescription: "a family: the last child's", closedOn: "1990-05-14",
            children: [("1970-03-01", true), ("1985-01-02", false), ("1980-12-31", true)], end: "2055-12-31"),
        Sample(
            testDescription: "looked after, of unknown birth", closedOn: "1990-05-14",
            children: [("1985-01-02", false), (nil, true)], end: "no event gives a child's date of birth"),
        Sample(
            testDescription: "open", closedOn: nil, children: [("1985-01-02", false)],
            end: "it is open, or went on after it was closed"),
        Sample(testDescription: "nobody", closedOn: "1990-05-14", children: [], end: "it names no child"),
    ]

    private static func end(_ sample: Sample, _ schedule: RetentionSchedule, authority: String = "E09000002") -> String
    {
        let children = sample.children.enumerated().map { number, child in
            RetainedCase.Child(
                id: "K-\(number)", bornOn: child.born.flatMap { Day($0) }, wasLookedAfter: child.lookedAfter)
        }
        let file = RetainedCase(
            authority: authority, closedOn: sample.closedOn.flatMap { Day($0) }, children: children)
        switch schedule.end(of: file) {
        case .on(let day): return "\(day)"
        case .unknown(let why): return why
        }
    }

    @Test(arguments: samples) func theEndIsThatOfTheLastChild(_ sample: Sample) {
        #expect(Self.end(sample, Configuration.packaged.retention) == sample.end)
    }

    @Test func whatNamesNoCaseIsKeptByItsYear() throws {
        #expect(Configuration.packaged.retention.end(ofNoCaseIn: 1990, authority: "") == .on(Day("2025-12-31")!))
        var files = Configuration.packaged.files
        let text = try #require(files["retention.yaml"])
        files["retention.yaml"] = text.replacing(
            "authorities: {}", with: "authorities:\n  E06000030:\n    ofNoCase: {years: 6, from: receipt}")
        let schedule = try Configuration(files: files).retention
        #expect(schedule.end(ofNoCaseIn: 2019, authority: "E06000030") == .on(Day("2025-12-31")!))
        #expect(schedule.end(ofNoCaseIn: 1990, authority: "E09000002") == .on(Day("2025-12-31")!))
        for bad in ["{years: 35, from: closure}", "{years: 35}"] {
            files["retention.yaml"] = text.replacing("{years: 35, from: receipt}", with: bad)
            #expect(throws: ConfigurationError.self) { try Configuration(files: files) }
        }
        files["retention.yaml"] = text.replacing("{years: 75, from: birth}", with: "{years: 75, from: receipt}")
        #expect(throws: ConfigurationError.self) { try Configuration(files: files) }
        // A schedule that was stored by an older release ends nothing of it.
        files["retention.yaml"] = text.replacing("  ofNoCase: {years: 35, from: receipt}\n", with: "")
        #expect(
            try Configuration(files: files).retention.end(ofNoCaseIn: 1950, authority: "E09000002")
                == .unknown("the schedule says nothing of what names no case"))
    }

    @Test func anAuthorityHasItsOwnSchedule() throws {
        var files = Configuration.packaged.files
        let text = try #require(files["retention.yaml"])
        files["retention.yaml"] = text.replacing(
            "authorities: {}", with: "authorities:\n  E06000030:\n    childProtection: {years: 25, from: birth}")
        let schedule = try Configuration(files: files).retention
        #expect(Self.end(Self.samples[0], schedule, authority: "E06000030") == "2010-01-02")
        #expect(Self.end(Self.samples[0], schedule) == "2025-05-14")
        #expect(Self.end(Self.samples[2], schedule, authority: "E06000030") == "2060-01-02")
        for bad in ["years: 0", "years: 201", "years: many", "year: 35"] {
            files["retention.yaml"] = text.replacing("years: 35", with: bad)
            #expect(throws: ConfigurationError.self) { try Configuration(files: files) }
        }
        files["retention.yaml"] = text.replacing("from: birth", with: "from: death")
        #expect(throws: ConfigurationError.self) { try Configuration(files: files) }
        files["retention.yaml"] = nil
        #expect(Self.end(Self.samples[0], try Configuration(files: files).retention) == "2025-05-14")
    }
}
