import CaseEvents
import Postgres
import StatutoryRules
import Workers

// Assessing locked cases and writing what changed.

extension Ledger {
    /// Reads all facts of locked cases, in a statement after the lock, and writes what their assessment changes.
    func assess(
        _ rows: [CaseRow], _ causes: [Int64: String], in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        let now = try transaction.execute("SELECT now() AS now")[0].timestamp("now")
        var changes = Changes(store: store)
        for group in Ledger.bounded(rows.sorted { $0.key < $1.key }) {
            let facts = try facts(of: group.map(\.caseId), in: transaction)
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
            if place > start && bytes + row.factBytes > Int64(Limits.batchFactBytes) {
                groups.append(rows[start..<place])
                (start, bytes) = (place, 0)
            }
            bytes += row.factBytes
        }
        return start < rows.count ? groups + [rows[start...]] : groups
    }

    private func facts(of caseIds: [Int64], in transaction: borrowing Transaction) throws -> [Int64: [Fact]] {
        var facts: [Int64: [Fact]] = [:]
        let rows = try transaction.execute(
            "SELECT case_id, body FROM scheduling.fact WHERE case_id = ANY(\(caseIds))")
        for row in rows {
            do {
                facts[row.int64("case_id"), default: []].append(try Contract.decodeStored(row.bytes("body")).fact)
            } catch {
                // It was decoded before it was stored: a release that refuses what an earlier one took is a defect.
                fatalError("a stored fact no longer decodes: \(error.code)")
            }
        }
        return facts
    }
}
