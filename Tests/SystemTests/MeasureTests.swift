import CaseEvents
import Foundation
import Postgres
import StatutoryRules
import TestSupport
import Testing
import Workers

/// The measures of schema `analysis` on generated years of five authorities: equal, row by row, to what another program in
/// another language works out from the published events; the same after the read models were drawn anew; closed to whoever
/// was not granted an authority; and answering the questions in `docs/queries`.
@Suite struct MeasureTests {
    /// Of a year of one authority, and of 900 days of four with other procedures. Of a release build, as the whole run has it;
    /// a debug build draws a tenth as fast.
    #if DEBUG
        private static let (cases, casesOfOthers) = (100, 50)
        private static let casesOfAllWorkers = 40
    #else
        private static let (cases, casesOfOthers) = (2_000, 400)
        private static let casesOfAllWorkers = 200
    #endif
    /// The rules of the five procedures that refuse: each is shown, in what was generated or in what was written by hand.
    private static let refusing = 36

    @Test func everyViewEqualsAnIndependentCount() async throws {
        try await TestSystem.with { system in
            let today = try system.strings("SELECT analysis.today()::text")[0]
            func sample(
                _ cases: Int, days: Int, of authorities: [String] = [], directory: Bool = false
            ) throws -> [String] {
                let day = try #require(Day(today))
                // Of today the afternoon may not have come.
                let (from, yesterday) = (day.adding(days: -days).description, day.adding(days: -1).description)
                return try TestSystem.sample(
                    cases: cases, seed: 11, from: from, to: yesterday, of: authorities, directory: directory)
            }
            let lines =
                try sample(Self.cases, days: 365, of: ["E09000028"])
                + sample(Self.casesOfOthers, days: 900, of: ["E06000030", "E08000011", "E10000019", "E08000035"])
                + Self.seldom(today) + Self.handwritten(today, system.folder)
            let directory = try sample(1, days: 900, directory: true)
            try system.start([.scheduling, .reporting])
            for start in stride(from: 0, to: lines.count, by: 10_000) {
                try system.publish(Array(lines[start..<min(start + 10_000, lines.count)]))
                try system.waitUntilCaughtUp(within: .seconds(600))
            }
            try system.publish(directory)
            try system.waitUntilCaughtUp()
            try system.connection.script("INSERT INTO configuration.analyst_grant SELECT session_user, '*'")
            try Self.expectEqual(lines, directory, on: system)
            try Self.redraw(on: system)
            try Self.checkGrants(on: system)
            try system.connection.script("UPDATE configuration.analyst_grant SET authority = '*'")
            try Self.askQueries(on: system)
        }
    }

    /// What was said to whom, what the directory lacks and what auditing received, from what every worker published.
    @Test func whatWasToldIsInTheViews() async throws {
        try await TestSystem.with { system in
            let lines = try TestSystem.sample(cases: Self.casesOfAllWorkers, seed: 11)
            // Of seven people and mailboxes one is missing.
            let directory = try TestSystem.sample(cases: 1, seed: 11, directory: true).enumerated()
                .filter { $0.offset % 7 != 6 }.map(\.element)
            try system.start()
            try system.publish(directory)
            for start in stride(from: 0, to: lines.count, by: 5_000) {
                try system.publish(Array(lines[start..<min(start + 5_000, lines.count)]))
                try system.waitUntilCaughtUp(within: .seconds(600))
            }
            try system.connection.script("INSERT INTO configuration.analyst_grant SELECT session_user, '*'")
            // One snapshot of views and topics alike, of a moment in which all have read as far as auditing, and it everything:
            // lists are drawn, and told, in their own time.
            try wait("a moment in which nothing is on its way", within: .seconds(300)) {
                try system.connection.script("BEGIN ISOLATION LEVEL REPEATABLE READ")
                let unread = try system.number(
                    """
                    SELECT count(*) FROM (SELECT topic, partition, next_offset FROM scheduling.kafka_offset
                                          UNION ALL SELECT topic, partition, next_offset FROM notifications.kafka_offset
                                          UNION ALL SELECT topic, partition, next_offset FROM reporting.kafka_offset) o
                      LEFT JOIN auditing.kafka_offset a USING (topic, partition)
                     WHERE a.next_offset IS DISTINCT FROM o.next_offset
                    """)
                let published = try system.number(
                    """
                    SELECT (SELECT count(*) FROM scheduling.outbox) + (SELECT count(*) FROM notifications.outbox)
                         + (SELECT count(*) FROM reporting.outbox)
                    """)
                let received = try system.number("SELECT count(*) FROM analysis.audit_trail")
                if unread == 0, received == published + Int64(lines.count + directory.count) { return true }
                try system.connection.script("ROLLBACK")
                return false
            }
            let (status, said) = try Self.recompute(lines, directory, on: system, by: "told.py")
            try system.connection.script("COMMIT")
            #expect(status == 0, "\(said.joined(separator: "\n"))")
            #expect(said.count == 5)
        }
    }

    /// The days of duties are worked out from the events and the texts: a limit that is one day off in the program's own policies
    /// is no longer equal, in every family of duties, and in nothing else.
    @Test func anErrorOfOneDayIsSeen() async throws {
        let files = Configuration.packaged.files
        let errors = [
            ("england.yaml", "initial.limit: {value: 15,", "initial.limit: {value: 16,", "initial_conference"),
            ("england.yaml", "transfer.limit: {value: 15,", "transfer.limit: {value: 14,", "transfer_in_conference"),
            ("england.yaml", "cla.first: {value: 20,", "cla.first: {value: 21,", "first_looked_after_review"),
            (
                "england.yaml", "cla.second: {value: 3, unit: months", "cla.second: {value: 91, unit: calendar_days",
                "second_looked_after_review"
            ),
            ("lincolnshire.yaml", "review.first: {value: 91,", "review.first: {value: 92,", "first_review"),
            ("lincolnshire.yaml", "review.next: {value: 183,", "review.next: {value: 182,", "later_review"),
            ("defaults.yaml", "report.review: {value: -5,", "report.review: {value: -4,", "social_worker_report"),
            (
                "defaults.yaml", "report.agency.initial: {value: -2,", "report.agency.initial: {value: -3,",
                "agency_report"
            ),
            ("defaults.yaml", "letter.parents: {value: 24,", "letter.parents: {value: 48,", "decision_letter_parents"),
            ("defaults.yaml", "letter.all: {value: 1,", "letter.all: {value: 2,", "decision_letter_all"),
            ("defaults.yaml", "record.all: {value: 20,", "record.all: {value: 21,", "conference_record"),
        ]
        try await TestSystem.with { system in
            var wrong: [String: String] = [:]
            for (file, right, error, _) in errors {
                let text = try #require(wrong[file] ?? files[file])
                #expect(text.contains(right), "\(right)")
                wrong[file] = text.replacing(right, with: error)
            }
            for (name, text) in wrong { _ = try system.write("configuration/\(name)", text) }
            try system.quorate("migrate", "--configuration", "\(system.folder)/configuration")
            let today = try system.strings("SELECT analysis.today()::text")[0]
            let day = try #require(Day(today))
            let (from, yesterday) = (day.adding(days: -600).description, day.adding(days: -1).description)
            let lines = try TestSystem.sample(cases: 100, seed: 12, from: from, to: yesterday)
            try system.start([.scheduling, .reporting])
            try system.publish(lines)
            try system.waitUntilCaughtUp(within: .seconds(600))
            try system.connection.script("INSERT INTO configuration.analyst_grant SELECT session_user, '*'")
            let (status, said) = try Self.recompute(lines, [], on: system)
            #expect(status == 1)
            let unequal = said.compactMap { $0.firstMatch(of: /due dates of (\w+): .* told, \d+ are not/)?.output.1 }
            // By their own words these two are due no later than another of them.
            let bounded: Set = ["emergency_order_conference", "whereabouts_decision"]
            #expect(Set(unequal.map(String.init)).subtracting(bounded) == Set(errors.map(\.3)))
            #expect(said.contains { $0.contains(/^duty: \d+ rows of the view and/) })
        }
    }

    /// What the generator makes seldom or never: a child whom parents removed from care, an unborn one on a plan, and one under five
    /// on a plan for longer than 18 months.
    private static func seldom(_ today: String) throws -> [String] {
        let day = try #require(Day(today))
        func enquire(_ events: inout ListEvents, _ child: String, on: Day) {
            events.add(
                "strategy_discussion.held", on: on,
                #""discussionId":"SD","childIds":["\#(child)"],"heldAt":"\#(ListEvents.ten(on))","initiatedS47":true"#)
            events.add(
                "s47_enquiry.started", on: on,
                #""enquiryId":"EN","childIds":["\#(child)"],"startedAt":"\#(ListEvents.ten(on))","discussionId":"SD""#)
        }
        var removed = ListEvents("E06000030", "REMOVED", from: day.adding(days: -60))
        removed.add("child.registered", on: removed.start, #""childId":"K-R","dateOfBirth":"2019-05-05""#)
        removed.add(
            "child.removed_from_care", on: day.adding(days: -50),
            #""childId":"K-R","removedAt":"\#(ListEvents.ten(day.adding(days: -50)))","legalStatus":"s20""#)
        enquire(&removed, "K-R", on: day.adding(days: -45))
        var unborn = ListEvents("E06000030", "UNBORN", from: day.adding(days: -30))
        unborn.add(
            "pregnancy.recorded", on: unborn.start,
            #""childId":"K-U","edd":"\#(day.adding(days: 60))","eddRecordedAt":"\#(ListEvents.ten(unborn.start))""#)
        enquire(&unborn, "K-U", on: day.adding(days: -25))
        func plan(_ events: inout ListEvents, _ child: String, after type: String, on: Day) {
            events.hold("CF", type, on: on, [child], #","decisions":[{"childId":"\#(child)","decision":"plan"}]"#)
            events.add(
                "plan.started", on: on,
                #""planId":"PL","childId":"\#(child)","startedOn":"\#(on)","category":"neglect","conferenceId":"CF""#)
        }
        plan(&unborn, "K-U", after: "prebirth", on: day.adding(days: -10))
        var long = ListEvents("E06000030", "LONG", from: day.adding(days: -640))
        long.add(
            "child.registered", on: long.start, #""childId":"K-L","dateOfBirth":"\#(day.adding(days: -1_000))""#)
        enquire(&long, "K-L", on: day.adding(days: -620))
        plan(&long, "K-L", after: "initial", on: day.adding(days: -600))
        return removed.lines + unborn.lines + long.lines
    }

    /// What the generator makes seldom or never: of every rule that refuses what it refuses and what it just does not; and how
    /// duties come to be met, endangered, taken away or not to be judged.
    private static func handwritten(_ today: String, _ folder: String) throws -> [String] {
        let (refusing, refusable) = try run("write.py", output: folder + "/refusable")
        let (standing, written) = try run("written.py", today, output: folder + "/written")
        try #require(refusing == 0 && standing == 0, "\((refusable + written).joined(separator: "\n"))")
        return refusable + written
    }

    private static func views(of system: TestSystem) throws -> [String] {
        try system.strings(
            "SELECT relname::text FROM pg_class WHERE relnamespace = 'analysis'::regnamespace AND relkind = 'v' ORDER BY 1"
        )
    }

    private static func expectEqual(_ lines: [String], _ directory: [String], on system: TestSystem) throws {
        let (status, said) = try recompute(lines, directory, on: system)
        #expect(status == 0, "\(said.filter { !$0.hasSuffix("rows equal") }.joined(separator: "\n"))")
        // Of a view without rows the comparison itself says no; the duties are those that were told and those that were owed.
        for duty in ["initial_conference", "first_review", "decision_letter_all"] {
            #expect(said.contains { $0.hasPrefix("due dates of \(duty): ") }, "\(duty) is owed nowhere")
        }
        #expect(said.count { $0.hasPrefix("refusals of ") } == refusing, "not every rule that refuses is shown")
    }

    /// What the program in Python says of the rows of every view, line by line, and how it ended.
    private static func recompute(
        _ lines: [String], _ directory: [String], on system: TestSystem, by program: String = "recompute.py"
    ) throws -> (status: Int32, said: [String]) {
        let folder = "\(system.folder)/recompute"
        try FileManager.default.createDirectory(atPath: folder + "/views", withIntermediateDirectories: true)
        func write(_ name: String, _ lines: [String]) throws {
            try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        try write("events.jsonl", lines)
        try write("directory.jsonl", directory)
        for (name, worker, topic) in [
            ("outcomes", WorkerName.scheduling, SystemTopic.caseOutcomes),
            ("told", .notifications, .notificationEvents), ("letters", .notifications, .caseEvents),
            ("reports", .reporting, .reportEvents),
        ] {
            let published = try system.strings(
                """
                SELECT convert_from(value, 'UTF8') FROM \(raw: worker.schema).outbox WHERE topic = \(topic.rawValue)
                 ORDER BY outbox_id
                """)
            try write("\(name).jsonl", published)
        }
        try write("today.txt", try system.strings("SELECT analysis.today()::text"))
        for view in try views(of: system) {
            let rows = try system.strings("SELECT to_jsonb(v)::text FROM analysis.\(identifier: view) v")
            try write("views/\(view).jsonl", rows)
        }
        for list in ["annex_a_list_5", "annex_a_list_7", "annex_a_list_8"] {
            let rows = try system.strings("SELECT to_jsonb(l)::text FROM analysis.\(identifier: list)() l")
            try write("views/\(list).jsonl", rows)
        }
        return try run(program, folder, output: folder + ".out")
    }

    /// How a program in `Recompute` ended, and what it said, line by line.
    private static func run(
        _ program: String, _ arguments: String..., output: String
    ) throws -> (status: Int32, said: [String]) {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Recompute/\(program)")
        let process = try ChildProcess(
            "python3", ["-B", script.path] + arguments, environment: Places.environment, output: output, errors: output)
        let status = try process.waitForExit(within: .seconds(300))
        let said = try String(contentsOfFile: output, encoding: .utf8)
        return (status, said.split(separator: "\n").map(String.init))
    }

    /// The rows after `quorate reporting rebuild` are those of before.
    private static func redraw(on system: TestSystem) throws {
        let tables = [
            "conference", "sitting", "plan", "enquiry", "postponement", "allocation", "transfer", "plan_action",
            "child",
            "looked_after", "transfer_in", "referral", "removal",
        ]
        func digests(of tables: [String]) throws -> [String] {
            try tables.map { table in
                try system.strings(
                    """
                    SELECT \(table) || ' ' || count(*) || ' ' || coalesce(md5(string_agg(r, '|' ORDER BY r)), '')
                      FROM (SELECT (to_jsonb(t) - 'changed_at')::text AS r FROM reporting.\(identifier: table) t) s
                    """)[0]
            }
        }
        let live = try digests(of: tables)
        // As though an older release had drawn duties otherwise.
        let duties = try digests(of: ["duty"])
        try system.connection.script(
            "UPDATE reporting.duty SET due_on = due_on + 1, citation = '', state = 'missed' WHERE NOT withdrawn")
        #expect(try digests(of: ["duty"]) != duties)
        // On a terminal, as an operator would see it.
        let said = system.folder + "/rebuild"
        let rebuild = try ChildProcess(
            "script",
            [
                "--quiet", "--flush", "--return", "--command", "\(Places.executables)/quorate reporting rebuild",
                "/dev/null",
            ],
            environment: Places.environment.merging(["QUORATE_DATA": system.folder]) { $1 }, output: said,
            errors: said + ".errors")
        defer { rebuild.end() }
        // Who reads meanwhile sees each case as it was or as it is.
        try wait("the rebuild", within: .seconds(300)) {
            let isOver = !rebuild.isRunning
            let seen = try digests(of: tables)
            #expect(seen == live)
            return isOver
        }
        #expect(rebuild.exitStatus == 0)
        let shown = try String(contentsOfFile: said, encoding: .utf8)
        let cases = Int(try system.number("SELECT count(*) FROM reporting.case_file"))
        #expect(shown.hasSuffix("\(cases) cases drawn anew\r\n"))
        let bars = shown.matches(of: /\[#*\.*\] (\d+)\/(\d+) cases/).map { (done: Int($0.1)!, total: Int($0.2)!) }
        #expect(bars.allSatisfy { $0.total == cases } && bars.map(\.done) == bars.map(\.done).sorted())
        #expect(bars.count > 1 && bars.first?.done != cases && bars.last?.done == cases)
        let drawn = try system.number("SELECT count(*) FROM reporting.case_file WHERE model > 0")
        #expect(drawn == (try system.number("SELECT count(*) FROM reporting.case_file")))
        let again = try digests(of: tables)
        #expect(again == live)
        #expect(try digests(of: ["duty"]) == duties)
    }

    /// No view shows a row to whoever was granted nothing, and none a row of another authority.
    private static func checkGrants(on system: TestSystem) throws {
        try system.connection.script(
            """
            ALTER ROLE quorate_analyst PASSWORD 'analyst';
            DELETE FROM configuration.analyst_grant;
            """)
        let analyst = try Connection(
            system.cluster.postgres.url(user: "quorate_analyst", password: "analyst", database: system.database),
            applicationName: "analyst")
        defer { analyst.close() }
        let views = try views(of: system)
        for view in views {
            #expect(
                try analyst.execute("SELECT 1 FROM analysis.\(identifier: view) LIMIT 1").isEmpty, "\(view) is open")
        }
        try system.connection.script("INSERT INTO configuration.analyst_grant VALUES ('quorate_analyst', 'E06000030')")
        var seen = 0
        for view in views {
            let authorities = try analyst.execute("SELECT DISTINCT authority FROM analysis.\(identifier: view)")
                .map { $0.string(0) }
            #expect(authorities.isEmpty || authorities == ["E06000030"], "\(view)")
            seen += authorities.count
        }
        #expect(seen > 30)
        for call in ["annex_a_list_5()", "annex_a_list_7()", "annex_a_list_8()", "as_known_at(now())"] {
            let authorities = try analyst.execute("SELECT DISTINCT authority FROM analysis.\(raw: call)").map {
                $0.string(0)
            }
            #expect(authorities == ["E06000030"], "\(call)")
        }
        // The board finds the cases of a team by the team: those of which a child is in it.
        try system.connection.script("INSERT INTO configuration.analyst_grant SELECT session_user, 'E06000030'")
        let (quick, slow) = try (
            system.strings("SELECT DISTINCT concat_ws(' ', team_id, subject) FROM reporting.team_case ORDER BY 1"),
            system.strings(
                "SELECT DISTINCT concat_ws(' ', team_id, case_reference) FROM analysis.child WHERE team_id IS NOT NULL ORDER BY 1"
            )
        )
        #expect(quick == slow && !quick.isEmpty)
        // What is believed now is what stands now.
        let differing = try analyst.execute(
            """
            SELECT count(*) FROM analysis.duty d FULL JOIN (SELECT * FROM analysis.as_known_at(now()) WHERE state <> 'superseded') k
                USING (authority, case_reference, deadline_id)
             WHERE d.state IS DISTINCT FROM k.state OR d.met_on IS DISTINCT FROM k.met_on
            """)[0].int64(0)
        #expect(differing == 0)
    }

    /// Each example query runs as an analyst would run it, and finds something to say unless it says that it may not.
    private static func askQueries(on system: TestSystem) throws {
        let analyst = try Connection(
            system.cluster.postgres.url(user: "quorate_analyst", password: "analyst", database: system.database),
            applicationName: "analyst")
        defer { analyst.close() }
        let folder = DataDictionary.root + "/docs/queries"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".sql") }.sorted()
        #expect(names.count >= 10)
        for name in names {
            let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
            #expect(text.hasPrefix("-- "), "\(name) begins with its question")
            let rows = try analyst.execute("\(raw: text)")
            if !text.contains("-- May be empty.") { #expect(!rows.isEmpty, "\(name) finds nothing") }
        }
    }
}
