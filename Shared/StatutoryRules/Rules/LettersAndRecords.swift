// What is sent after a conference: LON-14.5c, LON-14.13a-c, LON-12.4b and LON-14.4a (001, 12.4, 14.4, 14.5 and 14.13);
// notices E23, E24 and E26.

extension Requirement {
    static let letters = [
        Requirement(
            "LON-14.13c", .decisionLetterSent, .conferences, needs: [.decisions],
            "the decision letter does not state the decisions"),
        Requirement(
            "LON-14.13c", .decisionLetterSent, .conferences, needs: [.recommendations],
            "the decision letter does not state the recommendations"),
        Requirement(
            "LON-14.13c", .decisionLetterSent, .conferences, needs: [.swName],
            "the decision letter does not name the social worker"),
        Requirement(
            "LON-14.13c", .decisionLetterSent, .conferences, needs: [.complaintRights],
            "the decision letter does not explain the right to complain"),
        Requirement(
            "LON-12.4b", .decisionLetterSent, .conferences, needs: [.protocolLink],
            "the decision letter does not say where the complaints protocol is"),
    ]
}

extension Docket {
    /// Person and role.
    typealias Addressee = (id: String, role: String?)

    mutating func lettersAndRecord(of conference: History.Conference) {
        guard let held = conference.held, let day = conference.heldOn else { return }
        let subject = Subject(conferenceId: conference.id)
        guard let type = conference.type else {
            find(
                "C1", .should, subject, events: [held.record.event],
                "cannot be judged: no known conferenceType, so no letter can be asked for")
            return
        }
        if type == .lookedAfterReview { return }
        let everyone = conference.invitees + held.facts.attendees
        // Observers get none, and the chair signs what the others get (both ours).
        let entitled = Docket.people(everyone) { $0.role != "observer" && $0.role != "conference_chair" }
        let parents = Docket.people(everyone) { $0.role == "parent_carer" }
        let without = withoutRecord(conference)

        sendDecisions(of: conference, held, to: entitled, parents)
        let issued = issuedCopies(of: conference)
        let owed = entitled.filter { !without.contains($0.id) && isOwedRecord($0, of: conference) }
        var record = Obligation(
            .conferenceRecord, subject, occasion: conference.id, anchor: Anchor(held.record, on: day),
            terms: [policy.limit(.record, on: day)],
            act: Docket.complete(issued.map(\.sent), owed, unknown: nil))
        record.knownAt = held.record.at
        if let row = enter(record), let due = row.due {
            tell(
                .everyonesRecord, subject, occasion: conference.id, on: due.day, done: record.act?.at,
                known: held.record.at, towards: due, about: row)
        }
        recordCopies(of: conference, issued, parents: parents)
    }

    /// The letter to parents within a day, and letter and outline plan to all within a working day.
    private mutating func sendDecisions(
        of conference: History.Conference, _ held: (record: Record, facts: ConferenceHeld), to entitled: [Addressee],
        _ parents: [Addressee]
    ) {
        let ended = held.record.happening(at: held.facts.endedAt ?? held.facts.startsAt ?? held.facts.heldAt)
        let fromEnd = Anchor(ended, on: ended.at?.day ?? held.facts.heldAt.day)
        let toParents = conference.letters.filter { $0.role == nil || $0.role == "parent_carer" || $0.person != nil }
        send(
            .decisionLetterParents, of: conference, held.record,
            anchor: fromEnd, .letterParents, .parentsLetter,
            Docket.complete(toParents, parents, unknown: "parent_carer"))
        let letter = Docket.complete(conference.letters, entitled, unknown: nil)
        send(
            .decisionLetterAll, of: conference, held.record,
            anchor: Anchor(held.record, on: held.facts.heldAt.day), .letterAll, .everyonesLetter,
            withOutlinePlans(letter, of: conference, held.facts, to: entitled))
    }

    private mutating func send(
        _ duty: Duty, of conference: History.Conference, _ held: Record, anchor: Anchor, _ limit: LimitKey,
        _ notice: NoticeKey, _ act: Obligation.Act?
    ) {
        let subject = Subject(conferenceId: conference.id)
        var obligation = Obligation(
            duty, subject, occasion: conference.id, anchor: anchor, terms: [policy.limit(limit, on: anchor.on)],
            act: act)
        obligation.knownAt = held.at
        guard let row = enter(obligation), let due = row.due else { return }
        tell(
            notice, subject, occasion: conference.id, on: lastMorning(before: due), done: act?.at, known: held.at,
            towards: due, about: row)
    }

    /// The day whose morning comes before the limit runs out: a limit in hours may run out earlier in the day.
    private func lastMorning(before due: Due) -> Day {
        guard case .instant(let instant) = due, morning(of: due.day) >= instant else { return due.day }
        return due.day.adding(days: -1)
    }

    /// The outline plan goes with the letter where a plan was made; both are needed. Who borrows only the letter's time
    /// (rulebook, D35) is asked for no outline plan.
    private mutating func withOutlinePlans(
        _ letter: Obligation.Act?, of conference: History.Conference, _ held: ConferenceHeld, to people: [Addressee]
    ) -> Obligation.Act? {
        guard isInForce("LON-14.13b") else { return letter }
        let outlines = signedOutlines(of: conference)
        var last = letter
        for child in Set(held.decisions.filter { $0.decision == "plan" }.map(\.childId)).sorted() {
            let sent = outlines.filter { $0.facts.childId == nil || $0.facts.childId == child }
                .flatMap { outline -> [History.Conference.Sent] in
                    let ids = outline.facts.recipientIds
                    if ids.isEmpty { return [History.Conference.Sent(record: outline.record, person: nil, role: nil)] }
                    return ids.map { History.Conference.Sent(record: outline.record, person: $0, role: nil) }
                }
            guard let known = last, let plan = Docket.complete(sent, people, unknown: nil) else { return nil }
            if plan.at.order > known.at.order { last = plan }
        }
        return last
    }

    /// LON-14.13b: without the chair's signature an outline plan is not issued.
    private mutating func signedOutlines(
        of conference: History.Conference
    ) -> [(record: Record, facts: OutlinePlan)] {
        conference.aftermath.outlines.filter { outline in
            let (record, facts) = outline
            let subject = Subject(childId: facts.childId, conferenceId: conference.id)
            return isSigned(
                "LON-14.13b", subject, record, by: facts.signedBy, at: facts.signedAt, of: conference, "outline plan")
        }
    }

    /// Whether what needs the chair's signature counts as issued. A stand-in who was assigned signs as the chair.
    mutating func isSigned(
        _ rule: String, _ subject: Subject, _ issued: Record, by signer: String?, at signedAt: Moment?,
        of conference: History.Conference, _ what: String
    ) -> Bool {
        guard isInForce(rule) else { return true }
        var chairs = conference.aftermath.assignedChairs
        if let chair = conference.held?.facts.chairId { chairs.insert(chair) }
        let flaw: String? =
            if let signer {
                if !chairs.isEmpty && !chairs.contains(signer) {
                    "the \(what) is signed by somebody who is not recorded as the conference's chair: it is not issued"
                } else if let signedAt, let sent = issued.at, signedAt.earliest > sent.latest {
                    "the \(what) was signed only after it had gone out: it is not issued"
                } else {
                    nil
                }
            } else {
                "the \(what) is not signed by the chair: it is not issued"
            }
        guard let flaw else {
            if signedAt == nil {
                require(rule, subject, events: [issued.event], "cannot be judged: no signedAt of the \(what)")
            }
            return true
        }
        guard mayRefuse(rule) else {
            require(rule, subject, events: [issued.event], flaw)
            return true
        }
        refuse(rule, subject, event: issued.event, flaw)
        return false
    }

    /// Person and role, each person once.
    static func people(_ all: [Participant], where isEntitled: (Participant) -> Bool) -> [Addressee] {
        var people: [Addressee] = []
        for participant in all {
            guard let id = participant.personId, isEntitled(participant), !people.contains(where: { $0.id == id })
            else { continue }
            people.append((id, participant.role))
        }
        return people
    }

    /// When the last of the people had theirs. One sent without a recipient's id counts for all of its role. Where
    /// nobody is known, the first that was sent, to the role if one is asked for.
    static func complete(
        _ sent: [History.Conference.Sent], _ people: [Addressee], unknown role: String?
    ) -> Obligation.Act? {
        if people.isEmpty {
            return Obligation.Act(sent.first { role == nil || $0.role == nil || $0.role == role }?.record)
        }
        var last: Record?
        for person in people {
            let first = sent.first { letter in
                letter.person.map { $0 == person.id } ?? (letter.role == nil || letter.role == person.role)
            }
            guard let first else { return nil }
            if first.record.at?.order ?? .max > last?.at?.order ?? .min { last = first.record }
        }
        return Obligation.Act(last)
    }
}
