import CaseEvents
import Correspondence
import Kafka
import Postgres
import StatutoryRules
import Workers

/// Keeps every word on who is who, and reads what stands. One lasts for a sweep.
struct Directory {
    /// What was read of each authority's.
    private var staff: [String: Staff] = [:]

    // MARK: Keeping

    static func store(_ words: [DirectoryWord], _ voids: [Envelope], in transaction: borrowing Transaction) throws {
        for word in words {
            try transaction.send(
                """
                INSERT INTO notifications.directory_word (authority, kind, entry_id, subject, child_ids, effective_at,
                    recorded_at, event_source, event_id, body)
                VALUES (\(word.envelope.authority), \(word.kind.rawValue), \(word.entryId), \(word.envelope.subject),
                    \(word.childIds), \(PGTimestamp(word.effectiveAt)), \(PGTimestamp(word.envelope.time)),
                    \(word.envelope.source), \(word.envelope.id), \(word.body)::text::jsonb)
                ON CONFLICT DO NOTHING
                """)
        }
        for event in voids {
            try transaction.send(
                """
                INSERT INTO notifications.directory_void (authority, event_source, event_id, by_event_id)
                VALUES (\(event.authority), \(event.source), \((event.retracts ?? event.supersedes)!), \(event.id))
                ON CONFLICT DO NOTHING
                """)
        }
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
    }

    /// A compacted topic's way to remove an entry: a record without value. Its key names the entry.
    static func remove(_ record: Record, in transaction: borrowing Transaction) throws {
        guard let authority = removed(record)?.authority, let entry = removed(record)?.entry else { return }
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

    private static func removed(_ record: Record) -> (authority: String, entry: String)? {
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
            UPDATE notifications.notice n SET addressed_at = NULL
             WHERE n.authority = ANY(\(authorities.sorted())) AND n.addressed_at IS NOT NULL
               AND EXISTS (SELECT FROM notifications.message m WHERE m.notice_id = n.notice_id AND m.recipient_id = 'nobody'
                                AND m.state = 'failed')
               AND NOT EXISTS (SELECT FROM notifications.message m
                                WHERE m.notice_id = n.notice_id AND m.recipient_id <> 'nobody' AND m.state <> 'withdrawn')
               AND NOT EXISTS (SELECT FROM notifications.digest_item i
                                WHERE i.notice_id = n.notice_id AND i.state IN ('waiting', 'taken'))
            """)
        try transaction.execute(
            """
            UPDATE notifications.published_list l SET addressed_at = NULL
             WHERE l.authority = ANY(\(authorities.sorted())) AND l.addressed_at IS NOT NULL
               AND EXISTS (SELECT FROM notifications.message m WHERE m.list_id = l.list_id AND m.recipient_id = 'nobody')
               AND NOT EXISTS (SELECT FROM notifications.message m
                                WHERE m.list_id = l.list_id AND m.recipient_id <> 'nobody' AND m.state <> 'withdrawn')
            """)
    }

    // MARK: Reading

    /// The staff of an authority.
    mutating func staff(of authority: String, in transaction: borrowing Transaction) throws -> Staff {
        if let known = staff[authority] { return known }
        let rows = try transaction.execute(
            """
            SELECT DISTINCT ON (kind, entry_id) kind, entry_id, body::text AS body FROM notifications.directory_live
             WHERE authority = \(authority) AND kind IN ('person', 'team', 'role_mailbox')
             ORDER BY kind, entry_id, recorded_at DESC, event_source DESC, event_id DESC
            """)
        let read = Staff(
            try rows.map { ($0.string("kind"), $0.string("entry_id"), try JSONValue($0.string("body"))) })
        staff[authority] = read
        return read
    }

    /// Who has to do with a case now: by its reference, or by a child where the word came before the reference was kept.
    static func people(
        authority: String, subject: String, children: [String], in transaction: borrowing Transaction
    ) throws -> CasePeople {
        let rows = try transaction.execute(
            """
            SELECT * FROM (
                SELECT DISTINCT ON (kind, entry_id) kind, entry_id, child_ids, body::text AS body, effective_at, recorded_at
                  FROM notifications.directory_live
                 WHERE authority = \(authority) AND kind NOT IN ('person', 'team', 'role_mailbox')
                   AND (subject = \(subject) OR child_ids && \(children)) AND effective_at <= now()
                 ORDER BY kind, entry_id, effective_at DESC, recorded_at DESC, event_source DESC, event_id DESC) newest
             ORDER BY effective_at DESC, recorded_at DESC, entry_id
            """)
        return CasePeople(
            try rows.map {
                ($0.string("kind"), $0.string("entry_id"), $0.strings("child_ids"), try JSONValue($0.string("body")))
            })
    }
}
