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
            let facts = try facts(of: group, fresh, in: transaction)
            for row in group {
                // An older release keeps the facts and leaves the assessment to the newer one, which the sweep wakes.
                guard row.epoch <= store.epoch else {
                    changes.leave(row, until: now)
                    continue
                }
                let asOf = max(now.instant, row.assessedAt?.instant ?? now.instant)
                let file = CaseFile(
                    authority: row.key.authority, subject: row.key.subject, facts: facts[row.caseId] ?? [])
                let assessment = StatutoryRules.assess(file, under: store.configuration, asOf: asOf)
                changes.note(row, assessment, asOf: asOf, cause: causes[row.caseId], &effects)
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
    private func facts(
        of group: ArraySlice<CaseRow>, _ fresh: [Int64: [Fact]], in transaction: borrowing Transaction
    ) throws -> [Int64: [Fact]] {
        var facts = fresh
        let known = group.filter { $0.factBytes > 0 }.map(\.caseId)
        guard !known.isEmpty else { return facts }
        let rows = try transaction.execute(
            """
            SELECT case_id, source, event_id, body FROM scheduling.fact
             WHERE case_id = ANY(\(known)) AND (corrects OR event_type = ANY(\(Ledger.typesRead)))
            """)
        var isFresh: [Int64: Set<EventKey>] = [:]
        for caseId in known {
            isFresh[caseId] = fresh[caseId].map { Set($0.map { EventKey(source: $0.source, id: $0.id) }) }
        }
        for row in rows {
            let caseId = row.int64("case_id")
            if let keys = isFresh[caseId],
                keys.contains(EventKey(source: row.string("source"), id: row.string("event_id")))
            {
                continue
            }
            do throws(Refusal) {
                facts[caseId, default: []].append(try Contract.decodeStored(row.bytes("body")).fact)
            } catch {
                // It was decoded before it was stored: a release that refuses what an earlier one took is a defect.
                fatalError("a stored fact no longer decodes: \(error.code)")
            }
        }
        return facts
    }

    private static let typesRead = EventType.allCases.filter(\.isRead).map { Contract.typeName($0.rawValue) }
}
