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
    let subject: String
    let childIds: [String]
    let body: JSONValue

    init(_ row: Row) throws {
        kind = row.string("kind")
        entryId = row.string("entry_id")
        subject = row.string("subject")
        childIds = row.strings("child_ids")
        body = try JSONValue(row.string("body"))
    }
}

/// Words on cases, the newest first, found by the case or the child of whom they speak.
private struct SpokenWords {
    let words: [SpokenWord]
    private var bySubject: [String: [Int]] = [:]
    private var byChild: [String: [Int]] = [:]

    init(_ words: [SpokenWord]) {
        self.words = words
        for (place, word) in words.enumerated() {
            bySubject[word.subject, default: []].append(place)
            for child in word.childIds { byChild[child, default: []].append(place) }
        }
    }

    /// The newest on each entry.
    func standing(of place: CaseAtHand) -> [SpokenWord] {
        let own = bySubject[place.subject] ?? []
        var seen: Set<String> = []
        return Set(own + place.childIds.flatMap { byChild[$0] ?? [] }).sorted().map { words[$0] }
            .filter { seen.insert("\($0.kind) \($0.entryId)").inserted }
    }
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
        let spoken = try words(
            of: Set(places.map(\.subject)).sorted(), children: Set(places.flatMap(\.childIds)).sorted(), authority,
            in: transaction)
        let family = spoken.words.filter { $0.kind == DirectoryWord.Kind.familyMember.rawValue }
        let others = try words(ofFamily: Set(family.map(\.entryId)), authority, in: transaction)
        return Dictionary(
            uniqueKeysWithValues: places.map { place in
                let entries = spoken.standing(of: place).map {
                    (kind: $0.kind, id: $0.entryId, childIds: $0.childIds, body: $0.body)
                }
                return (place, CasePeople(entries, otherWords: others))
            })
    }

    /// By a case's reference, or by a child where the word came before the reference was kept. A word on
    /// family dates nothing (its time is the envelope's, which orders), and holds from when it is here.
    ///
    /// All cases are asked for at once: case by case, the server reads an authority's words again for each.
    private func words(
        of subjects: [String], children: [String], _ authority: String, in transaction: borrowing Transaction
    ) throws -> SpokenWords {
        let rows = try transaction.execute(
            """
            SELECT * FROM (
                SELECT DISTINCT ON (subject, kind, entry_id, child_ids) subject, kind, entry_id, child_ids,
                    body::text AS body, effective_at, recorded_at, event_source, event_id
                  FROM notifications.directory_live
                 WHERE authority = \(authority) AND kind NOT IN ('person', 'team', 'role_mailbox')
                   AND (subject = ANY(\(subjects)) OR child_ids && \(children))
                   AND (effective_at <= now() OR kind = 'family_member')
                   AND \(isAllowed(authority))
                 ORDER BY subject, kind, entry_id, child_ids, effective_at DESC, recorded_at DESC, event_source DESC,
                    event_id DESC) w
             ORDER BY effective_at DESC, recorded_at DESC, entry_id, event_source DESC, event_id DESC
            """)
        return SpokenWords(try rows.map { try SpokenWord($0) })
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
