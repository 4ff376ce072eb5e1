import Postgres
import Workers

/// As at when the read models stand: the time at which the holder of each partition last had nothing left to read. The
/// oldest of them is the `data_as_at` of every view, and there is none until every partition has one.
public enum Freshness {
    public static func note(_ sweep: borrowing Sweep) throws {
        let partitions = sweep.partitions
        let count = sweep.partitionCount
        try sweep.transaction { transaction, _ in
            try transaction.execute(
                """
                INSERT INTO reporting.freshness AS f (partition, caught_up_at)
                SELECT p, CASE WHEN p = ANY(\(partitions)) THEN now() END FROM generate_series(0, \(count - 1)) AS p
                ON CONFLICT (partition) DO UPDATE SET caught_up_at = excluded.caught_up_at
                 WHERE f.caught_up_at IS NULL AND excluded.caught_up_at IS NOT NULL
                    OR f.caught_up_at < excluded.caught_up_at - interval '10 seconds'
                """)
            try transaction.execute("DELETE FROM reporting.freshness WHERE partition >= \(count)")
        }
    }
}
