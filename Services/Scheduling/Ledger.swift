import CaseEvents
import Kafka
import Postgres
import StatutoryRules
import Workers

/// The cases of one transaction: locked, filled with new facts, assessed, and written where something changed.
struct Ledger {
    let store: ConfigurationStore

    /// A locked case row.
    struct CaseRow: Sendable {
        let caseId: Int64
        let key: CaseKey
        let partition: Int32
        let revision: Int64
        let epoch: Int64
        let assessedAt: PGTimestamp?
        let published: [UInt8]
        /// Bytes of the facts stored before this transaction, and of those that it stores.
        let factBytes: Int64
        var newFactBytes: Int64 = 0

        init(_ row: Row) {
            caseId = row.int64("case_id")
            key = CaseKey(authority: row.string("authority"), subject: row.string("subject"))
            partition = row.int32("partition")
            revision = row.int64("revision")
            epoch = row.int64("epoch")
            assessedAt = row.timestampOrNil("assessed_at")
            published = row.bytes("published")
            factBytes = row.int64("fact_bytes")
        }
    }

    /// Stores new facts and assesses the cases that got any.
    mutating func receive(
        _ arrivals: [Arrival], in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        var cases = try lock(arrivals, in: transaction)
        let fresh = try insert(arrivals, cases, in: transaction, &effects)
        guard !fresh.isEmpty else { return }
        effects.applied += fresh.count
        try closeRepairs(by: fresh, in: transaction)
        var causes: [Int64: String] = [:]
        var facts: [Int64: [Fact]] = [:]
        for arrival in fresh {
            let caseId = cases[arrival.caseKey]!.caseId
            causes[caseId] = arrival.event.envelope.id
            facts[caseId, default: []].append(arrival.event.fact)
            cases[arrival.caseKey]!.newFactBytes += Int64(arrival.event.structured.count)
        }
        try assess(cases.values.filter { causes[$0.caseId] != nil }, facts, causes, in: transaction, &effects)
    }

    /// Assesses cases whose time has come and, where asked to look for them, those of an older epoch. Returns how many.
    mutating func sweep(
        partitions: [Int32], of partitionCount: Int32, olderEpochs: Bool, in transaction: borrowing Transaction,
        _ effects: inout Effects
    ) throws -> Int {
        let limit = Int64(Limits.sweepCases)
        var rows = try transaction.execute(
            """
            SELECT case_id, authority, subject, partition, revision, epoch, assessed_at, published, fact_bytes
              FROM scheduling.case_file
             WHERE next_check_at <= now() AND epoch <= \(store.epoch) AND partition % \(partitionCount) = ANY(\(partitions))
             ORDER BY next_check_at LIMIT \(limit) FOR UPDATE SKIP LOCKED
            """
        ).map(CaseRow.init)
        if olderEpochs && rows.count < Limits.sweepCases {
            let known = rows.map(\.caseId)
            rows += try transaction.execute(
                """
                SELECT case_id, authority, subject, partition, revision, epoch, assessed_at, published, fact_bytes
                  FROM scheduling.case_file
                 WHERE epoch < \(store.epoch) AND partition % \(partitionCount) = ANY(\(partitions))
                   AND NOT case_id = ANY(\(known))
                 LIMIT \(limit - Int64(rows.count)) FOR UPDATE SKIP LOCKED
                """
            ).map(CaseRow.init)
        }
        guard !rows.isEmpty else { return 0 }
        try assess(rows, [:], [:], in: transaction, &effects)
        return rows.count
    }

    // MARK: Facts

    /// Makes the rows of new cases, then locks all of them in the order of their keys.
    private func lock(
        _ arrivals: [Arrival], in transaction: borrowing Transaction
    ) throws -> [CaseKey: CaseRow] {
        var partitions: [CaseKey: Int32] = [:]
        for arrival in arrivals { partitions[arrival.caseKey] = arrival.record.partition }
        let keys = partitions.keys.sorted()
        let authorities = keys.map(\.authority)
        let subjects = keys.map(\.subject)
        let places = keys.map { partitions[$0]! }
        try transaction.execute(
            """
            INSERT INTO scheduling.case_file (authority, subject, partition)
            SELECT * FROM unnest(\(authorities), \(subjects), \(places)) AS k (authority, subject, partition)
             WHERE NOT EXISTS (SELECT FROM scheduling.case_file c WHERE c.authority = k.authority AND c.subject = k.subject)
             ORDER BY 1, 2 ON CONFLICT (authority, subject) DO NOTHING
            """)
        let rows = try transaction.execute(
            """
            SELECT c.case_id, c.authority, c.subject, k.partition, c.revision, c.epoch, c.assessed_at, c.published, c.fact_bytes
              FROM scheduling.case_file c
              JOIN unnest(\(authorities), \(subjects), \(places)) AS k (authority, subject, partition)
                USING (authority, subject)
             ORDER BY c.authority, c.subject FOR UPDATE OF c
            """)
        return Dictionary(uniqueKeysWithValues: rows.map { CaseRow($0) }.map { ($0.key, $0) })
    }

    /// Inserts what is new. The same id with the same content is a duplicate; with other content it is quarantined.
    private func insert(
        _ arrivals: [Arrival], _ cases: [CaseKey: CaseRow], in transaction: borrowing Transaction,
        _ effects: inout Effects
    ) throws -> [Arrival] {
        var first: [EventKey: Arrival] = [:]
        var repeats: [Arrival] = []
        var unique: [Arrival] = []
        for arrival in arrivals {
            if first[arrival.eventKey] == nil {
                first[arrival.eventKey] = arrival
                unique.append(arrival)
            } else {
                repeats.append(arrival)
            }
        }
        let inserted = Set(
            try transaction.execute(
                """
                INSERT INTO scheduling.fact (source, event_id, case_id, event_type, corrects, recorded_at, digest, body)
                SELECT * FROM unnest(\(unique.map(\.event.envelope.source)), \(unique.map(\.event.envelope.id)),
                    \(unique.map { cases[$0.caseKey]!.caseId }), \(unique.map(\.event.envelope.type)),
                    \(unique.map(\.event.fact.isCorrection)),
                    \(unique.map { PGTimestamp($0.event.envelope.time) }), \(unique.map(\.event.digest)),
                    \(unique.map(\.event.structured)))
                ON CONFLICT (source, event_id) DO NOTHING RETURNING source, event_id
                """
            ).map { EventKey(source: $0.string("source"), id: $0.string("event_id")) })
        let known = unique.filter { !inserted.contains($0.eventKey) }
        let digests = try storedDigests(of: known, in: transaction)
        for arrival in known + repeats {
            let digest = digests[arrival.eventKey] ?? first[arrival.eventKey]!.event.digest
            if digest == arrival.event.digest {
                effects.duplicates += 1
            } else {
                effects.quarantine(arrival.record, Refusal.otherContent(arrival.event.envelope))
            }
        }
        return unique.filter { inserted.contains($0.eventKey) }
    }

    private func storedDigests(
        of arrivals: [Arrival], in transaction: borrowing Transaction
    ) throws -> [EventKey: [UInt8]] {
        guard !arrivals.isEmpty else { return [:] }
        let rows = try transaction.execute(
            """
            SELECT source, event_id, digest FROM scheduling.fact
              JOIN unnest(\(arrivals.map(\.event.envelope.source)), \(arrivals.map(\.event.envelope.id)))
                AS k (source, event_id) USING (source, event_id)
            """)
        return Dictionary(
            uniqueKeysWithValues: rows.map {
                (EventKey(source: $0.string("source"), id: $0.string("event_id")), $0.bytes("digest"))
            })
    }

    // MARK: Repair

    /// Cases of quarantined events show that one awaits repair, unless a right event has repaired it already, and are
    /// told of them; a case known by nothing else gets its row.
    func flagRepairs(of quarantined: inout [Quarantined], in transaction: borrowing Transaction) throws {
        try noteRepaired(&quarantined, in: transaction)
        let known = quarantined.filter { $0.refusal.authority != nil && $0.refusal.subject != nil }
        guard !known.isEmpty else { return }
        let rows = try transaction.execute(
            """
            INSERT INTO scheduling.case_file AS c (authority, subject, partition, awaiting_repair, epoch)
            SELECT k.authority, k.subject, min(k.partition), bool_or(k.is_open), \(store.epoch)
              FROM unnest(\(known.map { $0.refusal.authority! }), \(known.map { $0.refusal.subject! }),
                \(known.map(\.record.partition)), \(known.map { !$0.isSuperseded }))
                AS k (authority, subject, partition, is_open)
             GROUP BY 1, 2 ORDER BY 1, 2
            ON CONFLICT (authority, subject) DO UPDATE SET awaiting_repair = c.awaiting_repair OR excluded.awaiting_repair
            RETURNING authority, subject, revision
            """)
        let revisions = Dictionary(
            uniqueKeysWithValues: rows.map {
                (CaseKey(authority: $0.string("authority"), subject: $0.string("subject")), $0.int64("revision"))
            })
        for place in quarantined.indices where quarantined[place].refusal.namesCase {
            let refusal = quarantined[place].refusal
            let key = CaseKey(authority: refusal.authority!, subject: refusal.subject!)
            quarantined[place].caseRevision = revisions[key]
        }
    }

    /// A correction may come before what it names.
    private func noteRepaired(_ quarantined: inout [Quarantined], in transaction: borrowing Transaction) throws {
        let named = quarantined.indices.filter { place in
            let refusal = quarantined[place].refusal
            return refusal.id != nil && refusal.source != nil && refusal.authority != nil && refusal.subject != nil
        }
        guard !named.isEmpty else { return }
        let refusals = named.map { quarantined[$0].refusal }
        let rows = try transaction.execute(
            """
            SELECT q.place, f.body FROM unnest(\(named.map { Int64($0) }), \(refusals.map { $0.authority! }),
                \(refusals.map { $0.subject! }), \(refusals.map { $0.source! }))
                AS q (place, authority, subject, source)
              JOIN scheduling.case_file c USING (authority, subject)
              JOIN scheduling.fact f ON f.case_id = c.case_id AND f.source = q.source
             WHERE f.body LIKE '%"supersedes"%'::bytea OR f.body LIKE '%"retracts"%'::bytea
            """)
        for row in rows {
            let place = Int(row.int64("place"))
            guard let body = try? JSONValue(row.bytes("body")), let id = quarantined[place].refusal.id else { continue }
            if id == body["supersedes"]?.string || id == body["retracts"]?.string {
                quarantined[place].isSuperseded = true
            }
        }
    }

    /// A right event that supersedes or retracts a quarantined one repairs it.
    private func closeRepairs(by arrivals: [Arrival], in transaction: borrowing Transaction) throws {
        let repairing = arrivals.filter { $0.event.fact.supersedes != nil || $0.event.fact.retracts != nil }
        guard !repairing.isEmpty else { return }
        try transaction.execute(
            """
            WITH repaired AS (
                UPDATE scheduling.quarantine q SET state = 'superseded', resolved_at = now()
                  FROM unnest(\(repairing.map(\.event.envelope.source)),
                    \(repairing.map { $0.event.fact.supersedes ?? $0.event.fact.retracts! }))
                    AS r (event_source, event_id)
                 WHERE q.event_source = r.event_source AND q.event_id = r.event_id AND q.state = 'open'
                RETURNING q.quarantine_id, q.authority, q.subject)
            UPDATE scheduling.case_file c SET awaiting_repair = EXISTS (
                SELECT FROM scheduling.quarantine q WHERE q.authority = c.authority AND q.subject = c.subject
                   AND q.state IN ('open', 'replay_requested')
                   AND q.quarantine_id NOT IN (SELECT quarantine_id FROM repaired))
              FROM repaired r WHERE c.authority = r.authority AND c.subject = r.subject
            """)
    }
}

struct EventKey: Hashable, Sendable {
    let source: String
    let id: String
}

extension Fact {
    var isCorrection: Bool { supersedes != nil || retracts != nil }
}
