import CaseEvents
import Postgres
import StatutoryRules
import Workers

/// Who is in which team, and who leads it, as the directory last said; no names and no addresses.
public enum StaffModel {
    private struct Word {
        let envelope: Envelope
        let kind, id: String
        let team, manager: String?

        init?(_ event: CaseEvent) {
            envelope = event.envelope
            func text(_ field: String) -> String? { event.data?[field]?.string }
            switch event.envelope.eventType {
            case .personRecorded:
                guard let id = text("personId") else { return nil }
                (kind, self.id, team, manager) = ("person", id, text("teamId"), text("managerId"))
            case .teamRecorded:
                guard let id = text("teamId") else { return nil }
                (kind, self.id, team, manager) = ("team", id, text("parentTeamId"), text("serviceManagerId"))
            default: return nil
            }
        }
    }

    public static func store(_ events: [CaseEvent], in transaction: borrowing Transaction) throws {
        for word in events.compactMap(Word.init) {
            try transaction.execute(
                """
                INSERT INTO reporting.staff AS s (authority, kind, entry_id, team_id, manager_id, recorded_at, event_source,
                    event_id)
                VALUES (\(word.envelope.authority), \(word.kind), \(word.id), \(word.team), \(word.manager),
                    \(PGTimestamp(word.envelope.time)), \(word.envelope.source), \(word.envelope.id))
                ON CONFLICT (authority, kind, entry_id) DO UPDATE SET team_id = excluded.team_id,
                    manager_id = excluded.manager_id, recorded_at = excluded.recorded_at,
                    event_source = excluded.event_source, event_id = excluded.event_id, changed_at = now()
                 WHERE (s.recorded_at, s.event_source, s.event_id)
                     < (excluded.recorded_at, excluded.event_source, excluded.event_id)
                """)
        }
    }
}
