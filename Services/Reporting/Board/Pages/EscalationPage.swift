import Postgres
import StatutoryRules

/// Each rung of each escalation, the latest first: when it was entered, who was told, and who took its ladder up.
enum EscalationPage {
    private static let rows = 50

    /// What a reader asks for; where nothing is said, what nobody has answered.
    private enum Standing: String, CaseIterable {
        case unanswered, open, acknowledged, answered
        case takenBack = "taken_back"
        case all

        var name: String {
            switch self {
            case .unanswered: "Not answered"
            case .open: "Not taken up"
            case .acknowledged: "Taken up"
            case .answered: "Answered"
            case .takenBack: "Taken back"
            case .all: "All"
            }
        }

        /// Of the view's states.
        var states: [String] {
            switch self {
            case .unanswered: ["open", "acknowledged"]
            case .open, .acknowledged, .answered, .takenBack: [rawValue]
            case .all: ["open", "acknowledged", "answered", "taken_back"]
            }
        }
    }

    private struct Place {
        let entered: PGTimestamp
        let id: PGUUID

        init?(_ text: String?) {
            let parts = (text ?? "").split(separator: "_").map(String.init)
            guard parts.count == 2, let at = Int64(parts[0]), let id = PGUUID(parts[1]) else { return nil }
            (entered, self.id) = (PGTimestamp(Instant(microseconds: at)), id)
        }

        init(_ row: Row) { (entered, id) = (row.timestamp("entry_at"), row.uuid("notice_id")) }

        var text: String { "\(entered.instant.microseconds)_\(id)" }
    }

    @Sendable static func draw(_ asked: Board.Asked, _ transaction: borrowing Transaction) throws -> Page {
        let standing = asked.query["state"].flatMap(Standing.init(rawValue:)) ?? .unanswered
        let rung = asked.query["rung"].flatMap { Int32($0) }.flatMap { $0 > 0 ? $0 : nil }
        let place = Place(asked.query["after"])
        let level: SQL = rung.map { "AND rung >= \($0)" } ?? ""
        let after: SQL = place.map { "AND (entry_at, notice_id) < (\($0.entered), \($0.id))" } ?? ""
        let found = try transaction.execute(
            """
            SELECT notice_id, entry_at, rung, duty, duty_due, template, case_reference, conference_id, people_told, raised_at,
                acknowledged_by, acknowledged_at, state, data_as_at
              FROM analysis.escalation
             WHERE authority = \(asked.authority) AND state = ANY(\(standing.states)) \(level) \(after)
             ORDER BY entry_at DESC, notice_id DESC LIMIT \(Int64(rows + 1))
            """)
        let shown = found.prefix(rows)
        let path = "\(asked.path)/escalations"
        let filters: [(String, String?)] = [("state", standing.rawValue), ("rung", rung.map(String.init))]
        var content: [String: Any] = [
            "action": path, "rows": shown.map { cells($0, asked) }, "isEmpty": shown.isEmpty,
            "states": Standing.allCases.map {
                ["code": $0.rawValue, "name": $0.name, "chosen": $0 == standing ? "selected" : ""]
            },
            "rungs": (1...4).map { ["code": "\($0)", "chosen": rung == Int32($0) ? "selected" : ""] },
            // Of the workers whose words these are.
            "asAt": try shown.first.map { Words.asAt($0.timestampOrNil("data_as_at")) } ?? Words.asAt(transaction),
        ]
        if found.count > rows, let last = shown.last {
            content["next"] = path + "?" + Query.text(filters + [("after", Place(last).text)])
        }
        if place != nil { content["first"] = path + "?" + Query.text(filters) }
        if !shown.isEmpty {
            try Look.act(
                "board.escalations", about: Query.text(filters + [("after", place?.text)]), authority: asked.authority,
                by: asked.visitor.user
            ).publish(in: transaction)
        }
        return Page(title: "Escalations", template: .escalations, of: asked, content)
    }

    private static func cells(_ row: Row, _ asked: Board.Asked) -> [String: String] {
        let reference = row.string("case_reference")
        let (state, colour, by) = standing(of: row)
        return [
            "entered": Words.date(London.day(of: row.timestamp("entry_at").instant)), "rung": "\(row.int("rung"))",
            "what": Words.sentence(row.stringOrNil("duty") ?? row.string("template")),
            // A date, or of a limit in hours an instant.
            "due": row.stringOrNil("duty_due").flatMap { Day($0) ?? Instant($0).map(London.day) }.map(Words.date) ?? "",
            "reference": reference, "case": CasePage.path(of: reference, asked),
            "conference": row.stringOrNil("conference_id") ?? "",
            "told": row.timestampOrNil("raised_at") == nil ? "not reached" : people(row.int("people_told")),
            "state": state, "colour": colour, "by": by,
        ]
    }

    private static func people(_ count: Int) -> String { count == 1 ? "1 person" : "\(count) people" }

    private static func standing(of row: Row) -> (state: String, colour: String, by: String) {
        switch row.string("state") {
        case "open": return ("Not taken up", "red", "")
        case "acknowledged":
            let on = row.timestampOrNil("acknowledged_at").map { Words.date(London.day(of: $0.instant)) } ?? ""
            return ("Taken up", "yellow", " by \(row.stringOrNil("acknowledged_by") ?? "somebody") on \(on)")
        case "answered": return ("Answered", "green", "")
        default: return ("Taken back", "grey", "")
        }
    }
}
