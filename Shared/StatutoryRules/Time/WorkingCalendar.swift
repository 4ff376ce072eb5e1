/// The working days of England and Wales: Monday to Friday less the published bank holidays (rulebook, section 0).
public struct WorkingCalendar: Sendable {
    public struct Holiday: Sendable, Hashable {
        public let day: Day
        /// When it was announced, of one announced late; `nil` where it was always known.
        public let announcedOn: Day?

        public init(day: Day, announcedOn: Day? = nil) {
            self.day = day
            self.announcedOn = announcedOn
        }
    }

    /// By day.
    public let holidays: [Holiday]
    /// The first day of the first year that is loaded.
    public let start: Day
    /// The last day of the last year that is loaded. No working day is counted beyond it.
    public let horizon: Day

    private let workingDays: [Day]
    /// For each day from `start`, how many working days there are up to and including it.
    private let workingDaysThrough: [Int]
    /// Holidays on weekdays that were announced late.
    private let late: [Holiday]

    /// `holidays` covers whole years and skips none: Configuration checks that before.
    public init(holidays: [Holiday]) {
        self.holidays = holidays.sorted { $0.day < $1.day }
        let first = self.holidays.first?.day.year ?? 1970
        let last = self.holidays.last?.day.year ?? 1969
        start = Day(number: Day.number(year: first, month: 1, day: 1))
        horizon = Day(number: Day.number(year: last, month: 12, day: 31))
        let off = Set(self.holidays.map(\.day))
        var days: [Day] = []
        var through: [Int] = []
        var day = start
        while day <= horizon {
            if !day.isWeekend && !off.contains(day) { days.append(day) }
            through.append(days.count)
            day = day.adding(days: 1)
        }
        workingDays = days
        workingDaysThrough = through
        late = self.holidays.filter { $0.announcedOn != nil && !$0.day.isWeekend }
    }

    /// Whether anyone works; beyond the loaded years only weekends are off.
    public func isWorkingDay(_ day: Day) -> Bool {
        guard day >= start, day <= horizon else { return !day.isWeekend }
        return workingDaysThrough(day) > workingDaysThrough(day.adding(days: -1))
    }

    /// The day itself, or the last working day before it.
    public func previousWorkingDay(onOrBefore day: Day) -> Day {
        var day = day
        while !isWorkingDay(day) { day = day.adding(days: -1) }
        return day
    }

    /// The first working day after the day.
    public func nextWorkingDay(after day: Day) -> Day {
        var day = day.adding(days: 1)
        while !isWorkingDay(day) { day = day.adding(days: 1) }
        return day
    }

    /// So many working days before a day, for leads and reminders; beyond the loaded years weekends only.
    public func lead(_ count: Int, before day: Day) -> Day {
        var day = day
        for _ in 0..<count { day = previousWorkingDay(onOrBefore: day.adding(days: -1)) }
        return day
    }

    /// Working days after a day, up to and including a later one; `nil` where they leave the loaded years.
    public func workingDays(after day: Day, through end: Day) -> Int? {
        guard day >= start, end <= horizon, day <= end else { return nil }
        return workingDaysThrough(end) - workingDaysThrough(day)
    }

    public struct Count: Sendable, Hashable {
        public let day: Day
        /// The bank holidays stepped over, in order.
        public let skipped: [Day]
    }

    /// `count` working days after a day, or before it where negative; the day itself is never counted.
    ///
    /// A late-announced holiday counts only if it was announced by the day that the duty was met (`knownBy`) or would
    /// have fallen due without it, so that judged duties stay judged. `nil` where the count leaves the loaded years.
    public func adding(workingDays count: Int, to day: Day, knownBy met: Day? = nil) -> Count? {
        guard let all = landing(count, from: day) else { return nil }
        let (from, to) = all < day ? (all, day) : (day, all)
        guard late.contains(where: { $0.day >= from && $0.day <= to }) else {
            return Count(day: all, skipped: skipped(between: day, and: all, ignoring: []))
        }
        var ignored = Set(late.map(\.day))
        var due = landing(count, from: day, ignoring: ignored)
        for holiday in count < 0 ? late.reversed() : late {
            let (from, to) = due < day ? (due, day.adding(days: -1)) : (day.adding(days: 1), due)
            guard holiday.day >= from, holiday.day <= to, let announced = holiday.announcedOn,
                announced <= min(due, met ?? due)
            else { continue }
            ignored.remove(holiday.day)
            due = landing(count, from: day, ignoring: ignored)
        }
        return Count(day: due, skipped: skipped(between: day, and: due, ignoring: ignored))
    }

    private func workingDaysThrough(_ day: Day) -> Int {
        let index = day.number - start.number
        return index < 0 ? 0 : workingDaysThrough[index]
    }

    /// The day alone, with every bank holiday that is loaded: no account of those stepped over, or announced late.
    public func landing(_ count: Int, from day: Day) -> Day? {
        guard day >= start, day <= horizon else { return nil }
        if count == 0 { return day }
        let index =
            count > 0
            ? workingDaysThrough(day) + count - 1 : workingDaysThrough(day.adding(days: -1)) + count
        return workingDays.indices.contains(index) ? workingDays[index] : nil
    }

    /// The same, day by day, working on the ignored holidays. Only called where the count stays in the loaded years.
    private func landing(_ count: Int, from day: Day, ignoring ignored: Set<Day>) -> Day {
        var day = day
        var left = abs(count)
        while left > 0 {
            day = day.adding(days: count.signum())
            if isWorkingDay(day) || ignored.contains(day) { left -= 1 }
        }
        return day
    }

    private func skipped(between anchor: Day, and due: Day, ignoring ignored: Set<Day>) -> [Day] {
        let (from, to) =
            due < anchor ? (due, anchor.adding(days: -1)) : (anchor.adding(days: 1), due)
        var low = 0
        var high = holidays.count
        while low < high {
            let middle = (low + high) / 2
            if holidays[middle].day < from { low = middle + 1 } else { high = middle }
        }
        var days: [Day] = []
        while low < holidays.count, holidays[low].day <= to {
            let day = holidays[low].day
            if !day.isWeekend && !ignored.contains(day) { days.append(day) }
            low += 1
        }
        return days
    }
}
