import Foundation
import StatutoryRules
import TestSupport
import Testing
import Workers

/// The children in need census: what every English authority has on file, in and out again.
@Suite struct CensusTests {
    static let fixture = DataDictionary.root + "/Tests/SystemTests/Fixtures/cin-census-2025.xml"
    static let authority = "E06000030"

    /// Imported, published and exported again the file is the same, byte for byte: an unborn child, a conference that was not
    /// needed, a plan that changed its category, one that a death ended, and one that followed a move in. History before
    /// `liveFrom` alarms nobody. What breaks the return's rules is then left out and named.
    @Test func theFileComesBackAsItWas() async throws {
        try await TestSystem.with { system in
            let text = """
                defaults: {E06: england, E07: england, E08: england, E09: london, E10: england}
                authorities:
                  E06000030: {policy: swindon, liveFrom: 2026-01-01}
                """
            _ = try system.write("configuration/authorities.yaml", text)
            try system.quorate("migrate", "--configuration", "\(system.folder)/configuration")
            let events = "\(system.folder)/census.jsonl"
            try system.quorate("import", "cin-census", Self.fixture, "--authority", Self.authority, "--output", events)
            let lines = try String(contentsOfFile: events, encoding: .utf8).split(separator: "\n").map(String.init)
            #expect(lines.count == 25)
            try system.start([.scheduling, .reporting])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            #expect(try system.number("SELECT count(*) FROM scheduling.quarantine") == 0)
            let alarms = try system.number(
                "SELECT count(*) FROM scheduling.notice WHERE state IN ('due', 'late_booking')")
            #expect(alarms == 0)
            let export = [
                "export", "cin-census", "--year", "2025", "--authority", Self.authority, "--lea", "866", "--output",
                "\(system.folder)/again.xml",
            ]
            let first = try system.run(export)
            #expect(first.status == 0, "\(first.errors)")
            let again = try String(contentsOfFile: "\(system.folder)/again.xml", encoding: .utf8)
            #expect(again == (try String(contentsOfFile: Self.fixture, encoding: .utf8)))
            #expect(try Self.validity(again) == "")

            // A second open plan, and one that no conference began.
            var more = ListEvents(Self.authority, "A-4.2024-11-29", from: try ListDays.monday())
            more.plan("CPP-X", "A-4", from: .init("2025-02-03")!)
            try system.publish(more.lines)
            try system.waitUntilCaughtUp()
            let second = try system.run(export)
            #expect(second.status == 1)
            #expect(second.errors.contains("A-4: plan of 2025-02-03: the plan of 2024-12-27 is open too"))
            #expect(try String(contentsOfFile: "\(system.folder)/again.xml", encoding: .utf8) == again)
        }
    }

    /// A generated year of five authorities, of which no event carries more than a child's sex and ethnicity: each export has the
    /// structure, what is inconsistent in it named and left out.
    @Test func aGeneratedYearHasThePublishedStructure() async throws {
        try await TestSystem.with { system in
            try system.start([.scheduling, .reporting])
            try system.publish(try TestSystem.sample(cases: 60, seed: 5, from: "2024-04-01", to: "2025-03-31"))
            try system.waitUntilCaughtUp()
            let authorities = try system.strings("SELECT DISTINCT authority FROM reporting.plan")
            #expect(authorities.count > 2)
            for authority in authorities {
                let result = try system.run([
                    "export", "cin-census", "--year", "2025", "--authority", authority, "--lea", "866",
                ])
                #expect(result.status == (result.errors.contains("left out: ") ? 1 : 0), "\(result.errors)")
                #expect(result.output.contains("<ChildProtectionPlans>") && result.output.contains("<Section47>"))
                #expect(try Self.validity(result.output) == "")
            }
        }
    }

    /// The structure is one that a file may fail: order, number, codes and types.
    @Test(arguments: [
        ("<Sex>F</Sex>", ""), ("<Sex>F</Sex>", "<Sex>1</Sex>"), ("<Ethnicity>WBRI<", "<Ethnicity>White<"),
        ("<ReferralNFA>0</ReferralNFA>", ""), ("<ICPCnotRequired>0</ICPCnotRequired>", ""),
        ("<LatestCategoryOfAbuse>EMO", "<LatestCategoryOfAbuse>neglect"),
        ("<CPPreviewDate>2024-07-24", "<CPPreviewDate>24/07/2024"),
        ("<InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse>", ""), ("<LEA>866", "<LEA>E06000030"),
        ("<NumberOfPreviousCPP>1<", "<NumberOfPreviousCPP>-1<"), ("</Reviews>", "</Reviews><Reviews/>"),
        ("<UPN>A123456789012</UPN>", "<FormerUPN>A123456789012</FormerUPN><UPN>A123456789012</UPN>"),
        ("<LAchildID>A-1</LAchildID>", "<LAchildID> </LAchildID>"), ("<ReferralSource>6<", "<ReferralSource>11<"),
    ])
    func theStructureCanBeFailed(_ right: String, _ wrong: String) throws {
        let text = try String(contentsOfFile: Self.fixture, encoding: .utf8)
        let place = try #require(text.firstRange(of: right))
        #expect(try Self.validity(text.replacingCharacters(in: place, with: wrong)) != "")
    }

    /// What xmllint has against a file; nothing where it has the published structure.
    static func validity(_ text: String) throws -> String {
        let path = "\(Places.folder)/census-\(UUID()).xml"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let schema = DataDictionary.root + "/Tests/SystemTests/Fixtures/cin-census-2025.xsd"
        let process = try ChildProcess(
            "xmllint", ["--noout", "--nonet", "--schema", schema, path], environment: Places.environment,
            output: path + ".out",
            errors: path + ".err")
        guard try process.waitForExit() != 0 else { return "" }
        return try String(contentsOfFile: path + ".err", encoding: .utf8)
    }

    /// What a dry run foretells is what the ledger then holds.
    @Test func aDryRunForetellsTheLedger() async throws {
        try await TestSystem.with { system in
            let importing = ["import", "cin-census", Self.fixture, "--authority", Self.authority]
            let foretold = try system.run(importing + ["--dry-run"])
            #expect(foretold.status == 0, "\(foretold.errors)")
            try system.start([.scheduling])
            try system.publish(try system.run(importing).lines)
            try system.waitUntilCaughtUp()
            let states = try system.strings(
                "SELECT format('  %s %s', state, count(*)) FROM scheduling.deadline GROUP BY state ORDER BY state")
            let duties = try system.number("SELECT count(*) FROM scheduling.deadline")
            let notices = try system.number(
                "SELECT count(*) FROM scheduling.notice WHERE state IN ('due', 'late_booking')")
            #expect(duties > 20 && notices > 20)
            #expect(foretold.lines.first == "under policy swindon: \(duties) duties")
            #expect(Array(foretold.lines.dropFirst().dropLast()) == states)
            #expect(foretold.lines.last?.hasPrefix("\(notices) notices would be due now") == true)
        }
    }

    /// A plan of October 2023 ended in June 2024; in November a new conference of the same case made another. Both are of the
    /// year, though the conference of the first is not.
    @Test func aPlanOfBeforeTheYearStaysBesideANewOne() async throws {
        try await TestSystem.with { system in
            var events = ListEvents(Self.authority, "B-1", from: Day("2023-10-02")!)
            func hold(_ id: String, _ type: String, on day: String, _ decision: String) {
                let more = #","decisions":[{"childId":"B-1","decision":"\#(decision)"}]"#
                events.hold(id, type, on: Day(day)!, ["B-1"], more)
            }
            events.add("child.registered", on: events.start, #""childId":"B-1","dateOfBirth":"2020-02-02""#)
            hold("CF-1", "initial", on: "2023-10-16", "plan")
            events.plan("CPP-1", "B-1", from: Day("2023-10-16")!)
            hold("CF-2", "review", on: "2024-01-10", "continue")
            hold("CF-3", "review", on: "2024-06-10", "end")
            events.add(
                "plan.ended", on: Day("2024-06-10")!,
                #""planId":"CPP-1","childId":"B-1","endedOn":"2024-06-10","groundCode":"no_continuing_risk","route":"conference","conferenceId":"CF-3","evidence":"As minuted.""#
            )
            hold("CF-4", "initial", on: "2024-11-12", "plan")
            events.plan("CPP-2", "B-1", from: Day("2024-11-12")!)
            try system.start([.scheduling, .reporting])
            try system.publish(events.lines)
            try system.waitUntilCaughtUp()
            let result = try system.run([
                "export", "cin-census", "--year", "2025", "--authority", Self.authority, "--lea", "866",
            ])
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output.contains("<CPPstartDate>2023-10-16</CPPstartDate>"))
            #expect(result.output.contains("<CPPendDate>2024-06-10</CPPendDate>"))
            #expect(result.output.contains("<CPPstartDate>2024-11-12</CPPstartDate>"))
            // What nobody told has a code, in the items of the year.
            #expect(try Self.validity(result.output) == "")
            #expect(result.output.contains("<Sex>U</Sex>") && result.output.contains("<Ethnicity>NOBT</Ethnicity>"))
            let before = try system.run(["export", "cin-census", "--year", "2024", "--authority", Self.authority])
            #expect(before.output.contains("<GenderCurrent>0</GenderCurrent>") && !before.output.contains("<Sex>"))
        }
    }

    /// A-4 has an episode of May and one of November in the file of 2025, and the second alone in that of 2026: one case, and
    /// word for word the same events.
    @Test func theFilesOfTwoYearsTellOfOneCase() async throws {
        let episode = "<CINdetails>\n        <CINreferralDate>2024-11-29"
        let earlier = """
            <CINdetails><CINreferralDate>2024-05-01</CINreferralDate><Section47><S47ActualStartDate>2024-05-03</S47ActualStartDate>\
            <ICPCnotRequired>1</ICPCnotRequired></Section47></CINdetails>
            """
        let first = try await Self.read { $0.replacing(episode, with: earlier + episode) }
        let second = try await Self.read {
            $0.replacing("<Year>2025", with: "<Year>2026").replacing("2025-03-31", with: "2026-03-31")
        }
        #expect(first.status == 0 && second.status == 0, "\(first.errors) \(second.errors)")
        func cases(_ result: CommandResult) -> Set<String> {
            Set(result.lines.map(TestSystem.subject).filter { $0.hasPrefix("A-4") })
        }
        #expect(cases(first) == ["A-4.2024-05-01", "A-4.2024-11-29"])
        #expect(cases(second) == ["A-4.2024-11-29"])
        let told = second.lines.filter { $0.contains("A-4") && !$0.contains("child.registered") }
        #expect(told.count == 5)
        #expect(Set(told).isSubset(of: first.lines))
    }

    static func read(_ change: @escaping @Sendable (String) -> String) async throws -> CommandResult {
        let text = change(try String(contentsOfFile: fixture, encoding: .utf8))
        let path = "\(Places.folder)/census-\(UUID()).xml"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let process = try ChildProcess(
            "\(Places.executables)/quorate", ["import", "cin-census", path, "--authority", authority],
            environment: Places.environment, output: path + ".out", errors: path + ".err")
        let status = try process.waitForExit()
        return CommandResult(
            status: status, output: try String(contentsOfFile: path + ".out", encoding: .utf8),
            errors: try String(contentsOfFile: path + ".err", encoding: .utf8))
    }
}
