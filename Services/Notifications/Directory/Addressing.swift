import CaseEvents
import Correspondence
import Postgres
import StatutoryRules
import Workers

/// Finds the people for what is due, and commits the intent to write to each of them.
struct Addressing {
    static let rowsAtOnce = 500
    let partitions: [Int32]
    let partitionCount: Int32
    /// Of those who made no choice of their own.
    let rhythm: Rhythm
    let now: Instant

    /// Returns how many notices and lists were addressed.
    func run(
        _ directory: inout Directory, in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws -> Int {
        let notices = try transaction.execute(
            """
            SELECT notice_id, authority, subject, source_partition, body::text AS body, raised_at IS NULL AS is_new
              FROM notifications.notice
             WHERE addressed_at IS NULL AND state IN ('due', 'late_booking')
               AND source_partition % \(partitionCount) = ANY(\(partitions))
             ORDER BY due_at LIMIT \(Int64(Addressing.rowsAtOnce)) FOR UPDATE SKIP LOCKED
            """)
        try directory.look(at: notices, in: transaction)
        var findings = Findings()
        for row in notices { try address(notice: row, &directory, &findings, in: transaction, &effects) }
        let lists = try transaction.execute(
            """
            SELECT list_id, authority, 'lists' AS subject, source_partition, body::text AS body
              FROM notifications.published_list
             WHERE addressed_at IS NULL AND source_partition % \(partitionCount) = ANY(\(partitions))
             ORDER BY list_id LIMIT 10 FOR UPDATE SKIP LOCKED
            """)
        for row in lists { try address(list: row, &directory, &findings, in: transaction) }
        try findings.record(now, &directory, in: transaction, &effects)
        return notices.count + lists.count
    }

    private func address(
        notice row: Row, _ directory: inout Directory, _ findings: inout Findings,
        in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        let id = row.uuid("notice_id")
        let matter = try Matter(notice: row, &directory, on: London.day(of: now), in: transaction)
        let item = Item(
            id: id.description, subject: row.string("subject"), template: matter.body["template"]?.string ?? "notice",
            role: "", body: matter.body)
        var isRaised = false
        if item.template == Invitations.calendarItem {
            try intendCalendarItems(row, matter, in: transaction)
        } else if let silence = matter.silence(isLetter: item.isLetter) {
            try noteNobody(row, about: id, list: nil, matter, silence, in: transaction)
        } else {
            let (recipients, lacks) = matter.find()
            for recipient in recipients {
                let rhythm = recipient.rhythm ?? rhythm
                if item.isUrgent || item.isLetter || recipient.isFamily || recipient.hold != nil || rhythm == .atOnce {
                    try intend(
                        row, about: id, list: nil, recipient, matter.body, isDraft: item.isDraft, in: transaction)
                } else {
                    try keepForDigest(row, recipient, item, rhythm, in: transaction)
                }
            }
            if recipients.isEmpty {
                let isUnreachable = lacks.contains { $0.code == .unreachable }
                try noteNobody(
                    row, about: id, list: nil, matter, isUnreachable ? .unreachable : .nobodyInvited, in: transaction)
            }
            findings.note(lacks, of: matter.roles, row, for: id)
            if !recipients.isEmpty, let ladder = Ladder(matter.body) {
                isRaised = true
                if row.bool("is_new") { raise(ladder, row, matter.body, &effects) }
            }
        }
        try transaction.send(
            """
            UPDATE notifications.notice SET addressed_at = now(),
                raised_at = CASE WHEN \(isRaised) THEN coalesce(raised_at, now()) ELSE raised_at END
             WHERE notice_id = \(id)
            """)
    }

    /// To whom the authority itself has invited, and who has the meeting from nowhere else.
    private func intendCalendarItems(
        _ row: Row, _ matter: Matter, in transaction: borrowing Transaction
    ) throws {
        guard !matter.isPast(now), matter.silence(isLetter: false) == nil, let meeting = matter.addressees.conferenceId
        else { return }
        let recipients = matter.find().recipients
        let told = try Invitations.told(recipients.map(\.id), of: meeting, row, in: transaction)
        for recipient in recipients where !told.contains(recipient.id) {
            try intend(
                row, about: row.uuid("notice_id"), list: nil, recipient, matter.body, isDraft: false, in: transaction)
        }
    }

    private func raise(_ ladder: Ladder, _ row: Row, _ body: JSONValue, _ effects: inout Effects) {
        effects.publish(
            OutgoingEvent(
                id: NameUUID(name: "escalation.raised/\(row.uuid("notice_id"))").description,
                source: WorkerName.notifications.source, type: Contract.typeName("escalation.raised"),
                subject: row.string("subject"), authority: row.string("authority"), time: now,
                data: ladder.raised(row, body, at: now.description)), to: .notificationEvents,
            from: row.int32("source_partition"))
    }

    private func address(
        list row: Row, _ directory: inout Directory, _ findings: inout Findings, in transaction: borrowing Transaction
    ) throws {
        let list = row.string("list_id")
        let matter = try Matter(list: row, &directory, on: London.day(of: now), in: transaction)
        let (recipients, lacks) = matter.find()
        for recipient in recipients {
            try intend(row, about: nil, list: list, recipient, matter.body, isDraft: false, in: transaction)
        }
        if recipients.isEmpty { try noteNobody(row, about: nil, list: list, matter, .unreachable, in: transaction) }
        findings.note(lacks, of: matter.roles, row, for: nil)
        try transaction.execute(
            "UPDATE notifications.published_list SET addressed_at = now() WHERE list_id = \(list)")
    }

    /// The message's id is a function of what it is about and who gets it: once, whatever is redelivered or replayed. What
    /// was withdrawn before it was said is due again.
    private func intend(
        _ row: Row, about notice: PGUUID?, list: String?, _ recipient: Recipient, _ body: JSONValue,
        isDraft: Bool, in transaction: borrowing Transaction
    ) throws {
        let about = list ?? notice!.description
        let hold = recipient.hold ?? (isDraft ? .letter : nil)
        let occasion = (body["dueAt"] ?? body["asAt"])?.string.flatMap { Moment($0) }?.earliest
        let id = NameUUID(name: "message/\(row.string("authority"))/\(about)/\(recipient.id)")
        let subject: String? = list == nil ? row.string("subject") : nil
        try transaction.send(
            """
            INSERT INTO notifications.message AS m (message_id, notice_id, list_id, authority, subject, source_partition,
                recipient_id, recipient_role, channel, address, template, rule, body, state, hold, occasion_at)
            SELECT \(PGUUID(id)), \(notice), \(list), \(row.string("authority")), \(subject),
                \(row.int32("source_partition")), \(recipient.id), \(recipient.role), \(recipient.way.rawValue), \(recipient.address),
                \(list == nil ? body["template"]?.string ?? "notice" : "list"), \(body["rule"]?.string),
                \(list == nil ? body.rawText : "{}")::text::jsonb, \(hold == nil ? "intended" : "held"),
                \(hold?.rawValue), \(occasion.map { PGTimestamp($0) })
             WHERE NOT EXISTS (SELECT FROM notifications.digest_item
                                WHERE item_id = \(PGUUID(id)) AND state IN ('waiting', 'taken'))
            ON CONFLICT (message_id) DO UPDATE SET state = excluded.state, hold = excluded.hold, body = excluded.body,
                recipient_role = excluded.recipient_role, channel = excluded.channel, address = excluded.address, released_at = NULL, outcome = NULL,
                intended_at = now(), next_attempt_at = now()
             WHERE m.state = 'withdrawn'
            """)
    }

    private func keepForDigest(
        _ row: Row, _ recipient: Recipient, _ item: Item, _ rhythm: Rhythm, in transaction: borrowing Transaction
    ) throws {
        let authority = row.string("authority")
        // The same name as of a message of its own: a change of rhythm between two addressings says nothing twice.
        let id = PGUUID(NameUUID(name: "message/\(authority)/\(item.id)/\(recipient.id)"))
        let person = NameUUID(name: "recipient/\(authority)/\(recipient.id)").bytes
        let partition = Int32(person[0]) << 8 | Int32(person[1])
        try transaction.send(
            """
            INSERT INTO notifications.digest_item AS i (item_id, notice_id, authority, subject, source_partition, recipient_id,
                recipient_role, recipient_partition, template, rule, body, rhythm)
            SELECT \(id), \(row.uuid("notice_id")), \(authority), \(item.subject), \(row.int32("source_partition")),
                \(recipient.id), \(recipient.role), \(partition), \(item.template), \(item.body["rule"]?.string),
                \(item.body.rawText)::text::jsonb, \(rhythm.rawValue)
             WHERE NOT EXISTS (SELECT FROM notifications.message WHERE message_id = \(id) AND state <> 'withdrawn')
            ON CONFLICT (item_id) DO UPDATE SET state = 'waiting', recipient_role = excluded.recipient_role,
                body = excluded.body, rhythm = excluded.rhythm, added_at = now()
             WHERE i.state IN ('passed_on', 'withdrawn')
            """)
    }

    /// Nobody is told, and the log says why. Where nobody was on any rung, not even a QA mailbox, that is a failure; it is
    /// addressed again when the directory says more.
    private func noteNobody(
        _ row: Row, about notice: PGUUID?, list: String?, _ matter: Matter, _ why: Silence,
        in transaction: borrowing Transaction
    ) throws {
        let id = NameUUID(name: "message/\(row.string("authority"))/\(list ?? notice!.description)/nobody")
        let subject: String? = list == nil ? row.string("subject") : nil
        try transaction.send(
            """
            INSERT INTO notifications.message (message_id, notice_id, list_id, authority, subject, source_partition,
                recipient_id, recipient_role, channel, address, template, rule, body, state, outcome)
            VALUES (\(PGUUID(id)), \(notice), \(list), \(row.string("authority")), \(subject),
                \(row.int32("source_partition")), 'nobody', \(matter.roles.joined(separator: ",")), 'none', '',
                \(list == nil ? matter.body["template"]?.string ?? "notice" : "list"), \(matter.body["rule"]?.string), '{}',
                \(why == .unreachable ? "failed" : "withdrawn"), \(why.rawValue))
            ON CONFLICT (message_id) DO UPDATE SET state = excluded.state, outcome = excluded.outcome
            """)
    }
}
