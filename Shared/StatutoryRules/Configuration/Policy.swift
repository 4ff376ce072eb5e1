/// The limits that a policy must speak about, or say `not_stated`. The D column of each is the rulebook's.
enum LimitKey: String, Ordinal, Sendable {
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
    case newDate = "postpone.newDate"
    case exclusionRequest = "exclusion.request"
    case excludedParentRecord = "record.excludedParent"
    case youngChildAge = "youngChild.warnAge"
    case parentsRecord = "record.parents"
    case amendments = "record.amendments"
    case staleRecord = "record.stale"
    case dissentEscalation = "dissent.escalation"
    case complaintHandover = "complaint.handover"
    // Convening, pre-birth, moves and returns home.
    case prebirth = "prebirth.latest"
    case prematureBirth = "prebirth.premature"
    case prebirthAssessed = "prebirth.assessed"
    case assessmentOrder = "order.assessment"
    case interimSafety = "interimSafety.cadence"
    case preproceedingsLetter = "letter.preproceedings"
    case moveNotice = "move.notice"
    case returnHome = "returnHome.conference"
    case returnHomeBefore = "returnHome.before"
    case returnHomeRequest = "returnHome.request"
    // Invite lists, invitations and agencies' reports.
    case inviteListInitial = "invite.initial"
    case inviteListEscalated = "invite.initial.escalated"
    case inviteListReview = "invite.review"
    case inviteListLookedAfter = "invite.cla"
    case invitationsConference = "invitations.conference"
    case invitationsLookedAfter = "invitations.cla"
    case consultation = "consultation.cla"
    case chairReportInitial = "report.chair.initial"
    case chairReportReview = "report.chair.review"
    case agencyReportInitial = "report.agency.initial"
    case agencyReportReview = "report.agency.review"
    case agencyReportShared = "report.agency.family"
    case originalAuthorityReport = "report.originalAuthority"
    // Reviews, dual plans, long plans. A limit of no days is a date that an event names.
    case prebirthReview = "review.prebirth"
    case afterBirthReview = "review.afterBirth"
    case postBirth = "postBirth.meeting"
    case postBirthUnfit = "postBirth.unfit"
    case chairSetReview = "review.chairSet"
    case earlyReview = "review.early"
    case inquorateFollowUp = "inquorate.followup"
    case alignedReview = "review.aligned"
    case reviewDateSet = "review.dateSet"
    case firstReviewDateSet = "review.firstDateSet"
    case securityReview = "s20.safetyReview"
    case dualChoice = "dual.choice"
    case progressMeeting = "progress18.due"
    case progressInvite = "progress18.window"
    case longPlan = "longPlans.age"
    // Plans, their endings and what comes after them.
    case babyAge = "baby.maxAge"
    case over18Months = "flag.over18m"
    case over24Months = "flag.over24m"
    case endingPrompt = "ending.prompt"
    case endingAgencies = "ending.agencies"
    case endingBySocialWorker = "ending.bySocialWorker"
    case deathLetter = "death.letter"
    case abroadLetter = "abroad.letter"
    case abroadDecision = "abroad.reasonable"
    case abroadPrompt = "abroad.prompt"
    case adulthood = "birthday18.age"
    case birthdayHorizon = "birthday18.horizon"
    case birthdayPlanned = "birthday18.plan"
    case birthdayFrom = "birthday18.from"
    case birthdayReview = "birthday18.review"
    case birthdayEnd = "birthday18.end"
    case supervisionReview = "order.supervision"
    case childInNeedReview = "cin.review"
}

/// The leads and offsets that a policy must give: rulebook, section H.
enum LeadKey: String, Ordinal, Sendable {
    case conferenceRisk = "atRisk.lead.conference"
    case reportRisk = "atRisk.lead.report"
    case letterRisk = "atRisk.lead.letter"
    case hoursRisk = "atRisk.lead.hours"
    case reviewNotices = "review.notices"
    case reportReminders = "report.reminders"
    case letterReminders = "letter.reminders"
    case noticeTime = "notice.time"
    /// From sending to receipt, where no receipt is recorded.
    case postReceipt = "postReceipt"
    /// The hour from which parents are caring for children who are home from school.
    case avoidAfter
    case overdueDigest = "review.overdue"
}

/// The notices whose recipients a policy must give, or say `not_stated`.
enum NoticeKey: String, Ordinal, Sendable {
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
    case taskAtRisk = "atRisk.task"
    case taskMissed = "missed.task"
    case reviewReminder = "remind.review"
    case lookedAfterReminder = "remind.cla"
    case reportReminder = "remind.report"
    case letterReminder = "remind.letter"
    // Postponement and cover: E16, E17, E18, E57.
    case postponementRequested = "postponement.requested"
    case postponementDecided = "postponement.decided"
    case needToKnow = "postponement.needToKnow"
    case coverForWorker = "cover.socialWorker"
    case coverForChair = "cover.chair"
    case reportFix = "report.fix"
    case exclusionWarning = "exclusion.warning"
    case exclusionLetter = "exclusion.letter"
    // Letters, records, dissent and complaints: rulebook E23-E29, E50, E51, E60.
    case parentsLetter = "letter.parents"
    case everyonesLetter = "letter.all"
    case noPlanLetter = "letter.no_plan"
    case everyonesRecord = "record.all"
    case parentsRecord = "record.parents"
    case childsRecord = "record.child"
    case lawyersRecord = "record.lawyer"
    case amendmentWindow = "record.amendments"
    case helpWithRecord = "record.assistance"
    case dissentAlert = "dissent.alert"
    case complaintToChair = "complaint.chair"
    case complaintHandover = "complaint.handover"
    case preproceedingsTarget = "remind.preproceedings"
    case moveIn = "move.in"
    case transferChase = "transfer.chase"
    case removalAlert = "removal.alert"
    case returnAfterPlan = "return.afterPlan"
    // Reviews, dual plans, long plans.
    case nextReviewDate = "review.nextDate"
    case dualStatus = "dual.alert"
    case earlyReviewConsideration = "review.consideration"
    case progressMeeting = "progress18.notice"
    // Recurring lists: who gets them, or not_stated where they are off.
    case weeklyList = "lists.weekly"
    case exceptionList = "lists.exception"
    case fortnightList = "lists.fortnight"
    case monthList = "lists.month"
    case allocationList = "lists.allocations"
    case driftList = "lists.drift"
    case timelinessList = "lists.timeliness"
    case longPlanList = "lists.long_plans"
    // Invite lists, invitations and reports.
    case invitationPack = "invite.pack"
    case invitation = "invite.conference"
    case lookedAfterInvitation = "invite.cla"
    case dayFivePrompt = "remind.list.initial"
    case lookedAfterListReminder = "remind.list.cla"
    case lookedAfterListSecondReminder = "remind.list.cla.second"
    case reviewListRecheck = "remind.list.review"
    case initialListLate = "escalate.list.initial"
    case reviewListLate = "escalate.list.review"
    case lookedAfterListLate = "escalate.list.cla"
    case continuingDelay = "escalate.continuing"
    case lateBooking = "booking.late"
    case chairTalk = "remind.chairTalk"
    case agencyReportReminder = "remind.agencyReport"
    case agencyReportMissed = "missed.agencyReport"
    case reportReady = "report.ready"
    case policeReport = "report.police"
    // Endings of plans, and what comes after them: E31 to E36, E41, E42, E53.
    case endingToAgencies = "ending.agencies"
    case endingToParents = "ending.parents"
    case endingBySocialWorker = "ending.bySocialWorker"
    case deathLetter = "death.letter"
    case abroadLetter = "abroad.letter"
    case abroadDecision = "abroad.decision"
    case abroadPrompt = "abroad.prompt"
    case birthdayList = "birthday18.list"
    case supervisionReview = "order.supervision"
    case childInNeedReview = "cin.review"
}

/// One limit as a text states it, from a day on.
///
/// A class, since every duty holds its terms: handing one on copies no texts.
final class Term: Sendable, Equatable {
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

    static func == (left: Term, right: Term) -> Bool {
        left === right
            || left.from == right.from && left.rule == right.rule && left.limit == right.limit
                && left.provenance == right.provenance && left.strength == right.strength
                && left.citation == right.citation && left.kinds == right.kinds && left.evidence == right.evidence
                && left.permanence == right.permanence
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

/// What a notice is: whose row, to whom, when.
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
    /// `nil` where the duty's family has one.
    let template: String?
    /// How long before or after what it hangs on; `nil` where that is the rule's.
    let offset: (count: Int, unit: Lead.Unit)?
    let provenance: Provenance
    let citation: String

    init(
        rule: String?, to: [String], cc: [String], when: Day = .dayAfter, template: String? = nil,
        offset: (count: Int, unit: Lead.Unit)? = nil, provenance: Provenance, citation: String
    ) {
        self.rule = rule
        self.to = to
        self.cc = cc
        self.when = when
        self.template = template
        self.offset = offset
        self.provenance = provenance
        self.citation = citation
    }

    /// The same with the role that owes the act at its head.
    func addressing(_ actor: String) -> Recipients {
        guard !to.contains(actor) else { return self }
        return Recipients(
            rule: rule, to: [actor] + to, cc: cc, when: when, template: template, offset: offset,
            provenance: provenance,
            citation: citation)
    }
}

/// The choices between readings and ways of working that a policy must make: rulebook, sections D and H.
enum SwitchKey: String, Ordinal, Sendable {
    /// D29: `merge`, `choose` or `not_stated`.
    case dualMode = "dual.mode"
    /// D19: the roles that must agree, each by a person of its own.
    case postponeApprovers = "postpone.approvers"
    /// Reasons that are an agency's and not the child's (LON-1.22b).
    case agencyReasons = "postpone.agencyReasons"
    /// D8: the seats to be filled, each an agency or `direct_contact`, another that knows the child.
    case quorumRule = "quorum.rule"
    /// The roles that count as the children's social care manager (section B).
    case socialCareManagers = "csc.managers"
    /// The local codes of circumstances that call for a pre-birth conference (G8); where none are stated, every code.
    case prebirthCircumstances = "prebirth.circumstances"
    /// Whether as many full days as a lead counts must lie between the act and the meeting.
    case clearDays
    /// G32: ground codes on which a senior manager may end a plan without a conference, beside a care order.
    case managerGrounds = "ending.managerGrounds"
    /// G25: whether what the chair sees to once a plan is made is kept as a checklist.
    case planChecklist = "plan.checklist"
    /// By which people are written to, the preferred first: `email`, `sms`, `letter`. What is not named is not used.
    case channels
}

final class Choice: Sendable {
    let from: Day
    let values: [String]
    let rule: String
    let provenance: Provenance
    let citation: String

    init(from: Day, values: [String], rule: String, provenance: Provenance, citation: String) {
        self.from = from
        self.values = values
        self.rule = rule
        self.provenance = provenance
        self.citation = citation
    }
}

/// Which rows of the rulebook are in force under a policy: its own, and those that it borrows where it is silent.
struct Adoption: Sendable {
    /// The prefix of its own rows; `nil` of a policy that only borrows.
    let own: String?
    let borrowed: Set<String>
    /// Its own rows that are switched off, with the reason.
    let off: [String: String]

    /// Of the rows in force. A borrowed row is never above `should`.
    private let severities: [String: Severity]

    init(own: String?, borrowed: Set<String>, off: [String: String]) {
        self.own = own
        self.borrowed = borrowed
        self.off = off
        var severities: [String: Severity] = [:]
        for row in Rulebook.rows where off[row.id] == nil {
            let stated = row.strength.severity
            if row.prefix == "ENG" {
                severities[row.id] = .must
            } else if let own, row.prefix == own {
                severities[row.id] = stated
            } else if borrowed.contains(row.id) {
                severities[row.id] = stated == .must ? .should : stated
            }
        }
        self.severities = severities
    }

    /// `nil` where the row is not in force.
    func severity(of rule: String) -> Severity? { severities[rule] }

    func provenance(of rule: String) -> Provenance {
        switch Rulebook.row(rule)?.prefix {
        case nil: .ours
        case "ENG": .statutory
        case let prefix?: prefix == own ?? "" ? .own : .borrowed
        }
    }
}

/// One procedure as data. `limits` of a key is empty where the text does not state one.
struct Policy: Sendable {
    var name: String
    let adoption: Adoption
    /// Newest first. Statute is among them, taken from `england.yaml`.
    private var terms: [[Term]]
    private var statute: [[Term]]
    private var leads: [Lead]
    private var recipients: [Recipients?]
    private var choices: [Choice?]

    init(
        name: String, adoption: Adoption, limits: [LimitKey: [Term]], statute: [LimitKey: [Term]],
        leads: [LeadKey: Lead], recipients: [NoticeKey: Recipients], choices: [SwitchKey: Choice]
    ) {
        self.name = name
        self.adoption = adoption
        func sorted(_ all: [LimitKey: [Term]]) -> [[Term]] {
            LimitKey.allCases.map { (all[$0] ?? []).sorted { $0.from > $1.from } }
        }
        terms = sorted(limits)
        self.statute = sorted(statute)
        self.leads = LeadKey.allCases.map { leads[$0]! }
        self.recipients = NoticeKey.allCases.map { recipients[$0] }
        self.choices = SwitchKey.allCases.map { choices[$0] }
    }

    /// The policy's own (or borrowed) limit in force on the anchor's date.
    func limit(_ key: LimitKey, on day: Day) -> Term? { terms[key.ordinal].first { $0.from <= day } }
    func statute(_ key: LimitKey, on day: Day) -> Term? { statute[key.ordinal].first { $0.from <= day } }

    /// All values of a key, newest first.
    func limits(_ key: LimitKey) -> [Term] { terms[key.ordinal] }
    func statutes(_ key: LimitKey) -> [Term] { statute[key.ordinal] }

    func lead(_ key: LeadKey) -> Lead { leads[key.ordinal] }
    func recipients(_ key: NoticeKey) -> Recipients? { recipients[key.ordinal] }
    /// `nil` where the policy does not state it.
    func choice(_ key: SwitchKey) -> Choice? { choices[key.ordinal] }
    /// `nil` where the policy does not state it for that day.
    func choice(_ key: SwitchKey, on day: Day) -> Choice? { choices[key.ordinal].flatMap { $0.from <= day ? $0 : nil } }
}
