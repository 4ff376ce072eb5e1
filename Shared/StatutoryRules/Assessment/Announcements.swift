/// What is to be said about a duty, to which roles, and on which day: rulebook, sections E and H.
extension Docket {
    /// Enters the notices of a judged duty; one that is withdrawn or undated has none.
    mutating func announce(_ row: Deadline, _ obligation: Obligation) {
        guard row.state != .withdrawn, row.state != .superseded, let due = row.due, let actBy = row.actBy else {
            return
        }
        remind(row, obligation, actBy)
        if !row.isKnownLate { warn(row, obligation, due) }
        reportMiss(row, obligation, due)
    }

    private mutating func remind(_ row: Deadline, _ obligation: Obligation, _ actBy: Due) {
        let (to, key, template): (NoticeKey, LeadKey, String) =
            switch row.duty.family {
            case .conference: (.reviewReminder, .reviewNotices, "")
            case .review: (.reviewReminder, .reviewNotices, "review_due_notice")
            case .lookedAfter: (.lookedAfterReminder, .reviewNotices, "review_due_notice")
            case .report:
                (
                    row.duty == .agencyReport ? .agencyReportReminder : .reportReminder, .reportReminders,
                    "report_due_reminder"
                )
            case .letter: (.letterReminder, .letterReminders, "letter_due_reminder")
            case .task: (.letterReminder, .letterReminders, "")
            }
        guard !template.isEmpty, let recipients = policy.recipients(to) else { return }
        let lead = policy.lead(key)
        let base = reminderDay(row, actBy)
        for (step, offset) in lead.values.enumerated() {
            let at = morning(of: back(offset, lead.unit, from: base))
            // A limit in hours may run out before the morning does.
            if case .instant(let instant) = row.due, at >= instant { continue }
            let state = reminderState(at: at, row, obligation)
            append(row.matter, row.rule, recipients, template, level: step + 1, at: at, state: state, towards: actBy)
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
    private mutating func warn(_ row: Deadline, _ obligation: Obligation, _ due: Due) {
        let key: NoticeKey =
            switch row.duty.family {
            case .conference: .conferenceAtRisk
            case .review: .reviewAtRisk
            case .lookedAfter: .lookedAfterAtRisk
            case .report: .reportAtRisk
            case .letter: .letterAtRisk
            case .task: .taskAtRisk
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
        append(
            row.matter, row.rule, recipients, "deadline_at_risk", level: 1, at: at, begins: begins, state: state,
            towards: due)
    }

    /// A miss: said on the morning after, or of the next working day, as the policy has it.
    private mutating func reportMiss(_ row: Deadline, _ obligation: Obligation, _ due: Due) {
        let key: NoticeKey =
            switch row.duty.family {
            case .conference: .conferenceMissed
            case .review: .reviewMissed
            case .lookedAfter: .lookedAfterMissed
            case .report: row.duty == .agencyReport ? .agencyReportMissed : .reportMissed
            case .letter: .letterMissed
            case .task: .taskMissed
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
            default: asOf < at ? .planned : row.isKnownLate ? .lateBooking : .due
            }
        let template = recipients.template ?? "deadline_missed"
        append(
            row.matter, row.rule, recipients, template, actor: obligation.actor, level: 1, at: at, state: state,
            towards: due)
    }

    /// Says something about an event or a meeting that no deadline's own dates say.
    ///
    /// It is due on the morning of `day`. `done` is the act that makes it needless: done by then, it is suppressed; later,
    /// withdrawn. `known` is when what it hangs on came to be known: of a reminder whose day had passed by then, it is a
    /// late booking and due at once. `isOff` withdraws it, as where the meeting is. `person` is the one whom it is for.
    @inline(__always)  // so that of `row` only what is read is copied
    mutating func tell(
        _ key: NoticeKey, _ subject: Subject, occasion: String, on day: Day, template: String? = nil, level: Int = 1,
        done: Moment? = nil, known: Moment? = nil, towards: Due? = nil, isOff: Bool = false, to roles: [String] = [],
        alone person: String? = nil, about row: Deadline? = nil
    ) {
        say(
            key, subject, occasion, on: day, template, level, done, known, towards, isOff, to: roles, alone: person,
            about: row.map { ($0.matter, $0.rule) })
    }

    private mutating func say(
        _ key: NoticeKey, _ subject: Subject, _ occasion: String, on day: Day, _ template: String?, _ level: Int,
        _ done: Moment?, _ known: Moment?, _ towards: Due?, _ isOff: Bool, to roles: [String], alone person: String?,
        about row: (matter: Matter, rule: String)?
    ) {
        guard var recipients = policy.recipients(key), let template = template ?? recipients.template else { return }
        for role in roles.reversed() { recipients = recipients.addressing(role) }
        let at = morning(of: day)
        let state: NoticeState =
            if let done {
                done.earliest <= max(at, known?.earliest ?? at) ? .suppressed : .withdrawn
            } else if isOff {
                .withdrawn
            } else if let known, known.day > day {
                .lateBooking
            } else {
                asOf < at ? .planned : .due
            }
        let matter =
            row?.matter
            ?? Matter(authority: authority, file: file, subject: subject, duty: nil, occasion: occasion)
        append(
            matter, row?.rule ?? recipients.rule ?? key.rawValue, recipients, template, person: person, level: level,
            at: at, state: state, towards: towards ?? .day(day))
    }

    /// The day that a notice's own offset gives, before or (negative) after the day that it hangs on.
    func day(of key: NoticeKey, before day: Day) -> Day? {
        guard let offset = policy.recipients(key)?.offset else { return nil }
        switch offset.unit {
        case .workingDays:
            return offset.count >= 0
                ? calendar.lead(offset.count, before: day)
                : calendar.adding(workingDays: -offset.count, to: day, knownBy: nil)?.day ?? day
        case .calendarDays, .percent, .hourOfDay: return day.adding(days: -offset.count)
        }
    }

    func morning(of day: Day) -> Instant {
        London.instant(on: day, hour: policy.lead(.noticeTime).values[0])
    }

    private mutating func append(
        _ matter: Matter, _ dutyRule: String, _ recipients: Recipients, _ template: String, actor: String? = nil,
        person: String? = nil, level: Int, at: Instant, begins: Instant? = nil, state: NoticeState, towards: Due
    ) {
        let begins = begins ?? at
        let isBeforeLive = liveFrom.map { at < $0 } ?? false
        // Only what is still planned changes by the passing of time.
        if state == .planned && !isBeforeLive { mayChange(at: begins) }
        notices.append(
            Notice(
                matter: matter, dutyRule: dutyRule, rule: recipients.rule ?? dutyRule, recipients: recipients,
                actor: actor, person: person, template: template, level: level, dueAt: at,
                state: isBeforeLive ? .beforeLive : state,
                towards: towards))
    }
}
