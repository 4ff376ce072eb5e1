import CaseEvents
import Postgres
import StatutoryRules
import Workers

/// One word on who is who: the newest by (time, source, id) stands.
struct DirectoryWord {
    enum Kind: String {
        case person, team
        case roleMailbox = "role_mailbox"
        case allocation
        case familyMember = "family_member"
    }

    let authority: String
    let kind: Kind
    let entryId: String
    let envelope: Envelope
    let body: String

    /// What an event says of the directory; nothing where it says nothing.
    static func words(of event: CaseEvent) -> [DirectoryWord] {
        guard let data = event.data, let type = event.envelope.eventType else { return [] }
        func word(_ kind: Kind, _ id: String?, _ body: String? = nil) -> [DirectoryWord] {
            guard let id else { return [] }
            return [
                DirectoryWord(
                    authority: event.envelope.authority, kind: kind, entryId: id, envelope: event.envelope,
                    body: body ?? data.rawText)
            ]
        }
        switch type {
        case .personRecorded: return word(.person, data["personId"]?.string)
        case .teamRecorded: return word(.team, data["teamId"]?.string)
        case .roleMailboxRecorded: return word(.roleMailbox, data["role"]?.string)
        case .familyMemberRecorded: return word(.familyMember, data["personId"]?.string)
        case .allocationChanged:
            guard let child = event.childIds.first, let role = data["role"]?.string else { return [] }
            return word(.allocation, "\(child)/\(role)", person(data["toPersonId"]?.string))
        case .childRegistered:
            guard let child = event.childIds.first, let allocated = data["allocated"] else { return [] }
            let roles = [
                "socialWorkerId": "social_worker", "teamManagerId": "team_manager",
                "serviceManagerId": "service_manager",
            ]
            return roles.sorted { $0.key < $1.key }.flatMap { field, role in
                guard let id = allocated[field]?.string else { return [DirectoryWord]() }
                return word(.allocation, "\(child)/\(role)", person(id))
            }
        default: return []
        }
    }

    private static func person(_ id: String?) -> String { "{\"personId\":\(id.map(JSONValue.quoted) ?? "null")}" }
}

/// The directory as it stands.
enum Directory {
    static func store(_ words: [DirectoryWord], in transaction: borrowing Transaction) throws {
        for word in words {
            try transaction.execute(
                """
                INSERT INTO notifications.directory_entry AS d (authority, kind, entry_id, recorded_at, event_source,
                    event_id, body)
                VALUES (\(word.authority), \(word.kind.rawValue), \(word.entryId), \(PGTimestamp(word.envelope.time)),
                    \(word.envelope.source), \(word.envelope.id), \(word.body)::text::jsonb)
                ON CONFLICT (authority, kind, entry_id) DO UPDATE SET recorded_at = excluded.recorded_at,
                    event_source = excluded.event_source, event_id = excluded.event_id, body = excluded.body
                 WHERE (d.recorded_at, d.event_source, d.event_id)
                     < (excluded.recorded_at, excluded.event_source, excluded.event_id)
                """)
        }
        let authorities = Array(Set(words.map(\.authority))).sorted()
        guard !authorities.isEmpty else { return }
        // A notice that found nobody is addressed again once the directory says more.
        try transaction.execute(
            """
            UPDATE notifications.notice n SET addressed_at = NULL
             WHERE n.authority = ANY(\(authorities)) AND n.addressed_at IS NOT NULL
               AND EXISTS (SELECT FROM notifications.message m WHERE m.notice_id = n.notice_id AND m.recipient_id = 'nobody')
               AND NOT EXISTS (SELECT FROM notifications.message m
                                WHERE m.notice_id = n.notice_id AND m.recipient_id <> 'nobody')
            """)
    }

    struct Recipient: Hashable {
        let id: String
        let role: String
        let address: String
    }

    /// Who is told, found now: the person allocated to a child of the case, else the manager chain, else the shared
    /// mailbox, else a holder of the role; where nobody is found, the next rung up, at last the QA team's mailbox.
    static func recipients(
        of role: String, authority: String, children: [String], in transaction: borrowing Transaction
    ) throws -> [Recipient] {
        for rung in rungs(from: role) {
            let found = try transaction.execute(
                """
                WITH RECURSIVE person AS (
                    SELECT entry_id AS id, body FROM notifications.directory_entry
                     WHERE authority = \(authority) AND kind = 'person' AND coalesce((body->>'active')::boolean, true)),
                allocated AS (
                    SELECT DISTINCT split_part(a.entry_id, '/', 2) AS role, a.body->>'personId' AS id
                      FROM notifications.directory_entry a
                     WHERE a.authority = \(authority) AND a.kind = 'allocation'
                       AND split_part(a.entry_id, '/', 1) = ANY(\(children))),
                chain AS (
                    SELECT p.id, p.body, 1 AS depth FROM person p JOIN allocated a USING (id) WHERE a.role = 'social_worker'
                    UNION ALL
                    SELECT p.id, p.body, c.depth + 1 FROM chain c JOIN person p ON p.id = c.body->>'managerId'
                     WHERE c.depth < 8),
                candidate AS (
                    SELECT 1 AS rank, p.id, p.body->>'email' AS email FROM person p JOIN allocated a USING (id)
                     WHERE a.role = \(rung)
                    UNION ALL
                    SELECT 2, c.id, c.body->>'email' FROM chain c WHERE c.body->'roles' ? \(rung)
                    UNION ALL
                    SELECT 3, 'mailbox:' || entry_id, body->>'email' FROM notifications.directory_entry
                     WHERE authority = \(authority) AND kind = 'role_mailbox' AND entry_id = \(rung)
                       AND coalesce((body->>'toOn')::date, 'infinity') >= (now() AT TIME ZONE 'Europe/London')::date
                    UNION ALL
                    SELECT 4, min(p.id), min(p.body->>'email') FILTER (WHERE p.id = (
                        SELECT min(q.id) FROM person q WHERE q.body->'roles' ? \(rung) AND q.body->>'email' <> ''))
                      FROM person p WHERE p.body->'roles' ? \(rung))
                SELECT DISTINCT rank, id, email FROM candidate
                 WHERE email <> '' AND rank = (SELECT min(rank) FROM candidate WHERE email <> '')
                 ORDER BY id
                """)
            if !found.isEmpty {
                return found.map { Recipient(id: $0.string("id"), role: rung, address: $0.string("email")) }
            }
        }
        return []
    }

    /// Everyone who holds a role, as lists are sent to; else its mailbox, else the next rung.
    static func holders(
        of role: String, authority: String, in transaction: borrowing Transaction
    ) throws -> [Recipient] {
        let all = try transaction.execute(
            """
            SELECT entry_id AS id, body->>'email' AS email FROM notifications.directory_entry
             WHERE authority = \(authority) AND kind = 'person' AND body->'roles' ? \(role) AND body->>'email' <> ''
               AND coalesce((body->>'active')::boolean, true) ORDER BY entry_id
            """
        ).map { Recipient(id: $0.string("id"), role: role, address: $0.string("email")) }
        return try all.isEmpty
            ? recipients(of: role, authority: authority, children: [], in: transaction) : all
    }

    private static func rungs(from role: String) -> [String] {
        let ladder = ["social_worker", "team_manager", "service_manager", "csc_manager", "qa_team"]
        guard let place = ladder.firstIndex(of: role) else { return [role, "qa_team"] }
        return Array(ladder[place...])
    }
}
