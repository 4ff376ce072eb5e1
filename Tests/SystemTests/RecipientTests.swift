import CaseEvents
import TestSupport
import Testing
import Workers

/// People are found when the message is written, from a directory with a history.
@Suite struct RecipientTests {
    private static let other = "E09000001"

    @Test func whoHoldsTheRoleNow() async throws {
        var events = NoticeEvents()
        events.person("SW-1", "social_worker", manager: "TM-1")
        events.person("SW-2", "social_worker", manager: "TM-1")
        events.person("TM-1", "team_manager")
        events.mailbox("qa_team")
        events.allocate("SW-1", to: "K-1", case: "C-1")
        // Of 2099: it has not happened yet.
        events.allocate("SW-2", to: "K-1", case: "C-1", from: "2099-01-01T09:00:00Z")
        let first = events
        try await TestSystem.with { system in
            try system.start([.notifications])
            try system.publish(first.lines)
            try system.waitUntilCaughtUp()
            let before = try system.say("review_due_notice", to: ["social_worker"])
            try system.waitUntilCaughtUp()
            #expect(try system.told(of: before) == ["SW-1 as social_worker sent"])

            // A new social worker, then the word is taken back: the history still knows who it was.
            var more = first
            let wrong = more.allocate("SW-2", to: "K-1", case: "C-1", from: "2026-01-06T09:00:00Z")
            try system.publish(Array(more.lines.dropFirst(first.lines.count)))
            try system.waitUntilCaughtUp()
            let during = try system.say("review_due_notice", to: ["social_worker"])
            try system.waitUntilCaughtUp()
            #expect(try system.told(of: during) == ["SW-2 as social_worker sent"])
            let known = more.lines.count
            more.retract(wrong, "allocation.changed", case: "C-1")
            try system.publish(Array(more.lines.dropFirst(known)))
            try system.waitUntilCaughtUp()
            let after = try system.say("review_due_notice", to: ["social_worker"])
            try system.waitUntilCaughtUp()
            #expect(try system.told(of: after) == ["SW-1 as social_worker sent"])

            // SW-1 leaves; a compacted topic's empty record says so. The manager is told, and it is said once a case.
            try system.produceRaw(
                topic: .directoryEvents, key: Array("\(NoticeEvents.authority)/SW-1".utf8), value: nil)
            try system.waitUntilCaughtUp()
            for _ in 1...2 {
                let left = try system.say("review_due_notice", to: ["social_worker"])
                try system.waitUntilCaughtUp()
                #expect(try system.told(of: left) == ["TM-1 as team_manager sent"])
            }
            let codes = "SELECT code FROM notifications.finding WHERE cleared_at IS NULL ORDER BY code"
            #expect(try system.strings("\(raw: codes)") == ["person_left", "role_unheld"])
            let published = try system.records(of: .notificationEvents).compactMap {
                $0.value.map { String(decoding: $0, as: UTF8.self) }
            }
            #expect(published.count { $0.contains("quorate.finding.recorded.v1") } == 2)

            // The finding is over once somebody follows.
            let before2 = more.lines.count
            more.allocate("SW-2", to: "K-1", case: "C-1", from: "2026-01-07T09:00:00Z")
            try system.publish(Array(more.lines.dropFirst(before2)))
            try system.waitUntilCaughtUp()
            let last = try system.say("review_due_notice", to: ["social_worker"])
            try system.waitUntilCaughtUp()
            #expect(try system.told(of: last) == ["SW-2 as social_worker sent"])
            #expect(try system.strings("\(raw: codes)") == [])
        }
    }

    /// Of two children of a case one has no social worker. Whatever else is said of the case at the same time, that is found once.
    @Test func aLackIsNotTakenBackByTurns() async throws {
        var events = NoticeEvents()
        events.person("SW-1", "social_worker", manager: "TM-1")
        events.person("TM-1", "team_manager")
        events.mailbox("qa_team")
        events.allocate("SW-1", to: "K-1", case: "C-1")
        let lines = events.lines
        try await TestSystem.with { system in
            try system.publish(lines)
            for (place, child) in ["K-2", "K-1", "K-2", "K-1", "K-2"].enumerated() {
                try system.say(
                    "review_due_notice", to: ["social_worker"], child: child, dueAt: "2026-01-06T08:0\(place):00Z")
            }
            try system.start([.notifications])
            try system.waitUntilCaughtUp()
            #expect(
                try system.strings("SELECT code FROM notifications.finding WHERE cleared_at IS NULL") == ["role_unheld"]
            )
            #expect(
                try system.strings(
                    "SELECT event_type FROM notifications.outbox WHERE event_type LIKE 'quorate.finding.%'")
                    == ["quorate.finding.recorded.v1"])
        }
    }

    /// Of two meetings of a case one has no chair, and of two children one has no social worker. What is said of the others, later
    /// and each by itself, takes nothing back; who is then found for the one does, whatever is said next.
    @Test func aLackIsOverOnceWhoAskedFindsThem() async throws {
        var events = NoticeEvents()
        events.person("SW-1", "social_worker", manager: "TM-1")
        events.person("TM-1", "team_manager")
        events.person("CH-1", "conference_chair")
        events.person("CH-2", "conference_chair")
        events.mailbox("qa_team")
        events.allocate("SW-1", to: "K-1", case: "C-1")
        events.chair("CH-1", of: "M-1", case: "C-1")
        let first = events
        try await TestSystem.with { system in
            try system.start([.notifications])
            try system.publish(first.lines)
            try system.waitUntilCaughtUp()
            let open = "SELECT role || ' ' || code FROM notifications.finding WHERE cleared_at IS NULL ORDER BY 1"
            let told =
                "SELECT event_type FROM notifications.outbox WHERE event_type LIKE 'quorate.finding.%' ORDER BY outbox_id"
            for _ in 1...2 {
                for meeting in ["M-2", "M-1"] {
                    try system.say("decision_letter_and_plan", to: ["conference_chair"], conference: meeting)
                    try system.waitUntilCaughtUp()
                }
                for child in ["K-2", "K-1"] {
                    try system.say("review_due_notice", to: ["social_worker"], child: child)
                    try system.waitUntilCaughtUp()
                }
            }
            let lacks = ["conference_chair role_unheld", "conference_chair several_hold", "social_worker role_unheld"]
            #expect(try system.strings("\(raw: open)") == lacks)
            #expect(
                try system.strings("\(raw: told)") == Array(repeating: "quorate.finding.recorded.v1", count: 3))
            var more = first
            more.chair("CH-2", of: "M-2", case: "C-1")
            try system.publish(Array(more.lines.dropFirst(first.lines.count)))
            try system.waitUntilCaughtUp()
            try system.say("review_due_notice", to: ["team_manager"])
            try system.waitUntilCaughtUp()
            #expect(try system.strings("\(raw: open)") == ["social_worker role_unheld"])
            #expect(
                try system.strings("\(raw: told)").suffix(2)
                    == ["quorate.finding.cleared.v1", "quorate.finding.cleared.v1"])
        }
    }

    /// Both authorities have a case C-1 with a child K-1 and a manager; neither is told of the other's.
    @Test func authoritiesNeverMix() async throws {
        var events = NoticeEvents()
        for authority in [NoticeEvents.authority, Self.other] {
            events.person("TM-\(authority)", "team_manager", authority: authority)
            events.person("SW-1", "social_worker", manager: "TM-\(authority)", authority: authority)
            events.allocate("SW-1", to: "K-1", case: "C-1", authority: authority)
        }
        events.mailbox("qa_team")
        let lines = events.lines
        try await TestSystem.with { system in
            try system.start([.notifications])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            let here = try system.say("review_due_notice", to: ["team_manager"])
            let there = try system.say("review_due_notice", to: ["team_manager"], authority: Self.other)
            // No one there holds it, and their QA mailbox is not ours.
            let nobody = try system.say("review_due_notice", to: ["complaints_manager"], authority: Self.other)
            try system.waitUntilCaughtUp()
            #expect(try system.told(of: here) == ["TM-\(NoticeEvents.authority) as team_manager sent"])
            #expect(try system.told(of: there) == ["TM-\(Self.other) as team_manager sent"])
            #expect(try system.told(of: nobody) == ["nobody as complaints_manager failed"])
            #expect(
                try system.strings("SELECT DISTINCT address FROM notifications.message WHERE authority = \(Self.other)")
                    .sorted() == ["", "tm-\(Self.other.lowercased())@\(Self.other.lowercased()).example"])
            // Status and metric say so alike, and call nothing undelivered.
            let status = try system.quorate("status", exits: 1).output
            #expect(
                status.contains("1 for which there is nobody to tell") && !status.contains("not delivered"), "\(status)"
            )
            func metric(_ reason: String, _ count: Int) throws -> Bool {
                try system.worker(.notifications).get("metrics").body.contains(
                    "quorate_messages_waiting{worker=\"notifications\",reason=\"\(reason)\"} \(count)\n")
            }
            try wait("the figure for the alert") { try metric("nobody", 1) && metric("failed", 0) }
            // Their mailbox is recorded: the notice that found nobody is addressed again.
            var more = NoticeEvents()
            more.mailbox("qa_team", authority: Self.other)
            try system.publish(more.lines)
            try system.waitUntilCaughtUp()
            #expect(
                try system.told(of: nobody) == [
                    "mailbox:qa_team as qa_team sent", "nobody as complaints_manager withdrawn",
                ])
            #expect(try system.quorate("status", exits: 1).output.contains(/failed +none/))
        }
    }

    /// Nothing leaves to family until a person lets it: a letter of one parent's, and the other is not safe to contact.
    @Test func notSafeToContactWaits() async throws {
        var events = NoticeEvents()
        events.mailbox("qa_team")
        events.family("M-1", "K-1", case: "C-1", #","relationship":"mother","email":"m1@f.example""#)
        events.family(
            "F-1", "K-1", case: "C-1", #","relationship":"father","email":"f1@f.example","safeToContact":false"#)
        let lines = events.lines
        try await TestSystem.with { system in
            try system.start([.notifications])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            let notice = try system.say("parents_decision_letter", to: ["parent_carer"])
            try system.waitUntilCaughtUp()
            #expect(
                try system.told(of: notice) == [
                    "F-1 as parent_carer held not_safe", "M-1 as parent_carer held letter",
                ])
            #expect(system.mailFiles.isEmpty)
            let id = try system.strings(
                "SELECT message_id::text FROM notifications.message WHERE recipient_id = 'M-1'")[0]
            try system.quorate("letters", "release", id)
            try system.waitUntilCaughtUp()
            #expect(
                try system.told(of: notice) == [
                    "F-1 as parent_carer held not_safe", "M-1 as parent_carer sent letter",
                ])
            #expect(system.mailFiles.count == 1)
        }
    }
}
