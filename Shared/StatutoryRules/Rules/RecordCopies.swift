// Who has the record of a conference, and what is done with it: LON-14.4b and c, LON-14.5a and b, LON-14.6 to 14.9
// (001, 14.4 to 14.9), LIN-6.2 and 6.4 (002, section 6); notices E27, E28, E29 and E60.

extension Docket {
    typealias Copy = (record: Record, facts: RecordIssued)
    /// A copy that counts as issued.
    typealias IssuedCopy = (copy: Copy, sent: History.Conference.Sent)

    /// LON-14.4b: an unsigned record does not count as issued.
    mutating func issuedCopies(of conference: History.Conference) -> [IssuedCopy] {
        var issued: [IssuedCopy] = []
        for copy in conference.aftermath.copies {
            let subject = Subject(conferenceId: conference.id)
            guard
                isSigned(
                    "LON-14.4b", subject, copy.record, by: copy.facts.signedBy, at: copy.facts.signedAt,
                    of: conference, "record")
            else { continue }
            let sent = History.Conference.Sent(
                record: copy.record, person: copy.facts.recipientId, role: copy.facts.recipientRole)
            issued.append((copy, sent))
        }
        return issued
    }

    /// A child's copy waits for the chair's decision (LON-14.8a), a supporter's for the parent's word (LON-14.6).
    func isOwedRecord(_ person: Addressee, of conference: History.Conference) -> Bool {
        let copies = conference.aftermath.copies
        if person.role == "child" || conference.children.contains(person.id) {
            return copies.last { $0.facts.childCopy != nil }?.facts.childCopy == true
        }
        if person.role == "supporter" {
            return copies.last { $0.facts.parentConsent != nil }?.facts.parentConsent == true
        }
        return true
    }

    mutating func recordCopies(
        of conference: History.Conference, _ issued: [IssuedCopy], parents: [Addressee]
    ) {
        amendmentWindows(of: conference, issued.map(\.copy))
        parentsCopy(of: conference, issued.map(\.copy), parents)
        childsCopy(of: conference, issued.map(\.copy))
        supportersCopy(of: conference, issued.map(\.copy))
        helpWithRecord(of: conference, issued.map(\.copy))
        relativesInterpreting(at: conference)
        minutes(of: conference)
        for copy in conference.aftermath.copies { redaction(of: copy, conference) }
    }

    /// LON-14.5b: only the chair leaves something out of the parents' copy.
    private mutating func redaction(of copy: Copy, _ conference: History.Conference) {
        guard copy.record.details.contains(.redacted), copy.facts.recipientRole == "parent_carer" else { return }
        let subject = Subject(conferenceId: conference.id)
        let chair = conference.held?.facts.chairId
        if copy.facts.decidedBy == nil {
            require(
                "LON-14.5b", subject, events: [copy.record.event],
                "matter was left out of the parents' copy, and no decision of the chair is recorded")
        } else if let chair, let decider = copy.facts.decidedBy, decider != chair,
            !conference.aftermath.assignedChairs.contains(decider)
        {
            require(
                "LON-14.5b", subject, events: [copy.record.event],
                "matter was left out of the parents' copy by the decision of somebody other than the chair")
        }
    }

    /// LON-14.6: nothing goes to a supporter unless the parent wants it.
    private mutating func supportersCopy(of conference: History.Conference, _ issued: [Copy]) {
        guard let held = conference.held, !issued.isEmpty else { return }
        let supporters = held.facts.attendees.filter { $0.role == "supporter" }
        let subject = Subject(conferenceId: conference.id)
        var isAnswered = false
        var isSent = false
        for copy in issued {
            let answer = copy.facts.parentConsent
            if answer != nil || copy.record.details.contains(.parentConsent) { isAnswered = true }
            guard
                copy.facts.recipientRole == "supporter"
                    || supporters.contains(where: { $0.personId != nil && $0.personId == copy.facts.recipientId })
            else { continue }
            isSent = true
            if answer == false {
                require(
                    "LON-14.6", subject, events: [copy.record.event],
                    "the record went to a supporter although the parent does not want it")
            } else if !isAnswered {
                require(
                    "LON-14.6", subject, events: [copy.record.event],
                    "the record went to a supporter, and it is not recorded that the parent agreed")
            }
        }
        if !supporters.isEmpty && !isSent && !isAnswered {
            require(
                "LON-14.6", subject, events: [held.record.event],
                "a supporter was there, and it is not recorded whether the parent wants them to have the record")
        }
    }

    /// LON-14.9a and E60.
    private mutating func helpWithRecord(of conference: History.Conference, _ issued: [Copy]) {
        guard isInForce("LON-14.9a"), let held = conference.held,
            conference.children.contains(where: history.casework.needsHelp)
        else { return }
        let toFamily = issued.filter { ["child", "parent_carer", nil].contains($0.facts.recipientRole) }
        guard let first = toFamily.first, let day = first.record.at?.day else { return }
        let arranged = toFamily.first { $0.record.details.contains(.assistanceArranged) }
        let subject = Subject(conferenceId: conference.id)
        tell(
            .helpWithRecord, subject, occasion: conference.id, on: day, done: arranged?.record.at,
            known: first.record.at)
        if arranged == nil {
            require(
                "LON-14.9a", subject, events: [held.record.event],
                "the family needs help to use the record, and none is recorded as arranged")
        }
    }

    /// LON-14.9b.
    private mutating func relativesInterpreting(at conference: History.Conference) {
        let subject = Subject(conferenceId: conference.id)
        for copy in conference.aftermath.copies where copy.facts.interpreterRelationship == "relative" {
            require("LON-14.9b", subject, events: [copy.record.event], "a relative interpreted the record")
        }
        guard let held = conference.held else { return }
        let relatives = held.facts.attendees.contains { attendee in
            guard attendee.role == "interpreter", let id = attendee.personId else { return false }
            return conference.children.contains { child in
                child == id
                    || history.casework.family.contains { $0.person == id && $0.children.contains(child) }
            }
        }
        if relatives {
            require("LON-14.9b", subject, events: [held.record.event], "a relative interpreted at the conference")
        }
    }

    /// LIN-6.2: the first review's date is in the minutes of the conference that made the plan. LIN-6.4: who wrote them.
    private mutating func minutes(of conference: History.Conference) {
        let copies = conference.aftermath.copies
        guard let held = conference.held, !copies.isEmpty else { return }
        let subject = Subject(conferenceId: conference.id)
        let events = [held.record.event]
        if conference.type?.isInitial == true, held.facts.decisions.contains(where: { $0.decision == "plan" }),
            !copies.contains(where: { $0.record.details.contains(.nextReviewDateIncluded) })
        {
            require("LIN-6.2", subject, events: events, "the date of the review is not in the minutes")
        }
        let authors = copies.compactMap(\.facts.minutesAuthorRole)
        if authors.isEmpty {
            require("LIN-6.4", subject, events: events, "it is not recorded who prepared the minutes")
        } else if !authors.contains("meeting_support_assistant") {
            require("LIN-6.4", subject, events: events, "the minutes were not prepared by a meeting support assistant")
        }
    }
}

/// Amendments: LON-14.4c and E29.
extension Docket {
    private mutating func amendmentWindows(of conference: History.Conference, _ issued: [Copy]) {
        guard isInForce("LON-14.4c") else { return }
        let subject = Subject(conferenceId: conference.id)
        let requests = requests(of: conference, by: issued)
        var told: Set<Day> = []
        for (place, copy) in issued.enumerated() {
            guard let day = received(copy, requests[place]) else {
                require(
                    "LON-14.4c", subject, events: [copy.record.event],
                    "cannot be dated: no bank holidays are loaded to count from the sending of the record")
                continue
            }
            var window = Obligation(
                .recordAmendments, subject, occasion: copy.record.occasion,
                anchor: Anchor(event: copy.record.event, on: day),
                terms: [policy.limit(.amendments, on: day)], act: Obligation.Act(requests[place].first?.record))
            window.isWindow = true
            window.isAnnounced = false
            guard let row = enter(window), let due = row.due else { continue }
            for request in requests[place] where request.facts.requestedAt.day > due.day {
                require(
                    "LON-14.4c", subject, events: [copy.record.event, request.record.event],
                    "an amendment came later than the time after receipt: it is taken")
            }
            if told.insert(day).inserted {
                tell(.amendmentWindow, subject, occasion: conference.id, on: day, known: copy.record.at, towards: due)
            }
        }
    }

    /// As recorded; by post, so long after it was sent (`postReceipt`).
    private func received(
        _ copy: Copy, _ requests: [(record: Record, facts: AmendmentRequested)]
    ) -> Day? {
        if let recorded = copy.facts.receivedAt ?? requests.lazy.compactMap(\.facts.receivedAt).first {
            return recorded.day
        }
        let lead = policy.lead(.postReceipt)
        return calendar.adding(workingDays: lead.values[0], to: copy.facts.sentAt.day)?.day
    }

    /// By copy: each request belongs to the latest copy that its sender had by then.
    private func requests(
        of conference: History.Conference, by issued: [Copy]
    ) -> [[(record: Record, facts: AmendmentRequested)]] {
        var requests: [[(record: Record, facts: AmendmentRequested)]] = issued.map { _ in [] }
        for request in conference.aftermath.amendments {
            let theirs = issued.indices.filter { place in
                guard let sender = request.facts.recipientId, let reader = issued[place].facts.recipientId
                else { return true }
                return sender == reader
            }
            let at = request.facts.requestedAt.order
            let place = theirs.last { issued[$0].facts.sentAt.order <= at } ?? theirs.first
            if let place { requests[place].append(request) }
        }
        return requests
    }
}

/// Parents and children: LON-14.5a, 14.7 and 14.8a; E27 and E28.
extension Docket {
    private mutating func parentsCopy(
        of conference: History.Conference, _ issued: [Copy], _ parents: [Addressee]
    ) {
        guard let held = conference.held, let day = conference.heldOn else { return }
        let subject = Subject(conferenceId: conference.id)
        var obligation = Obligation(
            .parentsRecord, subject, occasion: conference.id, anchor: Anchor(held.record, on: day),
            terms: [policy.limit(.parentsRecord, on: day)], act: talkedThrough(conference, with: parents))
        obligation.actor = "social_worker"
        obligation.knownAt = held.record.at
        guard let row = enter(obligation), let due = row.due, let actBy = row.actBy else { return }
        // The task comes with the record; where none has gone out, on the last working day.
        let on = min(issued.first?.record.at?.day ?? actBy.day, actBy.day)
        tell(
            .parentsRecord, subject, occasion: conference.id, on: on, done: obligation.act?.at, known: held.record.at,
            towards: due, about: row)
        explanations(of: conference, issued, by: due)
    }

    /// Both acts, with each parent: the copy given, and talked through.
    private mutating func talkedThrough(
        _ conference: History.Conference, with parents: [Addressee]
    ) -> Obligation.Act? {
        let talks = conference.aftermath.talks.filter { talk in
            talk.facts.personId.map { !conference.children.contains($0) } ?? true
        }
        var last: Obligation.Act?
        for person in parents.isEmpty ? [nil] : parents.map({ Optional($0.id) }) {
            let theirs = talks.filter { $0.facts.personId == nil || person == nil || $0.facts.personId == person }
            for act in [\RecordDiscussed.givenAt, \.discussedAt] {
                let times = theirs.compactMap { talk -> Obligation.Act? in
                    guard let at = talk.facts[keyPath: act], hasHappened(at) else { return nil }
                    return Obligation.Act(event: talk.record.event, at: at)
                }
                guard let first = times.min(by: { ($0.at.order, $0.event) < ($1.at.order, $1.event) }) else {
                    return nil
                }
                if first.at.order > last?.at.order ?? .min { last = first }
            }
        }
        return last
    }

    private mutating func hasHappened(_ at: Moment) -> Bool {
        mayChange(at: at.earliest)
        return at.earliest <= asOf
    }

    /// LON-14.7: judged with the parents' copy, once the record is out.
    private mutating func explanations(of conference: History.Conference, _ issued: [Copy], by due: Due) {
        guard isInForce("LON-14.7"), let held = conference.held, !issued.isEmpty else { return }
        for child in Set(conference.children).sorted() where isBorn(child) {
            var isExplained = conference.aftermath.talks.contains { $0.facts.personId == child }
            for copy in issued {
                guard let at = copy.facts.explainedToChildAt, hasHappened(at) else { continue }
                let reader = copy.facts.recipientRole == "child" ? copy.facts.recipientId ?? child : child
                if reader == child { isExplained = true }
            }
            guard !isExplained else { continue }
            require(
                "LON-14.7", from: due.latest.adding(microseconds: 1),
                Subject(childId: child, conferenceId: conference.id),
                events: [held.record.event],
                "it is not recorded that the record was explained to the child")
        }
    }

    private func isBorn(_ child: String) -> Bool {
        history.child(child).map { !$0.isUnborn || $0.born != nil } ?? true
    }

    /// LON-14.8a: held back until the chair has decided.
    private mutating func childsCopy(of conference: History.Conference, _ issued: [Copy]) {
        guard !issued.isEmpty, let held = conference.held,
            conference.children.contains(where: isBorn)
        else { return }
        let subject = Subject(conferenceId: conference.id)
        let isChilds = { (copy: Copy) in
            copy.facts.recipientRole == "child"
                || copy.facts.recipientId.map(conference.children.contains) ?? false
        }
        var decision: Bool?
        var isDecided = false
        var allowed: Record?
        for copy in issued {
            if copy.facts.childCopy != nil || copy.record.details.contains(.childCopyDecision) { isDecided = true }
            decision = copy.facts.childCopy ?? decision
            if decision == true && allowed == nil { allowed = copy.record }
            guard isChilds(copy) else { continue }
            if !isDecided {
                hold(copy, subject, "the record went to the child before the chair had decided that it may")
            } else if decision == false {
                hold(copy, subject, "the record went to the child against the chair's decision")
            }
        }
        if !isDecided && !issued.contains(where: isChilds) {
            require(
                "LON-14.8a", subject, events: [held.record.event],
                "no decision of the chair is recorded on the child's copy of the record")
        }
        if let allowed, let day = allowed.at?.day {
            tell(
                .childsRecord, subject, occasion: conference.id, on: day,
                done: issued.first(where: isChilds)?.record.at, known: allowed.at)
        }
    }

    private mutating func hold(_ copy: Copy, _ subject: Subject, _ message: String) {
        if mayRefuse("LON-14.8a") {
            refuse("LON-14.8a", subject, event: copy.record.event, message)
        } else {
            require("LON-14.8a", subject, events: [copy.record.event], message)
        }
    }
}
