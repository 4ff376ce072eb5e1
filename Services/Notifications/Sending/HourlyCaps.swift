import Logging
import Postgres

/// So that a bad import cannot send ten thousand mails: what one person, or a whole authority, may get in an hour of the
/// clock. What is over it waits for a person.
struct HourlyCaps {
    let settings: MailSettings
    let log: Logger

    private struct Key: Hashable, Comparable {
        let authority: String
        let recipient: String
        static func < (left: Key, right: Key) -> Bool {
            (left.authority, left.recipient) < (right.authority, right.recipient)
        }
    }

    typealias Message = (id: PGUUID, authority: String, recipient: String)

    /// Counts messages that are about to be sent for the first time. Returns those that are over a cap. What is over one
    /// person's takes nothing of the authority's.
    func over(_ messages: [Message], in transaction: borrowing Transaction) throws -> Set<PGUUID> {
        let within = try count(messages, against: settings.personHourly, in: transaction) {
            Key(authority: $0.authority, recipient: $0.recipient)
        }
        let passed = try count(
            messages.filter { within.contains($0.id) }, against: settings.authorityHourly, in: transaction
        ) { Key(authority: $0.authority, recipient: "*") }
        let over = Set(messages.map(\.id)).subtracting(passed)
        for authority in Set(messages.filter { over.contains($0.id) }.map(\.authority)) {
            log.error(
                "messages are held, for they are over the hour's cap: see quorate letters list",
                metadata: ["authority": "\(authority)"])
        }
        return over
    }

    /// Drops the counts of hours long past.
    static func forget(in transaction: borrowing Transaction) throws {
        try transaction.execute("DELETE FROM notifications.hourly_count WHERE hour < now() - interval '1 day'")
    }

    /// Returns those within the cap.
    private func count(
        _ messages: [Message], against cap: Int, in transaction: borrowing Transaction, key: (Message) -> Key
    ) throws -> Set<PGUUID> {
        var wanted: [Key: Int] = [:]
        for message in messages { wanted[key(message), default: 0] += 1 }
        let keys = wanted.keys.sorted()
        guard !keys.isEmpty else { return [] }
        // In the order of the keys, so that no two workers wait for one another.
        let rows = try transaction.execute(
            """
            INSERT INTO notifications.hourly_count AS c (authority, recipient_id, hour, messages)
            SELECT a, r, date_trunc('hour', now()), n
              FROM unnest(\(keys.map(\.authority)), \(keys.map(\.recipient)), \(keys.map { Int32(wanted[$0]!) }))
                   WITH ORDINALITY AS w (a, r, n, place) ORDER BY place
            ON CONFLICT (authority, recipient_id, hour) DO UPDATE SET messages = c.messages + excluded.messages
            RETURNING authority, recipient_id, messages
            """)
        var left: [Key: Int] = [:]
        for row in rows {
            let key = Key(authority: row.string("authority"), recipient: row.string("recipient_id"))
            left[key] = cap - (row.int("messages") - wanted[key]!)
        }
        var within: Set<PGUUID> = []
        for message in messages where left[key(message)]! > 0 {
            left[key(message)]! -= 1
            within.insert(message.id)
        }
        return within
    }
}
