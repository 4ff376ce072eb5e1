import AuditLog
import Foundation
import Postgres
import TestSupport
import Testing
import Workers

/// Who may see what of the audit log, and who saw what of a child's record.
@Suite struct AuditAccessTests {
    /// An event of London's, about children K-1 and K-2.
    static func event(
        _ id: String, _ type: String, _ data: String, authority: String = "E09000002", subject: String = "C-1",
        more: String = ""
    ) -> String {
        """
        {"specversion":"1.0","id":"\(id)","source":"urn:test:\(authority)","type":"quorate.\(type).v1",\
        "subject":"\(subject)","time":"2026-03-03T00:00:00Z","authority":"\(authority)"\(more),\
        "datacontenttype":"application/json","data":{\(data)}}
        """
    }

    static let history = [
        event(
            "held", "conference.held",
            #""conferenceId":"CF","conferenceType":"review","childIds":["K-1","K-2"],"heldAt":"2026-03-02T10:00:00Z""#),
        event("dissent", "dissent.recorded", #""conferenceId":"CF","recordedAt":"2026-03-02T12:00:00Z""#),
        event(
            "asked", "enquiry.received",
            #""enquiryId":"Q-1","childId":"K-1","enquirer":"hospital","purpose":"check","receivedAt":"2026-03-03T09:00:00Z""#
        ),
        event(
            "asked-of-other", "enquiry.received",
            #""enquiryId":"Q-2","childId":"K-2","enquirer":"school","receivedAt":"2026-03-03T09:10:00Z""#),
        event(
            "told", "information.provided",
            #""enquiryId":"Q-1","providedAt":"2026-03-03T09:30:00Z","providedBy":"P-14""#),
        event(
            "disclosed", "conference.record_disclosed",
            #""conferenceId":"CF","toParty":"court","basis":"court_order","disclosedAt":"2026-03-03T10:00:00Z""#),
    ]

    @Test func whoSawAChildsRecordIsShown() async throws {
        try await TestSystem.with { system in
            try system.start()
            try system.publish(Self.history)
            try system.waitUntilCaughtUp()
            let first = try system.quorate("audit", "who-saw", "--child", "K-1").output
            #expect(first.contains(/enquiry\.received\.v1 +enquirer hospital, purpose check/))
            #expect(first.contains(/information\.provided\.v1 +providedBy P-14/))
            #expect(first.contains(/record_disclosed\.v1 +toParty court, basis court_order/))
            #expect(!first.contains("school"))
            #expect(first.contains("3 times, in E09000002/C-1, as far as it was recorded."))
            try system.waitUntilCaughtUp()
            let second = try system.quorate("audit", "who-saw", "--child", "K-1").output
            #expect(second.contains(/record\.viewed\.v1 +login postgres, act audit\.who-saw/))
            #expect(second.contains("4 times"))
            // What is read again is no second look.
            try system.waitUntilCaughtUp()
            try system.worker(.auditing).stop()
            for topic in ["case-events", "operator-events"] {
                try system.quorate("offsets", "reset", "--worker", "auditing", "--topic", topic)
            }
            try system.worker(.auditing).launch()
            try system.waitUntilCaughtUp()
            let third = try system.quorate("audit", "who-saw", "--child", "K-1").output
            #expect(third.contains("5 times"), "\(third)")
            try system.quorate("audit", "who-saw", "--child", "K-9", exits: 2)

            // A child who is on record and of whom nothing is due yet.
            try system.publish([
                Self.event("born", "child.registered", #""childId":"K-7","dateOfBirth":"2020-05-01""#, subject: "C-7")
            ])
            try system.waitUntilCaughtUp()
            let nobody = try system.quorate("audit", "who-saw", "--child", "K-7").output
            #expect(nobody.contains("0 times, in E09000002/C-7, as far as it was recorded."))
        }
    }

    @Test func theTrailIsSeenByAuthorityAndWithoutContent() async throws {
        try await TestSystem.with(.init(partitions: 2)) { system in
            try system.start([.auditing])
            try system.publish(Self.history)
            try system.publish([
                Self.event("other", "child.registered", #""childId":"K-5""#, authority: "E06000030", subject: "S-1")
            ])
            try system.waitUntilCaughtUp()
            let owner = try system.connection
            try owner.script("ALTER ROLE quorate_analyst PASSWORD 'analyst'")
            let analyst = try Connection(
                system.cluster.postgres.url(user: "quorate_analyst", password: "analyst", database: system.database),
                applicationName: "analyst")
            func seen() throws -> [String] {
                try analyst.execute("SELECT event_id FROM analysis.audit_trail ORDER BY event_id").map { $0.string(0) }
            }
            #expect(try seen().isEmpty)
            try owner.script("INSERT INTO configuration.analyst_grant VALUES ('quorate_analyst', 'E06000030')")
            #expect(try seen() == ["other"])
            try owner.script("UPDATE configuration.analyst_grant SET authority = '*'")
            #expect(try seen().count == Self.history.count + 1)
            for table in ["entry", "log", "head", "checkpoint"] {
                #expect(throws: PostgresError.self) { try analyst.execute("SELECT 1 FROM auditing.\(raw: table)") }
            }
            // Not even who owns the views may read what is sealed.
            #expect(throws: PostgresError.self) {
                try owner.transaction { transaction in
                    try transaction.script("SET LOCAL ROLE quorate_views")
                    try transaction.execute("SELECT sealed FROM auditing.entry")
                }
            }
        }
    }
}
