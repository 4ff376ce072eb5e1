import CaseEvents
import Foundation
import TestSupport
import Testing
import Workers

/// Once only, within limits, and under an operator's hand.
@Suite struct SendingTests {
    private static func staff() -> [String] {
        var events = NoticeEvents()
        events.person("SW-1", "social_worker")
        events.person("TM-1", "team_manager")
        events.allocate("SW-1", to: "K-1", case: "C-1")
        return events.lines
    }

    private static func states(_ system: TestSystem) throws -> [String] {
        try system.strings(
            "SELECT state || coalesce(' ' || hold, '') || ' ' || count(*) FROM notifications.message GROUP BY state, hold"
        ).sorted()
    }

    /// Twelve notices for one person who may get five an hour: five are sent, seven held, and said in the log. Released,
    /// they are sent.
    @Test func aFloodIsHeld() async throws {
        let lines = Self.staff()
        try await TestSystem.with { system in
            try system.start([.notifications], environment: ["QUORATE_MAIL_PERSON_HOURLY": "5"])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            for _ in 1...12 { try system.say("review_due_notice", to: ["social_worker"]) }
            try system.waitUntilCaughtUp()
            // Where the clock's hour turned meanwhile, up to five more go: then nothing is shown.
            let hours = try system.number("SELECT count(DISTINCT hour) FROM notifications.hourly_count")
            if hours == 1 {
                #expect(try Self.states(system) == ["held cap 7", "sent 5"])
                #expect(system.worker(.notifications).logText.contains("over the hour's cap"))
                #expect(try system.quorate("letters", "list", "--hold", "cap").output.contains("7 waiting"))
                let status = try system.quorate("status", exits: 1)
                #expect(status.output.contains("7 over the hour's cap"), "\(status.output)")
                try wait("the figure for the alert") {
                    try system.worker(.notifications).get("metrics").body.contains(
                        "quorate_messages_waiting{worker=\"notifications\",reason=\"cap\"} 7\n")
                }
            }
            try system.quorate("letters", "release", "--hold", "cap")
            try system.waitUntilCaughtUp()
            #expect(system.mailFiles.count == 12)
            let acts = try system.number(
                "SELECT count(*) FROM scheduling.outbox WHERE convert_from(value, 'UTF8') LIKE '%letters.release%'")
            #expect(acts == (hours == 1 ? 7 : acts))
        }
    }

    @Test func pausedAndResumed() async throws {
        let lines = Self.staff()
        try await TestSystem.with { system in
            try system.start([.notifications])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            try system.quorate("notices", "pause", "--reason", "a bad import")
            let notice = try system.say("review_due_notice", to: ["social_worker"])
            try wait("the intent") { try system.told(of: notice) == ["SW-1 as social_worker intended"] }
            // A sweep comes round each second: two looks at the outbox of the next batch show that one has passed.
            let marker = try system.say("review_due_notice", to: ["team_manager"], case: "C-2", revision: 1)
            try wait("another sweep") { try !system.told(of: marker).isEmpty }
            #expect(system.mailFiles.isEmpty)
            #expect(try system.quorate("notices", "log").output.contains("Paused for all authorities"))
            try system.quorate("notices", "resume")
            try system.quorate("notices", "resume", exits: 2)
            try system.waitUntilCaughtUp()
            #expect(system.mailFiles.count == 2)
        }
    }

    /// A dry run shows what would be sent; each is let go, or set aside, by a person.
    @Test func dryRun() async throws {
        let lines = Self.staff()
        try await TestSystem.with { system in
            try system.start([.notifications], environment: ["QUORATE_MAIL_DRY_RUN": "1"])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            try system.say("review_due_notice", to: ["social_worker", "team_manager"])
            try system.waitUntilCaughtUp()
            #expect(try Self.states(system) == ["held dry_run 2"])
            #expect(system.mailFiles.isEmpty)
            let ids = try system.strings("SELECT message_id::text FROM notifications.message ORDER BY recipient_id")
            let shown = try system.quorate("letters", "show", ids[0])
            #expect(
                shown.output.contains("Subject: Coming up: duty") && shown.output.contains("sw-1@"), "\(shown.output)")
            let worker = system.worker(.notifications)
            try worker.stop()
            worker.environment["QUORATE_MAIL_DRY_RUN"] = "0"
            try worker.launch()
            try system.quorate("letters", "release", ids[0])
            try system.quorate("letters", "discard", ids[1], "--reason", "only a trial")
            try system.quorate("letters", "discard", ids[1], "--reason", "again", exits: 2)
            try system.waitUntilCaughtUp()
            #expect(try Self.states(system) == ["discarded dry_run 1", "sent dry_run 1"])
            #expect(system.mailFiles.count == 1)
        }
    }

    /// E22 and E34 are drafted; nothing leaves before a person has released it, and that is in the audit log.
    @Test func lettersThatCouldDistressWait() async throws {
        let lines = Self.staff()
        try await TestSystem.with { system in
            try system.start([.notifications, .scheduling, .auditing])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            let notices = try ["death_letter", "exclusion_letter"].map { try system.say($0, to: ["social_worker"]) }
            try system.waitUntilCaughtUp()
            #expect(try Self.states(system) == ["held letter 2"])
            let id = try system.strings(
                "SELECT message_id::text FROM notifications.message WHERE notice_id = \(notices[0])::uuid")[0]
            try system.quorate("letters", "release", id, "--reason", "read by the chair")
            // Letters are released one by one.
            try system.quorate("letters", "release", "--hold", "letter", exits: 2)
            try system.waitUntilCaughtUp()
            #expect(try Self.states(system) == ["held letter 1", "sent letter 1"])
            try wait("the act in the audit log") {
                try system.number(
                    """
                    SELECT count(*) FROM auditing.entry e JOIN scheduling.outbox o USING (event_id)
                     WHERE convert_from(o.value, 'UTF8') LIKE '%letters.release%'
                    """) == 1
            }
        }
    }

    /// The database is put back to before anything was sent, as after a restore from backup: the same names, and the Maildir
    /// knows them all.
    @Test func restoredFromBackup() async throws {
        let lines = Self.staff()
        try await TestSystem.with { system in
            try system.start([.notifications])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            for _ in 1...5 { try system.say("review_due_notice", to: ["social_worker", "team_manager"]) }
            try system.waitUntilCaughtUp()
            let files = system.mailFiles
            #expect(files.count == 10)
            try system.stopWorkers()
            // Some were read meanwhile.
            for path in files.prefix(3) {
                let read = path.replacing("/new/", with: "/cur/") + ":2,S"
                try FileManager.default.moveItem(atPath: path, toPath: read)
            }
            try system.connection.execute("DELETE FROM notifications.message")
            try system.connection.execute("UPDATE notifications.notice SET addressed_at = NULL")
            try system.relaunchDead()
            try system.waitUntilCaughtUp()
            #expect(try Self.states(system) == ["sent 10"])
            #expect(system.mailFiles.count == 7)
        }
    }

    /// A channel that is down delays, however long, and loses nothing.
    @Test func aChannelThatIsDownDelays() async throws {
        let lines = Self.staff()
        try await TestSystem.with { system in
            try system.start([.notifications])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            let new = system.mailFolder + "/new"
            try FileManager.default.removeItem(atPath: new)
            let notice = try system.say("review_due_notice", to: ["social_worker"])
            for attempt in 1...12 {
                try wait("attempt \(attempt)") {
                    try system.number(
                        "SELECT count(*) FROM notifications.message WHERE state = 'intended' AND attempts = \(attempt)")
                        == 1
                }
                try system.connection.execute(
                    "UPDATE notifications.message SET next_attempt_at = now() WHERE state = 'intended'")
            }
            try FileManager.default.createDirectory(atPath: new, withIntermediateDirectories: false)
            try system.connection.execute("UPDATE notifications.message SET next_attempt_at = now()")
            try system.waitUntilCaughtUp()
            #expect(try system.told(of: notice) == ["SW-1 as social_worker sent"])
            #expect(system.mailFiles.count == 1)
        }
    }

    /// Twelve for one person, of which five may go in an hour, and an alert for another: the authority's cap of six holds
    /// neither.
    @Test func aFloodToOneHoldsNobodyElse() async throws {
        let lines = Self.staff()
        try await TestSystem.with { system in
            try system.start(
                [.notifications],
                environment: ["QUORATE_MAIL_PERSON_HOURLY": "5", "QUORATE_MAIL_AUTHORITY_HOURLY": "6"])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            for _ in 1...12 { try system.say("review_due_notice", to: ["social_worker"]) }
            try system.waitUntilCaughtUp()
            let alert = try system.say("s20_removal_alert", to: ["team_manager"])
            try system.waitUntilCaughtUp()
            // Where the clock's hour turned meanwhile more may go: the alert does in any case.
            #expect(try system.told(of: alert) == ["TM-1 as team_manager sent"])
        }
    }
}
