/// Civil time in Europe/London, by the rule in force since 1996: an hour ahead of UTC from 01:00 UTC on the last
/// Sunday of March to 01:00 UTC on the last Sunday of October. Earlier instants, which date no open duty, are read
/// by the same rule. A test compares it with the system's zone data.
public enum London {
    /// The London date of an instant.
    public static func day(of instant: Instant) -> Day {
        instant.adding(minutes: offsetMinutes(at: instant)).utc.day
    }

    /// The instant at which a London clock shows the time on the day. A time that the March change skips is read an
    /// hour on; of a time that October shows twice, the first is taken.
    public static func instant(on day: Day, hour: Int, minute: Int = 0) -> Instant {
        let asUTC = Instant(microseconds: Int64(day.number) * 86_400_000_000).adding(minutes: hour * 60 + minute)
        let asSummer = asUTC.adding(minutes: -60)
        return offsetMinutes(at: asSummer) == 60 ? asSummer : asUTC
    }

    /// The first instant of a London day.
    public static func start(of day: Day) -> Instant { instant(on: day, hour: 0) }

    /// The last microsecond of a London day.
    public static func end(of day: Day) -> Instant { start(of: day.adding(days: 1)).adding(microseconds: -1) }

    /// Hour and minute that a London clock shows.
    public static func clock(at instant: Instant) -> (hour: Int, minute: Int) {
        let minutes = Int(instant.adding(minutes: offsetMinutes(at: instant)).utc.microsecondsOfDay / 60_000_000)
        return (minutes / 60, minutes % 60)
    }

    /// Minutes ahead of UTC: 0 or 60.
    public static func offsetMinutes(at instant: Instant) -> Int {
        // By the mean length of a year: some days beside the calendar's, and about New Year it is winter in both years.
        let year = Int(instant.microseconds).flooredQuotient(by: 31_556_952_000_000) + 1970 - firstSummer
        let summer = summers.indices.contains(year) ? summers[year] : summer(of: instant.utc.day.year)
        return summer.contains(instant) ? 60 : 0
    }

    private static let firstSummer = 1900
    /// Those of the years that can be written.
    private static let summers = (firstSummer..<2200).map(summer)

    private static func summer(of year: Int) -> Range<Instant> {
        change(year: year, month: 3)..<change(year: year, month: 10)
    }

    /// 01:00 UTC on the last Sunday of the month, which has 31 days.
    private static func change(year: Int, month: Int) -> Instant {
        let last = Day(number: Day.number(year: year, month: month, day: 31))
        let sunday = last.adding(days: -((last.weekday.rawValue + 1) % 7))
        return Instant(microseconds: Int64(sunday.number) * 86_400_000_000).adding(hours: 1)
    }
}

/// A time as a payload gives it: an instant, or a bare date with no time of day.
public enum Moment: Hashable, Sendable {
    case instant(Instant)
    case day(Day)

    /// The London date, by which day limits are counted.
    public var day: Day {
        switch self {
        case .instant(let instant): London.day(of: instant)
        case .day(let day): day
        }
    }

    /// The earliest instant that it can mean.
    public var earliest: Instant {
        switch self {
        case .instant(let instant): instant
        case .day(let day): London.start(of: day)
        }
    }

    /// The latest instant that it can mean.
    public var latest: Instant {
        switch self {
        case .instant(let instant): instant
        case .day(let day): London.end(of: day)
        }
    }

    /// Reads an RFC 3339 instant with zone, or a bare date.
    public init?(bytes: UnsafeBufferPointer<UInt8>) {
        if let day = Day(bytes: bytes) {
            self = .day(day)
        } else if let instant = Instant(bytes: bytes) {
            self = .instant(instant)
        } else {
            return nil
        }
    }

    public init?(_ text: some StringProtocol) {
        var text = String(text)
        guard let moment = text.withUTF8({ Moment(bytes: $0) }) else { return nil }
        self = moment
    }
}

extension Moment: CustomStringConvertible {
    public var description: String {
        switch self {
        case .instant(let instant): instant.description
        case .day(let day): day.description
        }
    }
}
