import CaseEvents
import Foundation
import Postgres
import TestSupport
import Testing
import Workers

/// Transactions end between any two statements of keeping, addressing, taking up, sending and recording: each notice is said
/// once all the same.
@Suite struct NoticeCutTests {
    private static let cutsWanted: Int64 = 220
    private static let tables = [
        "notice", "directory_word", "digest_item", "message", "finding", "hourly_count", "reader", "kafka_offset",
        "outbox",
        "outbox_pending",
    ]

    /// Cuts a transaction at its first statement that writes, the next one at its second, and so on, before and after each;
    /// every third goes through, since a worker tries a conflict again a few times before it starts anew. Sequences take no
    /// part in a rollback: they count, for each place too, until `ended`.
    private static func saw(_ connection: Connection) throws {
        for table in tables { try connection.script("CREATE SEQUENCE public.cut_\(table)") }
        try connection.script(
            """
            CREATE SEQUENCE public.cut;
            CREATE SEQUENCE public.ended;
            CREATE SEQUENCE public.begun;
            CREATE SEQUENCE public.last;
            CREATE SEQUENCE public.depth MINVALUE 1 MAXVALUE 40 CYCLE;
            CREATE FUNCTION public.cut() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
            DECLARE
                step int := coalesce(nullif(current_setting('cut.step', true), ''), '0')::int + 1;
                number bigint;
            BEGIN
                PERFORM set_config('cut.step', step::text, true);
                IF step = 1 THEN
                    number := nextval('public.begun');
                    PERFORM set_config('cut.goes', (number % 3 = 0)::text, true);
                    -- No transaction has been so long for a while: from the start again.
                    IF number - (SELECT last_value FROM public.last) > 12 THEN
                        PERFORM setval('public.depth', 1), setval('public.last', number);
                    END IF;
                END IF;
                IF current_setting('cut.goes') = 'false' AND step = (SELECT last_value FROM public.depth)
                    AND NOT (SELECT is_called FROM public.ended) THEN
                    PERFORM nextval('public.cut'), nextval('public.depth'), nextval('public.cut_' || TG_TABLE_NAME),
                        setval('public.last', (SELECT last_value FROM public.begun));
                    RAISE EXCEPTION 'cut' USING ERRCODE = 'serialization_failure';
                END IF;
                RETURN NULL;
            END $$;
            """)
        for table in tables {
            for when in ["BEFORE", "AFTER"] {
                try connection.script(
                    """
                    CREATE TRIGGER cut_\(when) \(when) INSERT OR UPDATE ON notifications.\(table)
                        FOR EACH STATEMENT EXECUTE FUNCTION public.cut()
                    """)
            }
        }
    }

    @Test func eachIsSaidOnceByTwoHundredCuts() async throws {
        var events = NoticeEvents()
        events.person("SW-1", "social_worker")
        events.person("TM-1", "team_manager", more: #","digest":"daily""#)
        events.mailbox("qa_team")
        events.allocate("SW-1", to: "K-1", case: "C-1")
        let lines = events.lines
        try await TestSystem.with(.init(partitions: 2)) { system in
            try Self.saw(try system.connection)
            let worker = try system.start([.notifications])[0]
            try system.publish(lines)
            var urgent: [String] = []
            var calm: [String] = []
            try wait("\(Self.cutsWanted) cuts, and one at each table", within: .seconds(240), every: .milliseconds(50))
            {
                let said = try system.number("SELECT count(*) FROM notifications.notice WHERE addressed_at IS NOT NULL")
                if said >= urgent.count + calm.count {
                    let place = urgent.count
                    urgent.append(try system.say("review_due_notice", to: ["social_worker"], case: "C-\(place)"))
                    // Nobody holds it: found missing, and said to the mailbox.
                    urgent.append(try system.say("review_due_notice", to: ["complaints_manager"], case: "C-\(place)"))
                    calm.append(try system.say("review_due_notice", to: ["team_manager"], case: "C-\(place)"))
                }
                return try system.number("SELECT last_value FROM public.cut") >= Self.cutsWanted
                    && Self.tables.allSatisfy { table in
                        try system.number("SELECT count(*) FROM public.cut_\(raw: table) WHERE is_called") == 1
                    }
            }
            _ = try system.number("SELECT nextval('public.ended')")
            // A day passes, for what the first digest left.
            try system.waitUntilCaughtUp()
            try system.connection.execute("UPDATE notifications.message SET digest_on = digest_on - 1")
            try wait("the last digest") {
                try system.number("SELECT count(*) FROM notifications.digest_item WHERE state = 'waiting'") == 0
            }
            try system.waitUntilCaughtUp()
            #expect(worker.isRunning && worker.launches == 1)
            #expect(try Self.said(of: urgent, system) == urgent.count)
            let inDigests = try system.strings(
                """
                SELECT i.notice_id::text FROM notifications.digest_item i JOIN notifications.message m USING (message_id)
                 WHERE m.state = 'sent' ORDER BY 1
                """)
            #expect(inDigests == calm.sorted())
            let sent = try system.number("SELECT count(*) FROM notifications.message WHERE state = 'sent'")
            #expect(system.mailFiles.count == Int(sent))
            #expect(try system.number("SELECT count(*) FROM notifications.message WHERE state <> 'sent'") == 0)
            let told = try system.records(of: .notificationEvents).map { try JSONValue($0.value!) }
                .filter { $0["type"]?.string == "quorate.notification.sent.v1" }.compactMap { $0["id"]?.string }
            #expect(Set(told).count == Int(sent) && told.count == Int(sent))
            try worker.stop()
        }
    }

    /// How many of the notices led to exactly one message.
    private static func said(of notices: [String], _ system: TestSystem) throws -> Int {
        Int(
            try system.number(
                """
                SELECT count(*) FROM unnest(\(notices)) AS n (id)
                 WHERE 1 = (SELECT count(*) FROM notifications.message m WHERE m.notice_id = n.id::uuid AND m.state = 'sent')
                """))
    }
}
