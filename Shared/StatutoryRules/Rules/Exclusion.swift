// Keeping someone of the family out of a conference: LON-5.1a to LON-5.11b (001, section 5). The criteria are lost (G23):
// a ground is whatever code the chair gives. LON-5.7b permits, and LON-5.7c is no matter of record.

extension Requirement {
    static let exclusion: [Requirement] = [
        Requirement(
            "LON-5.3b", .conferenceExclusionDecided, .conferences, needs: [.considerationNote],
            "how the chair weighed the request is not recorded")
    ]
}

/// The chair's ruling in force on one person.
struct Exclusion {
    let person: String
    let record: Record
    let facts: ExclusionDecided
    /// From the whole conference, and not a part of it.
    let isFull: Bool
}

extension Docket {
    mutating func exclusions(from conference: History.Conference) {
        guard Requirement.Scope.conferences.covers(conference.type) else { return }
        requests(on: conference)
        decisions(on: conference)
        removals(from: conference)
        for exclusion in rulings(on: conference) {
            letter(on: exclusion, conference)
            voice(of: exclusion, conference)
        }
        recordsOfExcluded(conference)
    }

    /// LON-5.1a, 5.2 and 5.3a.
    private mutating func requests(on conference: History.Conference) {
        let all = conference.involvement.exclusionRequests
        var seen: Set<String> = []
        for (place, (record, request)) in all.enumerated() {
            let isFirst = seen.insert(request.personId).inserted
            if isFirst { announce(record, request, conference) }
            let isComplete = { (details: Details) in details.contains(all: [.groundCode, .evidence]) }
            let isCompletedLater = all[place...].contains {
                $0.facts.personId == request.personId && isComplete($0.record.details)
            }
            if !isCompletedLater {
                require(
                    "LON-5.3a", Subject(conferenceId: conference.id), events: [record.event],
                    "the request to exclude does not name both the ground and the evidence")
            }
            let isDecided = conference.involvement.exclusions.contains { $0.facts.personId == request.personId }
            if isFirst, let held = conference.held, !isDecided {
                require(
                    "LON-5.1b", Subject(conferenceId: conference.id), events: [held.record.event, record.event],
                    "the chair's decision on a request to exclude is not recorded")
            }
        }
    }

    /// The chair is told at once, and by when it should have come is judged; a late request is still considered.
    private mutating func announce(
        _ record: Record, _ request: ExclusionRequested, _ conference: History.Conference
    ) {
        let subject = Subject(conferenceId: conference.id)
        let decided = conference.involvement.exclusions.first { $0.facts.personId == request.personId }
        if let on = record.at?.day {
            tell(
                .exclusionWarning, subject, occasion: record.occasion, on: on, done: decided?.facts.decidedAt,
                known: record.at, isOff: conference.isCancelled && conference.held == nil)
        }
        guard let day = conference.booking?.startsAt.day ?? conference.start?.day else { return }
        let booked = conference.booking?.record ?? conference.held!.record
        guard let term = policy.limit(.exclusionRequest, on: day) else { return }
        guard record.at != nil else {
            return require(
                "LON-5.2", subject, events: [record.event],
                "cannot be judged: no time of the request to exclude is recorded")
        }
        let at = booked.happening(at: conference.booking?.startsAt ?? conference.start)
        var obligation = Obligation(
            .exclusionRequest, subject, occasion: record.occasion, anchor: Anchor(at, on: day), terms: [term],
            act: Obligation.Act(record))
        obligation.isAnnounced = false
        enter(obligation)
    }

    /// LON-5.1b, 5.8 and 5.11b: the chair rules, finally, and on a ground of this conference.
    private mutating func decisions(on conference: History.Conference) {
        var ruled: Set<String> = []
        let all = conference.involvement.exclusions
        for (place, (record, decision)) in all.enumerated() {
            let subject = Subject(conferenceId: conference.id)
            switch isByChair(decision, conference) {
            case true: ruled.insert(decision.personId)
            case false:
                if ruled.contains(decision.personId), mayRefuse("LON-5.8") {
                    refuse(
                        "LON-5.8", subject, event: record.event,
                        "the chair has ruled on the exclusion, and another decides it anew")
                }
                if mayRefuse("LON-5.1b") {
                    refuse("LON-5.1b", subject, event: record.event, "the exclusion was not decided by the chair")
                } else {
                    require("LON-5.1b", subject, events: [record.event], "the exclusion was not decided by the chair")
                }
            case nil:
                require("LON-5.1b", subject, events: [record.event], "who decided on the exclusion is not recorded")
            }
            guard decision.groundCode == "previous_exclusion", decision.excludes else { continue }
            let hasAnother = all[place...].contains {
                $0.facts.personId == decision.personId
                    && ($0.facts.groundCode ?? "previous_exclusion")
                        != "previous_exclusion"
            }
            if hasAnother { continue }
            require(
                "LON-5.11b", subject, events: [record.event],
                "an earlier exclusion is the only ground given for this one")
        }
    }

    /// `nil` where nothing says.
    private func isByChair(_ decision: ExclusionDecided, _ conference: History.Conference) -> Bool? {
        isByChair(decision.decidedBy, role: decision.decidedByRole, conference)
    }

    /// By the conference's own chair, or by role; the role speaks where the person is no known chair.
    private func isByChair(_ person: String?, role: String?, _ conference: History.Conference) -> Bool? {
        let chairs = conference.involvement.chairs
        if let person, chairs.contains(person) { return true }
        if let role { return Docket.isChair(role) }
        return person == nil || chairs.isEmpty ? nil : false
    }

    /// A ruling by another than the chair has no effect where the row may refuse it.
    private func standingDecisions(
        on conference: History.Conference
    ) -> [(record: Record, facts: ExclusionDecided)] {
        guard mayRefuse("LON-5.1b") else { return conference.involvement.exclusions }
        return conference.involvement.exclusions.filter { isByChair($0.facts, conference) != false }
    }

    /// What the chair ruled last on each person, where that is to exclude.
    func rulings(on conference: History.Conference) -> [Exclusion] {
        var rulings: [Exclusion] = []
        for (record, decision) in standingDecisions(on: conference) {
            rulings.removeAll { $0.person == decision.personId }
            guard decision.excludes else { continue }
            let isFull =
                switch decision.scope {
                case "full", "whole": true
                case "partial", "part": false
                default: !conference.attended(decision.personId)
                }
            rulings.append(Exclusion(person: decision.personId, record: record, facts: decision, isFull: isFull))
        }
        return rulings
    }

    /// LON-5.5 and 5.6: someone asked to leave during the meeting.
    private mutating func removals(from conference: History.Conference) {
        let subject = Subject(conferenceId: conference.id)
        for (record, removal) in conference.involvement.removals {
            if conference.held != nil, removal.endedAt == nil || !record.details.contains(.reason) {
                require(
                    "LON-5.5", subject, events: [record.event],
                    "the end of the exclusion, or its reason, is not recorded")
            }
            guard isByChair(removal.decidedBy, role: nil, conference) != true else { continue }
            require(
                "LON-5.6", subject, events: [record.event],
                "that the chair asked the person to leave is not recorded")
        }
    }
}

extension Docket {
    /// LON-5.9: a parent excluded beforehand is told in writing, before the conference begins. E22 is a draft, which a
    /// person releases.
    private mutating func letter(on exclusion: Exclusion, _ conference: History.Conference) {
        let decidedAt = exclusion.facts.decidedAt
        if let decidedAt, let start = conference.start, decidedAt.precedes(start) == false { return }
        guard conference.role(of: exclusion.person) ?? "parent_carer" == "parent_carer" else { return }
        let subject = Subject(conferenceId: conference.id)
        let letters = history.exclusionLetters.filter {
            Docket.addresses($0.facts, exclusion.person, conference.id)
        }
        let sent = letters.map(\.facts.sentAt).min { $0.order < $1.order }
        if let on = decidedAt?.day {
            tell(
                .exclusionLetter, subject, occasion: exclusion.record.occasion, on: on, done: sent,
                known: decidedAt, isOff: conference.isCancelled && conference.held == nil, alone: exclusion.person)
        }
        guard let held = conference.held else { return }
        requireBefore(
            start: conference.start, sent, "LON-5.9", subject, events: [held.record.event, exclusion.record.event],
            "an excluded parent was not told in writing before the conference")
        let says: Details = [.howToGiveViews, .howOutcomeIsTold, .howToComplain]
        if let first = letters.first, !letters.contains(where: { $0.record.details.contains(all: says) }) {
            require(
                "LON-5.9", subject, events: [first.record.event],
                "the letter does not say all of: how to give views, how the outcome will be told, how to complain")
        }
    }

    /// A letter that names nobody counts for all of its conference; one that names no conference, for its people.
    private static func addresses(_ letter: LetterSent, _ person: String, _ conference: String) -> Bool {
        if let about = letter.conferenceId, about != conference { return false }
        if letter.recipients.contains(where: { $0.personId == person }) { return true }
        return letter.conferenceId != nil && letter.recipients.allSatisfy { $0.personId == nil }
    }

    /// LON-5.10a and b: who is kept out has the social worker's report, and is heard by another way.
    private mutating func voice(of exclusion: Exclusion, _ conference: History.Conference) {
        guard let held = conference.held, let on = conference.heldOn else { return }
        let subject = Subject(conferenceId: conference.id)
        let events = [held.record.event, exclusion.record.event]
        let reports = conference.reports.filter { $0.agency == nil || $0.agency == "childrens_social_care" }
        let isShared = history.shares.contains { _, share in
            share.personId == exclusion.person && reports.contains { $0.id == share.reportId }
        }
        if !isShared {
            require(
                "LON-5.10a", subject, events: events,
                "the social worker's report was not shared with the person excluded")
        }
        let gave = conference.involvement.views.contains {
            $0.facts.personId == exclusion.person && $0.facts.recordedAt.day <= on
        }
        if !gave {
            require(
                "LON-5.10b", subject, events: events,
                "the views of the person excluded were not recorded for the conference")
        }
    }
}

/// The record of a conference from which someone was kept out.
extension Docket {
    /// LON-4.1b, 5.10c and 5.11a.
    private mutating func recordsOfExcluded(_ conference: History.Conference) {
        let rulings = rulings(on: conference)
        let issued = conference.involvement.recordsIssued
        let removed = conference.involvement.removals.map(\.record)
        guard !rulings.isEmpty || !removed.isEmpty, let held = conference.held else { return }
        for sent in issued { guardIssue(of: sent, rulings, conference) }
        if let first = issued.first, !issued.contains(where: { $0.record.details.contains(.includesExclusion) }) {
            require(
                "LON-5.11a", Subject(conferenceId: conference.id),
                events: [first.record.event] + rulings.map(\.record.event) + removed.map(\.event),
                "the conference record does not say that someone was excluded")
        }
        for person in partlyExcluded(conference, rulings) { partlyExcludedRecord(of: person, conference, held.record) }
    }

    /// LON-5.10c: the record goes to a wholly excluded parent only as the chair settled.
    private mutating func guardIssue(
        of sent: (record: Record, facts: RecordIssued), _ rulings: [Exclusion], _ conference: History.Conference
    ) {
        guard let person = sent.facts.recipientId, let ruling = rulings.first(where: { $0.person == person }),
            ruling.isFull
        else { return }
        let message: String
        switch receives(ruling, conference, by: sent.facts.sentAt) {
        case true: return
        case false: message = "the record was issued to an excluded person to whom the chair decided not to give it"
        case nil: message = "the record was issued to an excluded person before the chair settled whether it should be"
        }
        let subject = Subject(conferenceId: conference.id)
        if mayRefuse("LON-5.10c") {
            refuse("LON-5.10c", subject, event: sent.record.event, message)
        } else {
            require("LON-5.10c", subject, events: [sent.record.event], message)
        }
    }

    /// What the chair settled for a wholly excluded person; `nil` where nothing was settled by then.
    private func receives(_ ruling: Exclusion, _ conference: History.Conference, by at: Moment? = nil) -> Bool? {
        let settled = standingDecisions(on: conference).last { record, decision in
            guard decision.personId == ruling.person, record.details.contains(.recordDecision) else { return false }
            guard let at, let decidedAt = decision.decidedAt else { return true }
            return !decidedAt.follows(at)
        }
        guard let settled else { return nil }
        switch settled.facts.recordDecision {
        case "withhold", "withheld", "none", "no", "not_issue": return false
        default: return true
        }
    }

    /// The wholly excluded who are owed no record, by the chair's decision or until it is made.
    func withoutRecord(_ conference: History.Conference) -> Set<String> {
        guard isInForce("LON-5.10c") else { return [] }
        return Set(rulings(on: conference).filter { $0.isFull && receives($0, conference) != true }.map(\.person))
    }

    /// Parents who were there for a part of it.
    private func partlyExcluded(_ conference: History.Conference, _ rulings: [Exclusion]) -> [String] {
        let fully = Set(rulings.filter(\.isFull).map(\.person))
        let people = rulings.map(\.person) + conference.involvement.removals.map(\.facts.personId)
        return Docket.each(people).filter {
            !fully.contains($0) && conference.role(of: $0) ?? "parent_carer" == "parent_carer"
        }
    }

    /// LON-4.1b: with the record, within LON-14.5a's time where that is in force, else once anyone has it.
    private mutating func partlyExcludedRecord(of person: String, _ conference: History.Conference, _ held: Record) {
        let issued = conference.involvement.recordsIssued
        let ruling = conference.involvement.exclusions.last { $0.facts.personId == person }
        let events = [held.event] + (ruling.map { [$0.record.event] } ?? [])
        let subject = Subject(conferenceId: conference.id)
        let own = issued.filter { $0.facts.recipientId == person }
        if let first = own.first {
            let isChosen =
                ruling?.facts.recordScope != nil || own.contains { $0.facts.recordScope != nil }
            if isChosen { return }
            return require(
                "LON-4.1b", subject, events: [first.record.event],
                "it is not recorded whether a partly excluded parent was to have the whole record or a part of it")
        }
        guard let day = conference.heldOn else { return }
        let limit = policy.limit(.excludedParentRecord, on: day)?.limit
        let counted = limit.flatMap { calendar.adding(workingDays: $0.count, to: day, knownBy: nil)?.day }
        guard let last = counted ?? issued.first?.facts.sentAt.day else { return }
        let end = London.end(of: last)
        require(
            "LON-4.1b", from: end.adding(microseconds: 1), subject, events: events,
            "a partly excluded parent has not been sent the record")
    }
}

extension ExclusionDecided {
    /// Whether someone is kept out, wholly or for a part.
    public var excludes: Bool { ExclusionDecided.excludes(decision) }

    public static func excludes(_ decision: String?) -> Bool {
        switch decision {
        case "exclude", "excluded", "agreed", "granted", "yes": true
        default: false
        }
    }
}
