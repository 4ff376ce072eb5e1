// Moving, adjourning and cancelling a meeting: MAN-4 to MAN-7 (003), SWI-17 (004, item 17), CAN-1.3 and CAN-2 (000,
// sections 1 and 2; CAN-1.3a permits the request of a chair whose papers are missing), LON-1.22b (001, 1.22). A refused decision leaves the date, and every clock, as they were; no
// postponement ever moves a due date (CAN-2.7b).

extension Docket {
    /// What a postponement asks for, and on whose word.
    private struct Motion {
        var record: Record
        var request: PostponementRequested?
        var requestRecord: Record?
        var decision: PostponementDecided?

        var reason: String? { decision?.reasonCode ?? request?.reasonCode }
    }

    /// Decides which of a meeting's bookings and moves count, in order of happening.
    mutating func settleBookings(of conference: History.Conference) {
        var request: (record: Record, facts: PostponementRequested)?
        var agreed: (record: Record, facts: PostponementDecided)?
        for (record, step) in conference.steps {
            switch step {
            case .scheduled(let facts): book(conference, for: facts.startsAt, record, isMove: false)
            case .requested(let facts):
                request = (record, facts)
                receive(facts, record, conference)
            case .decided(let facts):
                let motion = Motion(
                    record: record, request: request?.facts, requestRecord: request?.record, decision: facts)
                conference.pendingRequest = nil
                keepOnFile(facts, record, conference)
                if facts.agreed == true, accept(motion, conference) {
                    agreed = (record, facts)
                    take(facts, record, conference)
                    if facts.action != "cancel" { newDate(after: facts, record, conference) }
                }
                request = nil
            case .rescheduled(let facts):
                let isLater = conference.booking.map { facts.newStartsAt.day > $0.startsAt.day } ?? false
                let isCovered = covers(agreed, facts.decisionEventId, facts.newStartsAt)
                judgeReason(facts.reasonCode, record, conference)
                if !isLater || isCovered || accept(Motion(record: record), conference) {
                    book(
                        conference, for: facts.newStartsAt, record, reason: facts.reasonCode ?? facts.decisionEventId)
                }
            case .cancelled(let facts):
                if covers(agreed, facts.decisionEventId, nil) || accept(Motion(record: record), conference) {
                    conference.isCancelled = true
                }
            case .adjourned(let facts):
                guard
                    covers(agreed, facts.decisionEventId, facts.newStartsAt)
                        || accept(Motion(record: record), conference)
                else { continue }
                conference.isAdjourned = true
                if let startsAt = facts.newStartsAt {
                    book(conference, for: startsAt, record, reason: facts.reasonCode ?? facts.decisionEventId)
                }
                if facts.reasonCode == "chair_unavailable" { judgeAdjournment(record, conference) }
            }
        }
    }

    /// `reason` is of a move: its code, or the decision that carries it.
    private func book(
        _ conference: History.Conference, for startsAt: Moment, _ record: Record, isMove: Bool = true,
        reason: String? = nil
    ) {
        // The decision may give the reason, and the move that follows it the day.
        let before = conference.booking?.startsAt == startsAt ? conference.booking?.reason : nil
        conference.booking = History.Conference.Booking(
            record: record, startsAt: startsAt, reason: reason ?? before, isMove: isMove)
        conference.isCancelled = false
        conference.isAdjourned = false
        conference.isPostponed = false
    }

    private func take(_ facts: PostponementDecided, _ record: Record, _ conference: History.Conference) {
        if let startsAt = facts.newStartsAt {
            book(conference, for: startsAt, record, reason: facts.reasonCode)
        } else if facts.action == "adjourn" {
            conference.isAdjourned = true
        } else if facts.action == "postpone" {
            conference.isPostponed = true
        }
    }

    /// An agreed decision covers the move that names it, that goes to its date, or that fills the date it left open.
    private func covers(
        _ agreed: (record: Record, facts: PostponementDecided)?, _ decision: String?, _ startsAt: Moment?
    ) -> Bool {
        guard let agreed else { return false }
        if let decision { return decision == agreed.record.event }
        guard let startsAt, let date = agreed.facts.newStartsAt else { return true }
        return date.day == startsAt.day
    }
}

/// Who must agree, and to what.
extension Docket {
    /// Whether a decision to move or cancel has effect. Without approvers in the policy every decision has.
    private mutating func accept(_ motion: Motion, _ conference: History.Conference) -> Bool {
        let subject = Subject(conferenceId: conference.id)
        let day = motion.record.at?.day ?? London.day(of: motion.record.recordedAt)
        judgeReason(motion.decision == nil ? nil : motion.reason, motion.record, conference)
        guard let approvers = policy.choice(.postponeApprovers, on: day) else { return true }
        var problems = missingApprovals(motion, approvers, conference).map { (approvers.rule, $0) }
        problems += unacceptableReason(motion.reason).map { [$0] } ?? []
        if approvers.rule.hasPrefix("CAN") { problems += requestProblems(motion) }
        for (rule, message) in problems { refuse(rule, subject, event: motion.record.event, message) }
        if problems.isEmpty { judgeUnlisted(motion, conference) }
        return problems.isEmpty
    }

    /// MAN-4b, SWI-17a, CAN-1.3b and 2.4: each role by a person of its own, before the meeting was to start.
    private func missingApprovals(
        _ motion: Motion, _ approvers: Choice, _ conference: History.Conference
    ) -> [String] {
        let start = conference.booking?.startsAt.latest
        var people: Set<String> = []
        var missing: [String] = []
        for role in approvers.values {
            let approval = motion.decision?.approvals.first { approval in
                guard approval.role == role, let person = approval.personId, !people.contains(person) else {
                    return false
                }
                guard let at = approval.approvedAt, let start else { return true }
                return at.earliest <= start
            }
            if let person = approval?.personId { people.insert(person) } else { missing.append(role) }
        }
        return missing.map { role in
            let name = role.split(separator: "_").joined(separator: " ")
            return approvers.values.count > 1
                ? "the \(name) has not agreed, or is the same person as another who has"
                : "the \(name) has not agreed"
        }
    }

    /// MAN-7: what is no reason to move a meeting.
    private func unacceptableReason(_ reason: String?) -> (String, String)? {
        let (rule, message): (String, String)
        switch reason {
        case "sw_ill": (rule, message) = ("MAN-7a", "a social worker's illness is no reason: the manager covers")
        case "chair_ill":
            (rule, message) = ("MAN-7b", "a chair's illness is no reason: the manager of the chairs covers")
        case "report_not_ready":
            (rule, message) = ("MAN-7c", "an unfinished or unshared report is no reason: the meeting stands")
        default: return nil
        }
        return mayRefuse(rule) ? (rule, message) : nil
    }

    /// MAN-6: a reason on neither list holds where the head of service agrees, and is noted (ours, `man.reasons`).
    private mutating func judgeUnlisted(_ motion: Motion, _ conference: History.Conference) {
        guard isInForce("MAN-6a"), policy.adoption.own == "MAN", motion.decision != nil else { return }
        let subject = Subject(conferenceId: conference.id)
        switch motion.reason {
        case "parent_urgent_unavailability", "inquorate": return
        case "advocate_unavailable", "interpreter_unavailable":
            guard motion.request?.alternativeSought != true else { return }
            let rule = motion.reason == "advocate_unavailable" ? "MAN-6b" : "MAN-6c"
            find(rule, .should, subject, events: [motion.record.event], "no search for a substitute is recorded")
        default:
            find(
                "MAN-6a", .should, subject, events: [motion.record.event],
                "the reason is on neither of the note's lists: it stands on the head of service's word")
        }
    }

    /// CAN-2.1 to 2.5: what the request must show before the decision is made.
    private func requestProblems(_ motion: Motion) -> [(String, String)] {
        guard let request = motion.request, let record = motion.requestRecord else {
            return motion.decision == nil ? [] : [("CAN-2.2", "no request is recorded that the decision answers")]
        }
        var problems: [(String, String)] = []
        if motion.reason == nil { problems.append(("CAN-2.1", "no reason is recorded")) }
        if request.exceptional == false { problems.append(("CAN-2.1", "the circumstances are not exceptional")) }
        // A request of the chair or the IRO goes straight to the service manager (CAN-2.5).
        let isByChair = ["conference_chair", "iro"].contains(request.requestedByRole ?? "")
        if !isByChair {
            let decided = motion.record.at
            let isDiscussed = request.discussedWithChairAt.map { at in decided.map { at.earliest <= $0.latest } ?? true
            }
            if request.requestedByRole != "team_manager" {
                problems.append(("CAN-2.2", "the request is not the team manager's, the chair's or the IRO's"))
            } else if isDiscussed != true {
                problems.append(("CAN-2.2", "the team manager has not discussed it with the chair or IRO beforehand"))
            }
        }
        if !record.details.contains(all: [.circumstances, .measuresTaken]) {
            problems.append(("CAN-2.3", "the request does not say what happened and what was done to keep the date"))
        }
        return problems
    }

    /// LON-1.22b: timing follows the child, not an agency's capacity.
    private mutating func judgeReason(_ reason: String?, _ record: Record, _ conference: History.Conference) {
        guard let reason, conference.type != .lookedAfterReview,
            let agencies = policy.choice(.agencyReasons, on: record.at?.day ?? London.day(of: record.recordedAt)),
            agencies.values.contains(reason)
        else { return }
        require(
            agencies.rule, Subject(conferenceId: conference.id), events: [record.event],
            "the date is moved for an agency's sake, not for the child's")
    }
}

/// What is said and kept about it.
extension Docket {
    /// A request: to the approvers; one whose reason is none is refused at once.
    private mutating func receive(_ facts: PostponementRequested, _ record: Record, _ conference: History.Conference) {
        conference.pendingRequest = record
        let subject = Subject(conferenceId: conference.id)
        if let (rule, message) = unacceptableReason(facts.reasonCode) {
            refuse(rule, subject, event: record.event, message)
        } else if facts.reasonCode == "report_not_ready", isInForce("MAN-7c") {
            require("MAN-7c", subject, events: [record.event], "a report that is not ready is no reason: find a fix")
        }
        guard let day = record.at?.day else { return }
        if facts.reasonCode == "report_not_ready" {
            tell(.reportFix, subject, occasion: record.occasion, on: day)
        }
        if let approvers = policy.choice(.postponeApprovers, on: day) {
            tell(.postponementRequested, subject, occasion: record.occasion, on: day, to: approvers.values)
        }
    }

    /// A decision: told on, and written down.
    private mutating func keepOnFile(_ facts: PostponementDecided, _ record: Record, _ conference: History.Conference) {
        let subject = Subject(conferenceId: conference.id)
        if !record.details.contains(.writtenReasons) {
            require("SWI-17b", subject, events: [record.event], "no rationale is recorded for the decision")
        }
        if !record.details.contains(all: [.writtenReasons, .filedAt]) {
            // One entry a child's file.
            for child in Set(conference.children + facts.childIds).sorted() {
                require(
                    "CAN-2.6", Subject(childId: child, conferenceId: conference.id), events: [record.event],
                    "the reasons and the decision are not in writing on the child's file")
            }
        }
        guard let day = record.at?.day else { return }
        tell(.postponementDecided, subject, occasion: record.occasion, on: day)
        guard facts.agreed == true else { return }
        tell(.needToKnow, subject, occasion: record.occasion, on: day)
    }

    /// CAN-2.7a: the new date is set with the decision, or on the same day. Of a decision that was refused no date is owed: the
    /// meeting keeps the one it has.
    private mutating func newDate(
        after facts: PostponementDecided, _ record: Record, _ conference: History.Conference
    ) {
        guard let day = record.at?.day else { return }
        var obligation = Obligation(
            .newDate, Subject(conferenceId: conference.id), occasion: record.occasion, anchor: Anchor(record, on: day),
            terms: [policy.limit(.newDate, on: day)])
        obligation.actor = "conference_chair"
        if facts.newStartsAt != nil {
            obligation.act = Obligation.Act(record)
        } else {
            let later = conference.steps.first { step in
                guard case .rescheduled = step.step, let at = step.record.at, let decided = record.at else {
                    return false
                }
                return at.earliest >= decided.earliest
            }
            obligation.act = Obligation.Act(later?.record)
        }
        obligation.knownAt = record.at
        if conference.held != nil && obligation.act == nil { obligation.act = Obligation.Act(conference.held?.record) }
        enter(obligation)
    }

    /// CAN-3.5: adjourned for want of a chair only where none could be found.
    private mutating func judgeAdjournment(_ record: Record, _ conference: History.Conference) {
        let isTried = conference.chairsUnavailable.contains { $0.record.details.contains(.alternativesTried) }
        guard !isTried else { return }
        require(
            "CAN-3.5", Subject(conferenceId: conference.id), events: [record.event],
            "adjourned for want of a chair, and no search for another is recorded")
    }
}
