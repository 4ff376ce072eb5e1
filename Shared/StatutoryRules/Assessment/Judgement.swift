/// Judging: from `due`, the act and the time of asking to a state.
extension Docket {
    /// The instants between which the limit runs out: one instant, unless the anchor has no time of day.
    private func limits(of row: Deadline) -> (first: Instant, last: Instant)? {
        switch row.due {
        case nil: return nil
        case .instant(let instant): return (instant, instant)
        case .day(let day):
            guard row.basis == .bareDate, let hours = row.limit?.count else {
                let end = London.end(of: day)
                return (end, end)
            }
            return (
                London.start(of: row.anchor.on).adding(hours: hours), London.end(of: row.anchor.on).adding(hours: hours)
            )
        }
    }

    mutating func judge(_ row: inout Deadline, _ obligation: Obligation) {
        if let withdrawal = obligation.withdrawal, holds(withdrawal, row, obligation.act) {
            row.state = .withdrawn
            row.cause = withdrawal.cause
            return
        }
        guard let limits = limits(of: row) else {
            explainMissingDate(row, obligation)
            return
        }
        if let act = obligation.act {
            row.metBy = act.event
            row.metOn = act.at.day
            settle(&row, act.at, limits)
            return
        }
        mayChange(at: limits.last.adding(microseconds: 1))
        if obligation.isWindow {
            row.state = asOf > limits.last ? .withdrawn : .pending
            row.cause = "not_required"
        } else if asOf > limits.last {
            row.state = .missed
        } else {
            row.state = .pending
            if let risk = risk(of: row, obligation) {
                mayChange(at: risk.from)
                if asOf >= risk.from {
                    row.state = .atRisk
                    row.risk = risk.kind
                }
            }
        }
    }

    /// What was missed before the end stays missed; what was met before it stays met.
    private func holds(_ withdrawal: Obligation.Withdrawal, _ row: Deadline, _ act: Obligation.Act?) -> Bool {
        guard let end = withdrawal.on else { return act == nil }
        if let act, act.at.day <= end { return false }
        guard let due = row.due else { return true }
        return due.day >= end
    }

    private mutating func settle(_ row: inout Deadline, _ act: Moment, _ limits: (first: Instant, last: Instant)) {
        if case .day(let due) = row.due, row.basis != .bareDate {
            let late = act.day.days(since: due)
            row.state = late <= 0 ? .met : .metLate
            row.lateDays = late <= 0 ? nil : late
        } else if act.latest <= limits.first {
            row.state = .met
        } else if act.earliest > limits.last {
            row.state = .metLate
            let over = act.earliest.microseconds - limits.last.microseconds
            row.lateHours = Int((over + 3_599_999_999) / 3_600_000_000)
        } else {
            cannotBeJudged(&row)
        }
    }

    private mutating func cannotBeJudged(_ row: inout Deadline) {
        row.state = .undated
        row.due = nil
        row.actBy = nil
        find(
            row.rule, row.strength, row.subject, events: [row.anchor.event] + (row.metBy.map { [$0] } ?? []),
            "cannot be judged: no time of day, and the limit is in hours")
        row.metBy = nil
        row.metOn = nil
    }

    private mutating func explainMissingDate(_ row: Deadline, _ obligation: Obligation) {
        guard obligation.isDated, let limit = row.limit else { return }
        let year =
            if row.anchor.on < calendar.start || row.anchor.on > calendar.horizon {
                row.anchor.on.year
            } else {
                limit.count < 0 ? calendar.start.year - 1 : calendar.horizon.year + 1
            }
        find(
            row.rule, row.strength, row.subject, events: [row.anchor.event],
            "cannot be dated: no bank holidays are loaded for \(year)")
    }

    /// When it comes to be at risk; `nil` where a booking in time keeps it safe to the end.
    func risk(of row: Deadline, _ obligation: Obligation) -> (from: Instant, kind: String)? {
        guard let due = row.due, let actBy = row.actBy else { return nil }
        let lead = leadStart(of: row, actBy: actBy)
        guard let booking = obligation.booking else { return (lead, "approaching") }
        if Docket.isLate(booking.startsAt, for: due) {
            let set = max(
                booking.record.at?.earliest ?? London.start(of: row.anchor.on), London.start(of: row.anchor.on))
            return (min(lead, set), "booked_after_due")
        }
        // A booking whose day went by unheld protects nobody.
        let after = London.start(of: booking.startsAt.day.adding(days: 1))
        return (max(lead, after), "approaching")
    }

    static func isLate(_ booked: Moment, for due: Due) -> Bool {
        switch due {
        case .day(let day): booked.day > day
        case .instant(let instant): booked.earliest > instant
        }
    }

    /// From when on the lack of anything done is a risk (policy `atRisk.lead`).
    func leadStart(of row: Deadline, actBy: Due) -> Instant {
        let key: LeadKey =
            switch row.duty.family {
            case .conference, .review, .lookedAfter: .conferenceRisk
            case .report: .reportRisk
            case .letter, .task: .letterRisk
            }
        if let limit = row.limit, limit.unit == .hours, let limits = limits(of: row) {
            let percent = policy.lead(.hoursRisk).values[0]
            return limits.first.adding(minutes: -abs(limit.count) * 60 * percent / 100)
        }
        return London.start(of: back(policy.lead(key).values[0], policy.lead(key).unit, from: actBy.day))
    }

    func back(_ count: Int, _ unit: Lead.Unit, from day: Day) -> Day {
        switch unit {
        case .workingDays: calendar.lead(count, before: day)
        case .calendarDays, .percent, .hourOfDay: day.adding(days: -count)
        }
    }
}
