import StatutoryRules

extension JSONPlace {
    func childMoved() throws(Problem) -> ChildMoved {
        var fact = ChildMoved(childId: try childId(), movedOn: try requiredDate("movedOn"))
        fact.permanent = flag("permanent")
        fact.fromAuthorityId = text("fromAuthorityId")
        fact.toAuthorityId = text("toAuthorityId")
        fact.notifiedAt = moment("notifiedAt")
        return fact
    }

    func leftCountryReported() throws(Problem) -> LeftCountryReported {
        LeftCountryReported(childId: try childId(), reportedAt: try requiredMoment("reportedAt"))
    }

    func locationConfirmed() throws(Problem) -> LocationConfirmed {
        var fact = LocationConfirmed(childId: try childId(), confirmedAt: try requiredMoment("confirmedAt"))
        fact.abroad = flag("abroad")
        return fact
    }

    func whereaboutsDecided() throws(Problem) -> WhereaboutsDecided {
        var fact = WhereaboutsDecided(childId: try childId(), decision: try id("decision"))
        fact.planId = text("planId")
        fact.decidedByRole = text("decidedByRole")
        fact.decidedAt = moment("decidedAt")
        return fact
    }

    func returnHomeProposed() throws(Problem) -> ReturnHomeProposed {
        var fact = ReturnHomeProposed(childId: try childId(), proposedAt: try requiredMoment("proposedAt"))
        fact.proposedBy = text("proposedBy")
        fact.plannedReturnDate = moment("plannedReturnDate")
        fact.legalStatus = text("legalStatus")
        fact.seriousConcerns = flag("seriousConcerns")
        fact.discussedAt = moment("discussedAt")
        fact.decidedByRole = text("decidedByRole")
        fact.considerationAt = moment("considerationAt")
        return fact
    }

    func removedFromCare() throws(Problem) -> RemovedFromCare {
        var fact = RemovedFromCare(childId: try childId(), removedAt: try requiredMoment("removedAt"))
        fact.legalStatus = text("legalStatus")
        fact.seriousConcerns = flag("seriousConcerns")
        fact.discussedAt = moment("discussedAt")
        fact.decidedByRole = text("decidedByRole")
        return fact
    }

    func carePlanChanged() throws(Problem) -> CarePlanChanged {
        var fact = CarePlanChanged(childId: try childId(), changedAt: try requiredMoment("changedAt"))
        fact.significant = flag("significant")
        fact.reviewId = text("reviewId")
        return fact
    }

    func transferMeeting() throws(Problem) -> TransferMeeting {
        var fact = TransferMeeting(heldAt: try requiredMoment("heldAt"))
        for item in items("allocations") {
            fact.allocations.append(
                TransferMeeting.Allocation(
                    childId: try item.id("childId"), fromSw: item.text("fromSw"), toSw: item.text("toSw")))
        }
        return fact
    }
}
