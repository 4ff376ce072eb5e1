import Foundation
import TransparencyLog

@testable import AuditLog

/// The audit log's tables in memory, as a test may alter them.
struct MemorySource: AuditSource {
    struct Entry: Hashable {
        var index: Int64
        var leafHash: [UInt8]
        var sealed: [UInt8]
        var columns: Columns
    }

    /// What a leaf covers of a row, but for its seal.
    struct Columns: Hashable {
        var offset: Int64
        var timestamp: Int64
        /// Type, source, id, authority, subject, correlation id.
        var texts: [String?]
        var keyId: Int64

        var bytes: [UInt8] {
            RecordLeaf.columns(
                offset: offset, timestamp: timestamp, type: texts[0], source: texts[1], id: texts[2],
                authority: texts[3], subject: texts[4], correlationId: texts[5], keyId: keyId)
        }
    }

    var logRows: [StoredLog] = []
    var entries: [Int64: [Entry]] = [:]
    var subtreeRows: [Int64: [StoredSubtree]] = [:]
    var headRows: [StoredHead] = []
    var checkpointRows: [StoredCheckpoint] = []

    func headLog() -> StoredHeadLog {
        StoredHeadLog(
            checkpoints: checkpointRows.sorted { $0.size < $1.size },
            heads: headRows.sorted { $0.position < $1.position }, subtrees: subtreeRows[0] ?? [])
    }
    func logs() -> [StoredLog] { logRows }
    func stray() -> String? {
        let known = Set(logRows.map(\.id))
        let strays = [Set(entries.keys), Set(subtreeRows.keys).subtracting([0])].map { $0.subtracting(known) }
        return strays.compactMap { $0.min() }.first.map { "there are rows of log \($0), which does not exist." }
    }

    func read(
        _ id: Int64, from index: UInt64, begin: (StoredLog) throws -> Void, entry: (LentEntry) throws -> Void,
        subtrees: ([StoredSubtree]) throws -> Void
    ) throws {
        guard let log = logRows.first(where: { $0.id == id }) else { return }
        try begin(log)
        let rows = (entries[id] ?? []).sorted { $0.index < $1.index }
        for row in rows where row.index < 0 || row.index >= Int64(index) {
            try row.leafHash.withUnsafeBytes { hash in
                try row.sealed.withUnsafeBytes { sealed in
                    try row.columns.bytes.withUnsafeBytes { columns in
                        try entry(LentEntry(index: row.index, leafHash: hash, sealed: sealed, columns: columns))
                    }
                }
            }
        }
        try subtrees(subtreeRows[id] ?? [])
    }

    func tree(of id: Int64, size: UInt64) throws -> MerkleTree {
        try MerkleTree(
            size: size, of: LeafHashes((entries[id] ?? []).prefix(Int(size)).map { TreeHash(bytes: $0.leafHash) }))
    }

    // MARK: What auditing writes

    mutating func addLog(_ topic: String, _ partition: Int32) {
        logRows.append(
            StoredLog(
                id: Int64(logRows.count) + 1, cluster: "cluster", topic: topic, partition: partition, size: 0,
                frontier: [], root: []))
    }

    mutating func append(_ count: Int, to place: Int) {
        let log = logRows[place]
        for offset in Int64(log.size)..<Int64(log.size) + Int64(count) {
            let columns = Columns(
                offset: offset, timestamp: 1_700_000_000_000 + offset,
                texts: [
                    "quorate.child.registered.v1", offset % 5 == 0 ? nil : "urn:test", "event-\(offset)", "E09000001",
                    "C-\(offset % 7)", offset % 3 == 0 ? "correlation" : nil,
                ], keyId: offset % 7 + 1)
            let sealed = (0..<40).map { UInt8(truncatingIfNeeded: offset &* 31 &+ $0 &* 7) }
            entries[log.id, default: []].append(
                Entry(index: offset, leafHash: [], sealed: sealed, columns: columns))
        }
        rewrite(place)
    }

    /// Leaves, kept subtrees and the log's row from the entries: what a worker writes, and who wants to hide a change.
    mutating func rewrite(_ place: Int) {
        let log = logRows[place]
        var tree = MerkleTree()
        var kept: [StoredSubtree] = []
        let rows = entries[log.id] ?? []
        for row in rows.indices {
            let hash = log.place.leaf.hash(columns: rows[row].columns.bytes, sealed: rows[row].sealed)
            entries[log.id]![row].leafHash = hash.bytes
            entries[log.id]![row].index = Int64(row)
            tree.append(hash) { kept.append(StoredSubtree(height: $0, position: $1, root: $2.bytes)) }
        }
        subtreeRows[log.id] = kept
        logRows[place].size = tree.size
        logRows[place].frontier = tree.frontierBytes
        logRows[place].root = tree.root.bytes
    }

    /// An entry that gives up a part of a log, in a log of its own: a new one, or the one at this place.
    mutating func giveUp(_ log: Int, from first: UInt64, to end: UInt64, at place: Int? = nil) {
        if place == nil { addLog(AcceptedLoss.topic, 0) }
        let (place, lost) = (place ?? logRows.count - 1, logRows[log].place)
        let loss = AcceptedLoss(
            cluster: lost.cluster, topic: lost.topic, partition: lost.partition, first: first, end: end,
            login: "operator",
            reason: "")
        let offset = Int64(entries[logRows[place].id]?.count ?? 0)
        let columns = Columns(
            offset: offset, timestamp: 1_700_000_000_000, texts: [String?](repeating: nil, count: 6), keyId: 0)
        entries[logRows[place].id, default: []].append(
            Entry(index: offset, leafHash: [], sealed: Array(try! JSONEncoder().encode(loss)), columns: columns))
        rewrite(place)
    }

    /// The checkpoint that auditing would write now; what it sends out. Of a log that is closed its last head is carried on.
    @discardableResult
    mutating func checkpoint(by signers: [NoteSigner], closed: [Int: LogHead] = [:]) throws -> PublishedCheckpoint {
        let heads = logRows.indices.filter { logRows[$0].size > 0 }.map { place in
            let log = logRows[place]
            return closed[place]
                ?? LogHead(
                    cluster: log.cluster, topic: log.topic, partition: log.partition, size: log.size,
                    root: TreeHash(bytes: log.root))
        }
        for head in heads { headRows.append(StoredHead(position: Int64(headRows.count), head: head)) }
        var tree = MerkleTree()
        var kept: [StoredSubtree] = []
        for row in headRows {
            tree.append(row.head.leaf) { kept.append(StoredSubtree(height: $0, position: $1, root: $2.bytes)) }
        }
        subtreeRows[0] = kept
        let checkpoint = Checkpoint(origin: signers[0].verifier.name, size: tree.size, root: tree.root)
        let note = try SignedNote(signing: checkpoint.text, by: signers).description
        checkpointRows.append(StoredCheckpoint(size: tree.size, note: note))
        return PublishedCheckpoint(note: note, heads: heads)
    }

    /// The same snapshots over what the entries are now, signed by somebody.
    mutating func resign(by signers: [NoteSigner]) throws {
        let sizes = checkpointRows.map(\.size)
        var tree = MerkleTree()
        var notes: [StoredCheckpoint] = []
        for row in headRows.indices {
            let head = headRows[row].head
            let log = logRows.firstIndex { $0.place == LogPlace(head) }!
            let hashes = LeafHashes((entries[logRows[log].id] ?? []).map { TreeHash(bytes: $0.leafHash) })
            headRows[row].head.root = try hashes.root(of: 0..<min(head.size, hashes.size))
            tree.append(headRows[row].head.leaf)
            guard sizes.contains(tree.size) else { continue }
            let checkpoint = Checkpoint(origin: signers[0].verifier.name, size: tree.size, root: tree.root)
            notes.append(
                StoredCheckpoint(
                    size: tree.size, note: try SignedNote(signing: checkpoint.text, by: signers).description))
        }
        checkpointRows = notes
    }
}
