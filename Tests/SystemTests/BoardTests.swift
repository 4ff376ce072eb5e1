import CaseEvents
import Foundation
import Kafka
import Postgres
import StatutoryRules
import TestSupport
import Testing
import Workers

/// The board: its pages in a browser, and who gets in.
@Suite struct BoardTests {
    static let swindon = "E06000030"
    private static let knowsley = "E08000011"
    /// What a URL must carry as it is.
    private static let reference = "C-1/2 +ü&"

    /// ENG-1 from Friday 5 December 2025: 15 working days without 25 and 26 December end on Tuesday 30 December. It was never
    /// held, so that it is overdue.
    @Test func thePagesInABrowser() async throws {
        let python = try PythonPackages.install("playwright==1.65.2", "axe-core-python==0.1.0")
        try await Self.served { system, origin in
            let links = try (1...2).map { _ in try Self.link(system, origin) }
            let shots = system.folder + "/shots"
            try FileManager.default.createDirectory(atPath: shots, withIntermediateDirectories: true)
            let result = try system.run(
                [Self.script("browse.py"), origin] + links + [Self.reference, Self.knowsley, "C-OTHER", shots],
                program: python, within: .seconds(300))
            #expect(result.status == 0, "\(result.errors.suffix(4_000))")
            if let keep = ProcessInfo.processInfo.environment["QUORATE_SCREENSHOTS"] {
                try FileManager.default.copyItem(atPath: shots, toPath: keep)
            }
            // The desk opened the case by a link, its address and the search, the phone by its address: each look was told.
            let looks = try system.connection.execute(
                """
                SELECT convert_from(record_key, 'UTF8') AS key, convert_from(value, 'UTF8') AS value FROM reporting.outbox
                 WHERE event_type = 'quorate.record.viewed.v1' ORDER BY outbox_id
                """)
            #expect(looks.map { $0.string("key") } == Array(repeating: "\(Self.swindon)/\(Self.reference)", count: 4))
            let data = try JSONValue(try #require(looks.first).string("value"))["data"]
            #expect(data?["login"]?.string == "ann" && data?["act"]?.string == "board.case")
            // So was each page of what is overdue: the desk had it twice, and once of a team; the phone once.
            let acts = try system.strings(
                """
                SELECT convert_from(value, 'UTF8') FROM reporting.outbox
                 WHERE event_type = 'quorate.operator.acted.v1' AND convert_from(record_key, 'UTF8') LIKE \("\(Self.swindon)/%")
                """
            ).map { try JSONValue($0)["data"] }
            let overdue = acts.filter { $0?["act"]?.string == "board.overdue" && $0?["about"]?.string != "team=T-1" }
            #expect(overdue.count == 3)
            #expect(acts.count { $0?["about"]?.string == "team=T-1" } == 1)
            #expect(overdue.allSatisfy { $0?["about"]?.string == "all" && $0?["login"]?.string == "ann" })
            let escalations = acts.filter { $0?["act"]?.string == "board.escalations" }
                .compactMap { $0?["about"]?.string }
            #expect(Set(escalations) == ["state=unanswered", "state=open", "state=all&rung=2"])
            try wait("the looks in Kafka", within: .seconds(30)) {
                try system.records(of: .operatorEvents).filter { $0.isLook }.count == 4
            }
            #expect(system.worker(.reporting).logText.contains(Self.reference) == false)
        }
    }

    /// OpenID Connect, bearer tokens and a proxy's signature, by another implementation; and each of them forged.
    @Test func whoGetsIn() async throws {
        let python = try PythonPackages.install("cryptography==50.0.2")
        let issuer = ServerProgram.freePort()
        let key = Places.folder + "/proxy-\(issuer).key"
        try "0123456789abcdef0123456789abcdef0123456789abcdef\n".write(toFile: key, atomically: true, encoding: .utf8)
        let settings = [
            "QUORATE_BOARD_ISSUER": "http://127.0.0.1:\(issuer)", "QUORATE_BOARD_CLIENT_ID": "board",
            "QUORATE_BOARD_PROXY_KEY_FILE": key,
        ]
        try await Self.served(settings) { system, origin in
            try system.quorate("board", "grant", "figures", "--authority", Self.swindon, "--role", "measures")
            let port = try #require(origin.split(separator: ":").last.map(String.init))
            let result = try system.run([Self.script("sign_in.py"), port, "\(issuer)", key], program: python)
            #expect(result.status == 0, "\(result.errors.suffix(4_000))")
        }
    }

    /// What was granted and taken away holds at the next page; a link opens the board once.
    @Test func grantsHoldAtOnce() async throws {
        try await Self.served { system, origin in
            let link = try Self.link(system, origin)
            let jar = system.folder + "/jar"
            func status(_ url: String) throws -> String {
                try system.run([Self.script("status.py"), url, jar], program: "python3").output
            }
            let page = "\(origin)/authorities/\(Self.swindon)/overdue"
            #expect(try status(page) == "303")
            #expect(try status(link) == "303")
            #expect(try status(page) == "200")
            #expect(try status(link) == "401")
            #expect(try status(page.replacing(Self.swindon, with: Self.knowsley)) == "404")
            try system.quorate("board", "grant", "ann", "--authority", Self.knowsley)
            #expect(try status(page.replacing(Self.swindon, with: Self.knowsley)) == "200")
            try system.quorate("board", "revoke", "ann", "--authority", Self.swindon)
            #expect(try status(page) == "404")
            let users = try system.quorate("board", "users").output
            #expect(users == "\(Self.knowsley)  cases     ann\n")
            try system.quorate("board", "revoke", "ann")
            #expect(try status(page.replacing(Self.swindon, with: Self.knowsley)) == "303")
            let refused = try system.quorate("board", "link", "ann", "--origin", origin, exits: 2)
            #expect(refused.errors.contains("quorate board grant"))
        }
    }

    /// Row security binds the login itself: without an authority, or with `*` for one, it sees nothing.
    @Test func theLoginSeesOneAuthority() async throws {
        try await Self.served { system, _ in
            let connection = try Connection(system.cluster.boardURL(in: system.database), applicationName: "test")
            func seen(_ authority: String?) throws -> [String] {
                try connection.execute("SELECT set_config('quorate.board_authority', \(authority ?? ""), false)")
                return try connection.execute(
                    "SELECT DISTINCT authority FROM analysis.duty UNION SELECT authority FROM reporting.published_list ORDER BY 1"
                ).map { $0.string("authority") }
            }
            #expect(try seen(nil) == [])
            #expect(try seen("*") == [])
            #expect(try seen(Self.swindon) == [Self.swindon])
            #expect(try seen(Self.knowsley) == [Self.knowsley])
            #expect(throws: PostgresError.self) { try connection.execute("SELECT 1 FROM reporting.duty") }
            // It publishes looks alone.
            for statement in [
                "INSERT INTO reporting.outbox_pending VALUES (1, 0)",
                "INSERT INTO reporting.outbox (source_partition, topic, event_id, event_type, record_key, value) VALUES (0, 'case-events', 'x', 'x', '', '')",
                "SELECT reporting.publish_look('x', 'quorate.conference.held.v1', '', '{\"type\":\"quorate.conference.held.v1\",\"source\":\"urn:quorate:board\"}')",
                "SELECT reporting.publish_look('x', 'quorate.record.viewed.v1', '', '{\"type\":\"quorate.conference.held.v1\",\"source\":\"urn:quorate:board\"}')",
            ] as [SQL] {
                let error = #expect(throws: PostgresError.self) { try connection.execute(statement) }
                #expect(error?.sqlState == "42501")
            }
        }
    }

    // MARK: Parts

    /// A system with two authorities' cases and lists, and the board; `ann` may see all of Swindon's.
    static func served(
        _ settings: [String: String] = [:], _ check: @escaping @Sendable (TestSystem, String) throws -> Void
    ) async throws {
        try await TestSystem.with { system in
            var named = ListEvents(swindon, reference, from: Day("2025-12-01")!)
            named.add(
                "child.registered", on: Day("2025-12-01")!,
                #""childId":"K-1","dateOfBirth":"2015-05-05","displayName":"Zebedee Quill","allocated":{"teamId":"T-1"}"#
            )
            discuss(&named, on: Day("2025-12-05")!)
            let today = try ListDays.monday()
            var late = ListEvents(swindon, "C-LATE", from: today.adding(days: -100))
            discuss(&late, on: today.adding(days: -100))
            late.book("CF-1", "initial", for: today.adding(days: 2))
            // Of two initial conferences due in one month, one was held.
            var held = ListEvents(swindon, "C-HELD", from: today.adding(days: -100))
            discuss(&held, on: today.adding(days: -100))
            held.hold("CF-2", "initial", on: today.adding(days: -90), ["K-1"])
            var other = ListEvents(knowsley, "C-OTHER", from: Day("2025-12-01")!)
            discuss(&other, on: Day("2025-12-05")!)
            try system.start([.scheduling])
            try system.publish(named.lines + late.lines + held.lines + other.lines)
            try system.start([.notifications])
            try escalate(on: system)
            try system.waitUntilCaughtUp()
            #expect(try system.number("SELECT count(*) FROM scheduling.quarantine") == 0)
            let address = "127.0.0.1:\(ServerProgram.freePort())"
            let database = system.cluster.boardURL(in: system.database)
            try system.start(
                [.reporting],
                environment: settings.merging(["QUORATE_BOARD": address, "QUORATE_BOARD_DATABASE_URL": database]) { $1 }
            )
            try wait("the lists") {
                try system.number("SELECT count(DISTINCT authority) FROM reporting.published_list") == 2
            }
            try system.waitUntilCaughtUp()
            try system.quorate("board", "grant", "ann", "--authority", swindon)
            try check(system, "http://\(address)")
        }
    }

    /// Two ladders of Swindon: of one the first rung was taken up, so that the second is not told; of the other nobody has.
    private static func escalate(on system: TestSystem) throws {
        var staff = NoticeEvents()
        staff.person("TM-1", "team_manager")
        staff.person("SM-1", "service_manager")
        try system.publish(staff.lines)
        try system.waitUntilCaughtUp()
        func rung(_ level: Int, of conference: String, _ reference: String) throws -> String {
            try system.say(
                level == 1 ? "day6_invite_list_escalation" : "continuing_delay_escalation",
                to: [level == 1 ? "team_manager" : "service_manager"], case: reference,
                rule: level == 1 ? "SWI-3a" : "SWI-16", dueAt: "2026-01-1\(2 + level)T09:00:00Z", level: level,
                conference: conference,
                more: #","deadline":{"duty":"invite_list","due":"2026-01-12","rule":"SWI-3a","provenance":"own"}"#)
        }
        let first = try rung(1, of: "CF-1", "C-LATE")
        _ = try rung(1, of: "CF-2", "C-HELD")
        try system.waitUntilCaughtUp()
        staff.acknowledge(first, by: "TM-1", case: "C-LATE")
        try system.publish([staff.lines.last!])
        try system.waitUntilCaughtUp()
        _ = try rung(2, of: "CF-1", "C-LATE")
    }

    private static func discuss(_ events: inout ListEvents, on day: Day) {
        events.add(
            "strategy_discussion.held", on: day,
            #""discussionId":"SD-1","childIds":["K-1"],"heldAt":"\#(ListEvents.ten(day))","initiatedS47":true"#)
    }

    static func link(_ system: TestSystem, _ origin: String) throws -> String {
        try system.quorate("board", "link", "ann", "--origin", origin).output
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    static func script(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Board/\(name)").path
    }
}

extension Record {
    fileprivate var isLook: Bool {
        value.map { String(decoding: $0, as: UTF8.self).contains("quorate.record.viewed.v1") } ?? false
    }
}
