import CaseEvents
import Correspondence
import Postgres
import StatutoryRules
import Workers

/// What the directory lacks, by case and role: said once, and cleared once it no longer lacks it.
struct Findings {
    private struct Case: Hashable {
        let authority: String
        let subject: String

        init(_ row: Row) { (authority, subject) = (row.string("authority"), row.string("subject")) }
    }

    /// Cases of which something stands that may be over.
    private var lacking: Set<Case>

    /// - Parameter rows: With `authority` and `subject`, of everything that is to be noted.
    init(ofCases rows: Rows, in transaction: borrowing Transaction) throws {
        let cases = Array(Set(rows.map(Case.init)))
        lacking = []
        guard !cases.isEmpty else { return }
        lacking = Set(
            try transaction.execute(
                """
                SELECT DISTINCT authority, subject
                  FROM unnest(\(cases.map(\.authority)), \(cases.map(\.subject))) AS c (authority, subject)
                  JOIN notifications.finding f USING (authority, subject)
                 WHERE f.cleared_at IS NULL
                """
            ).map(Case.init))
    }

    /// - Parameter roles: Those that were looked for: what was found of them before and is not among the lacks is over.
    mutating func note(
        _ lacks: [Lack], of roles: Set<String>, _ row: Row, _ now: Instant, in transaction: borrowing Transaction,
        _ effects: inout Effects
    ) throws {
        let (authority, subject) = (row.string("authority"), row.string("subject"))
        let partition = row.int32("source_partition")
        guard !lacks.isEmpty || lacking.contains(Case(row)) else { return }
        lacking.insert(Case(row))
        var standing: [PGUUID] = []
        for lack in Set(lacks) {
            let parts = [authority, subject, lack.asked, lack.role, lack.code.rawValue, lack.personId ?? ""]
            let id = PGUUID(NameUUID(name: "directory finding/" + parts.joined(separator: "/")))
            standing.append(id)
            let isNew =
                try transaction.execute(
                    """
                    INSERT INTO notifications.finding AS f (finding_id, authority, subject, code, role, person_id, message)
                    VALUES (\(id), \(authority), \(subject), \(lack.code.rawValue), \(lack.asked), \(lack.personId),
                        \(lack.message))
                    ON CONFLICT (finding_id) DO UPDATE SET recorded_at = now(), cleared_at = NULL WHERE f.cleared_at IS NOT NULL
                    RETURNING 1 AS one
                    """
                ).count == 1
            guard isNew else { continue }
            let data = """
                {"findingId":"\(id)","rule":"directory","code":"\(lack.code.rawValue)","severity":"should",\
                "role":\(JSONValue.quoted(lack.asked)),"message":\(JSONValue.quoted(lack.message)),"recordedAt":"\(now)"}
                """
            effects.publish(
                Self.event("finding.recorded", id, authority, subject, now, data), to: .notificationEvents,
                from: partition)
        }
        let over = try transaction.execute(
            """
            UPDATE notifications.finding SET cleared_at = now()
             WHERE authority = \(authority) AND subject = \(subject) AND cleared_at IS NULL
               AND role = ANY(\(roles.sorted())) AND finding_id <> ALL(\(standing)) RETURNING finding_id
            """)
        for row in over {
            let id = row.uuid("finding_id")
            let data = "{\"findingId\":\"\(id)\",\"cause\":\"directory\",\"clearedAt\":\"\(now)\"}"
            effects.publish(
                Self.event("finding.cleared", id, authority, subject, now, data), to: .notificationEvents,
                from: partition)
        }
    }

    private static func event(
        _ name: String, _ id: PGUUID, _ authority: String, _ subject: String, _ now: Instant, _ data: String
    ) -> OutgoingEvent {
        OutgoingEvent(
            id: NameUUID(name: "\(name)/\(id)/\(now)").description, source: WorkerName.notifications.source,
            type: Contract.typeName(name), subject: subject, authority: authority, time: now, data: data)
    }
}
