import StatutoryRules

extension JSONPlace {
    func recordDiscussed() throws(Problem) -> RecordDiscussed {
        var fact = RecordDiscussed(conferenceId: try id("conferenceId"))
        fact.personId = text("personId")
        fact.givenAt = moment("givenAt")
        fact.discussedAt = moment("discussedAt")
        return fact
    }

    func amendmentRequested() throws(Problem) -> AmendmentRequested {
        var fact = AmendmentRequested(
            conferenceId: try id("conferenceId"), requestedAt: try requiredMoment("requestedAt"))
        fact.recipientId = text("recipientId")
        fact.receivedAt = moment("receivedAt")
        return fact
    }

    func recordDisclosed() throws(Problem) -> RecordDisclosed {
        var fact = RecordDisclosed(conferenceId: try id("conferenceId"), disclosedAt: try requiredMoment("disclosedAt"))
        fact.basis = text("basis")
        fact.toParty = text("toParty")
        return fact
    }

    func letterSent() throws(Problem) -> LetterSent {
        var fact = LetterSent(letterId: try id("letterId"), kind: try id("kind"), sentAt: try requiredMoment("sentAt"))
        fact.childId = try? childId()
        fact.planId = text("planId")
        fact.conferenceId = text("conferenceId")
        fact.recipients = participants("recipients")
        fact.signedByRole = text("signedByRole")
        fact.releasedBy = text("releasedBy")
        fact.inPerson = flag("inPerson")
        return fact
    }

    func outlinePlan() throws(Problem) -> OutlinePlan {
        var fact = OutlinePlan(conferenceId: try id("conferenceId"), issuedAt: try requiredMoment("issuedAt"))
        fact.childId = try? childId()
        fact.recipientIds = texts("recipientIds")
        fact.signedBy = text("signedBy")
        fact.signedAt = moment("signedAt")
        return fact
    }

    func earlyReviewRequested() throws(Problem) -> EarlyReviewRequested {
        var fact = EarlyReviewRequested()
        fact.childId = try? childId()
        fact.planId = text("planId")
        fact.reasonCode = text("reasonCode")
        fact.requestedByRole = text("requestedByRole")
        fact.requestedAt = moment("requestedAt")
        return fact
    }

    func earlyReviewDecided() throws(Problem) -> EarlyReviewDecided {
        var fact = EarlyReviewDecided(decision: try id("decision"))
        fact.childId = try? childId()
        fact.planId = text("planId")
        fact.decidedAt = moment("decidedAt")
        fact.decidedByRole = text("decidedByRole")
        fact.newOn = date("newOn")
        return fact
    }

    func dissent() throws(Problem) -> Dissent {
        var fact = Dissent(conferenceId: try id("conferenceId"), recordedAt: try requiredMoment("recordedAt"))
        fact.agency = text("agency")
        return fact
    }

    func dissentEscalated() throws(Problem) -> DissentEscalated {
        var fact = DissentEscalated(conferenceId: try id("conferenceId"), startedAt: try requiredMoment("startedAt"))
        fact.agency = text("agency")
        return fact
    }

    func complaint() throws(Problem) -> Complaint {
        var fact = Complaint(complaintId: try id("complaintId"), receivedAt: try requiredMoment("receivedAt"))
        fact.conferenceId = text("conferenceId")
        fact.subjectAgency = text("subjectAgency")
        return fact
    }

    func complaintPassedOn() throws(Problem) -> ComplaintPassedOn {
        var fact = ComplaintPassedOn(complaintId: try id("complaintId"), passedOnAt: try requiredMoment("passedOnAt"))
        fact.recipients = items("recipients").compactMap { $0.string ?? $0.text("role") ?? $0.text("personId") }
        return fact
    }

    func complaintConcluded() throws(Problem) -> ComplaintConcluded {
        var fact = ComplaintConcluded(
            complaintId: try id("complaintId"), concludedAt: try requiredMoment("concludedAt"))
        fact.outcome = text("outcome")
        fact.newOn = date("newOn")
        fact.formerChairId = text("formerChairId")
        return fact
    }

    func recordEnquiry() throws(Problem) -> RecordEnquiry {
        var fact = RecordEnquiry(enquiryId: try id("enquiryId"), receivedAt: try requiredMoment("receivedAt"))
        fact.childId = try? childId()
        fact.enquirerRole = text("enquirerRole")
        fact.verifiedAt = moment("verifiedAt")
        return fact
    }

    func informationProvided() throws(Problem) -> InformationProvided {
        InformationProvided(enquiryId: try id("enquiryId"), providedAt: try requiredMoment("providedAt"))
    }
}
