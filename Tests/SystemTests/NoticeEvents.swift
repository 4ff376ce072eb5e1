import CaseEvents
import Foundation
import TestSupport
import Workers

/// Events for a system in which notifications alone runs: its directory, its cases, and what scheduling would say.
struct NoticeEvents {
    static let authority = "E06000030"
    private(set) var lines: [String] = []
    private var minute = 0

    /// Each a minute later than the one before.
    private mutating func add(
        _ type: String, _ subject: String, _ data: String, authority: String, _ more: String = ""
    ) -> String {
        minute += 1
        let id = "e-\(lines.count + 1)"
        let time = String(format: "2026-01-05T%02d:%02d:00Z", 9 + minute / 60, minute % 60)
        lines.append(
            """
            {"specversion":"1.0","id":"\(id)","source":"urn:lcs:\(authority)","type":"quorate.\(type).v1",\
            "subject":"\(subject)","time":"\(time)","authority":"\(authority)"\(more),"data":\(data)}
            """)
        return id
    }

    @discardableResult
    mutating func person(
        _ id: String, _ roles: String..., manager: String? = nil, email: String? = "", more: String = "",
        authority: String = authority
    ) -> String {
        let address = email.map { $0.isEmpty ? "\(id.lowercased())@\(authority.lowercased()).example" : $0 }
        return add(
            "person.recorded", id,
            """
            {"personId":"\(id)","roles":[\(roles.map { "\"\($0)\"" }.joined(separator: ","))]\
            \(address.map { ",\"email\":\"\($0)\"" } ?? "")\(manager.map { ",\"managerId\":\"\($0)\"" } ?? "")\(more)}
            """, authority: authority)
    }

    mutating func mailbox(_ role: String, authority: String = authority) {
        _ = add(
            "role_mailbox.recorded", role,
            "{\"role\":\"\(role)\",\"email\":\"\(role)@\(authority.lowercased()).example\"}",
            authority: authority)
    }

    @discardableResult
    mutating func allocate(
        _ person: String, to child: String, case subject: String, from: String = "2026-01-05T09:00:00Z",
        more: String = "", authority: String = authority
    ) -> String {
        add(
            "allocation.changed", subject,
            """
            {"childId":"\(child)","role":"social_worker","toPersonId":"\(person)","effectiveAt":"\(from)"}
            """, authority: authority, more)
    }

    mutating func chair(_ person: String, of meeting: String, case subject: String) {
        _ = add(
            "conference.chair_assigned", subject,
            "{\"conferenceId\":\"\(meeting)\",\"chairId\":\"\(person)\",\"assignedAt\":\"2026-01-05T09:00:00Z\"}",
            authority: Self.authority)
    }

    @discardableResult
    mutating func retract(_ id: String, _ type: String, case subject: String) -> String {
        add(type, subject, "{}", authority: Self.authority, ",\"retracts\":\"\(id)\"")
    }

    /// A word that replaces another.
    @discardableResult
    mutating func correct(_ id: String, person: String, role: String, email: String) -> String {
        add(
            "person.recorded", person, "{\"personId\":\"\(person)\",\"roles\":[\"\(role)\"],\"email\":\"\(email)\"}",
            authority: Self.authority, ",\"supersedes\":\"\(id)\"")
    }

    @discardableResult
    mutating func acknowledge(_ notice: String, by person: String, case subject: String) -> String {
        add(
            "escalation.acknowledged", subject,
            "{\"noticeId\":\"\(notice)\",\"personId\":\"\(person)\",\"acknowledgedAt\":\"2026-01-06T10:00:00Z\"}",
            authority: Self.authority)
    }

    mutating func family(_ id: String, _ child: String, case subject: String, _ more: String) {
        _ = add(
            "family_member.recorded", subject, "{\"personId\":\"\(id)\",\"childIds\":[\"\(child)\"]\(more)}",
            authority: Self.authority)
    }
}

extension TestSystem {
    /// What scheduling says of a notice, on `case-outcomes`. Its id.
    @discardableResult
    func say(
        _ template: String, to roles: [String], child: String = "K-1", case subject: String = "C-1",
        rule: String = "E38", authority: String = NoticeEvents.authority, dueAt: String = "2026-01-06T08:00:00Z",
        level: Int = 1, conference: String? = nil, revision: Int = 1, id: String = UUID().uuidString.lowercased(),
        withdrawn: Bool = false, about: String = "", more: String = ""
    ) throws -> String {
        let name = withdrawn ? "notice.withdrawn" : "notice.due"
        let to = roles.map { "\"\($0)\"" }.joined(separator: ",")
        let named = conference.map { "\"conferenceId\":\"\($0)\"" } ?? "\"childId\":\"\(child)\""
        let data = """
            {"noticeId":"\(id)","policy":"london","childIds":["\(child)"],"cc":[],"dueAt":"\(dueAt)","level":\(level),\
            "rule":"\(rule)","state":"due","subject":{\(named)\(about)},"template":"\(template)","to":[\(to)]\(more)}
            """
        let event = OutgoingEvent(
            id: "\(name)-\(id)-\(revision)", source: WorkerName.scheduling.source, type: "quorate.\(name).v1",
            subject: subject, authority: authority, time: .init("2026-01-06T08:00:00Z")!, caserevision: Int64(revision),
            data: data)
        try produceRaw(topic: .caseOutcomes, key: Array(event.key.utf8), value: Array(event.json.utf8))
        return id
    }

    /// Of one notice: `recipient as role state` of each message, in the order of the recipients.
    func told(of notice: String) throws -> [String] {
        try strings(
            """
            SELECT recipient_id || ' as ' || recipient_role || ' ' || state || coalesce(' ' || hold, '')
              FROM notifications.message WHERE notice_id = \(notice)::uuid ORDER BY recipient_id
            """)
    }
}
