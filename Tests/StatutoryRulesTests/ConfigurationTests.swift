import StatutoryRules
import Testing

@Suite("Configuration")
struct ConfigurationTests {
    @Test func thePackagedOneLoads() throws {
        let packaged = Configuration.packaged
        #expect(packaged.policyNames == ["england", "knowsley", "lincolnshire", "london", "note-002", "swindon"])
        #expect(try Configuration(files: packaged.files).digest == packaged.digest)
        #expect(packaged.digest.count == 64)
        #expect(packaged.using(policy: "essex") == nil)
        #expect(packaged.using(policy: "note-002")?.policyName(for: "E09000001") == "note-002")
    }

    @Test(arguments: [
        ("E09000001", "london"), ("E10000019", "lincolnshire"), ("E06000030", "swindon"), ("E08000011", "knowsley"),
        ("E06000001", "england"), ("E10000003", "england"), ("E08000003", "england"), ("W06000001", nil),
        ("E0600003", nil), ("E11000001", nil), ("E06ABCDEF", nil), ("", nil),
    ])
    func authoritiesHavePolicies(_ code: String, _ policy: String?) {
        #expect(Configuration.packaged.policyName(for: code) == policy)
    }

    @Test func anUnknownAuthorityOwesNothing() {
        let file = CaseFile(authority: "W06000001", subject: "C", facts: [Outcome.begun])
        let result = assess(file, under: .packaged, asOf: at("2026-02-01T00:00:00Z"))
        #expect(result.policy == "" && result.deadlines.isEmpty && result.nextChange == nil)
    }

    /// (file, what is replaced, by what, the key that the error names)
    @Test(arguments: [
        ("swindon.yaml", "  report.initial:", "  report.inital:", "report.inital"),
        ("london.yaml", "  review.first:", "  x: not_stated\n  review.first:", "x"),
        ("london.yaml", "value: 3,", "value: three,", "value"),
        ("london.yaml", "unit: months", "unit: moons", "unit"),
        ("london.yaml", "rule: LON-1.18c", "rule: ENG-7", "transfer.limit"),
        ("england.yaml", "rule: ENG-2", "rule: LON-1.20a", "review.first"),
        ("london.yaml", "value: 3,", "from: 1900-02-30, value: 3,", "from"),
        ("defaults.yaml", "leads:\n", "ledes:\n", "leads.atRisk.lead.conference"),
        ("defaults.yaml", "  order.target:", "  order.aim:", "order.aim"),
        ("defaults.yaml", "[email, sms, letter]", "[email, pigeon]", "channels"),
        ("london.yaml", "rule: LON-1.18c,", "rule: LON-1.18c, note: none,", "note"),
        ("london.yaml", "LIN-2.6a, LIN-2.6b", "LIN-2.6a, LIN-2.6z", "LIN-2.6z"),
        ("lincolnshire.yaml", "kinds: [initial, transfer_in]", "kinds: [initial, other]", "kinds"),
        ("swindon.yaml", "policy: swindon", "policy: london", "policy"),
        ("england.yaml", "statute:\n", "statutes:\n", "statute"),
        ("authorities.yaml", "E10000019", "X10000019", "X10000019"),
        ("authorities.yaml", "policy: knowsley", "policy: nowhere", "nowhere"),
        ("bank-holidays.yaml", "  - 2026-12-25\n", "  - 25 December\n", "date"),
        ("bank-holidays.yaml", "holidays:", "days:", "holidays"),
    ])
    func aMistakeIsNamedWithItsFileAndKey(_ file: String, _ old: String, _ new: String, _ key: String) throws {
        var files = Configuration.packaged.files
        let text = try #require(files[file])
        let range = try #require(text.firstRange(of: old))
        files[file] = text.replacingCharacters(range, with: new)
        let error = try #require(throws: ConfigurationError.self) { try Configuration(files: files) }
        #expect(error.file == file)
        #expect(error.key == key)
        #expect(error.line != nil)
        #expect(!error.remedy.isEmpty)
    }

    @Test func aMissingFileAndAMissingYearAreRefused() throws {
        var files = Configuration.packaged.files
        files["bank-holidays.yaml"] = files["bank-holidays.yaml"]!
            .split(separator: "\n").filter { !$0.hasPrefix("  - 2020") && !$0.contains("date: 2020") }.joined(
                separator: "\n")
        #expect(throws: ConfigurationError.self) { try Configuration(files: files) }
        files["bank-holidays.yaml"] = nil
        let error = try #require(throws: ConfigurationError.self) { try Configuration(files: files) }
        #expect(error.description == "bank-holidays.yaml: is missing; add the file")
    }

    @Test func theDigestChangesWithAnyFile() throws {
        var files = Configuration.packaged.files
        files["london.yaml"]! += "# a remark\n"
        #expect(try Configuration(files: files).digest != Configuration.packaged.digest)
    }
}

@Suite("What is written")
struct WritingTests {
    @Test func theObjectIsThatOfEvaluate() {
        let file = CaseFile(authority: swindon, subject: "C \"1\"", facts: [Outcome.begun])
        let asOf = at("2026-01-10T23:59:59Z")
        let text = assess(file, under: .packaged, asOf: asOf).json(
            authority: swindon, subject: file.subject, asOf: asOf)
        #expect(
            text == #"""
                {"asOf":"2026-01-10T23:59:59Z","authority":"E06000030","case":"C \"1\"","conferences":[],"deadlines":[\#
                {"actBy":"2026-01-27","anchor":{"event":"D","on":"2026-01-06"},"citation":"Working Together to Safeguard \#
                Children","due":"2026-01-27","duty":"initial_conference","lateDays":null,"limit":{"count":15,"unit":\#
                "working_days"},"metBy":null,"metOn":null,"provenance":"statutory","rule":"ENG-1","skipped":[],"state":\#
                "pending","subject":{"childId":"K"}}],"findings":[],"notices":[{"cc":[],"dueAt":"2026-01-20T09:00:00Z",\#
                "level":1,"rule":"LON-1.10a","state":"planned","subject":{"childId":"K"},"template":"deadline_at_risk","to":\#
                ["csc_manager"]},{"cc":[],"dueAt":"2026-01-28T09:00:00Z","level":1,"rule":"LON-1.10a","state":"planned",\#
                "subject":{"childId":"K"},"template":"deadline_missed","to":["csc_manager"]}],"plans":[],"policy":"swindon"}
                """#)
    }

    @Test func hoursAreWrittenAsHours() throws {
        let result = assessment([Outcome.thursday, letter("CF", "2026-04-07T10:00:00Z")], "london", "2026-05-01")
        let text = try #require(result.deadline("LON-14.5c")?.json)
        #expect(text.contains(#""due":"2026-04-03T15:00:00Z""#) && text.contains(#""lateHours":91"#))
        #expect(!text.contains("lateDays"))
    }

    @Test func idsAreVersionFiveAndNeverChange() {
        // From Python: uuid.uuid5(uuid.UUID("4c1f6a0e-8b5d-4b7e-9d53-2f0a6e71c9d4"), "a duty").
        #expect(NameUUID(name: "a duty").description == "525cace7-02cf-5789-b21a-28db18aa5fab")
        #expect(assessment([Outcome.begun]).deadlines.isEmpty)
        #expect(
            assessment([Outcome.begun], "england", "2026-01-10").deadlines[0].id.description
                == "19dcaa70-2c8c-5368-9543-f157293e76c0")
    }
}
