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

    /// The items as they came, one JSON object.
    private(set) var census: String?

    /// `nil` where the event says nothing of the kind.
    init?(_ event: CaseEvent) {
        if let items = event.data?["census"], items.kind == .object { census = items.rawText }
        switch event.envelope.eventType {
        case .childRegistered:
            let allocated = event.data?["allocated"]
            for (field, role) in Particulars.roles { workers[role] = allocated?[field]?.string }
            team = allocated?["teamId"]?.string
        case .s47EnquiryStarted: break
        case .planStarted:
            let count = event.data?["census"]?["NumberOfPreviousCPP"]?.int
            earlierPlans = count.flatMap { (0...1_000).contains($0) ? $0 : nil }
        default: return nil
        }
    }
}
