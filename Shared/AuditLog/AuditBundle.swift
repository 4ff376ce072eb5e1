import Foundation
import TransparencyLog

/// Part of the audit log with its proofs, as lines of JSON; docs/audit-format.md is the format's text.
///
/// The first line holds the checkpoint and the snapshot that it signed: the tree of the heads before it and the heads
/// themselves. Then come sections: a line that says which log, and a line for each entry.
enum BundleLine {
    static let format = "quorate-audit-bundle-1"

    struct Top: Codable {
        var format: String
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

    /// Entries of one log, one after another. A single entry may have its inclusion proof in the place of the two others.
    struct Section: Codable {
        var cluster: String
        var topic: String
        var partition: Int32
        /// Index of the first entry.
        var first: UInt64
        var entries: UInt64
        /// Of the entries before the first.
        var frontier: [Data]?
        /// From the tree that ends with the last entry here to the head of the log.
        var consistency: [Data]?
        var inclusion: [Data]?
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
        public let entries: UInt64
        public let logs: Int
        public var sentence: String {
            "\(entries) entries in \(logs) logs are in the log whose checkpoint \(checkpoint) was signed, unaltered and without gaps."
        }
    }

    /// `lines` without their ends.
    public func run(_ lines: some Sequence<Data>) throws -> Result {
        var lines = lines.makeIterator()
        guard let top = lines.next().flatMap({ try? decoder.decode(BundleLine.Top.self, from: $0) }),
            top.format == BundleLine.format
        else { throw AuditFault("this is no bundle of the form \(BundleLine.format).") }
        let (checkpoint, heads) = try judge(top)
        var (entries, logs): (UInt64, Set<LogPlace>) = (0, [])
        while let line = lines.next() {
            guard let section = try? decoder.decode(BundleLine.Section.self, from: line) else {
                throw AuditFault("after \(entries) entries: a line is not the start of a log's entries.")
            }
            let place = LogPlace(cluster: section.cluster, topic: section.topic, partition: section.partition)
            guard let head = heads[place] else {
                throw AuditFault("log \(place): checkpoint \(checkpoint.size) does not cover it.")
            }
            try judge(section, of: place, head, &lines)
            entries += section.entries
            logs.insert(place)
        }
        return Result(checkpoint: checkpoint.size, entries: entries, logs: logs.count)
    }

    private func judge(_ top: BundleLine.Top) throws -> (Checkpoint, [LogPlace: LogHead]) {
        let checkpoint: Checkpoint
        do {
            checkpoint = try Checkpoint(note: top.checkpoint, trusting: keys)
        } catch let error as NoteError {
            throw AuditFault("the checkpoint: \(error).")
        }
        guard var tree = MerkleTree(size: top.headsBefore, frontierBytes: top.frontier.flatMap { Array($0) }) else {
            throw AuditFault("checkpoint \(checkpoint.size): the tree before its snapshot is not whole.")
        }
        var heads: [LogPlace: LogHead] = [:]
        for head in top.heads {
            guard head.root.count == TreeHash.byteCount, head.size <= UInt64(Int64.max) else {
                throw AuditFault("checkpoint \(checkpoint.size): head \(tree.size) has no root or size.")
            }
            let head = LogHead(
                cluster: head.cluster, topic: head.topic, partition: head.partition, size: head.size,
                root: TreeHash(bytes: Array(head.root)))
            heads[LogPlace(head)] = head
            tree.append(head.leaf)
        }
        guard tree.size == checkpoint.size, tree.root == checkpoint.root else {
            throw AuditFault("checkpoint \(checkpoint.size): the heads are not those that it signed.")
        }
        return (checkpoint, heads)
    }

    private func judge(
        _ section: BundleLine.Section, of place: LogPlace, _ head: LogHead, _ lines: inout some IteratorProtocol<Data>
    ) throws {
        func hashes(_ data: [Data]) throws -> [TreeHash] {
            guard data.allSatisfy({ $0.count == TreeHash.byteCount }) else {
                throw AuditFault("log \(place): a hash of the proof does not have 32 bytes.")
            }
            return data.map { TreeHash(bytes: Array($0)) }
        }
        guard section.entries > 0, section.first < head.size, section.entries <= head.size - section.first else {
            throw AuditFault(
                "log \(place): entries \(section.first) on are not among the \(head.size) that were signed.")
        }
        if let proof = section.inclusion {
            guard section.entries == 1 else { throw AuditFault("log \(place): a proof of inclusion is of one entry.") }
            let leaf = try entry(&lines, at: section.first, of: place).hash
            guard
                Proof.isIncluded(leaf, at: section.first, in: head.size, root: head.root, by: try hashes(proof))
            else { throw AuditFault("log \(place): entry \(section.first) is not in the log that was signed.") }
            return
        }
        guard let frontier = section.frontier, let proof = section.consistency,
            var tree = MerkleTree(size: section.first, frontierBytes: try hashes(frontier).flatMap(\.bytes))
        else { throw AuditFault("log \(place): there is no proof for entries \(section.first) on.") }
        var offset: Int64 = -1
        for index in section.first..<section.first + section.entries {
            let found = try entry(&lines, at: index, of: place)
            guard found.offset > offset else {
                throw AuditFault("log \(place): entry \(index) (offset \(found.offset)) is out of order.")
            }
            offset = found.offset
            tree.append(found.hash)
        }
        guard
            Proof.isConsistent(tree.root, of: tree.size, with: head.root, of: head.size, by: try hashes(proof))
        else {
            throw AuditFault(
                "log \(place): entries \(section.first) to \(tree.size - 1) are not those that were signed.")
        }
    }

    private func entry(
        _ lines: inout some IteratorProtocol<Data>, at index: UInt64, of place: LogPlace
    ) throws -> (offset: Int64, hash: TreeHash) {
        guard let line = lines.next(), let entry = try? decoder.decode(BundleLine.Entry.self, from: line),
            entry.entry == index
        else { throw AuditFault("log \(place): entry \(index) is missing.") }
        let hash = place.leaf.hash(columns: entry.columns, sealed: Array(entry.sealed))
        guard entry.leaf.elementsEqual(hash.bytes) else {
            throw AuditFault("log \(place): entry \(index) (offset \(entry.offset)) is not what was received.")
        }
        return (entry.offset, hash)
    }
}
