import AuditLog
import CaseEvents
import Postgres
import StatutoryRules

/// What showed many cases at a time, and so perhaps one of them: lists as they were published, messages of lists and digests,
/// pages and commands. A list is kept, and so is what a digest holds: of these it is known whether they named the case. A page
/// showed what stood in the ledger then, which is not kept.
struct LooksAtMany {
    struct Look {
        let at: Instant
        let isKnown: Bool
        let what: String
    }

    private let connection: Connection
    private let keys: KeyDatabase
    private let first: Instant?

    /// `since`: the entries of the case. No clock of theirs is trusted alone: the earlier counts, and of a look the later.
    init(since entries: [CaseEntries.Entry], _ connection: Connection, _ keys: KeyDatabase) {
        (self.connection, self.keys) = (connection, keys)
        first = entries.map { min($0.instant, $0.row.timestamp("received_at").instant) }.min()
    }

    /// Acts that show nothing of any case. Any other may have: what it is said to be about is its filters, or a number.
    private static let blindActs: Set<String> = [
        "audit.accept-loss", "audit.archive", "board.grant", "board.link", "board.revoke", "configuration.load",
        "letters.discard", "letters.release", "notices.abandon", "notices.pause", "notices.resend", "notices.resume",
        "offsets.reset", "quarantine.discard", "quarantine.replay", "reporting.rebuild", "retention.erase",
        "retention.hold", "retention.lift",
    ]

    func looks(at reference: CaseReference) throws -> [Look] {
        let lists = try Lists(reference, connection)
        let named = lists.named.map { list in
            Look(at: list.at, isKnown: true, what: "published, \(list.name)")
        }
        return (named + (try entries(reference, lists))).sorted { $0.at < $1.at }
    }

    private func entries(_ reference: CaseReference, _ lists: Lists) throws -> [Look] {
        let types = ["quorate.operator.acted.v1", "quorate.notification.sent.v1"]
        let ids = try keys.keyIds(ofNoCaseOf: [reference.authority, "E00000000"])
        let found = try CaseEntries(sealedBy: ids, of: types, connection, keys).entries.filter { entry in
            guard let first else { return true }
            return max(entry.instant, entry.row.timestamp("received_at").instant) >= first
        }
        let messages = try Messages(found.compactMap(LooksAtMany.message), reference, connection)
        return found.compactMap { entry in
            let (isKnown, of) =
                LooksAtMany.message(entry).map { messages.named($0, lists) }
                ?? LooksAtMany.shown(by: entry.data, lists)
            return isKnown.map { Look(at: entry.instant, isKnown: $0, what: Audit.WhoSaw.who(entry) + of + entry.mark) }
        }
    }

    /// Of which message it tells that it was sent, or shown before.
    private static func message(_ entry: CaseEntries.Entry) -> PGUUID? {
        let isShown = entry.data?["act"]?.string == "letters.show"
        return entry.data?[isShown ? "about" : "notificationId"]?.string.flatMap { PGUUID($0) }
    }

    /// Whether an act is known to have shown the case; `nil` where it is known not to have.
    private static func shown(by data: JSONValue?, _ lists: Lists) -> (isKnown: Bool?, of: String) {
        // Whose content was erased may have been any.
        guard let act = data?["act"]?.string else { return (false, "") }
        let about = data?["about"]?.string ?? ""
        switch act {
        case "board.list", "lists.show":
            guard let list = lists.find(about) else { return (false, "") }
            return list.names.map { ($0 ? true : nil, ", \(list.name)") } ?? (false, ", \(list.name)")
        default: return (blindActs.contains(act) ? nil : false, "")
        }
    }
}

extension LooksAtMany {
    /// The lists of an authority as they are kept.
    struct Lists {
        struct List {
            let id, name: String
            /// As `lists show` calls it.
            let shown: String
            let at: Instant
            /// `nil` where rows of it were erased since, or it is of a release that kept no rows.
            let names: Bool?
        }

        let all: [List]
        var named: [List] { all.filter { $0.names == true } }

        init(_ reference: CaseReference, _ connection: Connection) throws {
            let rows = try connection.execute(
                """
                SELECT list_id, kind, period, coalesce(listed_on::text, '') AS listed_on, as_at,
                    EXISTS (SELECT FROM jsonb_array_elements(cells) AS r (cells) WHERE r.cells ->> (
                        SELECT h.place::int - 1 FROM jsonb_array_elements_text(l.cells -> 0)
                            WITH ORDINALITY AS h (name, place) WHERE h.name = 'Case') = \(reference.subject)) AS names,
                    erased_rows > 0 OR cells IS NULL AND position(\(reference.subject) IN csv) > 0 AS may_name
                  FROM reporting.published_list l WHERE authority = \(reference.authority) ORDER BY as_at
                """)
            all = rows.map { row in
                let names = row.bool("names")
                return List(
                    id: row.string("list_id"), name: "list \(row.string("kind")) of \(row.string("period"))",
                    shown: "\(row.string("kind")) \(row.string("listed_on"))", at: row.timestamp("as_at").instant,
                    names: names || !row.bool("may_name") ? names : nil)
            }
        }

        func find(_ about: String) -> List? { all.first { $0.id == about || $0.shown == about } }
    }

    /// Messages of many cases: of a list, or digests.
    struct Messages {
        private let rows: [PGUUID: Row]

        /// What concerned its reader no longer was taken out of a digest, which may have been shown, or sent, before.
        init(_ ids: [PGUUID], _ reference: CaseReference, _ connection: Connection) throws {
            let found = try connection.execute(
                """
                WITH item AS MATERIALIZED (
                    SELECT * FROM notifications.digest_item
                     WHERE authority = \(reference.authority) AND subject = \(reference.subject))
                SELECT m.message_id, m.list_id,
                    EXISTS (SELECT FROM item i WHERE i.message_id = m.message_id) AS is_item,
                    EXISTS (SELECT FROM item i WHERE i.state IN ('withdrawn', 'passed_on')
                        AND i.recipient_id = m.recipient_id AND i.added_at < m.intended_at
                        AND i.changed_at > m.intended_at) AS was_perhaps
                  FROM notifications.message m WHERE m.message_id = ANY(\(ids))
                """)
            rows = Dictionary(uniqueKeysWithValues: found.map { ($0.uuid("message_id"), $0) })
        }

        func named(_ message: PGUUID, _ kept: Lists) -> (isKnown: Bool?, of: String) {
            guard let row = rows[message] else { return (false, "") }
            if let id = row.stringOrNil("list_id") {
                guard let list = kept.find(id) else { return (false, ", list \(id)") }
                return list.names.map { ($0 ? true : nil, ", \(list.name)") } ?? (false, ", \(list.name)")
            }
            return (row.bool("is_item") ? true : row.bool("was_perhaps") ? false : nil, "")
        }
    }
}
