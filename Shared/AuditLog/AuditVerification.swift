import Dispatch
import Synchronization
import TransparencyLog

/// What does not hold, with the first place that shows it.
public struct AuditFault: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// Recomputes leaves, roots and heads, and holds them against every checkpoint.
public struct AuditVerification: Sendable {
    public struct Verdict: Sendable {
        public var entries: UInt64 = 0
        public var logs = 0
        public var checkpoints = 0
        /// Entries that no checkpoint covers yet: they could still be altered unseen.
        public var uncovered: UInt64 = 0
        /// Entries that are in archives: `LogArchive` judges those.
        public var archived: UInt64 = 0
        /// Whether it did.
        public var areArchivesJudged = false
        /// What was given up as lost, in the order of the logs.
        public var losses: [AcceptedLoss] = []
        public var faults: [AuditFault] = []

        public var isGood: Bool { faults.isEmpty }
        /// What holds, or the first place that does not.
        public var sentence: String {
            if let fault = faults.first { return fault.description }
            let open = uncovered == 0 ? "" : "; the last \(uncovered) entries wait for the next checkpoint"
            let before =
                if archived == 0 {
                    ""
                } else if areArchivesJudged {
                    "; the \(archived) entries before them are in the archives that were given"
                } else {
                    "; \(archived) entries before them are in archives that were not given: name them with --archive"
                }
            let lost =
                losses.isEmpty ? "" : "; given up as lost: \(losses.map(\.words).joined(separator: "; "))"
            return "\(entries) entries in \(logs) logs and \(checkpoints) checkpoints: all fit\(lost)\(before)\(open)."
        }
    }

    private let open: @Sendable () throws -> any AuditSource
    private let keys: [NoteVerifier]
    private let outside: [PublishedCheckpoint]

    /// `open` gives a source of its own to each thread. `outside` are checkpoints that were kept elsewhere.
    public init(
        keys: [NoteVerifier], outside: [PublishedCheckpoint] = [],
        open: @escaping @Sendable () throws -> any AuditSource
    ) {
        self.open = open
        self.keys = keys
        self.outside = outside
    }

    /// All of it, or what came after the checkpoint of that size. The first place is that of the log that was there first.
    /// `progress` is told of entries done, from any thread.
    public func run(
        since size: UInt64 = 0, threads: Int = 1, progress: @escaping @Sendable (_ done: UInt64) -> Void = { _ in }
    ) throws -> Verdict {
        var verdict = Verdict()
        let source = try open()
        do {
            let signed = try SignedHeads(source, keys: keys, outside: outside, since: size)
            verdict.checkpoints = signed.checkpoints
            let logs = try source.logs().sorted { $0.id < $1.id }
            try signed.demandEveryLog(in: logs)
            let lost = try AcceptedLoss.all(of: logs, in: source)
            let parts = Mutex([Verdict](repeating: Verdict(), count: logs.count))
            let turn = Mutex(0)
            let failure = Mutex<(any Error)?>(nil)
            DispatchQueue.concurrentPerform(iterations: max(1, min(threads, logs.count))) { _ in
                do {
                    let source = try open()
                    while let place = turn.withLock({ next in
                        defer { next += 1 }
                        return next < logs.count ? next : nil
                    }) {
                        let part = try Self.verify(
                            logs[place], of: source, against: signed, lost: lost[logs[place].place], progress)
                        parts.withLock { $0[place] = part }
                    }
                } catch { failure.withLock { $0 = $0 ?? error } }
            }
            if let error = failure.withLock({ $0 }) { throw error }
            for part in parts.withLock({ $0 }) { verdict.add(part) }
            if verdict.isGood, let stray = try source.stray() { verdict.faults.append(AuditFault(stray)) }
        } catch let fault as AuditFault {
            verdict.faults.append(fault)
        }
        return verdict
    }

    private static func verify(
        _ log: StoredLog, of source: any AuditSource, against signed: SignedHeads, lost: AcceptedLoss?,
        _ progress: (UInt64) -> Void
    ) throws -> Verdict {
        var part = Verdict()
        part.logs = 1
        part.archived = log.archived
        let start = signed.starts[log.place]
        let intact = lost?.first ?? UInt64.max
        let first = max(min(start?.size ?? 0, intact), log.archived)
        do {
            guard log.archived <= log.size else {
                throw AuditFault("log \(log.place): more is archived than its \(log.size) entries.")
            }
            let tree = first == 0 ? MerkleTree() : try source.tree(of: log.id, size: first)
            let all = (start.map { [$0] } ?? []) + (signed.heads[log.place] ?? [])
            if let lost {
                guard all.last?.size == lost.end else {
                    throw AuditFault(
                        "log \(log.place): it was given up at \(lost.end) entries, and a checkpoint signed \(all.last?.size ?? 0)."
                    )
                }
                part.losses = [lost]
            }
            let heads = all.filter { $0.size >= first && $0.size <= intact }
            if let head = heads.first, head.size == first, head.root != tree.root {
                throw AuditFault(
                    "log \(log.place): the tree of its first \(first) entries is not the one that was signed.")
            }
            var walk = LogWalk(log.place, from: tree, heads: heads.filter { $0.size > first })
            var state: StoredLog?
            var pending: UInt64 = 0
            try source.read(log.id, from: walk.size) { stored in
                state = stored
            } entry: { entry in
                try walk.take(entry)
                pending += 1
                if pending == 10_000 {
                    progress(pending)
                    pending = 0
                }
            } subtrees: { kept in
                try walk.demand(kept)
            }
            progress(pending)
            part.entries = walk.size - first
            guard let state, state.place == log.place else {
                throw AuditFault("log \(log.place): its row is gone or names another partition.")
            }
            let uncovered = try walk.end(at: state)
            part.uncovered = lost == nil ? uncovered : 0
        } catch let fault as AuditFault {
            part.faults.append(fault)
        }
        return part
    }
}

extension AuditVerification.Verdict {
    fileprivate mutating func add(_ part: Self) {
        entries += part.entries
        logs += part.logs
        archived += part.archived
        uncovered += part.uncovered
        losses += part.losses
        faults += part.faults
    }
}

/// One log, entry by entry.
struct LogWalk {
    private let place: LogPlace
    private let leaf: RecordLeaf
    private var tree: MerkleTree
    private var heads: ArraySlice<LogHead>
    private var lastOffset: Int64 = -1
    private var kept: [StoredSubtree] = []
    /// Entries up to here are those that some checkpoint signed.
    private var covered: UInt64

    /// `heads` by size, beyond the tree's.
    init(_ place: LogPlace, from tree: MerkleTree, heads: [LogHead]) {
        self.place = place
        leaf = place.leaf
        self.tree = tree
        self.heads = heads[...]
        covered = tree.size
    }

    var size: UInt64 { tree.size }
    var root: TreeHash { tree.root }

    mutating func take(_ entry: LentEntry) throws {
        guard entry.index >= 0 else { throw AuditFault("log \(place): entry \(entry.index) is before the first.") }
        guard entry.index == Int64(tree.size) else {
            throw AuditFault(
                entry.index > Int64(tree.size)
                    ? "log \(place): entry \(tree.size) is missing."
                    : "log \(place): entry \(entry.index) is there twice.")
        }
        let hash = leaf.hash(columns: entry.columns, sealed: entry.sealed)
        guard entry.leafHash.count == TreeHash.byteCount, TreeHash(entry.leafHash) == hash, let offset = entry.offset,
            offset > lastOffset
        else {
            throw AuditFault(
                "log \(place): entry \(tree.size) (offset \(entry.offset ?? -1)) is not what was received.")
        }
        lastOffset = offset
        append(hash)
        if heads.first?.size == tree.size { try judge() }
    }

    private mutating func append(_ hash: TreeHash) {
        tree.append(hash) { kept.append(StoredSubtree(height: $0, position: $1, root: $2.bytes)) }
    }

    private mutating func judge() throws {
        let root = tree.root
        while let head = heads.first, head.size == tree.size {
            guard head.root == root else {
                throw AuditFault(
                    "log \(place): its first \(tree.size) entries are not those that were signed; the first altered one is among \(covered) to \(tree.size - 1)."
                )
            }
            heads.removeFirst()
        }
        covered = tree.size
    }

    /// The kept subtrees must be those of the entries that were walked.
    func demand(_ stored: [StoredSubtree]) throws {
        guard Set(stored) != Set(kept) || stored.count != kept.count else { return }
        let wrong = Set(stored).symmetricDifference(kept).min { ($0.height, $0.position) < ($1.height, $1.position) }
        let width = UInt64(1) << UInt64(wrong?.height ?? 0)
        let first = (wrong?.position ?? 0).multipliedReportingOverflow(by: width).partialValue
        throw AuditFault("log \(place): the kept root of its entries from \(first) on is not theirs.")
    }

    /// Returns how many entries no checkpoint covers.
    func end(at state: StoredLog) throws -> UInt64 {
        if let head = heads.first {
            throw AuditFault(
                "log \(place): \(tree.size) entries, where a checkpoint signed \(head.size); entry \(tree.size) is missing."
            )
        }
        guard tree.size == state.size else {
            throw AuditFault("log \(place): \(tree.size) entries, where its state says \(state.size).")
        }
        guard tree.root.bytes == state.root || (state.size == 0 && state.root.isEmpty),
            tree.frontierBytes == state.frontier
        else {
            throw AuditFault("log \(place): the root over its \(tree.size) entries is not the one recorded.")
        }
        return tree.size - covered
    }
}
