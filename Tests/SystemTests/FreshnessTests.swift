import Postgres
import StatutoryRules
import TestSupport
import Testing

/// As at when the read models stand, while events come without a pause.
@Suite struct FreshnessTests {
    /// `data_as_at` goes on all the same, never beyond what was read, and another feed's silence
    /// is seen.
    @Test func aSteadyStreamHidesNeitherAsAtWhenNorASilence() async throws {
        try await TestSystem.with { system in
            try system.connection.script(
                """
                INSERT INTO configuration.analyst_grant SELECT session_user, '*';
                INSERT INTO reporting.source (authority, source, first_at, last_at, longest_gap)
                VALUES ('E06000030', 'urn:test:dead', now() - interval '20 days', now() - interval '25 hours', '16 hours')
                """)
            try system.start([.reporting])
            var events = ListEvents("E06000030", "C-1", from: Day("2026-01-05")!)
            var published: [PGTimestamp] = []
            var seen: Set<PGTimestamp> = []
            let end = ContinuousClock.now + .seconds(120)
            while seen.count < 3 && ContinuousClock.now < end {
                events.add(
                    "case_note.recorded", on: events.start, #""childId":"K-1","notedAt":"\#(events.start)""#)
                try system.publish([events.lines.last!])
                let look = try system.connection.execute(
                    """
                    SELECT clock_timestamp() AS now, analysis.data_as_at() AS at, (SELECT count(*) FROM reporting.fact) AS read
                    """)[0]
                if let at = look.timestampOrNil("at") {
                    seen.insert(at)
                    #expect(published.count { $0 < at } <= look.int64("read"))
                }
                published.append(look.timestamp("now"))
            }
            #expect(seen.count == 3)
            #expect(try system.number("SELECT count(*) FROM reporting.source WHERE warned_at IS NOT NULL") == 1)
        }
    }
}
