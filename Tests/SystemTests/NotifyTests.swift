import CaseEvents
import Foundation
import TestSupport
import Testing
import Workers

/// GOV.UK Notify, by a strict stand-in made from its documentation.
@Suite struct NotifyTests {
    private static let service = "26785a09-ab16-4eb0-8407-a37497a57506"
    private static let secret = "3d844edf-8d35-48ac-975b-e847b4f122b0"
    private static let template = "f33517ff-2a88-4f6e-b855-c550268ce08a"

    private static func stub(_ system: TestSystem, clock: Int = 0) throws -> ServerProgram {
        try ServerProgram(
            "/usr/bin/python3",
            [
                ServerProgram.script("notify_stub.py"), system.folder + "/notify", service, secret, template,
                "\(clock)",
            ], port: nil, output: system.folder + "/stub")
    }

    private static func settings(_ stub: ServerProgram, secret: String = secret) -> [String: String] {
        [
            "QUORATE_NOTIFY_KEY": "a_key-\(service)-\(secret)", "QUORATE_NOTIFY_TEMPLATE": template,
            "QUORATE_NOTIFY_URL": "http://127.0.0.1:\(stub.port)",
        ]
    }

    private static func staff() -> [String] {
        var events = NoticeEvents()
        events.person("SW-1", "social_worker")
        events.mailbox("qa_team")
        events.allocate("SW-1", to: "K-1", case: "C-1")
        return events.lines
    }

    private static func lines(_ name: String, _ system: TestSystem) -> [String] {
        let text = (try? String(contentsOfFile: "\(system.folder)/notify/\(name)", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    private static func references(_ system: TestSystem) throws -> [String] {
        try lines("accepted", system).map { try JSONValue($0)["reference"]?.string ?? "" }.sorted()
    }

    private static func sent(_ system: TestSystem) throws -> [String] {
        try system.strings(
            "SELECT message_id::text FROM notifications.message WHERE state = 'sent' AND list_id IS NULL"
        )
        .sorted()
    }

    private static func fault(_ line: String, _ system: TestSystem) throws {
        _ = try system.write("notify/faults", line)
    }

    private static func state(_ notice: String, _ system: TestSystem) throws -> String {
        try system.strings(
            "SELECT state || ' ' || attempts FROM notifications.message WHERE notice_id = \(notice)::uuid"
        )
        .first ?? ""
    }

    /// Notify's clock is 100 seconds ahead: it says so once, and is asked by its own clock from then on. What has files goes
    /// by mail, since Notify takes none.
    @Test func tokensClocksAndFiles() async throws {
        let lines = Self.staff()
        try await TestSystem.with { system in
            let stub = try Self.stub(system, clock: 100)
            try system.start([.notifications], environment: Self.settings(stub))
            try system.publish(lines)
            for _ in 1...30 { try system.say("review_due_notice", to: ["social_worker"]) }
            let list = OutgoingEvent(
                id: "list-1", source: WorkerName.reporting.source, type: "quorate.list.published.v1", subject: "lists",
                authority: NoticeEvents.authority, time: .init("2026-01-06T08:00:00Z")!,
                data:
                    #"{"listId":"L-1","kind":"weekly","title":"Weekly list","period":"2026-W02","asAt":"2026-01-06T08:00:00Z","recipients":["qa_team"],"rowCount":1,"csv":"a,b\r\n"}"#
            )
            try system.produceRaw(topic: .reportEvents, key: Array(list.key.utf8), value: Array(list.json.utf8))
            try wait("the list") { system.mailFiles.count == 1 }
            try system.waitUntilCaughtUp()
            #expect(try Self.references(system).count == 30)
            #expect(try Self.references(system) == Self.sent(system))
            let answers = Self.lines("answers", system)
            #expect(answers.count { $0 == "POST 403" } == 1 && answers.count == 31, "\(answers)")
            let said = try JSONValue(Self.lines("accepted", system)[0])
            #expect(said["subject"]?.string == "Coming up: duty" && said["body"]?.string?.contains("Case C-1") == true)
        }
    }

    /// Each fault in turn; whatever Notify has taken is never sent again, and whatever it has not is.
    @Test func faults() async throws {
        let lines = Self.staff()
        try await TestSystem.with { system in
            let stub = try Self.stub(system)
            try system.start([.notifications], environment: Self.settings(stub))
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            let faults: [(fault: String, first: String, then: String)] = [
                ("400", "failed 1", "failed 1"), ("403", "intended 1", "sent 2"), ("500", "intended 1", "sent 2"),
                ("close", "intended 1", "sent 2"), ("accept 500", "intended 1", "sent 2"),
                ("accept close", "intended 1", "sent 2"), ("accept hang", "intended 1", "sent 2"),
            ]
            for fault in faults {
                try Self.fault(fault.fault, system)
                let notice = try system.say("review_due_notice", to: ["social_worker"])
                try wait("\(fault.fault) to leave it \(fault.first)") {
                    try Self.state(notice, system) == fault.first
                }
                try system.connection.execute("UPDATE notifications.message SET next_attempt_at = now()")
                try wait("\(fault.fault) to end as \(fault.then)") { try Self.state(notice, system) == fault.then }
            }
            let answers = Self.lines("answers", system)
            // In doubt after 500, close, and the three that were taken: each was asked for by reference, once.
            #expect(answers.count { $0 == "GET 200" } == 5, "\(answers)")
            #expect(try Self.references(system) == Self.sent(system))
            #expect(try Self.references(system).count == faults.count - 1)

            // Over the limit: it rests, and asks nothing meanwhile.
            try Self.fault("429", system)
            let (first, second) = try (
                system.say("review_due_notice", to: ["social_worker"]),
                system.say("review_due_notice", to: ["social_worker"], case: "C-2")
            )
            try wait("the limit") {
                try Self.state(first, system) == "intended 1" && Self.state(second, system) == "intended 1"
            }
            #expect(Self.lines("answers", system).count { $0 == "POST 429" } == 1)
            #expect(Self.lines("answers", system).count == answers.count + 1)
            let log = system.worker(.notifications).logText
            #expect(!log.contains(Self.secret) && !log.contains("sw-1@"))
        }
    }

    /// Killed while Notify had taken the message and not yet answered; and a key that Notify does not know.
    @Test func killedBeforeTheAnswer() async throws {
        let lines = Self.staff()
        try await TestSystem.with { system in
            let stub = try Self.stub(system)
            try system.start(
                [.notifications],
                environment: Self.settings(stub, secret: "00000000-8d35-48ac-975b-e847b4f122b0"))
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            let notice = try system.say("review_due_notice", to: ["social_worker"])
            try wait("the refusal") { try Self.state(notice, system) == "intended 1" }
            #expect(try Self.references(system) == [])
            let worker = system.worker(.notifications)
            try worker.stop()
            worker.environment["QUORATE_NOTIFY_KEY"] = Self.settings(stub)["QUORATE_NOTIFY_KEY"]
            try Self.fault("accept hang", system)
            try system.connection.execute("UPDATE notifications.message SET next_attempt_at = now()")
            try worker.launch()
            try wait("the message at Notify") { try Self.references(system).count == 1 }
            worker.crash()
            try worker.launch()
            try wait("the look-up") {
                try system.connection.execute(
                    "UPDATE notifications.message SET next_attempt_at = now() WHERE state = 'intended'")
                return try Self.state(notice, system) == "sent 3"
            }
            #expect(try Self.references(system) == Self.sent(system))
        }
    }
}
