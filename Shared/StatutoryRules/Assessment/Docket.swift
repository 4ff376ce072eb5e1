/// An assessment in the making: rules enter obligations and findings, the docket judges them.
struct Docket {
    let authority: String
    let file: String
    let policy: Policy
    let calendar: WorkingCalendar
    let liveFrom: Instant?
    let asOf: Instant
    var history: History
    var deadlines: [Deadline] = []
    var findings: [Finding] = []
    var notices: [Notice] = []
    private(set) var nextChange: Instant?

    init(_ file: CaseFile, policy: Policy, configuration: Configuration, history: History, asOf: Instant) {
        authority = file.authority
        self.file = file.subject
        self.policy = policy
        calendar = configuration.calendar
        liveFrom = configuration.liveFrom(authority: file.authority).map(London.start)
        self.asOf = asOf
        self.history = history
        deadlines.reserveCapacity(16)
        notices.reserveCapacity(32)
    }

    /// The assessment may change then.
    mutating func mayChange(at instant: Instant) {
        guard instant > asOf, instant < nextChange ?? .distantFuture else { return }
        nextChange = instant
    }

    mutating func find(
        _ rule: String, _ severity: Severity, _ subject: Subject, events: [String], _ message: String,
        refuses: String? = nil
    ) {
        findings.append(
            Finding(
                authority: authority, file: file, rule: rule, severity: severity, subject: subject,
                events: events.sorted(), message: message, refuses: refuses))
    }

    /// Judges an obligation under each of its limits; the sooner binds, the others are superseded.
    @discardableResult @inline(__always)
    mutating func enter(_ obligation: Obligation) -> Deadline? { place(obligation).map { deadlines[$0] } }

    /// Enters a row for each limit and returns the place of the one that binds.
    mutating func place(_ obligation: Obligation) -> Int? {
        let first = deadlines.count
        date(obligation)
        for limit in obligation.beside { date(limit) }
        guard let binding = binding(among: first..<deadlines.count) else { return nil }
        deadlines.swapAt(binding, deadlines.count - 1)
        var row = deadlines.removeLast()
        for index in first..<deadlines.count {
            if deadlines[index].due == nil {
                deadlines[index].state = obligation.withdrawal == nil ? .undated : .withdrawn
                deadlines[index].cause = obligation.withdrawal?.cause
            } else {
                deadlines[index].state = .superseded
                deadlines[index].supersededBy = row.rule
            }
        }
        judge(&row, obligation)
        if obligation.isAnnounced { announce(row, obligation) }
        deadlines.append(consume row)
        return deadlines.count - 1
    }

    private mutating func date(_ obligation: Obligation) {
        let matter = matter(of: obligation)
        for term in obligation.terms { deadlines.append(date(obligation, matter, under: term)) }
    }

    private func binding(among rows: Range<Int>) -> Int? {
        rows.count < 2 ? rows.first : rows.min { binds($0, before: $1) }
    }

    /// The sooner; on a tie the authority's own rule is named, and a borrowed one never outranks the statute.
    private func binds(_ left: Int, before right: Int) -> Bool {
        let (leftEnd, rightEnd) = (deadlines[left].due?.order ?? .max, deadlines[right].due?.order ?? .max)
        if leftEnd != rightEnd { return leftEnd < rightEnd }
        let (leftTerm, rightTerm) = (deadlines[left].term, deadlines[right].term)
        if leftTerm.provenance != rightTerm.provenance {
            return leftTerm.provenance.rank < rightTerm.provenance.rank
        }
        return leftTerm.rule < rightTerm.rule
    }
}

extension Provenance {
    fileprivate var rank: Int {
        switch self {
        case .own: 0
        case .statutory: 1
        case .ours: 2
        case .borrowed: 3
        }
    }
}

extension Moment {
    /// Sorts dates among instants: a date comes last of its day in London.
    var order: Int64 { latest.microseconds }
}

/// Dating: from the anchor and the limit to `due` and `actBy`.
extension Docket {
    /// The soonest day that its own limits give so far.
    func soonest(of obligation: Obligation) -> Day? {
        let matter = matter(of: obligation)
        return obligation.terms.compactMap { date(obligation, matter, under: $0).due?.day }.min()
    }

    private func matter(of obligation: Obligation) -> Matter {
        Matter(
            authority: authority, file: file, subject: obligation.subject, duty: obligation.duty,
            occasion: obligation.occasion)
    }

    private func date(_ obligation: Obligation, _ matter: Matter, under term: Term) -> Deadline {
        let anchor = obligation.elsewhere.isEmpty ? nil : obligation.elsewhere[term.rule]
        var row = Deadline(matter, term, anchor: anchor ?? obligation.anchor)
        row.bookedFor = obligation.booking?.startsAt
        row.isKnownLate = obligation.isKnownLate
        guard obligation.isDated else {
            row.basis = .noAnchor
            return row
        }
        count(term.limit, from: obligation, into: &row)
        if term.limit.count == 0, anchor != nil {
            row.basis = .namedDate
            row.limit = nil
        } else if let given = obligation.given {
            if !given.basis.isSooner { row.limit = nil }
            if !given.basis.isSooner || given.due.order < row.due?.order ?? .max {
                row.due = given.due
                row.basis = given.basis
                row.skipped = []
            }
        }
        setActBy(&row)
        return row
    }

    private func count(_ limit: Limit, from obligation: Obligation, into row: inout Deadline) {
        let anchor = row.anchor
        switch limit.unit {
        case .workingDays:
            let met = obligation.act?.at.day
            guard let counted = calendar.adding(workingDays: limit.count, to: anchor.on, knownBy: met) else { return }
            row.due = .day(counted.day)
            row.skipped = counted.skipped
        case .calendarDays: row.due = .day(anchor.on.adding(days: limit.count))
        case .months: row.due = .day(anchor.on.adding(months: limit.count))
        case .hours:
            if let at = anchor.at {
                row.due = .instant(at.adding(hours: limit.count))
            } else {
                row.due = .day(London.day(of: London.start(of: anchor.on).adding(hours: limit.count)))
                row.basis = .bareDate
            }
        }
    }

    /// A date moves back to a working day; an instant stays, since hours are elapsed hours.
    private func setActBy(_ row: inout Deadline) {
        guard case .day(let day) = row.due, row.basis != .bareDate else {
            row.actBy = row.due
            return
        }
        row.actBy = .day(calendar.previousWorkingDay(onOrBefore: day))
        row.actByIsProvisional = day > calendar.horizon || day < calendar.start
    }
}
