import CaseEvents
import Correspondence
import Logging
import Postgres
import StatutoryRules
import Workers

/// Sends intended messages.
///
/// A message is `intended`; the attempt is committed (`sending`) before the channel is called, its outcome after. They go in
/// chunks of the channel's window: while the channel has one, the outcomes of the one before are committed, and the attempts of
/// the next. What was under way when a worker died, and what the channel broke off, is in doubt: the channel is asked before the
/// next attempt. One that cannot tell leaves it `unknown`, which a person decides, unless the operator has chosen to send again.
///
/// Whom a message concerns is read once for `chunksAtOnce` chunks: most of a chunk's statements would ask for it.
struct Sending {
    private static let chunksAtOnce = 16
    private static let rowsAtOnce = 2_000
    /// Then records are read again first.
    private static let turn = Duration.seconds(5)
    /// No attempt of a turn begins later. With the time-outs of those under way then it ends before the worker passes for stuck,
    /// and well within the lease of five minutes.
    private static let calls = Duration.seconds(45)
    private static let longestWaitSeconds: Int64 = 3_600
    private let courier: Courier
    let settings: MailSettings
    let log: Logger

    init(channel: any Channel, settings: MailSettings, log: Logger) {
        courier = Courier(channel, resendsUnknown: settings.resendsUnknown)
        self.settings = settings
        self.log = log
    }

    /// Returns whether more is waiting.
    ///
    /// - Parameters:
    ///   - isCurrent: Whether it is known who is to be written to now; without it nothing leaves.
    ///   - until: Up to when that is known: what was written later waits. `nil` where it is sent all the same.
    func run(
        _ sweep: borrowing Sweep, isCurrent: Bool, writtenBefore until: PGTimestamp?, _ directory: inout Directory
    ) throws -> Bool {
        // Where the database fails meanwhile, it is told at the next look what became of what had left.
        defer { courier.collect() }
        let (partitions, count, isFirst) = (sweep.partitions, sweep.partitionCount, sweep.isFirst)
        let began = ContinuousClock.now
        let (turnEnd, callsEnd) = (began + Sending.turn, began + Sending.calls)
        try record(sweep) { transaction in
            try Sending.takeOver(isFirst ? partitions : [], count, in: transaction)
        }
        let most = min(Sending.rowsAtOnce, courier.window * Sending.chunksAtOnce)
        var isMore = isCurrent
        while isMore, ContinuousClock.now < turnEnd {
            var waiting: ArraySlice<Row> = []
            try record(sweep) { transaction in
                waiting = try Sending.read(partitions, count, until, atMost: most, in: transaction)[...]
                directory.forgetCases()
                try directory.look(at: waiting.filter { !$0.isNull("notice_id") }, in: transaction)
            }
            let isFull = waiting.count == most
            while !waiting.isEmpty, ContinuousClock.now < turnEnd {
                try send(waiting.prefix(courier.window), until: callsEnd, sweep, &directory)
                waiting = waiting.dropFirst(courier.window)
            }
            isMore = isFull || !waiting.isEmpty
        }
        courier.collect()
        if !courier.known.isEmpty { try record(sweep) { _ in } }
        return isMore
    }

    /// Commits the attempts of a chunk while the one before is under way, and what is known by then of those before that.
    private func send(
        _ chunk: ArraySlice<Row>, until end: ContinuousClock.Instant, _ sweep: borrowing Sweep,
        _ directory: inout Directory
    ) throws {
        var begun: [Outgoing] = []
        do {
            try record(sweep) { transaction in begun = try begin(chunk, &directory, in: transaction) }
        } catch {
            // Where it was committed all the same, nobody has called the channel for these.
            courier.known += begun.map { ($0, .unreached) }
            throw error
        }
        courier.collect()
        courier.take(begun, until: end)
    }

    /// A transaction that first records what became of what had left.
    private func record(_ sweep: borrowing Sweep, _ body: (borrowing Transaction) throws -> Void) throws {
        let (partitions, count) = (sweep.partitions, sweep.partitionCount)
        try sweep.transaction { transaction, effects in
            try settle(courier.known, partitions, count, in: transaction, &effects)
            try body(transaction)
        }
        courier.known = []
    }

    // MARK: Before

    /// What a worker left under way is in doubt. Of partitions that were just taken over no wait is needed: their former
    /// holder's session has ended.
    private static func takeOver(_ takenOver: [Int32], _ count: Int32, in transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            UPDATE notifications.message SET state = 'intended', in_doubt = true,
                outcome = 'the worker stopped while it was being sent', next_attempt_at = now()
             WHERE state = 'sending' AND (next_attempt_at < now() OR source_partition % \(count) = ANY(\(takenOver)))
            """)
    }

    private static func read(
        _ partitions: [Int32], _ count: Int32, _ until: PGTimestamp?, atMost most: Int,
        in transaction: borrowing Transaction
    ) throws -> [Row] {
        try transaction.execute(
            """
            SELECT m.message_id, m.authority, m.subject, m.address, m.channel, m.recipient_id, m.recipient_role, m.template,
                m.attempts, m.list_id, m.notice_id, m.source_partition, coalesce(l.body, m.body)::text AS body,
                m.intended_at, m.in_doubt, coalesce(m.occasion_at, m.intended_at) AS occasion_at,
                m.released_at IS NOT NULL AS is_released, m.hold, m.digest_on, now() AS now
              FROM notifications.message m LEFT JOIN notifications.published_list l USING (list_id)
             WHERE m.state = 'intended' AND m.next_attempt_at <= now() AND m.intended_at <= coalesce(\(until), now())
               AND m.source_partition % \(count) = ANY(\(partitions))
               AND NOT EXISTS (SELECT FROM notifications.pause p WHERE p.authority IN ('*', m.authority))
             ORDER BY m.next_attempt_at LIMIT \(Int64(most))
            """
        ).map { $0 }
    }

    /// Commits the attempt: compare-and-set, so that nobody else makes it too. What is in doubt is only looked up. Of the rest,
    /// what is not to be said any more is withdrawn, and what is over a cap, or a dry run, is held.
    private func begin(
        _ rows: ArraySlice<Row>, _ directory: inout Directory, in transaction: borrowing Transaction
    ) throws -> [Outgoing] {
        let states = try LastLook.noticeStates(of: rows, in: transaction)
        var places: [PGUUID: (address: String, way: Way)] = [:]
        var wanted: [Row] = []
        for row in rows {
            if row.bool("in_doubt") {
                places[row.uuid("message_id")] = (row.string("address"), row.way)
                continue
            }
            let look = LastLook(row: row, noticeState: row.uuidOrNil("notice_id").flatMap { states[$0] })
            if let recipient = try look.recipient(&directory, in: transaction),
                try Drafts(composing: settings.composing).isAsRead(row, for: recipient, &directory, in: transaction)
            {
                places[row.uuid("message_id")] = (recipient.address, recipient.way)
                wanted.append(row)
            }
        }
        for id in try self.held(wanted, in: transaction) { places[id] = nil }
        let ids = Array(places.keys)
        let taken = Set(
            try transaction.execute(
                """
                UPDATE notifications.message m SET state = 'sending', attempts = attempts + 1, address = w.address, channel = w.way,
                    next_attempt_at = now() + interval '5 minutes'
                  FROM unnest(\(ids), \(ids.map { places[$0]!.address }), \(ids.map { places[$0]!.way.rawValue }))
                    AS w (id, address, way)
                 WHERE m.message_id = w.id AND m.state = 'intended' RETURNING m.message_id
                """
            ).map { $0.uuid("message_id") })
        let going = rows.filter { taken.contains($0.uuid("message_id")) }
        let digests = going.filter { !$0.isNull("digest_on") }.map { $0.uuid("message_id") }
        let items = try digests.isEmpty ? [:] : Digests.items(of: digests, in: transaction)
        return try going.map { row in
            let id = row.uuid("message_id")
            let (address, way) = places[id]!
            let composition = try settings.composing.composition(
                row, items[id] ?? [], to: address, by: way, &directory, in: transaction)
            var message = Outgoing(row: row, way: way, composition: composition)
            if composition.isForCalendar, !message.isInDoubt {
                let mail = composition.mail
                message.written = mail
                if let calendar = mail.calendar { try Invitations.keep(calendar, of: id, in: transaction) }
            }
            return message
        }
    }

    /// Holds what is over a cap, or all of a dry run. Returns what is held.
    private func held(_ rows: [Row], in transaction: borrowing Transaction) throws -> [PGUUID] {
        if settings.isDryRun {
            try hold(rows, .dryRun, "a dry run: it would have been sent", in: transaction)
            return rows.map { $0.uuid("message_id") }
        }
        let new = rows.filter { !$0.bool("is_released") && $0.int("attempts") == 0 }
        guard !new.isEmpty else { return [] }
        let over = try HourlyCaps(settings: settings, log: log).over(
            new.map { ($0.uuid("message_id"), $0.string("authority"), $0.string("recipient_id")) }, in: transaction)
        let held = new.filter { over.contains($0.uuid("message_id")) }
        if !held.isEmpty {
            try hold(held, .cap, "over the hour's cap: see what is coming, then release it", in: transaction)
        }
        return Array(over)
    }

    /// A letter stays one that is released by itself, whatever else holds it.
    private func hold(
        _ rows: [Row], _ why: Recipient.Hold, _ outcome: String, in transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            """
            UPDATE notifications.message SET state = 'held', released_at = NULL, outcome = \(outcome),
                hold = CASE WHEN hold IN ('letter', 'not_safe') THEN hold ELSE \(why.rawValue) END
             WHERE message_id = ANY(\(rows.map { $0.uuid("message_id") })) AND state = 'intended'
            """)
    }

    // MARK: After

    /// What is to be recorded of one attempt.
    private struct End {
        let message: Outgoing
        let state: String
        let outcome: String?
        let isInDoubt: Bool
        /// Only looked up, and not there: it is sent at the next look.
        let isToBeMade: Bool

        var waitSeconds: Double {
            isToBeMade
                ? 0 : Double(min(Int64(30) << Int64(min(message.attempt - 1, 10)), Sending.longestWaitSeconds))
        }
    }

    /// - Parameter partitions: Those that this worker holds. What another has taken over since is in doubt there.
    private func settle(
        _ known: [(message: Outgoing, delivery: Delivery)], _ partitions: [Int32], _ count: Int32,
        in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        guard !known.isEmpty else { return }
        let ends = known.map { end(of: $0.message, $0.delivery) }
        // Where the receipt came first, it is known by now that it did not arrive.
        let failures = Receipts.failures.sorted()
        let rows = try transaction.execute(
            """
            UPDATE notifications.message m SET in_doubt = e.is_in_doubt,
                state = CASE WHEN e.state = 'sent' AND delivery = ANY(\(failures)) THEN 'failed' ELSE e.state END,
                outcome = CASE WHEN e.state = 'sent' AND delivery = ANY(\(failures))
                               THEN 'GOV.UK Notify could not deliver it (' || delivery || ')' ELSE e.outcome END,
                sent_at = CASE WHEN e.state = 'sent' THEN now() END, attempts = attempts - e.is_to_be_made::int,
                next_attempt_at = now() + make_interval(secs => e.wait)
              FROM unnest(\(ends.map(\.message.id)), \(ends.map(\.message.attempt)), \(ends.map(\.state)), \(ends.map(\.outcome)),
                    \(ends.map(\.isInDoubt)), \(ends.map(\.isToBeMade)), \(ends.map(\.waitSeconds)))
                AS e (message_id, attempt, state, outcome, is_in_doubt, is_to_be_made, wait)
             WHERE m.message_id = e.message_id AND m.state = 'sending' AND m.attempts = e.attempt
               AND m.source_partition % \(count) = ANY(\(partitions))
            RETURNING m.message_id, m.state, now() AS now
            """)
        let recorded = Dictionary(uniqueKeysWithValues: rows.map { ($0.uuid("message_id"), $0) })
        for end in ends where ["sent", "failed", "unknown"].contains(end.state) {
            guard let row = recorded[end.message.id] else { continue }
            let state = row.string("state")
            if state != "sent" {
                log.error(
                    "a message was not delivered", metadata: ["message": "\(end.message.id)", "state": "\(state)"])
            }
            // Else the receipt has said so.
            guard state == end.state else { continue }
            publish(end.message, state: state, at: row.timestamp("now").instant, &effects)
        }
    }

    /// What is deferred waits, however long the channel is down.
    private func end(of message: Outgoing, _ delivery: Delivery) -> End {
        func end(_ state: String, _ outcome: String?, inDoubt: Bool = false) -> End {
            End(
                message: message, state: state, outcome: outcome, isInDoubt: inDoubt,
                isToBeMade: delivery == .absent)
        }
        return switch delivery {
        case .sent: end("sent", nil)
        case .deferred(let why): end("intended", why)
        case .refused(let why): end("failed", why)
        case .ambiguous(let why): end("intended", why, inDoubt: true)
        case .unknowable(let why): end("unknown", why, inDoubt: true)
        case .absent: end("intended", "an earlier attempt did not get through")
        // It is no new message for the caps when its turn comes.
        case .unreached: end("intended", "not reached in time", inDoubt: message.isInDoubt)
        }
    }

    private func publish(_ message: Outgoing, state: String, at now: Instant, _ effects: inout Effects) {
        let id = message.id.description
        let row = message.row
        let isSent = state == "sent"
        let timeField = isSent ? "sentAt" : "failedAt"
        let name = isSent ? "notification.sent" : "notification.failed"
        let data = """
            {"notificationId":"\(id)","templateId":\(JSONValue.quoted(row.string("template"))),\
            "recipientId":\(JSONValue.quoted(row.string("recipient_id"))),"channel":"\(message.way.rawValue)",\
            "\(timeField)":"\(now)","dedupeKey":"\(id)","attempt":\(message.attempt)}
            """
        effects.publish(
            OutgoingEvent(
                id: NameUUID(name: "\(name)/\(id)\(isSent ? "" : "/\(message.attempt)")").description,
                source: WorkerName.notifications.source,
                type: "quorate.\(name).v1", subject: row.stringOrNil("subject") ?? "lists",
                authority: row.string("authority"), time: now, causationid: id, data: data), to: .notificationEvents,
            from: row.int32("source_partition"))
    }
}
