import CaseEvents
import Postgres
import StatutoryRules
import Workers

/// Conferences, plans and enquiries, drawn anew for each case that got facts, so that order and corrections fall out.
struct CaseModels {
    let calendar: WorkingCalendar

    /// Stores the facts and redraws their cases. Returns how many facts were new.
    func draw(from events: [CaseEvent], in transaction: borrowing Transaction) throws -> Int {
        guard !events.isEmpty else { return 0 }
        var unique: [String: CaseEvent] = [:]
        for event in events {
            let key = event.envelope.source + "\u{0}" + event.envelope.id
            if unique[key] == nil { unique[key] = event }
        }
        let arrivals = unique.sorted { $0.key < $1.key }.map(\.value)
        try lock(arrivals, in: transaction)
        let fresh = try transaction.execute(
            """
            INSERT INTO reporting.fact (source, event_id, authority, subject, event_type, body)
            SELECT * FROM unnest(\(arrivals.map(\.envelope.source)), \(arrivals.map(\.envelope.id)),
                \(arrivals.map(\.envelope.authority)), \(arrivals.map(\.envelope.subject)),
                \(arrivals.map(\.envelope.type)), \(arrivals.map(\.structured)))
            ON CONFLICT (source, event_id) DO NOTHING RETURNING authority, subject
            """)
        var files: [String: CaseFile] = [:]
        for row in fresh {
            let (authority, subject) = (row.string("authority"), row.string("subject"))
            files["\(authority)/\(subject)"] = CaseFile(authority: authority, subject: subject, facts: [])
        }
        try fill(&files, in: transaction)
        try write(files.sorted { $0.key < $1.key }.map { CaseModel($0.value, calendar) }, in: transaction)
        return fresh.count
    }

    private func lock(_ events: [CaseEvent], in transaction: borrowing Transaction) throws {
        let (authorities, subjects) = (events.map(\.envelope.authority), events.map(\.envelope.subject))
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

    private func fill(_ files: inout [String: CaseFile], in transaction: borrowing Transaction) throws {
        let wanted = files.values.sorted { ($0.authority, $0.subject) < ($1.authority, $1.subject) }
        let rows = try transaction.execute(
            """
            SELECT f.authority, f.subject, f.body FROM reporting.fact f
              JOIN unnest(\(wanted.map(\.authority)), \(wanted.map(\.subject))) AS w (authority, subject)
                USING (authority, subject)
            """)
        for row in rows {
            guard let event = try? Contract.decodeStored(row.bytes("body")) else {
                fatalError("a stored fact no longer decodes")
            }
            files["\(row.string("authority"))/\(row.string("subject"))"]!.facts.append(event.fact)
        }
    }

    private func write(_ models: [CaseModel], in transaction: borrowing Transaction) throws {
        guard !models.isEmpty else { return }
        let (authorities, subjects) = (models.map(\.authority), models.map(\.subject))
        for table in ["conference", "plan", "enquiry"] {
            try transaction.execute(
                """
                DELETE FROM reporting.\(raw: table)
                 WHERE (authority, subject) IN (SELECT * FROM unnest(\(authorities), \(subjects)))
                """)
        }
        let conferences = models.flatMap(\.conferences)
        try transaction.execute(
            """
            INSERT INTO reporting.conference (authority, subject, conference_id, conference_type, state, starts_at,
                starts_on, held_at, held_on, report_submitted_at, child_ids)
            SELECT r.authority, r.subject, r.conference_id, r.conference_type, r.state, r.starts_at, r.starts_on,
                r.held_at, r.held_on, r.report_at, string_to_array(r.children, E'\\x1f')
              FROM unnest(\(conferences.map(\.authority)), \(conferences.map(\.subject)), \(conferences.map(\.id)),
                \(conferences.map(\.type)), \(conferences.map(\.state)), \(conferences.map(\.startsAt)),
                \(conferences.map(\.startsOn)), \(conferences.map(\.heldAt)), \(conferences.map(\.heldOn)),
                \(conferences.map(\.reportAt)), \(conferences.map { $0.children.joined(separator: "\u{1f}") }))
                AS r (authority, subject, conference_id, conference_type, state, starts_at, starts_on, held_at, held_on,
                    report_at, children)
            """)
        let plans = models.flatMap(\.plans)
        try transaction.execute(
            """
            INSERT INTO reporting.plan (authority, subject, plan_id, child_id, started_on, ended_on, category)
            SELECT * FROM unnest(\(plans.map(\.authority)), \(plans.map(\.subject)), \(plans.map(\.id)),
                \(plans.map(\.childId)), \(plans.map(\.startedOn)), \(plans.map(\.endedOn)), \(plans.map(\.category)))
            """)
        let enquiries = models.flatMap(\.enquiries)
        try transaction.execute(
            """
            INSERT INTO reporting.enquiry (authority, subject, enquiry_id, child_id, started_on, discussion_on,
                completed_on, outcome, conference_id, conference_on, working_days_from_start,
                working_days_from_discussion, data_fault)
            SELECT * FROM unnest(\(enquiries.map(\.authority)), \(enquiries.map(\.subject)), \(enquiries.map(\.id)),
                \(enquiries.map(\.childId)), \(enquiries.map(\.startedOn)), \(enquiries.map(\.discussionOn)),
                \(enquiries.map(\.completedOn)), \(enquiries.map(\.outcome)), \(enquiries.map(\.conferenceId)),
                \(enquiries.map(\.conferenceOn)), \(enquiries.map(\.daysFromStart)),
                \(enquiries.map(\.daysFromDiscussion)), \(enquiries.map(\.fault)))
            """)
    }
}
