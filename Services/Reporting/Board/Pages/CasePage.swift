import Postgres
import StatutoryRules

/// One case: its children, and everything that happened or is to happen, each date explained. Showing it is an event of its
/// own, kept before it is shown.
enum CasePage {
    private struct Entry {
        let day: Day?
        let what: String
        var about = ""
        var reason = ""
        var source = ""
        var state: [String: String]?
    }

    static func path(of reference: String, _ asked: Board.Asked) -> String {
        "\(asked.path)/case?" + Query.text([("reference", reference)])
    }

    /// Whether its page has anything to show.
    static func isKnown(
        _ reference: String, _ asked: Board.Asked, _ transaction: borrowing Transaction
    ) throws -> Bool {
        let wanted: SQL = "authority = \(asked.authority) AND case_reference = \(reference)"
        return try transaction.execute(
            """
            SELECT EXISTS (SELECT FROM analysis.child WHERE \(wanted))
                OR EXISTS (SELECT FROM analysis.duty WHERE \(wanted))
                OR EXISTS (SELECT FROM analysis.ssd_s47_enquiry WHERE \(wanted))
                OR EXISTS (SELECT FROM analysis.ssd_cp_plans WHERE \(wanted))
                OR EXISTS (SELECT FROM analysis.meeting WHERE \(wanted) AND coalesce(held_on, starts_on) IS NOT NULL)
                OR EXISTS (SELECT FROM analysis.postponement WHERE \(wanted)) AS is_known
            """)[0].bool("is_known")
    }

    @Sendable static func draw(_ asked: Board.Asked, _ transaction: borrowing Transaction) throws -> Page {
        guard let reference = asked.query["reference"] else { throw Board.NotFound() }
        let wanted: SQL = "authority = \(asked.authority) AND case_reference = \(reference)"
        let children = try transaction.execute(
            "SELECT child_id, born_on, expected_on, died_on, social_worker_id, team_id FROM analysis.child WHERE \(wanted) ORDER BY child_id"
        )
        let entries = try duties(wanted, transaction) + events(wanted, transaction)
        guard !children.isEmpty || !entries.isEmpty else { throw Board.NotFound() }
        let waiting = try transaction.execute("SELECT 1 AS one FROM analysis.quarantined_case WHERE \(wanted)").count
        try Look.record("board.case", of: reference, authority: asked.authority, by: asked.visitor.user)
            .publish(in: transaction)
        let open = entries.filter {
            ["red", "yellow", "blue"].contains($0.state?["colour"]) && $0.state?["isOpen"] != nil
        }
        return Page(
            title: "Case \(reference)", template: .record, of: asked,
            [
                "reference": reference, "children": children.map(child), "waits": waiting > 0,
                "open": shown(open, latestFirst: false), "hasOpen": !open.isEmpty,
                "entries": shown(entries, latestFirst: true), "asAt": try Words.asAt(transaction),
            ])
    }

    private static func child(_ row: Row) -> [String: String] {
        let born =
            row.dateOrNil("born_on").map { "born \(Words.date($0.day))" }
            ?? row.dateOrNil("expected_on").map { "expected \(Words.date($0.day))" } ?? "date of birth not known"
        let died = row.dateOrNil("died_on").map { ", died \(Words.date($0.day))" } ?? ""
        return [
            "id": row.string("child_id"), "born": born + died,
            "worker": row.stringOrNil("social_worker_id") ?? "none on record",
            "team": row.stringOrNil("team_id") ?? "none on record",
        ]
    }

    private static func shown(_ entries: [Entry], latestFirst: Bool) -> [[String: Any]] {
        let sorted = entries.enumerated().sorted { one, other in
            let days = (one.element.day ?? Day(number: .max), other.element.day ?? Day(number: .max))
            if days.0 == days.1 { return one.offset < other.offset }
            return latestFirst ? days.0 > days.1 : days.0 < days.1
        }
        return sorted.map { _, entry in
            var row: [String: Any] = [
                "day": entry.day.map(Words.date) ?? "No date", "what": entry.what, "about": entry.about,
                "reason": entry.reason, "source": entry.source, "hasReason": !entry.reason.isEmpty,
            ]
            if let state = entry.state { row["state"] = state }
            return row
        }
    }

    // MARK: Duties

    private static func duties(_ wanted: SQL, _ transaction: borrowing Transaction) throws -> [Entry] {
        try transaction.execute(
            """
            SELECT d.*, r.anchor_type, r.limit_count, r.limit_unit, r.skipped_on::text[] AS skipped
              FROM (SELECT deadline_id, duty, rule, policy, provenance, citation, child_id, anchor_on, due_on, act_by_on, state,
                           met_on, late_days FROM analysis.duty WHERE \(wanted)) d
              JOIN (SELECT deadline_id, anchor_type, limit_count, limit_unit, skipped_on FROM analysis.duty_reason
                     WHERE \(wanted)) r USING (deadline_id)
             ORDER BY due_on, rule, child_id, deadline_id
            """
        ).map { row in
            let due = row.dateOrNil("due_on")?.day
            var state = Words.state(row)
            if ["missed", "pending", "at_risk"].contains(row.string("state")) { state["isOpen"] = "yes" }
            var reason = DateReason(
                anchor: anchor(row.stringOrNil("anchor_type")), anchorOn: row.date("anchor_on").day, limit: limit(row),
                due: due, skipped: row.strings("skipped").compactMap { Day($0) }
            ).text
            if let actBy = row.dateOrNil("act_by_on")?.day, actBy != due {
                reason += " That is no working day: act by \(Words.date(actBy))."
            }
            if let met = row.dateOrNil("met_on") { reason += " Done on \(Words.date(met.day))." }
            return Entry(
                day: due, what: Words.sentence(row.string("duty")) + " due", about: row.stringOrNil("child_id") ?? "",
                reason: reason,
                source:
                    "\(row.string("rule")) (\(row.string("provenance"))), policy \(row.string("policy")): \(row.string("citation"))",
                state: state)
        }
    }

    private static func limit(_ row: Row) -> Limit? {
        guard let count = row.intOrNil("limit_count"),
            let unit = row.stringOrNil("limit_unit").flatMap({ Limit.Unit(rawValue: $0) })
        else { return nil }
        return Limit(count: count, unit: unit)
    }

    /// `quorate.strategy_discussion.held.v1` is "the strategy discussion (held)".
    private static func anchor(_ type: String?) -> String {
        let parts = (type ?? "").split(separator: ".")
        guard parts.count == 4 else { return "an event of the case" }
        return "the \(Words.plain(String(parts[1]))) (\(Words.plain(String(parts[2]))))"
    }

    // MARK: What happened

    private static func events(_ wanted: SQL, _ transaction: borrowing Transaction) throws -> [Entry] {
        let enquiries = try transaction.execute(
            """
            SELECT s47e_person_id AS child, s47e_s47_start_date AS starts, s47e_s47_end_date AS ends
              FROM analysis.ssd_s47_enquiry WHERE \(wanted)
            """)
        let plans = try transaction.execute(
            """
            SELECT cppl_person_id AS child, cppl_cp_plan_start_date AS starts, cppl_cp_plan_end_date AS ends
              FROM analysis.ssd_cp_plans WHERE \(wanted)
            """)
        let meetings = try transaction.execute(
            """
            SELECT coalesce(conference_type, 'conference') AS type, state, starts_on, held_on,
                   array_to_string(child_ids, ', ') AS children
              FROM analysis.meeting WHERE \(wanted) AND coalesce(held_on, starts_on) IS NOT NULL
            """)
        let postponed = try transaction.execute(
            """
            SELECT action, agreed, coalesce(reason, 'not stated') AS reason, decided_on
              FROM analysis.postponement WHERE \(wanted)
            """)
        func spans(_ rows: Rows, _ began: String, _ ended: String) -> [Entry] {
            rows.flatMap { row in
                [
                    row.dateOrNil("starts").map { Entry(day: $0.day, what: began, about: row.string("child")) },
                    row.dateOrNil("ends").map { Entry(day: $0.day, what: ended, about: row.string("child")) },
                ].compactMap { $0 }
            }
        }
        return spans(enquiries, "Section 47 enquiry began", "Section 47 enquiry ended")
            + spans(plans, "Child protection plan began", "Child protection plan ended")
            + meetings.map { row in
                let state = row.dateOrNil("held_on") == nil ? Words.plain(row.string("state")) : "held"
                return Entry(
                    day: (row.dateOrNil("held_on") ?? row.date("starts_on")).day,
                    what: "\(kind(row.string("type"))) \(state)", about: row.string("children"))
            }
            + postponed.map { row in
                Entry(
                    day: row.date("decided_on").day, what: "Meeting: \(Words.plain(row.string("action")))",
                    about: "\(row.bool("agreed") ? "agreed" : "not agreed"); \(Words.plain(row.string("reason")))")
            }
    }

    private static func kind(_ type: String) -> String {
        switch type {
        case "initial": "Initial conference"
        case "prebirth": "Pre-birth conference"
        case "transfer_in": "Transfer-in conference"
        case "review": "Review conference"
        case "cla_review": "Looked-after review"
        case "combined": "Combined review"
        default: "Meeting"
        }
    }
}
