import StatutoryRules

extension JSONPlace {
    func nextDateSet() throws(Problem) -> NextDateSet {
        var fact = NextDateSet(conferenceId: try id("conferenceId"), nextOn: try requiredDate("nextOn"))
        fact.nextConferenceId = text("nextConferenceId")
        fact.dateSetAt = moment("dateSetAt")
        return fact
    }

    func chairAssigned() throws(Problem) -> ChairAssigned {
        var fact = ChairAssigned(conferenceId: try id("conferenceId"), chairId: try id("chairId"))
        fact.assignedAt = moment("assignedAt")
        fact.chairRole = text("chairRole")
        fact.independent = flag("independent")
        fact.trained = flag("trained")
        fact.experienced = flag("experienced")
        fact.lineManages = flag("lineManages")
        return fact
    }

    func chairUnavailable() throws(Problem) -> ChairUnavailable {
        var fact = ChairUnavailable(conferenceId: try id("conferenceId"), reportedAt: try requiredMoment("reportedAt"))
        fact.chairId = text("chairId")
        fact.reasonCode = text("reasonCode")
        return fact
    }

    func deputyNominated() throws(Problem) -> DeputyNominated {
        var fact = DeputyNominated(conferenceId: try id("conferenceId"), deputyId: try id("deputyId"))
        fact.forPersonId = text("forPersonId")
        fact.nominatedBy = text("nominatedBy")
        fact.nominatedByRole = text("nominatedByRole")
        fact.nominatedAt = moment("nominatedAt")
        fact.familiarityConfirmed = flag("familiarityConfirmed")
        return fact
    }

    func invitationsSent() throws(Problem) -> InvitationsSent {
        var fact = InvitationsSent(conferenceId: try id("conferenceId"), sentAt: try requiredMoment("sentAt"))
        fact.recipients = participants("recipients")
        fact.attachments = texts("attachments")
        return fact
    }

    func consultationSent() throws(Problem) -> ConsultationSent {
        var fact = ConsultationSent(conferenceId: try id("conferenceId"), sentAt: try requiredMoment("sentAt"))
        fact.recipients = participants("recipients")
        return fact
    }

    func apology() throws(Problem) -> Apology {
        var fact = Apology(conferenceId: try id("conferenceId"), receivedAt: try requiredMoment("receivedAt"))
        fact.personId = text("personId")
        fact.agency = text("agency")
        fact.role = text("role")
        fact.opportunityOfferedAt = moment("opportunityOfferedAt")
        return fact
    }

    func chairDiscussion() throws(Problem) -> ChairDiscussion {
        var fact = ChairDiscussion(conferenceId: try id("conferenceId"), heldAt: try requiredMoment("heldAt"))
        fact.chairId = text("chairId")
        fact.swId = text("swId")
        fact.swContactedAt = moment("swContactedAt")
        return fact
    }

    func reportQualityAssured() throws(Problem) -> ReportQualityAssured {
        var fact = ReportQualityAssured(reportId: try id("reportId"), qaAt: try requiredMoment("qaAt"))
        fact.managerId = text("managerId")
        return fact
    }
}
