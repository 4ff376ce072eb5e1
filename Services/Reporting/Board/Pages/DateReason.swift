import Postgres
import StatutoryRules

/// Why a due date is what it is, in words, from what the ledger keeps of it (`analysis.duty_reason`).
struct DateReason {
    let anchor: String
    let anchorOn: Day
    let limit: Limit?
    let due: Day?
    let skipped: [Day]

    var text: String {
        let from = "\(anchor) on \(Words.date(anchorOn))"
        guard let limit else { return "The date is not counted: it is given by \(from)." }
        let number = abs(limit.count)
        let unit = Words.plain(limit.unit.rawValue)
        let counted = "\(number) \(number == 1 ? String(unit.dropLast()) : unit)"
        let way = limit.count < 0 ? "back from" : "from"
        guard let due else { return "\(counted) \(way) \(from) cannot be dated." }
        guard isCounted(limit, due) else {
            return "The limit is \(counted) \(way) \(from). The date that stands was named in the record."
        }
        var text = "\(counted) \(way) \(from), that day itself not counted."
        if !skipped.isEmpty {
            text +=
                " Stepped over: \(skipped.map(Words.date).joined(separator: ", ")) (bank holiday\(skipped.count == 1 ? "" : "s"))."
        }
        return text
    }

    /// Whether the count gives the date: it does not where an event names another, sooner one.
    private func isCounted(_ limit: Limit, _ due: Day) -> Bool {
        switch limit.unit {
        case .calendarDays: return anchorOn.adding(days: limit.count) == due
        case .months: return anchorOn.adding(months: limit.count) == due
        case .hours: return true
        case .workingDays:
            let (first, last) = (min(anchorOn, due), max(anchorOn, due))
            let weekdays = (0..<last.days(since: first)).count { step in
                let day = limit.count < 0 ? first.adding(days: step) : first.adding(days: step + 1)
                return !day.isWeekend && !skipped.contains(day)
            }
            return weekdays == abs(limit.count) && (limit.count < 0) == (due < anchorOn)
        }
    }
}
