import Correspondence
import Postgres
import StatutoryRules

/// The texts of what waits for a person: written once they are held, read by `quorate letters show`, and compared as they leave.
struct Drafts {
    static let rowsAtOnce = 100
    let composing: Composing

    /// Writes what is held and has no draft yet. Returns how many were written.
    func write(
        _ partitions: [Int32], _ count: Int32, _ directory: inout Directory, in transaction: borrowing Transaction
    ) throws -> Int {
        let rows = try transaction.execute(
            """
            SELECT m.message_id, m.authority, m.subject, m.address, m.channel, m.recipient_id, m.recipient_role, m.template, m.list_id,
                m.notice_id, coalesce(l.body, m.body)::text AS body, m.intended_at, m.digest_on, now() AS now,
                coalesce(m.occasion_at, m.intended_at) AS occasion_at
              FROM notifications.message m LEFT JOIN notifications.published_list l USING (list_id)
             WHERE m.state = 'held' AND m.drafted_at IS NULL AND m.source_partition % \(count) = ANY(\(partitions))
             ORDER BY m.message_id LIMIT \(Int64(Drafts.rowsAtOnce)) FOR UPDATE OF m SKIP LOCKED
            """
        ).map { $0 }
        let digests = rows.filter { !$0.isNull("digest_on") }.map { $0.uuid("message_id") }
        let items = try digests.isEmpty ? [:] : Digests.items(of: digests, in: transaction)
        directory.forgetCases()
        try directory.look(at: rows.filter { !$0.isNull("notice_id") }, in: transaction)
        for row in rows {
            let id = row.uuid("message_id")
            let mail = try composing.composition(
                row, items[id] ?? [], to: row.string("address"), by: row.way, &directory, in: transaction
            ).mail
            try Drafts.keep(mail, of: id, in: transaction)
        }
        return rows.count
    }

    /// Whether a letter that a person released says what they read, and goes where they read that it goes. Where it does not,
    /// it waits again with its new text and address.
    func isAsRead(
        _ row: Row, for recipient: Recipient, _ directory: inout Directory, in transaction: borrowing Transaction
    ) throws -> Bool {
        let hold = row.stringOrNil("hold").flatMap(Recipient.Hold.init)
        guard row.bool("is_released"), hold == .letter || hold == .notSafe else { return true }
        let id = row.uuid("message_id")
        let mail = try composing.composition(
            row, [], to: recipient.address, by: recipient.way, &directory, in: transaction
        ).mail
        let read = try transaction.execute(
            "SELECT headline, body, html FROM notifications.draft WHERE message_id = \(id)")
        let isText =
            read.first.map {
                $0.string("headline") == mail.subject && $0.string("body") == mail.body
                    && $0.stringOrNil("html") == mail.html
            } ?? false
        let isPlace =
            recipient.address == row.string("address") && recipient.way.rawValue == row.string("channel")
        guard !isText || !isPlace else { return true }
        if !isText { try Drafts.keep(mail, of: id, in: transaction) }
        let why =
            isText
            ? "it would go elsewhere than was read: see quorate letters show"
            : "what it says has changed since it was read: see quorate letters show"
        try transaction.execute(
            """
            UPDATE notifications.message SET state = 'held', released_at = NULL, address = \(recipient.address),
                channel = \(recipient.way.rawValue), outcome = \(why)
             WHERE message_id = \(id) AND state = 'intended'
            """)
        return false
    }

    private static func keep(_ mail: Mail, of id: PGUUID, in transaction: borrowing Transaction) throws {
        try transaction.send(
            """
            INSERT INTO notifications.draft (message_id, headline, body, html, attachments)
            VALUES (\(id), \(mail.subject), \(mail.body), \(mail.html), \(mail.attachments.map(\.name)))
            ON CONFLICT (message_id) DO UPDATE SET headline = excluded.headline, body = excluded.body,
                html = excluded.html, attachments = excluded.attachments
            """)
        try transaction.send("UPDATE notifications.message SET drafted_at = now() WHERE message_id = \(id)")
    }
}
