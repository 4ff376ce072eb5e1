import Postgres
import StatutoryRules
import TestSupport
import Workers

/// A clock that a test sets. In the sessions that `follow` it, `now()` is what it shows.
struct ListClock {
    let system: TestSystem
    private static let path = "clock, pg_catalog"

    init(_ system: TestSystem, at instant: Instant) throws {
        self.system = system
        try system.connection.script(
            """
            CREATE SCHEMA clock;
            CREATE TABLE clock.hand AS SELECT '\(instant)'::timestamptz AS at;
            CREATE FUNCTION clock.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM clock.hand';
            GRANT USAGE ON SCHEMA clock TO PUBLIC;
            GRANT SELECT ON clock.hand TO PUBLIC;
            SET search_path = \(Self.path);
            """)
    }

    /// What the scheduling worker connects from now on follows it too.
    func leadScheduling() throws {
        try system.connection.script(
            "ALTER ROLE quorate_scheduling IN DATABASE \(system.database) SET search_path = \(Self.path)")
    }

    func set(_ instant: Instant) throws {
        try system.connection.execute("UPDATE clock.hand SET at = \(PGTimestamp(instant))")
    }

    func session(of worker: WorkerName) throws -> Connection {
        let connection = try Connection(
            system.cluster.url(of: worker, in: system.database), applicationName: "test")
        try connection.script("SET search_path = \(Self.path)")
        return connection
    }
}
