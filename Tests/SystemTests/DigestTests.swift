import CaseEvents
import Foundation
import TestSupport
import Testing
import Workers

/// One message a person a day with everything in it; urgent things at once; nothing of what is over.
@Suite struct DigestTests {
    private static let missed =
        #","deadline":{"duty":"first_review","due":"2026-01-05","rule":"ENG-3","citation":"paragraph 1","provenance":"statutory"}"#
    private static func due(_ day: String) -> String {
        #","deadline":{"duty":"later_review","due":"\#(day)","rule":"LON-1.20a","citation":"1.20","provenance":"own"}"#
    }

    private static func staff() -> NoticeEvents {
        var events = NoticeEvents()
        events.person("SW-1", "social_worker", manager: "TM-1")
        events.person("SW-2", "social_worker", manager: "TM-1")
        events.person("TM-1", "team_manager", more: #","digest":"at_once""#)
        events.mailbox("qa_team")
        events.allocate("SW-1", to: "K-1", case: "C-1")
        return events
    }

    /// The plain text of each mail, in the order of the folder.
    private static func texts(_ system: TestSystem) throws -> [String] {
        let reader = """
            import email, email.policy, pathlib, sys
            for path in sorted(pathlib.Path(sys.argv[1]).glob('new/*')):
                message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                assert not [d for part in message.walk() for d in part.defects]
                print(message['To'], '|', message['Subject'], '|', ' '.join(message.get_body(('plain',)).get_content().split()))
            """
        let result = try system.run(["-c", reader, system.mailFolder], program: "python3")
        #expect(result.status == 0, "\(result.errors)")
        return result.lines
    }

    private static let daily = ["QUORATE_DIGEST": "daily"]

    /// A worker that was down while three days' notices came in writes one digest, in the order of urgency.
    @Test func oneAfterThreeDaysOfSilence() async throws {
        let lines = Self.staff().lines
        try await TestSystem.with { system in
            try system.publish(lines)
            for (day, due) in [
                ("2026-01-06", "2026-02-20"), ("2026-01-07", "2026-02-10"), ("2026-01-08", "2026-03-01"),
            ] {
                try system.say(
                    "review_due_notice", to: ["social_worker"], dueAt: "\(day)T08:00:00Z", more: Self.due(due))
            }
            try system.say("deadline_missed", to: ["social_worker"], more: Self.due("2026-01-04"))
            let over = try system.say("report_due_reminder", to: ["social_worker"], more: Self.due("2026-02-01"))
            try system.say("", to: [], revision: 2, id: over, withdrawn: true)
            try system.start([.notifications], environment: Self.daily)
            try wait("the digest") { system.mailFiles.count == 1 }
            try system.waitUntilCaughtUp()
            let mail = try #require(try Self.texts(system).first)
            #expect(mail.hasPrefix("sw-1@e06000030.example | 4 things to do | You have 4 things to do"), "\(mail)")
            let places = try ["4 January 2026", "10 February 2026", "20 February 2026", "1 March 2026"].map { day in
                try #require(mail.range(of: day), "\(day) in \(mail)").lowerBound
            }
            #expect(places == places.sorted())
            #expect(!mail.contains("1 February 2026"), "what was withdrawn")

            // The next waits for the next day: today's was written. It goes to nobody twice.
            let later = try system.say("review_due_notice", to: ["social_worker"], more: Self.due("2026-04-01"))
            try system.waitUntilCaughtUp()
            try wait("the item") {
                try system.number("SELECT count(*) FROM notifications.digest_item WHERE notice_id = \(later)::uuid")
                    == 1
            }
            #expect(system.mailFiles.count == 1)
            // A day passes. Meanwhile SW-2 has taken over: what waited for SW-1 goes to SW-2.
            var more = Self.staff()
            more.allocate("SW-2", to: "K-1", case: "C-1", from: "2026-01-09T09:00:00Z")
            try system.publish([more.lines.last!])
            try system.waitUntilCaughtUp()
            try system.connection.execute("UPDATE notifications.message SET digest_on = digest_on - 1")
            try wait("the second digest") { system.mailFiles.count == 2 }
            #expect(
                try system.strings(
                    "SELECT recipient_id || ' ' || state FROM notifications.digest_item WHERE notice_id = \(later)::uuid"
                ).sorted() == ["SW-1 passed_on", "SW-2 taken"])
            // Four in the first digest, and the one that was passed on.
            let log = try system.quorate("notices", "log", "--case", "C-1")
            #expect(log.lines.count { $0.contains("to SW-1") } == 5 && log.output.contains("to SW-2"), "\(log.output)")
        }
    }

    /// A missed statutory date, an alert, a need-to-know, a letter, and who chose so: at once. The rest waits.
    @Test func whatGoesAtOnce() async throws {
        let lines = Self.staff().lines
        try await TestSystem.with { system in
            try system.start([.notifications], environment: ["QUORATE_DIGEST": "weekly"])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            let urgent = try [
                system.say("deadline_missed", to: ["social_worker"], more: Self.missed),
                system.say("s20_removal_alert", to: ["social_worker"]),
                system.say("need_to_know", to: ["social_worker"]),
                system.say("decision_letter_and_plan", to: ["social_worker"]),
                system.say("review_due_notice", to: ["team_manager"]),
            ]
            let calm = try [
                system.say("deadline_missed", to: ["social_worker"], more: Self.due("2026-01-04")),
                system.say("review_due_notice", to: ["social_worker"]),
            ]
            try wait("all to be addressed") {
                try system.number("SELECT count(*) FROM notifications.notice WHERE addressed_at IS NOT NULL") == 7
            }
            try system.waitUntilCaughtUp()
            for notice in urgent {
                let told = try system.told(of: notice)
                #expect(told.count == 1 && told[0].hasSuffix(" sent"), "\(told)")
            }
            for notice in calm { #expect(try system.told(of: notice) == []) }
        }
    }

    /// Two had a digest, and something more waits for both. A day later the one has it; the other, who chose one a week, has it on the
    /// Monday.
    @Test func oneAWeekForWhoChoseSo() async throws {
        var events = NoticeEvents()
        events.person("SW-1", "social_worker", more: #","digest":"weekly""#)
        events.person("TM-1", "team_manager", more: #","digest":"daily""#)
        events.allocate("SW-1", to: "K-1", case: "C-1")
        let lines = events.lines
        try await TestSystem.with { system in
            func digests() throws -> [String] {
                try system.strings(
                    """
                    SELECT recipient_id || ' ' || count(*) FROM notifications.message WHERE digest_on IS NOT NULL
                     GROUP BY recipient_id ORDER BY 1
                    """)
            }
            func monday() throws -> [String] {
                try system.strings("SELECT date_trunc('week', now() AT TIME ZONE 'Europe/London')::date::text")
            }
            func say() throws { try system.say("review_due_notice", to: ["social_worker", "team_manager"]) }
            try system.start([.notifications])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            try say()
            try wait("the first digests") { try digests() == ["SW-1 1", "TM-1 1"] }
            try say()
            try wait("something more") {
                try system.number("SELECT count(*) FROM notifications.digest_item WHERE state = 'waiting'") == 2
            }
            let week = try monday()
            try system.connection.execute(
                """
                UPDATE notifications.message
                   SET digest_on = CASE recipient_id WHEN 'TM-1' THEN digest_on - 1 ELSE date_trunc('week', digest_on)::date END
                """)
            try wait("the next day's digest") { try digests().contains("TM-1 2") }
            // Where the week turned meanwhile, nothing is shown.
            if try monday() == week { #expect(try digests() == ["SW-1 1", "TM-1 2"]) }
            try system.connection.execute(
                "UPDATE notifications.message SET digest_on = digest_on - 7 WHERE recipient_id = 'SW-1'")
            try wait("the next week's digest") { try digests() == ["SW-1 2", "TM-1 2"] }
        }
    }

    /// The database is put back to before the day's digest went out, and more came since: the next digest of that day is
    /// another message, for what is new in it was never said.
    @Test func restoredBetweenTwoItems() async throws {
        let lines = Self.staff().lines
        try await TestSystem.with { system in
            try system.start([.notifications], environment: Self.daily)
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            try system.say("review_due_notice", to: ["social_worker"], more: Self.due("2026-02-20"))
            try wait("the digest") { system.mailFiles.count == 1 }
            try system.waitUntilCaughtUp()
            try system.stopWorkers()
            try system.connection.execute("UPDATE notifications.digest_item SET state = 'waiting', message_id = NULL")
            try system.connection.execute("DELETE FROM notifications.message")
            // Written and found in the Maildir: nothing goes twice.
            try system.relaunchDead()
            try wait("the same digest") {
                try system.number("SELECT count(*) FROM notifications.message WHERE state = 'sent'") == 1
            }
            #expect(system.mailFiles.count == 1)
            try system.stopWorkers()
            try system.connection.execute("UPDATE notifications.digest_item SET state = 'waiting', message_id = NULL")
            try system.connection.execute("DELETE FROM notifications.message")
            try system.say("review_due_notice", to: ["social_worker"], more: Self.due("2026-04-01"))
            try system.relaunchDead()
            try wait("another digest") { system.mailFiles.count == 2 }
            #expect(try Self.texts(system).contains { $0.contains("1 April 2026") })
        }
    }

    /// What was missed is said once. It is said again only where the policy has a daily notice of it (E38, of reviews): that is a
    /// notice of its own each day, and yesterday's is taken back.
    @Test func overdueIsSaidOnce() async throws {
        let lines = Self.staff().lines
        try await TestSystem.with { system in
            try system.start([.notifications], environment: Self.daily)
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            try system.say("deadline_missed", to: ["social_worker"], more: Self.due("2026-01-04"))
            let monday = try system.say("review_due_notice", to: ["social_worker"], more: Self.due("2026-01-03"))
            try wait("the first digest") { system.mailFiles.count == 1 }
            func dayPasses() throws {
                try system.connection.execute("UPDATE notifications.message SET digest_on = digest_on - 1")
            }
            try system.waitUntilCaughtUp()
            try dayPasses()
            try system.say("", to: [], revision: 2, id: monday, withdrawn: true)
            try system.say("review_due_notice", to: ["social_worker"], more: Self.due("2026-01-03"))
            try wait("the second digest") { system.mailFiles.count == 2 }
            try system.waitUntilCaughtUp()
            try dayPasses()
            // A message at once comes after any digest of this day would have.
            let marker = try system.say("review_due_notice", to: ["team_manager"])
            try wait("the marker") { try system.told(of: marker).first?.hasSuffix(" sent") == true }
            try system.waitUntilCaughtUp()
            let mails = try Self.texts(system).filter { $0.hasPrefix("sw-1@") }
            #expect(mails.count == 2)
            #expect(mails.count { $0.contains("4 January 2026") } == 1)
            #expect(mails.count { $0.contains("3 January 2026") } == 2)
        }
    }

    /// Of a closed case nothing more is said but the letters that are owed; reopened, it speaks again.
    @Test func closedCases() async throws {
        let staff = Self.staff()
        func event(_ type: String, _ field: String, _ on: String) -> String {
            """
            {"specversion":"1.0","id":"\(type)","source":"urn:lcs:E06000030","type":"quorate.\(type).v1","subject":"C-1",\
            "time":"2026-01-05T12:00:00Z","authority":"E06000030","data":{"\(field)":"\(on)"}}
            """
        }
        let (closed, reopened) = (
            event("case.closed", "closedOn", "2026-01-05"), event("case.reopened", "reopenedOn", "2026-01-06")
        )
        try await TestSystem.with { system in
            try system.publish(staff.lines + [closed])
            try system.start([.notifications])
            try system.waitUntilCaughtUp()
            let reminder = try system.say("review_due_notice", to: ["social_worker"])
            let letter = try system.say("plan_ended_by_social_worker", to: ["social_worker"])
            try system.waitUntilCaughtUp()
            #expect(try system.told(of: reminder) == ["nobody as social_worker withdrawn"])
            #expect(try system.told(of: letter) == ["SW-1 as social_worker sent"])
            try system.publish([reopened])
            try system.waitUntilCaughtUp()
            try wait("what was not said") {
                try system.told(of: reminder) == ["SW-1 as social_worker sent", "nobody as social_worker withdrawn"]
            }
        }
    }

    /// Re-allocated from SW-1 to SW-2 and back while it waits: it is said to SW-1.
    @Test func thereAndBack() async throws {
        let known = Self.staff()
        var more = known
        for (person, day) in [("SW-2", "06"), ("SW-1", "07")] {
            more.allocate(person, to: "K-1", case: "C-1", from: "2026-01-\(day)T09:00:00Z")
        }
        let moves = Array(more.lines.dropFirst(known.lines.count))
        try await TestSystem.with { system in
            try system.start([.notifications], environment: Self.daily)
            try system.publish(known.lines)
            try system.waitUntilCaughtUp()
            // Today's digest of each is written: what comes now waits.
            try system.say("review_due_notice", to: ["social_worker"])
            try wait("the first digest") { system.mailFiles.count == 1 }
            let notice = try system.say("report_due_reminder", to: ["social_worker"])
            func items() throws -> [String] {
                try system.strings(
                    """
                    SELECT recipient_id || ' ' || state FROM notifications.digest_item
                     WHERE notice_id = \(notice)::uuid ORDER BY 1
                    """)
            }
            try wait("the item") { try items() == ["SW-1 waiting"] }
            // SW-2 has had today's digest too, so that what is passed on waits there.
            try system.connection.execute(
                """
                INSERT INTO notifications.message (message_id, authority, source_partition, recipient_id, recipient_role,
                    channel, address, template, body, state, digest_on)
                VALUES (gen_random_uuid(), \(NoticeEvents.authority), 0, 'SW-2', 'digest', 'email', '', 'digest', '{}', 'sent',
                    current_date + 1)
                """)
            func turn(_ person: String) throws {
                try system.connection.execute(
                    """
                    UPDATE notifications.message SET message_id = gen_random_uuid(), digest_on = current_date - 1
                     WHERE recipient_id = \(person)
                    """)
            }
            try system.publish([moves[0]])
            try system.waitUntilCaughtUp()
            try turn("SW-1")
            try wait("the item to be passed on") { try items() == ["SW-1 passed_on", "SW-2 waiting"] }
            try system.publish([moves[1]])
            try system.waitUntilCaughtUp()
            try turn("SW-2")
            try wait("the item to come back") { try items() == ["SW-1 taken", "SW-2 passed_on"] }
        }
    }
}
