import Postgres
import StatutoryRules
import TestSupport
import Testing
import Workers

@testable import RecurringLists

/// What a list waits for, what it says of what came late, and that none is left out.
@Suite struct ListWaitTests {
    private static let swindon = "E06000030"

    private struct Undone: Error {}

    /// Scheduling has stood still since before the lists' hours: they wait, and after half an hour say so, in every form.
    /// Once it has judged what there is they are whole.
    @Test func aListWaitsForWhatSchedulingSays() async throws {
        let monday = try ListDays.monday()
        let hour = London.instant(on: monday, hour: 6)
        let stood = hour.adding(hours: -40 * 24)
        var events = ListEvents(Self.swindon, "C-1", from: monday.adding(days: -100))
        events.book("CF-1", "review", for: monday.adding(days: 10))
        let lines = events.lines
        try await TestSystem.with { system in
            let workers = try system.start([.scheduling, .reporting])
            try wait("what was judged") { try system.number("SELECT count(reporting.judged_until())") == 1 }
            try system.stopWorkers()
            try system.connection.execute(
                "UPDATE reporting.freshness SET judged_at = \(PGTimestamp(stood))")
            try system.publish(lines)
            let now = try system.now()
            try workers[1].launch()
            try wait("what was read") {
                try system.number("SELECT count(*) WHERE reporting.read_until() > \(now)::text::timestamptz") == 1
            }
            // At whatever hour the test runs, that Monday's lists are no longer waited for.
            let evening = London.instant(on: monday, hour: 18)
            let session = try ListClock(system, at: evening).session(of: .reporting)
            defer { session.close() }
            try system.connection.script("UPDATE reporting.source SET first_at = '-infinity'")
            #expect(try Self.drawn(since: evening, in: session).isEmpty)
            let early = try Self.drawn(since: hour, in: session).filter { $0.day == monday && $0.kind == .weekly }
            #expect(early.map(\.asAt) == [stood])
            let list = try #require(early.first)
            #expect(!list.isComplete && list.event.data.contains(#""isComplete":false"#))
            #expect(list.csv.prefix { $0 != "\r\n" }.hasSuffix("Drawn early as at"))
            #expect(try system.number("SELECT count(*) FROM reporting.published_list") == 0)

            try workers[0].launch()
            try wait("the lists") { try system.number("SELECT count(*) FROM reporting.published_list") > 0 }
            let isWhole = try system.number("SELECT count(*) FROM reporting.published_list WHERE NOT is_complete") == 0
            #expect(isWhole)
            let rows = try system.list("exception", Self.swindon)
            #expect(rows.contains { $0.hasPrefix("Late invite list,SWI-7a,C-1,CF-1") }, "\(rows)")
        }
    }

    /// An authority's first events come one after another, all judged at once: no list is drawn before they pause.
    @Test func theFirstListsWaitForTheHistory() async throws {
        let monday = try ListDays.monday()
        var events = ListEvents(Self.swindon, "C-1", from: monday.adding(days: -100))
        for number in 1...100 {
            events.book("CF-\(100 + number)", "review", for: monday.adding(days: 1))
        }
        let lines = events.lines
        try await TestSystem.with { system in
            try system.start([.scheduling, .reporting])
            for line in lines { try system.publish([line]) }
            try wait("the lists") { try system.number("SELECT count(*) FROM reporting.published_list") > 0 }
            let rows = try system.list("weekly", Self.swindon)
            #expect(rows.count == 100)
        }
    }

    /// Of an authority that never had a list, by a worker that has run for a week: while its events come, no list; once they
    /// pause, or have come for half an hour, its lists.
    @Test func theFirstListsWaitHoweverLongTheWorkerHasRun() async throws {
        let monday = try ListDays.monday()
        let evening = London.instant(on: monday, hour: 18)
        var events = ListEvents(Self.swindon, "C-1", from: monday.adding(days: -100))
        events.book("CF-1", "review", for: monday.adding(days: 1))
        let lines = events.lines
        try await TestSystem.with { system in
            try system.start([.scheduling, .reporting])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            try system.stopWorkers()
            try system.connection.script(
                "DELETE FROM reporting.published_list; UPDATE reporting.freshness SET judged_at = now() + interval '1 year'"
            )
            let session = try ListClock(system, at: evening).session(of: .reporting)
            defer { session.close() }
            func before(_ seconds: Int) -> Instant {
                Instant(microseconds: evening.microseconds - Int64(seconds) * 1_000_000)
            }
            for (first, last, isDrawn) in [(600, 1, false), (600, 6, true), (1_790, 1, false), (1_801, 1, true)] {
                let (firstAt, lastAt) = (before(first), before(last))
                try system.connection.execute(
                    "UPDATE reporting.source SET first_at = \(PGTimestamp(firstAt)), last_at = \(PGTimestamp(lastAt))")
                let drawn = try Self.drawn(since: evening.adding(hours: -7 * 24), in: session)
                #expect(drawn.isEmpty != isDrawn, "first \(first) s ago, last \(last) s ago")
            }
        }
    }

    /// What would be published now, and is not.
    private static func drawn(since: Instant, in session: Connection) throws -> [PublishedList] {
        var drawn: [PublishedList] = []
        do {
            try session.transaction { transaction in
                var effects = Effects()
                drawn = try Lists(configuration: .packaged, since: since).publishDue(in: transaction, &effects)
                throw Undone()
            }
        } catch is Undone {}
        return drawn
    }

    /// Told after the list of its week was out, a cancellation stands in the next one, marked, and in no other. The worker was
    /// down on two Mondays: both lists come, each with when it was drawn. A transfer told late is in the next list that there is.
    @Test func whatIsHeardOfLateIsInTheNextListAndNoListIsLeftOut() async throws {
        let monday = try ListDays.monday()
        var events = ListEvents(Self.swindon, "C-1", from: monday.adding(days: -100))
        func transfer(_ child: String, _ day: Day) {
            events.add(
                "transfer_meeting.held", on: day,
                #""heldAt":"\#(ListEvents.ten(day))","allocations":[{"childId":"\#(child)","fromSw":"SW-1","toSw":"SW-2"}]"#
            )
        }
        events.book("CF-1", "review", for: monday.adding(days: 60))
        events.book("CF-2", "review", for: monday.adding(days: 61))
        events.cancel("CF-1", on: monday.adding(days: -4))
        func putOff(_ days: Int) {
            let at = ListEvents.ten(monday.adding(days: days))
            events.add(
                "conference.rescheduled", on: monday.adding(days: -4),
                #""conferenceId":"CF-3","newStartsAt":"\#(at)","rescheduledAt":"\#(monday.adding(days: -4))""#)
        }
        events.book("CF-3", "review", for: monday.adding(days: 62))
        putOff(90)
        let evening = try ListDays.monday(hour: 18)
        transfer("K-1", evening.adding(days: -2))
        let first = events.lines.count
        events.cancel("CF-2", on: monday.adding(days: -3))
        putOff(91)
        transfer("K-2", evening.adding(days: -3))
        let lines = events.lines
        try await TestSystem.with { system in
            try system.publish(Array(lines.prefix(first)))
            try system.start([.scheduling, .reporting])
            try wait("the lists") {
                try system.number("SELECT count(DISTINCT kind) FROM reporting.published_list") >= 5
            }
            func cancelled() throws -> [String] {
                try system.list("exception", Self.swindon).filter { $0.hasPrefix("Cancelled") }
            }
            let before = try cancelled()
            let moves = try system.list("exception", Self.swindon).filter { $0.hasPrefix("Meeting put off") }
            #expect(moves.count == 1)
            #expect(before == ["Cancelled meeting,SWI-23,C-1,CF-1,\(monday.adding(days: -4)),agreed,,,"])
            try system.publish(Array(lines.dropFirst(first)))
            try system.waitUntilCaughtUp()
            try system.stopWorkers()
            #expect(try cancelled() == before)

            let clock = try ListClock(system, at: London.instant(on: monday.adding(days: 14), hour: 18))
            try system.connection.script("UPDATE reporting.freshness SET judged_at = now() + interval '1 year'")
            let session = try clock.session(of: .reporting)
            defer { session.close() }
            let lists = Lists(configuration: .packaged, since: London.instant(on: monday, hour: 6))
            let drawn = try session.transaction { transaction in
                var effects = Effects()
                return try lists.publishDue(in: transaction, &effects)
            }
            let exceptions = drawn.filter { $0.kind == .exception }
            #expect(exceptions.map(\.day) == [7, 14].map { monday.adding(days: $0) })
            let at = London.instant(on: monday.adding(days: 14), hour: 18)
            #expect(exceptions.allSatisfy { $0.asAt == at && $0.isComplete })
            let rows = exceptions.map { $0.table.rows.filter { $0[0] == "Cancelled meeting" } }
            let late = [
                "Cancelled meeting", "SWI-23", "C-1", "CF-2", "\(monday.adding(days: -3))", "agreed", "late", "", "",
            ]
            #expect(rows == [[late], []])
            // Two of one day and meeting read alike: the second is not the one that was listed.
            let moved = exceptions.map { $0.table.rows.count { $0[0] == "Meeting put off" && $0[6] == "late" } }
            #expect(moved == [1, 0])
            let allocations = drawn.filter { $0.kind == .allocations }.map(\.table.rows)
            #expect(allocations == [[["\(evening.adding(days: -3))", "C-1", "K-2", "SW-1", "SW-2", "late", "", ""]]])
        }
    }
}
