import CaseEvents
import Correspondence
import Postgres

/// A case, with those of its children whom a notice concerns.
struct CaseAtHand: Hashable {
    let authority: String
    let subject: String
    let childIds: [String]

    /// - Parameters:
    ///   - row: With `authority` and `subject` of a notice.
    ///   - body: The notice's.
    init(_ row: Row, _ body: JSONValue) {
        authority = row.string("authority")
        subject = row.string("subject")
        childIds = body["childIds"]?.elements.compactMap(\.string) ?? []
    }

    /// As JSON, since arrays of arrays do not travel.
    var childList: String { "[\(childIds.map(JSONValue.quoted).joined(separator: ","))]" }
}

extension Directory {
    /// A transaction reads anew who has to do with its cases.
    mutating func forgetCases() { cases = [:] }

    /// Reads who has to do with the cases of all these notices at once, as it stands now: one by one, most of the time would
    /// go to asking.
    ///
    /// - Parameter rows: With `authority`, `subject` and `body` of a notice.
    mutating func look(at rows: some Sequence<Row>, in transaction: borrowing Transaction) throws {
        let wanted = Set(try rows.map { CaseAtHand($0, try JSONValue($0.string("body"))) })
        for (authority, places) in Dictionary(grouping: wanted, by: \.authority) {
            cases.merge(try read(places, of: authority, in: transaction)) { $1 }
        }
    }

    /// Who has to do with a case: as it was looked at last, else as it stands now.
    mutating func people(of place: CaseAtHand, in transaction: borrowing Transaction) throws -> CasePeople {
        if let known = cases[place] { return known }
        let read = try read([place], of: place.authority, in: transaction)[place]!
        cases[place] = read
        return read
    }

    /// By a case's reference, or by a child where the word came before the reference was kept. A word on family dates nothing
    /// (its time is the envelope's, which orders), and holds from when it is here.
    private func read(
        _ places: [CaseAtHand], of authority: String, in transaction: borrowing Transaction
    ) throws -> [CaseAtHand: CasePeople] {
        let rows = try transaction.execute(
            """
            SELECT c.place, w.kind, w.entry_id, w.child_ids, w.body
              FROM (SELECT subject, ARRAY(SELECT jsonb_array_elements_text(children::jsonb)) AS child_ids, place
                      FROM unnest(\(places.map(\.subject)), \(places.map(\.childList)))
                           WITH ORDINALITY AS c (subject, children, place)) c
             CROSS JOIN LATERAL (
                SELECT DISTINCT ON (kind, entry_id) kind, entry_id, child_ids, body::text AS body, effective_at, recorded_at
                  FROM notifications.directory_live
                 WHERE authority = \(authority) AND kind NOT IN ('person', 'team', 'role_mailbox')
                   AND (subject = c.subject OR child_ids && c.child_ids)
                   AND (effective_at <= now() OR kind = 'family_member')
                   AND \(isAllowed(authority))
                 ORDER BY kind, entry_id, effective_at DESC, recorded_at DESC, event_source DESC, event_id DESC) w
             ORDER BY c.place, w.effective_at DESC, w.recorded_at DESC, w.entry_id
            """)
        let family = rows.filter { $0.string("kind") == DirectoryWord.Kind.familyMember.rawValue }
        let words = try words(ofFamily: Set(family.map { $0.string("entry_id") }), authority, in: transaction)
        let byPlace = Dictionary(grouping: rows) { $0.int("place") - 1 }
        return try Dictionary(
            uniqueKeysWithValues: places.enumerated().map { index, place in
                let entries = try (byPlace[index] ?? []).map {
                    (
                        $0.string("kind"), $0.string("entry_id"), $0.strings("child_ids"),
                        try JSONValue($0.string("body"))
                    )
                }
                return (place, CasePeople(entries, otherWords: words))
            })
    }

    /// The newest word of each case on each of these people.
    private func words(
        ofFamily people: Set<String>, _ authority: String, in transaction: borrowing Transaction
    ) throws -> [String: [JSONValue]] {
        guard !people.isEmpty else { return [:] }
        var words: [String: [JSONValue]] = [:]
        for row in try transaction.execute(
            """
            SELECT DISTINCT ON (entry_id, subject) entry_id, body::text AS body FROM notifications.directory_live
             WHERE authority = \(authority) AND kind = 'family_member' AND entry_id = ANY(\(people.sorted()))
               AND \(isAllowed(authority))
             ORDER BY entry_id, subject, effective_at DESC, recorded_at DESC, event_source DESC, event_id DESC
            """)
        {
            words[row.string("entry_id"), default: []].append(try JSONValue(row.string("body")))
        }
        return words
    }
}
