import CaseEvents
import Correspondence
import Kafka
import Logging
import Postgres
import StatutoryRules
import Workers

/// Keeps who is who and what is due; writes to people between batches.
struct NotificationsService: WorkerService {
    static let name = WorkerName.notifications

    private let settings: MailSettings
    private let sending: Sending
    private var store: ConfigurationStore?
    private var cluster = ""
    private var behindSince: ContinuousClock.Instant?
    private(set) var gauges: [Gauge] = []
    private var lastCount: ContinuousClock.Instant?

    /// Where there is always something left to read, people are found and written to all the same after so long.
    private static let longestWait = Duration.seconds(600)
    private static let countInterval = Duration.seconds(15)

    init(channel: any Channel, settings: MailSettings, log: Logger) {
        self.settings = settings
        sending = Sending(channel: channel, settings: settings, log: log)
    }

    mutating func started(on connection: Connection) throws {
        store = try ConfigurationStore.load { try connection.execute($0) }
    }

    mutating func joined(cluster: String) { self.cluster = cluster }

    func apply(
        _ records: [Record], prepared: Void?, in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        var removed: [Record] = []
        var heard: [HeardEvent] = []
        var notices: [OutcomeEvent] = []
        var partitions: [String: Int32] = [:]
        for record in records {
            switch SystemTopic(rawValue: record.topic) {
            case .directoryEvents where record.value == nil && Directory.removed(record) != nil: removed.append(record)
            case .directoryEvents:
                do throws(Refusal) {
                    if let event = try judge(record) { heard.append(event) }
                } catch {
                    effects.quarantine(record, error)
                }
            // Scheduling alone judges case events: what it refuses is skipped here.
            case .caseEvents:
                guard let event = try? Contract.decode(IncomingEvent(record), on: .caseEvents) else { continue }
                if let event = HeardEvent(event, record) { heard.append(event) }
            case .caseOutcomes:
                guard let event = decodeOutcome(record, &effects) else { continue }
                guard event.name == "notice.due" || event.name == "notice.withdrawn" else { continue }
                notices.append(event)
                partitions[event.id] = record.partition
            case .reportEvents:
                guard let event = decodeOutcome(record, &effects), event.name == "list.published" else { continue }
                try keep(list: event, record.partition, in: transaction)
                effects.applied += 1
            default: break
            }
        }
        let (kept, refused) = try Directory.store(heard, in: transaction)
        for event in refused where event.record.topic == SystemTopic.directoryEvents.rawValue {
            effects.quarantine(event.record, .otherContent(event.envelope))
        }
        try Invitations.note(
            kept.flatMap(\.words), kept.filter { $0.corrects != nil }.map(\.envelope), in: transaction)
        try Invitations.noteSent(kept, under: store!.configuration, in: transaction)
        for record in removed { try Directory.remove(record, in: transaction) }
        effects.applied += heard.count
        for event in notices {
            if try keep(notice: event, partitions[event.id]!, in: transaction) {
                effects.applied += 1
            } else {
                effects.duplicates += 1
            }
        }
    }

    /// Directory events are judged here alone: what is refused is quarantined, and other readers pass over it.
    private func judge(_ record: Record) throws(Refusal) -> HeardEvent? {
        let event = try Contract.decode(IncomingEvent(record), on: .directoryEvents)
        try store!.admit(event.envelope)
        return HeardEvent(event, record)
    }

    private func decodeOutcome(_ record: Record, _ effects: inout Effects) -> OutcomeEvent? {
        do throws(Refusal) {
            return try Contract.decodeOutcome(IncomingEvent(record))
        } catch {
            effects.quarantine(record, error)
            return nil
        }
    }

    /// An older word about a notice, by the case's revision, never replaces a newer. What was withdrawn and is due again is
    /// addressed again.
    private func keep(
        notice event: OutcomeEvent, _ partition: Int32, in transaction: borrowing Transaction
    ) throws -> Bool {
        guard let id = event.data["noticeId"]?.string, let noticeId = PGUUID(id) else { return false }
        let isDue = event.name == "notice.due"
        let state = isDue ? event.data["state"]?.string ?? "due" : "withdrawn"
        let (stoppedAt, stoppedBy) = isDue ? (nil, nil) : (PGTimestamp(event.time), event.data["cause"]?.string)
        let dueAt = event.data["dueAt"]?.string.flatMap { Instant($0) } ?? event.time
        return try transaction.execute(
            """
            INSERT INTO notifications.notice AS n (notice_id, authority, subject, revision, state, due_at, causation_id,
                source_partition, body, stopped_at, stopped_by)
            VALUES (\(noticeId), \(event.authority), \(event.subject), \(event.caserevision ?? 0), \(state),
                \(PGTimestamp(dueAt)), \(event.id), \(partition), \(event.data.rawText)::text::jsonb, \(stoppedAt), \(stoppedBy))
            ON CONFLICT (notice_id) DO UPDATE SET revision = excluded.revision, state = excluded.state,
                causation_id = excluded.causation_id, stopped_at = excluded.stopped_at, stopped_by = excluded.stopped_by,
                addressed_at = CASE WHEN n.state <> 'withdrawn' THEN n.addressed_at END,
                body = CASE WHEN excluded.state = 'withdrawn' THEN n.body ELSE excluded.body END
             WHERE n.revision < excluded.revision
            RETURNING 1 AS one
            """
        ).count == 1
    }

    private func keep(list event: OutcomeEvent, _ partition: Int32, in transaction: borrowing Transaction) throws {
        guard let id = event.data["listId"]?.string else { return }
        try transaction.execute(
            """
            INSERT INTO notifications.published_list (list_id, authority, body, source_partition, causation_id)
            VALUES (\(id), \(event.authority), \(event.data.rawText)::text::jsonb, \(partition), \(event.id))
            ON CONFLICT (list_id) DO NOTHING
            """)
    }

    mutating func sweep(_ sweep: borrowing Sweep) throws -> Bool {
        let (partitions, count) = (sweep.partitions, sweep.partitionCount)
        let reading = Reading(cluster: cluster, isCurrent: sweep.isCurrent, isQuiet: sweep.isCaughtUp)
        var read = Reading.State(isCurrent: false, isQuiet: false, until: nil)
        try sweep.transaction { transaction, effects in
            read = try reading.note(in: transaction)
            try Replay(service: self).run(in: transaction, &effects)
            try Receipts.apply(in: transaction, &effects)
        }
        try countWaiting(sweep)
        let isCurrent = knowsWhoIsWho(read.isCurrent)
        let isCaughtUp = read.isQuiet
        var (addressed, digests, followed) = (0, 0, 0)
        var directory = Directory(store!.configuration, ways: settings.ways)
        try sweep.transaction { [settings] transaction, effects in
            let now = try transaction.execute("SELECT now() AS now")[0].timestamp("now").instant
            if isCurrent {
                addressed = try Addressing(
                    partitions: partitions, partitionCount: count, rhythm: settings.rhythm, now: now
                ).run(&directory, in: transaction, &effects)
            }
            if isCurrent { followed = try Invitations.follow(partitions, count, &directory, in: transaction) }
            digests = try Digests(
                partitions: partitions, partitionCount: count, hour: settings.digestHour, now: now
            ).run(isCaughtUp: isCaughtUp, &directory, in: transaction)
        }
        // What was written just now leaves once every worker has read on since.
        let until = read.isCurrent ? read.until : nil
        let isMoreToSend = try sending.run(sweep, isCurrent: isCurrent, writtenBefore: until, &directory)
        var drafted = 0
        try sweep.transaction { [settings] transaction, _ in
            guard isCurrent else { return }
            drafted = try Drafts(composing: settings.composing).write(partitions, count, &directory, in: transaction)
        }
        return addressed > 0 || digests > 0 || isMoreToSend || drafted == Drafts.rowsAtOnce
            || followed == Invitations.rowsAtOnce
    }

    /// What waits for a person, for `/metrics`.
    private mutating func countWaiting(_ sweep: borrowing Sweep) throws {
        guard lastCount.map({ ContinuousClock.now - $0 > Self.countInterval }) ?? true else { return }
        lastCount = .now
        var receipts = ["applied": 0, "repeated": 0, "unknown": 0] as [String: Int64]
        let reasons = ["cap", "dry_run", "failed", "letter", "nobody", "not_safe", "unknown"]
        var waiting = Dictionary(uniqueKeysWithValues: reasons.map { ($0, Int64(0)) })
        try sweep.transaction { transaction, _ in
            try HourlyCaps.forget(in: transaction)
            for row in try transaction.execute("SELECT reason, messages FROM notifications.waiting") {
                waiting[row.string("reason")] = row.int64("messages")
            }
            for row in try transaction.execute(
                "SELECT outcome, count(*) AS n FROM notifications.receipt WHERE outcome IS NOT NULL GROUP BY 1")
            {
                receipts[row.string("outcome")] = row.int64("n")
            }
        }
        gauges = [.messagesWaiting(waiting), .notifyReceipts(receipts)]
    }

    /// What is still to be read may say that somebody left, or is not safe to contact.
    private mutating func knowsWhoIsWho(_ isCurrent: Bool) -> Bool {
        guard !isCurrent else {
            behindSince = nil
            return true
        }
        let since = behindSince ?? .now
        behindSince = since
        return ContinuousClock.now - since > Self.longestWait
    }
}
