import CaseEvents
import Correspondence
import Logging
import Postgres
import StatutoryRules
import Workers

/// Sends intended messages.
///
/// A message is `intended`; the attempt is committed (`sending`) before the channel is called, its outcome after. Between two
/// commits no more are under way than the channel's window. What was under way when a worker died, and what the channel
/// broke off, is in doubt: the channel is asked before the next attempt. One that cannot tell leaves it `unknown`, which a
/// person decides, unless the operator has chosen to send again.
struct Sending {
    static let rowsAtOnce = 2_000
    /// Then records are read again first.
    private static let secondsAtOnce = 5.0
    private static let longestWaitSeconds: Int64 = 3_600
    /// Of one chunk: with the last attempt's time-outs well within the lease of five minutes.
    private static let secondsAChunk = 60.0
    var channel: any Channel
    let settings: MailSettings
    let log: Logger

    private struct Outgoing {
        let row: Row
        let mail: Mail
        var id: PGUUID { row.uuid("message_id") }
        var isInDoubt: Bool { row.bool("in_doubt") }
    }

    /// Returns how many messages were tried.
    ///
    /// - Parameters:
    ///   - isCurrent: Whether it is known who is to be written to now; without it nothing leaves.
    ///   - until: Up to when that is known: what was written later waits. `nil` where it is sent all the same.
    mutating func run(
        _ sweep: borrowing Sweep, isCurrent: Bool, writtenBefore until: PGTimestamp?, _ directory: inout Directory
    ) throws -> Int {
        let (partitions, count) = (sweep.partitions, sweep.partitionCount)
        let isFirst = sweep.isFirst
        var waiting: [Row] = []
        try sweep.transaction { transaction, _ in
            try Sending.takeOver(isFirst ? partitions : [], count, in: transaction)
            waiting = isCurrent ? try Sending.read(partitions, count, until, in: transaction) : []
        }
        guard !waiting.isEmpty else { return 0 }
        let end = ContinuousClock.now + .seconds(Sending.secondsAtOnce)
        var tried = 0
        var done: [(Outgoing, Delivery)] = []
        while tried < waiting.count, ContinuousClock.now < end {
            let chunk = Array(waiting[tried..<min(tried + channel.window, waiting.count)])
            tried += chunk.count
            var begun: [Outgoing] = []
            try sweep.transaction { transaction, effects in
                try settle(done, in: transaction, &effects)
                begun = try begin(chunk, &directory, in: transaction)
            }
            done = []
            let chunkEnd = ContinuousClock.now + .seconds(Sending.secondsAChunk)
            for message in begun {
                let isReached = ContinuousClock.now < chunkEnd
                done.append((message, isReached ? attempt(message) : Sending.unreached(message)))
            }
            if !channel.flush() {
                done = done.map { ($0.0, $0.1 == .sent ? .ambiguous("the channel cannot make it last") : $0.1) }
            }
        }
        try sweep.transaction { transaction, effects in
            try settle(done, in: transaction, &effects)
        }
        return tried
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
        _ partitions: [Int32], _ count: Int32, _ until: PGTimestamp?, in transaction: borrowing Transaction
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
             ORDER BY m.next_attempt_at LIMIT \(Int64(Sending.rowsAtOnce))
            """
        ).map { $0 }
    }

    /// Commits the attempt: compare-and-set, so that nobody else makes it too. What is in doubt is only looked up. Of the rest,
    /// what is not to be said any more is withdrawn, and what is over a cap, or a dry run, is held.
    private func begin(
        _ rows: [Row], _ directory: inout Directory, in transaction: borrowing Transaction
    ) throws -> [Outgoing] {
        let notices = rows.filter { !$0.isNull("notice_id") }
        directory.forgetCases()
        try directory.look(at: notices, in: transaction)
        let states = try LastLook.noticeStates(of: notices, in: transaction)
        var addresses: [PGUUID: (to: String, way: Way)] = [:]
        var wanted: [Row] = []
        for row in rows {
            if row.bool("in_doubt") {
                addresses[row.uuid("message_id")] = (
                    row.string("address"), Way(rawValue: row.string("channel")) ?? .email
                )
                continue
            }
            let look = LastLook(row: row, noticeState: row.uuidOrNil("notice_id").flatMap { states[$0] })
            if let recipient = try look.recipient(&directory, in: transaction),
                try Drafts(composing: settings.composing).isAsRead(row, for: recipient, &directory, in: transaction)
            {
                addresses[row.uuid("message_id")] = (recipient.address, recipient.way)
                wanted.append(row)
            }
        }
        if settings.isDryRun {
            try hold(wanted, .dryRun, "a dry run: it would have been sent", in: transaction)
            for row in wanted { addresses[row.uuid("message_id")] = nil }
        } else {
            let new = wanted.filter { !$0.bool("is_released") && $0.int("attempts") == 0 }
            let over = try HourlyCaps(settings: settings, log: log).over(
                new.map { ($0.uuid("message_id"), $0.string("authority"), $0.string("recipient_id")) },
                in: transaction)
            let held = new.filter { over.contains($0.uuid("message_id")) }
            try hold(held, .cap, "over the hour's cap: see what is coming, then release it", in: transaction)
            for id in over { addresses[id] = nil }
        }
        let ids = Array(addresses.keys)
        let taken = Set(
            try transaction.execute(
                """
                UPDATE notifications.message m SET state = 'sending', attempts = attempts + 1, address = w.address, channel = w.way,
                    next_attempt_at = now() + interval '5 minutes'
                  FROM unnest(\(ids), \(ids.map { addresses[$0]!.to }), \(ids.map { addresses[$0]!.way.rawValue }))
                    AS w (id, address, way)
                 WHERE m.message_id = w.id AND m.state = 'intended' RETURNING m.message_id
                """
            ).map { $0.uuid("message_id") })
        let going = rows.filter { taken.contains($0.uuid("message_id")) }
        let digests = going.filter { !$0.isNull("digest_on") }.map { $0.uuid("message_id") }
        let items = try digests.isEmpty ? [:] : Digests.items(of: digests, in: transaction)
        let compositions = try going.map { row in
            let id = row.uuid("message_id")
            return try settings.composing.composition(
                row, items[id] ?? [], to: addresses[id]!.to, &directory, in: transaction)
        }
        let mails = compositions.inParallel { $0.map(\.mail) }.flatMap(\.self)
        return try zip(going, mails).map { row, mail in
            let id = row.uuid("message_id")
            var mail = mail
            mail.way = addresses[id]!.way
            if let calendar = mail.calendar, !row.bool("in_doubt") {
                try Invitations.keep(calendar, of: id, in: transaction)
            }
            return Outgoing(row: row, mail: mail)
        }
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

    // MARK: The call

    private mutating func attempt(_ message: Outgoing) -> Delivery {
        guard message.isInDoubt else { return channel.deliver(message.mail) }
        switch channel.lookUp(message.mail) {
        case .delivered: return .sent
        case .absent: return .absent
        case .later(let why): return .ambiguous(why)
        case .cannotTell:
            return settings.resendsUnknown
                ? .absent : .unknowable("an earlier attempt may have got through, and the channel cannot tell")
        }
    }

    /// Of what the channel was too slow for. It is no new message for the caps when its turn comes.
    private static func unreached(_ message: Outgoing) -> Delivery {
        let why = "not reached in time"
        return message.isInDoubt ? .ambiguous(why) : .deferred(why)
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
                ? 0 : Double(min(Int64(30) << Int64(min(message.row.int("attempts"), 10)), Sending.longestWaitSeconds))
        }
    }

    private func settle(
        _ done: [(Outgoing, Delivery)], in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        guard !done.isEmpty else { return }
        let ends = done.map { end(of: $0, $1) }
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
              FROM unnest(\(ends.map(\.message.id)), \(ends.map(\.state)), \(ends.map(\.outcome)),
                    \(ends.map(\.isInDoubt)), \(ends.map(\.isToBeMade)), \(ends.map(\.waitSeconds)))
                AS e (message_id, state, outcome, is_in_doubt, is_to_be_made, wait)
             WHERE m.message_id = e.message_id AND m.state = 'sending'
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

    private func end(of message: Outgoing, _ outcome: Delivery) -> End {
        let (state, text) = settled(outcome, of: message.mail)
        let isInDoubt =
            switch outcome {
            case .ambiguous, .unknowable: true
            case .sent, .deferred, .refused, .absent: false
            }
        return End(
            message: message, state: state, outcome: text, isInDoubt: isInDoubt, isToBeMade: outcome == .absent)
    }

    /// What is deferred waits, however long the channel is down.
    private func settled(_ outcome: Delivery, of mail: Mail) -> (state: String, outcome: String?) {
        switch outcome {
        case .sent: ("sent", nil)
        case .deferred(let why): ("intended", why)
        case .refused(let why): ("failed", why)
        case .ambiguous(let why): (channel.canLookUp(mail) || settings.resendsUnknown ? "intended" : "unknown", why)
        case .unknowable(let why): ("unknown", why)
        case .absent: ("intended", "an earlier attempt did not get through")
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
            "recipientId":\(JSONValue.quoted(row.string("recipient_id"))),"channel":"\(message.mail.way.rawValue)",\
            "\(timeField)":"\(now)","dedupeKey":"\(id)","attempt":\(row.int("attempts") + 1)}
            """
        effects.publish(
            OutgoingEvent(
                id: NameUUID(name: "\(name)/\(id)\(isSent ? "" : "/\(row.int("attempts") + 1)")").description,
                source: WorkerName.notifications.source,
                type: "quorate.\(name).v1", subject: row.stringOrNil("subject") ?? "lists",
                authority: row.string("authority"), time: now, causationid: id, data: data), to: .notificationEvents,
            from: row.int32("source_partition"))
    }
}
