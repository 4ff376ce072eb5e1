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
        let text = NoticeText(row.string("template"), duty: name)
        let due = duty?["due"]?.string.flatMap { Moment($0) }
        let values: [String: Any] = [
            "headline": text.headline, "action": text.action, "duty": name, "case": row.stringOrNil("subject") ?? "",
            "due": due?.readable ?? "",
            "actBy": duty?["actBy"]?.string.flatMap { Moment($0) }?.readable ?? "",
            "rule": body["rule"]?.string ?? "", "dutyRule": duty?["rule"]?.string ?? "",
            "citation": duty?["citation"]?.string ?? "", "level": body["level"]?.int ?? 1,
            "role": row.string("recipient_role").replacing("_", with: " "),
            "isLate": body["state"]?.string == "late_booking",
        ]
        return Mail(
            id: row.uuid("message_id").description, intendedAt: row.timestamp("intended_at").instant, from: from,
            to: row.string("address"), subject: subject(text.headline, body),
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

    /// SWI-14: e-mails that ask for reports or invite lists carry a fixed title (004, item 14).
    private static func subject(_ what: String, _ body: JSONValue) -> String {
        let duty = body["deadline"]?["duty"]?.string.flatMap(Duty.init)
        let isRequest = Notice.asksForReportOrList(template: body["template"]?.string ?? "", duty: duty)
        return body["policy"]?.string == "swindon" && isRequest ? "URGENT CLA/CP: \(what)" : what
    }
}

/// What a notice says at its head, and what it asks for: one line a template of `messages.tsv`.
struct NoticeText {
    let headline: String
    let action: String

    init(_ template: String, duty: String) {
        guard let text = NoticeText.all[template] else {
            // A template of a newer release than this worker: said plainly, never lost.
            self.init(headline: "Notice: \(duty)", action: "See the case system.")
            return
        }
        self.init(headline: text.headline.replacing("{duty}", with: duty), action: text.action)
    }

    private init(headline: String, action: String) {
        self.headline = headline
        self.action = action
    }

    private static let all: [String: NoticeText] = {
        let lines = String(decoding: PackageResources.messages_tsv, as: UTF8.self).split(separator: "\n").dropFirst()
        var all: [String: NoticeText] = [:]
        for line in lines {
            let cells = line.split(separator: "\t").map(String.init)
            guard cells.count == 3 else { fatalError("messages.tsv: not a template: \(line)") }
            all[cells[0]] = NoticeText(headline: cells[1], action: cells[2])
        }
        return all
    }()
}

/// Duties in words that people use.
enum DutyName {
    static func text(_ raw: String?) -> String {
        switch raw.flatMap(Duty.init) {
        case nil: "duty"
        case .initialConference: "initial child protection conference"
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
        case let duty?: duty.rawValue.replacing("_", with: " ")
        }
    }
}
