import CaseEvents
import Foundation
import Postgres
import ReadModels
import StatutoryRules
import TestSupport
import Testing
import Workers

/// A year at England's proportions, drawn as the worker draws it: its measures are those that the Department for Education
/// published for the year to March 2025, within two percentage points, and an error of one day is not lost among them.
@Suite struct NationalFiguresTests {
    /// Of a release build, as the whole run has it: over 20,000 children's enquiries.
    #if DEBUG
        private static let (cases, enquiries) = (2_000, 2_500)
    #else
        private static let (cases, enquiries) = (16_500, 20_000)
    #endif
    private static let right = "E06000030"
    private static let wrong = "E08000011"
    private static let eventsAtOnce = 2_000

    /// 6,240, 52,430, 6,430 and 6,990 of 72,090 conferences; 72,100 of 230,590 enquiries; 61,840 plans of 72,100 conferences.
    @Test func theMeasuresAreThoseOfEngland() async throws {
        try await TestSystem.with { system in
            // From these events the measures follow, of enquiries begun in the year; what comes of them may lie after it.
            let types = [
                "child.registered", "strategy_discussion.held", "s47_enquiry.started", "s47_enquiry.completed",
                "conference.requested", "conference.convening_decided", "conference.held", "plan.started",
            ]
            let lines = try Self.lines(in: system, of: types, cases: Self.cases, from: "2024-04-01", to: "2025-06-30")
            try Self.draw(lines, on: system)
            try Self.draw(lines.map(Self.aDayLate), on: system)
            try system.connection.script("INSERT INTO configuration.analyst_grant SELECT session_user, '*'")
            let bins = try Self.bins(of: Self.right, on: system)
            for (name, published) in [
                ("days_0_10", 8.66), ("days_11_15", 72.73), ("days_16_20", 8.92), ("days_21_or_more", 9.70),
                ("within_15", 81.39),
            ] {
                let found = bins[name] ?? 0
                #expect(abs(found - published) <= 2, "\(name): \(found) % instead of \(published) %")
            }
            let quartiles = try system.connection.execute(
                """
                SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY working_days_from_start) AS lower,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY working_days_from_start) AS median,
                       percentile_cont(0.75) WITHIN GROUP (ORDER BY working_days_from_start) AS upper
                  FROM analysis.icpc_timeliness WHERE authority = \(Self.right)
                """)[0]
            #expect(["lower", "median", "upper"].map { quartiles.double(Column($0)) } == [13, 14, 15])
            let all = try Self.shares(of: Self.right, on: system)
            #expect(all.enquiries >= Self.enquiries, "\(all.enquiries) enquiries")
            #expect(abs(all.conferences - 31.27) <= 2, "\(all.conferences) % of enquiries reach a conference")
            #expect(abs(all.plans - 85.77) <= 2, "\(all.plans) % of conferences make a plan")
            // One day later each: the heap on days 13 to 15 moves over the edge.
            let late = try Self.bins(of: Self.wrong, on: system)["within_15"] ?? 0
            #expect(late < 79.39, "\(late) % would pass for the published figure")
        }
    }

    /// Of five years, the last as published: 62,300 plans ended for 61,840 that started, 9,920, 6,880, 27,110, 15,680 and 2,710 of
    /// them by length, and 49,420 open on 31 March.
    @Test func thePlansAreThoseOfEngland() async throws {
        try await TestSystem.with { system in
            let types = ["child.registered", "conference.held", "plan.started", "plan.ended", "child.died"]
            let lines = try Self.lines(in: system, of: types, cases: 10_000, from: "2020-04-01", to: "2025-03-31")
            try Self.draw(lines, on: system)
            try system.connection.script("INSERT INTO configuration.analyst_grant SELECT session_user, '*'")
            let flow = try system.connection.execute(
                "SELECT * FROM analysis.cpp_flow WHERE authority = \(Self.right) AND year_from = '2024-04-01'")[0]
            let lengths = try system.connection.execute(
                "SELECT * FROM analysis.cpp_end_duration WHERE authority = \(Self.right) AND year_from = '2024-04-01'")[
                    0]
            let started = flow.int64("plans_started")
            #expect(started > 700, "\(started) plans started")
            for (row, name, whole, published) in [
                (flow, "plans_ended", "plans_started", 100.74), (flow, "plans_open_31_march", "plans_started", 79.92),
                (lengths, "up_to_3_months", "plans_ended", 15.92), (lengths, "up_to_6_months", "plans_ended", 11.04),
                (lengths, "up_to_1_year", "plans_ended", 43.52), (lengths, "up_to_2_years", "plans_ended", 25.17),
                (lengths, "two_years_and_over", "plans_ended", 4.35),
            ] {
                let found = Double(row.int64(Column(name))) * 100 / Double(row.int64(Column(whole)))
                #expect(abs(found - published) <= 2, "\(name): \(found) % instead of \(published) %")
            }
        }
    }

    // MARK: Parts

    /// The events of those kinds.
    private static func lines(
        in system: TestSystem, of types: [String], cases: Int, from: String, to: String
    ) throws -> [String] {
        let kinds = types.joined(separator: "|").replacing(".", with: "[.]")
        let path = system.folder + "/year.jsonl"
        let command =
            "'\(Places.executables)/quorate' generate --cases \(cases) --seed 2025 --from \(from) --to \(to)"
            + " --authority \(right) | grep -E '\"type\":\"quorate[.](\(kinds))[.]v1\"' > '\(path)'"
        let result = try system.run(["-c", command], program: "sh", within: .seconds(600))
        #expect(result.status == 0, "\(result.errors)")
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    /// By the code that the worker runs on what it reads from Kafka.
    private static func draw(_ lines: [String], on system: TestSystem) throws {
        let connection = try system.connection
        let models = CaseModels(store: try ConfigurationStore.load { try connection.execute($0) })
        for start in stride(from: 0, to: lines.count, by: eventsAtOnce) {
            let events = try lines[start..<min(start + eventsAtOnce, lines.count)].map {
                try Contract.decodeStored(Array($0.utf8))
            }
            try connection.transaction { _ = try models.draw(from: events, and: [], in: $0) }
        }
        try connection.script("ANALYZE")
    }

    /// The same event of another authority, its conference held one day later.
    private static func aDayLate(_ line: String) -> String {
        let line = line.replacing(right, with: wrong)
        guard line.contains("\"quorate.conference.held.v1\"") else { return line }
        return line.replacing(/"heldAt":"(\d{4}-\d\d-\d\d)/) { found in
            "\"heldAt\":\"\(Day(found.output.1)!.adding(days: 1))"
        }
    }

    /// Per cent of the conferences whose enquiry and order of dates are known.
    private static func bins(of authority: String, on system: TestSystem) throws -> [String: Double] {
        let row = try system.connection.execute(
            """
            SELECT sum(days_0_10)::float8 AS days_0_10, sum(days_11_15)::float8 AS days_11_15,
                   sum(days_16_20)::float8 AS days_16_20, sum(days_21_or_more)::float8 AS days_21_or_more
              FROM analysis.icpc_bins WHERE authority = \(authority)
            """)[0]
        var bins: [String: Double] = [:]
        for name in ["days_0_10", "days_11_15", "days_16_20", "days_21_or_more"] {
            bins[name] = row.double(Column(name))
        }
        let total = bins.values.reduce(0, +)
        bins["within_15"] = bins["days_0_10"]! + bins["days_11_15"]!
        return bins.mapValues { $0 * 100 / total }
    }

    private static func shares(
        of authority: String, on system: TestSystem
    ) throws -> (enquiries: Int64, conferences: Double, plans: Double) {
        let row = try system.connection.execute(
            """
            SELECT (SELECT count(*) FROM analysis.ssd_s47_enquiry
                     WHERE authority = \(authority) AND s47e_s47_start_date < '2025-04-01') AS enquiries,
                   (SELECT count(*) FROM analysis.icpc_timeliness
                     WHERE authority = \(authority) AND started_on < '2025-04-01') AS reached,
                   (SELECT count(*) FROM analysis.ssd_initial_cp_conference
                     WHERE authority = \(authority) AND icpc_icpc_transfer_in = 'N') AS conferences,
                   (SELECT count(*) FROM analysis.ssd_initial_cp_conference
                     WHERE authority = \(authority) AND icpc_icpc_transfer_in = 'N' AND icpc_icpc_outcome_cp_flag = 'Y') AS plans
            """)[0]
        func number(_ name: String) -> Double { Double(row.int64(Column(name))) }
        return (
            row.int64("enquiries"), number("reached") * 100 / number("enquiries"),
            number("plans") * 100 / number("conferences")
        )
    }
}
