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
                ("gone", 20, 60, 91, true), ("new", 3, 1, 48, false),
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
}
