/// A civil date of the Gregorian calendar, counted in days from 1970-01-01.
///
/// Statutory limits are counted in dates of Europe/London; a `Day` carries no time and no zone of its own.
public struct Day: Hashable, Comparable, Sendable {
    /// Days since 1970-01-01; negative before it.
    public let number: Int

    public init(number: Int) { self.number = number }

    /// `nil` where the date does not exist or its year is outside 1900-2199.
    public init?(year: Int, month: Int, day: Int) {
        guard (1900...2199).contains(year), (1...12).contains(month), day >= 1,
            day <= Day.length(ofMonth: month, year: year)
        else { return nil }
        number = Day.number(year: year, month: month, day: day)
    }

    /// Reads `YYYY-MM-DD`, and nothing else.
    public init?(_ text: some StringProtocol) {
        var text = String(text)
        guard let day = text.withUTF8({ Day(bytes: $0) }) else { return nil }
        self = day
    }

    /// Reads the ten ASCII bytes of `YYYY-MM-DD`.
    public init?(bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count == 10 else { return nil }
        self.init(ascii: bytes, at: 0)
    }

    /// Of the ten bytes from `at` on, which must be there.
    init?(ascii bytes: UnsafeBufferPointer<UInt8>, at: Int) {
        guard bytes[at + 4] == UInt8(ascii: "-"), bytes[at + 7] == UInt8(ascii: "-"),
            let year = decimal(bytes, at..<at + 4), let month = decimal(bytes, at + 5..<at + 7),
            let day = decimal(bytes, at + 8..<at + 10)
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    public static func < (left: Day, right: Day) -> Bool { left.number < right.number }

    /// Calendar days on, or back where negative.
    public func adding(days: Int) -> Day { Day(number: number + days) }

    /// The same day number `months` on or back, clamped to the month's end (rulebook, section 0).
    public func adding(months: Int) -> Day {
        let (year, month, day) = civil
        let index = year * 12 + month - 1 + months
        let (newYear, newMonth) = (index.flooredQuotient(by: 12), index.flooredRemainder(by: 12) + 1)
        let clamped = min(day, Day.length(ofMonth: newMonth, year: newYear))
        return Day(number: Day.number(year: newYear, month: newMonth, day: clamped))
    }

    public enum Weekday: Int, Sendable, CaseIterable {
        case monday, tuesday, wednesday, thursday, friday, saturday, sunday
    }

    public var weekday: Weekday {
        // 1970-01-01 was a Thursday.
        Weekday(rawValue: (number + 3).flooredRemainder(by: 7))!
    }

    public var isWeekend: Bool { weekday == .saturday || weekday == .sunday }

    public var year: Int { civil.year }
    public var month: Int { civil.month }
    public var dayOfMonth: Int { civil.day }

    /// Whole calendar days from `other` to this day.
    public func days(since other: Day) -> Int { number - other.number }

    var civil: (year: Int, month: Int, day: Int) {
        // Days counted from 1 March of year 0, in eras of 400 years.
        let shifted = number + 719_468
        let era = shifted.flooredQuotient(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// Without a check of the range: the caller's date exists.
    static func number(year: Int, month: Int, day: Int) -> Int {
        let marchYear = month <= 2 ? year - 1 : year
        let era = marchYear.flooredQuotient(by: 400)
        let yearOfEra = marchYear - era * 400
        let marchMonth = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Day: CustomStringConvertible {
    /// `YYYY-MM-DD`.
    public var description: String {
        String(unsafeUninitializedCapacity: 10) { text in
            write(to: text)
            return 10
        }
    }

    /// Ten characters.
    func write(to text: UnsafeMutableBufferPointer<UInt8>) {
        let (year, month, day) = civil
        precondition((0...9999).contains(year), "no date of four digits")
        writeDecimal(year, to: text, 0..<4)
        text[4] = UInt8(ascii: "-")
        writeDecimal(month, to: text, 5..<7)
        text[7] = UInt8(ascii: "-")
        writeDecimal(day, to: text, 8..<10)
    }
}

/// With leading zeros.
func writeDecimal(_ value: Int, to text: UnsafeMutableBufferPointer<UInt8>, _ places: Range<Int>) {
    var rest = value
    for place in places.reversed() {
        text[place] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
    }
}

func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// The value of ASCII digits, or `nil` where any byte is something else.
@inline(__always)
func decimal(_ bytes: UnsafeBufferPointer<UInt8>, _ places: Range<Int>) -> Int? {
    var value = 0
    for place in places {
        let digit = bytes[place] &- UInt8(ascii: "0")
        guard digit < 10 else { return nil }
        value = value * 10 + Int(digit)
    }
    return places.isEmpty ? nil : value
}

extension Int {
    func flooredQuotient(by divisor: Int) -> Int { self >= 0 ? self / divisor : -((divisor - 1 - self) / divisor) }
    func flooredRemainder(by divisor: Int) -> Int { self - flooredQuotient(by: divisor) * divisor }
}
