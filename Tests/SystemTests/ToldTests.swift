import CaseEvents
import Postgres
import StatutoryRules
import TestSupport
import Testing
import Workers

/// What notification-events tell, in the read models; and these drawn again from the topics alone.
@Suite struct ToldTests {
    private static let authority = "E06000030"

    /// The message of a number, as published: `at` is a time of the day 2026-01-06.
    private static func tell(
        _ system: TestSystem, _ outcome: String, _ message: Int, attempt: Int, at: String, copy: Int = 1
    ) throws {
        let data = """
            {"notificationId":"\(id(message))","templateId":"review_due_notice","recipientId":"SW-1","channel":"email",\
            "\(outcome)At":"2026-01-06T\(at):00Z","dedupeKey":"\(id(message))","attempt":\(attempt)}
            """
        try publish(system, "notification.\(outcome)", data, copies: copy)
    }

    private static func id(_ number: Int) -> String { "00000000-0000-4000-8000-00000000000\(number)" }

    private static func publish(_ system: TestSystem, _ name: String, _ data: String, copies: Int = 1) throws {
        let event = OutgoingEvent(
            id: "\(name)/\(data.hashValue)", source: WorkerName.notifications.source, type: "quorate.\(name).v1",
            subject: "C-1", authority: authority, time: Instant("2026-01-06T12:00:00Z")!, data: data)
        for _ in 0..<copies {
            try system.produceRaw(
                topic: .notificationEvents, key: Array(event.key.utf8), value: Array(event.json.utf8))
        }
    }

    /// In whatever order the words come, and however often: the last attempt counts, and of one attempt what became of it at
    /// the end. The clock of who delivers may be behind ours.
    @Test func theLastAttemptCounts() async throws {
        try await TestSystem.with { system in
            try system.start([.reporting])
            try Self.tell(system, "sent", 1, attempt: 1, at: "09:00")
            try Self.tell(system, "sent", 2, attempt: 2, at: "10:00")
            try Self.tell(system, "failed", 2, attempt: 1, at: "09:00", copy: 2)
            try Self.tell(system, "sent", 3, attempt: 1, at: "09:01")
            try Self.tell(system, "delivered", 3, attempt: 1, at: "09:00")
            try Self.tell(system, "delivered", 4, attempt: 1, at: "09:05")
            try Self.tell(system, "sent", 4, attempt: 1, at: "09:00", copy: 3)
            try Self.tell(system, "failed", 5, attempt: 1, at: "11:00")
            try Self.tell(system, "sent", 5, attempt: 1, at: "09:00")
            try system.waitUntilCaughtUp()
            let seen: SQL = """
                SELECT concat_ws(' ', right(message_id::text, 1), case_reference, recipient_id, outcome, attempts,
                    to_char(sent_at AT TIME ZONE 'UTC', 'HH24:MI'), to_char(failed_at AT TIME ZONE 'UTC', 'HH24:MI'),
                    to_char(delivered_at AT TIME ZONE 'UTC', 'HH24:MI'))
                  FROM analysis.notification_outcome ORDER BY 1
                """
            #expect(try system.strings(seen).isEmpty, "nothing is granted")
            try system.connection.script(
                "INSERT INTO configuration.analyst_grant SELECT session_user, '\(Self.authority)'")
            #expect(
                try system.strings(seen) == [
                    "1 C-1 SW-1 sent 1 09:00", "2 C-1 SW-1 sent 2 10:00 09:00", "3 C-1 SW-1 delivered 1 09:01 09:00",
                    "4 C-1 SW-1 delivered 1 09:00 09:05", "5 C-1 SW-1 failed 1 09:00 11:00",
                ])
            try system.connection.script("UPDATE configuration.analyst_grant SET authority = 'E08000011'")
            #expect(try system.strings(seen).isEmpty, "another authority's")
            #expect(try system.number("SELECT count(*) FROM reporting.quarantine") == 0)
        }
    }

    /// What the directory lacks, until it no longer does; found again it stands again, and a copy of the first word does not
    /// bring it back.
    @Test func whatTheDirectoryLacks() async throws {
        try await TestSystem.with { system in
            try system.start([.reporting])
            func found(_ number: Int, _ at: String) throws {
                try Self.publish(
                    system, "finding.recorded",
                    """
                    {"findingId":"\(Self.id(number))","rule":"directory","code":"role_unheld","severity":"should",\
                    "role":"team_manager","message":"","recordedAt":"2026-01-06T\(at):00Z"}
                    """)
            }
            func cleared(_ number: Int, _ at: String) throws {
                try Self.publish(
                    system, "finding.cleared",
                    #"{"findingId":"\#(Self.id(number))","cause":"directory","clearedAt":"2026-01-06T\#(at):00Z"}"#)
            }
            try found(1, "09:00")
            try found(2, "09:00")
            try cleared(2, "10:00")
            try found(2, "09:00")
            try found(3, "09:00")
            try cleared(3, "10:00")
            try found(3, "11:00")
            try cleared(4, "10:00")
            try system.waitUntilCaughtUp()
            try found(4, "09:00")
            try system.waitUntilCaughtUp()
            try system.connection.script("INSERT INTO configuration.analyst_grant SELECT session_user, '*'")
            let gaps = try system.strings(
                """
                SELECT concat_ws(' ', right(finding_id::text, 1), case_reference, role, code,
                    to_char(recorded_at AT TIME ZONE 'UTC', 'HH24:MI')) FROM analysis.directory_gap ORDER BY 1
                """)
            #expect(gaps == ["1 C-1 team_manager role_unheld 09:00", "3 C-1 team_manager role_unheld 11:00"])
        }
    }

    /// Emptied and read anew from the first record of each topic, the read models are those of the live run. Only the rhythm
    /// of the sources, which is when they were heard, and the lists as they were published are not drawn from topics.
    @Test func readAnewTheTopicsGiveTheSameRows() async throws {
        let lines = try TestSystem.sample(cases: 40, seed: 4)
        let directory = try TestSystem.sample(cases: 1, seed: 4, directory: true)
        try await TestSystem.with { system in
            try system.start([.scheduling, .notifications, .reporting])
            try system.publish(directory)
            // In parts, so that a duty is set in one batch and met or withdrawn in another.
            let part = (lines.count + 5) / 6
            for start in stride(from: 0, to: lines.count, by: part) {
                try system.publish(Array(lines[start..<min(start + part, lines.count)]))
                try system.waitUntilCaughtUp(within: .seconds(300))
            }
            try Self.expectOutcomes(on: system)
            let tables = try Self.tables(of: system)
            let live = try Self.digests(of: tables, on: system)
            for table in ["conference", "duty", "finding", "notification", "plan", "postponement", "staff"] {
                #expect(live[table].map { !$0.hasPrefix("0 ") } == true, "\(table) is empty")
            }
            try system.worker(.reporting).stop()
            let names = tables.map { "reporting.\($0)" }.joined(separator: ", ")
            try system.connection.script("TRUNCATE \(names); DELETE FROM reporting.kafka_offset")
            try system.worker(.reporting).launch()
            try system.waitUntilCaughtUp(within: .seconds(300))
            let again = try Self.digests(of: tables, on: system)
            for table in tables { #expect(again[table] == live[table], "\(table)") }
        }
    }

    /// What was sent, by notifications' own tables.
    private static func expectOutcomes(on system: TestSystem) throws {
        try system.connection.script("INSERT INTO configuration.analyst_grant SELECT session_user, '*'")
        let differing = try system.number(
            """
            SELECT count(*) FROM (SELECT message_id, recipient_id, attempts FROM notifications.message WHERE state = 'sent') m
              FULL JOIN (SELECT message_id, recipient_id, attempts FROM analysis.notification_outcome WHERE outcome = 'sent') o
                USING (message_id, recipient_id, attempts)
             WHERE m.message_id IS NULL OR o.message_id IS NULL
            """)
        #expect(differing == 0)
    }

    private static func tables(of system: TestSystem) throws -> [String] {
        try system.strings(
            """
            SELECT relname::text FROM pg_class
             WHERE relnamespace = 'reporting'::regnamespace AND relkind = 'r' AND NOT relispartition
               AND relname NOT IN ('published_list', 'source', 'freshness', 'kafka_offset', 'outbox_pending',
                   'outbox_relayed', 'quarantine', 'board_session', 'board_link')
             ORDER BY 1
            """)
    }

    private static func digests(of tables: [String], on system: TestSystem) throws -> [String: String] {
        var digests: [String: String] = [:]
        for table in tables {
            digests[table] = try system.strings(
                """
                SELECT count(*) || ' ' || coalesce(md5(string_agg(r, '|' ORDER BY r)), '')
                  FROM (SELECT (to_jsonb(t) - 'changed_at')::text AS r FROM reporting.\(identifier: table) t) s
                """)[0]
        }
        return digests
    }
}
