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

    /// Counts messages that are about to be sent for the first time. Returns those that are over a cap.
    func over(
        _ messages: [(id: PGUUID, authority: String, recipient: String)], in transaction: borrowing Transaction
    ) throws -> Set<PGUUID> {
        var wanted: [Key: Int] = [:]
        for message in messages {
            wanted[Key(authority: message.authority, recipient: message.recipient), default: 0] += 1
            wanted[Key(authority: message.authority, recipient: "*"), default: 0] += 1
        }
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
        try transaction.execute("DELETE FROM notifications.hourly_count WHERE hour < now() - interval '1 day'")
        var left: [Key: Int] = [:]
        for row in rows {
            let key = Key(authority: row.string("authority"), recipient: row.string("recipient_id"))
            let cap = key.recipient == "*" ? settings.authorityHourly : settings.personHourly
            left[key] = cap - (row.int("messages") - wanted[key]!)
        }
        var over: Set<PGUUID> = []
        for message in messages {
            let (own, all) = (
                Key(authority: message.authority, recipient: message.recipient),
                Key(authority: message.authority, recipient: "*")
            )
            if left[own]! > 0, left[all]! > 0 {
                left[own]! -= 1
                left[all]! -= 1
            } else {
                over.insert(message.id)
            }
        }
        for authority in Set(messages.filter { over.contains($0.id) }.map(\.authority)) {
            log.error(
                "messages are held, for they are over the hour's cap: see quorate letters list",
                metadata: ["authority": "\(authority)"])
        }
        return over
    }
}
