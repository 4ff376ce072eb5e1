public enum NoticeState: String, Sendable, Hashable, CaseIterable {
    case planned, due
    case lateBooking = "late_booking"
    case suppressed, withdrawn
    case beforeLive = "before_live"
}

/// Something to be said to roles; who holds them is found when it is sent.
public struct Notice: Sendable {
    /// Which duty, or which event, it is about.
    let about: About
    let recipients: Recipients
    public let template: String
    /// 1 for the first of a ladder.
    public let level: Int
    public let dueAt: Instant
    public let state: NoticeState
    /// The date worked towards: the same date is never said twice, and a new date is said.
    let towards: Due

    /// What all notices of one duty share, once: there are several to every duty.
    final class About: Sendable {
        let authority: String
        let file: String
        let subject: Subject
        let rule: String
        /// `nil` where it is about an event that sets no deadline.
        let duty: Duty?
        let occasion: String

        init(_ row: Deadline) {
            authority = row.authority
            file = row.file
            subject = row.subject
            rule = row.rule
            duty = row.duty
            occasion = row.occasion
        }

        init(authority: String, file: String, subject: Subject, rule: String, occasion: String) {
            self.authority = authority
            self.file = file
            self.subject = subject
            self.rule = rule
            duty = nil
            self.occasion = occasion
        }
    }

    public var authority: String { about.authority }
    /// The case reference.
    public var file: String { about.file }
    public var subject: Subject { about.subject }
    /// The row that asks for it.
    public var rule: String { recipients.rule ?? about.rule }
    /// Role keys of the rulebook's section B.
    public var to: [String] { recipients.to }
    public var cc: [String] { recipients.cc }

    public var deadlineId: NameUUID? {
        about.duty.map { duty in
            DutyKey(rule: about.rule, duty: duty, occasion: about.occasion)
                .id(authority: authority, file: file, subject: subject)
        }
    }

    public var id: NameUUID {
        NameUUID(parts: [
            "notice", authority, file, rule, template, subject.childId ?? "", subject.conferenceId ?? "",
            subject.planId ?? "", about.rule, about.duty?.rawValue ?? "", about.occasion, towards.description,
            String(level),
        ])
    }

    public var json: String {
        jsonObject { json in
            json.key("cc")
            json.values(cc)
            json.key("dueAt")
            json.value(dueAt.description)
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
}

extension Notice: Hashable {
    public static func == (left: Notice, right: Notice) -> Bool {
        left.about.authority == right.about.authority && left.about.file == right.about.file
            && left.subject == right.subject && left.about.duty == right.about.duty
            && left.about.rule == right.about.rule && left.about.occasion == right.about.occasion
            && left.rule == right.rule
            && left.to == right.to && left.cc == right.cc && left.template == right.template
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
