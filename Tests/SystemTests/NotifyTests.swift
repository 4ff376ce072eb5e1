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
    private static let smsTemplate = "0b1b5b1a-5c1f-4d57-9c8c-1f2f8f3c0a11"
    private static let letterTemplate = "64415853-cb86-4cc4-b597-2aaa94ef8c39"

    static func stub(_ system: TestSystem, clock: Int = 0) throws -> ServerProgram {
        try ServerProgram(
            "/usr/bin/python3",
            [
                ServerProgram.script("notify_stub.py"), system.folder + "/notify", service, secret,
                [template, smsTemplate, letterTemplate].joined(separator: ","), "\(clock)",
            ], port: nil, output: system.folder + "/stub")
    }

    static func settings(_ stub: ServerProgram, secret: String = secret) -> [String: String] {
        [
            "QUORATE_NOTIFY_KEY": "a_key-\(service)-\(secret)", "QUORATE_NOTIFY_TEMPLATE": template,
            "QUORATE_NOTIFY_URL": "http://127.0.0.1:\(stub.port)", "QUORATE_MAIL_TIMEOUT": "5",
        ]
    }

    private static func staff() -> [String] {
        var events = NoticeEvents()
        events.person("SW-1", "social_worker")
        events.mailbox("qa_team")
        events.allocate("SW-1", to: "K-1", case: "C-1")
        return events.lines
    }

    static func lines(_ name: String, _ system: TestSystem) -> [String] {
        let text = (try? String(contentsOfFile: "\(system.folder)/notify/\(name)", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    static func references(_ system: TestSystem) throws -> [String] {
        try lines("accepted", system).map { try JSONValue($0)["reference"]?.string ?? "" }.sorted()
    }

    static func sent(_ system: TestSystem) throws -> [String] {
        try system.strings(
            "SELECT message_id::text FROM notifications.message WHERE state = 'sent' AND list_id IS NULL"
        )
        .sorted()
    }

    /// Due now: what was due long ago is looked for before it is sent.
    static func say(_ system: TestSystem, case subject: String = "C-1") throws -> String {
        try system.say("review_due_notice", to: ["social_worker"], case: subject, dueAt: system.now())
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
            for _ in 1...30 { _ = try Self.say(system) }
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

    /// By each person's preference, where the template for it is there: an SMS to who prefers it, or has no e-mail; a letter to a
    /// parent who prefers it; what is not safe is no way.
    @Test func smsAndLetters() async throws {
        var events = NoticeEvents()
        events.person("SW-1", "social_worker", more: #","mobile":"07700 900123","channelPreference":"sms""#)
        events.person("TM-1", "team_manager", email: nil, more: #","mobile":"+447700900456""#)
        events.person("SM-1", "service_manager", more: #","mobile":"07700 900789""#)
        events.allocate("SW-1", to: "K-1", case: "C-1")
        let home =
            #","relationship":"mother","email":"m@f.example","mobile":"07700900111","address":"1 High Street, Swindon, SN1 1AA""#
        let named = home + #","name":"Anna Example","channelPreference":"letter""#
        events.family("M-1", "K-1", case: "C-1", named)
        events.family("M-2", "K-1", case: "C-1", named + #","safeChannels":["sms"]"#)
        let lines = events.lines
        try await TestSystem.with { system in
            let stub = try Self.stub(system)
            var settings = Self.settings(stub)
            settings["QUORATE_NOTIFY_SMS_TEMPLATE"] = Self.smsTemplate
            settings["QUORATE_NOTIFY_LETTER_TEMPLATE"] = Self.letterTemplate
            try system.start([.notifications], environment: settings)
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            try system.say("review_due_notice", to: ["social_worker", "team_manager", "service_manager"])
            try system.say("parents_decision_letter", to: ["parent_carer"])
            try system.waitUntilCaughtUp()
            for id in try system.strings("SELECT message_id::text FROM notifications.message WHERE state = 'held'") {
                try system.quorate("letters", "release", id)
            }
            try system.waitUntilCaughtUp()
            #expect(
                try system.strings(
                    "SELECT recipient_id || ' ' || channel || ' ' || state FROM analysis.notification_log ORDER BY 1")
                    == [
                        "M-1 letter sent", "SM-1 email sent", "SW-1 sms sent", "TM-1 sms sent",
                    ])
            #expect(try Self.references(system) == Self.sent(system))
            let accepted = try Self.lines("accepted", system).map { try JSONValue($0) }
            #expect(
                Set(accepted.filter { $0["type"]?.string == "sms" }.compactMap { $0["to"]?.string }) == [
                    "07700900123", "+447700900456",
                ])
            let letter = try #require(accepted.first { $0["type"]?.string == "letter" })["personalisation"]!
            #expect(
                (1...4).map { letter["address_line_\($0)"]?.string } == [
                    "Anna Example", "1 High Street", "Swindon", "SN1 1AA",
                ])
            let channels = try system.records(of: .notificationEvents).map { try JSONValue($0.value!) }
                .compactMap { $0["data"]?["channel"]?.string }
            #expect(channels.sorted() == ["email", "letter", "sms", "sms"])
        }
    }

    /// An authority's policy chooses SMS before e-mail, and no letters: a person's own choice goes before it where it is one of
    /// these. Of another authority nothing is changed.
    @Test func channelsByPolicy() async throws {
        let other = "E09000001"
        let mobile = #","mobile":"07700 900123""#
        var events = NoticeEvents()
        events.person("SW-1", "social_worker", more: mobile + #","channelPreference":"email""#)
        events.person("TM-1", "team_manager", more: mobile)
        events.person(
            "SM-1", "service_manager",
            more: #","address":"1 High Street, Swindon, SN1 1AA","channelPreference":"letter""#)
        events.allocate("SW-1", to: "K-1", case: "C-1")
        events.person("TM-9", "team_manager", more: mobile, authority: other)
        let lines = events.lines
        try await TestSystem.with { system in
            let file = try system.write(
                "configuration/\(NoticeEvents.authority).yaml",
                """
                authority: \(NoticeEvents.authority)
                from: 2026-01-01
                source: the authority's own choice
                switches:
                  channels: {value: [sms, email], rule: channels}
                """)
            try system.quorate(
                "migrate", "--configuration", URL(fileURLWithPath: file).deletingLastPathComponent().path)
            let stub = try Self.stub(system)
            var settings = Self.settings(stub)
            settings["QUORATE_NOTIFY_SMS_TEMPLATE"] = Self.smsTemplate
            settings["QUORATE_NOTIFY_LETTER_TEMPLATE"] = Self.letterTemplate
            try system.start([.notifications], environment: settings)
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            try system.say("review_due_notice", to: ["social_worker", "team_manager", "service_manager"])
            try system.say("review_due_notice", to: ["team_manager"], case: "C-9", authority: other)
            try system.waitUntilCaughtUp()
            #expect(
                try system.strings(
                    "SELECT recipient_id || ' ' || channel || ' ' || state FROM analysis.notification_log ORDER BY 1")
                    == ["SM-1 email sent", "SW-1 email sent", "TM-1 sms sent", "TM-9 email sent"])
        }
    }

    /// Notify calls back with the token that it was given, more than once, for messages that are not ours too: each end is kept
    /// once, and told.
    @Test func receipts() async throws {
        let lines = Self.staff()
        let token = "0123456789abcdef0123456789abcdef"
        try await TestSystem.with { system in
            let stub = try Self.stub(system)
            try system.start(
                [.notifications],
                environment: Self.settings(stub).merging(["QUORATE_NOTIFY_CALLBACK_TOKEN": token]) { $1 })
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            let notices = try (1...3).map { _ in try Self.say(system) }
            try system.waitUntilCaughtUp()
            let ids = try notices.map { notice in
                try system.strings(
                    "SELECT message_id::text FROM notifications.message WHERE notice_id = \(notice)::uuid")[0]
            }
            let port = try system.worker(.notifications).healthPort()
            let script = """
                import sys, urllib.request, urllib.error
                request = urllib.request.Request(sys.argv[1], sys.argv[3].encode(), {"Content-Type": "application/json"})
                if sys.argv[2]: request.add_header("Authorization", "Bearer " + sys.argv[2])
                try: print(urllib.request.urlopen(request).status)
                except urllib.error.HTTPError as error: print(error.code)
                """
            func call(
                _ reference: String, _ status: String, token: String = token, completed: String = "12:16:31"
            ) throws -> String {
                let body = """
                    {"id":"740e5834-3a29-46b4-9a6f-16142fde533a","reference":"\(reference)","to":"sw-1@e06000030.example",\
                    "status":"\(status)","created_at":"2026-11-22T12:15:30.000000Z","completed_at":"2026-11-22T\(completed)Z",\
                    "sent_at":"2026-11-22T12:15:30Z","notification_type":"email"}
                    """
                return try system.run(
                    ["-c", script, "http://127.0.0.1:\(port)/notify/receipts", token, body], program: "python3"
                ).output.trimmingCharacters(in: .whitespacesAndNewlines)
            }
            #expect(try call(ids[0], "delivered", token: "") == "401")
            #expect(try call(ids[0], "delivered", token: String(token.dropLast())) == "401")
            #expect(try system.number("SELECT count(*) FROM notifications.receipt") == 0)
            #expect(try call(ids[0], "") == "400")
            for _ in 1...3 { #expect(try call(ids[0], "delivered") == "204") }
            #expect(try call(ids[1], "permanent-failure") == "204")
            // It could not be delivered at first, and then was; and the other way about, which says nothing new.
            #expect(try call(ids[2], "temporary-failure") == "204")
            try wait("the first word") {
                try system.number("SELECT count(*) FROM notifications.receipt WHERE outcome = 'applied'") == 3
            }
            #expect(try call(ids[2], "delivered") == "204")
            #expect(try call(ids[0], "temporary-failure") == "204")
            #expect(try call(UUID().uuidString, "delivered") == "204")
            #expect(try call("somebody else's", "delivered") == "204")
            try wait("all words") {
                try system.number("SELECT count(*) FROM notifications.receipt WHERE outcome IS NULL") == 0
            }
            try system.waitUntilCaughtUp()
            #expect(
                try system.strings(
                    "SELECT outcome || ' ' || count(*) FROM notifications.receipt GROUP BY outcome ORDER BY 1")
                    == ["applied 4", "repeated 1", "unknown 2"])
            func log(_ id: String) throws -> [String] {
                try system.strings(
                    """
                    SELECT state || ' ' || delivery || coalesce(' ' || to_char(delivered_at AT TIME ZONE 'UTC', 'HH24:MI:SS'), '')
                      FROM analysis.notification_log WHERE message_id = \(id)::uuid
                    """)
            }
            #expect(try log(ids[0]) == ["sent delivered 12:16:31"])
            #expect(try log(ids[1]) == ["failed permanent-failure"])
            #expect(try log(ids[2]) == ["sent delivered 12:16:31"])
            let told = try system.records(of: .notificationEvents).map { try JSONValue($0.value!) }
                .compactMap { $0["type"]?.string }.filter { !$0.contains("sent") }.sorted()
            #expect(
                told == [
                    "quorate.notification.delivered.v1", "quorate.notification.delivered.v1",
                    "quorate.notification.failed.v1", "quorate.notification.failed.v1",
                ])
            #expect(!system.worker(.notifications).logText.contains(token))
            // Sent once more, it has another end, be it the same.
            try system.quorate("notices", "resend", ids[1], "--reason", "the address is mended")
            try system.waitUntilCaughtUp()
            #expect(try Self.state(notices[1], system) == "sent 2")
            #expect(try call(ids[1], "permanent-failure") == "204")
            try system.waitUntilCaughtUp()
            #expect(try Self.state(notices[1], system) == "sent 2")
            #expect(try call(ids[1], "permanent-failure", completed: "13:00:00") == "204")
            try system.waitUntilCaughtUp()
            #expect(try Self.state(notices[1], system) == "failed 2")
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
                let notice = try Self.say(system)
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
                Self.say(system),
                Self.say(system, case: "C-2")
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
            let notice = try Self.say(system)
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
