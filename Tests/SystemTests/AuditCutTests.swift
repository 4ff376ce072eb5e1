import AuditLog
import Foundation
import Postgres
import TestSupport
import Testing
import Workers

/// Transactions end between any two steps of appending, signing and sending; nothing is lost, doubled or out of order.
@Suite struct AuditCutTests {
    private static let cutsWanted: Int64 = 200

    /// Before and after the writing statements on seven tables.
    private static let places = 14

    /// Rolls back before or after a statement that writes, at one place after the other, until there were enough. Five places on,
    /// so that what is tried again at once is not cut at once.
    private static func saw(_ connection: Connection) throws {
        try connection.script(
            """
            CREATE SEQUENCE public.cut;
            CREATE FUNCTION public.cut() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
            BEGIN
                IF TG_ARGV[0]::int = (SELECT last_value FROM public.cut) * 5 % \(places)
                    AND (SELECT last_value FROM public.cut) <= \(cutsWanted) THEN
                    PERFORM nextval('public.cut');
                    PERFORM nextval(format('public.cut_%s_%s', lower(TG_WHEN), TG_TABLE_NAME));
                    RAISE EXCEPTION 'cut' USING ERRCODE = 'serialization_failure';
                END IF;
                RETURN NULL;
            END $$;
            DO $$
            DECLARE
                t text;
                w text;
                place int := 0;
            BEGIN
                FOREACH t IN ARRAY ARRAY['entry', 'log', 'head', 'checkpoint', 'signing_key', 'checkpoint_place',
                    'kafka_offset'] LOOP
                    FOREACH w IN ARRAY ARRAY['BEFORE', 'AFTER'] LOOP
                        EXECUTE format('CREATE SEQUENCE public.cut_%s_%s', lower(w), t);
                        EXECUTE format('CREATE TRIGGER cut_%2$s %2$s INSERT OR UPDATE ON auditing.%1$s '
                            'FOR EACH STATEMENT EXECUTE FUNCTION public.cut(%3$s)', t, w, place);
                        place := place + 1;
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
                // Few at a time: the embedded broker keeps 5 MiB a partition, and all of it is counted at the end.
                if try system.number("SELECT count(*) FROM auditing.entry") >= published {
                    try system.publish(
                        (published..<published + 2).map { discussion("event-\($0)", case: "C-\($0 % 9)") })
                    published += 2
                }
                return try cuts() > Self.cutsWanted
            }
            try system.waitUntilCaughtUp()
            try system.waitForCheckpoint()
            #expect(worker.isRunning && worker.launches == 1)
            #expect(try system.number("SELECT count(*) FROM auditing.entry") == Int64(system.recordCount()))
            try system.expectOrderAndConsistency()
            let seldomCut = try system.strings(
                """
                SELECT sequencename::text FROM pg_sequences WHERE sequencename ~ '^cut_' AND coalesce(last_value, 0) < 14
                """)
            #expect(seldomCut == [])
            try worker.stop()
        }
    }
}
