import CaseEvents
import StatutoryRules

/// What letters may say of one case, by the words that stand. What no event said is not here, and is not said.
public struct CaseFacts: Sendable {
    struct Decision {
        let childId: String
        /// `plan`, `no_plan`, `continue`, `end`, `not_decided`.
        let decision: String
        let category: String?
    }

    public struct Meeting: Sendable {
        var type: String?
        public var startsAt: Moment?
        var endsAt: Moment?
        /// A place in words, or a code such as `remote`.
        var place: String?
        public var isCancelled = false
        var heldAt: Moment?
        var decisions: [Decision] = []
        var recommendations: [String] = []
        var nextReviewOn: Day?
        /// Who was excluded beforehand, wholly or in part.
        var excluded: [String: String] = [:]
    }

    struct Plan {
        var childIds: [String] = []
        var startedOn: Day?
        var category: String?
        var endedOn: Day?
        var ground: String?
    }

    public private(set) var meetings: [String: Meeting] = [:]
    private(set) var plans: [String: Plan] = [:]
    /// What a child is called.
    private(set) var names: [String: String] = [:]
    private(set) var deaths: [String: Day] = [:]
    /// Of children who were last confirmed to be abroad, when.
    private(set) var abroad: [String: Day] = [:]

    /// Takes up a word; the newest of a meeting come first.
    mutating func take(_ kind: DirectoryWord.Kind, _ id: String, _ childIds: [String], _ body: JSONValue) {
        func moment(_ name: String) -> Moment? { body[name]?.string.flatMap { Moment($0) } }
        switch kind {
        case .child: names[id] = body["displayName"]?.string
        case .death: deaths[id] = moment("dateOfDeath")?.day
        case .location: if body["abroad"]?.bool == true { abroad[id] = moment("confirmedAt")?.day }
        case .meeting: meetings[id, default: Meeting()].book(body, moment("startsAt"), moment("endsAt"))
        case .moved: meetings[id, default: Meeting()].move(to: moment("newStartsAt"))
        case .cancelled:
            // A meeting that was booked anew is on.
            if meetings[id]?.startsAt == nil { meetings[id, default: Meeting()].isCancelled = true }
        case .held: meetings[id, default: Meeting()].hold(body, moment("heldAt"), moment("nextReviewDate")?.day)
        case .nextDate: meetings[id, default: Meeting()].nextReviewOn = moment("nextOn")?.day
        case .exclusion:
            guard ExclusionDecided.excludes(body["decision"]?.string), let slash = id.lastIndex(of: "/") else { return }
            meetings[String(id[..<slash]), default: Meeting()].excluded[String(id[id.index(after: slash)...])] =
                body["scope"]?.string ?? ""
        case .plan:
            plans[id, default: Plan()].childIds = childIds
            plans[id]!.startedOn = moment("startedOn")?.day
            plans[id]!.category = body["category"]?.string
        case .planEnd:
            plans[id, default: Plan()].endedOn = moment("endedOn")?.day
            plans[id]!.ground = body["groundCode"]?.string
            if plans[id]!.childIds.isEmpty { plans[id]!.childIds = childIds }
        case .person, .team, .roleMailbox, .allocation, .familyMember, .chair, .deputy, .invited, .invitees, .caseState,
            .acknowledgement:
            return
        }
    }
}

extension CaseFacts {
    /// Of a meeting that concerns somebody no longer: that it is off for them, as it was last told them. What it is by now is
    /// not for them to know.
    mutating func withdraw(_ id: String, told: String) {
        let parts = told.split(separator: "|", omittingEmptySubsequences: false).prefix(2).map { Moment(String($0)) }
        var meeting = Meeting()
        meeting.type = meetings[id]?.type
        (meeting.startsAt, meeting.endsAt) = (parts[0], parts.count > 1 ? parts[1] : nil)
        meeting.isCancelled = true
        meetings[id] = meeting
    }
}

extension CaseFacts.Meeting {
    /// How long a meeting lasts of which nobody has said when it ends: so many minutes stand in the calendar.
    static let usualMinutes = 120

    mutating func book(_ body: JSONValue, _ start: Moment?, _ end: Moment?) {
        type = type ?? body["conferenceType"]?.string
        place = place ?? body["venueOrMode"]?.string
        // A newer word has moved it: the end was of the old time.
        if startsAt == nil { (startsAt, endsAt) = (start, end) }
    }

    mutating func move(to start: Moment?) { if startsAt == nil { startsAt = start } }

    mutating func hold(_ body: JSONValue, _ at: Moment?, _ next: Day?) {
        type = body["conferenceType"]?.string ?? type
        heldAt = at
        nextReviewOn = nextReviewOn ?? next
        decisions = (body["decisions"]?.elements.map { $0 } ?? []).compactMap { item in
            guard let child = item["childId"]?.string, let decision = item["decision"]?.string else { return nil }
            return CaseFacts.Decision(childId: child, decision: decision, category: item["category"]?.string)
        }
        recommendations = (body["recommendations"]?.elements.map { $0 } ?? []).compactMap(\.string)
    }
}
