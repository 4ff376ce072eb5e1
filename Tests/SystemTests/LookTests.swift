import CaseEvents
import Foundation
import Kafka
import Postgres
import TestSupport
import Testing
import Workers

/// What shows something of a child is an entry before it is shown, and `who-saw` finds it again.
@Suite struct LookTests {
    private static let authority = "E09000002"

    /// A message, and records in quarantine, of each kind that commands show.
    private static func prepare(_ system: TestSystem) throws {
        try system.publish(
            AuditAccessTests.history + [
                AuditAccessTests.event("over", "case.closed", #""closedOn":"2026-03-20""#),
                AuditAccessTests.event("alien", "conference.imagined", #""conferenceId":"CF""#),
            ])
        try system.waitUntilCaughtUp()
        try system.connection.execute(
            """
            INSERT INTO notifications.message (message_id, authority, subject, source_partition, recipient_id,
                recipient_role, channel, address, template, body, state, hold)
            VALUES (gen_random_uuid(), \(authority), 'C-1', 0, 'P-1', 'social_worker', 'email', 'p-1@e.example',
                'parents_decision_letter', '{}', 'held', 'letter')
            """)
        for (worker, topic, subject) in [
            ("scheduling", "case-events", nil), ("reporting", "case-outcomes", "C-1"),
            ("notifications", "case-events", "C-1"), ("notifications", "directory-events", "C-1"),
        ] as [(String, String, String?)] {
            try system.connection.execute(
                """
                INSERT INTO \(raw: worker).quarantine (cluster, topic, partition, kafka_offset, kafka_timestamp_ms, code,
                    reason, authority, subject, value, release)
                VALUES ('other', \(topic), 0, 0, 0, 'x', 'x', \(authority), \(subject), \(Array("of C-1".utf8)), '1')
                """)
        }
    }

    private static let looks: [(arguments: [String], type: String, act: String, shown: String)] = [
        (["trace", "held"], "record.viewed", "trace", "into case E09000002/C-1"),
        (["notices", "log", "--case", "C-1"], "record.viewed", "notices.log", "case C-1, to P-1"),
        (["notices", "log"], "operator.acted", "notices.log", "case C-1, to P-1"),
        (["letters", "list"], "operator.acted", "letters.list", "case C-1, to P-1"),
        (["quarantine", "list"], "operator.acted", "quarantine.list", "E09000002/C-1"),
        (["retention", "report"], "operator.acted", "retention.report", "E09000002/C-1"),
        // By the topic of what was kept, whoever keeps it; where nothing tells the case, it is of some.
        (["quarantine", "show", "1"], "record.viewed", "quarantine.show", "conference.imagined"),
        (["quarantine", "show", "2"], "operator.acted", "quarantine.show", "of C-1"),
        (["quarantine", "show", "1", "--worker", "reporting"], "record.viewed", "quarantine.show", "of C-1"),
        (["quarantine", "show", "1", "--worker", "notifications"], "record.viewed", "quarantine.show", "of C-1"),
        (["quarantine", "show", "2", "--worker", "notifications"], "operator.acted", "quarantine.show", "of C-1"),
    ]

    /// The last thing that was published of the operator.
    private static func newest(_ system: TestSystem) throws -> (type: String, key: String, act: String?)? {
        let row = try system.connection.execute(
            """
            SELECT event_type, convert_from(record_key, 'UTF8') AS key, convert_from(value, 'UTF8') AS value
              FROM scheduling.outbox WHERE topic = 'operator-events' ORDER BY outbox_id DESC LIMIT 1
            """
        ).first
        return try row.map {
            ($0.string("event_type"), $0.string("key"), try JSONValue($0.string("value"))["data"]?["act"]?.string)
        }
    }

    @Test func nothingOfAChildIsShownUnnoted() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            try system.start([.scheduling, .reporting])
            try Self.prepare(system)
            try system.stopWorkers()
            for look in Self.looks {
                let name = look.arguments.joined(separator: " ")
                // Where the look cannot be kept, nothing is shown.
                try system.connection.script(
                    """
                    CREATE OR REPLACE FUNCTION public.cut() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN RAISE EXCEPTION 'cut'; END $$;
                    CREATE TRIGGER cut BEFORE INSERT ON scheduling.outbox EXECUTE FUNCTION public.cut()
                    """)
                let cut = try system.run(look.arguments)
                #expect(cut.status != 0 && cut.errors.contains("cut"), "\(name): \(cut.errors)")
                #expect(!cut.output.contains("C-1"), "\(name): \(cut.output)")
                try system.connection.script("DROP TRIGGER cut ON scheduling.outbox")
                let shown = try system.run(look.arguments)
                #expect(shown.status == 0 && shown.output.contains(look.shown), "\(name): \(shown.output)")
                let told = try #require(try Self.newest(system), "\(name)")
                let subject = look.type == "record.viewed" ? "C-1" : "operator"
                #expect(told.type == "quorate.\(look.type).v1" && told.act == look.act, "\(name): \(told)")
                #expect(told.key == "\(Self.authority)/\(subject)", "\(name): \(told)")
            }
            // What shows nothing tells nothing.
            let before = try system.number("SELECT count(*) FROM scheduling.outbox")
            try system.quorate("notices", "log", "--case", "C-9")
            try system.quorate("trace", "unheard-of", exits: 1)
            try system.quorate("lists", "list")
            #expect(try system.number("SELECT count(*) FROM scheduling.outbox") == before)
        }
    }

    /// What somebody did, or what was sent, as the workers publish it.
    private static func say(
        _ system: TestSystem, _ topic: SystemTopic, _ type: String, about subject: String, _ data: String
    ) throws {
        let id = UUID().uuidString
        let event = """
            {"specversion":"1.0","id":"\(id)","source":"urn:quorate:board","type":"quorate.\(type).v1",\
            "subject":"\(subject)","time":"2026-03-04T00:00:00Z","authority":"\(authority)",\
            "datacontenttype":"application/json","data":{\(data)}}
            """
        try system.produceRaw(topic: topic, key: Array("\(authority)/\(subject)".utf8), value: Array(event.utf8))
    }

    private static func sent(_ message: UUID, to person: String) -> String {
        let id = message.uuidString.lowercased()
        return """
            "notificationId":"\(id)","templateId":"weekly","recipientId":"\(person)","channel":"email",\
            "sentAt":"2026-03-04T00:00:00Z","dedupeKey":"\(id)","attempt":1
            """
    }

    private static func page(_ system: TestSystem, _ act: String, _ about: String, by user: String) throws {
        try say(
            system, .operatorEvents, "operator.acted", about: "operator",
            "\"act\":\"\(act)\",\"about\":\"\(about)\",\"login\":\"\(user)\"")
    }

    /// A digest that waits, of which the case was a part.
    private static func takeOut(of message: UUID, _ system: TestSystem) throws {
        let id = PGUUID(message.uuidString)!
        try system.connection.execute(
            """
            INSERT INTO notifications.message (message_id, authority, source_partition, recipient_id, recipient_role, channel,
                address, template, body, state)
            VALUES (\(id), \(authority), 0, 'P-2', 'digest', 'email', 'p-2@e.example', 'digest', '{}', 'held')
            """)
        try system.connection.execute(
            """
            INSERT INTO notifications.digest_item (item_id, notice_id, authority, subject, source_partition, recipient_id,
                recipient_role, recipient_partition, template, body, rhythm, state, message_id, added_at)
            VALUES (gen_random_uuid(), gen_random_uuid(), \(authority), 'C-1', 0, 'P-2', 'social_worker', 0, 'x', '{}',
                'daily', 'taken', \(id), now() - interval '1 hour')
            """)
        try system.connection.execute(
            "UPDATE notifications.digest_item SET state = 'withdrawn', message_id = NULL WHERE message_id = \(id)")
    }

    @Test func listsMessagesAndPagesThatHeldAChildAreFound() async throws {
        let messages = (0..<6).map { _ in UUID() }
        try await TestSystem.with(.init(partitions: 2)) { system in
            try system.start([.scheduling, .reporting, .auditing])
            // Before anything was heard of the case.
            try Self.page(system, "board.overdue", "all", by: "eve")
            try system.waitUntilCaughtUp()
            try system.publish(AuditAccessTests.history)
            try system.waitUntilCaughtUp()
            for (id, subject) in [("with", "C-1"), ("without", "C-2")] {
                try system.connection.execute(
                    """
                    INSERT INTO reporting.published_list (list_id, kind, authority, period, as_at, row_count, csv, html,
                        listed_on, cells)
                    VALUES (\(id), 'weekly', \(Self.authority), \(id), now(), 1, 'x', 'x',
                        \(id == "with" ? "2026-03-02" : "2026-03-09")::date,
                        jsonb_build_array('["Due", "Case"]'::jsonb, jsonb_build_array('2026-04-01', \(subject)::text)))
                    """)
            }
            for (message, list) in zip(messages, ["with", "without", nil, nil] as [String?]) {
                try system.connection.execute(
                    """
                    INSERT INTO notifications.message (message_id, list_id, authority, source_partition, recipient_id,
                        recipient_role, channel, address, template, body, state)
                    VALUES (\(PGUUID(message.uuidString)!), \(list), \(Self.authority), 0, 'P-1', 'social_worker', 'email',
                        'p-1@e.example', 'digest', '{}', 'sent')
                    """)
            }
            for (message, subject) in [(messages[2], "C-1"), (messages[3], "C-2")] {
                try system.connection.execute(
                    """
                    INSERT INTO notifications.digest_item (item_id, notice_id, authority, subject, source_partition,
                        recipient_id, recipient_role, recipient_partition, template, body, rhythm, state, message_id)
                    VALUES (gen_random_uuid(), gen_random_uuid(), \(Self.authority), \(subject), 0, 'P-1', 'social_worker', 0,
                        'x', '{}', 'daily', 'taken', \(PGUUID(message.uuidString)!))
                    """)
            }
            try Self.takeOut(of: messages[5], system)
            for (message, person) in zip(messages, ["of-list", "of-other-list", "of-digest", "of-other-digest"]) {
                try Self.say(
                    system, .notificationEvents, "notification.sent", about: "lists", Self.sent(message, to: person))
            }
            try Self.say(
                system, .notificationEvents, "notification.sent", about: "C-1", Self.sent(messages[4], to: "of-case"))
            try Self.page(system, "board.overdue", "team=T-1", by: "ann")
            try Self.page(system, "board.list", "with", by: "bob")
            try Self.page(system, "board.list", "without", by: "cyd")
            try Self.page(system, "lists.show", "weekly 2026-03-02", by: "dan")
            try Self.page(system, "lists.show", "weekly 2026-03-02, in part", by: "fay")
            try Self.page(system, "board.grant", "gus, cases of E09000002", by: "gus")
            // Messages that waited for a person were shown before they were sent; one, before an item was taken out of it.
            for (message, user) in zip(messages, ["hal", "ike", "joy", "kit", "lea", "moe"]) {
                try Self.page(system, "letters.show", message.uuidString, by: user)
            }
            try Self.page(system, "letters.release", messages[0].uuidString, by: "mab")
            try Self.page(system, "quarantine.show", "7", by: "nye")
            try Self.page(system, "board.imagined", "all", by: "orr")
            try system.waitUntilCaughtUp()
            let told = try system.quorate("audit", "who-saw", "--child", "K-1").output
            #expect(told.contains(/notification\.sent\.v1 +recipientId of-case, channel email, templateId weekly/))
            #expect(told.contains(/named +published, list weekly of with/))
            #expect(told.contains(/named +recipientId of-list, channel email, templateId weekly, list weekly of with/))
            #expect(told.contains(/named +recipientId of-digest,/))
            #expect(told.contains(/named +login bob, act board\.list, about with, list weekly of with/))
            #expect(told.contains(/named +login dan, act lists\.show/))
            #expect(told.contains(/may have +login ann, act board\.overdue, about team=T-1/))
            #expect(told.contains(/may have +login fay, act lists\.show/))
            #expect(told.contains(/named +login hal, act letters\.show, about \S+, list weekly of with/))
            #expect(told.contains(/named +login joy, act letters\.show/))
            for user in ["lea", "moe", "nye", "orr"] {
                #expect(told.contains(try Regex("may have +login \(user), act ")), "\(user)")
            }
            for other in ["of-other-list", "of-other-digest", "eve", "cyd", "gus", "without", "ike", "kit", "mab"] {
                #expect(!told.contains(other), "\(other)")
            }
            #expect(told.contains("4 times, in E09000002/C-1, as far as it was recorded."))
            #expect(told.contains("7 lists and messages of many cases named it; 6 pages, lists and messages may have."))
        }
    }
}
