import CaseEvents
import Mustache
import Postgres
import StatutoryRules
import Workers

/// Fills the templates. Subjects name no child; bodies name the case by its reference.
enum Rendering {
    private static let notice = template(PackageResources.notice_mustache)
    private static let list = template(PackageResources.list_mustache)

    private static func template(_ bytes: [UInt8]) -> MustacheTemplate {
        do {
            return try MustacheTemplate(string: String(decoding: bytes, as: UTF8.self))
        } catch {
            fatalError("a template in the package does not parse: \(error)")
        }
    }

    static func mail(_ row: Row, from: String) throws -> Mail {
        if let list = row.stringOrNil("list") { return try mail(row, list: JSONValue(list), from: from) }
        let body = try JSONValue(row.string("body"))
        let duty = body["deadline"]
        let name = DutyName.text(duty?["duty"]?.string)
        let what = headline(row.string("template"), name)
        let due = duty?["due"]?.string.flatMap { Moment($0) }
        let values: [String: Any] = [
            "headline": what, "duty": name, "case": row.stringOrNil("subject") ?? "",
            "due": due?.readable ?? "no date yet",
            "actBy": duty?["actBy"]?.string.flatMap { Moment($0) }?.readable ?? "",
            "rule": body["rule"]?.string ?? "", "dutyRule": duty?["rule"]?.string ?? "",
            "citation": duty?["citation"]?.string ?? "", "level": body["level"]?.int ?? 1,
            "role": row.string("recipient_role").replacing("_", with: " "),
            "isLate": body["state"]?.string == "late_booking",
        ]
        return Mail(
            id: row.uuid("message_id").description, intendedAt: row.timestamp("intended_at").instant, from: from,
            to: row.string("address"), subject: subject(what, body),
            body: notice.render(values), html: nil, attachments: [])
    }

    private static func mail(_ row: Row, list body: JSONValue, from: String) throws -> Mail {
        let kind = body["kind"]?.string ?? "list"
        let title = body["title"]?.string ?? kind
        let values: [String: Any] = [
            "title": title, "period": body["period"]?.string ?? "", "rowCount": body["rowCount"]?.int ?? 0,
            "asAt": body["asAt"]?.string.flatMap { Moment($0) }?.readable ?? "",
        ]
        let file = "\(kind)-\(body["period"]?.string ?? "list").csv"
        return Mail(
            id: row.uuid("message_id").description, intendedAt: row.timestamp("intended_at").instant, from: from,
            to: row.string("address"), subject: "\(title), \(body["period"]?.string ?? "")", body: list.render(values),
            html: body["html"]?.string,
            attachments: body["csv"]?.string.map { [Mail.Attachment(name: file, type: "text/csv", text: $0)] } ?? [])
    }

    /// Swindon's e-mails that ask for reports carry a fixed title (004, item 14).
    private static func subject(_ what: String, _ body: JSONValue) -> String {
        let asksForReport = body["deadline"]?["duty"]?.string == Duty.socialWorkerReport.rawValue
        return body["policy"]?.string == "swindon" && asksForReport ? "URGENT CLA/CP: \(what)" : what
    }

    private static func headline(_ template: String, _ duty: String) -> String {
        switch template {
        case "deadline_at_risk": "At risk: \(duty)"
        case "deadline_missed": "Overdue: \(duty)"
        case "report_due_reminder": "Reminder: \(duty)"
        case "letter_due_reminder": "Reminder: \(duty)"
        case "review_due": "Coming up: \(duty)"
        default: "Notice: \(duty)"
        }
    }
}

/// Duties in words that people use.
enum DutyName {
    static func text(_ raw: String?) -> String {
        switch raw.flatMap(Duty.init) {
        case .initialConference: "initial child protection conference"
        case .transferInConference: "transfer-in conference"
        case .receivingConference: "receiving authority's conference"
        case .emergencyOrderConference: "conference before the emergency order runs out"
        case .firstReview: "first child protection review"
        case .laterReview: "child protection review"
        case .firstLookedAfterReview: "first looked-after review"
        case .secondLookedAfterReview: "second looked-after review"
        case .laterLookedAfterReview: "looked-after review"
        case .socialWorkerReport: "social worker's report"
        case .decisionLetterParents: "decision letter to parents"
        case .decisionLetterAll: "decision letter and outline plan"
        case .conferenceRecord: "conference record"
        case nil: "duty"
        }
    }
}
