import AuditLog
import Logging
import Postgres
import TransparencyLog
import Workers

/// Gives checkpoints to places, in the caller's sweep.
struct CheckpointDelivery {
    let origin: String
    let log: Logger
    private var pauses = Pauses()

    /// Of checkpoints given to a place in a sweep, and of the time that may take: records wait meanwhile.
    private static let deliveredAtOnce = 100
    private static let deliverySeconds = 5

    init(origin: String, log: Logger) {
        self.origin = origin
        self.log = log
    }

    /// Gives a place what it has not had yet, in order. What fails is tried again, after ever longer pauses.
    mutating func deliver(
        to place: CheckpointPlace, _ sweep: borrowing Sweep, _ connection: Connection
    ) throws {
        switch place {
        case .topic(let topic):
            guard let partition = sweep.partitions.first else { return }
            let name = place.description
            guard try Self.waits(at: name, on: connection) else { return }
            try sweep.transaction { transaction, effects in
                guard try HeadLog.tryLock(transaction) else { return }
                let sent = try Self.sent(to: name, connection)
                for (size, checkpoint) in try HeadLog(connection).published(after: sent, limit: Self.deliveredAtOnce) {
                    effects.outgoing.append(
                        Outgoing(
                            topic: topic, sourcePartition: partition, eventId: "checkpoint/\(size)",
                            eventType: "checkpoint", key: Array(origin.utf8), headers: nil,
                            value: Array(checkpoint.line.utf8), causationId: nil))
                    try transaction.execute(Self.mark(name, size))
                }
            }
        case .file, .mail:
            let name = place.description
            guard pauses.isOver(name), try Self.waits(at: name, on: connection) else { return }
            let end = ContinuousClock.now + .seconds(Self.deliverySeconds)
            try connection.transaction { transaction in
                guard try HeadLog.tryLock(transaction) else { return }
                let sent = try begun(place, Self.sent(to: name, connection), connection)
                for (size, checkpoint) in try HeadLog(connection).published(after: sent, limit: Self.deliveredAtOnce)
                where ContinuousClock.now < end {
                    if let failure = place.take(checkpoint, size: size, origin: origin) {
                        log.error(
                            "a checkpoint could not be sent", metadata: ["place": "\(place.kind)", "why": "\(failure)"])
                        pauses.failed(name)
                        return
                    }
                    pauses.succeeded(name)
                    try transaction.execute(Self.mark(name, size))
                }
            }
        }
    }

    /// After which checkpoint a place goes on: a file that has less than it was given, since another is in its place, is given
    /// the rest again. What cannot be read is told when it is written to.
    private func begun(_ place: CheckpointPlace, _ sent: UInt64, _ connection: Connection) throws -> UInt64 {
        guard case .file(let path) = place, let last = try? PublishedCheckpoint.last(file: path),
            let held = try? last.checkpoint?.signed.size ?? 0, held < sent,
            try held == 0 || HeadLog(connection).signed(.size(held)) != nil
        else { return sent }
        log.warning(
            "a file lacks checkpoints that it was given: they are written again",
            metadata: ["file": "\(path)", "holds": "\(held)", "given": "\(sent)"])
        return held
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
