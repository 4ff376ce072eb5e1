extension Moment {
    /// For people: `Tuesday 27 January 2026`, with the London time before it where there is one.
    public var readable: String {
        let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
        let months = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ]
        let date = "\(weekdays[day.weekday.rawValue]) \(day.dayOfMonth) \(months[day.month - 1]) \(day.year)"
        guard case .instant(let instant) = self else { return date }
        let clock = London.clock(at: instant)
        return "\(clock.hour):\(padded(clock.minute, 2)) on \(date)"
    }
}
