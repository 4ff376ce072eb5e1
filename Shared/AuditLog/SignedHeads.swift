import TransparencyLog

/// The log of heads, checked: every snapshot is what its checkpoint signed, and holds every log of the one before.
struct SignedHeads: Sendable {
    /// By log: heads in order of size, without repeats.
    private(set) var heads: [LogPlace: [LogHead]] = [:]
    /// By log: the head at the checkpoint that verification starts from.
    private(set) var starts: [LogPlace: LogHead] = [:]
    private(set) var checkpoints = 0

    init(
        _ source: some AuditSource, keys: [NoteVerifier], outside: [PublishedCheckpoint], since: UInt64
    ) throws {
        let log = try source.headLog()
        let (stored, rows) = (log.checkpoints, log.heads)
        var published = try outside.map { (try Self.judged($0.note, "as published", keys), $0.heads) }[...]
        var tree = MerkleTree()
        var kept: [StoredSubtree] = []
        var next = rows[...]
        var last: [LogPlace: LogHead] = [:]
        for row in stored {
            let checkpoint = try Self.judged(row.note, "\(row.size)", keys)
            guard checkpoint.size == row.size, row.size > tree.size else {
                throw AuditFault("checkpoint \(row.size): its row does not give the size that was signed.")
            }
            var snapshot: [LogHead] = []
            while tree.size < row.size {
                guard let head = next.popFirst(), head.position == Int64(tree.size) else {
                    throw AuditFault("checkpoint \(row.size): head \(tree.size) is missing.")
                }
                snapshot.append(head.head)
                tree.append(head.head.leaf) { kept.append(StoredSubtree(height: $0, position: $1, root: $2.bytes)) }
            }
            // What left the database comes first: it says which log was altered.
            while let (outer, heads) = published.first, outer.size <= row.size {
                published.removeFirst()
                try Self.compare(outer, heads, with: checkpoint, snapshot, rows, isSame: tree.root == outer.root)
            }
            guard tree.root == checkpoint.root else {
                throw AuditFault("checkpoint \(row.size): the heads before it are not those that were signed.")
            }
            try take(snapshot, after: &last, at: checkpoint, since: since)
            checkpoints += 1
        }
        if let (outer, _) = published.first {
            throw AuditFault(
                "checkpoint \(outer.size) was published and is not in the database: what it covers was taken back.")
        }
        if let head = next.first {
            throw AuditFault("head \(head.position) of log \(LogPlace(head.head)) is covered by no checkpoint.")
        }
        guard Set(log.subtrees) == Set(kept), log.subtrees.count == kept.count else {
            throw AuditFault("the kept roots of the log of heads are not those of its heads.")
        }
        guard since == 0 || stored.contains(where: { $0.size == since }) else {
            throw AuditFault("there is no checkpoint of size \(since).")
        }
    }

    /// `name`: which checkpoint it should be.
    private static func judged(_ note: String, _ name: String, _ keys: [NoteVerifier]) throws -> Checkpoint {
        do {
            return try Checkpoint(note: note, trusting: keys)
        } catch let error as NoteError {
            throw AuditFault("checkpoint \(name): \(error).")
        }
    }

    /// A checkpoint that left the database against what the database has now.
    private static func compare(
        _ outer: Checkpoint, _ heads: [LogHead], with checkpoint: Checkpoint, _ snapshot: [LogHead],
        _ rows: [StoredHead], isSame: Bool
    ) throws {
        if outer.size == checkpoint.size && isSame { return }
        let now = Dictionary(snapshot.map { (LogPlace($0), $0) }, uniquingKeysWith: { first, _ in first })
        if outer.size == checkpoint.size {
            for head in heads where now[LogPlace(head)] != head {
                throw AuditFault(
                    "log \(LogPlace(head)): the head of its first \(head.size) entries in checkpoint \(outer.size) is not the one that was published."
                )
            }
        }
        throw AuditFault("checkpoint \(outer.size), as it was published, is not among those in the database.")
    }

    private mutating func take(
        _ snapshot: [LogHead], after last: inout [LogPlace: LogHead], at checkpoint: Checkpoint, since: UInt64
    ) throws {
        var now: [LogPlace: LogHead] = [:]
        for head in snapshot {
            let place = LogPlace(head)
            guard now.updateValue(head, forKey: place) == nil else {
                throw AuditFault("checkpoint \(checkpoint.size): log \(place) is in it twice.")
            }
            let before = last[place]
            guard head.size >= before?.size ?? 0, head.size != before?.size || head.root == before?.root else {
                throw AuditFault("log \(place): checkpoint \(checkpoint.size) takes back what was signed before.")
            }
            if checkpoint.size == since { starts[place] = head }
            if checkpoint.size > since, head.size > before?.size ?? 0 { heads[place, default: []].append(head) }
        }
        let missing = last.keys.filter { now[$0] == nil }
        if let gone = missing.min(by: { $0.description < $1.description }) {
            throw AuditFault("checkpoint \(checkpoint.size): log \(gone), which was signed before, is not in it.")
        }
        last = now
    }

    /// A log that was signed must be there, under its own name.
    func demandEveryLog(in logs: [StoredLog]) throws {
        let places = Set(logs.map(\.place))
        for place in Set(heads.keys).union(starts.keys).sorted(by: { $0.description < $1.description })
        where !places.contains(place) {
            throw AuditFault("log \(place): entry 0 is missing, and all that followed; checkpoints signed it.")
        }
        guard places.count == logs.count else { throw AuditFault("a log is there twice.") }
    }
}
