import AuditLog
import Logging
import Postgres
import TransparencyLog
import Workers

/// Signs what the log has become, again and again, and sends it to places that the database's owner does not control.
///
/// Any auditing worker may; an advisory lock lets one at a time. It signs nothing that does not extend what was signed
/// before, by the entries as they are stored now.
struct CheckpointWriter {
    struct Rhythm {
        let entries: Int
        let seconds: Int
    }

    /// It may not sign: the reason, for an operator.
    private struct Refusal: Error {
        let reason: String
        let place: String
    }

    private let databaseURL: String
    private let signers: [NoteSigner]
    private let rhythm: Rhythm
    private let places: [CheckpointPlace]
    private let log: Logger
    private var connection: Connection?
    private var complained = ContinuousClock.now - .seconds(3_600)

    private static let lock: Int64 = 0x71_756f_6865_6164
    private static let complaintSeconds = 60.0

    init(databaseURL: String, signers: [NoteSigner], rhythm: Rhythm, places: [CheckpointPlace], log: Logger) {
        self.databaseURL = databaseURL
        self.signers = signers
        self.rhythm = rhythm
        self.places = places
        self.log = log
    }

    /// A session beside the loop's own, whose transactions are the loop's.
    private mutating func session() throws -> Connection {
        if let connection, !connection.isBroken { return connection }
        let made = try Connection(
            databaseURL, applicationName: "quorate-auditing-checkpoints",
            options: .init(
                statementTimeoutMilliseconds: Limits.statementTimeoutMilliseconds,
                lockTimeoutMilliseconds: Limits.lockTimeoutMilliseconds,
                idleInTransactionTimeoutMilliseconds: Limits.idleTransactionMilliseconds))
        connection = made
        return made
    }

    /// A database that was restored takes back from a kept file what it had signed since.
    mutating func started() throws {
        let connection = try session()
        for case .file(let path) in places {
            do {
                let kept = try PublishedCheckpoint.read(file: path)
                guard !kept.isEmpty else { continue }
                try connection.transaction { transaction in
                    try transaction.execute("SELECT pg_advisory_xact_lock(\(Self.lock))")
                    try takeBack(kept, on: connection)
                }
            } catch let fault where !(fault is PostgresError) { complain(fault) }
        }
    }

    private func takeBack(_ kept: [PublishedCheckpoint], on connection: Connection) throws {
        let heads = HeadLog(connection)
        let last = try heads.last()?.size ?? 0
        var tree = try heads.tree(size: last)
        for published in kept {
            let checkpoint = try Checkpoint(note: published.note, trusting: signers.map(\.verifier))
            guard checkpoint.size > last else { continue }
            try heads.append(published.heads, to: &tree) { _ in published.note }
            guard tree.size == checkpoint.size, tree.root == checkpoint.root else {
                throw Refusal(reason: "a kept checkpoint does not extend those of the database", place: "file")
            }
            log.notice("a checkpoint was taken back from the file", metadata: ["size": "\(checkpoint.size)"])
        }
    }

    /// A fault of this session alone is no reason for the loop to begin anew: the next sweep tries again.
    mutating func sweep(_ sweep: borrowing Sweep) throws {
        do {
            let connection = try session()
            do {
                try connection.transaction { transaction in
                    guard try Self.isOurs(transaction) else { return }
                    try sign(on: connection)
                }
            } catch let fault where !(fault is PostgresError) { complain(fault) }
            for place in places { try deliver(to: place, sweep, connection) }
        } catch let error as PostgresError where error.isTransient {
            log.info("signing is tried again", metadata: ["sqlstate": "\(error.sqlState ?? "none")"])
        }
    }

    private static func isOurs(_ transaction: borrowing Transaction) throws -> Bool {
        try transaction.execute("SELECT pg_try_advisory_xact_lock(\(lock)) AS got")[0].bool("got")
    }

    // MARK: Signing

    private func sign(on connection: Connection) throws {
        let heads = HeadLog(connection)
        let last = try heads.last()
        // One statement, one snapshot: every log as of the same moment.
        let logs = try DatabaseSource(connection).logs().filter { $0.size > 0 }
        let before = last?.heads.values.reduce(0) { $0 + $1.size } ?? 0
        let now = logs.reduce(0) { $0 + $1.size }
        if let last, now >= before {
            guard now > before, now - before >= rhythm.entries || last.seconds >= Double(rhythm.seconds) else { return }
        }
        guard !logs.isEmpty else { return }
        let known = Dictionary(logs.map { ($0.place, $0) }, uniquingKeysWith: { first, _ in first })
        for (place, head) in last?.heads ?? [:] where known[place]?.size ?? 0 < head.size {
            throw Refusal(reason: "a log holds less than was signed; reading again may mend it", place: "\(place)")
        }
        var tree = try heads.tree(size: last?.size ?? 0)
        if let last {
            let signed = try Checkpoint(note: last.note, trusting: try trusted(on: connection))
            guard signed.size == last.size, signed.root == tree.root else {
                throw Refusal(reason: "the heads are not those that were signed", place: "\(last.size)")
            }
        }
        let snapshot = try logs.map { try head(of: $0, after: last?.heads[$0.place], on: connection) }
        try heads.append(snapshot, to: &tree) { tree in
            let checkpoint = Checkpoint(origin: signers[0].verifier.name, size: tree.size, root: tree.root)
            return try SignedNote(signing: checkpoint.text, by: signers).description
        }
        try connection.execute(
            """
            INSERT INTO auditing.signing_key (verifier) SELECT unnest(\(signers.map { "\($0.verifier)" }))
            ON CONFLICT DO NOTHING
            """)
    }

    /// The log's head, from entries and kept roots as they are stored, if it adds to what was signed.
    private func head(of log: StoredLog, after before: LogHead?, on connection: Connection) throws -> LogHead {
        if let before, before.size == log.size, before.root.bytes == log.root { return before }
        let stored = StoredSubtrees(connection, log: log.id)
        let root = try stored.root(of: 0..<log.size)
        guard root.bytes == log.root, try before.map({ try stored.root(of: 0..<$0.size) == $0.root }) ?? true else {
            throw Refusal(reason: "a log is not the one that was signed", place: "\(log.place)")
        }
        return LogHead(
            cluster: log.cluster, topic: log.topic, partition: log.partition, size: log.size, root: root)
    }

    private func trusted(on connection: Connection) throws -> [NoteVerifier] {
        let stored = try connection.execute("SELECT verifier FROM auditing.signing_key").map {
            try NoteVerifier($0.string(0))
        }
        return Array(Set(signers.map(\.verifier) + stored))
    }

    /// What is stored is not whole, or not what was signed: no fault of the loop's, which goes on appending.
    private mutating func complain(_ fault: any Error) {
        guard ContinuousClock.now - complained > .seconds(Self.complaintSeconds) else { return }
        complained = .now
        let refusal = fault as? Refusal
        log.error(
            "no checkpoint is signed",
            metadata: ["reason": "\(refusal?.reason ?? "\(fault)")", "place": "\(refusal?.place ?? "-")"])
    }

    // MARK: Delivery

    /// Gives a place what it has not had yet, in order. What fails is tried again at the next sweep.
    private mutating func deliver(
        to place: CheckpointPlace, _ sweep: borrowing Sweep, _ connection: Connection
    ) throws {
        switch place {
        case .topic(let topic):
            guard let partition = sweep.partitions.first else { return }
            let name = place.description
            guard try Self.waits(at: name, on: connection) else { return }
            try sweep.transaction { transaction, effects in
                guard try Self.isOurs(transaction) else { return }
                for (size, checkpoint) in try HeadLog(connection).published(after: try Self.sent(to: name, connection))
                {
                    effects.outgoing.append(
                        Outgoing(
                            topic: topic, sourcePartition: partition, eventId: "checkpoint/\(size)",
                            eventType: "checkpoint", key: Array(signers[0].verifier.name.utf8), headers: nil,
                            value: Array(checkpoint.line.utf8), causationId: nil))
                    try transaction.execute(Self.mark(name, size))
                }
            }
        case .file, .mail:
            guard try Self.waits(at: place.description, on: connection) else { return }
            try connection.transaction { transaction in
                guard try Self.isOurs(transaction) else { return }
                let sent = try Self.sent(to: place.description, connection)
                for (size, checkpoint) in try HeadLog(connection).published(after: sent) {
                    if let failure = place.take(checkpoint, size: size, origin: signers[0].verifier.name) {
                        log.error(
                            "a checkpoint could not be sent", metadata: ["place": "\(place.kind)", "why": "\(failure)"])
                        return
                    }
                    try transaction.execute(Self.mark(place.description, size))
                }
            }
        }
    }

    private static func sent(to place: String, _ connection: Connection) throws -> UInt64 {
        try connection.execute("SELECT size FROM auditing.checkpoint_place WHERE place = \(place)").first
            .map { UInt64($0.int64("size")) } ?? 0
    }

    private static func waits(at place: String, on connection: Connection) throws -> Bool {
        try connection.execute(
            """
            SELECT EXISTS (SELECT FROM auditing.checkpoint WHERE size > coalesce(
                (SELECT size FROM auditing.checkpoint_place WHERE place = \(place)), 0)) AS waits
            """)[0].bool("waits")
    }

    private static func mark(_ place: String, _ size: UInt64) -> SQL {
        """
        INSERT INTO auditing.checkpoint_place (place, size) VALUES (\(place), \(Int64(size)))
        ON CONFLICT (place) DO UPDATE SET size = excluded.size, sent_at = now()
        """
    }
}
