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
    private var sending: Sending
    private var behindSince: ContinuousClock.Instant?

    /// Where there is always something left to read, people are found and written to all the same after so long.
    private static let longestWait = Duration.seconds(600)

    init(channel: any Channel, settings: MailSettings, log: Logger) {
        self.settings = settings
        sending = Sending(channel: channel, settings: settings, log: log)
    }

    mutating func started(on connection: Connection) throws {
        _ = try ConfigurationStore.load { try connection.execute($0) }
    }

    func apply(_ records: [Record], in transaction: borrowing Transaction, _ effects: inout Effects) throws {
        var removed: [Record] = []
        var words: [DirectoryWord] = []
        var voids: [Envelope] = []
        var notices: [OutcomeEvent] = []
        var partitions: [String: Int32] = [:]
        for record in records {
            switch SystemTopic(rawValue: record.topic) {
            case .directoryEvents where record.value == nil: removed.append(record)
            case .directoryEvents: hear(record, .directoryEvents, &words, &voids)
            // Scheduling alone judges case events: what it refuses is skipped here.
            case .caseEvents: hear(record, .caseEvents, &words, &voids)
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
        try Directory.store(words, voids, in: transaction)
        try Invitations.note(words, voids, in: transaction)
        for record in removed { try Directory.remove(record, in: transaction) }
        effects.applied += words.count
        for event in notices {
            if try keep(notice: event, partitions[event.id]!, in: transaction) {
                effects.applied += 1
            } else {
                effects.duplicates += 1
            }
        }
    }

    private func hear(
        _ record: Record, _ topic: Topic, _ words: inout [DirectoryWord], _ voids: inout [Envelope]
    ) {
        guard let event = try? Contract.decode(IncomingEvent(record), on: topic) else { return }
        words += DirectoryWord.words(of: event)
        if event.envelope.retracts ?? event.envelope.supersedes != nil { voids.append(event.envelope) }
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
        let state = event.name == "notice.due" ? event.data["state"]?.string ?? "due" : "withdrawn"
        let dueAt = event.data["dueAt"]?.string.flatMap { Instant($0) } ?? event.time
        return try transaction.execute(
            """
            INSERT INTO notifications.notice AS n (notice_id, authority, subject, revision, state, due_at, causation_id,
                source_partition, body)
            VALUES (\(noticeId), \(event.authority), \(event.subject), \(event.caserevision ?? 0), \(state),
                \(PGTimestamp(dueAt)), \(event.id), \(partition), \(event.data.rawText)::text::jsonb)
            ON CONFLICT (notice_id) DO UPDATE SET revision = excluded.revision, state = excluded.state,
                causation_id = excluded.causation_id,
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
        let (partitions, count, isCaughtUp) = (sweep.partitions, sweep.partitionCount, sweep.isCaughtUp)
        let isCurrent = knowsWhoIsWho(sweep.isCurrent)
        var (addressed, digests, followed) = (0, 0, 0)
        var directory = Directory()
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
        let sent = try sending.run(sweep, isCurrent: isCurrent, &directory)
        var drafted = 0
        try sweep.transaction { [settings] transaction, _ in
            guard isCurrent else { return }
            drafted = try Drafts(composing: settings.composing).write(partitions, count, &directory, in: transaction)
        }
        return addressed == Addressing.rowsAtOnce || digests == Digests.peopleAtOnce || sent == Sending.rowsAtOnce
            || drafted == Drafts.rowsAtOnce || followed == Invitations.rowsAtOnce
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
