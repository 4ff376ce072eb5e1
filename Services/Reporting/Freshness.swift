import Postgres
import Workers

/// As at when the read models stand: the time at which the holder of each partition last had nothing left to read. The
/// oldest of them is the `data_as_at` of every view.
enum Freshness {
    static func note(_ sweep: borrowing Sweep) throws {
        let partitions = sweep.partitions
        let count = sweep.partitionCount
        try sweep.transaction { transaction, _ in
            try transaction.execute(
                """
                INSERT INTO reporting.freshness AS f (partition, caught_up_at)
                SELECT p, now() FROM unnest(\(partitions)) AS p
                ON CONFLICT (partition) DO UPDATE SET caught_up_at = excluded.caught_up_at
                 WHERE f.caught_up_at < excluded.caught_up_at - interval '10 seconds'
                """)
            try transaction.execute("DELETE FROM reporting.freshness WHERE partition >= \(count)")
        }
    }
}
