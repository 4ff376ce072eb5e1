import StatutoryRules

extension JSONPlace {
    func childRegistered() throws(Problem) -> ChildRegistered {
        var fact = ChildRegistered(childId: try childId(), dateOfBirth: date("dateOfBirth"), edd: date("edd"))
        fact.householdId = text("householdId")
        fact.siblingIds = texts("siblingIds")
        fact.livingInAuthority = flag("livingInAuthority")
        fact.needsHelpToRead = needsHelpToRead
        return fact
    }

    /// Of a child: what makes a written record hard to use (001, 14.9). What the fields say stays outside the ledger.
    private var needsHelpToRead: Bool {
        let isNone = { (word: String) in ["none", "no", "not known", "unknown"].contains(word) }
        let sensory = ["sensory", "hear", "deaf", "vis", "sight", "blind"]
        return words("communicationNeeds").contains { !isNone($0) }
            || words("disability").contains { word in sensory.contains { word.contains($0) } }
            || isOtherLanguage("firstLanguage")
    }

    func isOtherLanguage(_ name: StaticString) -> Bool {
        words(name).contains {
            !["en", "eng", "english", "none", "not known", "unknown"].contains($0) && !$0.hasPrefix("en-")
        }
    }

    /// What a field says, in small letters, whether it is a word or a list of them.
    private func words(_ name: StaticString) -> [String] {
        guard let value = self[name], value.saysSomething else { return [] }
        let texts = value.kind == .array ? value.elements.compactMap(\.string) : [value.string].compactMap(\.self)
        return texts.filter { !$0.isEmpty }.map { $0.lowercased() }
    }

    func childBorn() throws(Problem) -> ChildBorn {
        var fact = ChildBorn(childId: try childId(), bornAt: moment("bornAt"), dateOfBirth: date("dateOfBirth"))
        fact.unbornId = text("unbornId")
        fact.motherId = text("motherId")
        return fact
    }

    func childDied() throws(Problem) -> ChildDied {
        var fact = ChildDied(childId: try childId(), dateOfDeath: try requiredDate("dateOfDeath"))
        fact.reportedAt = moment("reportedAt")
        return fact
    }

    func pregnancyEnded() throws(Problem) -> PregnancyEnded {
        PregnancyEnded(childId: try childId(), endedOn: try requiredDate("endedOn"), outcome: text("outcome"))
    }

    func becameLookedAfter() throws(Problem) -> BecameLookedAfter {
        var fact = BecameLookedAfter(
            childId: try childId(), startedOn: try requiredDate("startedOn"),
            claReviewDue: moment("claReviewDue")?.day)
        fact.legalBasis = text("legalBasis")
        fact.iroId = text("iroId")
        fact.reviewedAt = moment("reviewedAt")
        return fact
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
        var fact = EnquiryStarted(
            enquiryId: try id("enquiryId"), childIds: childIds(), startedAt: try requiredMoment("startedAt"),
            discussionId: text("discussionId"))
        fact.signingManagerId = text("signingManagerId")
        return fact
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
        var fact = TransferIn(
            childId: try childId(), notifiedAt: try requiredMoment("notifiedAt"), permanent: flag("permanent"))
        fact.originalPlanStart = moment("originalPlanStart")?.day
        fact.fromAuthorityId = text("fromAuthorityId")
        return fact
    }

    func transferOut() throws(Problem) -> TransferOut {
        TransferOut(
            childId: try childId(), notifiedAt: try requiredMoment("notifiedAt"), permanent: flag("permanent"))
    }

    func receivingConference() throws(Problem) -> ReceivingConference {
        ReceivingConference(childId: try childId(), conferenceHeldAt: try requiredMoment("conferenceHeldAt"))
    }
}
