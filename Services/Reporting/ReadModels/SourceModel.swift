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
               AND now() - last_at > greatest(longest_gap * 1.5, interval '24 hours')
            RETURNING authority, source, (extract(epoch FROM now() - last_at) / 3600)::int AS hours
            """
        ).map { Silent(authority: $0.string("authority"), source: $0.string("source"), hours: $0.int("hours")) }
    }
}
