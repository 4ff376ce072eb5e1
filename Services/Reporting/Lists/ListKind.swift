import StatutoryRules

extension Lists {
    /// The recurring lists. Which of them an authority has, and who gets them, is its policy's (`lists.<kind>`).
    public enum Kind: String, CaseIterable, Sendable {
        /// This week's meetings with each report's status (SWI-0.1; 004, preamble).
        case weekly
        /// What went wrong in the week before (SWI-3b, SWI-7b, SWI-10b, SWI-23; 004, items 3, 7, 10 and 23; E46).
        case exception
        /// The meetings of two weeks (SWI-20; 004, item 20; E44).
        case fortnight
        /// The meetings of the month (SWI-21; 004, item 21; E45).
        case month
        /// Who takes over which child, after a transfer meeting (SWI-25; 004, item 25; E47).
        case allocations
        /// Delay and drift (CAN-1.2, CAN-4.1; 000, sections 1 and 4; LON-14.3b; E49).
        case drift
        /// How the month before went (MAN-0, MAN-4a; 003; SWI-0.5; 004, preamble; CAN-1.4; E48).
        case timeliness
        /// Plans of two years and more (LON-1.22c; 001, 1.22; E40).
        case longPlans = "long_plans"

        public var title: String {
            switch self {
            case .weekly: "This week's conferences and looked-after reviews"
            case .exception: "Weekly exception report"
            case .fortnight: "Conferences and looked-after reviews of the next two weeks"
            case .month: "The month's conferences and looked-after reviews"
            case .allocations: "Children given another social worker"
            case .drift: "Delay and drift"
            case .timeliness: "Timeliness"
            case .longPlans: "Plans of two years and more"
            }
        }

        private var isMonthly: Bool {
            switch self {
            case .month, .timeliness, .longPlans: true
            case .weekly, .exception, .fortnight, .allocations, .drift: false
            }
        }

        /// From which hour, London time. A transfer meeting on the Monday itself is told the same day.
        private var hour: Int { self == .allocations ? 18 : 6 }

        /// Whether there is nothing to tell where it has no rows: it follows a meeting and not the calendar alone.
        var isOnOccasion: Bool { self == .allocations }

        /// The day of the list that was last to be published: a Monday or the 1st, bank holidays and weekends too.
        func day(at now: Instant) -> Day {
            let today = London.day(of: now)
            let first = today.adding(days: isMonthly ? 1 - today.dayOfMonth : -today.weekday.rawValue)
            guard now < London.instant(on: first, hour: hour) else { return first }
            return isMonthly ? first.adding(months: -1) : first.adding(days: -7)
        }

        /// The day of the list after.
        func next(after day: Day) -> Day { isMonthly ? day.adding(months: 1) : day.adding(days: 7) }

        /// Those that are of Mondays.
        static let weeklyKinds = allCases.filter { !$0.isMonthly }

        /// From when on the list of a day is drawn.
        func opens(_ day: Day) -> Instant { London.instant(on: day, hour: hour) }

        /// What it covers, in words: unique for the list among those of its kind.
        func period(of day: Day) -> String {
            guard isMonthly else { return "week of \(day)" }
            return "month of \((self == .timeliness ? day.adding(months: -1) : day).description.prefix(7))"
        }
    }
}
