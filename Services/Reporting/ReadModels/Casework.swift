import StatutoryRules

/// What a case's facts say beside its conferences, plans and enquiries.
struct Casework {
    struct Transfer {
        let childId: String
        let heldOn: Day
        let from, to: String?
    }

    struct Action {
        let planId: String
        let actionId, agency: String?
        let dueOn, doneOn: Day?
    }

    struct Referral {
        let childId: String
        let agency: String?
        let referredOn: Day
        /// Completed weeks; `nil` where the expected date of delivery is not known.
        let gestationWeeks: Int?
    }

    /// LON-2.3f: shown with the days since the section 47 enquiry that followed (`analysis.removal_from_care`).
    struct Removal {
        let childId: String
        let removedOn: Day
        let legalStatus: String?
    }

    /// A time in care.
    struct LookedAfter {
        let childId: String
        let startedOn: Day
        var endedOn: Day?
        let legalBasis: String?
    }

    /// Another authority's word that a child on a plan has moved in.
    struct TransferIn {
        let childId: String
        let notifiedOn: Day
        let isPermanent: Bool?
        let fromAuthority: String?
        let originalPlanStart: Day?
    }

    /// Who works with a child now: child, role, person.
    private(set) var workers: [String: [String: String]] = [:]
    private(set) var transfers: [Transfer] = []
    private(set) var removals: [Removal] = []
    /// By child: the team that the registration names.
    private(set) var teams: [String: String] = [:]
    /// By child, enquiry or plan: the items of the national return, as one JSON object.
    private(set) var census: [String: String] = [:]
    /// By plan: how many the child had before, as the national return says.
    private(set) var earlierPlans: [String: Int] = [:]
    private(set) var born: [String: Day] = [:]
    private(set) var transfersIn: [TransferIn] = []
    private var periods: [String: [LookedAfter]] = [:]
    private var ends: [String: [Day]] = [:]
    private var registered: Set<String> = []
    private var actionsByPlan: [String: [ActionsUpdated.Action]] = [:]
    private var concerns: [ConcernReferred] = []
    private(set) var expected: [String: Day] = [:]

    mutating func take(_ payload: Payload) {
        switch payload {
        case .childRegistered(let fact):
            registered.insert(fact.childId)
            if let day = fact.dateOfBirth { born[fact.childId] = day }
            if let day = fact.edd { expected[fact.childId] = day }
        case .childBorn(let fact):
            if let day = fact.dateOfBirth ?? fact.bornAt?.day { born[fact.childId] = day }
        case .pregnancyRecorded(let fact): expected[fact.childId] = fact.edd
        case .pregnancyEddRevised(let fact): expected[fact.childId] = fact.newEdd
        case .childBecameLookedAfter(let fact):
            // A later word on the same time in care replaces the earlier.
            periods[fact.childId, default: []].removeAll { $0.startedOn == fact.startedOn }
            periods[fact.childId, default: []].append(
                LookedAfter(childId: fact.childId, startedOn: fact.startedOn, legalBasis: fact.legalBasis))
        case .childLookedAfterEnded(let fact): ends[fact.childId, default: []].append(fact.endedOn)
        case .transferInNotified(let fact):
            transfersIn.append(
                TransferIn(
                    childId: fact.childId, notifiedOn: fact.notifiedAt.day, isPermanent: fact.permanent,
                    fromAuthority: fact.fromAuthorityId, originalPlanStart: fact.originalPlanStart))
        case .allocationChanged(let fact):
            if let role = fact.role { workers[fact.childId, default: [:]][role] = fact.toPersonId }
        case .transferMeetingHeld(let fact):
            transfers += fact.allocations.map {
                Transfer(childId: $0.childId, heldOn: fact.heldAt.day, from: $0.fromSw, to: $0.toSw)
            }
        case .planActionsUpdated(let fact): take(fact)
        case .concernReferred(let fact): concerns.append(fact)
        case .childRemovedFromCare(let fact):
            removals.append(
                Removal(childId: fact.childId, removedOn: fact.removedAt.day, legalStatus: fact.legalStatus?.asCode))
        default: break  // says nothing that these models show
        }
    }

    /// What changes later comes after it in the facts' order.
    mutating func take(_ particulars: Particulars, of payload: Payload) {
        switch payload {
        case .childRegistered(let fact):
            workers[fact.childId, default: [:]].merge(particulars.workers) { _, new in new }
            teams[fact.childId] = particulars.team ?? teams[fact.childId]
            census[fact.childId] = particulars.census ?? census[fact.childId]
        case .s47EnquiryStarted(let fact): census[fact.enquiryId] = particulars.census
        case .planStarted(let fact):
            earlierPlans[fact.planId] = particulars.earlierPlans
            census[fact.planId] = particulars.census
        default: break  // has none
        }
    }

    /// Every child that the case is about, so far as its facts tell.
    var children: Set<String> { registered.union(born.keys).union(expected.keys) }

    /// Times in care, each to the first end on or after its start.
    var lookedAfter: [LookedAfter] {
        periods.sorted { $0.key < $1.key }.flatMap { child, all in
            all.sorted { $0.startedOn < $1.startedOn }.map { period in
                var period = period
                period.endedOn = ends[child]?.filter { $0 >= period.startedOn }.min()
                return period
            }
        }
    }

    /// Each action as last reported; one without an id is known by the last report alone.
    private mutating func take(_ update: ActionsUpdated) {
        var all = actionsByPlan[update.planId, default: []].filter { $0.actionId != nil }
        for action in update.actions {
            if let id = action.actionId, let place = all.firstIndex(where: { $0.actionId == id }) {
                all[place] = action
            } else {
                all.append(action)
            }
        }
        actionsByPlan[update.planId] = all
    }

    var actions: [Action] {
        actionsByPlan.sorted { $0.key < $1.key }.flatMap { plan, all in
            all.map {
                Action(
                    planId: plan, actionId: $0.actionId, agency: $0.agency, dueOn: $0.dueAt?.day, doneOn: $0.doneAt?.day
                )
            }
        }
    }

    /// LON-1.15: of children not yet born when they were referred, how far the pregnancy was. Birth is expected after 40
    /// weeks (`gestation.term`).
    var referrals: [Referral] {
        concerns.compactMap { concern in
            let day = concern.referredAt.day
            let due = concern.edd ?? expected[concern.childId]
            guard born[concern.childId].map({ day < $0 }) ?? (due != nil) else { return nil }
            return Referral(
                childId: concern.childId, agency: concern.agency, referredOn: day,
                gestationWeeks: due.map { max(0, 280 - $0.days(since: day)) / 7 })
        }
    }
}

extension String {
    /// A code as it came: a word of small letters, or one of capitals and digits as the census has them. Of anything else only
    /// that it was there: somebody may have written a name.
    var asCode: String {
        func isWord(_ letters: ClosedRange<UInt8>) -> Bool {
            utf8.allSatisfy { letters.contains($0) || (0x30...0x39).contains($0) || "_-.".utf8.contains($0) }
        }
        return utf8.count <= 60 && (isWord(0x61...0x7A) || isWord(0x41...0x5A)) ? self : "other"
    }
}
