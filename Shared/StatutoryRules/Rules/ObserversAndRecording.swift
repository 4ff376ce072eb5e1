// Observers: LON-3.3a and b (001, 3.3). Recording by families: LON-3.9a to d (001, 3.8 and 3.9).

extension Requirement {
    static let observersAndRecording: [Requirement] = [
        Requirement(
            "LON-3.9a", .conferenceRecordingRequested, .conferences, needs: [.processVersion, .noticeRequired],
            "the written process for the request, or the notice that it asks for, is not recorded"),
        Requirement(
            "LON-3.9b", .conferenceRecordingDecided, .conferences, needs: [.reasons, .decidedBy],
            "the reasons of the decision on recording, or who took it, are not recorded"),
    ]
}

extension Docket {
    mutating func observersAndRecording(of conference: History.Conference) {
        guard Requirement.Scope.conferences.covers(conference.type) else { return }
        observers(at: conference)
        recordingDecisions(for: conference)
        undecidedRecording(of: conference)
    }

    private mutating func observers(at conference: History.Conference) {
        guard let held = conference.held else { return }
        let subject = Subject(conferenceId: conference.id)
        let observers = held.facts.attendees.filter { $0.role == "observer" }
        guard !observers.isEmpty else { return }
        let ids = Set(observers.compactMap(\.personId))
        consents(of: observers, conference, held.record)
        // LON-3.3b: who watches has no other part.
        let hasAnotherPart =
            held.facts.attendees.contains { $0.role != "observer" && ($0.personId.map(ids.contains) ?? false) }
            || !ids.isDisjoint(with: conference.involvement.chairs)
        if hasAnotherPart {
            require(
                "LON-3.3b", subject, events: [held.record.event], "an observer also took part in another role")
        }
        for (record, views) in conference.involvement.views
        where views.personRole == "observer" || views.personId.map(ids.contains) ?? false {
            require(
                "LON-3.3b", subject, events: [held.record.event, record.event],
                "an observer's views were put to the conference")
        }
    }

    /// LON-3.3a: the chair and the family agree before the conference begins. Nobody has agreed to one who is unnamed.
    private mutating func consents(
        of observers: [Participant], _ conference: History.Conference, _ held: Record
    ) {
        var lacking: [String] = []
        var isMissing = false
        for observer in observers {
            let requests = conference.involvement.observers.filter {
                $0.facts.personId == observer.personId
            }
            let answers = [
                hasConsent(requests.compactMap(\.facts.chairConsentAt), before: conference.start),
                hasConsent(requests.compactMap(\.facts.familyConsentAt), before: conference.start),
            ]
            if answers.allSatisfy({ $0 == true }) { continue }
            lacking += requests.map(\.record.event)
            if answers.contains(false) { isMissing = true }
        }
        guard isMissing || !lacking.isEmpty else { return }
        require(
            "LON-3.3a", Subject(conferenceId: conference.id), events: [held.event] + lacking,
            isMissing
                ? "an observer attended without the prior consent of both the chair and the family"
                : "cannot be judged: no time of day says whether consent came before the conference began")
    }

    private func hasConsent(_ given: [Moment], before start: Moment?) -> Bool? {
        guard let start else { return given.isEmpty ? false : nil }
        let answers = given.map { $0.precedes(start) }
        if answers.contains(true) { return true }
        return answers.contains(nil) ? nil : false
    }

    private mutating func recordingDecisions(for conference: History.Conference) {
        let subject = Subject(conferenceId: conference.id)
        for (record, decision) in conference.involvement.recordingDecisions {
            if conference.held != nil, let at = decision.decidedAt, let start = conference.start,
                at.precedes(start) == false
            {
                require(
                    "LON-3.9b", subject, events: [record.event],
                    "the request to record was decided only after the conference had begun")
            }
            if decision.granted {
                guard !record.details.contains(.limitsExplained) else { continue }
                require(
                    "LON-3.9c", subject, events: [record.event],
                    "recording was granted, and the limits on its use are not recorded as explained")
            } else {
                let isLate = decision.decidedAt.flatMap { decision.legalAdviceAt?.follows($0) } ?? false
                guard decision.legalAdviceAt == nil || isLate else { continue }
                require(
                    "LON-3.9d", subject, events: [record.event],
                    "recording was refused without legal advice beforehand")
            }
        }
    }

    private mutating func undecidedRecording(of conference: History.Conference) {
        guard let held = conference.held else { return }
        for (record, request) in conference.involvement.recordingRequests {
            let isDecided = conference.involvement.recordingDecisions.contains {
                request.personId == nil || $0.facts.personId == nil || $0.facts.personId == request.personId
            }
            if isDecided { continue }
            require(
                "LON-3.9b", Subject(conferenceId: conference.id), events: [held.record.event, record.event],
                "no decision on the request to record is known")
        }
    }
}

extension Moment {
    /// Whether it certainly came after.
    func follows(_ other: Moment) -> Bool { earliest > other.latest }
}
