import Postgres

/// What this worker has read, and with it whether all of them have: a word on who is who may stand in a partition that another
/// worker holds.
struct Reading {
    struct State {
        /// Everything that was published up to a few seconds ago is known.
        let isCurrent: Bool
        /// The same, and nothing came for a while.
        let isQuiet: Bool
        /// What was published before it is known; `nil` where a partition was never read to its end.
        let until: PGTimestamp?
    }

    /// A worker that did not look for so long may hold what nobody knows of.
    private static let longestSilenceSeconds = 10.0
    let cluster: String
    /// Of this worker's own partitions.
    let isCurrent: Bool
    let isQuiet: Bool

    /// Notes it, and reads what the others noted. A partition that nobody holds is known to nobody.
    func note(in transaction: borrowing Transaction) throws -> State {
        try transaction.execute(
            """
            INSERT INTO notifications.reader AS r (holder, is_current, is_quiet, current_at, seen_at)
            SELECT DISTINCT holder, \(isCurrent), \(isQuiet), CASE WHEN \(isCurrent) THEN now() END, now()
              FROM notifications.kafka_offset WHERE cluster = \(cluster) AND backend_pid = pg_backend_pid()
            ON CONFLICT (holder) DO UPDATE SET is_current = excluded.is_current, is_quiet = excluded.is_quiet,
                current_at = coalesce(excluded.current_at, r.current_at), seen_at = excluded.seen_at
            """)
        try transaction.execute("DELETE FROM notifications.reader WHERE seen_at < now() - interval '1 day'")
        let row = try transaction.execute(
            """
            SELECT coalesce(bool_and(coalesce(r.is_current AND r.is_fresh, false)), false) AS is_current,
                coalesce(bool_and(coalesce(r.is_quiet AND r.is_fresh, false)), false) AS is_quiet,
                min(r.current_at) AS until
              FROM notifications.kafka_offset o
              LEFT JOIN (SELECT *, seen_at > now() - make_interval(secs => \(Reading.longestSilenceSeconds)) AS is_fresh
                           FROM notifications.reader) r USING (holder)
             WHERE o.cluster = \(cluster)
            """)[0]
        return State(
            isCurrent: row.bool("is_current"), isQuiet: row.bool("is_quiet"), until: row.timestampOrNil("until"))
    }
}
