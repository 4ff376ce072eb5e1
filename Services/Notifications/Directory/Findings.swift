import CaseEvents
import Correspondence
import Postgres
import StatutoryRules
import Workers

/// What the directory lacks, by case and role: said once, and cleared once it no longer lacks it.
///
/// Gathered over all that is addressed in one transaction, and recorded at its end: of two notices of a case one may find who
/// chairs its meeting and the other not, and nothing is to be said and taken back by turns.
struct Findings {
    private struct Place: Hashable {
        let authority: String
        let subject: String

        init(_ row: Row) { (authority, subject) = (row.string("authority"), row.string("subject")) }
    }

    private struct Look {
        /// Of the first row that looked.
        let partition: Int32
        var roles: Set<String> = []
        var lacks: Set<Lack> = []
    }

    private struct Standing {
        let id: PGUUID
        let place: Place
        let lack: Lack

        init(_ place: Place, _ lack: Lack) {
            let parts = [
                place.authority, place.subject, lack.asked, lack.role, lack.code.rawValue, lack.personId ?? "",
            ]
            id = PGUUID(NameUUID(name: "directory finding/" + parts.joined(separator: "/")))
            (self.place, self.lack) = (place, lack)
        }
    }

    private var looks: [Place: Look] = [:]

    /// - Parameters:
    ///   - row: With `authority`, `subject` and `source_partition`.
    ///   - roles: Those that were looked for: what was found of them before and is not among the lacks is over.
    mutating func note(_ lacks: [Lack], of roles: [String], _ row: Row) {
        var look = looks[Place(row)] ?? Look(partition: row.int32("source_partition"))
        look.roles.formUnion(roles)
        look.lacks.formUnion(lacks)
        looks[Place(row)] = look
    }

    func record(_ now: Instant, in transaction: borrowing Transaction, _ effects: inout Effects) throws {
        let standing = looks.flatMap { place, look in look.lacks.map { Standing(place, $0) } }
            .sorted { $0.id.bytes.lexicographicallyPrecedes($1.id.bytes) }
        try raise(standing, now, in: transaction, &effects)
        try clear(allBut: standing, now, in: transaction, &effects)
    }

    private func raise(
        _ standing: [Standing], _ now: Instant, in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        guard !standing.isEmpty else { return }
        let new = try transaction.execute(
            """
            INSERT INTO notifications.finding AS f (finding_id, authority, subject, code, role, person_id, message)
            SELECT * FROM unnest(\(standing.map(\.id)), \(standing.map(\.place.authority)),
                \(standing.map(\.place.subject)), \(standing.map(\.lack.code.rawValue)), \(standing.map(\.lack.asked)),
                \(standing.map(\.lack.personId)), \(standing.map(\.lack.message)))
            ON CONFLICT (finding_id) DO UPDATE SET recorded_at = now(), cleared_at = NULL WHERE f.cleared_at IS NOT NULL
            RETURNING finding_id
            """)
        let ids = Set(new.map { $0.uuid("finding_id") })
        for finding in standing where ids.contains(finding.id) {
            let data = """
                {"findingId":"\(finding.id)","rule":"directory","code":"\(finding.lack.code.rawValue)","severity":"should",\
                "role":\(JSONValue.quoted(finding.lack.asked)),"message":\(JSONValue.quoted(finding.lack.message)),\
                "recordedAt":"\(now)"}
                """
            publish("finding.recorded", finding.id, finding.place, now, data, &effects)
        }
    }

    private func clear(
        allBut standing: [Standing], _ now: Instant, in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        let looked = looks.flatMap { place, look in look.roles.map { (place, $0) } }
        guard !looked.isEmpty else { return }
        let over = try transaction.execute(
            """
            UPDATE notifications.finding f SET cleared_at = now()
              FROM unnest(\(looked.map(\.0.authority)), \(looked.map(\.0.subject)), \(looked.map(\.1)))
                AS l (authority, subject, role)
             WHERE f.authority = l.authority AND f.subject = l.subject AND f.role = l.role
               AND f.cleared_at IS NULL AND f.finding_id <> ALL(\(standing.map(\.id)))
            RETURNING f.finding_id, f.authority, f.subject
            """)
        for row in over {
            let id = row.uuid("finding_id")
            let data = "{\"findingId\":\"\(id)\",\"cause\":\"directory\",\"clearedAt\":\"\(now)\"}"
            publish("finding.cleared", id, Place(row), now, data, &effects)
        }
    }

    private func publish(
        _ name: String, _ id: PGUUID, _ place: Place, _ now: Instant, _ data: String, _ effects: inout Effects
    ) {
        effects.publish(
            OutgoingEvent(
                id: NameUUID(name: "\(name)/\(id)/\(now)").description, source: WorkerName.notifications.source,
                type: Contract.typeName(name), subject: place.subject, authority: place.authority, time: now, data: data
            ),
            to: .notificationEvents, from: looks[place]!.partition)
    }
}
