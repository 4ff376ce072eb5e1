import CaseEvents
import Postgres
import StatutoryRules
import Workers

/// The read models of cases, drawn anew for each case that got facts, or of which a rule came to refuse an event, so that
/// order and corrections fall out.
public struct CaseModels {
    /// As the database tells names apart, byte by byte: Swift takes two ways to compose a letter for one.
    public struct Key: Hashable {
        let authority, subject: String

        private var names: [[UInt8]] { [Array(authority.utf8), Array(subject.utf8)] }
        public static func == (one: Key, other: Key) -> Bool { one.names == other.names }
        public func hash(into hasher: inout Hasher) { hasher.combine(names) }
    }

    let store: ConfigurationStore

    public init(store: ConfigurationStore) { self.store = store }

    /// Of the way that cases are drawn: one more with each release that draws them otherwise.
    static let version: Int32 = 4
    /// Cases drawn anew in one transaction.
    private static let casesAtOnce: Int64 = 200

    /// Stores the facts and redraws their cases and those named. Returns how many facts were new.
    public func draw(from events: [CaseEvent], and changed: Set<Key>, in transaction: borrowing Transaction) throws
        -> Int
    {
        guard !events.isEmpty || !changed.isEmpty else { return 0 }
        var unique: [[UInt8]: CaseEvent] = [:]
        for event in events {
            let key = Array((event.envelope.source + "\u{0}" + event.envelope.id).utf8)
            if unique[key] == nil { unique[key] = event }
        }
        let arrivals = unique.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
        try lock(changed.union(arrivals.map { Key($0.envelope) }), in: transaction)
        let fresh = try transaction.execute(
            """
            INSERT INTO reporting.fact (source, event_id, authority, subject, event_type, body)
            SELECT * FROM unnest(\(arrivals.map(\.envelope.source)), \(arrivals.map(\.envelope.id)),
                \(arrivals.map(\.envelope.authority)), \(arrivals.map(\.envelope.subject)),
                \(arrivals.map(\.envelope.type)), \(arrivals.map(\.structured)))
            ON CONFLICT (source, event_id) DO NOTHING RETURNING authority, subject
            """)
        let keys = changed.union(fresh.map { Key(authority: $0.string("authority"), subject: $0.string("subject")) })
            .sorted { ($0.authority, $0.subject) < ($1.authority, $1.subject) }
        guard !keys.isEmpty else { return 0 }
        try draw(keys, in: transaction)
        return fresh.count
    }

    /// Draws cases anew from the facts stored.
    private func draw(_ keys: [Key], in transaction: borrowing Transaction) throws {
        let (files, particulars) = try files(of: keys, in: transaction)
        let refused = try refusals(in: keys, in: transaction)
        let models = keys.map { key in
            CaseModel(
                files[key] ?? CaseFile(authority: key.authority, subject: key.subject, facts: []),
                refused: refused[key] ?? [], particulars[key] ?? [:],
                store.configuration.calendar)
        }
        try CaseTables(models: models).write(in: transaction)
        try transaction.execute(
            """
            UPDATE reporting.case_file SET model = \(CaseModels.version), epoch = \(store.epoch), changed_at = now()
             WHERE (authority, subject) IN (SELECT * FROM unnest(\(keys.map(\.authority)), \(keys.map(\.subject))))
            """)
    }

    /// Draws anew some of the cases that were drawn by an older release or an older calendar, or that were asked for (`quorate
    /// reporting rebuild`). Readers see a case's rows of before or of after. Returns whether more are waiting.
    public func redraw(in transaction: borrowing Transaction) throws -> Bool {
        let keys = try transaction.execute(
            """
            SELECT authority, subject FROM reporting.case_file
             WHERE model < \(CaseModels.version) OR epoch < \(store.epoch)
             ORDER BY authority, subject LIMIT \(CaseModels.casesAtOnce) FOR UPDATE SKIP LOCKED
            """
        ).map { Key(authority: $0.string("authority"), subject: $0.string("subject")) }
        guard !keys.isEmpty else { return false }
        try draw(keys, in: transaction)
        try DutyModel.redraw(keys, in: transaction)
        return keys.count == Int(CaseModels.casesAtOnce)
    }

    /// Facts and what scheduling says of them come on two topics: whoever redraws a case sees both.
    private func lock(_ cases: Set<Key>, in transaction: borrowing Transaction) throws {
        let cases = Array(cases)
        let (authorities, subjects) = (cases.map(\.authority), cases.map(\.subject))
        try transaction.execute(
            """
            INSERT INTO reporting.case_file (authority, subject)
            SELECT DISTINCT * FROM unnest(\(authorities), \(subjects)) ORDER BY 1, 2
            ON CONFLICT (authority, subject) DO NOTHING
            """)
        try transaction.execute(
            """
            SELECT 1 FROM reporting.case_file
             WHERE (authority, subject) IN (SELECT * FROM unnest(\(authorities), \(subjects)))
             ORDER BY authority, subject FOR UPDATE
            """)
    }

    private func files(
        of keys: [Key], in transaction: borrowing Transaction
    ) throws -> (files: [Key: CaseFile], particulars: [Key: [Particulars.Key: Particulars]]) {
        var files: [Key: CaseFile] = [:]
        var particulars: [Key: [Particulars.Key: Particulars]] = [:]
        let rows = try transaction.execute(
            """
            SELECT f.authority, f.subject, f.body FROM reporting.fact f
              JOIN unnest(\(keys.map(\.authority)), \(keys.map(\.subject))) AS w (authority, subject)
                USING (authority, subject)
            """)
        for row in rows {
            guard let event = try? Contract.decodeStored(row.bytes("body")) else {
                fatalError("a stored fact no longer decodes")
            }
            let key = Key(authority: row.string("authority"), subject: row.string("subject"))
            files[key, default: CaseFile(authority: key.authority, subject: key.subject, facts: [])].facts
                .append(event.fact)
            if let found = Particulars(event) { particulars[key, default: [:]][Particulars.Key(event.fact)] = found }
        }
        return (files, particulars)
    }

    /// By case, the ids of the events that have no effect (rulebook, section 0, "Reject").
    private func refusals(in keys: [Key], in transaction: borrowing Transaction) throws -> [Key: Set<String>] {
        var refused: [Key: Set<String>] = [:]
        let rows = try transaction.execute(
            """
            SELECT f.authority, f.subject, f.refuses FROM reporting.finding f
              JOIN unnest(\(keys.map(\.authority)), \(keys.map(\.subject))) AS w (authority, subject)
                USING (authority, subject)
             WHERE NOT f.cleared AND f.refuses IS NOT NULL
            """)
        for row in rows {
            let key = Key(authority: row.string("authority"), subject: row.string("subject"))
            refused[key, default: []].insert(row.string("refuses"))
        }
        return refused
    }
}

extension CaseModels.Key {
    init(_ envelope: Envelope) { self.init(authority: envelope.authority, subject: envelope.subject) }
}
