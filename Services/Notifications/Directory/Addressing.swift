import CaseEvents
import Correspondence
import Postgres
import StatutoryRules
import Workers

/// Finds the people for what is due, and commits the intent to write to each of them.
struct Addressing {
    static let rowsAtOnce = 100
    let partitions: [Int32]
    let partitionCount: Int32
    let now: Instant

    /// Returns how many notices and lists were addressed.
    func run(
        _ directory: inout Directory, in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws -> Int {
        let notices = try transaction.execute(
            """
            SELECT notice_id, authority, subject, source_partition, body::text AS body FROM notifications.notice
             WHERE addressed_at IS NULL AND state IN ('due', 'late_booking')
               AND source_partition % \(partitionCount) = ANY(\(partitions))
             ORDER BY due_at LIMIT \(Int64(Addressing.rowsAtOnce)) FOR UPDATE SKIP LOCKED
            """)
        for row in notices { try address(notice: row, &directory, in: transaction, &effects) }
        let lists = try transaction.execute(
            """
            SELECT list_id, authority, 'lists' AS subject, source_partition, body::text AS body
              FROM notifications.published_list
             WHERE addressed_at IS NULL AND source_partition % \(partitionCount) = ANY(\(partitions))
             ORDER BY list_id LIMIT 10 FOR UPDATE SKIP LOCKED
            """)
        for row in lists { try address(list: row, &directory, in: transaction, &effects) }
        return notices.count + lists.count
    }

    private func address(
        notice row: Row, _ directory: inout Directory, in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        let (authority, subject) = (row.string("authority"), row.string("subject"))
        let body = try JSONValue(row.string("body"))
        let children = body["childIds"]?.elements.compactMap(\.string) ?? []
        let addressees = Addressees(
            staff: try directory.staff(of: authority, in: transaction),
            people: try Directory.people(
                authority: authority, subject: subject, children: children, in: transaction),
            childIds: children, conferenceId: body["subject"]?["conferenceId"]?.string,
            planId: body["subject"]?["planId"]?.string, day: London.day(of: now))
        let roles = ["to", "cc"].flatMap { body[$0]?.elements.compactMap(\.string) ?? [] }
        var recipients: [Recipient] = []
        var lacks: [Lack] = []
        for role in roles {
            let found = addressees.find(role)
            for recipient in found.recipients where !recipients.contains(where: { $0.id == recipient.id }) {
                recipients.append(recipient)
            }
            lacks += found.lacks
        }
        for recipient in recipients {
            try intend(row, about: row.uuid("notice_id"), list: nil, recipient, body, in: transaction)
        }
        if recipients.isEmpty { try noteNobody(row, roles, body, in: transaction) }
        try Findings.note(lacks, of: Set(roles), row, now, in: transaction, &effects)
        try transaction.execute(
            "UPDATE notifications.notice SET addressed_at = now() WHERE notice_id = \(row.uuid("notice_id"))")
    }

    private func address(
        list row: Row, _ directory: inout Directory, in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        let body = try JSONValue(row.string("body"))
        let addressees = Addressees(
            staff: try directory.staff(of: row.string("authority"), in: transaction), people: CasePeople([]),
            day: London.day(of: now))
        let roles = body["recipients"]?.elements.compactMap(\.string) ?? []
        var seen: Set<String> = []
        var lacks: [Lack] = []
        for role in roles {
            let found = addressees.everyHolder(of: role)
            for recipient in found.recipients where seen.insert(recipient.id).inserted {
                try intend(row, about: nil, list: row.string("list_id"), recipient, body, in: transaction)
            }
            lacks += found.lacks
        }
        try Findings.note(lacks, of: Set(roles), row, now, in: transaction, &effects)
        try transaction.execute(
            "UPDATE notifications.published_list SET addressed_at = now() WHERE list_id = \(row.string("list_id"))")
    }

    /// The message's id is a function of what it is about and who gets it: once, whatever is redelivered or replayed.
    private func intend(
        _ row: Row, about notice: PGUUID?, list: String?, _ recipient: Recipient, _ body: JSONValue,
        in transaction: borrowing Transaction
    ) throws {
        let about = list ?? notice!.description
        let id = NameUUID(name: "message/\(row.string("authority"))/\(about)/\(recipient.id)")
        let subject: String? = list == nil ? row.string("subject") : nil
        try transaction.execute(
            """
            INSERT INTO notifications.message (message_id, notice_id, list_id, authority, subject, source_partition,
                recipient_id, recipient_role, channel, address, template, rule, body, state, hold)
            VALUES (\(PGUUID(id)), \(notice), \(list), \(row.string("authority")), \(subject),
                \(row.int32("source_partition")), \(recipient.id), \(recipient.role), 'email', \(recipient.address),
                \(list == nil ? body["template"]?.string ?? "notice" : "list"), \(body["rule"]?.string),
                \(list == nil ? body.rawText : "{}")::text::jsonb, \(recipient.hold == nil ? "intended" : "held"),
                \(recipient.hold?.rawValue))
            ON CONFLICT (message_id) DO NOTHING
            """)
    }

    /// Nobody on any rung, not even a QA mailbox: shown as failed, and addressed again when the directory says more.
    private func noteNobody(
        _ row: Row, _ roles: [String], _ body: JSONValue, in transaction: borrowing Transaction
    ) throws {
        let id = NameUUID(name: "message/\(row.string("authority"))/\(row.uuid("notice_id"))/nobody")
        try transaction.execute(
            """
            INSERT INTO notifications.message (message_id, notice_id, authority, subject, source_partition, recipient_id,
                recipient_role, channel, address, template, rule, body, state, outcome)
            VALUES (\(PGUUID(id)), \(row.uuid("notice_id")), \(row.string("authority")), \(row.string("subject")),
                \(row.int32("source_partition")), 'nobody', \(roles.joined(separator: ",")), 'none', '',
                \(body["template"]?.string ?? "notice"), \(body["rule"]?.string), '{}', 'failed',
                'no one holds these roles, and there is no QA mailbox: record a person or a role mailbox')
            ON CONFLICT (message_id) DO NOTHING
            """)
    }
}
