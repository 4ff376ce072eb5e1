import CaseEvents
import Foundation
import StatutoryRules
import TestSupport
import Testing

/// What must hold of every history, shown on generated ones of all five authorities. `QUORATE_SHUFFLES` sets how many.
@Suite struct PropertyTests {
    /// 250 cases of about twenty facts each, of all five authorities.
    private static let files: [CaseFile] = {
        var files: [String: CaseFile] = [:]
        let lines = try! TestSystem.sample(cases: Places.isBrief ? 60 : 250, seed: 2_026)
        for line in lines {
            let event = try! Contract.decode(line: Array(line.utf8))
            let (authority, subject) = (event.envelope.authority, event.envelope.subject)
            files["\(authority)/\(subject)", default: CaseFile(authority: authority, subject: subject, facts: [])]
                .facts.append(event.fact)
        }
        return files.values.sorted { ($0.authority, $0.subject) < ($1.authority, $1.subject) }
    }()

    private static let shuffles =
        ProcessInfo.processInfo.environment["QUORATE_SHUFFLES"].flatMap(Int.init) ?? (Places.isBrief ? 2_000 : 100_000)
    private static let blocks = 20

    private func judged(_ file: CaseFile, _ asOf: Instant) -> Judged {
        Judged(assess(file, under: .packaged, asOf: asOf))
    }

    private func someTime(_ random: inout SeededGenerator) -> Instant {
        London.start(of: Day("2025-01-01")!.adding(days: Int.random(in: 0...900, using: &random)))
    }

    /// At least 100,000 shuffles, with repeats.
    @Test(arguments: 0..<blocks) func orderAndRepetitionNeverMatter(_ block: Int) {
        var random = SeededGenerator(seed: UInt64(block) + 1)
        let files = Self.files.enumerated().filter { $0.offset % Self.blocks == block }.map(\.element)
        let rounds = Self.shuffles / Self.blocks / files.count + 1
        for file in files {
            let asOf = someTime(&random)
            let expected = judged(file, asOf)
            var turned = file
            for _ in 0..<rounds {
                turned.facts = file.facts
                if let again = file.facts.randomElement(using: &random) { turned.facts.append(again) }
                turned.facts.shuffle(using: &random)
                let found = judged(turned, asOf)
                guard found == expected else {
                    Issue.record("the order of the facts of \(file.authority)/\(file.subject) shows at \(asOf)")
                    break
                }
            }
        }
    }

    /// A row is known by its id: two of one id would be one row, and no assessment could be stored.
    @Test func idsAreUniqueWithinACase() {
        var random = SeededGenerator(seed: 76)
        for file in Self.files {
            for policy in Configuration.packaged.policyNames {
                let configuration = Configuration.packaged.using(policy: policy)!
                let result = assess(file, under: configuration, asOf: someTime(&random))
                var seen: Set<NameUUID> = []
                for row in result.deadlines where !seen.insert(row.id).inserted {
                    Issue.record("two of one id under \(policy): \(row.occasion) \(row.json)")
                }
                for row in result.findings where !seen.insert(row.id).inserted {
                    Issue.record("two of one id under \(policy): \(row.json)")
                }
                for row in result.notices where !seen.insert(row.id).inserted {
                    Issue.record("two of one id under \(policy): \(row.json)")
                }
            }
        }
    }

    /// A row is written again where its digest differs: it must where the text does, and only there.
    @Test func digestsDifferWhereTextsDo() {
        var random = SeededGenerator(seed: 79)
        var (texts, digests): ([UInt64: String], [String: UInt64]) = ([:], [:])
        func take(_ text: String, _ digest: UInt64) {
            #expect(texts.updateValue(text, forKey: digest) ?? text == text)
            #expect(digests.updateValue(digest, forKey: text) ?? digest == digest)
        }
        for file in Self.files {
            for policy in Configuration.packaged.policyNames {
                let configuration = Configuration.packaged.using(policy: policy)!
                let result = assess(file, under: configuration, asOf: someTime(&random))
                for row in result.deadlines { take(row.json, row.digest) }
                for row in result.findings { take(row.json, row.digest) }
                for row in result.notices { take(row.json, row.digest) }
            }
        }
        #expect(texts.count > Self.files.count * 40)
    }

    /// Between two changes nothing differs, and most wake-ups find something changed.
    @Test func nothingChangesBeforeNextChangeAndFewWakeUpsAreIdle() {
        var random = SeededGenerator(seed: 77)
        var (steps, idle) = (0, 0)
        for file in Self.files {
            // As the ledger sees it: what was recorded by some day, and the year after.
            var now = someTime(&random)
            let until = now.adding(hours: 24 * 365)
            var known = file
            known.facts.removeAll { $0.time > now }
            var result = assess(known, under: .packaged, asOf: now)
            while let next = result.nextChange, next < until {
                let between = Instant(
                    microseconds: Int64.random(in: now.microseconds..<next.microseconds, using: &random))
                #expect(judged(known, between) == Judged(result), "\(file.authority)/\(file.subject) at \(between)")
                let later = assess(known, under: .packaged, asOf: next)
                steps += 1
                if Judged(later) == Judged(result) { idle += 1 }
                (now, result) = (next, later)
            }
        }
        #expect(steps > Self.files.count * 4)
        #expect(idle * 10 < steps, "\(idle) of \(steps) wake-ups found nothing changed")
    }

    /// Another child's events, of another family under the same reference, change no duty of these children.
    @Test func anUnrelatedEventChangesNoOtherChildsDuties() {
        var random = SeededGenerator(seed: 78)
        for _ in 0..<400 {
            let file = Self.files.randomElement(using: &random)!
            let other = Self.files.randomElement(using: &random)!
            guard file.subject != other.subject || file.authority != other.authority else { continue }
            let asOf = someTime(&random)
            var both = file
            both.facts += other.facts.map { fact in
                var fact = fact
                fact.source += "/other"
                return fact
            }
            let children = Set(judged(file, asOf).deadlines.compactMap(\.subject.childId))
            let alone = judged(file, asOf).deadlines.filter { $0.subject.childId.map(children.contains) ?? false }
            let beside = judged(both, asOf).deadlines.filter { $0.subject.childId.map(children.contains) ?? false }
            #expect(alone == beside, "\(file.authority)/\(file.subject) beside \(other.authority)/\(other.subject)")
        }
    }

    /// A wrong event that is retracted, or superseded by the right one, leaves no trace, also where it comes first.
    @Test func aCorrectionLeavesTheHistoryWithoutTheWrongEvent() {
        var random = SeededGenerator(seed: 79)
        for round in 0..<1_500 {
            let file = Self.files.randomElement(using: &random)!
            let asOf = someTime(&random)
            let right = file.facts.randomElement(using: &random)!
            guard right.supersedes == nil, right.retracts == nil,
                !file.facts.contains(where: { $0.supersedes == right.id || $0.retracts == right.id })
            else { continue }
            // The wrong event says what another of its case says, and never should have been sent.
            let donor = file.facts.randomElement(using: &random)!
            var wrong = Fact(
                id: "wrong-\(round)", source: right.source, time: right.time, payload: donor.payload,
                details: donor.details)
            let type = donor.payload.eventType
            let retraction = Fact(
                id: "retraction-\(round)", source: right.source, time: right.time, retracts: wrong.id,
                payload: .retraction(type))
            var retracted = file
            retracted.facts += [retraction, wrong]
            retracted.facts.shuffle(using: &random)
            #expect(judged(retracted, asOf) == judged(file, asOf), "\(file.authority)/\(file.subject): a retraction")
            // A chain: the wrong event, a wrong correction, and the right one that replaces both.
            wrong.id = right.id + "-first"
            let second = Fact(
                id: right.id + "-second", source: right.source, time: right.time, supersedes: wrong.id,
                payload: donor.payload, details: donor.details)
            var last = right
            last.supersedes = second.id
            var chained = file
            chained.facts.removeAll { $0.id == right.id && $0.source == right.source }
            chained.facts += [last, second, wrong]
            chained.facts.shuffle(using: &random)
            #expect(
                judged(chained, asOf).withoutIds == judged(file, asOf).withoutIds,
                "\(file.authority)/\(file.subject): a chain of corrections")
        }
    }
}

/// What an assessment says, without when it next changes.
private struct Judged: Equatable {
    let deadlines: [Deadline]
    let findings: [Finding]
    let notices: [Notice]
    let plans: [PlanStatus]
    let conferences: [ConferenceStatus]

    init(_ assessment: Assessment) {
        deadlines = assessment.deadlines
        findings = assessment.findings
        notices = assessment.notices
        plans = assessment.plans
        conferences = assessment.conferences
    }

    /// What people see: a chain of corrections has a root of its own, which only ids show.
    var withoutIds: [String] {
        deadlines.map(\.json) + findings.map(\.json) + notices.map(\.json).sorted() + plans.map(\.json)
            + conferences.map(\.json)
    }
}
