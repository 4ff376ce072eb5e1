import StatutoryRules

/// The live facts of a case, arranged for the read models.
struct CaseView {
    struct Conference {
        let id: String
        var type: ConferenceType?
        var children: [String] = []
        var startsAt: Moment?
        var heldAt: Moment?
        var isCancelled = false
        var reportAt: Moment?

        var state: String {
            if heldAt != nil { return "held" }
            if isCancelled { return "cancelled" }
            return startsAt == nil ? "requested" : "scheduled"
        }
    }

    private(set) var plans: [PlanStarted] = []
    private(set) var ends: [String: Day] = [:]
    private(set) var enquiries: [EnquiryStarted] = []
    private(set) var completions: [String: EnquiryCompleted] = [:]
    private(set) var requestedEnquiry: [String: String] = [:]
    private var discussions: [StrategyDiscussion] = []
    private var byId: [String: Conference] = [:]

    var conferences: [Conference] { byId.values.sorted { $0.id < $1.id } }

    /// Facts in their order, so that of those that replace one another the last stands.
    init(_ file: CaseFile) {
        for fact in file.liveFacts { take(fact.payload) }
        enquiries.sort { $0.enquiryId < $1.enquiryId }
        plans.sort { $0.planId < $1.planId }
    }

    private mutating func take(_ payload: Payload) {
        switch payload {
        case .strategyDiscussionHeld(let fact): discussions.append(fact)
        case .s47EnquiryStarted(let fact):
            enquiries.removeAll { $0.enquiryId == fact.enquiryId }
            enquiries.append(fact)
        case .s47EnquiryCompleted(let fact): completions[fact.enquiryId] = fact
        case .planStarted(let fact):
            plans.removeAll { $0.planId == fact.planId }
            plans.append(fact)
        case .planEnded(let fact): ends[fact.planId] = fact.endedOn
        case .conferenceRequested(let fact):
            change(fact.conferenceId, fact.conferenceType, fact.childIds)
            requestedEnquiry[fact.conferenceId] = fact.enquiryId
        case .conferenceScheduled(let fact):
            change(fact.conferenceId, fact.conferenceType, fact.childIds) {
                $0.startsAt = fact.startsAt
                $0.isCancelled = false
            }
        case .conferenceRescheduled(let fact): book(fact.conferenceId, fact.newStartsAt)
        case .conferencePostponementDecided(let fact):
            if fact.agreed == true, let starts = fact.newStartsAt { book(fact.conferenceId, starts) }
        case .conferenceAdjourned(let fact):
            if let starts = fact.newStartsAt { book(fact.conferenceId, starts) }
        case .conferenceCancelled(let fact): change(fact.conferenceId) { $0.isCancelled = true }
        case .conferenceHeld(let fact):
            change(fact.conferenceId, fact.conferenceType, fact.childIds + fact.decisions.map(\.childId)) {
                $0.heldAt = fact.heldAt
            }
        case .conferenceReportSubmitted(let fact):
            guard fact.agency ?? "childrens_social_care" == "childrens_social_care" else { return }
            change(fact.conferenceId) {
                if $0.reportAt.map({ fact.submittedAt.earliest < $0.earliest }) ?? true {
                    $0.reportAt = fact.submittedAt
                }
            }
        default: break  // says nothing that these models show
        }
    }

    private mutating func book(_ id: String, _ starts: Moment) {
        change(id) {
            $0.startsAt = starts
            $0.isCancelled = false
        }
    }

    private mutating func change(
        _ id: String, _ type: ConferenceType? = nil, _ children: [String] = [],
        _ body: (inout Conference) -> Void = { _ in }
    ) {
        var conference = byId[id] ?? Conference(id: id)
        conference.type = type ?? conference.type
        conference.children = Set(conference.children).union(children).sorted()
        body(&conference)
        byId[id] = conference
    }

    /// The discussion at which an enquiry began: the one it names, else the latest that says so by the enquiry's day.
    func discussion(beginning enquiry: EnquiryStarted, child: String) -> StrategyDiscussion? {
        if let id = enquiry.discussionId, let named = discussions.first(where: { $0.discussionId == id }) {
            return named
        }
        return discussions.filter {
            $0.initiatedS47 == true && $0.childIds.contains(child) && $0.heldAt.day <= enquiry.startedAt.day
        }.max { $0.heldAt.earliest < $1.heldAt.earliest }
    }

    func initialConferences(of child: String) -> [Conference] {
        byId.values.filter { $0.heldAt != nil && $0.type?.isInitial == true && $0.children.contains(child) }
            .sorted { ($0.heldAt!.earliest, $0.id) < ($1.heldAt!.earliest, $1.id) }
    }
}
