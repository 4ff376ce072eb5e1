import AuditLog
import CaseEvents
import Foundation
import Postgres
import StatutoryRules
import Workers

/// The end of what has had its time: first that it is done, then the rows, and before they are gone for good the keys. What is
/// cut short is found and done again.
struct Erasure {
    private let connection: Connection
    private let keys: KeyDatabase

    init(_ connection: Connection, _ keys: KeyDatabase) {
        self.connection = connection
        self.keys = keys
    }

    /// Returns how many rows went; `nil` where it may not be erased any more.
    func erase(_ reference: CaseReference) throws -> Int64? {
        let (authority, subject) = (reference.authority, reference.subject)
        try note(reference.description, authority: authority)
        return try connection.transaction { transaction in
            // Nothing of it is written meanwhile, and nothing is held.
            try transaction.execute("LOCK TABLE configuration.legal_hold IN SHARE MODE")
            try transaction.execute(
                "SELECT FROM scheduling.case_file WHERE authority = \(authority) AND subject = \(subject) FOR UPDATE")
            guard let item = try RetentionList(connection, keys, of: reference).cases.first, item.mayBeErased,
                let last = item.keptThrough
            else { return nil }
            // The letters are found by the rows that go after them.
            var count = try transaction.execute(
                "SELECT configuration.erase_dead_letters(\(authority), \(subject)) AS n")[0].int64("n")
            count += try transaction.execute("SELECT configuration.erase_case(\(authority), \(subject)) AS n")[0]
                .int64("n")
            let lists = try transaction.execute(
                "SELECT list, row_count FROM configuration.erase_from_lists(\(authority), \(subject))")
            for list in lists { count += list.int64("row_count") }
            let events = lists.map { ListTable.eventId(ofList: $0.string("list")) }
            try destroy(
                keys.keyIds(authority: authority, subject: subject, listEvents: events), in: transaction,
                """
                INSERT INTO configuration.erasure (authority, subject, kept_through, erased_rows)
                VALUES (\(authority), \(subject), \(PGDate(daysSince1970: last.number)), \(count))
                """)
            return count
        }
    }

    func erase(_ year: RetentionList.Year) throws -> Int64? {
        try note(year.name, authority: year.authority.isEmpty ? nil : year.authority)
        return try connection.transaction { transaction in
            try transaction.execute("LOCK TABLE configuration.legal_hold IN SHARE MODE")
            let now = try RetentionList.years(connection, keys).first { $0.name == year.name }
            guard let now, now.mayBeErased, case .on(let last) = now.end
            else { return nil }
            let count = try transaction.execute(
                "SELECT configuration.erase_of_no_case(\(year.authority), \(year.receivedIn)) AS n")[0].int64("n")
            try destroy(
                keys.keyIds(authority: year.authority, ofNoCaseIn: year.receivedIn), in: transaction,
                """
                INSERT INTO configuration.erasure (authority, subject, kept_through, erased_rows, received_in)
                VALUES (\(year.authority), '', \(PGDate(daysSince1970: last.number)), \(count), \(year.receivedIn))
                """)
            return count
        }
    }

    private func note(_ about: String, authority: String?) throws {
        try connection.transaction { transaction in
            try Operator.note("retention.erase", about, authority: authority, in: transaction)
        }
    }

    /// A record that was received longer ago can be read from Kafka no more, whatever backup is restored.
    private static let readAgainDays: Int32 = 400

    /// What was erased is said where auditing looks for it, while nothing is appended: whatever these keys sealed is among the
    /// seals that are kept.
    private func destroy(_ ids: [Int64], in transaction: borrowing Transaction, _ record: SQL) throws {
        try transaction.execute("LOCK TABLE auditing.log IN EXCLUSIVE MODE")
        try transaction.execute(record)
        let rows = try transaction.execute(
            """
            SELECT l.cluster, l.topic, l.partition, e.kafka_offset, e.key_id, e.sealed
              FROM auditing.entry e JOIN auditing.log l USING (log_id)
             WHERE e.key_id = ANY(\(ids)) AND e.received_at > now() - make_interval(days => \(Erasure.readAgainDays))
            """)
        let seals = rows.map { row in
            let log = LogPlace(
                cluster: row.string("cluster"), topic: row.string("topic"), partition: row.int32("partition"))
            return (
                place: RecordPlace(log: log, offset: row.int64("kafka_offset")),
                seal: KeptSeal(keyId: row.int64("key_id"), sealed: Data(row.bytes("sealed")))
            )
        }
        try keys.destroy(ids, keeping: seals)
    }
}
