/// Judges a case: what is owed, when, and whether it was done.
///
/// Any order of the facts, with repeats, gives the same answer. An authority that no policy covers gets an empty
/// assessment whose policy has no name.
public func assess(_ file: CaseFile, under configuration: Configuration, asOf: Instant) -> Assessment {
    guard let policy = configuration.policy(for: file.authority) else {
        return Assessment(policy: "", deadlines: [], findings: [], notices: [], plans: [], conferences: [])
    }
    let corrections = Corrections(file.facts)
    let history = History(file, live: corrections.live, asOf: asOf)
    var docket = Docket(file, policy: policy, configuration: configuration, history: history, asOf: asOf)
    if !corrections.loops.isEmpty {
        docket.find(
            "F25", .must, Subject(), events: corrections.loops,
            "events correct one another in a circle: none of them counts")
    }
    if let future = history.firstFuture { docket.mayChange(at: future) }

    // Which decisions count, before anything is dated by them.
    for conference in history.conferences { docket.settleBookings(of: conference) }
    for conference in history.conferences { docket.settleChair(of: conference) }

    docket.settleConvening()
    docket.settleInviteLists()
    docket.settleReports()
    docket.settleEndings()
    for child in history.children {
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
        guard let child = history.child(plan.facts.childId) else { continue }
        docket.reviews(of: plan, child: child)
        docket.beginnings(of: plan, child: child)
        docket.coreGroups(of: plan)
        docket.whereabouts(of: plan, child: child)
        docket.birthday(of: plan, child: child)
        docket.endingLetters(of: plan, child: child)
        docket.supervision(of: plan, child: child)
        plans.append(docket.status(of: plan, child: child))
    }
    for conference in history.conferences {
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
    for child in history.children {
        docket.trackingNotes(of: child)
        docket.currency(of: child)
    }
    docket.inviteListPrompts()
    docket.supervision()
    docket.requirements()
    let conferences = history.conferences.map { docket.status(of: $0) }
    return docket.assessment(plans: plans, conferences: conferences)
}

extension Docket {
    mutating func assessment(plans: [PlanStatus], conferences: [ConferenceStatus]) -> Assessment {
        order(&deadlines, by: Deadline.precedes)
        order(&findings, by: Finding.precedes)
        order(&notices, by: Notice.precedes)
        return Assessment(
            policy: policy.name, deadlines: deadlines, findings: distinct(findings), notices: notices,
            plans: plans.sorted { ($0.childId, $0.planId) < ($1.childId, $1.planId) },
            conferences: conferences.sorted { $0.conferenceId < $1.conferenceId }, nextChange: nextChange)
    }
}

/// What is found twice, as of two children in one meeting, is found once.
private func distinct(_ findings: [Finding]) -> [Finding] {
    var kept: [Finding] = []
    kept.reserveCapacity(findings.count)
    for finding in findings where finding != kept.last { kept.append(finding) }
    return kept
}

/// Sorts places first and then moves each element once: the elements are large, and compared where they lie.
func order<Element>(_ elements: inout [Element], by precedes: (borrowing Element, borrowing Element) -> Bool) {
    guard elements.count > 1 else { return }
    var places = Array(elements.indices)
    elements.withUnsafeMutableBufferPointer { all in
        places.sort { precedes(all[$0], all[$1]) }
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
    static func precedes(_ left: borrowing Deadline, _ right: borrowing Deadline) -> Bool {
        let (leftDue, rightDue) = (left.due?.order ?? .max, right.due?.order ?? .max)
        if leftDue != rightDue { return leftDue < rightDue }
        if left.rule != right.rule { return left.rule < right.rule }
        if let first = Subject.precedes(left.subject, right.subject) { return first }
        if left.occasion != right.occasion { return left.occasion < right.occasion }
        return left.duty.rawValue < right.duty.rawValue
    }
}

extension Finding {
    static func precedes(_ left: borrowing Finding, _ right: borrowing Finding) -> Bool {
        if left.rule != right.rule { return left.rule < right.rule }
        if let first = Subject.precedes(left.subject, right.subject) { return first }
        if left.message != right.message { return left.message < right.message }
        return left.events.lexicographicallyPrecedes(right.events)
    }
}

extension Notice {
    static func precedes(_ left: borrowing Notice, _ right: borrowing Notice) -> Bool {
        if left.rule != right.rule { return left.rule < right.rule }
        if let first = Subject.precedes(left.subject, right.subject) { return first }
        if left.dueAt != right.dueAt { return left.dueAt < right.dueAt }
        if left.template != right.template { return left.template < right.template }
        let (leftAbout, rightAbout) = (left.about, right.about)
        if leftAbout.rule != rightAbout.rule { return leftAbout.rule < rightAbout.rule }
        if leftAbout.occasion != rightAbout.occasion { return leftAbout.occasion < rightAbout.occasion }
        let (leftDuty, rightDuty) = (leftAbout.duty?.rawValue ?? "", rightAbout.duty?.rawValue ?? "")
        if leftDuty != rightDuty { return leftDuty < rightDuty }
        return left.level < right.level
    }
}
