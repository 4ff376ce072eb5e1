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
}

/// What was said of a case, or of a child of it under another reference.
private struct SpokenWord {
    let kind: String
    let entryId: String
    let childIds: [String]
    /// It was said of the case itself.
    let isOwn: Bool
    let body: JSONValue

    init(_ row: Row) throws {
        kind = row.string("kind")
        entryId = row.string("entry_id")
        childIds = row.strings("child_ids")
        isOwn = row.bool("is_own")
        body = try JSONValue(row.string("body"))
    }

    func concerns(_ place: CaseAtHand) -> Bool { isOwn || childIds.contains(where: place.childIds.contains) }
}

extension Directory {
    /// Who has to do with a case is read anew.
    mutating func forgetCases() { cases = [:] }

    /// Reads who has to do with the cases of all these notices at once, as it stands now, but for cases that it has read: one by
    /// one, most of the time would go to asking.
    ///
    /// - Parameter rows: With `authority`, `subject` and `body` of a notice.
    mutating func look(at rows: some Sequence<Row>, in transaction: borrowing Transaction) throws {
        let wanted = Set(try rows.map { CaseAtHand($0, try JSONValue($0.string("body"))) }.filter { cases[$0] == nil })
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

    private func read(
        _ places: [CaseAtHand], of authority: String, in transaction: borrowing Transaction
    ) throws -> [CaseAtHand: CasePeople] {
        // Several notices of a case concern some of its children each: what was said of it is read once.
        let children = Dictionary(grouping: places, by: \.subject).mapValues { Set($0.flatMap(\.childIds)).sorted() }
        let spoken = try words(of: children, authority, in: transaction)
        let family = spoken.values.joined().filter { $0.kind == DirectoryWord.Kind.familyMember.rawValue }
        let others = try words(ofFamily: Set(family.map(\.entryId)), authority, in: transaction)
        return Dictionary(
            uniqueKeysWithValues: places.map { place in
                var seen: Set<String> = []
                let newest = (spoken[place.subject] ?? []).filter {
                    $0.concerns(place) && seen.insert("\($0.kind) \($0.entryId)").inserted
                }
                let entries = newest.map { (kind: $0.kind, id: $0.entryId, childIds: $0.childIds, body: $0.body) }
                return (place, CasePeople(entries, otherWords: others))
            })
    }

    /// By a case's reference, or by a child where the word came before the reference was kept; the newest first. A word on
    /// family dates nothing (its time is the envelope's, which orders), and holds from when it is here.
    ///
    /// - Parameter children: By the reference, those whom somebody asks for.
    private func words(
        of children: [String: [String]], _ authority: String, in transaction: borrowing Transaction
    ) throws -> [String: [SpokenWord]] {
        // As JSON, since arrays of arrays do not travel.
        let lists = children.values.map { "[\($0.map(JSONValue.quoted).joined(separator: ","))]" }
        var spoken: [String: [SpokenWord]] = [:]
        for row in try transaction.execute(
            """
            SELECT c.subject AS case_reference, w.kind, w.entry_id, w.child_ids, w.is_own, w.body
              FROM (SELECT subject, ARRAY(SELECT jsonb_array_elements_text(children::jsonb)) AS child_ids
                      FROM unnest(\(Array(children.keys)), \(lists)) AS c (subject, children)) c
             CROSS JOIN LATERAL (
                SELECT DISTINCT ON (kind, entry_id, subject = c.subject, child_ids) kind, entry_id, child_ids,
                    subject = c.subject AS is_own, body::text AS body, effective_at, recorded_at, event_source, event_id
                  FROM notifications.directory_live
                 WHERE authority = \(authority) AND kind NOT IN ('person', 'team', 'role_mailbox')
                   AND (subject = c.subject OR child_ids && c.child_ids)
                   AND (effective_at <= now() OR kind = 'family_member')
                   AND \(isAllowed(authority))
                 ORDER BY kind, entry_id, subject = c.subject, child_ids, effective_at DESC, recorded_at DESC,
                    event_source DESC, event_id DESC) w
             ORDER BY c.subject, w.effective_at DESC, w.recorded_at DESC, w.entry_id, w.event_source DESC, w.event_id DESC
            """)
        {
            spoken[row.string("case_reference"), default: []].append(try SpokenWord(row))
        }
        return spoken
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
