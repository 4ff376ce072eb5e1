// What the history keeps of the people of a meeting: their part in it, exclusions, observers and recording.

extension History {
    /// Of one conference; each list in order of happening.
    struct Involvement {
        var assessments: [(record: Record, facts: ParticipationAssessed)] = []
        var views: [(record: Record, facts: ViewsRecorded)] = []
        var apologies: [(record: Record, facts: Apology)] = []
        var exclusionRequests: [(record: Record, facts: ExclusionRequested)] = []
        var exclusions: [(record: Record, facts: ExclusionDecided)] = []
        /// Asked to leave during the meeting.
        var removals: [(record: Record, facts: ParticipantExcluded)] = []
        var observers: [(record: Record, facts: ObserverRequested)] = []
        var recordingRequests: [(record: Record, facts: RecordingRequested)] = []
        var recordingDecisions: [(record: Record, facts: RecordingDecided)] = []
        var recordsIssued: [(record: Record, facts: RecordIssued)] = []
        /// Everyone who was to chair it, or did.
        var chairs: Set<String> = []
    }

    /// Beside `take`, which keeps what dates duties.
    mutating func takeInvolvement(_ payload: Payload, _ record: Record) {
        switch payload {
        case .childRegistered(let fact):
            if record.details.contains(.disability) { child(fact.childId) { $0.hasDisability = true } }
        case .conferenceScheduled(let fact): chair(fact.chairId, of: fact.conferenceId)
        case .conferenceChairAssigned(let fact): chair(fact.chairId, of: fact.conferenceId)
        case .conferenceHeld(let fact): chair(fact.chairId, of: fact.conferenceId)
        case .conferenceChildParticipationAssessed(let fact):
            conference(fact.conferenceId) { $0.involvement.assessments.append((record, fact)) }
        case .conferenceViewsRecorded(let fact):
            conference(fact.conferenceId) { $0.involvement.views.append((record, fact)) }
        case .conferenceApologyReceived(let fact):
            conference(fact.conferenceId) { $0.involvement.apologies.append((record, fact)) }
        case .conferenceExclusionRequested(let fact):
            conference(fact.conferenceId) { $0.involvement.exclusionRequests.append((record, fact)) }
        case .conferenceExclusionDecided(let fact):
            conference(fact.conferenceId) { $0.involvement.exclusions.append((record, fact)) }
        case .conferenceParticipantExcluded(let fact):
            conference(fact.conferenceId) { $0.involvement.removals.append((record, fact)) }
        case .conferenceObserverRequested(let fact):
            conference(fact.conferenceId) { $0.involvement.observers.append((record, fact)) }
        case .conferenceRecordingRequested(let fact):
            conference(fact.conferenceId) { $0.involvement.recordingRequests.append((record, fact)) }
        case .conferenceRecordingDecided(let fact):
            conference(fact.conferenceId) { $0.involvement.recordingDecisions.append((record, fact)) }
        case .conferenceRecordIssued(let fact):
            conference(fact.conferenceId) { $0.involvement.recordsIssued.append((record, fact)) }
        case .letterSent(let fact):
            if fact.kind == "exclusion" { exclusionLetters.append((record, fact)) }
        default: break
        }
    }

    private mutating func chair(_ id: String?, of conference: String) {
        guard let id else { return }
        self.conference(conference) { $0.involvement.chairs.insert(id) }
    }
}

extension History.Conference {
    /// When it began; `nil` where it was not held.
    var start: Moment? {
        guard let held else { return nil }
        if let startsAt = held.facts.startsAt { return startsAt }
        if let booked = booking?.startsAt, booked.order <= held.facts.heldAt.order { return booked }
        return held.facts.heldAt
    }

    /// What is known of the part that someone played or was to play.
    func role(of person: String) -> String? {
        for participant in (held?.facts.attendees ?? []) + invitees where participant.personId == person {
            if let role = participant.role { return role }
        }
        return involvement.apologies.first { $0.facts.personId == person && $0.facts.role != nil }?.facts.role
    }

    func attended(_ person: String) -> Bool {
        held?.facts.attendees.contains { $0.personId == person } ?? false
    }
}

extension Moment {
    /// Whether it certainly came before, or certainly did not; `nil` where a bare date leaves both open.
    func precedes(_ other: Moment) -> Bool? {
        if latest < other.earliest { return true }
        return earliest >= other.latest ? false : nil
    }
}

extension Docket {
    /// Demands that something was done before the meeting began.
    mutating func requireBefore(
        start: Moment?, _ done: Moment?, _ rule: String, _ subject: Subject, events: [String], _ message: String
    ) {
        guard let done, let start else { return require(rule, subject, events: events, message) }
        switch done.precedes(start) {
        case true: return
        case false: require(rule, subject, events: events, message)
        case nil:
            require(
                rule, subject, events: events,
                "cannot be judged: no time of day says whether it was before the conference began")
        }
    }
}
