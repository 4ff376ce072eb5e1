import CaseEvents
import Mustache
import StatutoryRules

/// One thing that is to be said to one person.
public struct Item: Sendable {
    /// Of the notice.
    public let id: String
    /// The case's reference.
    public let subject: String
    public let template: String
    /// The role in which the person is told.
    public let role: String
    /// What the notice said when it fell due.
    public let body: JSONValue

    public init(id: String, subject: String, template: String, role: String, body: JSONValue) {
        self.id = id
        self.subject = subject
        self.template = template
        self.role = role
        self.body = body
    }

    /// It goes out on its own at once, whatever its reader chose: an alert, or a statutory date that was missed.
    public var isUrgent: Bool {
        if text.kind == .urgent { return true }
        let isMiss = ["deadline_missed", "review_overdue", "breach_alert"].contains(template)
        return isMiss && duty?["provenance"]?.string == Provenance.statutory.rawValue
    }

    /// It is a letter: never part of a digest, and owed after the case was closed too.
    public var isLetter: Bool { text.kind == .letter || text.kind == .draft }
    var isForFamily: Bool { Addressees.family.contains(role) }
    /// It could distress: a person releases it.
    public var isDraft: Bool { text.kind == .draft }

    /// Late first, then what falls due next; undated last.
    static func byUrgency(_ left: Item, _ right: Item) -> Bool { left.rank < right.rank }

    private var rank: (Int, Instant, String) {
        let isLate =
            ["deadline_missed", "review_overdue", "breach_alert"].contains(template) || template.hasSuffix("escalation")
        return (isLate ? 0 : 1, due?.latest ?? Instant(microseconds: .max), id)
    }

    var duty: JSONValue? { body["deadline"] }
    var dutyName: String { DutyName.text(duty?["duty"]?.string) }
    var text: NoticeText { NoticeText(template, duty: dutyName) }
    var due: Moment? { duty?["due"]?.string.flatMap { Moment($0) } }

    /// SWI-14: e-mails that ask for reports or invite lists carry a fixed title (004, item 14).
    var isSwindonRequest: Bool {
        let duty = duty?["duty"]?.string.flatMap(Duty.init)
        return body["policy"]?.string == "swindon" && Notice.asksForReportOrList(template: template, duty: duty)
    }

    var values: [String: Any] {
        let text = text
        return [
            "headline": text.headline, "action": text.action, "duty": dutyName, "case": subject,
            "due": due?.readable ?? "",
            "actBy": duty?["actBy"]?.string.flatMap { Moment($0) }?.readable ?? "",
            "rule": body["rule"]?.string ?? "", "dutyRule": duty?["rule"]?.string ?? "",
            "citation": duty?["citation"]?.string ?? "", "level": body["level"]?.int ?? 1,
            "role": role.replacing("_", with: " "),
            "isLate": body["state"]?.string == "late_booking", "reference": id,
        ]
    }
}

/// Where a message goes and by which name it is known.
public struct Envelopment: Sendable {
    public let id: String
    public let dated: Instant
    /// Of what it is about: the same whenever it is written.
    public let occasion: Instant
    public let from: String
    public let to: String

    public init(id: String, dated: Instant, occasion: Instant, from: String, to: String) {
        self.id = id
        self.dated = dated
        self.occasion = occasion
        self.from = from
        self.to = to
    }

    func mail(_ subject: String, _ body: String, html: String? = nil, _ files: [Mail.Attachment] = []) -> Mail {
        Mail(
            id: id, dated: dated, occasion: occasion, from: from, to: to, subject: subject, body: body, html: html,
            attachments: files)
    }
}

/// Fills the templates. Subjects name no child; bodies name the case by its reference.
public enum Rendering {
    private static let notice = template(PackageResources.notice_mustache)
    private static let family = template(PackageResources.family_mustache)
    private static let digest = template(PackageResources.digest_mustache)
    private static let list = template(PackageResources.list_mustache)

    private static func template(_ bytes: [UInt8]) -> MustacheTemplate {
        do {
            return try MustacheTemplate(string: String(decoding: bytes, as: UTF8.self))
        } catch {
            fatalError("a template in the package does not parse: \(error)")
        }
    }

    /// What is asked of staff is never said to a family: they are told that there is something, and by whom they hear it.
    public static func mail(_ item: Item, _ envelope: Envelopment) -> Mail {
        if item.isForFamily {
            return envelope.mail("A message from children's social care", family.render(item.values))
        }
        return envelope.mail(urgent(item.text.headline, item.isSwindonRequest), notice.render(item.values))
    }

    public static func mail(list body: JSONValue, _ envelope: Envelopment) -> Mail {
        let kind = body["kind"]?.string ?? "list"
        let title = body["title"]?.string ?? kind
        let values: [String: Any] = [
            "title": title, "period": body["period"]?.string ?? "", "rowCount": body["rowCount"]?.int ?? 0,
            "asAt": body["asAt"]?.string.flatMap { Moment($0) }?.readable ?? "",
        ]
        let file = "\(kind)-\(body["period"]?.string ?? "list").csv"
        return envelope.mail(
            "\(title), \(body["period"]?.string ?? "")", list.render(values), html: body["html"]?.string,
            body["csv"]?.string.map { [Mail.Attachment(name: file, type: "text/csv", text: $0)] } ?? [])
    }

    /// Everything that was kept for one person, what is late first.
    public static func mail(digest items: [Item], _ envelope: Envelopment) -> Mail {
        let items = items.sorted(by: Item.byUrgency)
        let values: [String: Any] = [
            "count": items.count, "isOne": items.count == 1,
            "items": items.enumerated().map { $1.values.merging(["number": $0 + 1]) { $1 } },
        ]
        let subject = items.count == 1 ? "1 thing to do" : "\(items.count) things to do"
        return envelope.mail(urgent(subject, items.contains(where: \.isSwindonRequest)), digest.render(values))
    }

    private static func urgent(_ subject: String, _ isSwindonRequest: Bool) -> String {
        isSwindonRequest ? "URGENT CLA/CP: \(subject)" : subject
    }
}
