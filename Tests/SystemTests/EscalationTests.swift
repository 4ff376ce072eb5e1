import CaseEvents
import Foundation
import Postgres
import TestSupport
import Testing
import Workers

/// SWI-3a, SWI-16 (004, items 3 and 16): a list that does not come is escalated rung by rung, until somebody takes it up or
/// the list comes.
@Suite struct EscalationTests {
    private static func staff() -> NoticeEvents {
        var events = NoticeEvents()
        events.person("SW-1", "social_worker")
        events.person("TM-1", "team_manager")
        events.person("SM-1", "service_manager")
        events.mailbox("qa_team")
        events.allocate("SW-1", to: "K-1", case: "C-1")
        return events
    }

    private static func rung(
        _ level: Int, of conference: String, due: String = "2026-01-12", _ system: TestSystem
    ) throws -> String {
        try system.say(
            level == 1 ? "day6_invite_list_escalation" : "continuing_delay_escalation",
            to: [level == 1 ? "team_manager" : "service_manager"], rule: level == 1 ? "SWI-3a" : "SWI-16",
            dueAt: "2026-01-1\(2 + level)T09:00:00Z", level: level, conference: conference,
            more: #","deadline":{"duty":"invite_list","due":"\#(due)","rule":"SWI-3a","provenance":"own"}"#)
    }

    @Test func anAcknowledgedLadderTellsNoFurtherRung() async throws {
        let staff = Self.staff()
        try await TestSystem.with { system in
            try system.start([.notifications])
            try system.publish(staff.lines)
            try system.waitUntilCaughtUp()
            let first = try ["CF-1", "CF-2"].map { try Self.rung(1, of: $0, system) }
            try system.waitUntilCaughtUp()
            for notice in first { #expect(try system.told(of: notice) == ["TM-1 as team_manager sent"]) }
            var more = staff
            let word = more.acknowledge(first[0], by: "TM-1", case: "C-1")
            try system.publish([more.lines.last!])
            try system.waitUntilCaughtUp()
            let second = try ["CF-1", "CF-2"].map { try Self.rung(2, of: $0, system) }
            // The meeting was put off: its list is late towards another day, and that is another ladder.
            let anew = try Self.rung(2, of: "CF-1", due: "2026-02-12", system)
            try system.waitUntilCaughtUp()
            #expect(try system.told(of: second[0]) == ["nobody as service_manager withdrawn"])
            for notice in [second[1], anew] {
                #expect(try system.told(of: notice) == ["SM-1 as service_manager sent"])
            }
            // The list of the other meeting came.
            try system.say(
                "", to: [], conference: "CF-2", revision: 2, id: second[1], withdrawn: true,
                more: #","cause":"withdrawn""#)
            try system.waitUntilCaughtUp()
            let rows = """
                SELECT conference_id || ' ' || duty_due || ' ' || rung || ' ' || state || ' told ' || people_told
                    || coalesce(' by ' || acknowledged_by, '') || coalesce(' raised ' || (raised_at IS NOT NULL), '')
                  FROM analysis.escalation ORDER BY conference_id, duty_due, rung
                """ as SQL
            #expect(
                try system.strings(rows) == [
                    "CF-1 2026-01-12 1 acknowledged told 1 by TM-1 raised true",
                    "CF-1 2026-01-12 2 acknowledged told 0 by TM-1 raised false",
                    "CF-1 2026-02-12 2 open told 1 raised true", "CF-2 2026-01-12 1 open told 1 raised true",
                    "CF-2 2026-01-12 2 answered told 1 raised true",
                ])
            let stale = try system.number(
                "SELECT count(*) FROM analysis.escalation WHERE data_as_at IS NULL OR now() - data_as_at > interval '1 minute'"
            )
            #expect(stale == 0)
            try Self.expectRowSecurity(rows, system)
            // Four rungs were raised, each once.
            let raised = try system.records(of: .notificationEvents).map { try JSONValue($0.value!) }
                .filter { $0["type"]?.string == "quorate.escalation.raised.v1" }
            #expect(
                Set(raised.compactMap { $0["data"]?["escalationId"]?.string }) == Set(first + [second[1], anew]))
            #expect(raised.count == 4)

            // It was acknowledged by mistake: what was not said is said.
            more.retract(word, "escalation.acknowledged", case: "C-1")
            try system.publish([more.lines.last!])
            try system.waitUntilCaughtUp()
            try wait("the second rung") { try system.told(of: second[0]).contains("SM-1 as service_manager sent") }
        }
    }

    private static func expectRowSecurity(_ rows: SQL, _ system: TestSystem) throws {
        let owner = try system.connection
        try owner.script("ALTER ROLE quorate_analyst PASSWORD 'analyst'")
        let analyst = try Connection(
            system.cluster.postgres.url(user: "quorate_analyst", password: "analyst", database: system.database),
            applicationName: "analyst")
        #expect(try analyst.execute(rows).isEmpty)
        try owner.script("INSERT INTO configuration.analyst_grant VALUES ('quorate_analyst', 'E06000031')")
        #expect(try analyst.execute(rows).isEmpty)
        try owner.script("INSERT INTO configuration.analyst_grant VALUES ('quorate_analyst', 'E06000030')")
        #expect(try analyst.execute(rows).map { $0.string(0) } == (try system.strings(rows)))
        analyst.close()
    }

    /// Acknowledged while the second rung was written and had not left.
    @Test func acknowledgedBeforeItLeaves() async throws {
        let staff = Self.staff()
        try await TestSystem.with { system in
            try system.start([.notifications])
            try system.publish(staff.lines)
            try system.waitUntilCaughtUp()
            let first = try Self.rung(1, of: "CF-1", system)
            try system.waitUntilCaughtUp()
            try system.quorate("notices", "pause", "--reason", "a test")
            let second = try Self.rung(2, of: "CF-1", system)
            try wait("the intent") { try system.told(of: second) == ["SM-1 as service_manager intended"] }
            var more = staff
            more.acknowledge(first, by: "TM-1", case: "C-1")
            try system.publish([more.lines.last!])
            try wait("the word") {
                try system.number("SELECT count(*) FROM notifications.directory_word WHERE kind = 'acknowledgement'")
                    == 1
            }
            try system.quorate("notices", "resume")
            try system.waitUntilCaughtUp()
            #expect(
                try system.told(of: second) == [
                    "SM-1 as service_manager withdrawn", "nobody as service_manager withdrawn",
                ])
            #expect(system.mailFiles.count == 1)
        }
    }
}
