import Foundation
import StatutoryRules
import TestSupport
import Testing
import Workers

/// In, out, and in again: what a file does not say is not made up, and what no file can say is named.
@Suite struct CensusAgainTests {
    private static let swindon = CensusTests.authority
    private static let year = ["export", "cin-census", "--year", "2025", "--authority"]

    /// A-1's plan ended on 20 January 2025 with no review on that day: the events tell of its end by one, and the file that is
    /// exported again has none, byte for byte. The command is the issue's own; the department's code is in authorities.yaml.
    @Test func aPlanThatEndedWithoutAReviewGetsNone() async throws {
        let review = "            <CPPreviewDate>2025-01-20</CPPreviewDate>\n"
        let all = try String(contentsOfFile: CensusTests.fixture, encoding: .utf8)
        let text = all.replacing(review, with: "")
        #expect(text != all)
        try await TestSystem.with { system in
            let file = try system.write("census.xml", text)
            let events = try system.quorate("import", "cin-census", file, "--authority", Self.swindon)
            try system.start([.scheduling, .reporting])
            try system.publish(events.lines)
            try system.waitUntilCaughtUp()
            let ended = try system.strings("SELECT end_ground FROM reporting.plan WHERE child_id = 'A-1'")
            #expect(ended == ["no_continuing_risk"])
            let again = try system.run(Self.year + [Self.swindon])
            #expect(again.status == 0, "\(again.errors)")
            #expect(again.output == text)
            #expect(try CensusTests.validity(again.output) == "")
        }
    }

    /// The plan of the file of 2024 is open, in that of 2025 it ended: of what both tell the events are word for word the same.
    @Test func thePlanOfTwoYearsBeginsOnce() async throws {
        let end = "          <CPPendDate>2025-01-20</CPPendDate>\n"
        let review = "            <CPPreviewDate>2025-01-20</CPPreviewDate>\n"
        let ended = try await CensusTests.read { $0.replacing(review, with: "") }
        let open = try await CensusTests.read { $0.replacing(review, with: "").replacing(end, with: "") }
        func begun(_ result: CommandResult) -> [String] {
            result.lines.filter { $0.contains("quorate.plan.started") && $0.contains("A-1") }
        }
        #expect(begun(ended) == begun(open) && begun(open).count == 1)
    }

    /// What one authority exports of a generated year another one imports, and exports again: the same file.
    @Test func aGeneratedYearComesBackAsItWas() async throws {
        try await TestSystem.with { system in
            try system.start([.scheduling, .reporting])
            try system.publish(try TestSystem.sample(cases: 150, seed: 5, from: "2024-04-01", to: "2025-03-31"))
            try system.waitUntilCaughtUp()
            let first = try system.run(Self.year + [Self.swindon])
            let children = first.output.matches(of: /<Child>/).count
            #expect(children > 20 && first.output.matches(of: /<CPPendDate>/).count > 2)
            let file = try system.write("first.xml", first.output)
            let events = try system.quorate("import", "cin-census", file, "--authority", "E06000001")
            let ids = events.lines.compactMap { TestSystem.attribute("id", of: $0) }
            #expect(Set(events.lines).count == Set(ids).count, "one id, two contents")
            try system.publish(events.lines)
            try system.waitUntilCaughtUp()
            let second = try system.run(Self.year + ["E06000001", "--lea", "866"])
            #expect(second.status == 0, "\(second.errors)")
            let (was, now) = (first.output.split(separator: "\n"), second.output.split(separator: "\n"))
            #expect(was == now, "\(now.difference(from: was).prefix(10))")
        }
    }

    /// The department's code: given, else the configuration's; without either the header would not be valid.
    @Test func withoutTheDepartmentsCodeNothingIsWritten() async throws {
        try await TestSystem.with { system in
            let path = "\(system.folder)/none.xml"
            let none = try system.quorate(
                "export", "cin-census", "--year", "2025", "--authority", "E06000001", "--output", path, exits: 2)
            #expect(none.errors.contains("authorities.yaml") && none.errors.contains("--lea"))
            #expect(!FileManager.default.fileExists(atPath: path))
            let wrong = Self.year + ["E06000001", "--lea", "E06"]
            #expect(try system.run(wrong).status == 2)
            let codes = [(Self.swindon, "866"), ("E10000019", "925"), ("E08000011", "340")]
            let empty = try system.run(Self.year + [Self.swindon])
            #expect(empty.status == 1 && empty.output == "" && empty.errors.contains("the schema asks for one"))
            try system.start([.scheduling, .reporting])
            for (code, _) in codes {
                var events = ListEvents(code, "B-1", from: Day("2024-05-01")!)
                events.add("child.registered", on: events.start, #""childId":"B-1","dateOfBirth":"2020-02-02""#)
                events.add(
                    "s47_enquiry.started", on: events.start,
                    #""enquiryId":"S-1","childIds":["B-1"],"startedAt":"2024-05-01""#)
                try system.publish(events.lines)
            }
            try system.waitUntilCaughtUp()
            for (code, lea) in codes {
                let result = try system.run(Self.year + [code])
                #expect(result.status == 0 && result.output.contains("<LEA>\(lea)</LEA>"), "\(result.errors)")
                #expect(try CensusTests.validity(result.output) == "")
            }
            #expect(try system.run(Self.year + [Self.swindon, "--lea", "999"]).output.contains("<LEA>999</LEA>"))
        }
    }

    /// A review of a child who had no plan, and an initial conference after a death, have no place in a return: each is named.
    @Test func whatHasNoPlaceIsNamed() async throws {
        try await TestSystem.with { system in
            var events = ListEvents(Self.swindon, "B-1", from: Day("2024-05-01")!)
            for child in ["B-1", "B-2"] {
                events.add("child.registered", on: events.start, #""childId":"\#(child)","dateOfBirth":"2020-02-02""#)
            }
            events.hold("CF-1", "review", on: Day("2024-06-10")!, ["B-1"])
            events.add("child.died", on: Day("2024-09-02")!, #""childId":"B-2","dateOfDeath":"2024-09-02""#)
            events.hold("CF-2", "initial", on: Day("2024-09-20")!, ["B-2"])
            try system.start([.scheduling, .reporting])
            try system.publish(events.lines)
            try system.waitUntilCaughtUp()
            let result = try system.run(Self.year + [Self.swindon])
            #expect(result.status == 1)
            #expect(result.errors.contains("left out: B-1: review of 2024-06-10: the child had no plan on that day"))
            let dead = "left out: B-2: conference of 2024-09-20: after the child's death on 2024-09-02"
            #expect(result.errors.contains(dead), "\(result.errors)")
            #expect(result.output == "" && result.errors.contains("nothing is written"))
        }
    }

    /// Drawn in June 2025, the return of March: the category of that day, an enquiry that was closed in April as one that might
    /// still have had its conference. A plan that began at a conference after a move in is there beside one that an enquiry led
    /// to, and so is what was told in another case. Items that are no code or date are left out and named.
    @Test func theReturnIsAsItStoodInMarch() async throws {
        try await TestSystem.with { system in
            var events = ListEvents(Self.swindon, "B-1", from: Day("2024-05-01")!)
            func add(_ type: String, _ day: String, _ data: String) { events.add(type, on: Day(day)!, data) }
            func hold(_ id: String, _ type: String, _ day: String, _ decision: String) {
                let more = #","decisions":[{"childId":"B-1","decision":"\#(decision)"}]"#
                events.hold(id, type, on: Day(day)!, ["B-1"], more)
            }
            add(
                "child.registered", "2024-05-01",
                #""childId":"B-1","dateOfBirth":"2020-02-02","census":{"Sex":"Female","Ethnicity":"WBRI"}"#)
            hold("CF-1", "transfer_in", "2024-05-10", "plan")
            events.plan("P-1", "B-1", from: Day("2024-05-10")!)
            hold("CF-2", "review", "2024-08-01", "end")
            add(
                "plan.ended", "2024-08-01",
                #""planId":"P-1","childId":"B-1","endedOn":"2024-08-01","groundCode":"no_continuing_risk","route":"conference","conferenceId":"CF-2","evidence":"As minuted.""#
            )
            add("s47_enquiry.started", "2024-11-01", #""enquiryId":"S-1","childIds":["B-1"],"startedAt":"2024-11-01""#)
            add(
                "conference.requested", "2024-11-01",
                #""conferenceId":"CF-3","conferenceType":"initial","childIds":["B-1"],"enquiryId":"S-1""#)
            hold("CF-3", "initial", "2024-11-12", "plan")
            events.plan("P-2", "B-1", from: Day("2024-11-12")!)
            for (day, category) in [("2025-02-03", "physical_abuse"), ("2025-05-06", "emotional_abuse")] {
                add("plan.category_changed", day, #""planId":"P-2","newCategory":"\#(category)","changedAt":"\#(day)""#)
            }
            add(
                "s47_enquiry.started", "2025-03-20",
                #""enquiryId":"S-2","childIds":["B-1"],"startedAt":"2025-03-20","census":{"InitialCPCtarget":"tbc"}"#)
            add(
                "s47_enquiry.completed", "2025-04-08",
                #""enquiryId":"S-2","completedAt":"2025-04-08","outcomes":[{"childId":"B-1","outcome":"not_substantiated"}]"#
            )
            var other = ListEvents(Self.swindon, "B-2", from: Day("2024-07-01")!)
            other.add(
                "s47_enquiry.started", on: other.start,
                #""enquiryId":"S-3","childIds":["B-1"],"startedAt":"2024-07-01""#)
            try system.start([.scheduling, .reporting])
            try system.publish(events.lines + other.lines)
            try system.waitUntilCaughtUp()
            let result = try system.run(Self.year + [Self.swindon])
            let out = result.output
            #expect(result.status == 1)
            let faults = result.errors.split(separator: "\n").filter { $0.hasPrefix("left out: ") }.sorted()
            #expect(
                faults == [
                    "left out: B-1: InitialCPCtarget: no date, YYYY-MM-DD", "left out: B-1: Sex: no code of the return",
                ])
            func values(_ item: String) -> [String] {
                out.components(separatedBy: "<\(item)>").dropFirst().map { String($0.prefix { $0 != "<" }) }
            }
            #expect(values("LAchildID") == ["B-1"])
            #expect(values("DateOfInitialCPC") == ["2024-05-10", "2024-11-12"])
            #expect(values("S47ActualStartDate") == ["2024-11-01", "2025-03-20", "2024-07-01"])
            #expect(values("ICPCnotRequired") == ["0", "0", "0"])
            #expect(values("CPPstartDate") == ["2024-05-10", "2024-11-12"])
            #expect(values("LatestCategoryOfAbuse") == ["NEG", "PHY"])
            #expect(values("Sex") == ["U"] && values("Ethnicity") == ["WBRI"])
            #expect(try CensusTests.validity(out) == "")
            let later = try system.run(["export", "cin-census", "--year", "2026", "--authority", Self.swindon]).output
            #expect(later.contains("<LatestCategoryOfAbuse>EMO"))
            try system.connection.script("INSERT INTO configuration.analyst_grant SELECT session_user, '*'")
            let annex = try system.strings(
                """
                SELECT DISTINCT latest_category FROM analysis.annex_a_list_7('2025-03-31') WHERE plan_start = '2024-11-12'
                UNION ALL SELECT icpc_unnecessary FROM analysis.annex_a_list_5('2025-04-07') WHERE section_47_start = '2025-03-20'
                UNION ALL SELECT icpc_unnecessary FROM analysis.annex_a_list_5('2025-04-08') WHERE section_47_start = '2025-03-20'
                """)
            #expect(annex == ["PHY", "N", "Y"])
        }
    }

    /// Two enquiries that one conference answers: it is told of the later.
    @Test func aConferenceAnswersOneEnquiry() async throws {
        let enquiry = "<Section47>\n          <S47ActualStartDate>2024-12-05"
        let other = """
            <Section47><S47ActualStartDate>2024-12-03</S47ActualStartDate><DateOfInitialCPC>2024-12-27</DateOfInitialCPC>\
            <ICPCnotRequired>0</ICPCnotRequired></Section47>
            """
        let result = try await CensusTests.read { $0.replacing(enquiry, with: other + enquiry) }
        #expect(result.status == 1)
        let said = "A-4: enquiry of 2024-12-03: its conference of 2024-12-27 is told of the enquiry of 2024-12-05"
        #expect(result.errors.contains(said), "\(result.errors)")
        #expect(result.lines.count == 26)
    }

    /// A-2's enquiry stands twice in the file. The events of both would have one id: one is left out and named.
    @Test func aDoubledEnquiryIsNamed() async throws {
        let enquiry = "<Section47>\n          <S47ActualStartDate>2025-02-10"
        let twice =
            "<Section47><S47ActualStartDate>2025-02-10</S47ActualStartDate><ICPCnotRequired>1</ICPCnotRequired></Section47>"
        let result = try await CensusTests.read { $0.replacing(enquiry, with: twice + enquiry) }
        #expect(result.status == 1)
        #expect(
            result.errors.contains("left out: A-2: enquiry of 2025-02-10: another of the child began on that day"))
        #expect(result.lines.count == 25)
    }

    /// On a terminal the import shows how far it is, and not only when it foretells.
    @Test func theImportShowsItsProgress() async throws {
        let path = "\(Places.folder)/census-\(UUID())"
        let command =
            "\(Places.executables)/quorate import cin-census \(CensusTests.fixture) --authority \(Self.swindon)"
        let process = try ChildProcess(
            "script",
            ["--quiet", "--flush", "--return", "--command", "\(command) --output \(path).jsonl", "/dev/null"],
            environment: Places.environment, output: path + ".out", errors: path + ".err")
        #expect(try process.waitForExit() == 0)
        let shown = try String(contentsOfFile: path + ".out", encoding: .utf8)
        #expect(shown.contains("children read: 1") && shown.contains("4/4 children"), "\(shown)")
        let lines = try String(contentsOfFile: path + ".jsonl", encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 25)
    }
}
