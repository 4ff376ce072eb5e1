import CaseEvents
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

    /// It goes out on its own at once, whatever its reader chose: an alert, an invitation, or a statutory date that was missed.
    public var isUrgent: Bool {
        if kind == .urgent || kind == .invitation { return true }
        let isMiss = ["deadline_missed", "review_overdue", "breach_alert"].contains(template)
        return isMiss && duty?["provenance"]?.string == Provenance.statutory.rawValue
    }

    /// It is a letter: never part of a digest, and owed after the case was closed too.
    public var isLetter: Bool { kind == .letter || kind == .draft }
    /// It could distress: a person releases it.
    public var isDraft: Bool { kind == .draft }
    /// It carries an invitation for the calendar, or a change of one.
    public var isForCalendar: Bool {
        [
            "conference_invitation", "cla_invitation_consultation", "meeting_changed", "invitation_withdrawn",
            "meeting_for_calendar",
        ].contains(template)
    }
    private var kind: NoticeText.Kind { Templates.packaged.kind(of: template) ?? .notice }

    /// Late first, then what falls due next; undated last.
    static func byUrgency(_ left: Item, _ right: Item) -> Bool { left.rank < right.rank }

    private var rank: (Int, Instant, String) {
        let isLate =
            ["deadline_missed", "review_overdue", "breach_alert"].contains(template) || template.hasSuffix("escalation")
        return (isLate ? 0 : 1, due?.latest ?? Instant(microseconds: .max), id)
    }

    private var duty: JSONValue? { body["deadline"] }
    private var due: Moment? { duty?["due"]?.string.flatMap { Moment($0) } }

    /// SWI-14: e-mails that ask for reports or invite lists carry a fixed title (004, item 14).
    var isSwindonRequest: Bool {
        let duty = duty?["duty"]?.string.flatMap(Duty.init)
        return body["policy"]?.string == "swindon" && Notice.asksForReportOrList(template: template, duty: duty)
    }

    func values(for reader: Reader, _ templates: Templates) -> Values {
        var values = Values(reader, templates)
        let text = templates.message(template, for: reader) ?? .unknown
        let dutyName = DutyName.text(duty?["duty"]?.string)
        values.set("headline", text.headline.with(dutyName))
        values.set("action", text.action.with(dutyName))
        values.set("duty", dutyName)
        values.set("case", subject)
        values.set("due", due?.readable)
        values.set("actBy", duty?["actBy"]?.string.flatMap { Moment($0) }?.readable)
        values.set("rule", body["rule"]?.string)
        values.set("dutyRule", duty?["rule"]?.string)
        values.set("citation", duty?["citation"]?.string)
        values.set("level", body["level"]?.int ?? 1)
        values.set("role", role.spaced)
        values.set("isLate", body["state"]?.string == "late_booking")
        values.set("reference", id)
        return values
    }
}

/// A list as it is published: its rows for a spreadsheet, for reading, and as a workbook.
public struct ListFiles: Sendable {
    let csv: String
    let html: String
    let xlsx: [UInt8]?

    public init(csv: String, html: String, xlsx: [UInt8]?) {
        self.csv = csv
        self.html = html
        self.xlsx = xlsx
    }
}

/// Where a message goes and by which name it is known.
public struct Envelopment: Sendable {
    public let id: String
    public let dated: Instant
    /// Of what it is about: the same whenever it is written.
    public let occasion: Instant
    public let from: String
    /// An address of that way.
    public let to: String
    public let way: Way

    public init(id: String, dated: Instant, occasion: Instant, from: String, to: String, way: Way = .email) {
        self.id = id
        self.dated = dated
        self.occasion = occasion
        self.from = from
        self.to = to
        self.way = way
    }

    func mail(
        _ subject: String, _ page: Page, html: String? = nil, _ files: [Mail.Attachment] = [],
        calendar: Mail.Calendar? = nil
    ) -> Mail {
        Mail(
            self, subject: subject, body: page.plain, html: html ?? page.html, attachments: files, calendar: calendar)
    }
}

/// Fills the templates. Subjects name no child; of a case they name nothing.
public struct Rendering: Sendable {
    public let templates: Templates

    public init(_ templates: Templates = .packaged) { self.templates = templates }

    /// Those outside who are written to get a letter that says what was decided; what is asked of staff is never said to them.
    public func mail(_ item: Item, for reader: Reader, _ envelope: Envelopment) -> Mail {
        var reader = reader
        reader.policy = item.body["policy"]?.string ?? reader.policy
        let isLetter = reader.getsLetters && templates.page(item.template, for: reader) != nil
        let name = isLetter ? item.template : reader.isFamily ? "family" : "notice"
        // All of a message is in one language: that of its text.
        reader.language = templates.page(name, for: reader)?.language ?? Templates.english
        var values = item.values(for: reader, templates)
        if isLetter {
            values.set("date", values.day(London.day(of: envelope.dated)))
            values.setFacts()
        }
        let page = page(name, values, reader)
        // Whoever sees a family's inbox learns nothing from it.
        let discreet = reader.isFamily ? templates.word("family.subject", for: reader) : nil
        let subject = isLetter ? page.title : urgent(page.title, item.isSwindonRequest)
        let calendar = isLetter ? calendar(item, reader, values, envelope) : nil
        return envelope.mail(discreet ?? subject, page, calendar: calendar)
    }

    private func page(_ name: String, _ values: Values, _ reader: Reader) -> Page {
        let template = templates.page(name, for: reader)
        return Page(template?.text.render(values.all) ?? "", language: template?.language ?? Templates.english)
    }

    /// A calendar may be open to others: to a family it says that there is a meeting, to others of what kind.
    private func calendar(
        _ item: Item, _ reader: Reader, _ values: Values, _ envelope: Envelopment
    ) -> Mail.Calendar? {
        guard item.isForCalendar, let id = reader.conferenceId, let meeting = reader.facts.meetings[id],
            !meeting.isCancelled || reader.sequence > 0, let told = meeting.told
        else { return nil }
        let kind = values.all["meeting"] as? String ?? ""
        let summary = reader.isFamily ? templates.word("calendar.family", for: reader) : nil
        let invitation = meeting.invitation(
            id, in: reader.authority, sequence: reader.sequence, envelope,
            summary: summary ?? kind.prefix(1).uppercased() + kind.dropFirst(),
            place: values.all["meetingPlace"] as? String)
        return invitation.map {
            Mail.Calendar(
                method: $0.method.rawValue, text: $0.text, meeting: id, sequence: reader.sequence, told: told)
        }
    }

    /// - Parameter files: The list as it is kept; without them as the event tells it.
    public func mail(
        list body: JSONValue, files: ListFiles? = nil, for reader: Reader, _ envelope: Envelopment
    ) -> Mail {
        let kind = body["kind"]?.string ?? "list"
        let period = body["period"]?.string ?? ""
        var values = Values(reader, templates)
        values.set("title", body["title"]?.string ?? kind)
        values.set("period", period)
        values.set("rowCount", body["rowCount"]?.int ?? 0)
        values.set("asAt", body["asAt"]?.string.flatMap { Moment($0) }?.readable)
        values.set("hasWorkbook", files?.xlsx != nil)
        let page = page("list", values, reader)
        let name = "\(kind)-\(period.isEmpty ? "list" : period.replacing(" ", with: "-"))"
        var attached: [Mail.Attachment] = []
        if let csv = files?.csv ?? body["csv"]?.string {
            attached.append(
                Mail.Attachment(name: name + ".csv", type: "text/csv; charset=UTF-8", bytes: Array(csv.utf8)))
        }
        if let xlsx = files?.xlsx {
            let type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            attached.append(Mail.Attachment(name: name + ".xlsx", type: type, bytes: xlsx))
        }
        return envelope.mail(page.title, page, html: files?.html ?? body["html"]?.string, attached)
    }

    /// Everything that was kept for one person, what is late first.
    public func mail(digest items: [Item], for reader: Reader, _ envelope: Envelopment) -> Mail {
        let items = items.sorted(by: Item.byUrgency)
        var values = Values(reader, templates)
        values.set("count", items.count)
        values.set("isOne", items.count == 1)
        values.set(
            "items",
            items.enumerated().map { place, item in
                item.values(for: reader, templates).all.merging(["number": place + 1]) { $1 }
            })
        let subject = items.count == 1 ? "1 thing to do" : "\(items.count) things to do"
        return envelope.mail(
            urgent(subject, items.contains(where: \.isSwindonRequest)), page("digest", values, reader))
    }

    private func urgent(_ subject: String, _ isSwindonRequest: Bool) -> String {
        isSwindonRequest ? "URGENT CLA/CP: \(subject)" : subject
    }
}
