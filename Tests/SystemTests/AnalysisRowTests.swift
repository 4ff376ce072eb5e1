import Foundation
import Postgres
import StatutoryRules
import TestSupport
import Testing
import Workers

/// What the views say of one row: of a past day, of a row that changed, and of a case that waits for repair.
@Suite struct AnalysisRowTests {
    private static let swindon = "E06000030"

    /// An enquiry of 7 January 2026 with a conference and a plan on the 27th, which ended on 11 May; a time in care from 10 February
    /// to 10 March. Each list is of the six months that end on a day, and knows nothing that came after it.
    @Test func annexAOfAPastDayKnowsNothingLater() async throws {
        try await TestSystem.with { system in
            var events = ListEvents(Self.swindon, "A", from: Day("2026-01-07")!)
            func day(_ text: String) -> Day { Day(text)! }
            events.add("child.registered", on: events.start, #""childId":"K-1","dateOfBirth":"2016-01-20""#)
            events.add(
                "s47_enquiry.started", on: events.start,
                #""enquiryId":"EN","childIds":["K-1"],"startedAt":"2026-01-07T09:00:00Z""#)
            events.add(
                "conference.requested", on: events.start,
                #""conferenceId":"CF","conferenceType":"initial","childIds":["K-1"],"requestedAt":"2026-01-07","enquiryId":"EN""#
            )
            events.hold(
                "CF", "initial", on: day("2026-01-27"), ["K-1"], #","decisions":[{"childId":"K-1","decision":"plan"}]"#)
            events.plan("P-1", "K-1", from: day("2026-01-27"))
            events.add(
                "plan.ended", on: day("2026-05-11"),
                #""planId":"P-1","childId":"K-1","endedOn":"2026-05-11","groundCode":"no_continuing_risk","route":"conference","conferenceId":"R-1","evidence":"As minuted.""#
            )
            events.hold(
                "R-1", "review", on: day("2026-05-11"), ["K-1"], #","decisions":[{"childId":"K-1","decision":"end"}]"#)
            events.add(
                "child.became_looked_after", on: day("2026-02-10"),
                #""childId":"K-1","startedOn":"2026-02-10","legalBasis":"s20""#)
            events.add("child.looked_after_ended", on: day("2026-03-10"), #""childId":"K-1","endedOn":"2026-03-10""#)
            try system.connection.script("INSERT INTO configuration.analyst_grant SELECT session_user, 'E06000030'")
            try system.start([.scheduling, .reporting])
            try system.publish(events.lines)
            try system.waitUntilCaughtUp()
            func list(_ columns: String, _ number: Int, _ ending: String) throws -> [String] {
                try system.strings(
                    "SELECT concat_ws(' ', \(raw: columns)) FROM analysis.annex_a_list_\(raw: "\(number)")(\(ending)::text::date)"
                )
            }
            // The enquiry's own six months end before 7 July, the conference's before the 27th.
            let enquiry = "age, section_47_start, icpc_date, icpc_resulted_in_plan, icpc_in_12_months"
            #expect(try list(enquiry, 5, "2026-01-06") == [])
            #expect(try list(enquiry, 5, "2026-01-19") == ["9 2026-01-07 0"])
            #expect(try list(enquiry, 5, "2026-01-27") == ["10 2026-01-07 2026-01-27 Y 1"])
            #expect(try list(enquiry, 5, "2026-07-26") == ["10 2026-01-07 2026-01-27 Y 1"])
            #expect(try list(enquiry, 5, "2026-07-27") == [])
            let plan = "plan_start, plan_end, latest_review"
            #expect(try list(plan, 7, "2026-01-26") == [])
            #expect(try list(plan, 7, "2026-05-10") == ["2026-01-27"])
            #expect(try list(plan, 7, "2026-05-11") == ["2026-01-27 2026-05-11 2026-05-11"])
            #expect(try list(plan, 7, "2026-11-10") == ["2026-01-27 2026-05-11 2026-05-11"])
            #expect(try list(plan, 7, "2026-11-11") == [])
            let care = "looked_after_start, looked_after_end, on_plan"
            #expect(try list(care, 8, "2026-02-09") == [])
            #expect(try list(care, 8, "2026-03-09") == ["2026-02-10 Y"])
            #expect(try list(care, 8, "2026-05-11") == ["2026-02-10 2026-03-10 N"])
            #expect(try list(care, 8, "2026-09-10") == [])
        }
    }

    /// Who copies the views takes what changed since: what is said of one case moves it there, and of no other case.
    @Test func changedAtMovesWithTheRow() async throws {
        try await TestSystem.with { system in
            try system.connection.script("INSERT INTO configuration.analyst_grant SELECT session_user, 'E06000030'")
            try system.start([.scheduling, .reporting])
            func told(_ subject: String) -> ListEvents {
                var events = ListEvents(Self.swindon, subject, from: Day("2026-01-07")!)
                events.add(
                    "strategy_discussion.held", on: events.start,
                    #""discussionId":"SD","childIds":["K-1"],"heldAt":"2026-01-07T09:00:00Z","initiatedS47":true"#)
                events.add("child.registered", on: events.start, #""childId":"K-1","dateOfBirth":"2016-01-20""#)
                return events
            }
            var first = told("A")
            try system.publish(first.lines + told("B").lines)
            try system.waitUntilCaughtUp()
            func changed(after instant: String) throws -> [String] {
                try ["duty", "child"].flatMap { view in
                    try system.strings(
                        """
                        SELECT DISTINCT \(view) || ' ' || case_reference FROM analysis.\(identifier: view)
                         WHERE changed_at > \(instant)::text::timestamptz ORDER BY 1
                        """)
                }
            }
            let before = try system.strings("SELECT clock_timestamp()::text")[0]
            #expect(try changed(after: before) == [])
            first.hold("CF", "initial", on: Day("2026-01-27")!, ["K-1"])
            try system.publish([first.lines.last!])
            try system.waitUntilCaughtUp()
            #expect(try changed(after: before) == ["duty A", "child A"])
        }
    }

    /// An event of C-LATE that nobody can read: the view names the case, and its page warns whoever looks at it.
    @Test func aCaseThatWaitsForRepairIsNamed() async throws {
        try await BoardTests.served { system, origin in
            try system.connection.script("INSERT INTO configuration.analyst_grant SELECT session_user, 'E06000030'")
            #expect(try system.strings("SELECT case_reference FROM analysis.quarantined_case") == [])
            func page(_ reference: String) throws -> String {
                try system.run(
                    [
                        "--silent", "--show-error", "--location", "--cookie-jar", "\(system.folder)/jar", "--cookie",
                        "\(system.folder)/jar", "\(origin)/authorities/\(Self.swindon)/case?reference=\(reference)",
                    ], program: "curl"
                ).output
            }
            let link = try BoardTests.link(system, origin)
            _ = try system.run(["--silent", "--cookie-jar", "\(system.folder)/jar", link], program: "curl")
            let warning = "An event of this case awaits repair"
            let sound = try page("C-LATE")
            #expect(sound.contains("Case C-LATE") && !sound.contains(warning))
            var bad = ListEvents(Self.swindon, "C-LATE", from: Day("2026-01-07")!)
            for _ in 1...200 { bad.add("conference.danced", on: bad.start, #""conferenceId":"CF-1""#) }
            try system.publish(Array(bad.lines.suffix(2)))
            try system.waitUntilCaughtUp()
            let named = try system.strings(
                "SELECT concat_ws(' ', authority, case_reference, events, array_length(codes, 1)) FROM analysis.quarantined_case"
            )
            #expect(named == ["E06000030 C-LATE 2 1"])
            #expect(try page("C-LATE").contains(warning))
            let other = try page("C-HELD")
            #expect(other.contains("Case C-HELD") && !other.contains(warning))
        }
    }

    /// Without a setting there is no board: the worker listens for its health alone.
    @Test func theBoardIsOffUntilItIsAskedFor() async throws {
        try await TestSystem.with { system in
            try system.start([.reporting])
            let worker = system.worker(.reporting)
            let health = try worker.healthPort()
            #expect(try listening(try #require(worker.process?.processId)) == [health])
        }
        try await BoardTests.served { system, origin in
            let board = try #require(origin.split(separator: ":").last.flatMap { UInt16($0) })
            let worker = system.worker(.reporting)
            let ports = try [board, worker.healthPort()].sorted()
            #expect(try listening(try #require(worker.process?.processId)) == ports)
        }
    }
}

/// The ports on which a process listens, in order.
private func listening(_ process: Int32) throws -> [UInt16] {
    let folder = "/proc/\(process)/fd"
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    let sockets = Set(
        files.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)") })
    var ports: Set<UInt16> = []
    for table in ["tcp", "tcp6"] {
        let rows = try String(contentsOfFile: "/proc/\(process)/net/\(table)", encoding: .utf8).split(separator: "\n")
        for cells in rows.dropFirst().map({ $0.split(separator: " ") }) where cells[3] == "0A" {
            if sockets.contains("socket:[\(cells[9])]"), let port = cells[1].split(separator: ":").last {
                ports.insert(UInt16(port, radix: 16)!)
            }
        }
    }
    return ports.sorted()
}
