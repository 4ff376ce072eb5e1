import AuditLog
import Foundation
import Kafka
import Postgres
import StatutoryRules
import TestSupport
import Testing
import Workers

/// Who may see what of the audit log, who saw what of a child's record, and what a case's record shows.
@Suite struct AuditAccessTests {
    /// An event of London's, about children K-1 and K-2.
    private static func event(
        _ id: String, _ type: String, _ data: String, authority: String = "E09000002", subject: String = "C-1",
        more: String = ""
    ) -> String {
        """
        {"specversion":"1.0","id":"\(id)","source":"urn:test:\(authority)","type":"quorate.\(type).v1",\
        "subject":"\(subject)","time":"2026-03-03T00:00:00Z","authority":"\(authority)"\(more),\
        "datacontenttype":"application/json","data":{\(data)}}
        """
    }

    private static let history = [
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

    @Test func aRecordShowsWhatWasRecordedWhenByWhomAndWhatIsMissing() async throws {
        try await TestSystem.with { system in
            try system.start([.scheduling, .auditing])
            try system.publish(Self.history)
            try system.waitUntilCaughtUp()
            let record = try system.quorate("audit", "record", "--case", "E09000002/C-1", "--rule", "LON-11.1a").output
            #expect(record.contains("LON-11.1a: "))
            #expect(
                record.contains(
                    /recorded +\S+Z dissent\.recorded dissent \(case-events\/\d+\/\d+\): none of agency, decisionRef, reasons, recordIncludesDissent; names no role/
                ))
            #expect(record.contains(/missing +\S+Z .+ \(case-outcomes\/\d+\/\d+, on dissent\)/))
            #expect(record.contains("1 of 1 record-keeping rows"))
            let all = try system.quorate("audit", "record", "--case", "E09000002/C-1", "--all").output
            #expect(all.contains("65 of 65 record-keeping rows"))
            for row in Rulebook.rows where row.kind == .record { #expect(all.contains("\(row.id): "), "\(row.id)") }

            // The dissent is told in full: the finding is cleared, and what it rested on stays.
            try system.publish([
                Self.event(
                    "dissent-2", "dissent.recorded",
                    #""conferenceId":"CF","recordedAt":"2026-03-02T12:00:00Z","agency":"health","decisionRef":"D","reasons":"R""#,
                    more: #","supersedes":"dissent""#)
            ])
            try system.waitUntilCaughtUp()
            let evidence = try system.quorate("audit", "evidence", "--case", "E09000002/C-1", "--rule", "LON-11.1a")
                .output
            #expect(evidence.contains(/rests on +\S+Z dissent\.recorded dissent \(case-events\/\d+\/\d+\)/))
            #expect(evidence.contains(/cleared +\S+Z \(case-outcomes\/\d+\/\d+\)/))
            #expect(evidence.contains("3 findings, 0 of them open."))
            let place = try #require(evidence.firstMatch(of: /cleared .*\((\S+)\)/)?.output.1)
            try system.waitForCheckpoint()
            try system.quorate("audit", "prove", String(place))
            try system.quorate("audit", "record", "--case", "E09000002/C-1", "--rule", "LON-1.7", exits: 2)
        }
    }

    /// From a case that recorded all that any event may say: each of the 65 rows shows where each of its fields was recorded.
    @Test func everyRecordKeepingRowIsShown() async throws {
        let lines = try CanaryTests.events()
        try await TestSystem.with(.init(partitions: 2)) { system in
            try system.start([.scheduling, .auditing])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            let shown = try system.quorate("audit", "record", "--case", "E09000002/C-1").lines
            #expect(shown.last?.contains("65 of 65 record-keeping rows") == true, "\(shown.last ?? "")")
            var fields: [Substring: Set<String>] = [:]
            var rule: Substring = ""
            for line in shown.dropLast() {
                guard line.hasPrefix("  ") else {
                    rule = line.prefix { $0 != ":" }
                    continue
                }
                guard let told = line.firstMatch(of: /^  recorded +\S+Z \S+ \S+ \(case-events\/\d+\/\d+\): ([^;]+);/)
                else {
                    continue
                }
                fields[rule, default: []].formUnion(told.output.1.split(separator: ", ").map(String.init))
            }
            let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("Services/Quorate/Rules/record-keeping.tsv")
            let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst().map {
                $0.split(separator: "\t", omittingEmptySubsequences: false)
            }
            #expect(rows.map { String($0[0]) } == Rulebook.rows.filter { $0.kind == .record }.map(\.id))
            for row in rows {
                #expect(fields[row[0]] == Set(row[3].split(separator: ",").map(String.init)), "\(row[0])")
            }
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
