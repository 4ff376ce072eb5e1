/// What the facts of a case amount to under a configuration at an instant.
public struct Assessment: Sendable {
    /// The policy's name; empty where the authority is unknown.
    public var policy: String
    /// By due, rule, subject.
    public var deadlines: [Deadline]
    /// By rule, subject.
    public var findings: [Finding]
    /// By rule, subject.
    public var notices: [Notice]
    /// By child, plan.
    public var plans: [PlanStatus]
    /// By id.
    public var conferences: [ConferenceStatus]
    /// The first instant after `asOf` at which anything here may change; `nil` where only a new event can change it.
    public var nextChange: Instant?

    /// The object of `evaluate.md`, one line, keys sorted.
    public func json(authority: String, subject: String, asOf: Instant) -> String {
        jsonObject { json in
            json.key("asOf")
            json.value(asOf.description)
            json.key("authority")
            json.value(authority)
            json.key("case")
            json.value(subject)
            json.key("conferences")
            json.embed(all: conferences.lazy.map(\.json))
            json.key("deadlines")
            json.embed(all: deadlines.lazy.map(\.json))
            json.key("findings")
            json.embed(all: findings.lazy.map(\.json))
            json.key("notices")
            json.embed(all: notices.lazy.map(\.json))
            json.key("plans")
            json.embed(all: plans.lazy.map(\.json))
            json.key("policy")
            json.value(policy)
        }
    }
}

/// Something in the facts that is wrong, short or missing.
public struct Finding: Sendable, Hashable {
    public internal(set) var authority: String
    public internal(set) var file: String
    public internal(set) var rule: String
    public internal(set) var severity: Severity
    public internal(set) var subject: Subject
    /// Ids of the events that show it, sorted.
    public internal(set) var events: [String]
    public internal(set) var message: String
    /// The id of the event that is kept as a fact and has no effect: a decision that the row forbids.
    public internal(set) var refuses: String?

    public var id: NameUUID {
        NameUUID(
            parts: [
                "finding", authority, file, rule, subject.childId ?? "", subject.conferenceId ?? "",
                subject.planId ?? "", message,
            ] + events)
    }

    public var json: String { jsonObject(write) }

    /// Tells the row from its former self.
    public var digest: UInt64 { rowDigest(write) }

    private func write(to json: inout some RowText) {
        json.key("events")
        json.values(events)
        json.key("message")
        json.value(message)
        json.key("rule")
        json.value(rule)
        json.key("severity")
        json.value(severity.rawValue)
        json.key("subject")
        subject.write(to: &json)
    }
}

/// Rulebook, C3.
public struct PlanStatus: Sendable, Hashable {
    public internal(set) var childId: String
    public internal(set) var planId: String
    /// `active_unborn`, `active_initial`, `active`, `ended`.
    public internal(set) var state: String
    public internal(set) var category: String?
    /// When the state was entered.
    public internal(set) var since: Day
    /// `category` is the main concern when the plan began and stays (LON-9.5b); this is the one that it has now.
    public internal(set) var currentCategory: String?
    /// Of an active plan, sorted: `dual`, `moving`, `whereabouts_unknown`, `in_proceedings`, `inquorate_followup`,
    /// `complaint_open`, `over_18m`, `over_24m`.
    public internal(set) var flags: [String] = []

    public var json: String {
        jsonObject { json in
            json.key("category")
            json.value(category)
            json.key("childId")
            json.value(childId)
            json.key("planId")
            json.value(planId)
            json.key("since")
            json.value(since.description)
            json.key("state")
            json.value(state)
        }
    }
}

/// Rulebook, C2.
public struct ConferenceStatus: Sendable, Hashable {
    public internal(set) var conferenceId: String
    /// `requested`, `declined`, `convened`, `scheduled`, `adjourned`, `cancelled`, `held`, `decision_issued`,
    /// `record_issued`.
    public internal(set) var state: String
    /// `nil` where no rule has judged it.
    public internal(set) var quorum: String?
    /// Of the booking in force.
    public internal(set) var startsAt: Moment?
    public internal(set) var conferenceType: ConferenceType?
    public internal(set) var childIds: [String]
    /// Of one that was held: whether a social worker came (CAN-1.4); `nil` where nobody's attendance is recorded.
    public internal(set) var socialWorkerAttended: Bool?

    public var json: String {
        jsonObject { json in
            json.key("conferenceId")
            json.value(conferenceId)
            json.key("quorum")
            json.value(quorum)
            json.key("state")
            json.value(state)
        }
    }
}
