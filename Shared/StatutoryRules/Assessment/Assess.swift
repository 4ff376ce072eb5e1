/// Judges a case: what is owed, when, and whether it was done.
///
/// Any order of the facts, with repeats, gives the same answer. An authority that no policy covers gets an empty
/// assessment whose policy has no name.
public func assess(_ file: CaseFile, under configuration: Configuration, asOf: Instant) -> Assessment {
    guard let policy = configuration.policy(for: file.authority) else {
        return Assessment(policy: "", deadlines: [], findings: [], notices: [], plans: [], conferences: [])
    }
    let corrections = Corrections(file.facts)
    var docket = Docket(
        file, policy: policy, configuration: configuration,
        history: History(file, live: corrections.live, asOf: asOf), asOf: asOf)
    if !corrections.loops.isEmpty {
        docket.find(
            "F25", .must, Subject(), events: corrections.loops,
            "events correct one another in a circle: none of them counts")
    }
    if let future = docket.history.firstFuture { docket.mayChange(at: future) }

    // Which decisions count, before anything is dated by them.
    for conference in docket.history.conferences { docket.settleBookings(of: conference) }
    for conference in docket.history.conferences { docket.settleChair(of: conference) }

    docket.settleConvening()
    docket.settleInviteLists()
    docket.settleReports()
    docket.settleEndings()
    for child in docket.history.children {
        docket.initialConferences(of: child)
        docket.transferConferences(of: child)
        docket.lookedAfterReviews(of: child)
        docket.convening(of: child)
        docket.moves(of: child)
        docket.returnsHome(of: child)
        docket.inquorateFollowUps(of: child)
        docket.afterPlans(of: child)
    }
    var plans: [PlanStatus] = []
    for plan in docket.history.plans {
        guard let child = docket.history.child(plan.facts.childId) else { continue }
        docket.reviews(of: plan, child: child)
        docket.beginnings(of: plan, child: child)
        docket.coreGroups(of: plan)
        docket.whereabouts(of: plan, child: child)
        docket.birthday(of: plan, child: child)
        docket.endingLetters(of: plan, child: child)
        docket.supervision(of: plan, child: child)
        plans.append(docket.status(of: plan, child: child))
    }
    for conference in docket.history.conferences {
        docket.preparation(of: conference)
        docket.lettersAndRecord(of: conference)
        docket.cover(of: conference)
        docket.quorum(at: conference)
        docket.attendance(at: conference)
        docket.participation(in: conference)
        docket.exclusions(from: conference)
        docket.observersAndRecording(of: conference)
        docket.decisions(of: conference)
        docket.dissents(from: conference)
        docket.disclosures(of: conference)
        docket.convening(of: conference)
        docket.transferConference(conference)
        docket.nextReviewDate(of: conference)
        docket.reviewDateSet(for: conference)
        docket.dualChair(of: conference)
    }
    docket.complaints()
    docket.recordEnquiries()
    for child in docket.history.children {
        docket.trackingNotes(of: child)
        docket.currency(of: child)
    }
    docket.inviteListPrompts()
    docket.supervision()
    docket.requirements()
    let conferences = docket.history.conferences.map { docket.status(of: $0) }
    return docket.assessment(plans: plans, conferences: conferences)
}

extension Docket {
    mutating func assessment(plans: [PlanStatus], conferences: [ConferenceStatus]) -> Assessment {
        order(&deadlines, by: Deadline.precedes)
        order(&findings, by: Finding.precedes)
        order(&notices, by: Notice.precedes)
        return Assessment(
            policy: policy.name, deadlines: deadlines, findings: once(findings), notices: notices,
            plans: plans.sorted { ($0.childId, $0.planId) < ($1.childId, $1.planId) },
            conferences: conferences.sorted { $0.conferenceId < $1.conferenceId }, nextChange: nextChange)
    }
}

/// What is found twice, as of two children in one meeting, is found once.
private func once(_ findings: [Finding]) -> [Finding] {
    var kept: [Finding] = []
    kept.reserveCapacity(findings.count)
    for finding in findings where finding != kept.last { kept.append(finding) }
    return kept
}

/// Sorts places first and then moves each element once: the elements are large, and are compared where they lie, by
/// pointer, since whatever is handed to a closure otherwise is copied first.
func order<Element>(
    _ elements: inout [Element], by precedes: (UnsafePointer<Element>, UnsafePointer<Element>) -> Bool
) {
    guard elements.count > 1 else { return }
    var places = Array(elements.indices)
    elements.withUnsafeMutableBufferPointer { all in
        let first = UnsafePointer(all.baseAddress!)
        places.sort { precedes(first + $0, first + $1) }
        // Each circle of the permutation in turn, by exchanges.
        for start in all.indices {
            var at = start
            while places[at] != start {
                let next = places[at]
                all.swapAt(at, next)
                places[at] = at
                at = next
            }
            places[at] = at
        }
    }
}

// Total orders, so that no permutation of the facts can show.

extension Deadline {
    static func precedes(_ left: UnsafePointer<Deadline>, _ right: UnsafePointer<Deadline>) -> Bool {
        let (leftDue, rightDue) = (left.pointee.due?.order ?? .max, right.pointee.due?.order ?? .max)
        if leftDue != rightDue { return leftDue < rightDue }
        let (leftTerm, rightTerm) = (left.pointee.term, right.pointee.term)
        if leftTerm !== rightTerm, leftTerm.rule != rightTerm.rule { return leftTerm.rule < rightTerm.rule }
        return Matter.precedes(left.pointee.matter, right.pointee.matter) ?? false
    }
}

extension Matter {
    /// `nil` of equals.
    static func precedes(_ left: Matter, _ right: Matter) -> Bool? {
        if left === right { return nil }
        if let first = subjectPrecedes(left, right) { return first }
        if left.occasion != right.occasion { return left.occasion < right.occasion }
        let (leftDuty, rightDuty) = (left.duty?.rawValue ?? "", right.duty?.rawValue ?? "")
        return leftDuty == rightDuty ? nil : leftDuty < rightDuty
    }
}

extension Finding {
    static func precedes(_ left: UnsafePointer<Finding>, _ right: UnsafePointer<Finding>) -> Bool {
        if left.pointee.rule != right.pointee.rule { return left.pointee.rule < right.pointee.rule }
        if let first = Subject.precedes(left.pointee.subject, right.pointee.subject) { return first }
        if left.pointee.message != right.pointee.message { return left.pointee.message < right.pointee.message }
        return left.pointee.events.lexicographicallyPrecedes(right.pointee.events)
    }
}

extension Notice {
    static func precedes(_ left: UnsafePointer<Notice>, _ right: UnsafePointer<Notice>) -> Bool {
        if left.pointee.rule != right.pointee.rule { return left.pointee.rule < right.pointee.rule }
        let (leftMatter, rightMatter) = (left.pointee.matter, right.pointee.matter)
        if let first = Matter.subjectPrecedes(leftMatter, rightMatter) { return first }
        if left.pointee.dueAt != right.pointee.dueAt { return left.pointee.dueAt < right.pointee.dueAt }
        if left.pointee.template != right.pointee.template { return left.pointee.template < right.pointee.template }
        if left.pointee.dutyRule != right.pointee.dutyRule { return left.pointee.dutyRule < right.pointee.dutyRule }
        return Matter.precedes(leftMatter, rightMatter) ?? (left.pointee.level < right.pointee.level)
    }
}
