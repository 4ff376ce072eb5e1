import StatutoryRules

extension JSONValue {
    func childRegistered() throws(Problem) -> ChildRegistered {
        ChildRegistered(childId: try childId(), dateOfBirth: date("dateOfBirth"), edd: date("edd"))
    }

    func childBorn() throws(Problem) -> ChildBorn {
        ChildBorn(childId: try childId(), bornAt: moment("bornAt"), dateOfBirth: date("dateOfBirth"))
    }

    func childDied() throws(Problem) -> ChildDied {
        ChildDied(childId: try childId(), dateOfDeath: try requiredDate("dateOfDeath"))
    }

    func pregnancyEnded() throws(Problem) -> PregnancyEnded {
        PregnancyEnded(childId: try childId(), endedOn: try requiredDate("endedOn"), outcome: text("outcome"))
    }

    func becameLookedAfter() throws(Problem) -> BecameLookedAfter {
        BecameLookedAfter(
            childId: try childId(), startedOn: try requiredDate("startedOn"),
            claReviewDue: moment("claReviewDue")?.day)
    }

    func lookedAfterEnded() throws(Problem) -> LookedAfterEnded {
        LookedAfterEnded(childId: try childId(), endedOn: try requiredDate("endedOn"))
    }

    func strategyDiscussion() throws(Problem) -> StrategyDiscussion {
        StrategyDiscussion(
            discussionId: try id("discussionId"), childIds: childIds(), heldAt: try requiredMoment("heldAt"),
            initiatedS47: flag("initiatedS47"))
    }

    func enquiryStarted() throws(Problem) -> EnquiryStarted {
        EnquiryStarted(
            enquiryId: try id("enquiryId"), childIds: childIds(), startedAt: try requiredMoment("startedAt"),
            discussionId: text("discussionId"))
    }

    func enquiryCompleted() throws(Problem) -> EnquiryCompleted {
        var outcomes: [EnquiryCompleted.Outcome] = []
        var children = childIds()
        for outcome in self["outcomes"]?.elements.map({ $0 }) ?? [] {
            let child = try outcome.id("childId")
            outcomes.append(EnquiryCompleted.Outcome(childId: child, outcome: try outcome.id("outcome")))
            if !children.contains(child) { children.append(child) }
        }
        return EnquiryCompleted(
            enquiryId: try id("enquiryId"), childIds: children, completedAt: try requiredMoment("completedAt"),
            outcomes: outcomes)
    }

    func courtOrderMade() throws(Problem) -> CourtOrderMade {
        CourtOrderMade(
            orderId: try id("orderId"), childIds: childIds(), orderType: try id("orderType"), madeAt: moment("madeAt"),
            expiresAt: moment("expiresAt"))
    }

    func courtOrderExtended() throws(Problem) -> CourtOrderExtended {
        CourtOrderExtended(
            orderId: try id("orderId"), newExpiresAt: try requiredMoment("newExpiresAt"),
            extendedAt: moment("extendedAt"))
    }

    func courtOrderEnded() throws(Problem) -> CourtOrderEnded {
        CourtOrderEnded(orderId: try id("orderId"), endedAt: try requiredMoment("endedAt"))
    }

    func transferIn() throws(Problem) -> TransferIn {
        TransferIn(
            childId: try childId(), notifiedAt: try requiredMoment("notifiedAt"), permanent: flag("permanent"))
    }

    func transferOut() throws(Problem) -> TransferOut {
        TransferOut(
            childId: try childId(), notifiedAt: try requiredMoment("notifiedAt"), permanent: flag("permanent"))
    }

    func receivingConference() throws(Problem) -> ReceivingConference {
        ReceivingConference(childId: try childId(), conferenceHeldAt: try requiredMoment("conferenceHeldAt"))
    }
}
