// What is sent after a conference: LON-14.5c, LON-14.13a and LON-14.4a (001, 14.4, 14.5 and 14.13).

extension Docket {
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

        var ended = held.record
        ended.at = held.facts.endedAt ?? held.facts.startsAt ?? held.facts.heldAt
        let anchor = Anchor(held.record, on: day)
        let fromEnd = Anchor(ended, on: ended.at?.day ?? day)
        let toParents = conference.letters.filter { $0.role == nil || $0.role == "parent_carer" || $0.person != nil }
        for (duty, key, anchor, sent, people) in [
            (Duty.decisionLetterParents, LimitKey.letterParents, fromEnd, toParents, parents),
            (.decisionLetterAll, .letterAll, anchor, conference.letters, entitled),
            (.conferenceRecord, .record, anchor, conference.records, entitled),
        ] {
            let onlyParents = duty == .decisionLetterParents
            var obligation = Obligation(
                duty, subject, occasion: conference.id, anchor: anchor, terms: [policy.limit(key, on: anchor.on)],
                act: Docket.complete(sent, people, unknown: onlyParents ? "parent_carer" : nil))
            obligation.knownAt = held.record.at
            enter(obligation)
        }
    }

    /// Person and role, each person once.
    private static func people(
        _ all: [Participant], where isEntitled: (Participant) -> Bool
    ) -> [(id: String, role: String?)] {
        var people: [(id: String, role: String?)] = []
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
        _ sent: [History.Conference.Sent], _ people: [(id: String, role: String?)], unknown role: String?
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
