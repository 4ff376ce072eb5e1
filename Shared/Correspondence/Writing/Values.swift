import CaseEvents
import StatutoryRules

/// The values that texts may name. What is not known is absent, so that a text can say something else.
struct Values {
    private(set) var all: [String: Any] = [:]

    /// Every name that a text may use; `.` stands for an element of a list.
    static let names: Set<String> = [
        // Of the message and its reader.
        "date", "reference", "case", "role", "rule", "name", "toParent", "toChild", "toFamily", "toAgency", "toLawyer",
        "toObserver", "worker", "workerEmail", "hasWorker",
        // Of the children.
        "child", "children", "isOneChild", "died",
        // Of a meeting.
        "meeting", "meetingOn", "meetingAt", "meetingPlace", "isCancelled", "heldOn", "decisions", "text",
        "hasDecisions",
        "isPlanMade",
        "isNoPlan", "recommendations", "hasRecommendations", "nextReviewOn", "isPartlyExcluded",
        // Of a plan.
        "planStartedOn", "planEndedOn", "planGround", "abroadOn",
        // Of a notice, a digest and a list.
        "headline", "action", "duty", "due", "actBy", "dutyRule", "citation", "level", "isLate", "count", "isOne",
        "items",
        "number", "title", "period", "rowCount", "asAt", "hasWorkbook",
    ]

    /// Those that may stand in a heading: it becomes a subject, in which no child is named.
    static let namesOfHeadings: Set<String> = [
        "headline", "count", "isOne", "title", "period", "meeting", "isCancelled",
    ]

    let templates: Templates
    let reader: Reader

    init(_ reader: Reader, _ templates: Templates) {
        self.reader = reader
        self.templates = templates
    }

    /// Free text stays on its line, and makes no heading or bullet of its own.
    mutating func set(_ name: String, _ value: String?) {
        guard let value else { return }
        let isOne = value.utf8.allSatisfy { $0 >= 32 }
        let line = isOne ? value : value.split { $0.utf8.contains { $0 < 32 } }.joined(separator: " ")
        all[name] = line.isEmpty ? nil : line
    }

    mutating func set(_ name: String, _ value: Bool) { all[name] = value }
    mutating func set(_ name: String, _ value: Int) { all[name] = value }
    mutating func set(_ name: String, _ values: [[String: Any]]) { all[name] = values }

    func word(_ key: String) -> String? { templates.word(key, for: reader) }

    // MARK: Dates

    func day(_ day: Day) -> String {
        let weekday = word("weekday.\(day.weekday.rawValue + 1)") ?? ""
        return "\(weekday) \(day.dayOfMonth) \(word("month.\(day.month)") ?? "") \(day.year)"
    }

    /// As GOV.UK writes it: 10am, 2:30pm.
    private func time(_ instant: Instant) -> String {
        let clock = London.clock(at: instant)
        let minutes = clock.minute == 0 ? "" : ":\(clock.minute < 10 ? "0" : "")\(clock.minute)"
        let hour = clock.hour % 12 == 0 ? 12 : clock.hour % 12
        return "\(hour)\(minutes)\(word(clock.hour < 12 ? "time.am" : "time.pm") ?? "")"
    }

    // MARK: The facts of a letter

    mutating func setFacts() {
        set("name", reader.name)
        set("toParent", reader.role == "parent_carer")
        set("toChild", reader.role == "child")
        set("toFamily", reader.isFamily)
        set("toLawyer", reader.role == "child_legal_representative")
        set("toObserver", reader.role == "observer" || reader.role == "supporter")
        set("toAgency", !reader.isFamily)
        set("worker", reader.worker?.name)
        set("workerEmail", reader.worker?.email)
        set("hasWorker", reader.worker?.name != nil)
        setChildren()
        if let id = reader.conferenceId { setMeeting(reader.facts.meetings[id] ?? CaseFacts.Meeting()) }
        setPlan()
    }

    private mutating func setChildren() {
        let ids = reader.childIds
        set("isOneChild", ids.count == 1)
        set("child", ids.count == 1 ? label(ids[0]) : several(ids))
        set("children", ids.map { ["text": label($0)] })
        set("died", ids.compactMap { reader.facts.deaths[$0] }.first.map { day($0) })
        set("abroadOn", ids.compactMap { reader.facts.abroad[$0] }.first.map { day($0) })
    }

    /// By their names, where all are known.
    private func several(_ ids: [String]) -> String? {
        let names = ids.compactMap { reader.facts.names[$0] }
        guard let last = names.last, names.count == ids.count else {
            return word("child.several.\(reader.role == "parent_carer" ? "family" : "agency")")
        }
        return names.dropLast().joined(separator: ", ") + (word("list.and") ?? ", ") + last
    }

    /// What this reader calls a child: never a name that the case does not give.
    private func label(_ id: String) -> String {
        if reader.role == "child", reader.childIds.count == 1 { return word("child.self") ?? id }
        if let name = reader.facts.names[id] { return name }
        let isOne = reader.childIds.count == 1
        let key = "child.\(isOne ? "one" : "other").\(reader.isFamily ? "family" : "agency")"
        return (word(key) ?? "{id}").replacing("{id}", with: id)
    }

    private mutating func setMeeting(_ meeting: CaseFacts.Meeting) {
        set("meeting", meeting.type.flatMap { word("meeting.\($0)") } ?? word("meeting.unknown"))
        if let start = meeting.startsAt {
            set("meetingOn", day(start.day))
            if case .instant(let instant) = start { set("meetingAt", time(instant)) }
        }
        set("meetingPlace", meeting.place.map { word("place.\($0)") ?? $0 })
        set("isCancelled", meeting.isCancelled)
        set("heldOn", meeting.heldAt.map { day($0.day) })
        set("nextReviewOn", meeting.nextReviewOn.map { day($0) })
        set("isPartlyExcluded", meeting.excluded[reader.id].map { $0 == "part" || $0 == "partial" } ?? false)
        let decisions = meeting.decisions.filter { reader.childIds.isEmpty || reader.childIds.contains($0.childId) }
        set("decisions", decisions.map { ["text": sentence($0)] })
        set("hasDecisions", !decisions.isEmpty)
        set("isPlanMade", decisions.contains { $0.decision == "plan" || $0.decision == "continue" })
        set("isNoPlan", !decisions.isEmpty && decisions.allSatisfy { $0.decision == "no_plan" })
        // They are of the whole meeting: nobody reads what may be about another's child.
        let recommendations = reader.isConcernedWithAll ? meeting.recommendations : []
        set(
            "recommendations",
            recommendations.map { ["text": $0.split(whereSeparator: \.isNewline).joined(separator: " ")] })
        set("hasRecommendations", !recommendations.isEmpty)
    }

    private func sentence(_ decision: CaseFacts.Decision) -> String {
        let what = word("decision.\(decision.decision)") ?? word("decision.unknown") ?? ""
        let category = decision.category.flatMap { word("category.\($0)") }
        let why =
            ["plan", "continue"].contains(decision.decision)
            ? category.flatMap { name in word("decision.category")?.replacing("{category}", with: name) } : nil
        let child = label(decision.childId)
        return child.prefix(1).uppercased() + child.dropFirst() + ": " + what + (why.map { " " + $0 } ?? "")
    }

    private mutating func setPlan() {
        let ofChildren = reader.facts.plans.values.filter { $0.childIds.contains(where: reader.childIds.contains) }
        guard
            let plan = reader.planId.flatMap({ reader.facts.plans[$0] })
                ?? (ofChildren.count == 1 ? ofChildren[0] : nil)
        else { return }
        set("planStartedOn", plan.startedOn.map { day($0) })
        set("planEndedOn", plan.endedOn.map { day($0) })
        set("planGround", plan.ground.flatMap { word("ground.\($0)") })
    }
}
