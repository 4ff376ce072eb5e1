import CaseEvents
import Correspondence
import Postgres
import StatutoryRules
import Workers

/// One message a person a day or a week, with everything that waits for them.
///
/// Level-triggered: a digest is written once its hour has come, nothing is left to read, and the person has had none for that
/// day or week. A worker that was down for three days writes one.
struct Digests {
    static let peopleAtOnce = 50
    /// Where records never stop coming, digests go out all the same after so long.
    private static let longestWait = "1 hour"
    let partitions: [Int32]
    let partitionCount: Int32
    let hour: Int
    let now: Instant

    private var today: Day { London.day(of: now) }

    /// Returns how many digests were written.
    func run(
        isCaughtUp: Bool, _ directory: inout Directory, in transaction: borrowing Transaction
    ) throws -> Int {
        guard now >= London.instant(on: today, hour: hour) else { return 0 }
        let day = PGDate(daysSince1970: today.number)
        let monday = PGDate(daysSince1970: today.adding(days: -today.weekday.rawValue).number)
        let people = try transaction.execute(
            """
            SELECT authority, recipient_id, min(recipient_partition) AS recipient_partition
              FROM notifications.digest_item i
             WHERE state = 'waiting' AND recipient_partition % \(partitionCount) = ANY(\(partitions))
               AND NOT EXISTS (SELECT FROM notifications.message m
                    WHERE m.authority = i.authority AND m.recipient_id = i.recipient_id
                      AND m.digest_on >= CASE i.rhythm WHEN 'weekly' THEN \(monday)::date ELSE \(day)::date END)
             GROUP BY authority, recipient_id
            HAVING \(isCaughtUp) OR min(added_at) < now() - \(Self.longestWait)::text::interval
             ORDER BY authority, recipient_id LIMIT \(Int64(Self.peopleAtOnce))
            """)
        for person in people { try write(to: person, on: day, &directory, in: transaction) }
        return people.count
    }

    /// Takes up what waits for one person and still concerns them.
    private func write(
        to person: Row, on day: PGDate, _ directory: inout Directory, in transaction: borrowing Transaction
    ) throws {
        let (authority, id) = (person.string("authority"), person.string("recipient_id"))
        let (reader, taken) = try Digests.keep(
            what: "i.state = 'waiting'", for: id, in: authority, on: today, &directory, in: transaction)
        guard let reader else { return }
        // Of what it holds, too: after a restore from backup another digest of the day is another message, or what is new in
        // it would be taken for said.
        let held = taken.map(\.description).sorted().joined(separator: ",")
        let message = PGUUID(NameUUID(name: "digest/\(authority)/\(id)/\(today)/\(held)"))
        try transaction.execute(
            """
            INSERT INTO notifications.message (message_id, authority, source_partition, recipient_id, recipient_role,
                channel, address, template, body, occasion_at, digest_on)
            VALUES (\(message), \(authority), \(person.int32("recipient_partition")), \(id), 'digest', \(reader.way.rawValue), \(reader.address),
                'digest', '{}', \(PGTimestamp(London.instant(on: today, hour: hour))), \(day))
            """)
        try transaction.execute(
            """
            UPDATE notifications.digest_item SET state = 'taken', message_id = \(message) WHERE item_id = ANY(\(taken))
            """)
    }

    /// A digest that is about to leave: drops from it what concerns its reader no longer. Returns where it goes, or nothing
    /// where nothing is left of it.
    static func lookAgain(
        at digest: PGUUID, for id: String, in authority: String, on day: Day, _ directory: inout Directory,
        in transaction: borrowing Transaction
    ) throws -> Recipient? {
        try keep(
            what: "i.message_id = \(digest)", for: id, in: authority, on: day, &directory, in: transaction
        ).reader
    }

    /// Of what is there for a person, what still concerns them. What is over is withdrawn, and what belongs to somebody else
    /// by now is passed on.
    private static func keep(
        what condition: SQL, for id: String, in authority: String, on day: Day, _ directory: inout Directory,
        in transaction: borrowing Transaction
    ) throws -> (reader: Recipient?, items: [PGUUID]) {
        let rows = try transaction.execute(
            """
            SELECT i.item_id, i.notice_id, i.authority, i.subject, i.recipient_role, i.template, i.body::text AS body,
                n.state AS notice_state
              FROM notifications.digest_item i JOIN notifications.notice n USING (notice_id)
             WHERE i.authority = \(authority) AND i.recipient_id = \(id) AND \(condition) FOR UPDATE OF i
            """)
        try directory.look(at: rows, in: transaction)
        var reader: Recipient?
        var kept: [PGUUID] = []
        var dropped: [String: [PGUUID]] = [:]
        var readdressed: [PGUUID] = []
        for row in rows {
            let matter = try Matter(notice: row, &directory, on: day, in: transaction)
            let item = row.uuid("item_id")
            if row.string("notice_state") == "withdrawn" || matter.silence(isLetter: false) != nil {
                dropped["withdrawn", default: []].append(item)
            } else if let recipient = matter.find().recipients.first(where: { $0.id == id }) {
                reader = recipient
                kept.append(item)
            } else {
                dropped["passed_on", default: []].append(item)
                readdressed.append(row.uuid("notice_id"))
            }
        }
        for (state, items) in dropped {
            try transaction.execute(
                """
                UPDATE notifications.digest_item SET state = \(state), message_id = NULL WHERE item_id = ANY(\(items))
                """)
        }
        // Who holds the role now is found in the next sweep.
        try transaction.execute(
            "UPDATE notifications.notice SET addressed_at = NULL WHERE notice_id = ANY(\(readdressed))")
        return (reader, kept)
    }

    /// What each digest says.
    static func items(of digests: [PGUUID], in transaction: borrowing Transaction) throws -> [PGUUID: [Item]] {
        var items: [PGUUID: [Item]] = [:]
        for row in try transaction.execute(
            """
            SELECT i.message_id, i.notice_id, i.subject, i.template, i.recipient_role, i.body::text AS body
              FROM notifications.digest_item i WHERE i.message_id = ANY(\(digests))
            """)
        {
            items[row.uuid("message_id"), default: []].append(
                Item(
                    id: row.uuid("notice_id").description, subject: row.string("subject"),
                    template: row.string("template"), role: row.string("recipient_role"),
                    body: try JSONValue(row.string("body"))))
        }
        return items
    }
}
