import CaseEvents
import StatutoryRules
import Workers

/// The events that one assessment publishes to `case-outcomes`.
struct Outcomes {
    let row: Ledger.CaseRow
    let assessment: Assessment
    let asOf: Instant
    let cause: String?
    private var events: [(type: String, about: String, data: String)] = []

    init(row: Ledger.CaseRow, assessment: Assessment, asOf: Instant, cause: String?) {
        self.row = row
        self.assessment = assessment
        self.asOf = asOf
        self.cause = cause
    }

    /// A duty that is new or changed: one event, named by what it now is, with the whole row. Returns the change's name
    /// for the history.
    mutating func deadline(_ deadline: Deadline, _ id: NameUUID, _ body: String, was old: DeadlineState?) -> String {
        // What had passed when it was first known is left out of the timeliness rates (LON-1.16a).
        let reason = deadline.isKnownLate ? "\"reason\":\"known_late\"," : ""
        let data = """
            {"deadlineId":"\(id)","policy":\(JSONValue.quoted(assessment.policy)),\(reason)\(body.dropFirst())
            """
        // A date that moved closes one version of the row and opens the next, whatever the state.
        let isMove = old == deadline.state
        let name =
            switch deadline.state {
            case _ where isMove: "set"
            case .pending, .undated: "set"
            case .atRisk: "at_risk"
            case .met, .metLate: "met"
            case .missed: "missed"
            case .superseded: "superseded"
            case .withdrawn: "withdrawn"
            }
        events.append(("deadline.\(name)", id.description, data))
        return isMove ? "moved" : name == "set" && old != nil ? "reopened" : name
    }

    mutating func deadlineVanished(_ id: NameUUID, was: DeadlineState) {
        events.append(
            ("deadline.withdrawn", id.description, "{\"deadlineId\":\"\(id)\",\"cause\":\"correction\"}"))
    }

    mutating func finding(_ finding: Finding) {
        let refuses = finding.refuses.map { ",\"refuses\":\(JSONValue.quoted($0))" } ?? ""
        let recorded = "\(refuses),\"recordedAt\":\"\(asOf)\""
        events.append(
            (
                "finding.recorded", finding.id.description,
                "{\"findingId\":\"\(finding.id)\"\(recorded),\(finding.json.dropFirst())"
            ))
        guard let refused = finding.refuses else { return }
        let what = "\"event\":\(JSONValue.quoted(refused)),\"rule\":\(JSONValue.quoted(finding.rule))"
        let why = "\"reasons\":[\(JSONValue.quoted(finding.message))],\"refusedAt\":\"\(asOf)\""
        events.append(("event.refused", finding.id.description, "{\(what),\(why)}"))
    }

    mutating func findingCleared(_ id: NameUUID) {
        events.append(
            (
                "finding.cleared", id.description,
                "{\"findingId\":\"\(id)\",\"cause\":\"facts\",\"clearedAt\":\"\(asOf)\"}"
            ))
    }

    /// Said when it falls due, and taken back when what was said no longer holds. Never said before.
    mutating func notice(_ notice: Notice, was old: NoticeState?) {
        let id = notice.id.description
        if notice.state.isSaid {
            guard old?.isSaid != true else { return }
            events.append(("notice.due", id, assessment.data(of: notice)))
        } else if old?.isSaid == true {
            events.append(("notice.withdrawn", id, "{\"noticeId\":\"\(id)\",\"cause\":\"\(notice.state.rawValue)\"}"))
        }
    }

    mutating func noticeVanished(_ id: NameUUID, was: NoticeState) {
        guard was.isSaid else { return }
        events.append(("notice.withdrawn", id.description, "{\"noticeId\":\"\(id)\",\"cause\":\"correction\"}"))
    }

    func publish(revision: Int64, to effects: inout Effects) {
        for event in events {
            // The same change of the same case has the same id, however often it is worked out.
            let id = NameUUID(name: "\(row.key.authority)/\(row.key.subject)/\(revision)/\(event.type)/\(event.about)")
            effects.publish(
                OutgoingEvent(
                    id: id.description, source: WorkerName.scheduling.source, type: "quorate.\(event.type).v1",
                    subject: row.key.subject, authority: row.key.authority, time: asOf, causationid: cause,
                    caserevision: revision, data: event.data), to: .caseOutcomes, from: row.partition)
        }
    }
}

extension NoticeState {
    /// Whether people have been told, or are being told.
    var isSaid: Bool { self == .due || self == .lateBooking }
}
