// What the rules on plans, their endings and what comes after them read from the events.

extension History {
    /// A `plan.ended`.
    struct Ending {
        var record: Record
        var facts: PlanEnded

        /// When it was told: it may be recorded days after the plan's end.
        var knownAt: Moment? { facts.recordedAt ?? record.at }
    }

    /// What was done on one plan, by its id: siblings may share it.
    struct PlanWork {
        var proposals: [(record: Record, facts: PlanEndProposed)] = []
        var consultations: [(record: Record, facts: PlanEndConsulted)] = []
        var updates: [(record: Record, facts: ActionsUpdated)] = []
        var coreGroups: [(record: Record, facts: CoreGroup)] = []
        var categories: [CategoryChanged] = []
    }

    /// A child believed to have left the country, until the place is confirmed.
    struct Absence {
        var reported: Record
        var day: Day
        /// Whether the place that was confirmed is abroad; `nil` where that is not said.
        var found: (record: Record, abroad: Bool?)?
    }

    struct Proceedings {
        var children: [String] = []
        var started: Record?
        var livingAtHome: Bool?
        var concluded: Record?
        var finalOrder: String?
    }

    /// An order other than for emergency protection.
    struct LegalOrder {
        var record: Record
        var id: String
        /// `care`, `supervision`, as the contract has it.
        var type: String
        /// Into `orders`, where its end stands.
        var place: Int
    }

    final class ChildInNeedPlan {
        let id: String
        var started: (record: Record, facts: ChildInNeedPlanStarted)?
        var reviews: [Record] = []
        var ended: Day?
        init(id: String) { self.id = id }
    }

    /// The families' other events: those that only these rules read.
    mutating func takeForPlans(_ payload: Payload, _ record: Record) {
        switch payload {
        case .planEndProposed(let fact): planWork[fact.planId, default: PlanWork()].proposals.append((record, fact))
        case .planEndConsulted(let fact):
            planWork[fact.planId, default: PlanWork()].consultations.append((record, fact))
        case .planActionsUpdated(let fact): planWork[fact.planId, default: PlanWork()].updates.append((record, fact))
        case .coreGroupHeld(let fact): planWork[fact.planId, default: PlanWork()].coreGroups.append((record, fact))
        case .planCategoryChanged(let fact): planWork[fact.planId, default: PlanWork()].categories.append(fact)
        case .planEnded(let fact): planEnds.append(Ending(record: record, facts: fact))
        case .conferenceNextDateSet(let fact):
            nextDates.append((record, fact.conferenceId, fact.nextOn))
        case .letterSent(let fact): letters.append((record, fact))
        case .supervisionPlanReviewed(let fact): supervisionReviews[fact.orderId, default: []].append(record)
        case .cinPlanStarted(let fact):
            child(fact.childId) { _ in }
            childInNeedPlan(fact.cinPlanId).started = (record, fact)
        case .cinPlanReviewed(let fact): childInNeedPlan(fact.cinPlanId).reviews.append(record)
        case .cinPlanEnded(let fact): childInNeedPlan(fact.cinPlanId).ended = fact.endedOn
        case .careProceedingsStarted(let fact):
            var one = proceedings[fact.proceedingsId] ?? Proceedings()
            one.children += fact.childIds
            (one.started, one.livingAtHome) = (record, fact.livingAtHome)
            proceedings[fact.proceedingsId] = one
        case .careProceedingsConcluded(let fact):
            var one = proceedings[fact.proceedingsId] ?? Proceedings()
            one.children += fact.childIds
            (one.concluded, one.finalOrder) = (record, fact.finalOrder)
            proceedings[fact.proceedingsId] = one
        default: takeOfChild(payload, record)
        }
    }

    private mutating func takeOfChild(_ payload: Payload, _ record: Record) {
        switch payload {
        case .childRegistered(let fact):
            if fact.dateOfBirth != nil { child(fact.childId) { $0.birth = record } }
        case .childBorn(let fact): child(fact.childId) { $0.birth = record }
        case .childDied(let fact): child(fact.childId) { $0.death = (record, fact) }
        case .transferInNotified(let fact):
            guard fact.permanent != false, let start = fact.originalPlanStart else { return }
            child(fact.childId) { $0.originalPlanStart = start }
        case .childMovedArea(let fact):
            if fact.permanent == true { child(fact.childId) { $0.permanentMoves.append(fact.movedOn) } }
        case .childLeftCountryReported(let fact):
            child(fact.childId) {
                guard $0.absences.last.map({ $0.found != nil }) ?? true else { return }
                $0.absences.append(Absence(reported: record, day: fact.reportedAt.day))
            }
        case .childLocationConfirmed(let fact):
            child(fact.childId) { child in
                child.locations.append((record, fact.abroad))
                guard let last = child.absences.indices.last, child.absences[last].found == nil else { return }
                child.absences[last].found = (record, fact.abroad)
            }
        case .caseNoteRecorded(let fact):
            if fact.noteType == "location_effort" {
                child(fact.childId) { $0.locationEfforts.append(fact.notedAt.day) }
            }
        case .childWhereaboutsDecided(let fact):
            child(fact.childId) { $0.whereaboutsDecisions.append((record, fact)) }
        case .courtOrderMade(let fact):
            guard fact.orderType == "care" || fact.orderType == "supervision" else { return }
            let place = order(fact.orderId) { _ in }
            let made = LegalOrder(record: record, id: fact.orderId, type: fact.orderType, place: place)
            for id in distinct(fact.childIds) {
                child(id) { child in
                    child.legalOrders.removeAll { $0.id == made.id }
                    child.legalOrders.append(made)
                }
            }
        default: break
        }
    }
}

extension History.Child {
    /// Whether it was believed abroad on that day, with no place confirmed by then.
    func isLost(on day: Day) -> Bool {
        absences.contains { absence in
            absence.day <= day && (absence.found?.record.at.map { $0.day > day } ?? true)
        }
    }

    /// Confirmed abroad by that day, and nothing else since.
    func isConfirmedAbroad(on day: Day) -> Bool {
        let known = locations.last { $0.record.at.map { $0.day <= day } ?? false }
        return known?.abroad == true
    }
}

extension History {
    /// Orders of that kind on a child in force on that day.
    func orders(_ type: String, on child: Child, at day: Day) -> [LegalOrder] {
        child.legalOrders.filter { made in
            guard made.type == type, made.record.at.map({ $0.day <= day }) ?? false else { return false }
            return orders[made.place].ended.map { $0.day > day } ?? true
        }
    }

    /// Care proceedings on a child that were under way on that day, in order of their ids.
    func proceedings(on child: String, at day: Day) -> [Proceedings] {
        if proceedings.isEmpty { return [] }
        return proceedings.sorted { $0.key < $1.key }.map(\.value).filter { one in
            guard one.children.contains(child), let started = one.started?.at?.day, started <= day else { return false }
            return one.concluded?.at.map { $0.day > day } ?? true
        }
    }

    /// Proceedings on a child that ended in a supervision order, in order of their ids.
    func supervisionOutcomes(on child: String) -> [Record] {
        if proceedings.isEmpty { return [] }
        return proceedings.sorted { $0.key < $1.key }.map(\.value).compactMap { one in
            let words: Set = ["supervision", "supervision_order"]
            return one.children.contains(child) && words.contains(one.finalOrder ?? "") ? one.concluded : nil
        }
    }
}
