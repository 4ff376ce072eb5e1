import Postgres
import StatutoryRules
import TestSupport
import Testing
import Workers

/// When cases are drawn, and which.
@Suite struct ReadModelTests {
    private static let authority = "E06000030"

    /// Enquiry on Wednesday 7 January 2026, conference on Tuesday the 27th: 14 working days. The 20th is proclaimed a holiday
    /// after it was all drawn: 13, and the fifteenth day after the discussion of the 6th moves from the 27th to the 28th.
    @Test func aHolidayThatIsLoadedLaterReachesEveryCase() async throws {
        try await TestSystem.with { system in
            var events = ListEvents(Self.authority, "C-1", from: Day("2026-01-06")!)
            events.add(
                "strategy_discussion.held", on: Day("2026-01-06")!,
                #""discussionId":"SD","childIds":["K-1"],"heldAt":"2026-01-06","initiatedS47":true"#)
            events.add(
                "s47_enquiry.started", on: Day("2026-01-07")!,
                #""enquiryId":"EN","childIds":["K-1"],"startedAt":"2026-01-07","discussionId":"SD""#)
            events.hold("CF", "initial", on: Day("2026-01-27")!, ["K-1"])
            try system.start([.scheduling, .reporting])
            try system.publish(events.lines)
            try system.waitUntilCaughtUp()
            let query: SQL = "SELECT working_days_from_start || ' ' || target_on FROM reporting.enquiry"
            #expect(try system.strings(query) == ["14 2026-01-27"])
            let holidays = try #require(Configuration.packaged.files["bank-holidays.yaml"])
                .replacing("  - 2026-01-01\n", with: "  - 2026-01-01\n  - 2026-01-20\n")
            _ = try system.write("configuration/bank-holidays.yaml", holidays)
            try system.quorate("migrate", "--configuration", "\(system.folder)/configuration")
            try wait("the new days") { try system.strings(query) == ["13 2026-01-28"] }
        }
    }

    /// Two cases whose references differ only in how ë is composed are two cases, as they are to the database.
    @Test func namesAreToldApartByTheirBytes() async throws {
        try await TestSystem.with { system in
            let forms = ["Zo\u{eb}-1", "Zoe\u{308}-1"]
            #expect(forms[0] == forms[1])
            var lines: [String] = []
            for (place, form) in forms.enumerated() {
                var events = ListEvents(Self.authority, "Z\(place)", from: Day("2026-01-06")!)
                events.add(
                    "child.registered", on: Day("2026-01-06")!,
                    #""childId":"K-\#(place)","dateOfBirth":"2020-01-0\#(place + 1)""#)
                lines += events.lines.map {
                    $0.replacing(#""subject":"Z\#(place)""#, with: #""subject":"\#(form)""#)
                }
            }
            // Before the worker starts, so that it reads both at once.
            try system.publish(lines, partition: { _ in 0 })
            try system.start([.reporting])
            try wait("both cases") { try system.number("SELECT count(*) FROM reporting.fact") == 2 }
            let rows = try system.strings(
                "SELECT octet_length(subject) || ' ' || child_id FROM reporting.child ORDER BY 1")
            #expect(rows == ["6 K-0", "7 K-1"])
            #expect(try system.number("SELECT count(*) FROM reporting.case_file WHERE model > 0") == 2)
        }
    }

    /// Nothing is said to be up to date until every partition was read to its end once.
    @Test func nothingIsUpToDateBeforeEveryPartitionIs() async throws {
        try await TestSystem.with { system in
            let query: SQL = "SELECT coalesce(analysis.data_as_at()::text, 'none')"
            #expect(try system.strings(query) == ["none"])
            try system.connection.script(
                "INSERT INTO reporting.freshness VALUES (0, '2026-01-06 12:00Z'), (1, '2026-01-06 11:00Z'), (2, NULL)")
            #expect(try system.strings(query) == ["none"])
            try system.connection.script("DELETE FROM reporting.freshness")
            try system.start([.reporting])
            try wait("the partitions") { try system.strings(query) != ["none"] }
            #expect(try system.number("SELECT count(*) FROM reporting.freshness") == Int64(SystemTopic.partitions))
        }
    }

    /// Conferences after 0 to 10, 11 to 15, 16 to 20 and 21 or more working days: 3, 100, 27 and 20. In 68.7 per cent of 150
    /// it was in time, which would give the 3 away.
    @Test func noPercentageGivesASuppressedCountAway() async throws {
        try await TestSystem.with { system in
            try system.connection.script(
                """
                INSERT INTO configuration.analyst_grant SELECT session_user, '*';
                INSERT INTO reporting.enquiry (authority, subject, enquiry_id, child_id, started_on, conference_on,
                    working_days_from_start)
                SELECT a.authority, 'C-' || n, 'EN', 'K-1', '2025-05-01', '2025-06-02',
                    CASE WHEN n <= a.few THEN 5 WHEN n <= a.few + 100 THEN 12 WHEN n <= a.few + 127 THEN 18 ELSE 25 END
                  FROM (VALUES ('E06000030', 3), ('E10000019', 13)) AS a (authority, few), generate_series(1, a.few + 147) n;
                """)
            let rows = try system.strings(
                """
                SELECT concat_ws(',', days_0_10, days_11_15, days_16_20, days_21_or_more, within_15_percent)
                  FROM analysis.icpc_bins_published ORDER BY authority
                """)
            #expect(rows == ["c,100,27,20,c", "13,100,27,20,70.6"])
        }
    }
}
