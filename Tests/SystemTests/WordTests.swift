import CaseEvents
import Foundation
import TestSupport
import Testing
import Workers

/// Whose words on who is who are believed, and in which order they stand.
@Suite struct WordTests {
    private static func address(_ system: TestSystem) throws -> [String] {
        let notice = try system.say("review_due_notice", to: ["social_worker"])
        try system.waitUntilCaughtUp()
        return try system.strings("SELECT address FROM notifications.message WHERE notice_id = \(notice)::uuid")
    }

    private static func line(
        _ id: String, _ type: String, _ subject: String, _ data: String, minute: Int,
        source: String = "urn:lcs:E06000030",
        _ more: String = ""
    ) -> String {
        """
        {"specversion":"1.0","id":"\(id)","source":"\(source)","type":"quorate.\(type).v1","subject":"\(subject)",\
        "time":"2026-01-05T1\(minute / 60):\(minute % 60 < 10 ? "0" : "")\(minute % 60):00Z","authority":"E06000030"\(more),\
        "data":\(data)}
        """
    }

    /// A correction of an old word stands where the old one stood, and leaves the newer one in force; once that is taken back,
    /// the correction holds. Of two corrections of one word the later stands.
    @Test func aCorrectionKeepsItsPlace() async throws {
        var events = NoticeEvents()
        events.allocate("SW-1", to: "K-1", case: "C-1")
        let old = events.person("SW-1", "social_worker", email: "old@e.example")
        let new = events.person("SW-1", "social_worker", email: "new@e.example")
        events.correct(old, person: "SW-1", role: "social_worker", email: "once@e.example")
        let twice = events.correct(old, person: "SW-1", role: "social_worker", email: "twice@e.example")
        let first = events.lines
        let takenBack = events.retract(new, "person.recorded", case: "SW-1")
        let second = events.lines.last!
        events.retract(takenBack, "person.recorded", case: "SW-1")
        let third = events.lines.last!
        events.retract(new, "person.recorded", case: "SW-1")
        events.retract(twice, "person.recorded", case: "SW-1")
        let last = Array(events.lines.suffix(2))
        try await TestSystem.with { system in
            try system.start([.notifications])
            try system.publish(first)
            try system.waitUntilCaughtUp()
            #expect(try Self.address(system) == ["new@e.example"])
            try system.publish([second])
            try system.waitUntilCaughtUp()
            #expect(try Self.address(system) == ["twice@e.example"])
            try system.publish([third])
            try system.waitUntilCaughtUp()
            #expect(try Self.address(system) == ["new@e.example"])
            try system.publish(last)
            try system.waitUntilCaughtUp()
            #expect(try Self.address(system) == ["once@e.example"])
        }
    }

    /// The father is safe to contact as far as one case knows, and another case, of his other child, knows better.
    @Test func safetyIsThePersons() async throws {
        var events = NoticeEvents()
        events.mailbox("qa_team")
        let father = #","relationship":"father","email":"f1@f.example""#
        events.family("F-1", "K-9", case: "C-2", father + #","safeToContact":false"#)
        events.family("F-1", "K-1", case: "C-1", father)
        events.family("F-2", "K-1", case: "C-1", #","relationship":"carer","email":"f2@f.example""#)
        events.family(
            "F-2", "K-9", case: "C-2", #","relationship":"carer","email":"f2@f.example","safeChannels":["letter"]"#)
        let lines = events.lines
        try await TestSystem.with { system in
            try system.start([.notifications])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            let notice = try system.say("parents_decision_letter", to: ["parent_carer"])
            try system.waitUntilCaughtUp()
            #expect(try system.told(of: notice) == ["F-1 as parent_carer held not_safe"])
        }
    }

    /// What scheduling refuses is no word here: a source that the registry does not list, and other content under an id that
    /// came before. Listed, the source is believed.
    @Test func whatSchedulingRefusesIsNoWord() async throws {
        @Sendable func allocation(_ id: String, _ person: String, minute: Int, source: String = "urn:lcs:E06000030")
            -> String
        {
            Self.line(
                id, "allocation.changed", "C-1",
                #"{"childId":"K-1","role":"social_worker","toPersonId":"\#(person)","effectiveAt":"2026-01-05T1\#(minute / 60):\#(minute % 60 < 10 ? "0" : "")\#(minute % 60):00Z"}"#,
                minute: minute, source: source)
        }
        var events = NoticeEvents()
        for person in ["SW-1", "SW-2", "SW-3"] { events.person(person, "social_worker") }
        let staff = events.lines
        try await TestSystem.with { system in
            let registry = "authorities:\n  E06000030: {policy: swindon, sources: [\"urn:lcs:E06000030\"]}\n"
            try QuarantineTests.register(registry, system)
            try system.start([.notifications])
            try system.publish(
                staff + [
                    allocation("a", "SW-1", minute: 10), allocation("a", "SW-2", minute: 20),
                    allocation("b", "SW-3", minute: 30, source: "urn:new-system"),
                ])
            try system.waitUntilCaughtUp()
            #expect(try Self.address(system) == ["sw-1@e06000030.example"])
            #expect(try system.number("SELECT count(*) FROM notifications.quarantine") == 0)
            try QuarantineTests.register(
                registry.replacing("]}", with: ", \"urn:new-system\"]}"), system)
            try wait("the new registry") { try Self.address(system) == ["sw-3@e06000030.example"] }
        }
    }

    /// Directory events have one judge: notifications sets aside what breaks the contract, sends it to the dead letters, shows
    /// it, and takes it once the cause is mended.
    @Test func directoryEventsHaveAJudge() async throws {
        var events = NoticeEvents()
        events.allocate("SW-1", to: "K-1", case: "C-1")
        events.person("SW-1", "social_worker")
        let lines = events.lines
        let person = #"{"personId":"SW-9","roles":["social_worker"]}"#
        let bad = [
            Self.line("nameless", "person.recorded", "SW-9", #"{"roles":["social_worker"]}"#, minute: 1),
            Self.line("e-2", "person.recorded", "SW-1", #"{"personId":"SW-1","roles":[]}"#, minute: 2),
            Self.line("stranger", "person.recorded", "SW-9", person, minute: 3, source: "urn:new-system"),
        ]
        try await TestSystem.with { system in
            let registry = "authorities:\n  E06000030: {policy: swindon, sources: [\"urn:lcs:E06000030\"]}\n"
            try QuarantineTests.register(registry, system)
            try system.start()
            try system.publish(lines + bad)
            try system.waitUntilCaughtUp()
            let codes = try system.strings(
                "SELECT coalesce(event_id, '') || ' ' || code FROM notifications.quarantine ORDER BY quarantine_id")
            #expect(
                Set(codes) == [
                    "nameless missing_field", "e-2 same_id_other_content", "stranger source_not_allowed",
                ])
            #expect(try system.number("SELECT count(*) FROM scheduling.quarantine") == 0)
            #expect(try system.number("SELECT count(*) FROM reporting.quarantine") == 0)
            #expect(try system.records(of: .deadLetters).count == 3)
            #expect(try Self.address(system) == ["sw-1@e06000030.example"])
            let status = try system.quorate("status", exits: 1)
            #expect(status.output.contains("3 events await repair"), "\(status.output)")
            func id(_ event: String) throws -> String {
                try system.strings(
                    "SELECT quarantine_id::text FROM notifications.quarantine WHERE event_id = \(event)")[0]
            }
            let listed = try system.quorate("quarantine", "list", "--worker", "notifications")
            #expect(listed.output.contains("same_id_other_content"), "\(listed.output)")
            try QuarantineTests.register(registry.replacing("]}", with: ", \"urn:new-system\"]}"), system)
            try wait("the new registry") {
                try system.run(["quarantine", "replay", "--worker", "notifications", id("stranger")]).status == 0
            }
            try system.quorate("quarantine", "replay", "--worker", "notifications", id("nameless"), exits: 1)
            try system.quorate(
                "quarantine", "discard", "--worker", "notifications", id("nameless"), "--reason", "a slip")
            #expect(
                try system.number("SELECT count(*) FROM notifications.directory_word WHERE entry_id = 'SW-9'") == 1)
        }
    }

    /// One of two workers stands still with words unread. Nothing leaves meanwhile: it is sent by what those words say.
    @Test func nobodyKnowsEverythingAlone() async throws {
        var events = NoticeEvents()
        for number in 0..<12 {
            events.person("SW-\(number)", "social_worker")
            events.allocate("SW-\(number)", to: "K-\(number)", case: "C-\(number)")
        }
        let known = events.lines
        for number in 0..<12 { events.person("SW-\(number)", "social_worker", email: "moved-\(number)@e.example") }
        let moved = Array(events.lines.dropFirst(known.count))
        try await TestSystem.with { system in
            let workers = try system.start([.notifications, .notifications])
            try system.publish(known)
            try system.waitUntilCaughtUp()
            try wait("both to hold partitions", within: .seconds(60)) {
                try system.number(
                    "SELECT count(DISTINCT holder) FROM notifications.kafka_offset WHERE topic = 'directory-events'")
                    == 2
            }
            try system.waitUntilCaughtUp()
            workers[1].signal(SIGSTOP)
            try system.publish(moved)
            for number in 0..<12 {
                try system.say("review_due_notice", to: ["social_worker"], child: "K-\(number)", case: "C-\(number)")
            }
            try system.waitUntilCaughtUp()
            let old = try system.strings(
                "SELECT recipient_id FROM notifications.message WHERE address NOT LIKE 'moved-%'")
            #expect(old == [])
            #expect(system.mailFiles.count == 12)
            workers[1].crash()
        }
    }
}
