import CaseEvents
import Correspondence
import Postgres
import StatutoryRules

/// Keeps invitees' calendars right: who was sent an invitation is sent every change of date or place, and the cancellation.
enum Invitations {
    static let rowsAtOnce = 100
    static let template = "meeting_changed"

    /// Words on meetings have come: what was told of them is to be compared. So it is where something was taken back. What is
    /// noted already is noted again: who compares it just now does not see these words.
    static func note(
        _ words: [DirectoryWord], _ voids: [Envelope], in transaction: borrowing Transaction
    ) throws {
        let envelopes = words.filter { [.meeting, .moved, .cancelled].contains($0.kind) }.map(\.envelope) + voids
        guard !envelopes.isEmpty else { return }
        try transaction.execute(
            """
            UPDATE notifications.message m SET is_meeting_changed = true
              FROM (SELECT DISTINCT a, s FROM unnest(\(envelopes.map(\.authority)), \(envelopes.map(\.subject))) AS w (a, s)) w
             WHERE m.authority = w.a AND m.subject = w.s AND m.told IS NOT NULL
            """)
    }

    /// The number of the next word to somebody on a meeting.
    static func sequence(
        of message: Row, conference: String, in transaction: borrowing Transaction
    ) throws -> Int {
        try transaction.execute(
            """
            SELECT coalesce(max(sequence) + 1, 0) AS next FROM notifications.message
             WHERE authority = \(message.string("authority")) AND conference_id = \(conference) AND told IS NOT NULL
               AND recipient_id = \(message.string("recipient_id")) AND message_id <> \(message.uuid("message_id"))
            """)[0].int("next")
    }

    /// Commits with the attempt what its reader's calendar will have been told. Once it is sent that is compared: who stored a
    /// word meanwhile could not know of it.
    static func keep(_ calendar: Mail.Calendar, of message: PGUUID, in transaction: borrowing Transaction) throws {
        try transaction.execute(
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
            SELECT m.message_id, m.notice_id, m.authority, m.subject, m.recipient_id, m.conference_id, m.sequence, m.told,
                m.body::text AS body, now() AS now,
                EXISTS (SELECT FROM notifications.message n
                         WHERE n.authority = m.authority AND n.conference_id = m.conference_id AND n.told IS NOT NULL
                           AND n.recipient_id = m.recipient_id AND n.sequence > m.sequence
                           AND n.state NOT IN ('withdrawn', 'failed')) AS is_superseded,
                EXISTS (SELECT FROM notifications.message n
                         WHERE n.authority = m.authority AND n.subject = m.subject AND n.recipient_id = m.recipient_id
                           AND n.body->'subject'->>'conferenceId' = m.conference_id AND n.message_id <> m.message_id
                           AND n.state IN ('intended', 'sending', 'held')
                           AND n.template IN ('conference_invitation', 'cla_invitation_consultation', 'meeting_changed'))
                    AS is_being_told
              FROM notifications.message m
             WHERE m.is_meeting_changed AND m.told IS NOT NULL AND m.state IN ('sent', 'unknown', 'discarded')
               AND m.source_partition % \(count) = ANY(\(partitions))
             ORDER BY m.message_id LIMIT \(Int64(rowsAtOnce)) FOR UPDATE OF m SKIP LOCKED
            """
        ).map { $0 }
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
            let told = meeting.told,
            told != row.string("told"), let start = meeting.startsAt, start.latest > now,
            let recipient = matter.find().recipients.first(where: { $0.id == row.string("recipient_id") })
        else { return }
        let sequence = row.int("sequence") + 1
        let name =
            "message/\(row.string("authority"))/\(row.uuid("notice_id"))/\(recipient.id)/\(sequence)/\(told)"
        try transaction.execute(
            """
            INSERT INTO notifications.message AS m (message_id, notice_id, authority, subject, source_partition, recipient_id,
                recipient_role, channel, address, template, rule, body, state, hold, occasion_at, sequence)
            SELECT \(PGUUID(NameUUID(name: name))), notice_id, authority, subject, source_partition, recipient_id,
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
