import Postgres
import StatutoryRules

/// Figures by month on which no child is: a chart, and beside it the table of which it is drawn. Of the 24 months to now.
enum MeasurePages {
    private static let months = 24

    private struct Choice {
        let name, field: String
        let codes: [String]
    }

    @Sendable static func timeliness(_ asked: Board.Asked, _ transaction: borrowing Transaction) throws -> Page {
        let kind: SQL = asked.query["kind"].map { "AND duty = \($0)" } ?? ""
        let rows = try transaction.execute(
            """
            SELECT m::date AS month, coalesce(met, 0) AS met, coalesce(late, 0) AS late, coalesce(missed, 0) AS missed
              FROM \(monthSeries) m
              LEFT JOIN (SELECT date_trunc('month', due_on) AS m, sum(met)::bigint AS met, sum(met_late)::bigint AS late,
                                sum(missed)::bigint AS missed
                           FROM analysis.duty_judged
                          WHERE authority = \(asked.authority) \(kind)
                            AND due_on BETWEEN (SELECT \(firstMonth)) AND (SELECT analysis.today())
                          GROUP BY 1) d USING (m)
             ORDER BY m
            """
        ).map {
            (month: $0.date("month").day, met: $0.int64("met"), late: $0.int64("late"), missed: $0.int64("missed"))
        }
        let shares = rows.map { row in
            share(row.met, of: row.met + row.late + row.missed)
        }
        return try page(
            "Timeliness",
            "Of the duties judged each month, by the month in which they were due, the share done in time."
                + " Those of the last seven days that are not done yet, and those that were past when they were first known, are in no rate.",
            asked, transaction,
            choice: Choice(name: "Kind", field: "kind", codes: Duty.allCases.map(\.rawValue).sorted()),
            chart: MonthChart(
                title: "Done in time, per cent of those judged", top: 100, unit: "%",
                bars: zip(rows, shares).map { bar($0.month, $1) }),
            header: ["Per cent in time", "In time", "Late", "Not done"],
            rows: zip(rows, shares).reversed().map {
                [Words.month($0.month), percent($1), "\($0.met)", "\($0.late)", "\($0.missed)"]
            })
    }

    @Sendable static func quorum(_ asked: Board.Asked, _ transaction: borrowing Transaction) throws -> Page {
        let rows = try transaction.execute(
            """
            SELECT m::date AS month, coalesce(quorate, 0) AS quorate, coalesce(exception, 0) AS exception,
                   coalesce(inquorate, 0) AS inquorate, coalesce(unknown, 0) AS unknown
              FROM \(monthSeries) m
              LEFT JOIN (SELECT date_trunc('month', held_on) AS m, count(*) FILTER (WHERE quorum = 'quorate') AS quorate,
                                count(*) FILTER (WHERE quorum = 'quorate_by_exception') AS exception,
                                count(*) FILTER (WHERE quorum = 'inquorate') AS inquorate,
                                count(*) FILTER (WHERE quorum IS NULL) AS unknown
                           FROM analysis.quorum WHERE authority = \(asked.authority) AND held_on >= \(firstMonth)
                          GROUP BY 1) d USING (m)
             ORDER BY m
            """)
        let shares = rows.map { row in
            let good = row.int64("quorate") + row.int64("exception")
            return share(good, of: good + row.int64("inquorate"))
        }
        return try page(
            "Quorum", "Conferences held each month, a row a child, and whether enough agencies took part.", asked,
            transaction,
            chart: MonthChart(
                title: "Quorate, per cent of those of which it is known", top: 100, unit: "%",
                bars: zip(rows, shares).map { bar($0.date("month").day, $1) }),
            header: ["Per cent quorate", "Quorate", "By exception", "Not quorate", "Not known"],
            rows: zip(rows, shares).reversed().map { row, share in
                [Words.month(row.date("month").day), percent(share)]
                    + ["quorate", "exception", "inquorate", "unknown"].map { "\(row.int64(Column($0)))" }
            })
    }

    @Sendable static func postponements(_ asked: Board.Asked, _ transaction: borrowing Transaction) throws -> Page {
        let rows = try transaction.execute(
            """
            SELECT m::date AS month, coalesce(agreed, 0) AS agreed, coalesce(refused, 0) AS refused, coalesce(moved, 0) AS moved,
                   coalesce(off, 0) AS off
              FROM \(monthSeries) m
              LEFT JOIN (SELECT date_trunc('month', decided_on) AS m, count(*) FILTER (WHERE agreed) AS agreed,
                                count(*) FILTER (WHERE NOT agreed) AS refused,
                                count(*) FILTER (WHERE action <> 'cancel') AS moved, count(*) FILTER (WHERE action = 'cancel') AS off
                           FROM analysis.postponement WHERE authority = \(asked.authority) AND decided_on >= \(firstMonth)
                          GROUP BY 1) d USING (m)
             ORDER BY m
            """)
        let totals = rows.map { $0.int64("agreed") + $0.int64("refused") }
        return try page(
            "Postponements",
            "Decisions each month to cancel, put off or adjourn a meeting, and moves that no decision covers.",
            asked, transaction,
            chart: MonthChart(
                title: "Meetings put off or called off, number", top: scale(totals.max() ?? 0), unit: "",
                bars: zip(rows, totals).map {
                    .init(month: Words.month($0.date("month").day), value: $1 == 0 ? nil : Double($1), label: "\($1)")
                }),
            header: ["Agreed", "Not agreed", "Put off or adjourned", "Cancelled"],
            rows: rows.reversed().map { row in
                [Words.month(row.date("month").day)]
                    + ["agreed", "refused", "moved", "off"].map { "\(row.int64(Column($0)))" }
            })
    }

    // MARK: Parts

    private static let firstMonth: SQL =
        "(date_trunc('month', analysis.today())::date - make_interval(months => \(Int32(months - 1))))::date"
    private static let monthSeries: SQL =
        "generate_series(\(firstMonth)::timestamptz, date_trunc('month', analysis.today()), interval '1 month')"

    private static func share(_ part: Int64, of whole: Int64) -> Double? {
        whole == 0 ? nil : (Double(part) * 1_000 / Double(whole)).rounded() / 10
    }

    private static func percent(_ share: Double?) -> String { share.map { "\($0)" } ?? "none judged" }

    private static func bar(_ month: Day, _ share: Double?) -> MonthChart.Bar {
        .init(month: Words.month(month), value: share, label: share.map { "\(Int($0.rounded()))" } ?? "")
    }

    /// A top that four lines part into whole numbers.
    private static func scale(_ most: Int64) -> Double { Double(max((most + 3) / 4, 1) * 4) }

    private static func page(
        _ title: String, _ about: String, _ asked: Board.Asked, _ transaction: borrowing Transaction,
        choice: Choice? = nil, chart: MonthChart, header: [String], rows: [[String]]
    ) throws -> Page {
        var content: [String: Any] = [
            "title": title, "about": about, "chart": chart.svg, "hasBars": !chart.bars.isEmpty,
            "chartTitle": chart.title, "header": header,
            "rows": rows.map { ["head": $0[0], "cells": Array($0.dropFirst())] as [String: Any] },
            "asAt": try Words.asAt(transaction),
        ]
        if let choice {
            content["choice"] =
                [
                    "name": choice.name, "field": choice.field, "action": "\(asked.path)/\(title.lowercased())",
                    "options": choice.codes.map {
                        [
                            "code": $0, "name": Words.sentence($0),
                            "chosen": asked.query[choice.field] == $0 ? "selected" : "",
                        ]
                    },
                ] as [String: Any]
        }
        return Page(title: title, template: .measure, of: asked, content)
    }
}
