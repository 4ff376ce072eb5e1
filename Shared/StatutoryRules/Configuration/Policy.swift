/// The limits that a policy must speak about, or say `not_stated`. The D column of each is the rulebook's.
enum LimitKey: String, CaseIterable, Sendable {
    case initial = "initial.limit"
    case transferIn = "transfer.limit"
    case receiving = "transfer.receiving"
    case emergencyOrder = "order.target"
    case firstReview = "review.first"
    case laterReview = "review.next"
    case firstLookedAfter = "cla.first"
    case secondLookedAfter = "cla.second"
    case laterLookedAfter = "cla.next"
    case reportInitial = "report.initial"
    case reportReview = "report.review"
    case reportLookedAfter = "report.cla"
    case letterParents = "letter.parents"
    case letterAll = "letter.all"
    case record = "record.all"
}

/// The leads and offsets that a policy must give: rulebook, section H.
enum LeadKey: String, CaseIterable, Sendable {
    case conferenceRisk = "atRisk.lead.conference"
    case reportRisk = "atRisk.lead.report"
    case letterRisk = "atRisk.lead.letter"
    case hoursRisk = "atRisk.lead.hours"
    case reviewNotices = "review.notices"
    case reportReminders = "report.reminders"
    case letterReminders = "letter.reminders"
    case noticeTime = "notice.time"
}

/// The notices whose recipients a policy must give, or say `not_stated`.
enum NoticeKey: String, CaseIterable, Sendable {
    case conferenceAtRisk = "atRisk.conference"
    case reviewAtRisk = "atRisk.review"
    case lookedAfterAtRisk = "atRisk.cla"
    case reportAtRisk = "atRisk.report"
    case letterAtRisk = "atRisk.letter"
    case conferenceMissed = "missed.conference"
    case reviewMissed = "missed.review"
    case lookedAfterMissed = "missed.cla"
    case reportMissed = "missed.report"
    case letterMissed = "missed.letter"
    case reviewReminder = "remind.review"
    case lookedAfterReminder = "remind.cla"
    case reportReminder = "remind.report"
    case letterReminder = "remind.letter"
    // Recurring lists: who gets them, or not_stated where they are off.
    case weeklyList = "lists.weekly"
    case exceptionList = "lists.exception"
}

/// One limit as a text states it, from a day on.
///
/// A class, since every duty holds its terms: handing one on copies no texts.
final class Term: Sendable {
    enum Evidence: String, Sendable, CaseIterable {
        case sharedWithFamily = "shared_with_family"
        case submitted
    }
    enum Permanence: String, Sendable, CaseIterable {
        case required
        case unlessDenied = "unless_denied"
    }

    let from: Day
    let rule: String
    let limit: Limit
    let provenance: Provenance
    let strength: Severity
    let citation: String
    /// The kinds of conference that it runs from; `nil` where all that the duty names.
    let kinds: [ConferenceType]?
    /// Of a report: the act that meets it.
    let evidence: Evidence?
    /// Of a transfer: what must be known of the move's permanence.
    let permanence: Permanence?

    init(
        from: Day, rule: String, limit: Limit, provenance: Provenance, strength: Severity, citation: String,
        kinds: [ConferenceType]?, evidence: Evidence?, permanence: Permanence?
    ) {
        self.from = from
        self.rule = rule
        self.limit = limit
        self.provenance = provenance
        self.strength = strength
        self.citation = citation
        self.kinds = kinds
        self.evidence = evidence
        self.permanence = permanence
    }
}

final class Lead: Sendable {
    enum Unit: String, Sendable, CaseIterable {
        case workingDays = "working_days"
        case calendarDays = "calendar_days"
        case percent
        case hourOfDay = "hour_of_day"
    }
    let values: [Int]
    let unit: Unit
    let rule: String
    let provenance: Provenance
    let citation: String

    init(values: [Int], unit: Unit, rule: String, provenance: Provenance, citation: String) {
        self.values = values
        self.unit = unit
        self.rule = rule
        self.provenance = provenance
        self.citation = citation
    }
}

final class Recipients: Sendable {
    enum Day: String, Sendable, CaseIterable {
        case dayAfter = "day_after"
        case nextWorkingDay = "next_working_day"
    }
    /// The row that asks for it; `nil` where it is the duty's own.
    let rule: String?
    let to: [String]
    let cc: [String]
    /// Of a miss: when it is said.
    let when: Day
    let provenance: Provenance
    let citation: String

    init(rule: String?, to: [String], cc: [String], when: Day, provenance: Provenance, citation: String) {
        self.rule = rule
        self.to = to
        self.cc = cc
        self.when = when
        self.provenance = provenance
        self.citation = citation
    }
}

/// One procedure as data. `limits` of a key is empty where the text does not state one.
struct Policy: Sendable {
    var name: String
    /// Newest first. Statute is among them, taken from `england.yaml`.
    private var terms: [[Term]]
    private var statute: [[Term]]
    private var leads: [Lead]
    private var recipients: [Recipients?]

    init(
        name: String, limits: [LimitKey: [Term]], statute: [LimitKey: [Term]], leads: [LeadKey: Lead],
        recipients: [NoticeKey: Recipients]
    ) {
        self.name = name
        func sorted(_ all: [LimitKey: [Term]]) -> [[Term]] {
            LimitKey.allCases.map { (all[$0] ?? []).sorted { $0.from > $1.from } }
        }
        terms = sorted(limits)
        self.statute = sorted(statute)
        self.leads = LeadKey.allCases.map { leads[$0]! }
        self.recipients = NoticeKey.allCases.map { recipients[$0] }
    }

    /// The policy's own (or borrowed) limit in force on the anchor's date.
    func limit(_ key: LimitKey, on day: Day) -> Term? { terms[key.index].first { $0.from <= day } }
    func statute(_ key: LimitKey, on day: Day) -> Term? { statute[key.index].first { $0.from <= day } }

    func lead(_ key: LeadKey) -> Lead { leads[key.index] }
    func recipients(_ key: NoticeKey) -> Recipients? { recipients[key.index] }
}

// Policies hold their values in the order of the cases.
extension LimitKey {
    private static let order = allCases
    fileprivate var index: Int { LimitKey.order.firstIndex(of: self)! }
}

extension LeadKey {
    private static let order = allCases
    fileprivate var index: Int { LeadKey.order.firstIndex(of: self)! }
}

extension NoticeKey {
    private static let order = allCases
    fileprivate var index: Int { NoticeKey.order.firstIndex(of: self)! }
}
