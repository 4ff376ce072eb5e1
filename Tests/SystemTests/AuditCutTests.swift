import AuditLog
import Foundation
import Postgres
import TestSupport
import Testing
import TransparencyLog
import Workers

/// Transactions end between any two steps of appending, signing and sending; nothing is lost, doubled or out of order.
@Suite struct AuditCutTests {
    private static let cutsWanted: Int64 = 200

    /// Rolls back at every eleventh statement that writes, before or after it, until there were enough: more than a
    /// transaction has, so that each place comes up in turn.
    private static func saw(_ connection: Connection) throws {
        try connection.script(
            """
            CREATE SEQUENCE public.step;
            CREATE SEQUENCE public.cut;
            CREATE FUNCTION public.cut() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
            BEGIN
                IF nextval('public.step') % 11 = 0
                    AND (SELECT last_value FROM public.cut) <= \(cutsWanted) THEN
                    PERFORM nextval('public.cut');
                    RAISE EXCEPTION 'cut' USING ERRCODE = 'serialization_failure';
                END IF;
                RETURN NULL;
            END $$;
            DO $$
            DECLARE
                t text;
                w text;
            BEGIN
                FOREACH t IN ARRAY ARRAY['entry', 'log', 'subtree', 'head', 'checkpoint', 'signing_key',
                    'checkpoint_place', 'kafka_offset'] LOOP
                    FOREACH w IN ARRAY ARRAY['BEFORE', 'AFTER'] LOOP
                        EXECUTE format('CREATE TRIGGER cut_%2$s %2$s INSERT OR UPDATE ON auditing.%1$s '
                            'FOR EACH STATEMENT EXECUTE FUNCTION public.cut()', t, w);
                    END LOOP;
                END LOOP;
            END $$;
            """)
    }

    @Test func nothingIsLostOrDoubledByTwoHundredCuts() async throws {
        try await TestSystem.with(.init(partitions: 2)) { system in
            try Self.saw(try system.connection)
            let worker = try system.start([.auditing], environment: ["QUORATE_AUDIT_ENTRIES": "1"])[0]
            var published = 0
            func cuts() throws -> Int64 { try system.number("SELECT last_value FROM public.cut") }
            try wait("\(Self.cutsWanted) cuts", within: .seconds(400), every: .milliseconds(50)) {
                if try system.number("SELECT count(*) FROM auditing.entry") >= published {
                    try system.publish(
                        (published..<published + 20).map { discussion("event-\($0)", case: "C-\($0 % 9)") })
                    published += 20
                }
                return try cuts() > Self.cutsWanted
            }
            try system.waitUntilCaughtUp()
            try system.waitForCheckpoint()
            #expect(worker.isRunning && worker.launches == 1)
            #expect(try system.number("SELECT count(*) FROM auditing.entry") == Int64(system.recordCount()))
            let disorder = try system.number(
                """
                SELECT count(*) FROM (SELECT kafka_offset - leaf_index AS apart FROM auditing.entry) e WHERE apart <> 0
                """)
            #expect(disorder == 0)
            try system.quorate("audit", "verify")
            // Every checkpoint left the database once, in order, and adds to the one before.
            let sent = try PublishedCheckpoint.read(file: system.checkpointFile)
            #expect(sent.map(\.note) == (try system.strings("SELECT note FROM auditing.checkpoint ORDER BY size")))
            #expect(!sent.isEmpty)
            try worker.stop()
        }
    }
}
