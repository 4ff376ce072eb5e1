/// What an event of one kind must put on record: most of the rulebook's record-keeping and data rows.
struct Requirement: Sendable {
    /// Which meetings it is about (rulebook, section 0, "Which conferences").
    enum Scope: Sendable {
        /// Whatever the event is about.
        case every
        /// Child protection conferences: `combined` included, `cla_review` not.
        case conferences
        case initialKinds, reviews, lookedAfterReviews

        func covers(_ type: ConferenceType?) -> Bool {
            switch self {
            case .every: true
            case .conferences: type != nil && type != .lookedAfterReview
            case .initialKinds: type?.isInitial ?? false
            case .reviews: type?.isReview ?? false
            case .lookedAfterReviews: type?.isLookedAfterReview ?? false
            }
        }
    }

    /// The rulebook's id.
    let rule: String
    let event: EventType
    let scope: Scope
    /// Every one of them.
    let needs: Details
    /// What is missing, for people.
    let message: String

    init(
        _ rule: String, _ event: EventType, _ scope: Scope = .every, needs: Details, _ message: String
    ) {
        self.rule = rule
        self.event = event
        self.scope = scope
        self.needs = needs
        self.message = message
    }
}

/// An event that stands and has happened.
struct Occurrence: Sendable {
    let type: EventType
    let subject: Subject
    let record: Record
}

extension Docket {
    /// Judges each event that has happened by what its kind must put on record.
    mutating func requirements() {
        for place in history.occurrences.indices {
            let details = history.occurrences[place].record.details
            if details.holdUnknownWord {
                let occurrence = history.occurrences[place]
                find(
                    "A", .should, occurrence.subject, events: [occurrence.record.event],
                    "the event holds a word that is none of its code list, so that rules may pass it over")
            }
            for requirement in Requirement.byType[history.occurrences[place].type.ordinal]
            where !details.contains(all: requirement.needs) {
                let occurrence = history.occurrences[place]
                let type = occurrence.subject.conferenceId.flatMap(history.conference).flatMap {
                    history.conferences[$0].type
                }
                guard requirement.scope.covers(type) else { continue }
                require(requirement.rule, occurrence.subject, events: [occurrence.record.event], requirement.message)
            }
        }
    }

    /// Enters a finding for what a row demands and the facts do not show, where the row is in force.
    mutating func require(_ rule: String, _ subject: Subject, events: [String], _ message: String) {
        guard let severity = policy.adoption.severity(of: rule) else { return }
        find(rule, severity, subject, events: events, message)
    }

    /// The same from an instant on; until then only what is missing asks to be looked at again.
    mutating func require(
        _ rule: String, from instant: Instant, _ subject: Subject, events: [String], _ message: String
    ) {
        guard isInForce(rule) else { return }
        if asOf >= instant {
            require(rule, subject, events: events, message)
        } else {
            mayChange(at: instant)
        }
    }

    /// The same for a decision that the row forbids: the event is kept, and has no effect.
    mutating func refuse(_ rule: String, _ subject: Subject, event: String, _ message: String) {
        guard let severity = policy.adoption.severity(of: rule) else { return }
        find(rule, severity, subject, events: [event], message, refuses: event)
    }

    /// Whether the row is the policy's own or the statute's: only then may it refuse a decision.
    func mayRefuse(_ rule: String) -> Bool {
        guard policy.adoption.severity(of: rule) != nil else { return false }
        return policy.adoption.provenance(of: rule) != .borrowed
    }

    func isInForce(_ rule: String) -> Bool { policy.adoption.severity(of: rule) != nil }
}

extension Requirement {
    /// By the ordinal of the event's type.
    static let byType: [[Requirement]] = {
        var byType: [[Requirement]] = Array(repeating: [], count: EventType.allCases.count)
        for requirement in all { byType[requirement.event.ordinal].append(requirement) }
        return byType
    }()

    /// The families' lists: each stands beside the rules that it belongs to.
    static let all: [Requirement] =
        convening + meetingPreparation + progressMeetings + participation + observersAndRecording + exclusion
        + decisions
        + letters + dissents + access + plans + coreGroups
}
