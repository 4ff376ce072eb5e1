import Foundation
import TransparencyLog

/// Part of the audit log with its proofs, as lines of JSON; docs/audit-format.md is the format's text.
///
/// The first line holds a checkpoint with the snapshot that it signed and, in a whole bundle, an earlier one: together they
/// say which entries of which logs must follow. Then come sections: a line that says which log, and a line for each entry.
enum BundleLine {
    static let format = "quorate-audit-bundle-2"

    struct Top: Codable {
        var format: String
        /// Every entry between the two checkpoints is here; else entries with a proof each, of which nothing follows for
        /// others.
        var whole: Bool
        var until: Snapshot
        /// Not there where the bundle begins with the first entries.
        var since: Snapshot?
        /// From the log of heads at `since` to that at `until`.
        var consistency: [Data]?
    }

    /// A checkpoint, the tree of the heads before its snapshot, and the snapshot.
    struct Snapshot: Codable {
        var checkpoint: String
        /// Number of heads before the snapshot, and the roots of the complete subtrees that they make up.
        var headsBefore: UInt64
        var frontier: [Data]
        var heads: [Head]
    }

    struct Head: Codable {
        var cluster: String
        var topic: String
        var partition: Int32
        var size: UInt64
        var root: Data

        init(_ head: LogHead) {
            cluster = head.cluster
            topic = head.topic
            partition = head.partition
            size = head.size
            root = Data(head.root.bytes)
        }
    }

    /// Entries of one log, one after another: in a whole bundle all between its heads, else one with its inclusion proof.
    struct Section: Codable {
        var cluster: String
        var topic: String
        var partition: Int32
        /// Index of the first entry.
        var first: UInt64
        var entries: UInt64
        /// Of the entries before the first.
        var frontier: [Data]?
        var inclusion: [Data]?

        init(of log: LogPlace, first: UInt64, entries: UInt64) {
            (cluster, topic, partition) = (log.cluster, log.topic, log.partition)
            (self.first, self.entries) = (first, entries)
        }
    }

    struct Entry: Codable {
        var entry: UInt64
        var offset: Int64
        var timestamp: Int64
        var type: String?
        var source: String?
        var id: String?
        var authority: String?
        var subject: String?
        var correlation: String?
        var key: Int64
        var sealed: Data
        var leaf: Data

        var columns: [UInt8] {
            RecordLeaf.columns(
                offset: offset, timestamp: timestamp, type: type, source: source, id: id, authority: authority,
                subject: subject, correlationId: correlation, keyId: key)
        }
    }
}

/// Judges a bundle with nothing but public keys.
public struct BundleVerification {
    private let keys: [NoteVerifier]
    private let decoder = JSONDecoder()

    public init(keys: [NoteVerifier]) { self.keys = keys }

    public struct Result: Sendable {
        public let checkpoint: UInt64
        /// Of the log of heads there.
        public let root: TreeHash
        /// Size of the checkpoint after which a whole bundle begins; 0 for the first entries on.
        public let since: UInt64?
        public let entries: UInt64
        public let logs: Int
        public var sentence: String {
            guard let since else {
                return
                    "\(entries) entries in \(logs) logs are in the log whose checkpoint \(checkpoint) was signed, unaltered."
            }
            let start = since == 0 ? "all" : "after checkpoint \(since)"
            return
                "\(entries) entries in \(logs) logs, \(start) up to checkpoint \(checkpoint), are what was signed: unaltered, and none is missing."
        }
    }

    /// A checkpoint whose snapshot is what it signed.
    private struct Judged {
        let checkpoint: Checkpoint
        /// In the order in which they were signed.
        let heads: [LogHead]
        let byLog: [LogPlace: LogHead]
    }

    /// `lines` without their ends.
    public func run(_ lines: some Sequence<Data>) throws -> Result {
        var lines = lines.makeIterator()
        guard let top = lines.next().flatMap({ try? decoder.decode(BundleLine.Top.self, from: $0) }),
            top.format == BundleLine.format
        else { throw AuditFault("this is no bundle of the form \(BundleLine.format).") }
        let until = try judge(top.until)
        guard top.whole else { return try single(&lines, of: until) }
        let since = try top.since.map { try judge($0) }
        if let old = since?.checkpoint {
            let (new, proof) = (until.checkpoint, try hashes(top.consistency ?? [], of: "the checkpoints"))
            guard Proof.isConsistent(old.root, of: old.size, with: new.root, of: new.size, by: proof) else {
                throw AuditFault("checkpoint \(new.size) does not add to checkpoint \(old.size).")
            }
        }
        var (entries, logs): (UInt64, Int) = (0, 0)
        for head in until.heads {
            let place = LogPlace(head)
            let before = since?.byLog[place]
            let range = (before?.size ?? 0)..<head.size
            guard !range.isEmpty else { continue }
            try whole(&lines, range, of: place, after: before, to: head)
            entries += UInt64(range.count)
            logs += 1
        }
        guard lines.next() == nil else {
            throw AuditFault("after \(entries) entries: there is more than the checkpoints cover.")
        }
        return Result(
            checkpoint: until.checkpoint.size, root: until.checkpoint.root, since: since?.checkpoint.size ?? 0,
            entries: entries, logs: logs)
    }

    private func judge(_ snapshot: BundleLine.Snapshot) throws -> Judged {
        let checkpoint: Checkpoint
        do {
            checkpoint = try Checkpoint(note: snapshot.checkpoint, trusting: keys)
        } catch let error as NoteError {
            throw AuditFault("the checkpoint: \(error).")
        }
        guard var tree = MerkleTree(size: snapshot.headsBefore, frontierBytes: snapshot.frontier.flatMap { Array($0) })
        else { throw AuditFault("checkpoint \(checkpoint.size): the tree before its snapshot is not whole.") }
        var heads: [LogHead] = []
        for head in snapshot.heads {
            guard head.root.count == TreeHash.byteCount, head.size <= UInt64(Int64.max) else {
                throw AuditFault("checkpoint \(checkpoint.size): head \(tree.size) has no root or size.")
            }
            heads.append(
                LogHead(
                    cluster: head.cluster, topic: head.topic, partition: head.partition, size: head.size,
                    root: TreeHash(bytes: Array(head.root))))
            tree.append(heads.last!.leaf)
        }
        guard tree.size == checkpoint.size, tree.root == checkpoint.root else {
            throw AuditFault("checkpoint \(checkpoint.size): the heads are not those that it signed.")
        }
        return Judged(
            checkpoint: checkpoint, heads: heads,
            byLog: Dictionary(heads.map { (LogPlace($0), $0) }, uniquingKeysWith: { $1 }))
    }

    private func hashes(_ data: [Data], of what: String) throws -> [TreeHash] {
        guard data.allSatisfy({ $0.count == TreeHash.byteCount }) else {
            throw AuditFault("\(what): a hash of the proof does not have 32 bytes.")
        }
        return data.map { TreeHash(bytes: Array($0)) }
    }

    private func section(_ lines: inout some IteratorProtocol<Data>) -> BundleLine.Section? {
        lines.next().flatMap { try? decoder.decode(BundleLine.Section.self, from: $0) }
    }

    /// All entries of one log between its heads at the two checkpoints.
    private func whole(
        _ lines: inout some IteratorProtocol<Data>, _ range: Range<UInt64>, of place: LogPlace, after before: LogHead?,
        to head: LogHead
    ) throws {
        let missing = AuditFault("log \(place): entries \(range.lowerBound) to \(range.upperBound - 1) are missing.")
        guard let section = section(&lines),
            LogPlace(cluster: section.cluster, topic: section.topic, partition: section.partition) == place,
            section.first == range.lowerBound, section.entries == UInt64(range.count)
        else { throw missing }
        let frontier = try hashes(section.frontier ?? [], of: "log \(place)")
        guard var tree = MerkleTree(size: range.lowerBound, frontierBytes: frontier.flatMap(\.bytes)),
            tree.root == before?.root ?? .empty
        else {
            throw AuditFault("log \(place): the tree before entry \(range.lowerBound) is not the one that was signed.")
        }
        var offset: Int64 = -1
        for index in range {
            let found = try entry(&lines, at: index, of: place)
            guard found.offset > offset else {
                throw AuditFault("log \(place): entry \(index) (offset \(found.offset)) is out of order.")
            }
            offset = found.offset
            tree.append(found.hash)
        }
        guard tree.root == head.root else {
            throw AuditFault(
                "log \(place): entries \(range.lowerBound) to \(range.upperBound - 1) are not those that were signed.")
        }
    }

    /// Entries with an inclusion proof each.
    private func single(_ lines: inout some IteratorProtocol<Data>, of judged: Judged) throws -> Result {
        var (entries, logs): (UInt64, Set<LogPlace>) = (0, [])
        while let line = lines.next() {
            guard let section = try? decoder.decode(BundleLine.Section.self, from: line), section.entries == 1,
                let proof = section.inclusion
            else { throw AuditFault("after \(entries) entries: a line is not the start of an entry with its proof.") }
            let place = LogPlace(cluster: section.cluster, topic: section.topic, partition: section.partition)
            guard let head = judged.byLog[place], section.first < head.size else {
                throw AuditFault(
                    "log \(place): checkpoint \(judged.checkpoint.size) does not cover entry \(section.first).")
            }
            let leaf = try entry(&lines, at: section.first, of: place).hash
            let path = try hashes(proof, of: "log \(place)")
            guard Proof.isIncluded(leaf, at: section.first, in: head.size, root: head.root, by: path) else {
                throw AuditFault("log \(place): entry \(section.first) is not in the log that was signed.")
            }
            entries += 1
            logs.insert(place)
        }
        guard entries > 0 else { throw AuditFault("the bundle holds no entry.") }
        return Result(
            checkpoint: judged.checkpoint.size, root: judged.checkpoint.root, since: nil, entries: entries,
            logs: logs.count)
    }

    private func entry(
        _ lines: inout some IteratorProtocol<Data>, at index: UInt64, of place: LogPlace
    ) throws -> (offset: Int64, hash: TreeHash) {
        guard let line = lines.next(), let entry = try? decoder.decode(BundleLine.Entry.self, from: line),
            entry.entry == index
        else { throw AuditFault("log \(place): entry \(index) is missing.") }
        let hash = place.leaf.hash(columns: entry.columns, sealed: entry.sealed)
        guard entry.leaf.elementsEqual(hash.bytes) else {
            throw AuditFault("log \(place): entry \(index) (offset \(entry.offset)) is not what was received.")
        }
        return (entry.offset, hash)
    }
}
