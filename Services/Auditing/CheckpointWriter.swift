import AuditLog
import Kafka
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
    private let kafka: KafkaConfiguration
    private let signers: [NoteSigner]
    private let rhythm: Rhythm
    private let places: [CheckpointPlace]
    private let log: Logger
    private var connection: Connection?
    private var hasTakenBack = false
    private var delivery: CheckpointDelivery
    private var pauses = Pauses()
    private var complained = ContinuousClock.now - .seconds(3_600)
    /// As of the last sweep that reached the database.
    private(set) var gauges: [Gauge] = []

    private static let complaintSeconds = 60.0
    private static let takingBack = "taking back"

    init(
        databaseURL: String, kafka: KafkaConfiguration, signers: [NoteSigner], rhythm: Rhythm,
        places: [CheckpointPlace], log: Logger
    ) {
        self.databaseURL = databaseURL
        var kafka = kafka
        kafka.log = { level, line in
            log.log(level: level < 5 ? .warning : .debug, "kafka", metadata: ["line": "\(line)"])
        }
        self.kafka = kafka
        self.signers = signers
        self.rhythm = rhythm
        self.places = places
        self.log = log
        delivery = CheckpointDelivery(origin: signers[0].verifier.name, log: log)
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
        hasTakenBack = false
        return made
    }

    /// The database may be another one now, restored to a day before what it has signed.
    mutating func started() { hasTakenBack = false }

    /// A fault of this session alone is no reason for the loop to begin anew: the next sweep tries again.
    mutating func sweep(_ sweep: borrowing Sweep) throws {
        do {
            let connection = try session()
            do {
                if try takeBack(on: connection) {
                    try connection.transaction { transaction in
                        guard try HeadLog.tryLock(transaction) else { return }
                        try sign(on: connection)
                    }
                }
            } catch let fault where !(fault is PostgresError) { complain(fault) }
            // What a place is given hides what it has lost.
            if hasTakenBack { for place in places { try delivery.deliver(to: place, sweep, connection) } }
            let cover = try HeadLog(connection).cover(places: places.map(\.description))
            gauges = [
                Gauge(
                    name: "quorate_audit_uncovered_seconds",
                    help: "Since the last checkpoint, where entries came after it.", value: cover.seconds),
                Gauge(
                    name: "quorate_audit_unsent_checkpoints", help: "Checkpoints that some place has not been given.",
                    value: Double(cover.unsent)),
            ]
        } catch let error as PostgresError where error.isTransient {
            log.info("signing is tried again", metadata: ["sqlstate": "\(error.sqlState ?? "none")"])
        }
    }

    // MARK: After a restore

    /// Takes back from the places what the database has signed and does not know. Nothing is signed before that is done:
    /// it might be a second checkpoint of a size that was published already. A place that holds less than it was given says
    /// nothing of what there was. Returns whether it is done.
    private mutating func takeBack(on connection: Connection) throws -> Bool {
        guard !hasTakenBack, !places.isEmpty else { return true }
        guard pauses.isOver(Self.takingBack) else { return false }
        // Over once it succeeded.
        pauses.failed(Self.takingBack)
        // Asked before the places are: another worker may give them more meanwhile.
        let given = try HeadLog(connection).given(after: 0)
        let isOnItsWay = try isOnItsWay(on: connection)
        var held: UInt64 = 0
        for place in places {
            guard let kept = try place.kept(after: HeadLog(connection).size(), kafka) else { continue }
            held = max(held, try kept.last?.signed.size ?? 0)
            try connection.transaction { transaction in
                try HeadLog.lock(transaction)
                try takeBack(kept, from: place.kind, on: connection)
            }
        }
        if let given, given.size > held {
            guard !isOnItsWay else {
                pauses.succeeded(Self.takingBack)
                return false
            }
            throw Refusal(
                reason: """
                    checkpoint \(given.size) was given to it, and no place that can be read holds that or a later one: bring it \
                    back, or quorate audit accept-loss --gone gives it up
                    """, place: given.place)
        }
        pauses.succeeded(Self.takingBack)
        hasTakenBack = true
        return true
    }

    /// What was given to a topic and waits in the outbox.
    private func isOnItsWay(on connection: Connection) throws -> Bool {
        try connection.execute("SELECT EXISTS (SELECT FROM auditing.outbox_pending) AS waits")[0].bool("waits")
    }

    private func takeBack(_ kept: [PublishedCheckpoint], from kind: String, on connection: Connection) throws {
        do {
            for size in try HeadLog(connection).takeBack(kept, trusting: trusted(on: connection)) {
                log.notice("a checkpoint was taken back", metadata: ["size": "\(size)", "from": "\(kind)"])
            }
        } catch let fault as AuditFault {
            throw Refusal(reason: fault.description, place: kind)
        }
    }

    // MARK: Signing

    private func sign(on connection: Connection) throws {
        let heads = HeadLog(connection)
        let last = try heads.signed(.last)
        let signedHeads = Dictionary((last?.heads ?? []).map { (LogPlace($0), $0) }, uniquingKeysWith: { $1 })
        // One statement, one snapshot: every log as of the same moment.
        let stored = try DatabaseSource(connection).logs()
        let lost = try heads.acceptedLosses(of: stored)
        let logs = stored.filter { $0.size > 0 || lost[$0.place] != nil }
        let before = last?.heads.reduce(0) { $0 + $1.size } ?? 0
        let now = logs.reduce(0) { $0 + (lost[$1.place]?.end ?? $1.size) }
        if let last, now >= before {
            guard now > before, now - before >= rhythm.entries || last.seconds >= Double(rhythm.seconds) else { return }
        }
        guard !logs.isEmpty else { return }
        let known = Dictionary(logs.map { ($0.place, $0) }, uniquingKeysWith: { first, _ in first })
        for (place, head) in signedHeads where lost[place] == nil && known[place]?.size ?? 0 < head.size {
            throw Refusal(
                reason: """
                    a log holds less than was signed; reading again may mend it, or quorate audit accept-loss says what is \
                    nowhere any more
                    """, place: "\(place)")
        }
        for (place, loss) in lost where signedHeads[place]?.size != loss.end {
            throw Refusal(reason: "a log was given up at another size than was signed", place: "\(place)")
        }
        var tree = try heads.tree(size: last?.size ?? 0)
        if let last {
            let signed = try Checkpoint(note: last.note, trusting: try trusted(on: connection))
            guard signed.size == last.size, signed.root == tree.root else {
                throw Refusal(reason: "the heads are not those that were signed", place: "\(last.size)")
            }
        }
        // Of a log that was given up the last head is carried on.
        let snapshot = try logs.map { log in
            let before = signedHeads[log.place]
            return lost[log.place] == nil ? try head(of: log, after: before, on: connection) : before!
        }
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
        Array(Set(signers.map(\.verifier) + (try HeadLog(connection).signingKeys())))
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
}
