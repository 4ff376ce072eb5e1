import StatutoryRules
import Testing

@testable import RecurringLists

/// When a list is drawn: 06:00 in London, once everything before that hour has been read and judged, and 30 minutes later all the same.
@Suite struct ListTimeTests {
    private static func at(_ text: String) -> Instant { Instant(text)! }

    /// Monday 30 March 2026 is the first in summer time: 06:00 is 05:00 UTC. Monday 6 April is Easter Monday.
    @Test func theHourIsLondons() {
        let winter = Lists.Kind.weekly.opens(Day("2026-03-23")!)
        let summer = Lists.Kind.weekly.opens(Day("2026-03-30")!)
        #expect(winter == Self.at("2026-03-23T06:00:00Z"))
        #expect(summer == Self.at("2026-03-30T05:00:00Z"))
        #expect(Lists.Kind.allocations.opens(Day("2026-03-30")!) == Self.at("2026-03-30T17:00:00Z"))
        #expect(Lists.Kind.weekly.day(at: Self.at("2026-03-30T04:59:59Z")) == Day("2026-03-23")!)
        #expect(Lists.Kind.weekly.day(at: Self.at("2026-03-30T05:00:00Z")) == Day("2026-03-30")!)
        #expect(Lists.Kind.weekly.day(at: Self.at("2026-04-06T05:00:00Z")) == Day("2026-04-06")!)
        #expect(Lists.Kind.month.day(at: Self.at("2026-01-01T06:00:00Z")) == Day("2026-01-01")!)
        #expect(Lists.Kind.month.day(at: Self.at("2026-01-01T05:59:00Z")) == Day("2025-12-01")!)
    }

    struct Wait: Sendable {
        let started, now: String
        let judgedUntil: String?
        /// `nil` where it still waits.
        let asAt: String?
        let isComplete: Bool
    }

    static let waits = [
        // Everything before the hour has been read and judged.
        Wait(started: "05:00", now: "06:00", judgedUntil: "06:00", asAt: "06:00", isComplete: true),
        Wait(started: "05:00", now: "06:10", judgedUntil: "06:05", asAt: "06:10", isComplete: true),
        // Behind: it waits for half an hour, and then says as at when it is.
        Wait(started: "05:00", now: "06:00", judgedUntil: "05:59", asAt: nil, isComplete: false),
        Wait(started: "05:00", now: "06:29", judgedUntil: "05:40", asAt: nil, isComplete: false),
        Wait(started: "05:00", now: "06:30", judgedUntil: "05:40", asAt: "05:40", isComplete: false),
        // A worker that was down at the hour waits from its start.
        Wait(started: "09:00", now: "09:29", judgedUntil: "05:40", asAt: nil, isComplete: false),
        Wait(started: "09:00", now: "09:30", judgedUntil: "05:40", asAt: "05:40", isComplete: false),
        Wait(started: "09:00", now: "09:01", judgedUntil: "09:01", asAt: "09:01", isComplete: true),
        // Nothing was ever judged.
        Wait(started: "05:00", now: "06:29", judgedUntil: nil, asAt: nil, isComplete: false),
        Wait(started: "05:00", now: "06:30", judgedUntil: nil, asAt: "06:00", isComplete: false),
    ]

    @Test(arguments: waits) func aListWaitsHalfAnHour(_ wait: Wait) {
        func clock(_ text: String) -> Instant { Self.at("2026-01-12T\(text):00Z") }
        let lists = Lists(configuration: .packaged, since: clock(wait.started))
        let drawn = lists.asAt(clock("06:00"), now: clock(wait.now), judgedUntil: wait.judgedUntil.map(clock))
        #expect(drawn?.instant == wait.asAt.map(clock))
        #expect((drawn?.isComplete ?? false) == wait.isComplete)
    }
}
