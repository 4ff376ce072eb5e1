import Postgres
import StatutoryRules

/// What is overdue, the oldest first, and what falls due within 28 days. Pages follow one another by key, so that each costs
/// the same.
enum DuePage {
    static let rows = 50

    private struct Place {
        let due: Day
        let id: PGUUID

        init?(_ text: String?) {
            let parts = (text ?? "").split(separator: "_").map(String.init)
            guard parts.count == 2, let due = Day(parts[0]), let id = PGUUID(parts[1]) else { return nil }
            (self.due, self.id) = (due, id)
        }

        init(_ row: Row) { (due, id) = (row.date("due_on").day, row.uuid("deadline_id")) }

        var text: String { "\(due)_\(id)" }
    }

    private static let kinds = Duty.allCases.map(\.rawValue).sorted()

    @Sendable static func overdue(_ asked: Board.Asked, _ transaction: borrowing Transaction) throws -> Page {
        let rung = asked.query["rung"].flatMap { Int32($0) }.flatMap { $0 > 0 ? $0 : nil }
        // By the few cases that were escalated, rather than through all that is overdue.
        let more: SQL =
            rung.map { rung in
                """
                AND rung >= \(rung) AND case_reference = ANY (ARRAY(
                    SELECT subject FROM reporting.escalation
                     WHERE authority = \(asked.authority) AND level >= \(rung) AND NOT taken_back))
                """
            } ?? ""
        let found = try transaction.execute(
            """
            SELECT deadline_id, due_on, days_overdue AS days, duty, case_reference, child_id, team_id, rung
              FROM analysis.overdue WHERE authority = \(asked.authority) \(narrowed(asked)) \(more)
             ORDER BY due_on, deadline_id LIMIT \(Int64(rows + 1))
            """)
        return try page("Overdue", "overdue", found, asked, rung: rung.map(String.init) ?? "", transaction)
    }

    @Sendable static func soon(_ asked: Board.Asked, _ transaction: borrowing Transaction) throws -> Page {
        let found = try transaction.execute(
            """
            SELECT deadline_id, due_on, days_left AS days, duty, case_reference, child_id, team_id, 0 AS rung
              FROM analysis.due_soon WHERE authority = \(asked.authority) \(narrowed(asked))
             ORDER BY due_on, deadline_id LIMIT \(Int64(rows + 1))
            """)
        return try page("Due within 28 days", "due", found, asked, rung: nil, transaction)
    }

    /// A team's are those of its cases: found first, since a team may have many cases and little that is due, or the reverse.
    private static func narrowed(_ asked: Board.Asked) -> SQL {
        let query = asked.query
        let team: SQL =
            query["team"].map { team in
                """
                AND case_reference = ANY (ARRAY(
                    SELECT subject FROM reporting.team_case WHERE authority = \(asked.authority) AND team_id = \(team)))
                """
            } ?? ""
        let kind: SQL = query["kind"].map { "AND duty = \($0)" } ?? ""
        let after: SQL =
            Place(query["after"]).map { "AND (due_on, deadline_id) > (\(PGDate($0.due)), \($0.id))" } ?? ""
        return "\(team) \(kind) \(after)"
    }

    private static func page(
        _ title: String, _ name: String, _ found: Rows, _ asked: Board.Asked, rung: String?,
        _ transaction: borrowing Transaction
    ) throws -> Page {
        let path = "\(asked.path)/\(name)"
        let shown = found.prefix(rows)
        let isOverdue = rung != nil
        let cells: [[String: Any]] = shown.map { row in
            let days = row.int("days")
            return [
                "due": Words.date(row.date("due_on").day), "duty": Words.sentence(row.string("duty")),
                "days": isOverdue ? Words.count(days, "day") : days == 0 ? "today" : Words.count(days, "day"),
                "reference": row.string("case_reference"),
                "case": CasePage.path(of: row.string("case_reference"), asked),
                "child": row.stringOrNil("child_id") ?? "", "team": row.stringOrNil("team_id") ?? "",
                "rung": row.int("rung") == 0 ? "" : "\(row.int("rung"))",
            ]
        }
        var content: [String: Any] = [
            "title": title, "action": path, "rows": cells, "isEmpty": cells.isEmpty, "isOverdue": isOverdue,
            "daysName": isOverdue ? "Overdue by" : "Days left", "team": asked.query["team"] ?? "",
            "kinds": kinds.map {
                ["code": $0, "name": Words.sentence($0), "chosen": asked.query["kind"] == $0 ? "selected" : ""]
            },
            "rungs": (1...4).map { ["code": "\($0)", "chosen": rung == "\($0)" ? "selected" : ""] },
            "asAt": try Words.asAt(transaction),
        ]
        let filters = [("team", asked.query["team"]), ("kind", asked.query["kind"]), ("rung", rung)]
        if found.count > rows, let last = shown.last {
            content["next"] = path + "?" + Query.text(filters + [("after", Place(last).text)])
        }
        if !found.isEmpty {
            // Where a row fits them, team and kind are ids that the ledger has, and nothing that somebody typed.
            let about = Query.text(
                filters.filter { $0.1?.isEmpty == false } + [("after", Place(asked.query["after"])?.text)])
            try Look.act(
                "board.\(name)", about: about.isEmpty ? "all" : about, authority: asked.authority,
                by: asked.visitor.user
            ).publish(in: transaction)
        }
        if asked.query["after"] != nil { content["first"] = path + "?" + Query.text(filters) }
        return Page(title: title, template: .due, of: asked, content)
    }
}
