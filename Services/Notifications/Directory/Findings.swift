import CaseEvents
import Correspondence
import Postgres
import StatutoryRules
import Workers

/// What the directory lacks, by case and role: said once, and cleared once nobody who asked lacks it any more.
///
/// What is found depends on who asks: of two children of a case one may have a social worker and the other none, of two meetings
/// one a chair. So a finding remembers the notices that lacked somebody, one a matter, and each is asked again when anything is
/// said of the case. It is not taken back because another notice found its own.
struct Findings {
    private static let mattersAtMost = 50

    private struct Place: Hashable {
        let authority: String
        let subject: String

        init(_ row: Row) { (authority, subject) = (row.string("authority"), row.string("subject")) }
    }

    private struct Look {
        /// Of the first row that looked.
        let partition: Int32
        var roles: Set<String> = []
    }

    private struct Standing {
        let id: PGUUID
        let place: Place
        let lack: Lack
        /// Those that lacked it. None of a list.
        var notices: [PGUUID] = []

        init(_ place: Place, _ lack: Lack) {
            id = Standing.id(place, lack)
            (self.place, self.lack) = (place, lack)
        }

        static func id(_ place: Place, _ lack: Lack) -> PGUUID {
            let parts = [
                place.authority, place.subject, lack.asked, lack.role, lack.code.rawValue, lack.personId ?? "",
            ]
            return PGUUID(NameUUID(name: "directory finding/" + parts.joined(separator: "/")))
        }
    }

    private var looks: [Place: Look] = [:]
    private var standing: [PGUUID: Standing] = [:]

    /// - Parameters:
    ///   - row: With `authority`, `subject` and `source_partition`.
    ///   - roles: Those that were looked for.
    ///   - notice: Which looked; none for a list, whose findings are over once a list finds somebody in that role.
    mutating func note(_ lacks: [Lack], of roles: [String], _ row: Row, for notice: PGUUID?) {
        let place = Place(row)
        looks[place, default: Look(partition: row.int32("source_partition"))].roles.formUnion(roles)
        for lack in lacks {
            let id = Standing.id(place, lack)
            standing[id, default: Standing(place, lack)].notices += notice.map { [$0] } ?? []
        }
    }

    func record(
        _ now: Instant, _ directory: inout Directory, in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        guard !looks.isEmpty else { return }
        let found = standing.values.sorted { $0.id.bytes.lexicographicallyPrecedes($1.id.bytes) }
        try raise(found, now, in: transaction, &effects)
        let open = try askAgain(now, &directory, in: transaction)
        for finding in open where finding.isChanged && !finding.isOver {
            try transaction.send(
                "UPDATE notifications.finding SET notice_ids = \(finding.notices) WHERE finding_id = \(finding.id)")
        }
        try clear(open.filter(\.isOver).map(\.id), now, in: transaction, &effects)
    }

    private struct Open {
        let id: PGUUID
        /// Those that lack it still, one a matter.
        let notices: [PGUUID]
        let isOver: Bool
        let isChanged: Bool
    }

    /// The open findings of all that was looked at: each notice that lacked somebody is asked again.
    private func askAgain(
        _ now: Instant, _ directory: inout Directory, in transaction: borrowing Transaction
    ) throws -> [Open] {
        let places = Array(looks.keys)
        let findings = try transaction.execute(
            """
            SELECT f.finding_id, f.authority, f.subject, f.role, f.notice_ids
              FROM unnest(\(places.map(\.authority)), \(places.map(\.subject))) AS l (authority, subject)
              JOIN notifications.finding f USING (authority, subject)
             WHERE f.cleared_at IS NULL ORDER BY f.finding_id FOR UPDATE OF f
            """)
        let asked = Set(findings.flatMap { $0.uuids("notice_ids") } + standing.values.flatMap(\.notices))
        var notices: [PGUUID: Row] = [:]
        for row in try transaction.execute(
            """
            SELECT notice_id, authority, subject, body::text AS body FROM notifications.notice
             WHERE notice_id = ANY(\(Array(asked)))
            """)
        {
            notices[row.uuid("notice_id")] = row
        }
        try directory.look(at: notices.values, in: transaction)
        let day = London.day(of: now)
        return try findings.map { row in
            let (id, place, role) = (row.uuid("finding_id"), Place(row), row.string("role"))
            let before = row.uuids("notice_ids")
            var matters: Set<Addressees.Question> = []
            var lacking: [PGUUID] = []
            for notice in (standing[id]?.notices ?? []).reversed() + before {
                guard let said = notices[notice], lacking.count < Findings.mattersAtMost else { continue }
                let addressees = try Matter(notice: said, &directory, on: day, in: transaction).addressees
                guard matters.insert(addressees.question).inserted,
                    addressees.find(role).lacks.contains(where: { Standing.id(place, $0) == id })
                else { continue }
                lacking.append(notice)
            }
            // Of a list, or of an older release, nobody is named who asked.
            let isOver =
                before.isEmpty ? standing[id] == nil && looks[place]!.roles.contains(role) : lacking.isEmpty
            return Open(id: id, notices: lacking, isOver: isOver, isChanged: Set(lacking) != Set(before))
        }
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
        _ findings: [PGUUID], _ now: Instant, in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        guard !findings.isEmpty else { return }
        let over = try transaction.execute(
            """
            UPDATE notifications.finding SET cleared_at = now(), notice_ids = '{}' WHERE finding_id = ANY(\(findings))
            RETURNING finding_id, authority, subject
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
