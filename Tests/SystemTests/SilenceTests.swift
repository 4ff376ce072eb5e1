import TestSupport
import Testing
import Workers

/// A dead feed is not a county of missed dates.
@Suite struct SilenceTests {
    /// Known for 20 days with gaps of up to 16 hours: silent after 24 hours. Of 60 hours, as over a weekend: after 90. One
    /// that is known for 3 days has no rhythm yet.
    @Test func aSourceThatFallsSilentIsWarnedOfOnce() async throws {
        try await TestSystem.with { system in
            let sources: [(name: String, known: Int, gap: Int, silent: Int, isSilent: Bool)] = [
                ("live", 20, 16, 23, false), ("dead", 20, 16, 25, true), ("weekly", 20, 60, 89, false),
                ("gone", 20, 60, 91, true), ("new", 3, 1, 48, false), (#"odd"\s"#, 20, 16, 1, false),
            ]
            for source in sources {
                try system.connection.execute(
                    """
                    INSERT INTO reporting.source (authority, source, first_at, last_at, longest_gap)
                    VALUES ('E06000030', \("urn:test:" + source.name), now() - make_interval(days => \(Int32(source.known))),
                        now() - make_interval(hours => \(Int32(source.silent))), make_interval(hours => \(Int32(source.gap))))
                    """)
            }
            try system.connection.script("INSERT INTO configuration.analyst_grant SELECT session_user, '*'")
            let silent = try system.strings("SELECT source FROM analysis.source WHERE is_silent ORDER BY 1")
            #expect(silent == ["urn:test:dead", "urn:test:gone"])
            try system.start([.scheduling, .reporting])
            try wait("the warning") {
                try system.number("SELECT count(*) FROM reporting.source WHERE warned_at IS NOT NULL") == 2
            }
            try Self.expectFigures(on: system)
            // It speaks again: the silence is over, and no part of its rhythm.
            var events = ListEvents("E06000030", "C-1", from: try ListDays.monday())
            events.add(
                "case_note.recorded", on: try ListDays.monday(),
                #""childId":"K-1","notedAt":"\#(try ListDays.monday())""#)
            try system.publish(events.lines.map { $0.replacing("urn:test:E06000030", with: "urn:test:dead") })
            try system.waitUntilCaughtUp()
            let heard = try system.connection.execute(
                """
                SELECT warned_at IS NULL AS is_over, longest_gap = interval '16 hours' AS is_same FROM reporting.source
                 WHERE source = 'urn:test:dead'
                """)[0]
            #expect(heard.bool("is_over") && heard.bool("is_same"))
        }
    }

    /// Half as long again as the longest gap, and 24 hours at least; none of a source whose rhythm is not known yet.
    private static func expectFigures(on system: TestSystem) throws {
        let lines = try system.worker(.reporting).get("metrics").body.split(separator: "\n").map(String.init)
        func figures(_ name: String) -> [String: Int64] {
            var figures: [String: Int64] = [:]
            for line in lines {
                let start = name + #"{worker="reporting",authority="E06000030",source="urn:test:"#
                guard line.hasPrefix(start), let end = line.firstRange(of: "\"} ") else { continue }
                figures[String(line[line.index(line.startIndex, offsetBy: start.count)..<end.lowerBound])] =
                    Int64(line[end.upperBound...])
            }
            return figures
        }
        let allowed = figures("quorate_source_allowed_silence_seconds")
        #expect(
            allowed == [
                "live": 86_400, "dead": 86_400, "weekly": 90 * 3_600, "gone": 90 * 3_600, #"odd\"\\s"#: 86_400,
            ])
        let heard = figures("quorate_source_heard_timestamp_seconds")
        let known = try system.connection.execute(
            "SELECT extract(epoch FROM last_at)::bigint AS at FROM reporting.source WHERE source = 'urn:test:dead'")[0]
        #expect(heard["dead"] == known.int64("at"))
        #expect(heard.count == 6 && heard["new"] != nil)
    }

    /// The source spoke 20 hours ago, with gaps of up to 16 hours before. Heard by a worker that was down in between, its next
    /// word may be as old as the last: nothing is learnt. Heard by one that had read all there was, it came after 20 hours.
    @Test func theRhythmIsNotLearntWhileCatchingUp() async throws {
        try await TestSystem.with { system in
            func say(_ number: Int) throws {
                var events = ListEvents("E06000030", "C-\(number)", from: try ListDays.monday())
                events.add(
                    "child.registered", on: events.start, #""childId":"K-\#(number)","dateOfBirth":"2020-01-01""#)
                try system.publish(events.lines)
            }
            func isLearnt(_ number: Int) throws -> Bool {
                try wait("the event") { try system.number("SELECT count(*) FROM reporting.fact") == Int64(number) }
                return try system.connection.execute(
                    "SELECT longest_gap BETWEEN interval '20 hours' AND interval '21 hours' FROM reporting.source"
                )[0].bool(0)
            }
            let silence = """
                UPDATE reporting.source SET first_at = now() - interval '20 days', last_at = now() - interval '20 hours',
                    longest_gap = interval '16 hours'
                """
            try system.start([.reporting])
            try say(1)
            try wait("the end of what there is") { try system.number("SELECT count(reporting.read_until())") == 1 }
            try system.stopWorkers()
            try system.connection.script(silence)
            try system.connection.script("UPDATE reporting.freshness SET caught_up_at = now() - interval '19 hours'")
            try say(2)
            try system.start([.reporting])
            #expect(try !isLearnt(2))
            try wait("the end of what there is") {
                try system.number("SELECT count(*) WHERE reporting.read_until() > now() - interval '1 hour'") == 1
            }
            try system.connection.script(silence)
            try say(3)
            #expect(try isLearnt(3))
        }
    }
}
