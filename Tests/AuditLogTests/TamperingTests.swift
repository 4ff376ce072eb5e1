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
            let damage = try mutation.change(&altered, whole, &random)
            let verdict = try whole.verdict(altered)
            try #require(!verdict.isGood, "\(number): \(mutation.name)")
            let sentence = verdict.sentence
            #expect(
                damage.names(in: whole.source).contains { sentence.hasPrefix($0) },
                "\(number): \(mutation.name), \(damage): \(sentence)")
            // As many of each kind.
            if number / kinds.count % every == 0 {
                try second[mutation.isOfLongLog ? 1 : 0].add(altered, mutation.name, ours: sentence)
            }
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

    /// A loss that was accepted is an entry, named in every verdict; it covers what it names and nothing else.
    @Test("What was given up as lost is named alike by both verifiers, and hides nothing before it")
    func losses() throws {
        var whole = try Whole(entries: 16)
        let before = whole.source
        let last = try #require(whole.outside.last?.heads.first { LogPlace($0) == before.logRows[0].place })
        // The log of the first partition, of 16 entries, is back at the 8 of the second checkpoint.
        whole.source.entries[1]!.removeSubrange(8...)
        whole.source.rewrite(0)
        #expect(last.size == 16)
        #expect(
            try whole.verdict(whole.source).sentence
                == "log case-events/0: 8 entries, where a checkpoint signed 12; entry 8 is missing.")
        whole.source.giveUp(0, from: 8, to: 16)
        let named = "; given up as lost: log case-events/0, entries 8 to 15"
        let open = try whole.verdict(whole.source).sentence
        #expect(open.hasSuffix("all fit\(named); the last 1 entries wait for the next checkpoint."))
        whole.outside.append(try whole.source.checkpoint(by: [whole.signer], closed: [0: last]))
        whole.source.append(2, to: 1)
        whole.outside.append(try whole.source.checkpoint(by: [whole.signer], closed: [0: last]))
        var good = try SecondVerifier(whole)
        let sentence = try whole.verdict(whole.source).sentence
        #expect(sentence.hasSuffix("all fit\(named)."))
        try good.add(whole.source, "a loss", ours: sentence)
        try good.expectTheSame(status: 0)

        var bad = try SecondVerifier(whole)
        func found(_ kind: String, _ told: String, _ change: (inout MemorySource) throws -> Void) throws {
            var altered = whole.source
            try change(&altered)
            let sentence = try whole.verdict(altered).sentence
            #expect(sentence == told, "\(kind)")
            try bad.add(altered, kind, ours: sentence)
        }
        try found("before the loss", "log case-events/0: 7 entries, where a checkpoint signed 8; entry 7 is missing.") {
            $0.entries[1]!.removeLast()
            $0.rewrite(0)
        }
        try found("another log", "log case-events/1: 7 entries, where a checkpoint signed 8; entry 7 is missing.") {
            $0.entries[2]!.removeSubrange(7...)
            $0.rewrite(1)
        }
        try found("the loss unsaid", "log audit-losses/0: 0 entries, where a checkpoint signed 1; entry 0 is missing.")
        {
            $0.entries[4] = []
            $0.rewrite(3)
            $0.entries[1] = before.entries[1]
            $0.rewrite(0)
        }
        try found(
            "more given up",
            "log audit-losses/0: its first 1 entries are not those that were signed; the first altered one is among 0 to 0."
        ) {
            $0.entries[4] = []
            $0.giveUp(0, from: 4, to: 16, at: 3)
        }
        try found("given up twice", "log audit-losses/0: entry 1 names what was given up before.") {
            $0.giveUp(0, from: 4, to: 16, at: 3)
        }
        try found(
            "given up at another size", "log case-events/1: it was given up at 9 entries, and a checkpoint signed 10."
        ) {
            $0.giveUp(1, from: 4, to: 9, at: 3)
        }
        try found("nothing given up", "log audit-losses/0: entry 1 names nothing that was lost.") {
            $0.giveUp(1, from: 9, to: 9, at: 3)
        }
        try bad.expectTheSame()
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
