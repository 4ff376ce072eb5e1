import CaseEvents
import Foundation
import StatutoryRules
import TestSupport
import Testing
import Workers

/// What a case's record shows: of each record-keeping row what was recorded and what is missing, of each finding what it rests on.
@Suite struct AuditRecordTests {
    @Test func aRecordShowsWhatWasRecordedWhenByWhomAndWhatIsMissing() async throws {
        try await TestSystem.with { system in
            try system.start([.scheduling, .auditing])
            try system.publish(AuditAccessTests.history)
            try system.waitUntilCaughtUp()
            let record = try system.quorate("audit", "record", "--case", "E09000002/C-1", "--rule", "LON-11.1a").output
            #expect(record.contains(/LON-11\.1a: .+ \(conference chair\)/))
            #expect(
                record.contains(
                    /recorded +\S+Z dissent\.recorded dissent \(case-events\/\d+\/\d+\): without agency, decisionRef, reasons, recordIncludesDissent; names nobody who did/
                ))
            #expect(record.contains(/missing +\S+Z .+ \(case-outcomes\/\d+\/\d+, on dissent\)/))
            #expect(record.contains("1 of 1 record-keeping rows"))
            let all = try system.quorate("audit", "record", "--case", "E09000002/C-1", "--all").output
            #expect(all.contains("65 of 65 record-keeping rows"))
            for row in Rulebook.rows where row.kind == .record { #expect(all.contains("\(row.id): "), "\(row.id)") }

            // The dissent is told in full: the finding is cleared, and what it rested on stays.
            try system.publish([
                AuditAccessTests.event(
                    "dissent-2", "dissent.recorded",
                    #""conferenceId":"CF","recordedAt":"2026-03-02T12:00:00Z","agency":"health","decisionRef":"D","reasons":"R""#,
                    more: #","supersedes":"dissent""#)
            ])
            try system.waitUntilCaughtUp()
            let evidence = try system.quorate("audit", "evidence", "--case", "E09000002/C-1", "--rule", "LON-11.1a")
                .output
            #expect(evidence.contains(/rests on +\S+Z dissent\.recorded dissent \(case-events\/\d+\/\d+\)/))
            #expect(evidence.contains(/cleared +\S+Z \(case-outcomes\/\d+\/\d+\)/))
            #expect(evidence.contains(/by +\S+Z dissent\.recorded dissent-2 \(case-events\/\d+\/\d+\)/))
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
                guard
                    let told = line.firstMatch(
                        of: /^  recorded +\S+Z \S+ \S+ \(case-events\/\d+\/\d+\): ([^;]+); (?:by|names nobody)/)
                else {
                    continue
                }
                fields[rule, default: []].formUnion(told.output.1.split(separator: ", ").map(String.init))
            }
            let rows = try Self.rows()
            #expect(rows.map { String($0[0]) } == Rulebook.rows.filter { $0.kind == .record }.map(\.id))
            for row in rows {
                #expect(fields[row[0]] == Set(row[3].split(separator: ",").map(String.init)), "\(row[0])")
            }
        }
    }

    /// The cells of each record-keeping row: rule, events, others that may hold it, fields, role, who did.
    private static func rows() throws -> [[Substring]] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Services/Quorate/Rules/record-keeping.tsv")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst().map {
            $0.split(separator: "\t", omittingEmptySubsequences: false)
        }
    }

    /// From a case whose events say as little as they may: each row names whatever its events leave out, and who is to record it.
    @Test func whatAnEventLeavesOutIsNamedInEveryRow() async throws {
        let lines = try CanaryTests.events(empty: true)
        try await TestSystem.with(.init(partitions: 2)) { system in
            try system.start([.scheduling, .auditing])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            let shown = try system.quorate("audit", "record", "--case", "E09000002/C-1", "--all").lines
            var told: [Substring: [String]] = [:]
            var rule: Substring = ""
            for line in shown.dropLast() {
                if !line.hasPrefix("  ") { rule = line.prefix { $0 != ":" } }
                told[rule, default: []].append(line)
            }
            var data: [String: JSONValue] = [:]
            for line in lines {
                let event = try JSONValue(line)
                data[event["type"]?.string ?? ""] = event["data"]
            }
            for row in try Self.rows() {
                let lines = try #require(told[row[0]], "\(row[0])")
                #expect(lines[0].hasSuffix(" (\(row[4]))"), "\(lines[0])")
                for event in row[1].split(separator: ",") {
                    let given = try #require(data["quorate.\(event).v1"])
                    let known = try CanaryTests.schema("\(event)")["properties"] as? [String: Any] ?? [:]
                    let lacking = row[3].split(separator: ",").filter {
                        given[String($0)] == nil && known[String($0)] != nil
                    }
                    let line = try #require(lines.first { $0.contains(" \(event) canary-") }, "\(row[0]) \(event)")
                    #expect(
                        lacking.isEmpty != line.contains("without \(lacking.joined(separator: ", "));"),
                        "\(row[0]): \(line)")
                }
                // What agencies keep lies outside the system, and a delay is what the case gave no cause to.
                let isLacking = lines.contains { $0.contains("without ") || $0.hasPrefix("  missing ") }
                #expect(isLacking == !["LON-14.12", "LON-1.10b"].contains(row[0]), "\(row[0])")
            }
        }
    }

    /// The weighing that follows a child's becoming looked after while on a plan is a duty of five working days: of 31 March,
    /// with Easter between, by 9 April. No finding says that it was not done.
    @Test func aDutyThatWasMissedIsMissingInItsRow() async throws {
        try await TestSystem.with(.init(partitions: 2)) { system in
            try system.start([.scheduling, .auditing])
            try system.publish([
                AuditAccessTests.event(
                    "held", "conference.held",
                    #""conferenceId":"CF","conferenceType":"initial","childIds":["K-1"],"heldAt":"2026-02-14T10:00:00Z""#
                ),
                AuditAccessTests.event(
                    "plan", "plan.started",
                    #""planId":"PL","conferenceId":"CF","childId":"K-1","startedOn":"2026-02-14""#),
                AuditAccessTests.event(
                    "care", "child.became_looked_after",
                    #""childId":"K-1","startedOn":"2026-03-31","legalBasis":"s20","iroId":"I""#),
            ])
            try system.waitUntilCaughtUp()
            let record = try system.quorate("audit", "record", "--case", "E09000002/C-1", "--rule", "LON-2.4a").output
            #expect(record.contains(/care \(\S+\): legalBasis; without reviewedBy, reviewedAt; names nobody who did/))
            #expect(
                record.contains(
                    /missing +\S+Z security_review was due 2026-04-09 and was not done \(case-outcomes\/\d+\/\d+\)/))
            // It was done in time, as is told now.
            try system.publish([
                AuditAccessTests.event(
                    "care-2", "child.became_looked_after",
                    #""childId":"K-1","startedOn":"2026-03-31","legalBasis":"s20","iroId":"I","reviewedBy":"P-1","reviewedAt":"2026-04-08T10:00:00Z""#,
                    more: #","supersedes":"care""#)
            ])
            try system.waitUntilCaughtUp()
            let after = try system.quorate("audit", "record", "--case", "E09000002/C-1", "--rule", "LON-2.4a").output
            #expect(!after.contains("missing"))
            #expect(after.contains(/care-2 \(\S+\): legalBasis, reviewedBy, reviewedAt; by reviewedBy P-1/))
        }
    }

    /// Cleared by a correction, and recorded again as the correction is taken back: both recordings stay, and the clearing.
    @Test func everyRecordingAndEveryClearingOfAFindingIsShown() async throws {
        try await TestSystem.with(.init(partitions: 2)) { system in
            try system.start([.scheduling, .auditing])
            try system.publish(AuditAccessTests.history)
            try system.waitUntilCaughtUp()
            func dissent(_ id: String, _ more: String) throws {
                try system.publish([
                    AuditAccessTests.event(
                        id, "dissent.recorded",
                        #""conferenceId":"CF","recordedAt":"2026-03-02T12:00:00Z","agency":"health","decisionRef":"D","reasons":"R","recordIncludesDissent":true"#,
                        more: more)
                ])
                try system.waitUntilCaughtUp()
            }
            try dissent("dissent-2", #","supersedes":"dissent""#)
            try dissent("dissent-3", #","retracts":"dissent-2""#)
            let evidence = try system.quorate("audit", "evidence", "--case", "E09000002/C-1", "--rule", "LON-11.1a")
                .lines
            let kinds = evidence.dropLast().map { $0.hasPrefix("  ") ? String($0.dropFirst(2).prefix(8)) : "finding" }
            let turn = ["recorded", "rests on"]
            #expect(kinds.starts(with: ["finding"] + turn + ["cleared ", "by      "] + turn), "\(evidence)")
            #expect(evidence[4].contains("dissent.recorded dissent-2 ("), "\(evidence)")
            // Read again, it is told as it was.
            try system.waitUntilCaughtUp()
            try system.worker(.auditing).stop()
            for topic in ["case-events", "case-outcomes"] {
                try system.quorate("offsets", "reset", "--worker", "auditing", "--topic", topic)
            }
            try system.worker(.auditing).launch()
            try system.waitUntilCaughtUp()
            #expect(
                try system.quorate("audit", "evidence", "--case", "E09000002/C-1", "--rule", "LON-11.1a").lines
                    == evidence)
        }
    }
}
