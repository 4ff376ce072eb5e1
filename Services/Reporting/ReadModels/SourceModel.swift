import CaseEvents
import Postgres
import Workers

/// The rhythm of the systems that events come from, by authority. A feed that is dead looks like a county of missed dates, so
/// a source that falls silent beyond its rhythm (`analysis.source`) is warned of, once a silence.
public enum SourceModel {
    public struct Silent {
        public let authority, source: String
        public let hours: Int
    }

    /// Of days beyond this, a silence is no longer a rhythm.
    private static let learntDays: Int32 = 14
    /// A gap is learnt where everything was read until this shortly before it ended: what is heard while a worker catches up
    /// was said earlier.
    private static let lagMinutes: Int32 = 10

    /// How long a source may be silent, whose longest gap is known.
    private static let allowed: SQL = "greatest(longest_gap * 1.5, interval '24 hours')"
    /// Of which figures are given: a label of a metric is kept for as long as its worker runs.
    private static let figuresMaximum: Int64 = 2_000

    public static func hear(_ events: [CaseEvent], in transaction: borrowing Transaction) throws {
        guard !events.isEmpty else { return }
        try transaction.execute(
            """
            INSERT INTO reporting.source AS s (authority, source, first_at, last_at)
            SELECT DISTINCT authority, source, now(), now()
              FROM unnest(\(events.map(\.envelope.authority)), \(events.map(\.envelope.source))) AS h (authority, source)
             ORDER BY 1, 2
            ON CONFLICT (authority, source) DO UPDATE SET last_at = excluded.last_at, warned_at = NULL,
                longest_gap = CASE WHEN s.warned_at IS NULL
                                        AND reporting.read_until() > now() - make_interval(mins => \(lagMinutes))
                                   THEN least(greatest(s.longest_gap, excluded.last_at - s.last_at),
                                              make_interval(days => \(learntDays)))
                                   ELSE s.longest_gap END
            """)
    }

    /// The sources of which nobody was warned yet.
    public static func warn(in transaction: borrowing Transaction) throws -> [Silent] {
        try transaction.execute(
            """
            UPDATE reporting.source SET warned_at = now()
             WHERE warned_at IS NULL AND first_at < now() - make_interval(days => \(learntDays))
               AND now() - last_at > \(allowed)
            RETURNING authority, source, (extract(epoch FROM now() - last_at) / 3600)::int AS hours
            """
        ).map { Silent(authority: $0.string("authority"), source: $0.string("source"), hours: $0.int("hours")) }
    }

    /// When each source was last heard, and how long it may be silent where its rhythm is known.
    public static func gauges(in transaction: borrowing Transaction) throws -> [Gauge] {
        let rows = try transaction.execute(
            """
            SELECT authority, source, extract(epoch FROM last_at)::bigint AS heard,
                CASE WHEN first_at < now() - make_interval(days => \(learntDays))
                     THEN extract(epoch FROM \(allowed))::bigint END AS allowed
              FROM reporting.source ORDER BY authority, source LIMIT \(figuresMaximum)
            """)
        func values(_ column: Column) -> [[String]: Double] {
            var values: [[String]: Double] = [:]
            for row in rows {
                values[[row.string("authority"), row.string("source")]] = row.int64OrNil(column).map(Double.init)
            }
            return values
        }
        return [
            Gauge(
                name: "quorate_source_heard_timestamp_seconds", help: "When an event of the source was last read.",
                labels: ["authority", "source"], values: values("heard")),
            Gauge(
                name: "quorate_source_allowed_silence_seconds",
                help: "How long the source may be silent by its rhythm; none until that is known.",
                labels: ["authority", "source"], values: values("allowed")),
        ]
    }
}
