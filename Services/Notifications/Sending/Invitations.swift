import CaseEvents
import Correspondence
import Postgres
import StatutoryRules

/// Keeps invitees' calendars right: who was sent an invitation is sent every change of date or place, and the cancellation,
/// also where they alone are invited no longer.
enum Invitations {
    static let rowsAtOnce = 100
    static let change = "meeting_changed"
    static let withdrawal = "invitation_withdrawn"
    /// To those whom the authority itself has invited.
    static let calendarItem = "meeting_for_calendar"
    /// What may alter whether a meeting is, when and where, and who is asked to it.
    private static let kinds: [DirectoryWord.Kind] = [.meeting, .moved, .cancelled, .invitees, .deputy, .exclusion]

    /// Words on meetings have come: what was told of them is to be compared. So it is where something was taken back. What is
    /// noted already is noted again: who compares it just now does not see these words.
    static func note(
        _ words: [DirectoryWord], _ voids: [Envelope], in transaction: borrowing Transaction
    ) throws {
        let envelopes = words.filter { kinds.contains($0.kind) }.map(\.envelope) + voids
        guard !envelopes.isEmpty else { return }
        try transaction.execute(
            """
            UPDATE notifications.message m SET is_meeting_changed = true
              FROM (SELECT DISTINCT a, s FROM unnest(\(envelopes.map(\.authority)), \(envelopes.map(\.subject))) AS w (a, s)) w
             WHERE m.authority = w.a AND m.subject = w.s AND m.told IS NOT NULL
            """)
    }

    /// The authority has sent its own invitations: whom it names are sent the meeting for their calendar, by a notice of
    /// this worker's. More of them, or a date that came later, make it due again, which says nothing twice.
    static func noteSent(
        _ heard: [HeardEvent], under configuration: Configuration, in transaction: borrowing Transaction
    ) throws {
        for event in heard {
            let envelope = event.envelope
            for word in event.words where word.kind == .invited {
                guard let conference = try JSONValue(word.body)["conferenceId"]?.string,
                    configuration.liveFrom(authority: envelope.authority)
                        .map({ $0 <= London.day(of: word.effectiveAt) }) ?? true
                else { continue }
                let id = NameUUID(name: "\(calendarItem)/\(envelope.authority)/\(envelope.subject)/\(conference)")
                let policy = configuration.policyName(for: envelope.authority) ?? ""
                let body = """
                    {"noticeId":"\(id)","policy":\(JSONValue.quoted(policy)),"childIds":[],"to":["\(Addressees.invited)"],"cc":[],"level":1,"rule":"E2",\
                    "dueAt":"\(word.effectiveAt)","state":"due","subject":{"conferenceId":\(JSONValue.quoted(conference))},\
                    "template":"\(calendarItem)"}
                    """
                try transaction.execute(
                    """
                    INSERT INTO notifications.notice AS n (notice_id, authority, subject, revision, state, due_at, causation_id,
                        source_partition, body)
                    VALUES (\(PGUUID(id)), \(envelope.authority), \(envelope.subject), 0, 'due',
                        \(PGTimestamp(word.effectiveAt)), \(envelope.id), \(event.record.partition), \(body)::text::jsonb)
                    ON CONFLICT (notice_id) DO UPDATE SET addressed_at = NULL
                    """)
            }
        }
        let dates = heard.flatMap { event in
            event.words.contains { [.meeting, .moved].contains($0.kind) } ? [event.envelope] : []
        }
        guard !dates.isEmpty else { return }
        try transaction.execute(
            """
            UPDATE notifications.notice n SET addressed_at = NULL
              FROM (SELECT DISTINCT a, s FROM unnest(\(dates.map(\.authority)), \(dates.map(\.subject))) AS w (a, s)) w
             WHERE n.authority = w.a AND n.subject = w.s AND n.body->>'template' = \(calendarItem)
               AND n.addressed_at IS NOT NULL
            """)
    }

    /// Of these people, those who have the meeting in their calendars from here, or are about to.
    static func told(
        _ people: [String], of conference: String, _ notice: Row, in transaction: borrowing Transaction
    ) throws -> Set<String> {
        let rows = try transaction.execute(
            """
            SELECT DISTINCT recipient_id FROM notifications.message
             WHERE authority = \(notice.string("authority")) AND subject = \(notice.string("subject"))
               AND recipient_id = ANY(\(people)) AND notice_id <> \(notice.uuid("notice_id"))
               AND body->'subject'->>'conferenceId' = \(conference)
               AND template IN ('conference_invitation', 'cla_invitation_consultation', 'meeting_changed',
                    'invitation_withdrawn', 'meeting_for_calendar')
               AND state NOT IN ('withdrawn', 'failed', 'discarded')
            """)
        return Set(rows.map { $0.string("recipient_id") })
    }

    /// A word that was to leave to somebody on a meeting does not: what their calendar has is compared again.
    static func note(unsaid message: Row, in transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            UPDATE notifications.message SET is_meeting_changed = true
             WHERE authority = \(message.string("authority")) AND subject = \(message.string("subject"))
               AND recipient_id = \(message.string("recipient_id")) AND told IS NOT NULL
            """)
    }

    /// The last word to somebody on a meeting, before this one.
    static func last(
        before message: Row, conference: String, in transaction: borrowing Transaction
    ) throws -> (sequence: Int, told: String)? {
        try transaction.execute(
            """
            SELECT sequence, told FROM notifications.message
             WHERE authority = \(message.string("authority")) AND conference_id = \(conference) AND told IS NOT NULL
               AND recipient_id = \(message.string("recipient_id")) AND message_id <> \(message.uuid("message_id"))
             ORDER BY sequence DESC LIMIT 1
            """
        ).first.map { ($0.int("sequence"), $0.string("told")) }
    }

    /// Commits with the attempt what its reader's calendar will have been told. Once it is sent that is compared: who stored a
    /// word meanwhile could not know of it.
    static func keep(_ calendar: Mail.Calendar, of message: PGUUID, in transaction: borrowing Transaction) throws {
        try transaction.send(
            """
            UPDATE notifications.message SET conference_id = \(calendar.meeting), sequence = \(Int32(calendar.sequence)),
                told = \(calendar.told), is_meeting_changed = true WHERE message_id = \(message)
            """)
    }

    /// Writes to those whose meetings have changed since they were told. Returns how many were looked at.
    static func follow(
        _ partitions: [Int32], _ count: Int32, _ directory: inout Directory, in transaction: borrowing Transaction
    ) throws -> Int {
        let rows = try transaction.execute(
            """
            SELECT m.message_id, m.notice_id, m.authority, m.subject, m.recipient_id, m.recipient_role, m.conference_id, m.sequence, m.told,
                m.body::text AS body, now() AS now,
                EXISTS (SELECT FROM notifications.message n
                         WHERE n.authority = m.authority AND n.conference_id = m.conference_id AND n.told IS NOT NULL
                           AND n.recipient_id = m.recipient_id AND n.sequence > m.sequence
                           AND n.state NOT IN ('withdrawn', 'failed')) AS is_superseded,
                EXISTS (SELECT FROM notifications.message n
                         WHERE n.authority = m.authority AND n.subject = m.subject AND n.recipient_id = m.recipient_id
                           AND n.body->'subject'->>'conferenceId' = m.conference_id AND n.message_id <> m.message_id
                           AND n.state IN ('intended', 'sending', 'held')
                           AND n.template IN ('conference_invitation', 'cla_invitation_consultation', 'meeting_changed',
                                'invitation_withdrawn', 'meeting_for_calendar'))
                    AS is_being_told
              FROM notifications.message m
             WHERE m.is_meeting_changed AND m.told IS NOT NULL AND m.state IN ('sent', 'unknown', 'discarded')
               AND m.source_partition % \(count) = ANY(\(partitions))
             ORDER BY m.message_id LIMIT \(Int64(rowsAtOnce)) FOR UPDATE OF m SKIP LOCKED
            """
        ).map { $0 }
        // As they stand now that the rows are locked: a word that marked one of them must not be missed.
        directory.forgetCases()
        try directory.look(at: rows, in: transaction)
        for row in rows where !row.bool("is_superseded") && !row.bool("is_being_told") {
            try tell(row, &directory, in: transaction)
        }
        try transaction.execute(
            """
            UPDATE notifications.message SET is_meeting_changed = false
             WHERE message_id = ANY(\(rows.map { $0.uuid("message_id") }))
            """)
        return rows.count
    }

    private static func tell(_ row: Row, _ directory: inout Directory, in transaction: borrowing Transaction) throws {
        let now = row.timestamp("now").instant
        let matter = try Matter(notice: row, &directory, on: London.day(of: now), in: transaction)
        // What has been is of no calendar's concern.
        guard let meeting = matter.addressees.people.facts.meetings[row.string("conference_id")],
            let start = meeting.startsAt, start.latest > now, let told = meeting.told
        else { return }
        let (id, before) = (row.string("recipient_id"), row.string("told"))
        if let recipient = matter.find().recipients.first(where: { $0.id == id }) {
            if told != before { try write(row, to: recipient, change, told, in: transaction) }
        } else if CaseFacts.Meeting.isOn(told: before),
            let recipient = matter.former(id, as: row.string("recipient_role"))
        {
            try write(row, to: recipient, withdrawal, withdrawal, in: transaction)
        }
    }

    /// - Parameter name: What it says: one message for each.
    private static func write(
        _ row: Row, to recipient: Recipient, _ template: String, _ name: String, in transaction: borrowing Transaction
    ) throws {
        let sequence = row.int("sequence") + 1
        let identity =
            "message/\(row.string("authority"))/\(row.uuid("notice_id"))/\(recipient.id)/\(sequence)/\(name)"
        try transaction.execute(
            """
            INSERT INTO notifications.message AS m (message_id, notice_id, authority, subject, source_partition, recipient_id,
                recipient_role, channel, address, template, rule, body, state, hold, occasion_at, sequence)
            SELECT \(PGUUID(NameUUID(name: identity))), notice_id, authority, subject, source_partition, recipient_id,
                \(recipient.role), \(recipient.way.rawValue), \(recipient.address), \(template), rule,
                jsonb_set(body, '{template}', to_jsonb(\(template)::text)),
                \(recipient.hold == nil ? "intended" : "held"), \(recipient.hold?.rawValue), occasion_at, \(Int32(sequence))
              FROM notifications.message WHERE message_id = \(row.uuid("message_id"))
            ON CONFLICT (message_id) DO UPDATE SET state = excluded.state, hold = excluded.hold, channel = excluded.channel,
                address = excluded.address, outcome = NULL, released_at = NULL, drafted_at = NULL, intended_at = now(),
                next_attempt_at = now()
             WHERE m.state = 'withdrawn'
            """)
    }
}
