import Postgres
import StatutoryRules
import Workers

/// Writes the read models of cases, in the place of what stood there.
struct CaseTables {
    let models: [CaseModel]

    private static let names = [
        "conference", "sitting", "plan", "enquiry", "postponement", "allocation", "transfer", "plan_action", "child",
        "looked_after", "transfer_in", "referral", "removal",
    ]

    func write(in transaction: borrowing Transaction) throws {
        let (authorities, subjects) = (models.map(\.authority), models.map(\.subject))
        for table in CaseTables.names {
            try transaction.execute(
                """
                DELETE FROM reporting.\(raw: table)
                 WHERE (authority, subject) IN (SELECT * FROM unnest(\(authorities), \(subjects)))
                """)
        }
        try writeConferences(in: transaction)
        try writePlansAndEnquiries(in: transaction)
        try writePostponements(in: transaction)
        try writePeople(in: transaction)
        try writeChildren(in: transaction)
        try writePlanActions(in: transaction)
        try writeReferrals(in: transaction)
    }

    private func writeConferences(in transaction: borrowing Transaction) throws {
        let rows = models.flatMap(\.conferences)
        guard !rows.isEmpty else { return }
        try transaction.execute(
            """
            INSERT INTO reporting.conference (authority, subject, conference_id, conference_type, state, starts_at,
                starts_on, held_at, held_on, report_submitted_at, report_submitted_on, child_ids, held_event, chair_id, same_chair,
                social_worker_attended, excluded_people, quorum_claim)
            SELECT r.authority, r.subject, r.conference_id, r.conference_type, r.state, r.starts_at, r.starts_on,
                r.held_at, r.held_on, r.report_at, r.report_on, string_to_array(r.children, E'\\x1f'), r.held_event, r.chair_id,
                r.same_chair, r.attended, r.excluded, r.claim
              FROM unnest(\(rows.map(\.authority)), \(rows.map(\.subject)), \(rows.map(\.id)),
                \(rows.map(\.type)), \(rows.map(\.state)), \(rows.map(\.startsAt)),
                \(rows.map(\.startsOn)), \(rows.map(\.heldAt)), \(rows.map(\.heldOn)),
                \(rows.map(\.reportAt)), \(rows.map(\.reportOn)), \(rows.map { $0.children.joined(separator: "\u{1f}") }),
                \(rows.map(\.heldEvent)), \(rows.map(\.chairId)), \(rows.map(\.keptChair)),
                \(rows.map(\.socialWorkerAttended)), \(rows.map(\.excludedPeople)), \(rows.map(\.quorumClaim)))
                AS r (authority, subject, conference_id, conference_type, state, starts_at, starts_on, held_at, held_on,
                    report_at, report_on, children, held_event, chair_id, same_chair, attended, excluded, claim)
            """)
    }

    private func writePlansAndEnquiries(in transaction: borrowing Transaction) throws {
        let plans = models.flatMap(\.plans)
        try transaction.execute(
            """
            INSERT INTO reporting.plan (authority, subject, plan_id, child_id, started_on, ended_on, category,
                latest_category, category_changes, conference_id, end_ground, earlier_plans, census)
            SELECT * FROM unnest(\(plans.map(\.authority)), \(plans.map(\.subject)), \(plans.map(\.id)),
                \(plans.map(\.childId)), \(plans.map(\.startedOn)), \(plans.map(\.endedOn)), \(plans.map(\.category)),
                \(plans.map(\.latestCategory)), \(plans.map(\.categoryChanges))::jsonb[], \(plans.map(\.conferenceId)),
                \(plans.map(\.endGround)),
                \(plans.map(\.earlierPlans)), \(plans.map(\.census))::jsonb[])
            """)
        let enquiries = models.flatMap(\.enquiries)
        try transaction.execute(
            """
            INSERT INTO reporting.enquiry (authority, subject, enquiry_id, child_id, started_on, discussion_on,
                completed_on, outcome, conference_id, conference_on, working_days_from_start,
                working_days_from_discussion, data_fault, target_on, later_discussion_on, later_target_on, aged_on,
                not_needed, not_needed_on, census)
            SELECT * FROM unnest(\(enquiries.map(\.authority)), \(enquiries.map(\.subject)), \(enquiries.map(\.id)),
                \(enquiries.map(\.childId)), \(enquiries.map(\.startedOn)), \(enquiries.map(\.discussionOn)),
                \(enquiries.map(\.completedOn)), \(enquiries.map(\.outcome)), \(enquiries.map(\.conferenceId)),
                \(enquiries.map(\.conferenceOn)), \(enquiries.map(\.daysFromStart)),
                \(enquiries.map(\.daysFromDiscussion)), \(enquiries.map(\.fault)), \(enquiries.map(\.targetOn)),
                \(enquiries.map(\.laterDiscussionOn)), \(enquiries.map(\.laterTargetOn)), \(enquiries.map(\.agedOn)),
                \(enquiries.map(\.notNeeded)), \(enquiries.map(\.notNeededOn)), \(enquiries.map(\.census))::jsonb[])
            """)
    }

    /// One row with the case that it is of.
    struct Of<Row> {
        let authority, subject: String
        let row: Row
    }

    func each<Row>(_ rows: (CaseModel) -> [Row]) -> [Of<Row>] {
        models.flatMap { model in
            rows(model).map { Of(authority: model.authority, subject: model.subject, row: $0) }
        }
    }

    private func writePostponements(in transaction: borrowing Transaction) throws {
        let rows = each(\.postponements)
        guard !rows.isEmpty else { return }
        try transaction.execute(
            """
            INSERT INTO reporting.postponement (authority, subject, event_id, conference_id, action, agreed, reason,
                decided_on)
            SELECT * FROM unnest(\(rows.map(\.authority)), \(rows.map(\.subject)), \(rows.map(\.row.eventId)),
                \(rows.map(\.row.conferenceId)), \(rows.map(\.row.action)), \(rows.map(\.row.isAgreed)),
                \(rows.map(\.row.reason)), \(rows.map { PGDate($0.row.decidedOn) }))
            """)
    }

    private func writePeople(in transaction: borrowing Transaction) throws {
        let workers = each { model in
            model.casework.workers.flatMap { child, people in
                people.map { (child: child, role: $0.key, person: $0.value) }
            }
        }
        try transaction.execute(
            """
            INSERT INTO reporting.allocation (authority, subject, child_id, role, person_id)
            SELECT * FROM unnest(\(workers.map(\.authority)), \(workers.map(\.subject)), \(workers.map(\.row.child)),
                \(workers.map(\.row.role)), \(workers.map(\.row.person)))
            """)
        let transfers = each(\.casework.transfers)
        try transaction.execute(
            """
            INSERT INTO reporting.transfer (authority, subject, child_id, held_on, from_worker_id, to_worker_id)
            SELECT * FROM unnest(\(transfers.map(\.authority)), \(transfers.map(\.subject)),
                \(transfers.map(\.row.childId)), \(transfers.map { PGDate($0.row.heldOn) }),
                \(transfers.map(\.row.from)), \(transfers.map(\.row.to)))
            """)
    }

    private func writePlanActions(in transaction: borrowing Transaction) throws {
        let rows = each(\.casework.actions)
        guard !rows.isEmpty else { return }
        try transaction.execute(
            """
            INSERT INTO reporting.plan_action (authority, subject, plan_id, action_id, agency, due_on, done_on)
            SELECT * FROM unnest(\(rows.map(\.authority)), \(rows.map(\.subject)), \(rows.map(\.row.planId)),
                \(rows.map(\.row.actionId)), \(rows.map(\.row.agency)),
                \(rows.map { $0.row.dueOn.map { PGDate($0) } }), \(rows.map { $0.row.doneOn.map { PGDate($0) } }))
            """)
    }

    private func writeReferrals(in transaction: borrowing Transaction) throws {
        let referrals = each(\.casework.referrals)
        let removals = each(\.casework.removals)
        guard !referrals.isEmpty || !removals.isEmpty else { return }
        try transaction.execute(
            """
            INSERT INTO reporting.referral (authority, subject, child_id, agency, referred_on, gestation_weeks)
            SELECT * FROM unnest(\(referrals.map(\.authority)), \(referrals.map(\.subject)),
                \(referrals.map(\.row.childId)), \(referrals.map(\.row.agency)),
                \(referrals.map { PGDate($0.row.referredOn) }),
                \(referrals.map { $0.row.gestationWeeks.map { Int32($0) } }))
            """)
        try transaction.execute(
            """
            INSERT INTO reporting.removal (authority, subject, child_id, removed_on, legal_status)
            SELECT * FROM unnest(\(removals.map(\.authority)), \(removals.map(\.subject)),
                \(removals.map(\.row.childId)), \(removals.map { PGDate($0.row.removedOn) }),
                \(removals.map(\.row.legalStatus)))
            """)
    }
}
