import CaseEvents
import Foundation
import StatutoryRules
import TestSupport
import Testing
import Workers

/// The days on which lists were last to be published.
enum ListDays {
    private static func now() throws -> Instant {
        Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }

    static func monday(hour: Int = 6) throws -> Day {
        let today = London.day(of: try now())
        let monday = today.adding(days: -today.weekday.rawValue)
        return try now() < London.instant(on: monday, hour: hour) ? monday.adding(days: -7) : monday
    }

    static func first() throws -> Day {
        let today = London.day(of: try now())
        let first = today.adding(days: 1 - today.dayOfMonth)
        return try now() < London.instant(on: first, hour: 6) ? first.adding(months: -1) : first
    }
}

/// The events of one case for the tests of lists.
struct ListEvents {
    let authority, subject: String
    /// When bookings were made.
    let start: Day
    private(set) var lines: [String] = []

    init(_ authority: String, _ subject: String, from start: Day) {
        self.authority = authority
        self.subject = subject
        self.start = start
    }

    /// Ten o'clock in London.
    static func ten(_ day: Day) -> String { London.instant(on: day, hour: 10).description }

    @discardableResult
    mutating func add(_ type: String, on day: Day, _ data: String) -> String {
        // Of one length, since ids order what is recorded in the same instant.
        let id = "\(subject)-\(100 + lines.count)"
        lines.append(
            """
            {"specversion":"1.0","id":"\(id)","source":"urn:test:\(authority)","type":"quorate.\(type).v1",\
            "subject":"\(subject)","time":"\(ListEvents.ten(day))","authority":"\(authority)",\
            "datacontenttype":"application/json","data":{\(data)}}
            """)
        return id
    }

    mutating func book(_ id: String, _ type: String, for day: Day, child: String = "K-1") {
        add(
            "conference.scheduled", on: start,
            #""conferenceId":"\#(id)","conferenceType":"\#(type)","childIds":["\#(child)"],"startsAt":"\#(ListEvents.ten(day))","dateSetAt":"\#(ListEvents.ten(start))""#
        )
    }

    mutating func hold(_ id: String, _ type: String, on day: Day, _ children: [String], _ more: String = "") {
        let list = children.map { #""\#($0)""# }.joined(separator: ",")
        add(
            "conference.held", on: day,
            #""conferenceId":"\#(id)","conferenceType":"\#(type)","childIds":[\#(list)],"heldAt":"\#(ListEvents.ten(day))"\#(more)"#
        )
    }

    mutating func plan(_ id: String, _ child: String, from day: Day) {
        add(
            "plan.started", on: day,
            #""planId":"\#(id)","childId":"\#(child)","startedOn":"\#(day)","category":"neglect""#)
    }

    mutating func submitList(of conference: String, on day: Day) {
        add(
            "conference.invite_list_submitted", on: day,
            #""conferenceId":"\#(conference)","submittedAt":"\#(ListEvents.ten(day))","invitees":[{"personId":"P-1","role":"parent_carer"}]"#
        )
    }

    /// As both managers agreed (SWI-17a).
    mutating func cancel(_ conference: String, on day: Day) {
        let approvals = ["service_manager", "qa_service_manager"].map {
            #"{"personId":"\#($0)-1","role":"\#($0)","approvedAt":"\#(day)"}"#
        }
        let decision = add(
            "conference.postponement_decided", on: day,
            #""conferenceId":"\#(conference)","action":"cancel","agreed":true,"decidedAt":"\#(day)","approvals":[\#(approvals.joined(separator: ","))]"#
        )
        add(
            "conference.cancelled", on: day,
            #""conferenceId":"\#(conference)","cancelledAt":"\#(day)","decisionEventId":"\#(decision)""#)
    }

    /// The events are there before the workers: a list is kept as it is first drawn.
    static func draw(
        _ lines: [String], configuration: [String: String] = [:],
        _ check: @escaping @Sendable (TestSystem) throws -> Void
    ) async throws {
        try await TestSystem.with { system in
            if !configuration.isEmpty {
                for (name, text) in configuration { _ = try system.write("configuration/\(name)", text) }
                try system.quorate("migrate", "--configuration", "\(system.folder)/configuration")
            }
            try system.publish(lines)
            try system.start([.scheduling, .reporting])
            try wait("the lists") { try system.number("SELECT count(*) FROM reporting.published_list") > 0 }
            try system.waitUntilCaughtUp()
            #expect(try system.number("SELECT count(*) FROM scheduling.quarantine") == 0)
            try check(system)
        }
    }
}

extension TestSystem {
    /// The rows of a list as it was published, without its header.
    func list(_ kind: String, _ authority: String) throws -> [String] {
        let texts = try strings(
            "SELECT csv FROM reporting.published_list WHERE kind = \(kind) AND authority = \(authority)")
        let text = try #require(texts.first, "no list \(kind)")
        #expect(texts.count == 1, "\(kind) more than once")
        return text.components(separatedBy: "\r\n").dropFirst().filter { !$0.isEmpty }
    }
}
