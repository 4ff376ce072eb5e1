import Postgres
import StatutoryRules
import Workers

/// Children, how they took part, their times in care, and those who moved in.
extension CaseTables {
    func writeChildren(in transaction: borrowing Transaction) throws {
        let children = each(\.children)
        try transaction.execute(
            """
            INSERT INTO reporting.child (authority, subject, child_id, born_on, expected_on, died_on, team_id, census)
            SELECT * FROM unnest(\(children.map(\.authority)), \(children.map(\.subject)), \(children.map(\.row.id)),
                \(children.map(\.row.bornOn)), \(children.map(\.row.expectedOn)), \(children.map(\.row.diedOn)),
                \(children.map(\.row.team)), \(children.map(\.row.census))::jsonb[])
            """)
        try writeSittings(in: transaction)
        try writeLookedAfter(in: transaction)
        try writeTransfersIn(in: transaction)
    }

    private func writeSittings(in transaction: borrowing Transaction) throws {
        let rows = each(\.sittings)
        guard !rows.isEmpty else { return }
        try transaction.execute(
            """
            INSERT INTO reporting.sitting (authority, subject, conference_id, child_id, decision, category, participation)
            SELECT * FROM unnest(\(rows.map(\.authority)), \(rows.map(\.subject)), \(rows.map(\.row.conferenceId)),
                \(rows.map(\.row.childId)), \(rows.map(\.row.decision)), \(rows.map(\.row.category)),
                \(rows.map(\.row.participation)))
            """)
    }

    private func writeLookedAfter(in transaction: borrowing Transaction) throws {
        let rows = each(\.casework.lookedAfter)
        guard !rows.isEmpty else { return }
        try transaction.execute(
            """
            INSERT INTO reporting.looked_after (authority, subject, child_id, started_on, ended_on, legal_basis)
            SELECT * FROM unnest(\(rows.map(\.authority)), \(rows.map(\.subject)), \(rows.map(\.row.childId)),
                \(rows.map { PGDate($0.row.startedOn) }), \(rows.map { $0.row.endedOn.map { PGDate($0) } }),
                \(rows.map(\.row.legalBasis)))
            """)
    }

    private func writeTransfersIn(in transaction: borrowing Transaction) throws {
        let rows = each(\.transfersIn)
        guard !rows.isEmpty else { return }
        try transaction.execute(
            """
            INSERT INTO reporting.transfer_in (authority, subject, child_id, notified_on, permanent, from_authority,
                original_plan_started_on, target_on, conference_id, conference_on, working_days)
            SELECT * FROM unnest(\(rows.map(\.authority)), \(rows.map(\.subject)), \(rows.map(\.row.notice.childId)),
                \(rows.map { PGDate($0.row.notice.notifiedOn) }), \(rows.map(\.row.notice.isPermanent)),
                \(rows.map(\.row.notice.fromAuthority)),
                \(rows.map { $0.row.notice.originalPlanStart.map { PGDate($0) } }), \(rows.map(\.row.targetOn)),
                \(rows.map(\.row.conferenceId)), \(rows.map(\.row.conferenceOn)), \(rows.map(\.row.workingDays)))
            """)
    }
}
