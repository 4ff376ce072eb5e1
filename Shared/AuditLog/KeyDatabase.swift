import Crypto
import Postgres

/// Whose records a key seals: a case's; one published list's, which names many cases; or in one year those of an authority that
/// are of neither.
public struct KeyOwner: Hashable, Sendable {
    public let authority: String
    public let subject: String
    public let year: Int32

    // By bytes, as PostgreSQL compares: a letter with its accent and the two beside one another are two names there, and
    // were one here.
    public static func == (one: KeyOwner, other: KeyOwner) -> Bool {
        one.year == other.year && one.authority.utf8.elementsEqual(other.authority.utf8)
            && one.subject.utf8.elementsEqual(other.subject.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(year)
        for var text in [authority, subject] {
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
            hasher.combine(0xFF as UInt8)
        }
    }

    /// A list that was published, by the id of its event. It goes with the first case in it that is erased.
    public init(authority: String?, listEvent id: String, timestamp: Int64) {
        self.authority = authority ?? ""
        subject = id
        year = KeyOwner.year(of: timestamp)
    }

    /// `isOfCase`: whether the topic's subjects are cases. Timestamps are Kafka's, in milliseconds.
    public init(authority: String?, subject: String?, isOfCase: Bool, timestamp: Int64) {
        self.authority = authority ?? ""
        if isOfCase, authority != nil, let subject, !subject.isEmpty {
            self.subject = subject
            year = 0
        } else {
            self.subject = ""
            year = KeyOwner.year(of: timestamp)
        }
    }

    /// The Gregorian year in UTC, by Howard Hinnant's civil_from_days.
    static func year(of timestamp: Int64) -> Int32 {
        let days = (timestamp >= 0 ? timestamp : timestamp - 86_399_999) / 86_400_000 + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // The year counts from March here: the last two months belong to the next.
        return Int32(clamping: yearOfEra + era * 400 + (dayOfYear >= 306 ? 1 : 0))
    }
}

/// The keys of the audit log, in a database of their own.
public final class KeyDatabase {
    private let connection: Connection
    private var kept: [KeyOwner: ContentKey] = [:]
    private var keptSince = ContinuousClock.now

    /// Keys in memory, and how long one may be used after it was read: a destroyed key goes out of use within that time.
    static let keptKeys = 50_000
    static let keptFor = Duration.seconds(600)

    public init(_ url: String, applicationName: String) throws {
        connection = try Connection(
            url, applicationName: applicationName,
            options: .init(statementTimeoutMilliseconds: 60_000, lockTimeoutMilliseconds: 10_000))
    }

    public var isBroken: Bool { connection.isBroken }

    /// The keys in use of these owners, in their order, made where there is none. A key is durable before it seals anything.
    public func keys(of owners: [KeyOwner]) throws -> [ContentKey] {
        if kept.count > KeyDatabase.keptKeys || ContinuousClock.now - keptSince > KeyDatabase.keptFor {
            kept = [:]
            keptSince = .now
        }
        let known = owners.map { kept[$0] }
        let unknown = Set(zip(owners, known).lazy.filter { $1 == nil }.map(\.0))
        if !unknown.isEmpty { try read(unknown) }
        return zip(owners, known).map { $1 ?? kept[$0]! }
    }

    private func read(_ owners: Set<KeyOwner>) throws {
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
        kept.merge(found) { $1 }
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

    /// Erases what the keys of a case sealed, and those of lists that name it, by the ids of their events; for good. Needs
    /// the owner's rights.
    public func destroyKeys(authority: String, subject: String, listEvents: [String] = []) throws {
        try connection.execute(
            """
            UPDATE audit_key.content_key SET secret = NULL, destroyed_at = now()
             WHERE authority = \(authority) AND destroyed_at IS NULL
               AND (subject = \(subject) AND year = 0 OR subject = ANY(\(listEvents)) AND year <> 0)
            """)
        kept = [:]
    }

    /// Every key that a case ever had, destroyed ones too.
    public func keyIds(authority: String, subject: String) throws -> [Int64] {
        try connection.execute(
            """
            SELECT key_id FROM audit_key.content_key WHERE authority = \(authority) AND subject = \(subject)
               AND year = 0 ORDER BY key_id
            """
        ).map { $0.int64("key_id") }
    }
}

extension KeyDatabase {
    /// Brings a key database up to this release, as its owner.
    public static func migrate(_ connection: Connection) throws {
        try connection.execute("SELECT pg_advisory_lock(\(Int64(0x71_756f_6b65_79)))")
        defer { _ = try? connection.execute("SELECT pg_advisory_unlock(\(Int64(0x71_756f_6b65_79)))") }
        let exists = try connection.execute("SELECT to_regclass('audit_key.content_key') IS NOT NULL AS exists")[0]
        guard !exists.bool("exists") else { return }
        try connection.transaction { transaction in
            try transaction.script(String(decoding: PackageResources.keys_0001_sql, as: UTF8.self))
        }
    }
}
