import CaseEvents
import Foundation
import TestSupport
import Testing
import Workers

/// Who is written to is decided by what is known when a message leaves, not when it was written.
@Suite struct LastLookTests {
    private static let father = #","relationship":"father","email":"f1@f.example""#

    private static func people() -> NoticeEvents {
        var events = NoticeEvents()
        events.person("SW-1", "social_worker")
        events.person("SW-2", "social_worker")
        events.mailbox("qa_team")
        events.allocate("SW-1", to: "K-1", case: "C-1")
        events.family("F-1", "K-1", case: "C-1", father)
        return events
    }

    private static func publish(_ system: TestSystem, after known: NoticeEvents, _ more: NoticeEvents) throws {
        try system.publish(Array(more.lines.dropFirst(known.lines.count)))
        try system.waitUntilCaughtUp()
    }

    private static func message(_ recipient: String, _ system: TestSystem) throws -> String {
        try system.strings("SELECT message_id::text FROM notifications.message WHERE recipient_id = \(recipient)")[0]
    }

    /// A letter to the father was released and then held by a dry run, which leaves it a letter; meanwhile he became unsafe to
    /// contact. Who released it again did not know that: it waits, until somebody releases that.
    @Test func unsafeSinceItWasReleased() async throws {
        let known = Self.people()
        var more = known
        more.family("F-1", "K-1", case: "C-1", Self.father + #","safeToContact":false"#)
        try await TestSystem.with { [more] system in
            try system.start([.notifications], environment: ["QUORATE_MAIL_DRY_RUN": "1"])
            let worker = system.worker(.notifications)
            try system.publish(known.lines)
            try system.waitUntilCaughtUp()
            let notice = try system.say("parents_decision_letter", to: ["parent_carer"])
            try system.waitUntilCaughtUp()
            try system.quorate("letters", "release", Self.message("F-1", system))
            try system.waitUntilCaughtUp()
            #expect(try system.told(of: notice) == ["F-1 as parent_carer held letter"])
            try Self.publish(system, after: known, more)
            try worker.stop()
            worker.environment["QUORATE_MAIL_DRY_RUN"] = "0"
            try worker.launch()
            try system.quorate("letters", "release", "--hold", "dry_run")
            #expect(try system.told(of: notice) == ["F-1 as parent_carer held letter"])
            try system.quorate("letters", "release", Self.message("F-1", system))
            try system.waitUntilCaughtUp()
            #expect(try system.told(of: notice) == ["F-1 as parent_carer held not_safe"])
            #expect(system.mailFiles.isEmpty)
            try system.quorate("letters", "release", Self.message("F-1", system))
            try system.waitUntilCaughtUp()
            #expect(try system.told(of: notice) == ["F-1 as parent_carer sent not_safe"])
        }
    }

    /// A letter was read; before it is released its reader has another address: it waits again, and shows where it would go.
    @Test func elsewhereSinceItWasRead() async throws {
        let known = Self.people()
        var more = known
        more.family("F-1", "K-1", case: "C-1", #","relationship":"father","email":"f2@f.example""#)
        try await TestSystem.with { [more] system in
            try system.start([.notifications])
            try system.publish(known.lines)
            try system.waitUntilCaughtUp()
            let notice = try system.say("parents_decision_letter", to: ["parent_carer"])
            try system.waitUntilCaughtUp()
            let id = try Self.message("F-1", system)
            #expect(try system.quorate("letters", "show", id).output.contains("By: email\nTo: f1@f.example\n"))
            try Self.publish(system, after: known, more)
            try system.quorate("letters", "release", id)
            try system.waitUntilCaughtUp()
            #expect(try system.told(of: notice) == ["F-1 as parent_carer held letter"])
            #expect(system.mailFiles.isEmpty)
            #expect(try system.quorate("letters", "show", id).output.contains("By: email\nTo: f2@f.example\n"))
            try system.quorate("letters", "release", id)
            try system.waitUntilCaughtUp()
            #expect(try system.told(of: notice) == ["F-1 as parent_carer sent letter"])
            let mail = try String(contentsOfFile: #require(system.mailFiles.first), encoding: .utf8)
            #expect(mail.contains("To: <f2@f.example>"), "\(mail)")
        }
    }

    /// During a pause the child was allocated to another, who has moved: the first is not written to, and the other is at the new
    /// address; of a closed case nobody is told, and reopened they are.
    @Test func changedDuringAPause() async throws {
        let known = Self.people()
        var moved = known
        moved.person("SW-2", "social_worker", email: "moved@e06000030.example")
        moved.allocate("SW-2", to: "K-1", case: "C-1", from: "2026-01-06T09:00:00Z")
        func event(_ id: String, _ type: String, _ data: String, _ more: String = "") -> String {
            """
            {"specversion":"1.0","id":"\(id)","source":"urn:lcs:E06000030","type":"quorate.\(type).v1","subject":"C-1",\
            "time":"2026-01-07T12:00:00Z","authority":"E06000030"\(more),"data":\(data)}
            """
        }
        let closed = event("closed", "case.closed", #"{"closedOn":"2026-01-07"}"#)
        let wasNot = event("was-not", "case.closed", "{}", #","retracts":"closed""#)
        try await TestSystem.with { [moved] system in
            try system.start([.notifications])
            try system.publish(known.lines)
            try system.waitUntilCaughtUp()
            try system.quorate("notices", "pause", "--authority", "E06000031", "--reason", "a slip", exits: 2)
            try system.quorate("notices", "pause", "--authority", NoticeEvents.authority, "--reason", "an import")
            let notice = try system.say("review_due_notice", to: ["social_worker"])
            try wait("the intent") { try system.told(of: notice) == ["SW-1 as social_worker intended"] }
            try system.publish(Array(moved.lines.dropFirst(known.lines.count)) + [closed])
            try wait("the words") {
                try system.number("SELECT count(*) FROM notifications.directory_word WHERE event_id = 'closed'") == 1
            }
            try system.quorate("notices", "resume", "--authority", NoticeEvents.authority)
            try system.waitUntilCaughtUp()
            #expect(
                try system.told(of: notice) == [
                    "SW-1 as social_worker withdrawn", "nobody as social_worker withdrawn",
                ])
            #expect(system.mailFiles.isEmpty)
            // It was closed by mistake: what was withdrawn unsaid is said, to whom it concerns now.
            try system.publish([wasNot])
            try system.waitUntilCaughtUp()
            #expect(
                try system.told(of: notice) == [
                    "SW-1 as social_worker withdrawn", "SW-2 as social_worker sent",
                    "nobody as social_worker withdrawn",
                ])
            let mail = try String(contentsOfFile: #require(system.mailFiles.first), encoding: .utf8)
            #expect(system.mailFiles.count == 1)
            #expect(mail.contains("To: <moved@e06000030.example>"), "\(mail)")
        }
    }

    /// The worker was down; the notice is read first, and thousands of words later that the child has another social worker.
    @Test func whatIsStillToBeReadIsReadFirst() async throws {
        let known = Self.people()
        var more = known
        more.person("P-1", "observer")
        more.allocate("SW-2", to: "K-1", case: "C-1", from: "2026-01-06T09:00:00Z")
        try await TestSystem.with { [more] system in
            try system.start([.notifications])
            let worker = system.worker(.notifications)
            try system.publish(known.lines)
            try system.waitUntilCaughtUp()
            try worker.stop()
            let notice = try system.say("review_due_notice", to: ["social_worker"])
            let news = more.lines.dropFirst(known.lines.count)
            try system.publish(Array(repeating: news.first!, count: 5_000) + [news.last!])
            try worker.launch()
            try system.waitUntilCaughtUp()
            let told = try system.told(of: notice)
            #expect(told == ["SW-2 as social_worker sent"])
        }
    }

    /// Withdrawn before it was said, and due again: it is said, once.
    @Test func dueAgain() async throws {
        let known = Self.people()
        try await TestSystem.with { system in
            try system.start([.notifications])
            try system.publish(known.lines)
            try system.waitUntilCaughtUp()
            try system.quorate("notices", "pause", "--reason", "an import")
            let notice = try system.say("review_due_notice", to: ["social_worker"])
            try wait("the intent") { try system.told(of: notice) == ["SW-1 as social_worker intended"] }
            try system.say("", to: [], revision: 2, id: notice, withdrawn: true)
            try wait("the withdrawal") {
                try system.number("SELECT count(*) FROM notifications.notice WHERE state = 'withdrawn'") == 1
            }
            try system.quorate("notices", "resume")
            try system.waitUntilCaughtUp()
            #expect(try system.told(of: notice) == ["SW-1 as social_worker withdrawn"])
            for revision in [3, 5] {
                try system.say("review_due_notice", to: ["social_worker"], revision: revision, id: notice)
                try system.waitUntilCaughtUp()
                #expect(try system.told(of: notice) == ["SW-1 as social_worker sent"])
                #expect(system.mailFiles.count == 1)
                try system.say("", to: [], revision: revision + 1, id: notice, withdrawn: true)
                try system.waitUntilCaughtUp()
            }
        }
    }

    /// A person's entry and its removal are read in one batch: they have left.
    @Test func recordedAndRemovedAtOnce() async throws {
        var events = Self.people()
        events.person("TM-1", "team_manager")
        let lines = events.lines
        try await TestSystem.with { system in
            try system.publish(lines)
            try system.produceRaw(
                topic: .directoryEvents, key: Array("\(NoticeEvents.authority)/SW-1".utf8), value: nil)
            try system.start([.notifications])
            let notice = try system.say("review_due_notice", to: ["social_worker"])
            try system.waitUntilCaughtUp()
            #expect(try system.told(of: notice) == ["TM-1 as team_manager sent"])
        }
    }

    /// Nobody can take a list; once the mailbox is recorded it is mailed.
    @Test func aListThatFoundNobody() async throws {
        try await TestSystem.with { system in
            try system.start([.notifications])
            let list = OutgoingEvent(
                id: "list-1", source: WorkerName.reporting.source, type: "quorate.list.published.v1", subject: "lists",
                authority: NoticeEvents.authority, time: .init("2026-01-06T08:00:00Z")!,
                data:
                    #"{"listId":"L-1","kind":"weekly","title":"Weekly list","period":"2026-W02","asAt":"2026-01-06T08:00:00Z","recipients":["qa_team"],"rowCount":1,"csv":"a,b\r\n"}"#
            )
            try system.produceRaw(topic: .reportEvents, key: Array(list.key.utf8), value: Array(list.json.utf8))
            func told() throws -> [String] {
                try system.strings(
                    "SELECT recipient_id || ' ' || state FROM notifications.message WHERE list_id = 'L-1' ORDER BY 1")
            }
            try wait("the failure") { try told() == ["nobody failed"] }
            var events = NoticeEvents()
            events.mailbox("qa_team")
            try system.publish(events.lines)
            try wait("the mail") { try told() == ["mailbox:qa_team sent", "nobody withdrawn"] }
        }
    }
}
