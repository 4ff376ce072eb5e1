import CaseEvents
import Kafka
import Postgres
import StatutoryRules
import Workers

/// As at when the read models stand, by partition: up to which instant everything published was read (the oldest is the
/// `data_as_at` of every view), and up to which scheduling had judged that, and what it said of it was read too. Neither is
/// known until every partition has one.
///
/// Nothing need pause for it: a look at where the partitions end is followed until the worker has read as far.
public struct Freshness {
    /// Where partitions ended after an instant: what was published before it lies before those ends.
    private struct Look {
        let at: Instant
        let ends: [TopicPartition: Int64]
    }

    /// A look whose case events were read, until scheduling's word on them is.
    private struct Judging {
        let look: Look
        /// The last outcome that waited to be published when everything before the look was judged.
        var lastOutcome: Int64?
        /// By when it was published.
        var toldAt: Instant?
    }

    private let cluster: String
    private var held: Set<TopicPartition> = []
    private var readUntil: Instant?
    private var look: Look?
    private var judging: Judging?

    public init(cluster: String) { self.cluster = cluster }

    /// Goes on with the looks under way, between batches. Returns whether one was read to its end now.
    public mutating func follow(_ sweep: borrowing Sweep) throws -> Bool {
        if held != Set(sweep.positions.keys) {
            self = Freshness(cluster: cluster)
            held = Set(sweep.positions.keys)
        }
        let isRead = hasRead(sweep)
        if isRead, let look {
            readUntil = look.at
            judging = judging ?? Judging(look: look)
            self.look = nil
        }
        let judgedUntil = try judge(sweep)
        if isRead || judgedUntil != nil { try note(judgedUntil, sweep) }
        if look == nil { look = try Freshness.look(sweep) }
        return isRead
    }

    private func hasRead(_ sweep: borrowing Sweep) -> Bool {
        guard let look else { return false }
        for (partition, position) in sweep.positions where look.ends[partition].map({ $0 > position }) ?? true {
            return false
        }
        return true
    }

    /// By the database's clock, which is read before the brokers are asked.
    private static func look(_ sweep: borrowing Sweep) throws -> Look? {
        var at: Instant?
        try sweep.transaction { transaction, _ in
            at = try transaction.execute("SELECT now() AS now")[0].timestamp("now").instant
        }
        guard let at, let ends = sweep.ends(andAllOf: .caseEvents) else { return nil }
        return Look(at: at, ends: ends)
    }

    /// Until when everything was judged, once that is known: scheduling has taken the case events before the look and done the
    /// checks due before it, has published what it said of them, and a later look has been read.
    private mutating func judge(_ sweep: borrowing Sweep) throws -> Instant? {
        guard var step = judging else { return nil }
        if step.toldAt == nil {
            let events = step.look.ends.filter { $0.key.topic == SystemTopic.caseEvents.rawValue }
            let (partitions, ends) = (events.map(\.key.partition), events.map(\.value))
            let (cluster, until) = (cluster, PGTimestamp(step.look.at))
            try sweep.transaction { transaction, _ in
                if step.lastOutcome == nil {
                    step.lastOutcome = try transaction.execute(
                        "SELECT reporting.judged_through(\(cluster), \(until), \(partitions), \(ends)) AS last"
                    )[0].int64OrNil("last")
                }
                guard let last = step.lastOutcome else { return }
                step.toldAt = try transaction.execute(
                    "SELECT CASE WHEN reporting.is_told(\(last)) THEN clock_timestamp() END AS told_at"
                )[0].timestampOrNil("told_at")?.instant
            }
        }
        let isKnown = step.toldAt.map { toldAt in readUntil.map { $0 >= toldAt } ?? false } ?? false
        judging = isKnown ? nil : step
        return isKnown ? step.look.at : nil
    }

    /// Kept to ten seconds, to spare the database.
    private func note(_ judgedUntil: Instant?, _ sweep: borrowing Sweep) throws {
        let (partitions, count) = (sweep.partitions, sweep.partitionCount)
        let (read, judged) = (readUntil.map { PGTimestamp($0) }, judgedUntil.map { PGTimestamp($0) })
        try sweep.transaction { transaction, _ in
            try transaction.execute(
                """
                INSERT INTO reporting.freshness AS f (partition, caught_up_at, judged_at)
                SELECT p, CASE WHEN p = ANY(\(partitions)) THEN \(read)::timestamptz END,
                    CASE WHEN p = ANY(\(partitions)) THEN \(judged)::timestamptz END
                  FROM generate_series(0, \(count - 1)) AS p
                ON CONFLICT (partition) DO UPDATE SET caught_up_at = greatest(f.caught_up_at, excluded.caught_up_at),
                    judged_at = greatest(f.judged_at, excluded.judged_at)
                 WHERE excluded.caught_up_at > coalesce(f.caught_up_at + interval '10 seconds', '-infinity')
                    OR excluded.judged_at > coalesce(f.judged_at + interval '10 seconds', '-infinity')
                """)
            try transaction.execute("DELETE FROM reporting.freshness WHERE partition >= \(count)")
        }
    }
}
