import CaseEvents
import Postgres
import StatutoryRules

/// The recurring lists as they were published, newest first, and each again.
enum ListPages {
    private static let rows = 50
    /// Of one list, as a page. A file has all.
    private static let shownRows = 1_000

    @Sendable static func index(_ asked: Board.Asked, _ transaction: borrowing Transaction) throws -> Page {
        let place = asked.query["before"]?.split(separator: "_").map(String.init)
        let before: SQL
        if let place, place.count == 2, let at = Int64(place[0]) {
            before = "AND (as_at, list_id) < (\(PGTimestamp(Instant(microseconds: at))), \(place[1]))"
        } else {
            before = ""
        }
        let found = try transaction.execute(
            """
            SELECT list_id, kind, period, as_at, row_count, is_complete FROM reporting.published_list
             WHERE authority = \(asked.authority) \(before) ORDER BY as_at DESC, list_id DESC LIMIT \(Int64(rows + 1))
            """)
        let shown: [[String: Any]] = found.prefix(rows).map { row in
            [
                "kind": Words.sentence(row.string("kind")), "period": row.string("period"),
                "asAt": Moment.instant(row.timestamp("as_at").instant).readable, "count": "\(row.int("row_count"))",
                "path": "\(asked.path)/list?" + Query.text([("id", row.string("list_id"))]),
                "isEarly": !row.bool("is_complete"),
            ]
        }
        var content: [String: Any] = ["rows": shown, "isEmpty": shown.isEmpty]
        if found.count > rows, let last = found.prefix(rows).last {
            let place = "\(last.timestamp("as_at").instant.microseconds)_\(last.string("list_id"))"
            content["next"] = "\(asked.path)/lists?" + Query.text([("before", place)])
        }
        return Page(title: "Lists", template: .lists, of: asked, content)
    }

    @Sendable static func list(_ asked: Board.Asked, _ transaction: borrowing Transaction) throws -> Page {
        guard let id = asked.query["id"] else { throw Board.NotFound() }
        let format = asked.query["format"]
        // A list may be of megabytes: only what is sent is read.
        let content: SQL
        switch format {
        case "csv": content = "csv"
        case "xlsx": content = "xlsx"
        default:
            content = """
                octet_length(csv) > 0 AS has_csv, xlsx IS NOT NULL AS has_xlsx, (
                    SELECT jsonb_agg(r.cells ORDER BY r.place) FROM jsonb_array_elements(l.cells)
                        WITH ORDINALITY AS r (cells, place) WHERE r.place <= \(Int64(shownRows + 1)))::text AS cells
                """
        }
        let found = try transaction.execute(
            """
            SELECT kind, period, as_at, is_complete, row_count, erased_rows, \(content) FROM reporting.published_list l
             WHERE authority = \(asked.authority) AND list_id = \(id)
            """)
        guard let row = found.first else { throw Board.NotFound() }
        try Look.act("board.list", about: id, authority: asked.authority, by: asked.visitor.user).publish(
            in: transaction)
        let kind = row.string("kind")
        let file = "\(kind)-\(row.string("period").replacing(" ", with: "-"))"
        switch format {
        case "csv":
            let csv = row.string("csv")
            guard !csv.isEmpty || row.int("erased_rows") == 0 else { throw Board.NotFound() }
            return Page(file: file + ".csv", type: "text/csv; charset=utf-8", Array(csv.utf8))
        case "xlsx":
            guard let bytes = row.bytesOrNil("xlsx") else { throw Board.NotFound() }
            return Page(
                file: file + ".xlsx", type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", bytes)
        default: return try page(row, id, asked)
        }
    }

    private static func page(_ row: Row, _ id: String, _ asked: Board.Asked) throws -> Page {
        let cells = try JSONValue(row.stringOrNil("cells") ?? "[]").elements.map { $0.elements.map { $0.string ?? "" } }
        let header = cells.first ?? []
        let title = Words.sentence(row.string("kind"))
        let path = "\(asked.path)/list?" + Query.text([("id", id)])
        var content: [String: Any] = [
            "title": title, "period": row.string("period"),
            "asAt": Moment.instant(row.timestamp("as_at").instant).readable, "isEarly": !row.bool("is_complete"),
            "header": header,
            "rows": cells.dropFirst().map { ["cells": zip(header, $0).map { ["label": $0, "text": $1] }] },
            "isEmpty": cells.count < 2,
        ]
        // A text that is empty counts as true in a template: what is not there is left out.
        let hasCSV = row.bool("has_csv")
        if hasCSV { content["csv"] = path + "&format=csv" }
        if row.bool("has_xlsx") { content["xlsx"] = path + "&format=xlsx" }
        let (shown, count) = (max(cells.count - 1, 0), row.int("row_count"))
        if count > shown {
            let rest =
                hasCSV
                ? "the CSV file has them all"
                : cells.isEmpty ? "the list was erased" : "whoever runs Quorate can print them all"
            content["rest"] = "\(shown) of \(Words.count(count, "row")) are shown: \(rest)."
        }
        return Page(title: title, template: .list, of: asked, content)
    }
}
