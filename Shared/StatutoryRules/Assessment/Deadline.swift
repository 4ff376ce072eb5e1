/// What has to be done.
public enum Duty: String, Sendable, Hashable, CaseIterable {
    case initialConference = "initial_conference"
    case transferInConference = "transfer_in_conference"
    case receivingConference = "receiving_conference"
    case emergencyOrderConference = "emergency_order_conference"
    case firstReview = "first_review"
    case laterReview = "later_review"
    case firstLookedAfterReview = "first_looked_after_review"
    case secondLookedAfterReview = "second_looked_after_review"
    case laterLookedAfterReview = "later_looked_after_review"
    case socialWorkerReport = "social_worker_report"
    case decisionLetterParents = "decision_letter_parents"
    case decisionLetterAll = "decision_letter_all"
    case conferenceRecord = "conference_record"
    /// A new date for a meeting that is put off: CAN-2.7a.
    case newDate = "new_date"
    case exclusionRequest = "exclusion_request"
    case parentsRecord = "parents_record"
    case recordAmendments = "record_amendments"
    case dissentEscalation = "dissent_escalation"
    case complaintHandover = "complaint_handover"
    case assessmentOrderConference = "assessment_order_conference"
    case returnHomeConference = "return_home_conference"
    case returnHomeRequest = "return_home_request"
    case preproceedingsLetter = "preproceedings_letter"
    case moveNotice = "move_notice"
    case inviteList = "invite_list"
    case invitations
    case consultationPapers = "consultation_papers"
    case reportToChair = "report_to_chair"
    case agencyReport = "agency_report"
    case agencyReportShared = "agency_report_shared"
    // Reviews, dual plans, long plans.
    case postBirthMeeting = "post_birth_meeting"
    case inquorateFollowUp = "inquorate_follow_up"
    case reviewDateSet = "review_date_set"
    case securityReview = "security_review"
    case dualPlanDecision = "dual_plan_decision"
    case progressMeeting = "progress_meeting"
    case longPlan = "long_plan"
    // Plans, their endings and what comes after them.
    case endingLetterAgencies = "ending_letter_agencies"
    case endingBySocialWorker = "ending_by_social_worker"
    case deathLetter = "death_letter"
    case leftCountryLetter = "left_country_letter"
    case whereaboutsDecision = "whereabouts_decision"
    case birthdayReviewPlanned = "birthday_review_planned"
    case birthdayReview = "birthday_review"
    case planEndAt18 = "plan_end_at_18"
    case supervisionOrderReview = "supervision_order_review"
    case childInNeedReview = "child_in_need_review"
}

/// Whom or what it concerns.
public struct Subject: Sendable, Hashable {
    public var childId: String?
    public var conferenceId: String?
    public var planId: String?
    public init(childId: String? = nil, conferenceId: String? = nil, planId: String? = nil) {
        self.childId = childId
        self.conferenceId = conferenceId
        self.planId = planId
    }
}

/// What a limit is counted from.
public struct Anchor: Sendable, Hashable {
    /// The event's id.
    public var event: String
    /// The London date.
    public var on: Day
    /// `nil` where the event gives no time of day.
    public var at: Instant?
    public init(event: String, on: Day, at: Instant? = nil) {
        self.event = event
        self.on = on
        self.at = at
    }

    /// The event's own day. A date that an event names for something else lies after it.
    var happenedOn: Day { at.map { London.day(of: $0) } ?? on }
}

/// A date for a limit in days, an instant for one in hours.
public typealias Due = Moment

/// Rulebook, C4 and `evaluate.md`.
public enum DeadlineState: String, Sendable, Hashable, CaseIterable {
    case pending
    case atRisk = "at_risk"
    case met
    case metLate = "met_late"
    case missed, superseded, withdrawn, undated
}

/// Whose value a limit is: rulebook, section D, "Profile resolution".
public enum Provenance: String, Sendable, Hashable, CaseIterable {
    case own, statutory, borrowed, ours
}

/// A row's strength: [M], [S] and [C] of the rulebook.
public enum Severity: String, Sendable, Hashable, CaseIterable {
    case must, should, consider
}

public struct Limit: Sendable, Hashable {
    public enum Unit: String, Sendable, Hashable, CaseIterable {
        case workingDays = "working_days"
        case calendarDays = "calendar_days"
        case months, hours
    }
    /// Negative where counted back, as for a report before a conference.
    public var count: Int
    public var unit: Unit
    public init(count: Int, unit: Unit) {
        self.count = count
        self.unit = unit
    }
}

/// How the due date came about, for the explanation.
enum Basis: Sendable, Hashable {
    case counted
    /// The event itself names a sooner date (`claReviewDue`).
    case givenDate
    case orderExpiry
    /// An event names the date itself, as the chair of a meeting does for the next one.
    case namedDate
    /// The emergency order outlives the initial conference's own limit.
    case initialLimit
    /// The event has no time of day: only what every time of that day agrees on is judged.
    case bareDate
    case noAnchor
    /// The children's social care manager set the day (LON-1.16b).
    case targetDate
    /// The text names no number: the sooner of the other limits on the act (LON-1.11b).
    case otherLimits
    /// The plan's next review falls due sooner.
    case nextReview
    /// Born on 29 February: the last day before the age of 18 is reached.
    case leapBirthday

    /// Whether the date given counts only where it is sooner than the counted one.
    var isSooner: Bool { self == .givenDate || self == .nextReview || self == .leapBirthday }
}

/// What tells a case's duties to one subject apart.
struct DutyKey: Sendable, Hashable {
    var rule: String
    var duty: Duty
    var occasion: String

    func id(authority: String, file: String, subject: Subject) -> NameUUID {
        NameUUID(parts: [
            "deadline", authority, file, rule, duty.rawValue, subject.childId ?? "", subject.conferenceId ?? "",
            subject.planId ?? "", occasion,
        ])
    }
}

/// What a duty and its notices are about, once for all of them.
final class Matter: Sendable, Equatable {
    let authority: String
    /// The case reference.
    let file: String
    let subject: Subject
    /// `nil` where it is an event that sets no deadline.
    let duty: Duty?
    let occasion: String
    /// The subject's ids, empty where it has none: sorting unwraps nothing.
    private let child, conference, plan: String

    init(authority: String, file: String, subject: Subject, duty: Duty?, occasion: String) {
        self.authority = authority
        self.file = file
        self.subject = subject
        self.duty = duty
        self.occasion = occasion
        (child, conference, plan) = (subject.childId ?? "", subject.conferenceId ?? "", subject.planId ?? "")
    }

    /// By subject; `nil` of one and the same.
    static func subjectPrecedes(_ left: Matter, _ right: Matter) -> Bool? {
        if left === right { return nil }
        if left.child != right.child { return left.child < right.child }
        if left.conference != right.conference { return left.conference < right.conference }
        return left.plan == right.plan ? nil : left.plan < right.plan
    }

    static func == (left: Matter, right: Matter) -> Bool {
        left === right
            || left.authority == right.authority && left.file == right.file && left.subject == right.subject
                && left.duty == right.duty && left.occasion == right.occasion
    }
}

/// One limit on one duty: due when, why, and whether it was kept.
///
/// Only `state` and `risk` depend on the time of asking.
public struct Deadline: Sendable, Equatable {
    let matter: Matter
    /// Whose value set the date.
    let term: Term
    public internal(set) var anchor: Anchor
    /// The last day or instant in time; `nil` where it cannot be dated.
    public internal(set) var due: Due?
    /// `due`, moved back to a working day where it is a date and falls on none: what bookings and reminders go by.
    public internal(set) var actBy: Due?
    /// Whether `actBy` lies beyond the loaded bank holidays, so that only weekends moved it.
    public internal(set) var actByIsProvisional = false
    public internal(set) var state: DeadlineState
    /// The id of the event that met it.
    public internal(set) var metBy: String?
    public internal(set) var metOn: Day?
    /// London dates between due and met, of a limit in days.
    public internal(set) var lateDays: Int?
    /// Hours begun between due and met, of a limit that is an instant.
    public internal(set) var lateHours: Int?
    /// `nil` where the date is not counted, as an order's expiry.
    public internal(set) var limit: Limit?
    /// Bank holidays stepped over by a working-day count.
    public internal(set) var skipped: [Day] = []
    /// The rule whose sooner limit bounds the same duty.
    public internal(set) var supersededBy: String?
    /// Of a withdrawn one, and of a window that nobody has used yet: `death`, `plan_ended`, `pregnancy_ended`,
    /// `not_required`, `cancelled`, `looked_after_ended`.
    public internal(set) var cause: String?
    /// Of a conference: when it is booked for, in force now.
    public internal(set) var bookedFor: Moment?
    /// Of one at risk: `booked_after_due` or `approaching`.
    public internal(set) var risk: String?
    /// Whether `due` had passed when what it hangs on was first known: a miss that nobody could have helped. It is left
    /// out of the timeliness rate, listed by itself, and supersedes nothing (LON-1.16a).
    public internal(set) var isKnownLate = false
    var basis: Basis = .counted

    init(_ matter: Matter, _ term: Term, anchor: Anchor) {
        self.matter = matter
        self.term = term
        self.anchor = anchor
        limit = term.limit
        state = .undated
    }

    public var authority: String { matter.authority }
    /// The case reference.
    public var file: String { matter.file }
    public var duty: Duty { matter.duty! }
    public var subject: Subject { matter.subject }
    /// What is bounded: a conference, a plan and its review number, an enquiry, an order, or the root event.
    public var occasion: String { matter.occasion }
    /// The rulebook id whose value set the date.
    public var rule: String { term.rule }
    public var provenance: Provenance { term.provenance }
    public var strength: Severity { term.strength }
    public var citation: String { term.citation }

    /// Made from (authority, case, rule, subject, occasion).
    public var id: NameUUID {
        DutyKey(rule: rule, duty: duty, occasion: occasion).id(authority: authority, file: file, subject: subject)
    }

    /// The row object of `evaluate.md`, keys sorted.
    public var json: String { jsonObject(write) }

    /// Tells the row from its former self.
    public var digest: UInt64 { rowDigest(write) }

    private func write(to json: inout some RowText) {
        json.key("actBy")
        json.value(actBy)
        json.key("anchor")
        json.object {
            $0.key("event")
            $0.value(anchor.event)
            $0.key("on")
            $0.value(anchor.on)
        }
        json.key("citation")
        json.value(citation)
        json.key("due")
        json.value(due)
        json.key("duty")
        json.value(duty.rawValue)
        writeLateness(&json)
        json.key("limit")
        if let limit {
            json.object {
                $0.key("count")
                $0.value(limit.count)
                $0.key("unit")
                $0.value(limit.unit.rawValue)
            }
        } else {
            json.value(nil as String?)
        }
        json.key("metBy")
        json.value(metBy)
        json.key("metOn")
        json.value(metOn)
        json.key("provenance")
        json.value(provenance.rawValue)
        json.key("rule")
        json.value(rule)
        json.key("skipped")
        json.array { for day in skipped { $0.value(day) } }
        json.key("state")
        json.value(state.rawValue)
        json.key("subject")
        subject.write(to: &json)
        if let supersededBy {
            json.key("supersededBy")
            json.value(supersededBy)
        }
    }

    private func writeLateness(_ json: inout some RowText) {
        var isInHours = limit?.unit == .hours
        if case .instant = due { isInHours = true }
        if isInHours {
            json.key("lateHours")
            json.value(lateHours)
        } else {
            json.key("lateDays")
            json.value(lateDays)
        }
    }
}

extension Subject {
    func write(to json: inout some RowText) {
        json.object {
            if let childId {
                $0.key("childId")
                $0.value(childId)
            }
            if let conferenceId {
                $0.key("conferenceId")
                $0.value(conferenceId)
            }
            if let planId {
                $0.key("planId")
                $0.value(planId)
            }
        }
    }

    static func precedes(_ left: Subject, _ right: Subject) -> Bool? {
        if left.childId != right.childId { return (left.childId ?? "") < (right.childId ?? "") }
        if left.conferenceId != right.conferenceId { return (left.conferenceId ?? "") < (right.conferenceId ?? "") }
        if left.planId != right.planId { return (left.planId ?? "") < (right.planId ?? "") }
        return nil
    }
}

extension Deadline {
    /// Undated because the bank holidays loaded do not reach far enough; a finding names the year.
    public var isBeyondCalendar: Bool { state == .undated && basis == .counted && limit?.unit == .workingDays }
}
