import CaseEvents
import Foundation
import Postgres
import TestSupport
import Testing
import Workers

/// What an operator does and the event that tells of it are in one transaction: a cut before or after either leaves neither.
@Suite struct OperatorTests {
    private struct Act {
        /// As the event names it.
        let name: String
        let arguments: [String]
        /// The table that it changes.
        let table: String
        /// Of the command where nothing goes wrong: some wait for a worker, and none runs here.
        var exits: Int32 = 0
    }

    /// In an order in which each may be done.
    private static func acts(_ system: TestSystem) throws -> [Act] {
        let file = try system.write(
            "configuration/authorities.yaml",
            "defaults:\n  E06: england\nauthorities:\n  E06000030: {policy: swindon}\n")
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        let empty = "\(system.folder)/packaged"
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: false)
        let ids = try system.strings("SELECT quarantine_id::text FROM scheduling.quarantine ORDER BY 1")
        let held = try system.strings("SELECT message_id::text FROM notifications.message WHERE state = 'held'")
        let failed = try system.strings("SELECT message_id::text FROM notifications.message WHERE state = 'failed'")
        try #require(ids.count == 2 && held.count == 2 && failed.count == 2)
        let (version, hold) = ("configuration.version", "configuration.legal_hold")
        let (pause, message) = ("notifications.pause", "notifications.message")
        let (quarantine, user) = ("scheduling.quarantine", "configuration.board_user")
        func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
        return [
            Act(name: "configuration.load", arguments: ["configuration", "load", folder], table: version),
            Act(name: "configuration.load", arguments: ["migrate", "--configuration", empty], table: version),
            Act(
                name: "retention.hold", arguments: words("retention hold --case E06000030/C-1 --reason inquiry"),
                table: hold),
            Act(name: "retention.lift", arguments: words("retention lift --case E06000030/C-1"), table: hold),
            Act(name: "notices.pause", arguments: words("notices pause --reason import"), table: pause),
            Act(name: "notices.resume", arguments: words("notices resume"), table: pause),
            Act(name: "letters.release", arguments: ["letters", "release", held[0]], table: message),
            Act(
                name: "letters.discard", arguments: ["letters", "discard", held[1], "--reason", "twice"],
                table: message),
            Act(
                name: "notices.resend", arguments: ["notices", "resend", failed[0], "--reason", "mended"],
                table: message),
            Act(
                name: "notices.abandon", arguments: ["notices", "abandon", failed[1], "--reason", "told"],
                table: message),
            Act(
                name: "quarantine.replay", arguments: ["quarantine", "replay", ids[0], "--timeout", "0"],
                table: quarantine, exits: 1),
            Act(
                name: "quarantine.discard", arguments: ["quarantine", "discard", ids[1], "--reason", "unwanted"],
                table: quarantine),
            Act(
                name: "reporting.rebuild", arguments: words("reporting rebuild --timeout 0"),
                table: "reporting.case_file", exits: 2),
            Act(name: "board.grant", arguments: words("board grant ann --authority E06000030"), table: user),
            Act(name: "board.revoke", arguments: words("board revoke ann"), table: user),
            Act(
                name: "offsets.reset", arguments: words("offsets reset --worker reporting --topic case-events"),
                table: "reporting.kafka_offset"),
        ]
    }

    @Test func anActAndItsEventAreBothThereOrNeither() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            try system.start([.scheduling, .reporting])
            try system.publish((0..<3).map { discussion("event-\($0)", case: "C-\($0)") })
            for number in 0..<2 { try system.produceRaw(key: Array("E06000030/C-9".utf8), value: [UInt8(number)]) }
            try system.waitUntilCaughtUp()
            try system.stopWorkers()
            let connection = try system.connection
            for state in ["held", "held", "failed", "failed"] {
                let hold: String? = state == "held" ? "cap" : nil
                try connection.execute(
                    """
                    INSERT INTO notifications.message (message_id, authority, source_partition, recipient_id,
                        recipient_role, channel, address, template, body, state, hold)
                    VALUES (gen_random_uuid(), 'E06000030', 0, 'SW-1', 'qa_team', 'email', 'sw-1@e.example', 'digest',
                        '{}', \(state), \(hold))
                    """)
            }
            try connection.script(
                """
                CREATE FUNCTION public.cut() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION 'cut'; END $$
                """)
            let all = try Self.acts(system)
            for act in all {
                let before = try Self.state(of: act, system)
                for table in [act.table, "scheduling.outbox", "scheduling.outbox_pending"] {
                    for moment in ["BEFORE", "AFTER"] {
                        try connection.script(
                            """
                            CREATE TRIGGER cut \(moment) INSERT OR UPDATE OR DELETE ON \(table)
                            FOR EACH STATEMENT EXECUTE FUNCTION public.cut()
                            """)
                        let cut = try system.run(act.arguments)
                        #expect(cut.status != 0 && cut.errors.contains("cut"), "\(act.name): \(cut.errors)")
                        try connection.script("DROP TRIGGER cut ON \(table)")
                        #expect(try Self.state(of: act, system) == before, "\(act.name), \(moment) \(table)")
                    }
                }
                let done = try system.run(act.arguments)
                #expect(done.status == act.exits, "\(act.name): \(done.output)\(done.errors)")
                let after = try Self.state(of: act, system)
                #expect(after.table != before.table, "\(act.name)")
                #expect(after.events == before.events + [act.name])
            }
            #expect(try Self.events(system) == all.map(\.name))
        }
    }

    private struct State: Equatable {
        let table: [String]
        let events: [String]
    }

    private static func state(of act: Act, _ system: TestSystem) throws -> State {
        State(
            table: try system.strings("SELECT t::text FROM \(raw: act.table) t ORDER BY 1"), events: try events(system))
    }

    /// What operators did, in order.
    private static func events(_ system: TestSystem) throws -> [String] {
        try system.strings(
            """
            SELECT convert_from(value, 'UTF8')::jsonb -> 'data' ->> 'act' FROM scheduling.outbox
             WHERE topic = 'operator-events' ORDER BY outbox_id
            """)
    }
}
