import CaseEvents
import StatutoryRules

/// What an event says that no rule reads: who was allocated when a child was registered, and the census's items.
struct Particulars {
    struct Key: Hashable {
        let source, eventId: String
        init(_ fact: Fact) {
            source = fact.source
            eventId = fact.id
        }
    }

    /// By role.
    private(set) var workers: [String: String] = [:]
    private(set) var team: String?
    /// Plans before this one, as the national return says.
    private(set) var earlierPlans: Int?

    private static let roles = [
        ("socialWorkerId", "social_worker"), ("teamManagerId", "team_manager"), ("serviceManagerId", "service_manager"),
    ]

    /// `nil` where the event says nothing of the kind.
    init?(_ event: CaseEvent) {
        switch event.envelope.eventType {
        case .childRegistered:
            guard let allocated = event.data?["allocated"] else { return nil }
            for (field, role) in Particulars.roles { workers[role] = allocated[field]?.string }
            team = allocated["teamId"]?.string
        case .planStarted:
            guard let count = event.data?["census"]?["NumberOfPreviousCPP"]?.int, (0...1_000).contains(count) else {
                return nil
            }
            earlierPlans = count
        default: return nil
        }
    }
}
