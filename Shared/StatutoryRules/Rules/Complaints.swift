// Complaints of parents and children about a conference: LON-12.2a, 12.2b, 12.3, 12.4a and 12.5 (001, 12); notice E51.
// LON-12.3, the decision stands: no event of a complaint reaches a plan or a clock.

extension Docket {
    mutating func complaints() {
        for (id, complaint) in history.casework.complaints.sorted(by: { $0.key < $1.key }) {
            let conference = complaint.received?.facts.conferenceId.flatMap(history.conference).map {
                history.conferences[$0]
            }
            if conference?.type == .lookedAfterReview { continue }
            let agency = complaint.received?.facts.subjectAgency
            let isAboutAgency = agency != nil && agency != "childrens_social_care"
            if !isAboutAgency { handOver(complaint, id) }
            guard let concluded = complaint.concluded else { continue }
            let subject = Subject(conferenceId: complaint.received?.facts.conferenceId)
            if isAboutAgency {
                routeOut(concluded.record, subject)
            } else {
                judge(concluded.record, concluded.facts, subject, conference)
            }
        }
    }

    /// LON-12.2a and b: to the chair, who passes it to their manager and the complaints manager.
    private mutating func handOver(_ complaint: History.ComplaintStory, _ id: String) {
        guard let (record, facts) = complaint.received else { return }
        let subject = Subject(conferenceId: facts.conferenceId)
        if facts.conferenceId == nil {
            require(
                "LON-12.2a", subject, events: [record.event],
                "the complaint names no conference, so that it cannot go to its chair")
        }
        let day = facts.receivedAt.day
        var obligation = Obligation(
            .complaintHandover, subject, occasion: id, anchor: Anchor(record, on: day),
            terms: [policy.limit(.complaintHandover, on: day)], act: passedOn(complaint.passedOn))
        obligation.isAnnounced = false
        obligation.knownAt = record.at
        tell(.complaintToChair, subject, occasion: id, on: day, done: obligation.act?.at, known: record.at)
        guard let row = enter(obligation), let due = row.due else { return }
        tell(
            .complaintHandover, subject, occasion: id, on: due.day, done: obligation.act?.at, known: record.at,
            towards: due, about: row)
    }

    /// When the second of the two managers had it. Where persons are named and no roles, any two of them.
    private func passedOn(_ steps: [(record: Record, facts: ComplaintPassedOn)]) -> Obligation.Act? {
        let managers: Set = ["chair_line_manager", "cp_chair_manager"]
        var told: Set<String> = []
        for step in steps {
            told.formUnion(step.facts.recipients)
            let others = told.subtracting(managers).subtracting(["complaints_manager"])
            let chairs = told.isDisjoint(with: managers) ? 0 : 1
            let complaints = told.contains("complaints_manager") ? 1 : 0
            if chairs + complaints + others.count >= 2 { return Obligation.Act(step.record) }
        }
        return nil
    }

    /// LON-12.5: through the agency's own process.
    private mutating func routeOut(_ concluded: Record, _ subject: Subject) {
        let message = "a complaint about an agency goes through its own process: it has no outcome here"
        if mayRefuse("LON-12.5") {
            refuse("LON-12.5", subject, event: concluded.event, message)
        } else {
            require("LON-12.5", subject, events: [concluded.event], message)
        }
    }

    /// LON-12.4a: another chair, an earlier review, or no change with the reasons.
    private mutating func judge(
        _ record: Record, _ facts: ComplaintConcluded, _ subject: Subject, _ conference: History.Conference?
    ) {
        switch facts.outcome {
        case "reconvene_new_chair": reconvened(record, facts, subject, conference)
        case "review_brought_forward": broughtForward(record, facts, subject, conference)
        case "status_quo":
            guard !record.details.contains(.explanation) else { return }
            require(
                "LON-12.4a", subject, events: [record.event],
                "the complaint ended without a change, and no explanation is recorded")
        default:
            deny(record, subject, "the complaint has no outcome that the procedure knows: it stays open")
        }
    }

    private mutating func deny(_ record: Record, _ subject: Subject, _ message: String) {
        if mayRefuse("LON-12.4a") {
            refuse("LON-12.4a", subject, event: record.event, message)
        } else {
            require("LON-12.4a", subject, events: [record.event], message)
        }
    }

    /// The next conference of those children has another chair.
    private mutating func reconvened(
        _ record: Record, _ facts: ComplaintConcluded, _ subject: Subject, _ conference: History.Conference?
    ) {
        guard let conference, let former = facts.formerChairId ?? conference.held?.facts.chairId else {
            require(
                "LON-12.4a", subject, events: [record.event],
                "cannot be judged: the former chair is not recorded")
            return
        }
        let children = Set(conference.children)
        let next = history.conferences.filter { other in
            guard other.id != conference.id, Requirement.Scope.conferences.covers(other.type),
                let at = other.held?.record.at
            else { return false }
            return at.order > facts.concludedAt.order && !children.isDisjoint(with: other.children)
        }.min { ($0.held!.record.at!.order, $0.id) < ($1.held!.record.at!.order, $1.id) }
        guard let next, let held = next.held, held.facts.chairId == former else { return }
        require(
            "LON-12.4a", Subject(conferenceId: next.id), events: [record.event, held.record.event],
            "the conference was to be reconvened under another chair, and had the former one")
    }

    /// The new date must be earlier than the review is due.
    private mutating func broughtForward(
        _ record: Record, _ facts: ComplaintConcluded, _ subject: Subject, _ conference: History.Conference?
    ) {
        guard let new = facts.newOn else {
            return deny(record, subject, "the review is to be brought forward, and no new date is given: it stays open")
        }
        let day = facts.concludedAt.day
        let dues = (conference?.children ?? []).compactMap { reviewDue(of: $0, on: day) }
        guard let earliest = dues.min() else {
            require(
                "LON-12.4a", subject, events: [record.event],
                "cannot be judged: no review is due that could be brought forward")
            return
        }
        if new >= earliest {
            deny(record, subject, "the new date is no earlier than the review is due: it stays open")
        }
    }

    /// When the child's review was due, as it stood on a day: a date that was named for it later did not bind it yet.
    private func reviewDue(of child: String, on day: Day) -> Day? {
        let rows = deadlines.filter { row in
            (row.duty == .firstReview || row.duty == .laterReview) && row.subject.childId == child
                && row.anchor.happenedOn <= day
        }
        return rows.filter { row in
            let binding = deadlines.first { $0.matter == row.matter && $0.state != .superseded } ?? row
            return binding.metOn.map { $0 > day } ?? true
                && (binding.state != .withdrawn || isOnPlan(binding.subject, after: day))
        }.compactMap(\.due?.day).min()
    }

    private func isOnPlan(_ subject: Subject, after day: Day) -> Bool {
        history.plans.contains { plan in
            plan.facts.planId == subject.planId && plan.facts.childId == subject.childId
                && plan.ended.map { $0 > day } ?? true
        }
    }
}
