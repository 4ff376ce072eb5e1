import CaseEvents
import Postgres
import StatutoryRules

/// The recurring lists as they were published, newest first, and each again.
enum ListPages {
    private static let rows = 50

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
        guard let id = asked.query["id"],
            let row = try transaction.execute(
                """
                SELECT kind, period, as_at, is_complete, csv, cells::text AS cells, xlsx FROM reporting.published_list
                 WHERE authority = \(asked.authority) AND list_id = \(id)
                """
            ).first
        else { throw Board.NotFound() }
        try Look.act("board.list", about: id, authority: asked.authority, by: asked.visitor.user).publish(
            in: transaction)
        let kind = row.string("kind")
        let file = "\(kind)-\(row.string("period").replacing(" ", with: "-"))"
        switch asked.query["format"] {
        case "csv": return Page(file: file + ".csv", type: "text/csv; charset=utf-8", Array(row.string("csv").utf8))
        case "xlsx":
            guard let bytes = row.bytesOrNil("xlsx") else { throw Board.NotFound() }
            return Page(
                file: file + ".xlsx", type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", bytes)
        default: break
        }
        let cells = try JSONValue(row.stringOrNil("cells") ?? "[]").elements.map { $0.elements.map { $0.string ?? "" } }
        let path = "\(asked.path)/list?" + Query.text([("id", id)])
        return Page(
            title: Words.sentence(kind), template: .list, of: asked,
            [
                "title": Words.sentence(kind), "period": row.string("period"),
                "asAt": Moment.instant(row.timestamp("as_at").instant).readable, "isEarly": !row.bool("is_complete"),
                "header": cells.first ?? [], "rows": cells.dropFirst().map { ["cells": $0] },
                "isEmpty": cells.count < 2,
                "csv": path + "&format=csv", "xlsx": row.isNull("xlsx") ? "" : path + "&format=xlsx",
            ])
    }
}
