import CaseEvents
import Postgres
import StatutoryRules
import Workers

// Assessing locked cases and writing what changed.

extension Ledger {
    /// Reads all facts of locked cases, in a statement after the lock, and writes what their assessment changes.
    /// `fresh` are the facts that this transaction stored, which need no reading.
    func assess(
        _ rows: [CaseRow], _ fresh: [Int64: [Fact]], _ causes: [Int64: String], in transaction: borrowing Transaction,
        _ effects: inout Effects
    ) throws {
        let now = try transaction.execute("SELECT now() AS now")[0].timestamp("now")
        var changes = Changes(store: store)
        for group in Ledger.bounded(rows.sorted { $0.key < $1.key }) {
            let stored = try storedFacts(of: group, in: transaction)
            // Cases do not depend on one another, and the database waits meanwhile.
            let parts = group.inParallel { [store] part in
                var (changes, effects) = (Changes(store: store), Effects())
                for row in part {
                    // An older release keeps the facts and leaves the assessment to the newer one, which the sweep wakes.
                    guard row.epoch <= store.epoch else {
                        changes.leave(row, until: now)
                        continue
                    }
                    let asOf = max(now.instant, row.assessedAt?.instant ?? now.instant)
                    let facts = stored.facts(of: row, fresh[row.caseId] ?? [])
                    let file = CaseFile(authority: row.key.authority, subject: row.key.subject, facts: facts)
                    let assessment = StatutoryRules.assess(file, under: store.configuration, asOf: asOf)
                    changes.note(row, assessment, asOf: asOf, cause: causes[row.caseId], &effects)
                }
                return (changes: changes, outgoing: effects.outgoing)
            }
            for part in parts {
                changes.add(part.changes)
                effects.outgoing += part.outgoing
            }
        }
        try changes.write(in: transaction)
    }

    /// Cases in groups whose facts fit in memory together; one case may be larger alone.
    private static func bounded(_ rows: [CaseRow]) -> [ArraySlice<CaseRow>] {
        var groups: [ArraySlice<CaseRow>] = []
        var (start, bytes) = (0, Int64(0))
        for (place, row) in rows.enumerated() {
            if place > start && bytes + row.factBytes + row.newFactBytes > Int64(Limits.batchFactBytes) {
                groups.append(rows[start..<place])
                (start, bytes) = (place, 0)
            }
            bytes += row.factBytes + row.newFactBytes
        }
        return start < rows.count ? groups + [rows[start...]] : groups
    }

    /// Of each case, the facts that rules read, and every correction, whatever it corrects.
    private func storedFacts(of group: ArraySlice<CaseRow>, in transaction: borrowing Transaction) throws -> StoredFacts
    {
        let known = group.filter { $0.factBytes > 0 }.map(\.caseId)
        guard !known.isEmpty else { return StoredFacts() }
        return StoredFacts(
            try transaction.execute(
                """
                SELECT case_id, body FROM scheduling.fact WHERE case_id = ANY(\(known))
                """))
    }
}

/// Facts as read from the database, by case, and decoded when asked for.
private struct StoredFacts: Sendable {
    private var rows: Rows?
    private var places: [Int64: [Int]] = [:]

    init() {}

    init(_ rows: Rows) {
        self.rows = rows
        for place in rows.indices { places[rows[place].int64(0), default: []].append(place) }
    }

    /// All facts of a case. Those that this transaction stored itself are at hand, and may be among the rows too.
    func facts(of row: Ledger.CaseRow, _ fresh: [Fact]) -> [Fact] {
        var facts = fresh
        for place in places[row.caseId] ?? [] {
            do throws(Refusal) {
                let fact = try Contract.decodeStored(rows![place].bytes(1)).fact
                if !fresh.contains(where: { $0.id == fact.id && $0.source == fact.source }) { facts.append(fact) }
            } catch {
                // It was decoded before it was stored: a release that refuses what an earlier one took is a defect.
                fatalError("a stored fact no longer decodes: \(error.code)")
            }
        }
        return facts
    }
}
