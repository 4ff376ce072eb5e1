import Postgres
import StatutoryRules

/// The ledger's words as people say them.
enum Words {
    static func plain(_ code: String) -> String { code.replacing("_", with: " ") }

    static func sentence(_ code: String) -> String {
        let text = plain(code)
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    /// `27 January 2026`.
    static func date(_ day: Day) -> String {
        Moment.day(day).readable.split(separator: " ").dropFirst().joined(separator: " ")
    }

    /// `Jan 2026`.
    static func month(_ day: Day) -> String {
        let parts = date(day).split(separator: " ")
        return "\(parts[1].prefix(3)) \(parts[2])"
    }

    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// As at when, for the foot of a page.
    static func asAt(_ transaction: borrowing Transaction) throws -> String {
        asAt(try transaction.execute("SELECT analysis.data_as_at() AS at")[0].timestampOrNil("at"))
    }

    static func asAt(_ read: PGTimestamp?) -> String {
        read.map { "Everything published before \(Moment.instant($0.instant).readable) is shown." }
            ?? "Not everything that was published has been read yet: something may be missing."
    }

    /// How a duty stands: the word, and the tag's colour.
    static func state(_ row: Row) -> [String: String] {
        let late = row.intOrNil("late_days").map { " by \(count($0, "day"))" } ?? ""
        switch row.string("state") {
        case "met": return ["word": "In time", "colour": "green"]
        case "met_late": return ["word": "Late\(late)", "colour": "yellow"]
        case "missed": return ["word": "Overdue", "colour": "red"]
        case "at_risk": return ["word": "At risk", "colour": "yellow"]
        case "pending": return ["word": "Due", "colour": "blue"]
        case "withdrawn": return ["word": "Not required", "colour": "grey"]
        default: return ["word": "No date", "colour": "grey"]
        }
    }
}
