import Postgres
import TestSupport
import Testing
import Workers

/// What an analyst sees: the authorities granted, the national definitions, and nothing else.
@Suite struct AnalysisTests {
    /// Swindon: discussion on Tuesday 6 January 2026, enquiry on the 7th, conference on Tuesday the 27th. From the 7th
    /// that is 2 + 5 + 5 + 2 = 14 working days, from the 6th 15. Lincolnshire: a conference on 5 February for an enquiry
    /// of the 10th, which cannot be.
    private static let events = [
        event(
            "E06000030", "A", 1, "strategy_discussion.held",
            #""discussionId":"SD","childIds":["K-1"],"heldAt":"2026-01-06T14:00:00Z","initiatedS47":true"#),
        event(
            "E06000030", "A", 2, "s47_enquiry.started",
            #""enquiryId":"EN","childIds":["K-1"],"startedAt":"2026-01-07T09:00:00Z","discussionId":"SD""#),
        event(
            "E06000030", "A", 3, "conference.held",
            #""conferenceId":"CF","conferenceType":"initial","childIds":["K-1"],"heldAt":"2026-01-27T10:00:00Z""#),
        event(
            "E10000019", "B", 4, "s47_enquiry.started",
            #""enquiryId":"EN","childIds":["K-2"],"startedAt":"2026-02-10T09:00:00Z""#),
        event(
            "E10000019", "B", 5, "conference.requested",
            #""conferenceId":"CF","conferenceType":"initial","childIds":["K-2"],"requestedAt":"2026-02-04","enquiryId":"EN""#
        ),
        event(
            "E10000019", "B", 6, "conference.held",
            #""conferenceId":"CF","conferenceType":"initial","childIds":["K-2"],"heldAt":"2026-02-05T10:00:00Z""#),
    ]

    private static func event(_ authority: String, _ subject: String, _ id: Int, _ type: String, _ data: String)
        -> String
    {
        """
        {"specversion":"1.0","id":"analysis-\(id)","source":"urn:test:\(authority)","type":"quorate.\(type).v1",\
        "subject":"\(subject)","time":"2026-02-11T00:00:00Z","authority":"\(authority)",\
        "datacontenttype":"application/json","data":{\(data)}}
        """
    }

    @Test func anAnalystSeesWhatWasGrantedByTheNationalDefinitions() async throws {
        try await TestSystem.with { system in
            try system.start([.scheduling, .reporting])
            try system.publish(Self.events)
            try system.waitUntilCaughtUp()
            let owner = try system.connection
            try owner.script("ALTER ROLE quorate_analyst PASSWORD 'analyst'")
            let analyst = try Connection(
                system.cluster.postgres.url(user: "quorate_analyst", password: "analyst", database: system.database),
                applicationName: "analyst")
            func seen(_ view: String) throws -> [String] {
                try analyst.execute("SELECT DISTINCT authority FROM analysis.\(identifier: view) ORDER BY 1")
                    .map { $0.string(0) }
            }
            let views = ["duty_timeliness", "icpc_timeliness", "icpc_bins"]
            for view in views { #expect(try seen(view).isEmpty, "nothing is granted: \(view)") }
            try owner.script("INSERT INTO configuration.analyst_grant VALUES ('quorate_analyst', 'E06000030')")
            for view in views { #expect(try seen(view) == ["E06000030"], "\(view)") }
            // Not even by pretending to be someone else.
            #expect(throws: PostgresError.self) { try analyst.script("SET ROLE quorate_owner") }
            for table in ["reporting.duty", "scheduling.fact", "auditing.entry", "configuration.analyst_grant"] {
                #expect(throws: PostgresError.self) { try analyst.execute("SELECT 1 FROM \(raw: table)") }
            }
            try owner.script("UPDATE configuration.analyst_grant SET authority = '*'")
            for view in views { #expect(try seen(view) == ["E06000030", "E10000019"], "\(view)") }

            try owner.script(
                """
                UPDATE configuration.analyst_grant SET authority = 'E06000030';
                INSERT INTO configuration.analyst_grant VALUES ('quorate_analyst', 'E09000001');
                """)
            for view in views { #expect(try seen(view) == ["E06000030"], "of two, one has rows: \(view)") }
            try owner.script(
                "UPDATE configuration.analyst_grant SET authority = 'E10000019' WHERE authority = 'E09000001'")
            for view in views { #expect(try seen(view) == ["E06000030", "E10000019"], "\(view)") }
            // What may be seen is found by the index, and not by reading every authority's duties.
            try analyst.script("SET enable_seqscan = off")
            let plan = try analyst.execute("EXPLAIN SELECT * FROM analysis.duty").map { $0.string(0) }
            #expect(plan.contains { $0.contains("Index Cond: (authority = ANY") }, "\(plan.joined(separator: "\n"))")
            try analyst.script("RESET enable_seqscan")

            let timely = try analyst.execute("SELECT * FROM analysis.icpc_timeliness WHERE authority = 'E06000030'")[0]
            #expect(timely.int("working_days_from_start") == 14)
            #expect(timely.int("working_days_from_discussion") == 15)
            let bins = try analyst.execute("SELECT * FROM analysis.icpc_bins ORDER BY authority")
            #expect(bins.map { $0.int("conferences") } == [1, 1])
            #expect(bins.map { $0.int("days_11_15") } == [1, 0])
            #expect(bins.map { $0.int("data_faults") } == [0, 1])
            let met = try analyst.execute(
                "SELECT met FROM analysis.duty_timeliness WHERE rule = 'ENG-1' AND due_month = '2026-01-01'")
            #expect(met.map { $0.int("met") } == [1])
        }
    }

    /// 15 working days from Tuesday 6 January 2026 end on Tuesday the 27th; from Thursday the 8th, as the discussion's day is
    /// corrected to, on Thursday the 29th, on which the conference is held.
    @Test func whatWasBelievedThenIsKnown() async throws {
        try await TestSystem.with { system in
            try system.connection.script("INSERT INTO configuration.analyst_grant SELECT session_user, 'E06000030'")
            try system.start([.scheduling])
            func now() throws -> String { try system.strings("SELECT clock_timestamp()::text")[0] }
            func moment(after line: String) throws -> String {
                try system.publish([line])
                try system.waitUntilCaughtUp()
                return try now()
            }
            let before = try now()
            let told = try moment(after: Self.events[0])
            let corrected = try moment(
                after: Self.events[0].replacing("analysis-1", with: "analysis-7").replacing(
                    "2026-01-06", with: "2026-01-08"
                )
                .replacing(#""specversion""#, with: #""supersedes":"analysis-1","specversion""#))
            let held = try moment(after: Self.events[2].replacing("2026-01-27", with: "2026-01-29"))
            func believed(at instant: String) throws -> [String] {
                try system.strings(
                    """
                    SELECT concat_ws(' ', state, due, met_on) FROM analysis.as_known_at(\(instant)::text::timestamptz)
                     WHERE rule = 'ENG-1' AND case_reference = 'A'
                    """)
            }
            #expect(try believed(at: before) == [])
            #expect(try believed(at: told) == ["missed 2026-01-27"])
            #expect(try believed(at: corrected) == ["missed 2026-01-29"])
            #expect(try believed(at: held) == ["met 2026-01-29 2026-01-29"])
            try system.connection.script("UPDATE configuration.analyst_grant SET authority = 'E10000019'")
            #expect(try believed(at: held) == [], "another authority's")
        }
    }

    @Test func everyTableViewAndColumnOfAnalysisIsExplained() async throws {
        try await TestSystem.with { system in
            let silent = try system.strings(
                """
                SELECT format('%s.%s', c.relname, coalesce(a.attname, '')) FROM pg_class c
                  JOIN pg_namespace n ON n.oid = c.relnamespace
                  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
                 WHERE n.nspname = 'analysis' AND c.relkind = 'v'
                   AND (obj_description(c.oid) IS NULL OR col_description(c.oid, a.attnum) IS NULL)
                """)
            #expect(silent.isEmpty)
            let functions = try system.strings(
                """
                SELECT p.proname::text FROM pg_proc p
                 WHERE p.pronamespace = 'analysis'::regnamespace AND obj_description(p.oid) IS NULL
                """)
            #expect(functions.isEmpty)
            let stale = try system.strings(
                """
                SELECT c.relname::text FROM pg_class c
                 WHERE c.relnamespace = 'analysis'::regnamespace AND c.relkind = 'v'
                   AND (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid
                           AND a.attname IN ('data_as_at', 'changed_at')) < 2
                """)
            #expect(stale.isEmpty, "they do not say as at when they stand")
        }
    }
}
