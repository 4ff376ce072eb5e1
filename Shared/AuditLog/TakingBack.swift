import Postgres
import TransparencyLog

extension HeadLog {
    private static let lock: Int64 = 0x71_756f_6865_6164

    /// Of whoever extends the log of heads: waits for the end of another's transaction.
    public static func lock(_ transaction: borrowing Transaction) throws {
        try transaction.execute("SELECT pg_advisory_xact_lock(\(lock))")
    }

    /// The same without waiting.
    public static func tryLock(_ transaction: borrowing Transaction) throws -> Bool {
        try transaction.execute("SELECT pg_try_advisory_xact_lock(\(lock)) AS got")[0].bool("got")
    }

    /// The keys that signed what is here.
    public func signingKeys() throws -> [NoteVerifier] {
        do {
            return try connection.execute("SELECT verifier FROM auditing.signing_key ORDER BY first_used_at").map {
                try NoteVerifier($0.string(0))
            }
        } catch let error as NoteError { throw AuditFault("a row of auditing.signing_key: \(error).") }
    }

    /// A place that was given more than `size`, the last that any place holds now: what it held besides, the database may not
    /// know. Of places that cannot be read nothing can be said.
    public func given(after size: UInt64) throws -> (place: String, size: UInt64)? {
        try connection.execute(
            "SELECT place, size FROM auditing.checkpoint_place WHERE size > \(Int64(size)) ORDER BY size DESC"
        ).map { (place: $0.string("place"), size: UInt64($0.int64("size"))) }
            .first { CheckpointPlace($0.place)?.canBeRead ?? false }
    }

    /// Adds what was published and is not here, as after a restore, in the caller's transaction. `kept` begins with a checkpoint
    /// that is here, where there is one. Returns the sizes that were added.
    public func takeBack(_ kept: [PublishedCheckpoint], trusting keys: [NoteVerifier]) throws -> [UInt64] {
        var known = try signed(of: try kept.map { try $0.signed.size })
        var tree = try tree(size: try size())
        var added: [UInt64] = []
        for published in kept {
            let signed = try published.signed
            if signed.size <= tree.size {
                guard known[signed.size] == signed else {
                    throw AuditFault(
                        "checkpoint \(signed.size), as it was kept, is not among those of the database")
                }
                continue
            }
            let checkpoint = try Checkpoint(note: published.note, trusting: keys)
            try append(published.heads, to: &tree) { _ in published.note }
            guard tree.size == checkpoint.size, tree.root == checkpoint.root else {
                throw AuditFault(
                    "checkpoint \(signed.size), as it was kept, does not extend those of the database")
            }
            known[checkpoint.size] = checkpoint
            added.append(checkpoint.size)
        }
        return added
    }
}
