public enum NoticeState: String, Sendable, Hashable, CaseIterable {
    case planned, due
    case lateBooking = "late_booking"
    case suppressed, withdrawn
    case beforeLive = "before_live"
}

/// Something to be said to roles; who holds them is found when it is sent.
public struct Notice: Sendable {
    let matter: Matter
    /// The row whose date it is about: the duty's, or its own.
    let dutyRule: String
    /// The row that asks for it.
    public let rule: String
    let recipients: Recipients
    /// The role that owes the act, told beside the policy's own.
    let actor: String?
    /// The one person of its roles whom it is for; `nil` where it is for all who hold them.
    public let person: String?
    public let template: String
    /// 1 for the first of a ladder.
    public let level: Int
    public let dueAt: Instant
    public let state: NoticeState
    /// The date worked towards: the same date is never said twice, and a new date is said.
    let towards: Due

    public var authority: String { matter.authority }
    /// The case reference.
    public var file: String { matter.file }
    public var subject: Subject { matter.subject }
    /// Role keys of the rulebook's section B.
    public var to: [String] {
        guard let actor, !recipients.to.contains(actor) else { return recipients.to }
        return [actor] + recipients.to
    }
    public var cc: [String] { recipients.cc }

    public var deadlineId: NameUUID? {
        matter.duty.map { duty in
            DutyKey(rule: dutyRule, duty: duty, occasion: matter.occasion)
                .id(authority: authority, file: file, subject: subject)
        }
    }

    public var id: NameUUID {
        NameUUID(parts: [
            "notice", authority, file, rule, template, subject.childId ?? "", subject.conferenceId ?? "",
            subject.planId ?? "", dutyRule, matter.duty?.rawValue ?? "", matter.occasion, towards.description,
            String(level),
        ])
    }

    public var json: String { jsonObject(write) }

    /// Tells the row from its former self.
    public var digest: UInt64 { rowDigest(write) }

    private func write(to json: inout some RowText) {
        json.key("cc")
        json.values(cc)
        json.key("dueAt")
        json.value(dueAt)
        json.key("level")
        json.value(level)
        json.key("rule")
        json.value(rule)
        json.key("state")
        json.value(state.rawValue)
        json.key("subject")
        subject.write(to: &json)
        json.key("template")
        json.value(template)
        json.key("to")
        json.values(to)
    }
}

extension Notice: Hashable {
    public static func == (left: Notice, right: Notice) -> Bool {
        left.matter == right.matter && left.dutyRule == right.dutyRule && left.rule == right.rule
            && left.to == right.to && left.cc == right.cc && left.person == right.person
            && left.template == right.template
            && left.level == right.level
            && left.dueAt == right.dueAt && left.state == right.state && left.towards == right.towards
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(rule)
        hasher.combine(subject)
        hasher.combine(dueAt)
        hasher.combine(state)
    }
}
