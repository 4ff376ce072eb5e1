import AuditLog
import CaseEvents
import Postgres
import StatutoryRules

/// What showed many cases at a time, and so perhaps one of them: lists as they were published, messages of lists and digests,
/// pages and commands. A list is kept, and so is what a digest held: of these it is known whether they named the case. A page
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

    /// Acts that show cases of an authority, and which is not told. What such an act is said to be about is its filters.
    private static let pages: Set<String> = [
        "board.overdue", "board.due", "board.escalations", "export.cin-census", "notices.log", "letters.list",
        "quarantine.list", "retention.report", "reconcile", "trace",
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
        let messages = try Messages(found.compactMap { $0.data?["notificationId"]?.string }, reference, connection)
        return found.compactMap { entry in
            let isKnown: Bool?
            let of: String
            if entry.name == "notification.sent" {
                (isKnown, of) = messages.named(entry.data?["notificationId"]?.string, lists)
            } else {
                (isKnown, of) = LooksAtMany.shown(by: entry.data, lists)
            }
            return isKnown.map { Look(at: entry.instant, isKnown: $0, what: Audit.WhoSaw.who(entry) + of) }
        }
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
        default: return (pages.contains(act) ? false : nil, "")
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
        private let lists: [String: String]
        private let digests: [String: Bool]

        init(_ ids: [String], _ reference: CaseReference, _ connection: Connection) throws {
            let known = ids.compactMap { PGUUID($0) }
            let rows = try connection.execute(
                """
                SELECT m.message_id::text AS message, m.list_id, EXISTS (
                    SELECT FROM notifications.digest_item i WHERE i.message_id = m.message_id
                       AND i.authority = \(reference.authority) AND i.subject = \(reference.subject)) AS is_item
                  FROM notifications.message m WHERE m.message_id = ANY(\(known))
                """)
            lists = Dictionary(
                uniqueKeysWithValues: rows.compactMap { row in
                    row.stringOrNil("list_id").map { (row.string("message"), $0) }
                })
            digests = Dictionary(
                uniqueKeysWithValues: rows.filter { $0.stringOrNil("list_id") == nil }
                    .map { ($0.string("message"), $0.bool("is_item")) })
        }

        func named(_ message: String?, _ kept: Lists) -> (isKnown: Bool?, of: String) {
            guard let message else { return (false, "") }
            if let id = lists[message] {
                guard let list = kept.find(id) else { return (false, ", list \(id)") }
                return list.names.map { ($0 ? true : nil, ", \(list.name)") } ?? (false, ", \(list.name)")
            }
            return digests[message].map { ($0 ? true : nil, "") } ?? (false, "")
        }
    }
}
