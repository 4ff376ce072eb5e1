import Crypto
import Foundation
import Postgres
import Synchronization

/// Keys in memory: of the thread that reads them, and of those that seal ahead of it.
public final class KeyCache: Sendable {
    private let kept = Mutex<[KeyOwner: ContentKey]>([:])

    var count: Int { kept.withLock { $0.count } }

    /// Of each owner its key, if it is known.
    public func keys(of owners: [KeyOwner]) -> [ContentKey?] { kept.withLock { kept in owners.map { kept[$0] } } }

    func remember(_ found: [KeyOwner: ContentKey]) { kept.withLock { $0.merge(found) { $1 } } }

    func forget() { kept.withLock { $0 = [:] } }
}

/// The keys of the audit log, in a database of their own.
public final class KeyDatabase {
    private let connection: Connection
    private let kept = KeyCache()
    private var keptSince = ContinuousClock.now
    private var erasure: Int64 = 0
    /// Seals that were kept of the owners whose keys are in memory.
    private var seals: [RecordPlace: KeptSeal] = [:]
    private var areThereSeals: Bool?

    /// Keys in memory, and how long one may be used after it was read, where nobody says that something was erased.
    static let keptKeys = 50_000
    static let keptFor = Duration.seconds(600)

    public init(_ url: String, applicationName: String) throws {
        connection = try Connection(
            url, applicationName: applicationName,
            options: .init(statementTimeoutMilliseconds: 60_000, lockTimeoutMilliseconds: 10_000))
    }

    public var isBroken: Bool { connection.isBroken }

    /// The keys in memory.
    public var cache: KeyCache { kept }

    /// The keys in use of these owners, in their order, made where there is none. A key is durable before it seals anything.
    public func keys(of owners: [KeyOwner]) throws -> [ContentKey] {
        if kept.count > KeyDatabase.keptKeys || ContinuousClock.now - keptSince > KeyDatabase.keptFor { forget() }
        let known = kept.keys(of: owners)
        let unknown = Set(zip(owners, known).lazy.filter { $1 == nil }.map(\.0))
        guard !unknown.isEmpty else { return known.map { $0! } }
        let found = try read(unknown)
        return zip(owners, known).map { $1 ?? found[$0]! }
    }

    /// The keys in use of the owners of records, and the seals that are kept of destroyed ones. What was read before the last
    /// erasure is read again.
    public func seals(of owners: [KeyOwner], lastErasure: Int64) throws -> RecordSeals {
        if lastErasure != erasure { forget() }
        erasure = lastErasure
        return RecordSeals(keys: try keys(of: owners), kept: seals)
    }

    private func forget() {
        kept.forget()
        (seals, areThereSeals) = ([:], nil)
        keptSince = .now
    }

    private func read(_ owners: Set<KeyOwner>) throws -> [KeyOwner: ContentKey] {
        // In one order, so that two workers do not wait for one another.
        let wanted = owners.sorted { one, other in
            for (a, b) in [(one.authority, other.authority), (one.subject, other.subject)]
            where !a.utf8.elementsEqual(b.utf8) {
                return a.utf8.lexicographicallyPrecedes(b.utf8)
            }
            return one.year < other.year
        }
        var found = try inUse(wanted)
        let missing = wanted.filter { found[$0] == nil }
        if !missing.isEmpty {
            let secrets = missing.map { _ in
                SymmetricKey(size: .init(bitCount: ContentKey.secretBytes * 8)).withUnsafeBytes { Array($0) }
            }
            try connection.execute(
                """
                INSERT INTO audit_key.content_key (authority, subject, year, secret)
                SELECT * FROM unnest(\(missing.map(\.authority)), \(missing.map(\.subject)), \(missing.map(\.year)),
                    \(secrets)) ON CONFLICT (authority, subject, year) WHERE destroyed_at IS NULL DO NOTHING
                """)
            found.merge(try inUse(missing)) { $1 }
        }
        try readSeals(of: wanted)
        kept.remember(found)
        return found
    }

    private func readSeals(of owners: [KeyOwner]) throws {
        if areThereSeals == nil {
            areThereSeals = try connection.execute("SELECT EXISTS (SELECT FROM audit_key.kept_seal) AS found")[0].bool(
                "found")
        }
        guard areThereSeals == true else { return }
        let rows = try connection.execute(
            """
            SELECT s.cluster, s.topic, s.partition, s.kafka_offset, s.key_id, s.sealed
              FROM unnest(\(owners.map(\.authority)), \(owners.map(\.subject)), \(owners.map(\.year)))
                AS w (authority, subject, year)
              JOIN audit_key.content_key k USING (authority, subject, year) JOIN audit_key.kept_seal s USING (key_id)
             WHERE k.destroyed_at IS NOT NULL
            """)
        for row in rows {
            let log = LogPlace(
                cluster: row.string("cluster"), topic: row.string("topic"), partition: row.int32("partition"))
            seals[RecordPlace(log: log, offset: row.int64("kafka_offset"))] = KeptSeal(
                keyId: row.int64("key_id"), sealed: Data(row.bytes("sealed")))
        }
    }

    private func inUse(_ owners: [KeyOwner]) throws -> [KeyOwner: ContentKey] {
        let rows = try connection.execute(
            """
            SELECT k.key_id, w.place, k.secret FROM audit_key.content_key k
              JOIN unnest(\(owners.map(\.authority)), \(owners.map(\.subject)), \(owners.map(\.year)))
                WITH ORDINALITY AS w (authority, subject, year, place) USING (authority, subject, year)
             WHERE k.destroyed_at IS NULL
            """)
        return Dictionary(
            uniqueKeysWithValues: rows.map { row in
                (
                    owners[row.int("place") - 1],
                    ContentKey(id: row.int64("key_id"), secret: row.bytes("secret"))
                )
            })
    }

    /// The keys with these ids that were not destroyed.
    public func keys(withIds ids: Set<Int64>) throws -> [Int64: ContentKey] {
        let rows = try connection.execute(
            """
            SELECT key_id, secret FROM audit_key.content_key WHERE key_id = ANY(\(ids.sorted()))
               AND destroyed_at IS NULL
            """)
        return Dictionary(
            uniqueKeysWithValues: rows.map { row in
                (row.int64("key_id"), ContentKey(id: row.int64("key_id"), secret: row.bytes("secret")))
            })
    }

    /// Erases what these keys sealed, for good, and keeps the seals that a second reading of Kafka may ask for. Needs the
    /// owner's rights.
    public func destroy(_ keyIds: [Int64], keeping seals: [(place: RecordPlace, seal: KeptSeal)] = []) throws {
        let places = seals.map(\.place)
        try connection.transaction { transaction in
            try transaction.execute(
                """
                INSERT INTO audit_key.kept_seal (cluster, topic, partition, kafka_offset, key_id, sealed)
                SELECT * FROM unnest(\(places.map(\.log.cluster)), \(places.map(\.log.topic)),
                    \(places.map(\.log.partition)), \(places.map(\.offset)), \(seals.map(\.seal.keyId)),
                    \(seals.map { Array($0.seal.sealed) })) ON CONFLICT DO NOTHING
                """)
            try transaction.execute(
                """
                UPDATE audit_key.content_key SET secret = NULL, destroyed_at = now()
                 WHERE key_id = ANY(\(keyIds)) AND destroyed_at IS NULL
                """)
        }
        forget()
    }

    /// Every key that a case ever had, destroyed ones too, and those of lists that name it, by the ids of their events.
    public func keyIds(authority: String, subject: String, listEvents: [String] = []) throws -> [Int64] {
        try connection.execute(
            """
            SELECT key_id FROM audit_key.content_key WHERE authority = \(authority)
               AND (subject = \(subject) AND year = 0 OR subject = ANY(\(listEvents)) AND year <> 0) ORDER BY key_id
            """
        ).map { $0.int64("key_id") }
    }

    /// Every key of a year's records of an authority that are of no case and no list, destroyed ones too.
    public func keyIds(authority: String, ofNoCaseIn year: Int32) throws -> [Int64] {
        try connection.execute(
            """
            SELECT key_id FROM audit_key.content_key
             WHERE authority = \(authority) AND subject = '' AND year = \(year) ORDER BY key_id
            """
        ).map { $0.int64("key_id") }
    }

    /// Every key of these authorities' records that are of no case and no list, destroyed ones too.
    public func keyIds(ofNoCaseOf authorities: [String]) throws -> [Int64] {
        try connection.execute(
            """
            SELECT key_id FROM audit_key.content_key WHERE authority = ANY(\(authorities)) AND subject = '' ORDER BY key_id
            """
        ).map { $0.int64("key_id") }
    }

    /// The years in which a key of records of no case is in use, by authority, with the last year in which one was made.
    public func yearsOfNoCase() throws -> [(authority: String, year: Int32, newest: Int32)] {
        try connection.execute(
            """
            SELECT authority, year, max(extract(year FROM made_at AT TIME ZONE 'UTC'))::int AS newest
              FROM audit_key.content_key WHERE subject = '' AND destroyed_at IS NULL GROUP BY 1, 2
            """
        ).map { ($0.string("authority"), $0.int32("year"), $0.int32("newest")) }
    }

    /// Cases of which some key was destroyed, and when the last one was.
    public func erasedCases() throws -> [(authority: String, subject: String, at: PGTimestamp)] {
        try connection.execute(
            """
            SELECT authority, subject, max(destroyed_at) AS at FROM audit_key.content_key
             WHERE year = 0 AND destroyed_at IS NOT NULL GROUP BY 1, 2
            """
        ).map { ($0.string("authority"), $0.string("subject"), $0.timestamp("at")) }
    }
}

extension KeyDatabase {
    /// Brings a key database up to this release, as its owner.
    public static func migrate(_ connection: Connection) throws {
        try connection.execute("SELECT pg_advisory_lock(\(Int64(0x71_756f_6b65_79)))")
        defer { _ = try? connection.execute("SELECT pg_advisory_unlock(\(Int64(0x71_756f_6b65_79)))") }
        for (table, text) in [
            ("audit_key.content_key", PackageResources.keys_0001_sql),
            ("audit_key.kept_seal", PackageResources.keys_0002_sql),
        ] {
            let exists = try connection.execute("SELECT to_regclass(\(table)) IS NOT NULL AS exists")[0]
            guard !exists.bool("exists") else { continue }
            try connection.transaction { transaction in
                try transaction.script(String(decoding: text, as: UTF8.self))
            }
        }
    }
}
