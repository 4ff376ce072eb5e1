import CaseEvents
import Foundation
import Postgres
import StatutoryRules
import TestSupport
import Testing
import Workers

@testable import RecurringLists

/// The lists of a past year, the 52 Mondays and the 12 firsts of 2025: each drawn at its hour from what was known then, and
/// shown again, the same bytes, after most of it was corrected.
@Suite struct PastListTests {
    private static let swindon = "E06000030"
    private static let knowsley = "E08000011"
    private static let london = "E09000028"

    /// An hour at which lists are drawn, and those that every authority here has then.
    private struct Hour {
        let at: Instant
        var kinds: Set<String> = []
    }

    private static let firstMonday = Day("2025-01-06")!
    private static let mondays = (0..<52).map { firstMonday.adding(days: 7 * $0) }
    private static let firsts = (0..<12).map { Day("2025-01-01")!.adding(months: $0) }

    /// In their order. Children given another social worker are listed at 18:00 on a Monday, where there are any.
    private static let hours: [Hour] = {
        var hours: [Instant: Hour] = [:]
        func add(_ day: Day, _ hour: Int, _ kinds: Set<String>) {
            let at = London.instant(on: day, hour: hour)
            hours[at, default: Hour(at: at)].kinds.formUnion(kinds)
        }
        for monday in mondays {
            add(monday, 6, ["\(swindon) weekly", "\(swindon) exception", "\(swindon) fortnight", "\(knowsley) drift"])
            add(monday, 18, [])
        }
        for first in firsts {
            add(
                first, 6,
                ["\(swindon) month", "\(swindon) timeliness", "\(knowsley) timeliness", "\(london) long_plans"])
        }
        return hours.values.sorted { $0.at < $1.at }
    }()

    @Test func everyListOfAYearIsShownAgainAsItWas() async throws {
        let lines = try Self.events()
        let configuration = try ListFigureTests.switchedOn()
        try await TestSystem.with { system in
            for (name, text) in configuration { _ = try system.write("configuration/\(name)", text) }
            try system.quorate("migrate", "--configuration", "\(system.folder)/configuration")
            let clock = try ListClock(system, at: Self.hours[0].at.adding(hours: -1))
            try clock.leadScheduling()
            try system.start([.scheduling, .reporting])
            let session = try clock.session(of: .reporting)
            defer { session.close() }
            try wait("the end of what there is") { try system.number("SELECT count(reporting.judged_until())") == 1 }

            let drawn = try Self.drawTheYear(lines, clock, session)
            #expect(Set(drawn.map(\.kind)) == Set(Lists.Kind.allCases))
            #expect(drawn.count { $0.kind != .allocations } == 52 * 4 + 12 * 4)
            Self.expectLondonTime(drawn)

            try clock.set(Instant("2026-01-12T12:00:00Z")!)
            let corrections = Self.corrections(of: lines)
            try system.publish(corrections)
            try system.waitUntilCaughtUp()
            try system.stopWorkers()
            try Self.expectOthersNow(drawn, clock, session)
            try Self.expectShownAsDrawn(drawn, on: system)
            try Self.expectInForceFromItsDay(drawn, on: system)
        }
    }

    // MARK: The year

    /// Histories that began in 2022 or later, and of what they seldom have: transfer meetings, one on a Monday that is a
    /// bank holiday, and a plan of two years.
    private static func events() throws -> [String] {
        let ours = [swindon, knowsley, london]
        var lines = try TestSystem.sample(cases: 100, seed: 52, from: "2022-07-01", to: "2025-12-31").filter {
            ours.contains(TestSystem.attribute("authority", of: $0) ?? "")
        }
        var moved = ListEvents(swindon, "C-moved", from: Day("2024-12-01")!)
        for (number, day) in ["2025-02-11", "2025-05-05", "2025-10-27"].map({ Day($0)! }).enumerated() {
            moved.add(
                "transfer_meeting.held", on: day,
                #""heldAt":"\#(ListEvents.ten(day))","allocations":[{"childId":"K-\#(number)","fromSw":"SW-1","toSw":"SW-2"}]"#
            )
        }
        var long = ListEvents(london, "C-long", from: Day("2022-07-01")!)
        long.plan("P-1", "K-1", from: Day("2022-07-01")!)
        lines += moved.lines + long.lines
        return lines.map { (time(of: $0), $0) }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.1)
    }

    private static func time(of line: String) -> Instant { Instant(TestSystem.attribute("time", of: line)!)! }

    /// Publishes the events as their times come, and draws at each hour what is due then, as the worker does.
    private static func drawTheYear(
        _ lines: [String], _ clock: ListClock, _ session: Connection
    ) throws -> [PublishedList] {
        let lists = Lists(
            configuration: try ConfigurationStore.load { try session.execute($0) }.configuration,
            since: hours[0].at.adding(hours: -1))
        var drawn: [PublishedList] = []
        var rest = lines[...]
        for hour in hours {
            let due = rest.prefix { time(of: $0) < hour.at }
            try clock.set(hour.at.adding(microseconds: -1))
            // At 18:00 transfer meetings alone are listed: what else was said since the morning comes before the next hour.
            if !hour.kinds.isEmpty || due.contains(where: { $0.contains("transfer_meeting.held") }) {
                rest = rest.dropFirst(due.count)
                try clock.system.publish(Array(due))
                try clock.system.waitUntilCaughtUp(within: .seconds(600))
            }
            let early = try draw(lists, session)
            // Before the first hour, the lists of the year before. A transfer meeting may be heard of late.
            if hour.at > hours[0].at {
                #expect(early.allSatisfy { $0.kind == .allocations }, "a microsecond before \(hour.at)")
                drawn += early
            }
            try clock.set(hour.at)
            let now = try draw(lists, session)
            let kinds = now.filter { $0.kind != .allocations }.map { "\($0.authority) \($0.kind.rawValue)" }
            #expect(kinds.sorted() == hour.kinds.sorted(), "\(hour.at)")
            #expect(now.allSatisfy { $0.asAt == hour.at && $0.isComplete })
            drawn += now
            #expect(try draw(lists, session).isEmpty, "once for each period")
        }
        return drawn
    }

    private static func draw(_ lists: Lists, _ session: Connection) throws -> [PublishedList] {
        try session.transaction { transaction in
            // By the clock of the test the sources were not yet heard of.
            try transaction.execute("UPDATE reporting.source SET first_at = '-infinity'")
            // What is published to Kafka is not looked at here.
            var effects = Effects()
            return try lists.publishDue(in: transaction, &effects)
        }
    }

    /// 06:00 on a London clock: the clocks went forward on Sunday 30 March and back on Sunday 26 October 2025. Easter
    /// Monday, 21 April, and the bank holiday of 25 August are Mondays as others are.
    private static func expectLondonTime(_ drawn: [PublishedList]) {
        let hours = [
            "2025-03-24": "2025-03-24T06:00:00Z", "2025-03-31": "2025-03-31T05:00:00Z",
            "2025-04-21": "2025-04-21T05:00:00Z", "2025-08-25": "2025-08-25T05:00:00Z",
            "2025-10-20": "2025-10-20T05:00:00Z", "2025-10-27": "2025-10-27T06:00:00Z",
        ]
        for (day, at) in hours {
            let weekly = drawn.filter { $0.kind == .weekly && $0.day == Day(day)! }
            #expect(weekly.map(\.asAt) == [Instant(at)!], "\(day)")
        }
        // The meetings of Tuesday 11 February, of the bank holiday 5 May itself, and of Monday 27 October.
        let moved = drawn.filter { $0.kind == .allocations && $0.csv.contains("C-moved") }
        #expect(
            moved.map(\.asAt)
                == ["2025-02-17T18:00:00Z", "2025-05-05T17:00:00Z", "2025-10-27T18:00:00Z"].map { Instant($0)! })
    }

    // MARK: Afterwards

    /// Whatever the lists rest on was recorded by mistake.
    private static func corrections(of lines: [String]) -> [String] {
        let wrong: Set<String> = Set(
            [
                "conference.scheduled", "conference.held", "plan.started", "s47_enquiry.started",
                "strategy_discussion.held",
                "child.became_looked_after", "transfer_meeting.held",
            ].map { "quorate.\($0).v1" })
        return lines.compactMap { line in
            guard let event = try? JSONValue(line), let type = event["type"]?.string, wrong.contains(type),
                let id = event["id"]?.string, event["retracts"] == nil
            else { return nil }
            func text(_ name: String) -> String { JSONValue.quoted(event[name]?.string ?? "") }
            return """
                {"specversion":"1.0","id":\(JSONValue.quoted("late-" + id)),"source":\(text("source")),"type":\(text("type")),\
                "subject":\(text("subject")),"time":"2026-01-12T11:00:00Z","authority":\(text("authority")),\
                "retracts":\(JSONValue.quoted(id)),"datacontenttype":"application/json","data":{}}
                """
        }
    }

    private struct Undone: Error {}

    /// Drawn anew at the same hours, lists of every kind would say something else: what is shown is what was kept.
    private static func expectOthersNow(
        _ drawn: [PublishedList], _ clock: ListClock, _ session: Connection
    ) throws {
        let lists = Lists(
            configuration: try ConfigurationStore.load { try session.execute($0) }.configuration, since: hours[0].at)
        let kept = Dictionary(uniqueKeysWithValues: drawn.map { ($0.id, $0.csv) })
        var same: [Lists.Kind: Int] = [:]
        for hour in hours {
            try clock.set(hour.at)
            do {
                try session.transaction { transaction in
                    try transaction.execute("DELETE FROM reporting.published_list")
                    var effects = Effects()
                    for list in try lists.publishDue(in: transaction, &effects)
                    where list.kind.opens(list.day) == hour.at && list.csv == kept[list.id] {
                        same[list.kind, default: 0] += 1
                    }
                    throw Undone()
                }
            } catch is Undone {}
        }
        for kind in Lists.Kind.allCases {
            #expect(same[kind, default: 0] < drawn.count { $0.kind == kind }, "\(kind) was not corrected")
        }
    }

    private static func expectShownAsDrawn(_ drawn: [PublishedList], on system: TestSystem) throws {
        let folder = system.folder + "/year"
        for kind in Lists.Kind.allCases {
            for format in ["csv", "html", "xlsx"] {
                try system.quorate(
                    "lists", "show", kind.rawValue, "--from", "2025-01-01", "--to", "2025-12-31", "--format", format,
                    "--output", folder)
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 3 * drawn.count)
        for list in drawn {
            for (format, bytes) in [
                ("csv", Array(list.csv.utf8)), ("html", Array(list.html.utf8)), ("xlsx", list.xlsx),
            ] {
                let name = "\(list.authority)-\(list.kind.rawValue)-\(list.day).\(format)"
                let shown = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
                #expect(Array(shown) == bytes, "\(name)")
            }
        }
        for kind in Lists.Kind.allCases {
            let list = try #require(drawn.last { $0.kind == kind })
            #expect(try show(kind, list.day, list.authority, "xlsx", on: system) == list.xlsx, "\(kind)")
        }
    }

    /// A list holds from its own day, a bank holiday too, to the day before the next.
    private static func expectInForceFromItsDay(_ drawn: [PublishedList], on system: TestSystem) throws {
        for day in ["2025-03-31", "2025-04-21", "2025-08-25", "2025-10-27"].map({ Day($0)! }) {
            for away in -1...7 {
                let of = day.adding(days: away < 0 ? -7 : away > 6 ? 7 : 0)
                let list = try #require(drawn.first { $0.kind == .weekly && $0.day == of })
                let shown = try show(.weekly, day.adding(days: away), swindon, "csv", on: system)
                #expect(shown == Array(list.csv.utf8), "\(day.adding(days: away))")
            }
        }
    }

    private static func show(
        _ kind: Lists.Kind, _ day: Day, _ authority: String, _ format: String, on system: TestSystem
    ) throws -> [UInt8] {
        let path = "\(system.folder)/shown.\(format)"
        try? FileManager.default.removeItem(atPath: path)
        try system.quorate(
            "lists", "show", kind.rawValue, "--on", "\(day)", "--authority", authority, "--format", format, "--output",
            path)
        return try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    }
}
