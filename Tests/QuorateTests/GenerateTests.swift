import CaseEvents
import Foundation
import StatutoryRules
import TestSupport
import Testing

/// Fictional histories: the same for the same seed, valid, and of England's proportions.
@Suite struct GenerateTests {
    @Test func theSameSeedGivesTheSameLines() throws {
        let first = try TestSystem.sample(cases: 20, seed: 5)
        #expect(try TestSystem.sample(cases: 20, seed: 5) == first)
        #expect(try TestSystem.sample(cases: 20, seed: 6) != first)
    }

    @Test func sixtyCasesOverAYearAreValidAndEnough() throws {
        let lines = try TestSystem.sample(cases: 60, seed: 3)
        #expect(lines.count >= 1_500)
        var cases: Set<String> = []
        var authorities: Set<String> = []
        for line in lines {
            let event = try Contract.decode(line: Array(line.utf8))
            cases.insert(event.envelope.authority + "/" + event.envelope.subject)
            authorities.insert(event.envelope.authority)
        }
        #expect(cases.count >= 60)
        #expect(authorities.count == 5)
        for line in try TestSystem.sample(cases: 60, seed: 3, directory: true) {
            #expect(try Contract.decode(line: Array(line.utf8)).envelope.eventType?.isDirectory == true)
        }
    }

    /// What people try a system for stands in even a small sample, whatever its seed.
    @Test(arguments: 1...6) func aSmallSampleHasEveryHistory(seed: Int) throws {
        var (files, children): ([String: CaseFile], [String: Set<String>]) = ([:], [:])
        var seen: [String: Int] = [:]
        for line in try TestSystem.sample(cases: 60, seed: seed) {
            let event = try Contract.decode(line: Array(line.utf8))
            let (envelope, data) = (event.envelope, event.data)
            let key = "\(envelope.authority)/\(envelope.subject)"
            files[key, default: CaseFile(authority: envelope.authority, subject: envelope.subject, facts: [])]
                .facts.append(event.fact)
            if envelope.supersedes != nil { seen["a correction", default: 0] += 1 }
            if envelope.retracts != nil { seen["a retraction", default: 0] += 1 }
            switch envelope.eventType {
            case .childRegistered: children[key, default: []].formUnion(event.childIds)
            case .transferInNotified: seen["a transfer in", default: 0] += 1
            case .childDied: seen["a death", default: 0] += 1
            case .childLeftCountryReported: seen["a move abroad", default: 0] += 1
            case .conferenceRescheduled: seen["a postponed conference", default: 0] += 1
            case .conferenceHeld where data?["conferenceType"]?.string == "prebirth":
                seen["a pre-birth conference", default: 0] += 1
            default: break
            }
        }
        seen["siblings"] = children.values.count { $0.count > 1 }
        for file in files.values {
            let found = assess(file, under: .packaged, asOf: London.end(of: Day("2026-12-31")!))
            seen["an inquorate conference", default: 0] += found.conferences.count { $0.quorum == "inquorate" }
            seen["a late report", default: 0] += found.deadlines.count {
                $0.duty == .socialWorkerReport && $0.state == .metLate
            }
        }
        for history in [
            "siblings", "a transfer in", "a pre-birth conference", "an inquorate conference", "a postponed conference",
            "a late report", "a correction", "a retraction", "a death", "a move abroad",
        ] {
            #expect(seen[history, default: 0] > 0, "\(history), of \(seen)")
        }
    }

    /// A decision that has no effect is the exception, of every kind; and there are some.
    @Test func mostDecisionsHaveEffect() throws {
        let decisions: Set<EventType> = [
            .conferenceConveningDecided, .conferencePostponementDecided, .conferenceChairAssigned,
            .conferenceRecordIssued, .planEnded,
        ]
        var files: [String: CaseFile] = [:]
        var made: [EventType: Set<String>] = [:]
        for line in try TestSystem.sample(cases: 500, seed: 7, from: "2022-01-01", to: "2024-12-31") {
            let event = try Contract.decode(line: Array(line.utf8))
            let envelope = event.envelope
            files[
                "\(envelope.authority)/\(envelope.subject)",
                default: CaseFile(authority: envelope.authority, subject: envelope.subject, facts: [])
            ].facts.append(event.fact)
            if let type = envelope.eventType, decisions.contains(type) { made[type, default: []].insert(envelope.id) }
        }
        var refused: Set<String> = []
        for file in files.values {
            let found = assess(file, under: .packaged, asOf: London.end(of: Day("2024-12-31")!))
            refused.formUnion(found.findings.compactMap(\.refuses))
        }
        #expect(made.count == decisions.count)
        for (type, ids) in made {
            let without = Double(ids.intersection(refused).count) / Double(ids.count)
            #expect(without < 0.15, "\(type.rawValue): \(without)")
        }
        #expect(refused.count >= 10)
    }

    /// Counted by another program: enquiries that reach a conference, working days, plans, lengths.
    @Test(.disabled(if: Places.isBrief, "takes minutes without optimisation; make test runs it"))
    func theProportionsAreEnglands() throws {
        let base = "\(Places.folder)/proportions"
        let lines = try TestSystem.sample(cases: 5_000, seed: 1, from: "2020-01-01", to: "2025-12-31")
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: base + ".jsonl"))
        let dates = Configuration.packaged.calendar.holidays.map { "\"\($0.day)\"" }.joined(separator: ",")
        try Data("{\"dates\":[\(dates)]}".utf8).write(to: URL(fileURLWithPath: base + ".json"))
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("check_generated.py").path
        let check = try ChildProcess(
            "python3", [script, base + ".jsonl", "--holidays", base + ".json"], environment: Places.environment,
            output: base + ".out", errors: base + ".out")
        let status = try check.waitForExit(within: .seconds(300))
        let said = try String(contentsOfFile: base + ".out", encoding: .utf8)
        #expect(status == 0, "\(said)")
        #expect(said.contains("quartile") || said.contains("working days"), "\(said)")
    }
}
