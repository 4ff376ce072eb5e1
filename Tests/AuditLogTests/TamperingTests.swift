import Foundation
import TestSupport
import Testing
import TransparencyLog

@testable import AuditLog

/// Whoever may write every table cannot alter what a checkpoint outside covers without being found.
@Suite("Tampering")
struct TamperingTests {
    static let name = "quorate.test/audit"

    /// Three logs, four checkpoints, everything covered.
    struct Whole {
        var source = MemorySource()
        var outside: [PublishedCheckpoint] = []
        let signer: NoteSigner

        init(entries: Int) throws {
            signer = try NoteSigner(name: TamperingTests.name)
            for partition in Int32(0)..<2 { source.addLog("case-events", partition) }
            source.addLog("case-outcomes", 0)
            for round in 1...4 {
                for log in 0..<3 where log < 2 || round > 1 { source.append(entries / (4 * (log + 1)), to: log) }
                outside.append(try source.checkpoint(by: [signer]))
            }
        }

        func verdict(_ altered: MemorySource) throws -> AuditVerification.Verdict {
            try AuditVerification(keys: [signer.verifier], outside: outside) { altered }.run()
        }
    }

    /// How many alterations are made, and of which share a second verifier gives its verdict too.
    private static let alterations = 10_000
    private static let judgedTwice = 1_000

    /// The tables that were altered are written down as a database would give them, and read by the second verifier, in
    /// another language: it says what ours says.
    @Test("Every one of 10,000 alterations is found, its first place named; 1,000 of them also by the second verifier")
    func everyAlterationIsFound() throws {
        let (short, long) = (try Whole(entries: 16), try Whole(entries: 260))
        #expect(try short.verdict(short.source).sentence == "27 entries in 3 logs and 4 checkpoints: all fit.")
        #expect(long.source.subtreeRows[1]!.count == 1)
        var random = SeededGenerator(seed: 1)
        let kinds = Mutation.all
        let every = Self.alterations / Self.judgedTwice
        var second = [try SecondVerifier(short), try SecondVerifier(long)]
        for number in 0..<Self.alterations {
            let mutation = kinds[number % kinds.count]
            let whole = mutation.isOfLongLog ? long : short
            var altered = whole.source
            let entry = try mutation.change(&altered, whole, &random)
            let verdict = try whole.verdict(altered)
            try #require(!verdict.isGood, "\(number): \(mutation.name)")
            let sentence = verdict.sentence
            #expect(
                sentence.contains(/log (case|\d)|checkpoint|head \d/), "\(number): \(mutation.name): \(sentence)")
            // As many of each kind.
            if number / kinds.count % every == 0 {
                try second[mutation.isOfLongLog ? 1 : 0].add(altered, mutation.name, ours: sentence)
            }
            guard let entry else { continue }
            let log = whole.source.logRows[entry.log].place
            #expect(
                sentence.hasPrefix("log \(log): ") && sentence.contains(/entry (-?\d+)/)
                    && sentence.firstMatch(of: /entry (-?\d+)/)?.output.1 == "\(entry.index)",
                "\(number): \(mutation.name) at \(entry): \(sentence)")
        }
        let judged = second.flatMap(\.kinds)
        #expect(judged.count == Self.judgedTwice)
        #expect(Set(judged) == Set(kinds.map(\.name)))
        for verifier in second { try verifier.expectTheSame() }
    }

    @Test("What fits, and what no checkpoint covers yet, is told alike by both verifiers")
    func bothSayWhatHolds() throws {
        var whole = try Whole(entries: 260)
        var second = try SecondVerifier(whole)
        try second.add(whole.source, "nothing", ours: whole.verdict(whole.source).sentence)
        whole.source.append(3, to: 0)
        let open = try whole.verdict(whole.source).sentence
        #expect(open.hasSuffix("; the last 3 entries wait for the next checkpoint."))
        try second.add(whole.source, "the window", ours: open)
        try second.expectTheSame(status: 0)
    }

    @Test("The kept roots of long logs are held against their entries")
    func keptRoots() throws {
        let whole = try Whole(entries: 1_200)
        #expect(try whole.verdict(whole.source).isGood)
        var random = SeededGenerator(seed: 2)
        for place in whole.source.subtreeRows[1]!.indices {
            var altered = whole.source
            Mutation.flip(&altered.subtreeRows[1]![place].root, &random)
            #expect(
                try whole.verdict(altered).sentence
                    == "log case-events/0: the kept root of its entries from \(place * 256) on is not theirs.")
            altered = whole.source
            altered.subtreeRows[1]!.remove(at: place)
            #expect(try !whole.verdict(altered).isGood)
        }
    }

    @Test("The kept roots of the log of heads are held against its heads, and no entry is of log 0")
    func headLog() throws {
        var whole = try Whole(entries: 16)
        // Four checkpoints left 11 heads; each of these adds three.
        for _ in 0..<90 { whole.outside.append(try whole.source.checkpoint(by: [whole.signer])) }
        #expect(whole.source.headRows.count == 281 && whole.source.subtreeRows[0]!.count == 1)
        #expect(try whole.verdict(whole.source).isGood)
        var altered = whole.source
        altered.subtreeRows[0]![0].root[0] ^= 1
        #expect(
            try whole.verdict(altered).sentence == "the kept roots of the log of heads are not those of its heads.")
        altered = whole.source
        altered.subtreeRows[0] = []
        #expect(try !whole.verdict(altered).isGood)
        altered = whole.source
        altered.entries[0] = altered.entries[1]
        #expect(try whole.verdict(altered).sentence == "there are rows of log 0, which does not exist.")
    }

    @Test("The last whole line of a file of checkpoints is found from its end, whatever its length")
    func lastKept() throws {
        let whole = try Whole(entries: 16)
        let file = "\(Places.folder)/checkpoints-\(UUID().uuidString).jsonl"
        defer { try? FileManager.default.removeItem(atPath: file) }
        #expect(try PublishedCheckpoint.last(file: file).checkpoint == nil)
        // A block is 65,536 bytes: a line of many.
        var long = whole.outside[3]
        for _ in 0..<2_000 { long.heads += whole.outside[3].heads }
        #expect(long.line.utf8.count > 5 * 65_536)
        for kept in [[whole.outside[0]], Array(whole.outside), [whole.outside[0], long], [long, whole.outside[0]]] {
            for unfinished in ["", "{\"checkpoint\":", String(repeating: "x", count: 70_000)] {
                let lines = kept.map { $0.line + "\n" }.joined()
                try (lines + unfinished).write(toFile: file, atomically: false, encoding: .utf8)
                let (last, end) = try PublishedCheckpoint.last(file: file)
                #expect(last == kept.last && end == UInt64(lines.utf8.count))
                #expect(try PublishedCheckpoint.read(file: file) == kept)
            }
        }
        for unfinished in ["", "{"] {
            try unfinished.write(toFile: file, atomically: false, encoding: .utf8)
            let (none, end) = try PublishedCheckpoint.last(file: file)
            #expect(none == nil && end == 0)
            #expect(try PublishedCheckpoint.read(file: file) == [])
        }
    }

    @Test("What came after the last checkpoint is counted, and all that could still be altered unseen")
    func window() throws {
        var whole = try Whole(entries: 16)
        whole.source.append(3, to: 0)
        let verdict = try whole.verdict(whole.source)
        #expect(verdict.isGood && verdict.uncovered == 3)
        #expect(verdict.sentence.hasSuffix("; the last 3 entries wait for the next checkpoint."))
        var altered = whole.source
        altered.entries[1]![17].sealed[0] ^= 1
        altered.rewrite(0)
        #expect(try whole.verdict(altered).isGood)
        altered.entries[1]![15].sealed[0] ^= 1
        altered.rewrite(0)
        #expect(
            try whole.verdict(altered).sentence
                == "log case-events/0: its first 16 entries are not those that were signed; the first altered one is among 12 to 15."
        )
    }

    @Test("From a checkpoint on, only what came after it is walked; a wrong size is refused")
    func since() throws {
        let whole = try Whole(entries: 16)
        func verdict(_ source: MemorySource, _ size: UInt64) throws -> AuditVerification.Verdict {
            try AuditVerification(keys: [whole.signer.verifier], outside: whole.outside) { source }.run(since: size)
        }
        let second = whole.source.checkpointRows[1].size
        #expect(try verdict(whole.source, second).isGood)
        #expect(try verdict(whole.source, second).entries == 14)
        #expect(try verdict(whole.source, second + 1).sentence == "there is no checkpoint of size \(second + 1).")
        for index in 0..<16 {
            var altered = whole.source
            altered.entries[1]![index].sealed[0] ^= 1
            #expect(try verdict(altered, second).isGood == (index < 8))
            altered.rewrite(0)
            #expect(try !verdict(altered, second).isGood)
        }
    }
}
