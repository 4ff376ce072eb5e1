import Postgres
import StatutoryRules

/// How much is due, and whether the ledger hears all that it should.
enum OverviewPage {
    static func draw(_ asked: Board.Asked, _ transaction: borrowing Transaction) throws -> Page {
        let row = try transaction.execute(
            """
            SELECT (SELECT count(*) FROM analysis.overdue WHERE authority = \(asked.authority)) AS overdue, s.*
              FROM (SELECT count(*) FILTER (WHERE days_left <= 7) AS week, count(*) FILTER (WHERE days_left <= 14) AS fortnight,
                           count(*) AS month
                      FROM analysis.due_soon WHERE authority = \(asked.authority)) s
            """)[0]
        let silent = try transaction.execute(
            "SELECT source FROM analysis.source WHERE authority = \(asked.authority) AND is_silent ORDER BY source"
        ).map { $0.string("source") }
        let figures = [
            ("Overdue", "overdue", "overdue"), ("Due within 7 days", "week", "due"),
            ("Due within 14 days", "fortnight", "due"), ("Due within 28 days", "month", "due"),
        ]
        .map { name, column, page in
            ["name": name, "number": "\(row.int64(Column(column)))", "path": "\(asked.path)/\(page)"]
        }
        return Page(
            title: "Overview", template: .overview, of: asked,
            [
                "figures": figures, "hasCases": asked.role == .cases, "silent": silent, "isSilent": !silent.isEmpty,
                "path": asked.path, "asAt": try Words.asAt(transaction),
            ])
    }
}
