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

    /// Returns the entry that must be named, as (log, index), where there is one.
    typealias Mutation = @Sendable (inout MemorySource, Whole, inout SeededGenerator) throws -> (log: Int, index: Int)?

    private static func anyLog(_ source: MemorySource, _ random: inout SeededGenerator) -> Int {
        Int.random(in: source.logRows.indices, using: &random)
    }

    private static func anyEntry(_ source: MemorySource, _ random: inout SeededGenerator) -> (log: Int, index: Int) {
        let log = anyLog(source, &random)
        return (log, Int.random(in: 0..<Int(source.logRows[log].size), using: &random))
    }

    private static func flip(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let place = Int.random(in: bytes.indices, using: &random)
        bytes[place] ^= UInt8.random(in: 1...255, using: &random)
    }

    static let mutations: [(name: String, change: Mutation)] = [
        (
            "a byte of a column",
            { source, _, random in
                let entry = anyEntry(source, &random)
                flip(&source.entries[source.logRows[entry.log].id]![entry.index].columns, &random)
                return entry
            }
        ),
        (
            "a byte of a seal",
            { source, _, random in
                let entry = anyEntry(source, &random)
                flip(&source.entries[source.logRows[entry.log].id]![entry.index].sealed, &random)
                return entry
            }
        ),
        (
            "a byte of a leaf",
            { source, _, random in
                let entry = anyEntry(source, &random)
                flip(&source.entries[source.logRows[entry.log].id]![entry.index].leafHash, &random)
                return entry
            }
        ),
        (
            "an entry away",
            { source, _, random in
                let entry = anyEntry(source, &random)
                source.entries[source.logRows[entry.log].id]!.remove(at: entry.index)
                return entry
            }
        ),
        (
            "an entry twice",
            { source, _, random in
                let entry = anyEntry(source, &random)
                let id = source.logRows[entry.log].id
                source.entries[id]!.insert(source.entries[id]![entry.index], at: entry.index)
                return entry
            }
        ),
        (
            "an entry replayed at the end",
            { source, _, random in
                let entry = anyEntry(source, &random)
                let id = source.logRows[entry.log].id
                var copy = source.entries[id]![entry.index]
                copy.index = Int64(source.entries[id]!.count)
                source.entries[id]!.append(copy)
                return (entry.log, Int(copy.index))
            }
        ),
        (
            "two rows swapped",
            { source, _, random in
                let entry = anyEntry(source, &random)
                let id = source.logRows[entry.log].id
                let other = (entry.index + 1) % source.entries[id]!.count
                source.entries[id]!.swapAt(entry.index, other)
                for place in [entry.index, other] { source.entries[id]![place].index = Int64(place) }
                return nil
            }
        ),
        (
            "an entry rewritten with its leaf",
            { source, _, random in
                let entry = anyEntry(source, &random)
                flip(&source.entries[source.logRows[entry.log].id]![entry.index].sealed, &random)
                source.rewrite(entry.log)
                return nil
            }
        ),
        (
            "the tail away, and the log's row with it",
            { source, _, random in
                let entry = anyEntry(source, &random)
                source.entries[source.logRows[entry.log].id]!.removeSubrange(entry.index...)
                source.rewrite(entry.log)
                return entry
            }
        ),
        (
            "everything rewritten, signed with another key of the name",
            { source, _, random in
                let entry = anyEntry(source, &random)
                flip(&source.entries[source.logRows[entry.log].id]![entry.index].sealed, &random)
                source.rewrite(entry.log)
                try source.resign(by: [NoteSigner(name: name)])
                return nil
            }
        ),
        (
            "everything rewritten, signed with the key itself",
            { source, whole, random in
                let entry = anyEntry(source, &random)
                flip(&source.entries[source.logRows[entry.log].id]![entry.index].sealed, &random)
                source.rewrite(entry.log)
                try source.resign(by: [whole.signer])
                return nil
            }
        ),
        (
            "back to an earlier checkpoint, consistently",
            { source, whole, random in
                let kept = Int.random(in: 0..<source.checkpointRows.count, using: &random)
                source.checkpointRows.removeSubrange(kept...)
                source.headRows.removeSubrange(Int(source.checkpointRows.last?.size ?? 0)...)
                for log in source.logRows.indices {
                    let size = source.headRows.last { LogPlace($0.head) == source.logRows[log].place }?.head.size ?? 0
                    source.entries[source.logRows[log].id]!.removeSubrange(Int(size)...)
                    source.rewrite(log)
                }
                return nil
            }
        ),
        (
            "a head",
            { source, _, random in
                let place = source.headRows.indices.randomElement(using: &random)!
                switch Int.random(in: 0..<4, using: &random) {
                case 0: source.headRows[place].position += 1
                case 1: source.headRows[place].head.size ^= 1
                case 2: source.headRows[place].head.topic += "x"
                default: source.headRows[place].head.root = .leaf([])
                }
                return nil
            }
        ),
        (
            "a head away",
            { source, _, random in
                source.headRows.remove(at: source.headRows.indices.randomElement(using: &random)!)
                return nil
            }
        ),
        (
            "a byte of a checkpoint",
            { source, _, random in
                let place = source.checkpointRows.indices.randomElement(using: &random)!
                var note = Array(source.checkpointRows[place].note.utf8)
                flip(&note, &random)
                source.checkpointRows[place].note = String(decoding: note, as: UTF8.self)
                return nil
            }
        ),
        (
            "a checkpoint away",
            { source, _, random in
                source.checkpointRows.remove(at: source.checkpointRows.indices.randomElement(using: &random)!)
                return nil
            }
        ),
        (
            "a log's row",
            { source, _, random in
                let log = anyLog(source, &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: source.logRows[log].size += 1
                case 1: flip(&source.logRows[log].frontier, &random)
                case 2: flip(&source.logRows[log].root, &random)
                case 3: source.logRows[log].partition += 5
                default: source.logRows.remove(at: log)
                }
                return nil
            }
        ),
        (
            "the entries of two logs exchanged",
            { source, _, random in
                let (one, other) = (source.logRows[0].id, source.logRows[1].id)
                (source.entries[one], source.entries[other]) = (source.entries[other], source.entries[one])
                return nil
            }
        ),
    ]

    @Test("Every one of 10,000 alterations is found, and its first place named")
    func everyAlterationIsFound() throws {
        let whole = try Whole(entries: 16)
        #expect(try whole.verdict(whole.source).sentence == "27 entries in 3 logs and 4 checkpoints: all fit.")
        var random = SeededGenerator(seed: 1)
        for number in 0..<10_000 {
            let mutation = Self.mutations[number % Self.mutations.count]
            var altered = whole.source
            let entry = try mutation.change(&altered, whole, &random)
            let verdict = try whole.verdict(altered)
            try #require(!verdict.isGood, "\(number): \(mutation.name)")
            let sentence = verdict.sentence
            #expect(
                sentence.contains(/log (case|\d)|checkpoint|head \d/), "\(number): \(mutation.name): \(sentence)")
            guard let entry else { continue }
            let log = whole.source.logRows[entry.log].place
            #expect(
                sentence.hasPrefix("log \(log): ") && sentence.contains(/entry (\d+)/)
                    && sentence.firstMatch(of: /entry (\d+)/)?.output.1 == "\(entry.index)",
                "\(number): \(mutation.name) at \(entry): \(sentence)")
        }
    }

    @Test("The kept roots of long logs are held against their entries")
    func keptRoots() throws {
        let whole = try Whole(entries: 1_200)
        #expect(try whole.verdict(whole.source).isGood)
        var random = SeededGenerator(seed: 2)
        for place in whole.source.subtreeRows[1]!.indices {
            var altered = whole.source
            Self.flip(&altered.subtreeRows[1]![place].root, &random)
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
