import CaseEvents
import Postgres
import StatutoryRules
import Workers

/// What assessments changed against the rows as last written, gathered over the cases of a transaction and written
/// with one statement a table.
struct Changes: Sendable {
    private let store: ConfigurationStore
    private var cases: [CaseUpdate] = []
    private var deadlines = RowChanges()
    private var findings = RowChanges()
    private var notices = RowChanges()
    private var versions: [Version] = []

    private struct CaseUpdate: Sendable {
        let caseId: Int64
        let partition: Int32
        let revision: Int64
        let epoch: Int64
        let assessedAt: PGTimestamp?
        let nextCheckAt: PGTimestamp?
        let published: [UInt8]
        let factBytes: Int64
    }

    private struct Version: Sendable {
        let deadlineId: PGUUID
        let caseId: Int64
        let revision: Int64
        let change: String
        let believedFrom: PGTimestamp
        let body: String?
    }

    init(store: ConfigurationStore) { self.store = store }

    /// The case belongs to a newer epoch: its next check is now, for a worker that knows it.
    mutating func leave(_ row: Ledger.CaseRow, until now: PGTimestamp) {
        cases.append(
            CaseUpdate(
                caseId: row.caseId, partition: row.partition, revision: row.revision, epoch: row.epoch,
                assessedAt: row.assessedAt, nextCheckAt: now, published: row.published,
                factBytes: row.factBytes + row.newFactBytes))
    }

    /// Compares an assessment with what was written before, and publishes the difference.
    mutating func note(
        _ row: Ledger.CaseRow, _ assessment: Assessment, asOf: Instant, cause: String?, _ effects: inout Effects
    ) {
        var rows = PublishedRows(bytes: row.published)
        let (deadlines, findings) = (assessment.deadlines, assessment.findings)
        for row in deadlines {
            rows.add(row.id, .deadline, UInt8(DeadlineState.allCases.firstIndex(of: row.state)!), row.digest)
        }
        for row in findings { rows.add(row.id, .finding, 0, row.digest) }
        for row in assessment.notices {
            rows.add(row.id, .notice, UInt8(NoticeState.allCases.firstIndex(of: row.state)!), row.digest)
        }
        let difference = rows.difference()
        var outcomes = Outcomes(row: row, assessment: assessment, asOf: asOf, cause: cause)
        let revision = row.revision + 1
        let at = PGTimestamp(asOf)
        for (place, old) in difference.changed {
            if place < deadlines.count {
                let deadline = deadlines[place]
                let written = Described(deadline.id, deadline.json)
                self.deadlines.put(written, row.caseId, deadline.state.rawValue, revision)
                let was = old.map { DeadlineState.allCases[Int($0)] }
                let change = outcomes.deadline(deadline, written.id, written.body, was: was)
                versions.append(
                    Version(
                        deadlineId: PGUUID(written.id), caseId: row.caseId, revision: revision, change: change,
                        believedFrom: at, body: written.body))
            } else if place < deadlines.count + findings.count {
                let finding = findings[place - deadlines.count]
                self.findings.put(
                    Described(finding.id, finding.json), row.caseId, finding.severity.rawValue, revision)
                if old == nil { outcomes.finding(finding) }
            } else {
                let notice = assessment.notices[place - deadlines.count - findings.count]
                self.notices.put(Described(notice.id, notice.json), row.caseId, notice.state.rawValue, revision)
                outcomes.notice(notice, was: old.map { NoticeState.allCases[Int($0)] })
            }
        }
        for gone in difference.gone {
            switch gone.kind {
            case .deadline:
                self.deadlines.remove(gone.id, row.caseId)
                outcomes.deadlineVanished(gone.id, was: DeadlineState.allCases[Int(gone.state)])
                versions.append(
                    Version(
                        deadlineId: PGUUID(gone.id), caseId: row.caseId, revision: revision, change: "corrected",
                        believedFrom: at, body: nil))
            case .finding:
                self.findings.remove(gone.id, row.caseId)
                outcomes.findingCleared(gone.id)
            case .notice:
                self.notices.remove(gone.id, row.caseId)
                outcomes.noticeVanished(gone.id, was: NoticeState.allCases[Int(gone.state)])
            }
        }
        let isChanged = !difference.changed.isEmpty || !difference.gone.isEmpty
        outcomes.publish(revision: revision, to: &effects)
        cases.append(
            CaseUpdate(
                caseId: row.caseId, partition: row.partition, revision: isChanged ? revision : row.revision,
                epoch: store.epoch, assessedAt: at, nextCheckAt: assessment.nextChange.map { PGTimestamp($0) },
                published: rows.bytes, factBytes: row.factBytes + row.newFactBytes))
    }

    /// Joins the changes of other cases.
    mutating func add(_ other: Changes) {
        cases += other.cases
        deadlines.add(other.deadlines)
        findings.add(other.findings)
        notices.add(other.notices)
        versions += other.versions
    }

    func write(in transaction: borrowing Transaction) throws {
        try writeCases(in: transaction)
        try deadlines.write(to: "scheduling.deadline", key: "deadline_id", hasState: true, in: transaction)
        try findings.write(to: "scheduling.finding", key: "finding_id", hasState: false, in: transaction)
        try notices.write(to: "scheduling.notice", key: "notice_id", hasState: true, in: transaction)
        guard !versions.isEmpty else { return }
        try transaction.send(
            """
            INSERT INTO scheduling.deadline_version (deadline_id, case_id, revision, change, epoch, believed_from, body)
            SELECT v.deadline_id, v.case_id, v.revision, v.change, \(store.epoch), v.believed_from, v.body
              FROM unnest(\(versions.map(\.deadlineId)), \(versions.map(\.caseId)), \(versions.map(\.revision)),
                \(versions.map(\.change)), \(versions.map(\.believedFrom)), \(versions.map(\.body)))
                AS v (deadline_id, case_id, revision, change, believed_from, body)
            """)
    }

    private func writeCases(in transaction: borrowing Transaction) throws {
        guard !cases.isEmpty else { return }
        try transaction.send(
            """
            UPDATE scheduling.case_file c SET partition = u.partition, revision = u.revision, epoch = u.epoch,
                assessed_at = u.assessed_at, next_check_at = u.next_check_at, published = u.published, fact_bytes = u.fact_bytes
              FROM unnest(\(cases.map(\.caseId)), \(cases.map(\.partition)), \(cases.map(\.revision)),
                \(cases.map(\.epoch)), \(cases.map(\.assessedAt)), \(cases.map(\.nextCheckAt)), \(cases.map(\.published)),
                \(cases.map(\.factBytes)))
                AS u (case_id, partition, revision, epoch, assessed_at, next_check_at, published, fact_bytes)
             WHERE c.case_id = u.case_id
            """)
    }
}

/// A row of an assessment, as it is written.
struct Described {
    let id: NameUUID
    let body: String
    init(_ id: NameUUID, _ body: String) {
        self.id = id
        self.body = body
    }
}

/// Rows of one table to put or to remove.
private struct RowChanges: Sendable {
    private var ids: [PGUUID] = []
    private var caseIds: [Int64] = []
    private var states: [String] = []
    private var revisions: [Int64] = []
    private var bodies: [String] = []
    private var removed: [PGUUID] = []
    private var removedCaseIds: [Int64] = []

    mutating func put(_ row: Described, _ caseId: Int64, _ state: String, _ revision: Int64) {
        ids.append(PGUUID(row.id))
        caseIds.append(caseId)
        states.append(state)
        revisions.append(revision)
        bodies.append(row.body)
    }

    mutating func add(_ other: RowChanges) {
        ids += other.ids
        caseIds += other.caseIds
        states += other.states
        revisions += other.revisions
        bodies += other.bodies
        removed += other.removed
        removedCaseIds += other.removedCaseIds
    }

    mutating func remove(_ id: NameUUID, _ caseId: Int64) {
        removed.append(PGUUID(id))
        removedCaseIds.append(caseId)
    }

    func write(to table: String, key: String, hasState: Bool, in transaction: borrowing Transaction) throws {
        if !removed.isEmpty {
            try transaction.send(
                """
                DELETE FROM \(raw: table) t USING unnest(\(removedCaseIds), \(removed)) AS r (case_id, id)
                 WHERE t.case_id = r.case_id AND t.\(raw: key) = r.id
                """)
        }
        guard !ids.isEmpty else { return }
        let state: SQL = hasState ? ", state" : ""
        let setState: SQL = hasState ? ", state = excluded.state" : ""
        try transaction.send(
            """
            INSERT INTO \(raw: table) (\(raw: key), case_id, revision, body\(state))
            SELECT r.id, r.case_id, r.revision, r.body\(state)
              FROM unnest(\(ids), \(caseIds), \(revisions), \(bodies), \(states))
                AS r (id, case_id, revision, body, state)
            ON CONFLICT (case_id, \(raw: key)) DO UPDATE SET revision = excluded.revision, body = excluded.body\(setState)
            """)
    }
}

/// The rows of a case as last written and as they are now: id, kind, state, and a digest of each row's fields. The former
/// are kept on the case row, so that an assessment reads no other table to find what it changed.
struct PublishedRows {
    enum Kind: UInt8 { case deadline, finding, notice }

    /// The difference between the two.
    struct Difference {
        /// Of the rows in the order in which they were added, those that are not as they were: the state that each had,
        /// or `nil` where it is new.
        var changed: [(place: Int, old: UInt8?)] = []
        var gone: [(id: NameUUID, kind: Kind, state: UInt8)] = []
    }

    /// Its order is that of the ids' bytes.
    private struct Entry: Comparable {
        let high: UInt64
        let low: UInt64
        let kind: UInt8
        let state: UInt8
        let digest: UInt64
        let place: Int

        static func < (left: Entry, right: Entry) -> Bool {
            left.high != right.high ? left.high < right.high : left.low < right.low
        }

        func isSame(as other: Entry) -> Bool {
            kind == other.kind && state == other.state && digest == other.digest
        }
    }

    private let before: [Entry]
    private var after: [Entry] = []
    private static let width = 26

    /// Takes the rows as last written. They are kept sorted.
    init(bytes: [UInt8]) {
        precondition(bytes.count % PublishedRows.width == 0, "rows are kept in 26 bytes each")
        before = bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: PublishedRows.width).map { start in
                func word(_ offset: Int) -> UInt64 {
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: start + offset, as: UInt64.self))
                }
                return Entry(
                    high: word(0), low: word(8), kind: bytes[start + 16], state: bytes[start + 17], digest: word(18),
                    place: -1)
            }
        }
        after.reserveCapacity(before.count + 8)
    }

    /// Adds a row as it is now.
    mutating func add(_ id: NameUUID, _ kind: Kind, _ state: UInt8, _ digest: UInt64) {
        after.append(
            Entry(
                high: id.high, low: id.low, kind: kind.rawValue, state: state, digest: digest, place: after.count))
    }

    /// Walks both in the order of their ids, once all rows were added.
    mutating func difference() -> Difference {
        after.sort()
        var difference = Difference()
        var old = 0
        for entry in after {
            while old < before.count, before[old] < entry {
                difference.gone.append(PublishedRows.described(before[old]))
                old += 1
            }
            if old < before.count, !(entry < before[old]) {
                if !entry.isSame(as: before[old]) { difference.changed.append((entry.place, before[old].state)) }
                old += 1
            } else {
                difference.changed.append((entry.place, nil))
            }
        }
        difference.gone += before[old...].map(PublishedRows.described)
        difference.changed.sort { $0.place < $1.place }
        return difference
    }

    private static func described(_ entry: Entry) -> (id: NameUUID, kind: Kind, state: UInt8) {
        (NameUUID(high: entry.high, low: entry.low), Kind(rawValue: entry.kind)!, entry.state)
    }

    /// The rows as they are now, sorted by id, so that equal rows are equal bytes.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(after.count * PublishedRows.width)
        for entry in after {
            withUnsafeBytes(of: entry.high.bigEndian) { bytes.append(contentsOf: $0) }
            withUnsafeBytes(of: entry.low.bigEndian) { bytes.append(contentsOf: $0) }
            bytes.append(entry.kind)
            bytes.append(entry.state)
            withUnsafeBytes(of: entry.digest.bigEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }
}
