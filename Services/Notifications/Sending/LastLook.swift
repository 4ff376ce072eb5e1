import CaseEvents
import Correspondence
import Postgres
import StatutoryRules

/// Whether a message that is about to leave is still to be said, and to this person: words may have come since it was written.
struct LastLook {
    /// Of a message.
    let row: Row
    /// Of its notice, now; nothing where there is none.
    let noticeState: String?

    private var id: PGUUID { row.uuid("message_id") }
    private var recipientId: String { row.string("recipient_id") }

    /// The states of the notices of these messages, as they stand now.
    static func noticeStates(
        of messages: some Sequence<Row>, in transaction: borrowing Transaction
    ) throws -> [PGUUID: String] {
        let rows = try transaction.execute(
            """
            SELECT notice_id, state FROM notifications.notice
             WHERE notice_id = ANY(\(messages.compactMap { $0.uuidOrNil("notice_id") }))
            """)
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.uuid("notice_id"), $0.string("state")) })
    }

    /// Where it goes, and by which way; nothing where it is withdrawn or held instead.
    func recipient(_ directory: inout Directory, in transaction: borrowing Transaction) throws -> Recipient? {
        let day = London.day(of: row.timestamp("now").instant)
        if !row.isNull("digest_on") {
            let reader = try Digests.lookAgain(
                at: id, for: recipientId, in: row.string("authority"), on: day, &directory, in: transaction)
            if reader == nil { try withdraw("nothing is left of it", in: transaction) }
            return reader
        }
        guard let recipient = try recipient(on: day, &directory, in: transaction) else { return nil }
        // Who released it for another reason did not know.
        let isKnown = row.bool("is_released") && row.stringOrNil("hold") == Recipient.Hold.notSafe.rawValue
        guard recipient.hold != .notSafe || isKnown else {
            try transaction.execute(
                """
                UPDATE notifications.message SET state = 'held', hold = \(Recipient.Hold.notSafe.rawValue),
                    outcome = 'not safe to contact, as was said after it was written'
                 WHERE message_id = \(id) AND state = 'intended'
                """)
            return nil
        }
        return recipient
    }

    private func recipient(
        on day: Day, _ directory: inout Directory, in transaction: borrowing Transaction
    ) throws -> Recipient? {
        if row.isNull("list_id") {
            let notice = row.uuid("notice_id")
            guard let state = noticeState else {
                try withdraw("its case was erased", in: transaction)
                return nil
            }
            // A change of a meeting is said to those who were invited, when the invitations are long done.
            let template = row.string("template")
            let isChange = template == Invitations.change || template == Invitations.withdrawal
            guard state != "withdrawn" || isChange else {
                try withdraw("done before it was sent", in: transaction)
                return nil
            }
            let matter = try Matter(notice: row, &directory, on: day, in: transaction)
            let item = Item(
                id: notice.description, subject: row.string("subject"), template: row.string("template"),
                role: row.string("recipient_role"), body: matter.body)
            let silence = matter.silence(isLetter: item.isLetter)
            let found =
                template == Invitations.withdrawal
                ? matter.former(recipientId, as: item.role)
                : matter.find().recipients.first { $0.id == recipientId }
            let isPast = matter.isPast(row.timestamp("now").instant)
            if silence == nil, !isPast, let found { return found }
            if isChange {
                try Invitations.note(unsaid: row, in: transaction)
            } else {
                try transaction.execute(
                    "UPDATE notifications.notice SET addressed_at = NULL WHERE notice_id = \(notice)")
            }
            if let silence {
                try withdraw(silence.rawValue, in: transaction)
                return nil
            }
        } else {
            let matter = try Matter(list: row, &directory, on: day, in: transaction)
            if let found = matter.find().recipients.first(where: { $0.id == recipientId }) { return found }
            try transaction.execute(
                """
                UPDATE notifications.published_list SET addressed_at = NULL WHERE list_id = \(row.string("list_id"))
                """)
        }
        try withdraw("not theirs any more: who holds the role now is found", in: transaction)
        return nil
    }

    private func withdraw(_ why: String, in transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            UPDATE notifications.message SET state = 'withdrawn', outcome = \(why)
             WHERE message_id = \(id) AND state = 'intended'
            """)
    }
}
