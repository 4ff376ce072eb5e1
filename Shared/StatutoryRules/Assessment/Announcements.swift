/// What is to be said about a duty, to which roles, and on which day: rulebook, sections E and H.
extension Docket {
    /// Enters the notices of a judged duty; one that is withdrawn or undated has none.
    mutating func announce(_ row: Deadline, _ obligation: Obligation) {
        guard row.state != .withdrawn, row.state != .superseded, let due = row.due, let actBy = row.actBy else {
            return
        }
        let about = Notice.About(row)
        remind(row, obligation, actBy, about)
        warn(row, obligation, due, about)
        reportMiss(row, obligation, due, about)
    }

    private mutating func remind(_ row: Deadline, _ obligation: Obligation, _ actBy: Due, _ about: Notice.About) {
        let (to, key, template): (NoticeKey, LeadKey, String) =
            switch row.duty.family {
            case .conference: (.reviewReminder, .reviewNotices, "")
            case .review: (.reviewReminder, .reviewNotices, "review_due")
            case .lookedAfter: (.lookedAfterReminder, .reviewNotices, "review_due")
            case .report: (.reportReminder, .reportReminders, "report_due_reminder")
            case .letter: (.letterReminder, .letterReminders, "letter_due_reminder")
            }
        guard !template.isEmpty, let recipients = policy.recipients(to) else { return }
        let lead = policy.lead(key)
        let base = reminderDay(row, actBy)
        for (step, offset) in lead.values.enumerated() {
            let at = morning(of: back(offset, lead.unit, from: base))
            // A limit in hours may run out before the morning does.
            if case .instant(let instant) = row.due, at >= instant { continue }
            let state = reminderState(at: at, row, obligation)
            append(about, recipients, template, level: step + 1, at: at, state: state, towards: actBy)
        }
    }

    /// The day that reminders are counted from. Hours that are counted back move to no working day, so the nudge comes
    /// on the last working day before them (CAN-1.6).
    private func reminderDay(_ row: Deadline, _ actBy: Due) -> Day {
        guard let limit = row.limit, limit.unit == .hours, limit.count < 0 else { return actBy.day }
        return calendar.lead(1, before: actBy.day)
    }

    private func reminderState(at dueAt: Instant, _ row: Deadline, _ obligation: Obligation) -> NoticeState {
        let known = obligation.knownAt
        if let act = obligation.act {
            return act.at.earliest <= max(dueAt, known?.earliest ?? dueAt) ? .suppressed : .withdrawn
        }
        if let known, known.day > London.day(of: dueAt) { return .lateBooking }
        return asOf < dueAt ? .planned : .due
    }

    /// At risk: said on the morning of the day on which the risk began.
    private mutating func warn(_ row: Deadline, _ obligation: Obligation, _ due: Due, _ about: Notice.About) {
        let key: NoticeKey =
            switch row.duty.family {
            case .conference: .conferenceAtRisk
            case .review: .reviewAtRisk
            case .lookedAfter: .lookedAfterAtRisk
            case .report: .reportAtRisk
            case .letter: .letterAtRisk
            }
        guard let recipients = policy.recipients(key), var risk = risk(of: row, obligation) else { return }
        // Booked for a day in time: the risk ended with the booking, unless it never began.
        let isSafe = risk.from > due.latest
        if isSafe { risk.from = leadStart(of: row, actBy: row.actBy ?? due) }
        let at = morning(of: London.day(of: risk.from))
        let begins = max(at, risk.from)
        let state: NoticeState =
            if let act = obligation.act {
                act.at.earliest <= begins ? .suppressed : .withdrawn
            } else if isSafe {
                obligation.booking?.record.at.map { $0.earliest > begins } ?? false ? .withdrawn : .suppressed
            } else {
                asOf < begins ? .planned : .due
            }
        mayChange(at: risk.from)
        append(about, recipients, "deadline_at_risk", level: 1, at: at, state: state, towards: due)
    }

    /// A miss: said on the morning after, or of the next working day, as the policy has it.
    private mutating func reportMiss(_ row: Deadline, _ obligation: Obligation, _ due: Due, _ about: Notice.About) {
        let key: NoticeKey =
            switch row.duty.family {
            case .conference: .conferenceMissed
            case .review: .reviewMissed
            case .lookedAfter: .lookedAfterMissed
            case .report: .reportMissed
            case .letter: .letterMissed
            }
        guard let recipients = policy.recipients(key) else { return }
        let day =
            switch recipients.when {
            case .dayAfter: due.day.adding(days: 1)
            case .nextWorkingDay: calendar.nextWorkingDay(after: due.day)
            }
        let at = morning(of: day)
        let state: NoticeState =
            switch row.state {
            case .met: .suppressed
            case .metLate: obligation.act.map { $0.at.earliest <= at } ?? false ? .suppressed : .due
            default: asOf < at ? .planned : .due
            }
        append(about, recipients, "deadline_missed", level: 1, at: at, state: state, towards: due)
    }

    private func morning(of day: Day) -> Instant {
        London.instant(on: day, hour: policy.lead(.noticeTime).values[0])
    }

    private mutating func append(
        _ about: Notice.About, _ recipients: Recipients, _ template: String, level: Int, at: Instant,
        state: NoticeState, towards: Due
    ) {
        mayChange(at: at)
        let isBeforeLive = liveFrom.map { at < $0 } ?? false
        notices.append(
            Notice(
                about: about, recipients: recipients, template: template, level: level, dueAt: at,
                state: isBeforeLive ? .beforeLive : state, towards: towards))
    }
}
