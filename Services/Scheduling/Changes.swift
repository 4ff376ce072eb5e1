import CaseEvents
import Postgres
import StatutoryRules
import Workers

/// What an assessment changed against the rows as last written, gathered over the cases of a transaction and written
/// with one statement a table.
struct Changes {
    private let store: ConfigurationStore
    private var cases: [CaseUpdate] = []
    private var deadlines = RowChanges()
    private var findings = RowChanges()
    private var notices = RowChanges()
    private var versions: [Version] = []

    private struct CaseUpdate {
        let caseId: Int64
        let partition: Int32
        let revision: Int64
        let epoch: Int64
        let assessedAt: PGTimestamp?
        let nextCheckAt: PGTimestamp?
        let published: [UInt8]
        let factBytes: Int64
    }

    private struct Version {
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
        let before = PublishedRows(bytes: row.published)
        var after = PublishedRows()
        var outcomes = Outcomes(row: row, assessment: assessment, asOf: asOf, cause: cause)
        let revision = row.revision + 1
        let at = PGTimestamp(asOf)
        for deadline in assessment.deadlines {
            let (id, body) = (deadline.id, deadline.json)
            let state = UInt8(DeadlineState.allCases.firstIndex(of: deadline.state)!)
            guard let old = after.add(id, .deadline, state, body, against: before) else { continue }
            deadlines.put(id, row.caseId, deadline.state.rawValue, revision, body)
            let change = outcomes.deadline(deadline, id, body, was: old.map { DeadlineState.allCases[Int($0)] })
            versions.append(
                Version(
                    deadlineId: PGUUID(id), caseId: row.caseId, revision: revision, change: change,
                    believedFrom: at, body: body))
        }
        for finding in assessment.findings {
            let (id, body) = (finding.id, finding.json)
            guard let old = after.add(id, .finding, 0, body, against: before) else { continue }
            findings.put(id, row.caseId, finding.severity.rawValue, revision, body)
            if old == nil { outcomes.finding(finding) }
        }
        for notice in assessment.notices {
            let state = UInt8(NoticeState.allCases.firstIndex(of: notice.state)!)
            let (id, body) = (notice.id, notice.json)
            guard let old = after.add(id, .notice, state, body, against: before) else { continue }
            notices.put(id, row.caseId, notice.state.rawValue, revision, body)
            outcomes.notice(notice, was: old.map { NoticeState.allCases[Int($0)] })
        }
        for gone in before.missing(from: after) {
            switch gone.kind {
            case .deadline:
                deadlines.remove(gone.id)
                outcomes.deadlineVanished(gone.id, was: DeadlineState.allCases[Int(gone.state)])
                versions.append(
                    Version(
                        deadlineId: PGUUID(gone.id), caseId: row.caseId, revision: revision, change: "corrected",
                        believedFrom: at, body: nil))
            case .finding:
                findings.remove(gone.id)
                outcomes.findingCleared(gone.id)
            case .notice:
                notices.remove(gone.id)
                outcomes.noticeVanished(gone.id, was: NoticeState.allCases[Int(gone.state)])
            }
        }
        let isChanged = after != before
        outcomes.publish(revision: revision, to: &effects)
        cases.append(
            CaseUpdate(
                caseId: row.caseId, partition: row.partition, revision: isChanged ? revision : row.revision,
                epoch: store.epoch, assessedAt: at, nextCheckAt: assessment.nextChange.map { PGTimestamp($0) },
                published: after.bytes, factBytes: row.factBytes + row.newFactBytes))
    }

    func write(in transaction: borrowing Transaction) throws {
        try writeCases(in: transaction)
        try deadlines.write(to: "scheduling.deadline", key: "deadline_id", hasState: true, in: transaction)
        try findings.write(to: "scheduling.finding", key: "finding_id", hasState: false, in: transaction)
        try notices.write(to: "scheduling.notice", key: "notice_id", hasState: true, in: transaction)
        guard !versions.isEmpty else { return }
        try transaction.execute(
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
        try transaction.execute(
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

/// Rows of one table to put or to remove.
private struct RowChanges {
    private var ids: [PGUUID] = []
    private var caseIds: [Int64] = []
    private var states: [String] = []
    private var revisions: [Int64] = []
    private var bodies: [String] = []
    private var removed: [PGUUID] = []

    mutating func put(_ id: NameUUID, _ caseId: Int64, _ state: String, _ revision: Int64, _ body: String) {
        ids.append(PGUUID(id))
        caseIds.append(caseId)
        states.append(state)
        revisions.append(revision)
        bodies.append(body)
    }

    mutating func remove(_ id: NameUUID) { removed.append(PGUUID(id)) }

    func write(to table: String, key: String, hasState: Bool, in transaction: borrowing Transaction) throws {
        if !removed.isEmpty {
            try transaction.execute("DELETE FROM \(raw: table) WHERE \(raw: key) = ANY(\(removed))")
        }
        guard !ids.isEmpty else { return }
        let state: SQL = hasState ? ", state" : ""
        let setState: SQL = hasState ? ", state = excluded.state" : ""
        try transaction.execute(
            """
            INSERT INTO \(raw: table) (\(raw: key), case_id, revision, body\(state))
            SELECT r.id, r.case_id, r.revision, r.body\(state)
              FROM unnest(\(ids), \(caseIds), \(revisions), \(bodies), \(states))
                AS r (id, case_id, revision, body, state)
            ON CONFLICT (\(raw: key)) DO UPDATE SET revision = excluded.revision, body = excluded.body\(setState)
            """)
    }
}

/// The rows of a case as last written: id, kind, state, and a digest of each row's text. Kept on the
/// case row, so that an assessment reads no other table to find what it changed.
struct PublishedRows: Equatable {
    enum Kind: UInt8 { case deadline, finding, notice }

    private struct Entry: Equatable {
        let kind: Kind
        let state: UInt8
        let digest: UInt64
    }

    private var entries: [NameUUID: Entry] = [:]
    private static let width = 26

    init() {}

    init(bytes: [UInt8]) {
        precondition(bytes.count % PublishedRows.width == 0, "rows are kept in 26 bytes each")
        for start in stride(from: 0, to: bytes.count, by: PublishedRows.width) {
            let id = NameUUID(bytes: Array(bytes[start..<start + 16]))
            let digest = bytes[start + 18..<start + 26].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            entries[id] = Entry(kind: Kind(rawValue: bytes[start + 16])!, state: bytes[start + 17], digest: digest)
        }
    }

    /// Sorted by id, so that equal rows are equal bytes.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entries.count * PublishedRows.width)
        for (id, entry) in entries.sorted(by: { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }) {
            bytes += id.bytes
            bytes.append(entry.kind.rawValue)
            bytes.append(entry.state)
            withUnsafeBytes(of: entry.digest.bigEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    /// Adds a row. Gives `nil` where it is as it was; else the state it had, or an inner `nil` where it is new.
    mutating func add(
        _ id: NameUUID, _ kind: Kind, _ state: UInt8, _ body: String, against before: PublishedRows
    ) -> UInt8?? {
        let digest = PublishedRows.digest(body)
        let entry = Entry(kind: kind, state: state, digest: digest)
        entries[id] = entry
        guard let old = before.entries[id] else { return .some(nil) }
        return old == entry ? nil : .some(old.state)
    }

    /// FNV-1a: tells a changed row from its former self, and guards nothing.
    private static func digest(_ body: String) -> UInt64 {
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in body.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return digest
    }

    func missing(from after: PublishedRows) -> [(id: NameUUID, kind: Kind, state: UInt8)] {
        entries.filter { after.entries[$0.key] == nil }
            .map { ($0.key, $0.value.kind, $0.value.state) }
            .sorted { $0.0.bytes.lexicographicallyPrecedes($1.0.bytes) }
    }
}
