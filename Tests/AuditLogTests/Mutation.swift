import TestSupport
import TransparencyLog

@testable import AuditLog

/// One way to alter the tables of the audit log.
struct Mutation: Sendable {
    typealias Change =
        @Sendable (inout MemorySource, TamperingTests.Whole, inout SeededGenerator) throws -> Damage

    let name: String
    /// It needs a log that is long enough for kept roots.
    let isOfLongLog: Bool
    let change: Change

    init(_ name: String, ofLongLog isOfLongLog: Bool = false, _ change: @escaping Change) {
        self.name = name
        self.isOfLongLog = isOfLongLog
        self.change = change
    }

    static let all = ofEntries + ofEntriesWithWhatFollows + ofTheRest

    static func flip(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let place = Int.random(in: bytes.indices, using: &random)
        bytes[place] ^= UInt8.random(in: 1...255, using: &random)
    }

    private static func flip(_ number: inout Int64, _ random: inout SeededGenerator) {
        number ^= Int64.random(in: 1...255, using: &random) << (8 * Int64.random(in: 0..<8, using: &random))
    }

    /// Another byte of ASCII in the place of one; a text where there is none.
    private static func flip(_ text: inout String?, _ random: inout SeededGenerator) {
        guard var bytes = text.map({ Array($0.utf8) }), let place = bytes.indices.randomElement(using: &random) else {
            text = "x"
            return
        }
        let other = UInt8.random(in: 1...126, using: &random)
        bytes[place] = other < bytes[place] ? other : other + 1
        text = String(decoding: bytes, as: UTF8.self)
    }

    private static func anyEntry(_ source: MemorySource, _ random: inout SeededGenerator) -> (log: Int, index: Int) {
        let log = Int.random(in: source.logRows.indices, using: &random)
        return (log, Int.random(in: 0..<Int(source.logRows[log].size), using: &random))
    }

    /// Any entry, and the id of its log.
    private static func any(
        _ source: MemorySource, _ random: inout SeededGenerator
    ) -> (entry: (log: Int, index: Int), id: Int64) {
        let entry = anyEntry(source, &random)
        return (entry, source.logRows[entry.log].id)
    }

    // MARK: Rows of entries alone

    private static let ofEntries = [
        Mutation("a byte of a column") { source, _, random in
            let (entry, id) = any(source, &random)
            var columns = source.entries[id]![entry.index].columns
            switch Int.random(in: 0..<9, using: &random) {
            case 0: flip(&columns.offset, &random)
            case 1: flip(&columns.timestamp, &random)
            case 2: flip(&columns.keyId, &random)
            case let text: flip(&columns.texts[text - 3], &random)
            }
            source.entries[id]![entry.index].columns = columns
            return .entry(entry.log, entry.index)
        },
        Mutation("a byte of a seal") { source, _, random in
            let (entry, id) = any(source, &random)
            flip(&source.entries[id]![entry.index].sealed, &random)
            return .entry(entry.log, entry.index)
        },
        Mutation("a byte of a leaf") { source, _, random in
            let (entry, id) = any(source, &random)
            flip(&source.entries[id]![entry.index].leafHash, &random)
            return .entry(entry.log, entry.index)
        },
        Mutation("another index") { source, _, random in
            let (entry, id) = any(source, &random)
            var index = source.entries[id]![entry.index].index
            flip(&index, &random)
            source.entries[id]![entry.index].index = index
            return .entry(entry.log, Int(min(index, Int64(entry.index))))
        },
        Mutation("an entry in another log") { source, _, random in
            let (entry, id) = any(source, &random)
            let other = (entry.log + 1) % source.logRows.count
            var moved = source.entries[id]!.remove(at: entry.index)
            moved.index = Int64(source.logRows[other].size)
            source.entries[source.logRows[other].id]!.append(moved)
            return entry.log < other ? .entry(entry.log, entry.index) : .entry(other, Int(moved.index))
        },
        Mutation("an entry away") { source, _, random in
            let (entry, id) = any(source, &random)
            source.entries[id]!.remove(at: entry.index)
            return .entry(entry.log, entry.index)
        },
        Mutation("an entry twice") { source, _, random in
            let (entry, id) = any(source, &random)
            source.entries[id]!.insert(source.entries[id]![entry.index], at: entry.index)
            return .entry(entry.log, entry.index)
        },
        Mutation("an entry replayed at the end") { source, _, random in
            let (entry, id) = any(source, &random)
            var copy = source.entries[id]![entry.index]
            copy.index = Int64(source.entries[id]!.count)
            source.entries[id]!.append(copy)
            return .entry(entry.log, Int(copy.index))
        },
        Mutation("two rows swapped") { source, _, random in
            let (entry, id) = any(source, &random)
            let other = (entry.index + 1) % source.entries[id]!.count
            source.entries[id]!.swapAt(entry.index, other)
            for place in [entry.index, other] { source.entries[id]![place].index = Int64(place) }
            return .order(entry.log, min(entry.index, other))
        },
        Mutation("the entries of two logs exchanged") { source, _, random in
            let (one, other) = (source.logRows[0].id, source.logRows[1].id)
            (source.entries[one], source.entries[other]) = (source.entries[other], source.entries[one])
            return .entry(0, 0)
        },
    ]

    // MARK: Entries, and all that follows from them

    private static let ofEntriesWithWhatFollows = [
        Mutation("an entry rewritten with its leaf") { source, _, random in
            let (entry, id) = any(source, &random)
            flip(&source.entries[id]![entry.index].sealed, &random)
            source.rewrite(entry.log)
            return .stretch(entry.log, entry.index)
        },
        Mutation("an entry made up, and what follows it moved") { source, _, random in
            let (entry, id) = any(source, &random)
            var made = source.entries[id]![entry.index]
            flip(&made.columns.texts[4], &random)
            for place in source.entries[id]!.indices[entry.index...] { source.entries[id]![place].columns.offset += 1 }
            source.entries[id]!.insert(made, at: entry.index)
            source.rewrite(entry.log)
            return .stretch(entry.log, entry.index)
        },
        Mutation("the tail away, and the log's row with it") { source, _, random in
            let (entry, id) = any(source, &random)
            source.entries[id]!.removeSubrange(entry.index...)
            source.rewrite(entry.log)
            return .entry(entry.log, entry.index)
        },
        Mutation("everything rewritten, signed with another key of the name") { source, _, random in
            let (entry, id) = any(source, &random)
            flip(&source.entries[id]![entry.index].sealed, &random)
            source.rewrite(entry.log)
            try source.resign(by: [NoteSigner(name: TamperingTests.name)])
            return .checkpoint(source.checkpointRows[0].size)
        },
        Mutation("everything rewritten, signed with the key itself") { source, whole, random in
            let (entry, id) = any(source, &random)
            flip(&source.entries[id]![entry.index].sealed, &random)
            source.rewrite(entry.log)
            try source.resign(by: [whole.signer])
            return .head(entry.log, entry.index)
        },
        Mutation("an entry left out, everything rewritten, signed with the key itself") { source, whole, random in
            let (entry, id) = any(source, &random)
            source.entries[id]!.remove(at: entry.index)
            source.rewrite(entry.log)
            try source.resign(by: [whole.signer])
            return .head(entry.log, entry.index)
        },
        Mutation("back to an earlier checkpoint, consistently") { source, _, random in
            let kept = Int.random(in: 0..<source.checkpointRows.count, using: &random)
            let gone = source.checkpointRows[kept].size
            source.checkpointRows.removeSubrange(kept...)
            source.headRows.removeSubrange(Int(source.checkpointRows.last?.size ?? 0)...)
            for log in source.logRows.indices {
                let size = source.headRows.last { LogPlace($0.head) == source.logRows[log].place }?.head.size ?? 0
                source.entries[source.logRows[log].id]!.removeSubrange(Int(size)...)
                source.rewrite(log)
            }
            return .checkpoint(gone)
        },
    ]

    // MARK: Heads, checkpoints, logs, kept roots

    private static let ofTheRest = [
        Mutation("a head") { source, _, random in
            let place = source.headRows.indices.randomElement(using: &random)!
            switch Int.random(in: 0..<6, using: &random) {
            case 0: source.headRows[place].position += 1
            case 1: source.headRows[place].head.size ^= 1
            case 2: source.headRows[place].head.topic += "x"
            case 3: source.headRows[place].head.cluster += "x"
            case 4: source.headRows[place].head.partition += 1
            default: source.headRows[place].head.root = .leaf([])
            }
            return .headRow(place)
        },
        Mutation("a head away") { source, _, random in
            let place = source.headRows.indices.randomElement(using: &random)!
            source.headRows.remove(at: place)
            return .headRow(place)
        },
        Mutation("a byte of a checkpoint") { source, _, random in
            let place = source.checkpointRows.indices.randomElement(using: &random)!
            var note = Array(source.checkpointRows[place].note.utf8)
            flip(&note, &random)
            source.checkpointRows[place].note = String(decoding: note, as: UTF8.self)
            return .checkpoint(source.checkpointRows[place].size)
        },
        Mutation("a checkpoint's size") { source, _, random in
            let place = source.checkpointRows.indices.randomElement(using: &random)!
            let signed = source.checkpointRows[place].size
            source.checkpointRows[place].size ^= UInt64.random(in: 1...255, using: &random)
            return .checkpoint(signed, or: source.checkpointRows[place].size)
        },
        Mutation("a checkpoint away") { source, _, random in
            let gone = source.checkpointRows.indices.randomElement(using: &random)!
            return .checkpoint(source.checkpointRows.remove(at: gone).size)
        },
        Mutation("a log's row") { source, _, random in
            let log = Int.random(in: source.logRows.indices, using: &random)
            switch Int.random(in: 0..<9, using: &random) {
            case 0: source.logRows[log].size += 1
            case 1: flip(&source.logRows[log].frontier, &random)
            case 2: flip(&source.logRows[log].root, &random)
            case 3: source.logRows[log].partition += 5
            case 4: source.logRows[log].topic += "x"
            case 5: source.logRows[log].cluster += "x"
            case 6: source.logRows[log].archived += 256
            case 7: source.logRows[log].id += 5
            default: source.logRows.remove(at: log)
            }
            return .log(log)
        },
        Mutation("a byte of a kept root", ofLongLog: true) { source, _, random in
            flip(&source.subtreeRows[1]![0].root, &random)
            return .keptRoot(0)
        },
        Mutation("a kept root elsewhere", ofLongLog: true) { source, _, random in
            switch Int.random(in: 0..<5, using: &random) {
            case 0: source.subtreeRows[1]!.removeAll()
            case 1: source.subtreeRows[1]![0].position += UInt64.random(in: 1...9, using: &random)
            case 2: source.subtreeRows[1]![0].height += 1
            case 3:
                source.subtreeRows[2, default: []] += source.subtreeRows[1]!
                return .keptRoot(1)
            default:
                source.subtreeRows[9] = source.subtreeRows[1]!
                return .stray(9)
            }
            return .keptRoot(0)
        },
    ]
}
