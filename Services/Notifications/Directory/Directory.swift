import CaseEvents
import Correspondence
import Kafka
import Postgres
import StatutoryRules
import Workers

/// An event that says something of who is who, or takes back what was said.
struct HeardEvent {
    let envelope: Envelope
    let words: [DirectoryWord]
    let digest: [UInt8]
    /// Where it stands in the order of words: its own instant, else its time.
    let orderedAt: Instant
    let record: Record

    var corrects: String? { envelope.retracts ?? envelope.supersedes }

    /// Nothing where it has no bearing on who is written to.
    init?(_ event: CaseEvent, _ record: Record) {
        envelope = event.envelope
        words = DirectoryWord.words(of: event)
        digest = event.digest
        orderedAt = event.fact.payload.ownMoment?.earliest ?? event.envelope.time
        self.record = record
        if words.isEmpty && corrects == nil { return nil }
    }

    struct Key: Hashable {
        let authority: String
        let source: String
        let id: String
    }

    var key: Key { Key(authority: envelope.authority, source: envelope.source, id: envelope.id) }
}

/// Keeps every word on who is who, and reads what stands. One lasts for a sweep.
struct Directory {
    /// Tells whose words count: where the registry names sources for an authority, theirs alone. Asked as words are read, so that
    /// a source that is added to it is believed from then on.
    let configuration: Configuration
    /// Those that the deployment opens.
    private let ways: Set<Way>
    /// What was read of each authority's.
    private var staff: [String: Staff] = [:]
    /// What was read last of the cases at hand.
    var cases: [CaseAtHand: CasePeople] = [:]

    init(_ configuration: Configuration, ways: Set<Way>) {
        self.configuration = configuration
        self.ways = ways
    }

    /// By which an authority's people are written to on a day, the preferred first: those that its policy chooses and the
    /// deployment opens.
    func ways(of authority: String, on day: Day) -> [Way] {
        let chosen = configuration.channels(authority: authority, on: day)?.compactMap(Way.init(rawValue:))
        return (chosen ?? Way.allCases).filter(ways.contains)
    }

    // MARK: Keeping

    /// Refused are those whose id came before with other content: the first stays.
    static func store(
        _ heard: [HeardEvent], in transaction: borrowing Transaction
    ) throws -> (kept: [HeardEvent], refused: [HeardEvent]) {
        guard !heard.isEmpty else { return ([], []) }
        var digests = try self.digests(of: heard, in: transaction)
        var taken: [HeardEvent] = []
        var refused: [HeardEvent] = []
        for event in heard {
            if digests[event.key, default: event.digest] == event.digest {
                digests[event.key] = event.digest
                taken.append(event)
            } else {
                refused.append(event)
            }
        }
        for event in taken { try keep(event, in: transaction) }
        let (words, voids) = (taken.flatMap(\.words), taken.filter { $0.corrects != nil }.map(\.envelope))
        try addressAgain(Set(words.map(\.envelope.authority)).union(voids.map(\.authority)), in: transaction)
        // What was not said of a closed case may be due again: it was reopened, or was never closed.
        for event in words.filter({ $0.kind == .caseState }).map(\.envelope) + voids {
            try transaction.execute(
                """
                UPDATE notifications.notice n SET addressed_at = NULL
                 WHERE authority = \(event.authority) AND subject = \(event.subject) AND addressed_at IS NOT NULL
                   AND (EXISTS (SELECT FROM notifications.message m
                                 WHERE m.notice_id = n.notice_id AND m.state = 'withdrawn')
                     OR EXISTS (SELECT FROM notifications.digest_item i
                                 WHERE i.notice_id = n.notice_id AND i.state = 'withdrawn'))
                """)
        }
        return (taken, refused)
    }

    private static func keep(_ event: HeardEvent, in transaction: borrowing Transaction) throws {
        let envelope = event.envelope
        for word in event.words {
            try transaction.send(
                """
                INSERT INTO notifications.directory_word (authority, kind, entry_id, subject, child_ids, effective_at,
                    recorded_at, event_source, event_id, body, is_correction, digest)
                VALUES (\(envelope.authority), \(word.kind.rawValue), \(word.entryId), \(envelope.subject),
                    \(word.childIds), \(PGTimestamp(word.effectiveAt)), \(PGTimestamp(envelope.time)),
                    \(envelope.source), \(envelope.id), \(word.body)::text::jsonb, \(envelope.supersedes != nil),
                    \(event.digest))
                ON CONFLICT DO NOTHING
                """)
        }
        guard let target = event.corrects else { return }
        try transaction.send(
            """
            INSERT INTO notifications.directory_void (authority, event_source, event_id, by_event_id, subject, supersedes,
                ordered_at, recorded_at, digest)
            VALUES (\(envelope.authority), \(envelope.source), \(target), \(envelope.id), \(envelope.subject),
                \(envelope.retracts == nil), \(PGTimestamp(event.orderedAt)), \(PGTimestamp(envelope.time)), \(event.digest))
            ON CONFLICT DO NOTHING
            """)
    }

    /// Of those that were heard before, the digest of what they said.
    private static func digests(
        of heard: [HeardEvent], in transaction: borrowing Transaction
    ) throws -> [HeardEvent.Key: [UInt8]] {
        let keys = Array(Set(heard.map(\.key)))
        let rows = try transaction.execute(
            """
            SELECT k.authority, k.source, k.id, coalesce(w.digest, v.digest) AS digest
              FROM unnest(\(keys.map(\.authority)), \(keys.map(\.source)), \(keys.map(\.id))) AS k (authority, source, id)
              LEFT JOIN LATERAL (SELECT digest FROM notifications.directory_word w
                WHERE w.authority = k.authority AND w.event_source = k.source AND w.event_id = k.id LIMIT 1) w ON true
              LEFT JOIN LATERAL (SELECT digest FROM notifications.directory_void v
                WHERE v.authority = k.authority AND v.event_source = k.source AND v.by_event_id = k.id LIMIT 1) v ON true
             WHERE coalesce(w.digest, v.digest) IS NOT NULL
            """)
        return Dictionary(
            uniqueKeysWithValues: rows.map {
                (
                    HeardEvent.Key(authority: $0.string("authority"), source: $0.string("source"), id: $0.string("id")),
                    $0.bytes("digest")
                )
            })
    }

    /// A compacted topic's way to remove an entry: a record without value. Its key names the entry.
    static func remove(_ record: Record, in transaction: borrowing Transaction) throws {
        guard let (authority, entry) = removed(record) else { return }
        let at = PGTimestamp(microsecondsSince1970: record.timestamp * 1_000)
        try transaction.execute(
            """
            INSERT INTO notifications.directory_word (authority, kind, entry_id, subject, child_ids, effective_at,
                recorded_at, event_source, event_id, body)
            SELECT DISTINCT authority, kind, entry_id, entry_id, '{}'::text[], \(at), \(at), '', 'removed', '{"active":false}'::jsonb
              FROM notifications.directory_word
             WHERE authority = \(authority) AND entry_id = \(entry) AND kind IN ('person', 'team', 'role_mailbox')
            ON CONFLICT DO NOTHING
            """)
        try addressAgain([authority], in: transaction)
    }

    /// What a record without value removes; nothing where its key does not tell.
    static func removed(_ record: Record) -> (authority: String, entry: String)? {
        guard record.value == nil, let key = record.key.map({ String(decoding: $0, as: UTF8.self) }),
            let slash = key.firstIndex(of: "/")
        else { return nil }
        return (String(key[..<slash]), String(key[key.index(after: slash)...]))
    }

    /// A notice or a list that found nobody is addressed again once the directory says more.
    private static func addressAgain(_ authorities: Set<String>, in transaction: borrowing Transaction) throws {
        guard !authorities.isEmpty else { return }
        try transaction.execute(
            """
            WITH again AS (
                UPDATE notifications.notice n SET addressed_at = NULL
                 WHERE n.authority = ANY(\(authorities.sorted())) AND n.addressed_at IS NOT NULL
                   AND EXISTS (SELECT FROM notifications.message m
                                WHERE m.notice_id = n.notice_id AND m.recipient_id = 'nobody' AND m.state = 'failed')
                   AND NOT EXISTS (SELECT FROM notifications.message m
                                    WHERE m.notice_id = n.notice_id AND m.recipient_id <> 'nobody' AND m.state <> 'withdrawn')
                   AND NOT EXISTS (SELECT FROM notifications.digest_item i
                                    WHERE i.notice_id = n.notice_id AND i.state IN ('waiting', 'taken'))
                RETURNING notice_id)
            UPDATE notifications.message m SET state = 'withdrawn', outcome = \(lookedForAgain)
              FROM again WHERE m.notice_id = again.notice_id AND m.recipient_id = 'nobody' AND m.state = 'failed'
            """)
        try transaction.execute(
            """
            WITH again AS (
                UPDATE notifications.published_list l SET addressed_at = NULL
                 WHERE l.authority = ANY(\(authorities.sorted())) AND l.addressed_at IS NOT NULL
                   AND EXISTS (SELECT FROM notifications.message m
                                WHERE m.list_id = l.list_id AND m.recipient_id = 'nobody' AND m.state = 'failed')
                   AND NOT EXISTS (SELECT FROM notifications.message m
                                    WHERE m.list_id = l.list_id AND m.recipient_id <> 'nobody' AND m.state <> 'withdrawn')
                RETURNING list_id)
            UPDATE notifications.message m SET state = 'withdrawn', outcome = \(lookedForAgain)
              FROM again WHERE m.list_id = again.list_id AND m.recipient_id = 'nobody' AND m.state = 'failed'
            """)
    }

    private static let lookedForAgain = "nobody was found; looked for again, since the directory says more"

    // MARK: Reading

    /// The staff of an authority.
    mutating func staff(of authority: String, in transaction: borrowing Transaction) throws -> Staff {
        if let known = staff[authority] { return known }
        let rows = try transaction.execute(
            """
            SELECT DISTINCT ON (kind, entry_id) kind, entry_id, body::text AS body FROM notifications.directory_live
             WHERE authority = \(authority) AND kind IN ('person', 'team', 'role_mailbox') AND \(isAllowed(authority))
             ORDER BY kind, entry_id, recorded_at DESC, event_source DESC, event_id DESC
            """)
        let read = Staff(
            try rows.map { ($0.string("kind"), $0.string("entry_id"), try JSONValue($0.string("body"))) })
        staff[authority] = read
        return read
    }

    /// A record without value has no source: only who may write to the topic can send one.
    func isAllowed(_ authority: String) -> SQL {
        let sources = configuration.sources(authority: authority)
        return sources.isEmpty ? "true" : "event_source = ANY(\(sources + [""]))"
    }
}
