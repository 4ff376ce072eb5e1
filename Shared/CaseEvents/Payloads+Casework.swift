import StatutoryRules

extension JSONPlace {
    func detailsCorrected() throws(Problem) -> DetailsCorrected {
        var fact = DetailsCorrected(childId: try childId(), field: try id("field"))
        fact.correctedAt = moment("correctedAt")
        return fact
    }

    func householdChanged() throws(Problem) -> HouseholdChanged {
        var fact = HouseholdChanged(childIds: childIds(), changedOn: try requiredDate("changedOn"))
        fact.affectsSafety = flag("affectsSafety")
        return fact
    }

    func allocationChanged() throws(Problem) -> AllocationChanged {
        var fact = AllocationChanged(childId: try childId(), effectiveAt: try requiredMoment("effectiveAt"))
        fact.role = text("role")
        fact.fromPersonId = text("fromPersonId")
        fact.toPersonId = text("toPersonId")
        fact.planned = flag("planned")
        return fact
    }

    func concernReferred() throws(Problem) -> ConcernReferred {
        var fact = ConcernReferred(childId: try childId(), referredAt: try requiredMoment("referredAt"))
        fact.agency = text("agency")
        fact.edd = date("edd")
        return fact
    }

    func incident() throws(Problem) -> Incident {
        var fact = Incident(childId: try childId(), occurredAt: try requiredMoment("occurredAt"))
        fact.kind = text("kind")
        return fact
    }

    func supervisionSession() throws(Problem) -> SupervisionSession {
        SupervisionSession(heldAt: try requiredMoment("heldAt"))
    }

    func caseNote() throws(Problem) -> CaseNote {
        var fact = CaseNote(childId: try childId(), notedAt: try requiredMoment("notedAt"))
        fact.noteType = text("noteType")
        fact.meetingId = text("meetingId")
        return fact
    }

    func assessmentConcluded() throws(Problem) -> AssessmentConcluded {
        var fact = AssessmentConcluded(concludedAt: try requiredMoment("concludedAt"))
        fact.orderId = text("orderId")
        fact.childId = try? childId()
        return fact
    }

    func proceedingsStarted() throws(Problem) -> ProceedingsStarted {
        var fact = ProceedingsStarted(
            proceedingsId: try id("proceedingsId"), childIds: childIds(), startedAt: try requiredMoment("startedAt"))
        fact.livingAtHome = flag("livingAtHome")
        return fact
    }

    func proceedingsConcluded() throws(Problem) -> ProceedingsConcluded {
        var fact = ProceedingsConcluded(
            proceedingsId: try id("proceedingsId"), childIds: childIds(), concludedAt: try requiredMoment("concludedAt")
        )
        fact.finalOrder = text("finalOrder")
        return fact
    }

    func familyMember() throws(Problem) -> FamilyMember {
        var fact = FamilyMember(personId: try id("personId"), childIds: childIds())
        fact.parentalResponsibility = flag("parentalResponsibility")
        fact.safeToContact = flag("safeToContact")
        fact.speaksOtherLanguage = isOtherLanguage("language")
        return fact
    }

    func caseClosed() throws(Problem) -> CaseClosed {
        CaseClosed(closedOn: try requiredDate("closedOn"))
    }

    func caseReopened() throws(Problem) -> CaseReopened {
        var fact = CaseReopened()
        fact.reopenedOn = date("reopenedOn")
        return fact
    }

    func caseMerged() throws(Problem) -> CaseMerged {
        var fact = CaseMerged(intoSubject: try id("intoSubject"))
        fact.mergedOn = date("mergedOn")
        return fact
    }

    func escalationAcknowledged() throws(Problem) -> EscalationAcknowledged {
        var fact = EscalationAcknowledged(
            noticeId: try id("noticeId"), acknowledgedAt: try requiredMoment("acknowledgedAt"))
        fact.personId = text("personId")
        return fact
    }

    func override() throws(Problem) -> Override {
        var fact = Override(overriddenEventId: try id("overriddenEventId"))
        fact.rule = text("rule")
        fact.role = text("role")
        fact.recordedAt = moment("recordedAt")
        return fact
    }
}
