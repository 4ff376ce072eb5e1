import StatutoryRules

extension JSONPlace {
    func participationAssessed() throws(Problem) -> ParticipationAssessed {
        var fact = ParticipationAssessed(
            conferenceId: try id("conferenceId"), childId: try childId(), assessedAt: try requiredMoment("assessedAt"))
        fact.declaredWish = text("declaredWish")
        fact.attend = text("attend") ?? flag("attend").map { $0 ? "all" : "none" }
        fact.advocateId = text("advocateId")
        fact.preparedAt = moment("preparedAt")
        fact.agreedByChairAt = moment("agreedByChairAt")
        fact.agreedBySwAt = moment("agreedBySwAt")
        return fact
    }

    func viewsRecorded() throws(Problem) -> ViewsRecorded {
        var fact = ViewsRecorded(conferenceId: try id("conferenceId"), recordedAt: try requiredMoment("recordedAt"))
        fact.personId = text("personId")
        fact.personRole = text("personRole")
        fact.childId = try? childId()
        fact.method = text("method")
        fact.chairPreMeetingAt = moment("chairPreMeetingAt")
        return fact
    }

    func exclusionRequested() throws(Problem) -> ExclusionRequested {
        var fact = ExclusionRequested(conferenceId: try id("conferenceId"), personId: try id("personId"))
        fact.scope = text("scope")
        fact.groundCode = text("groundCode")
        fact.requestedAt = moment("requestedAt")
        return fact
    }

    func exclusionDecided() throws(Problem) -> ExclusionDecided {
        var fact = ExclusionDecided(
            conferenceId: try id("conferenceId"), personId: try id("personId"), decision: try id("decision"))
        fact.scope = text("scope")
        fact.groundCode = text("groundCode")
        fact.decidedBy = text("decidedBy")
        fact.decidedByRole = text("decidedByRole")
        fact.decidedAt = moment("decidedAt")
        fact.recordDecision = text("recordDecision")
        fact.recordScope = text("recordScope")
        return fact
    }

    func participantExcluded() throws(Problem) -> ParticipantExcluded {
        var fact = ParticipantExcluded(
            conferenceId: try id("conferenceId"), personId: try id("personId"),
            startedAt: try requiredMoment("startedAt"))
        fact.endedAt = moment("endedAt")
        fact.decidedBy = text("decidedBy")
        return fact
    }

    func observerRequested() throws(Problem) -> ObserverRequested {
        var fact = ObserverRequested(conferenceId: try id("conferenceId"), personId: try id("personId"))
        fact.requestedAt = moment("requestedAt")
        fact.chairConsentAt = moment("chairConsentAt")
        fact.familyConsentAt = moment("familyConsentAt")
        return fact
    }

    func recordingRequested() throws(Problem) -> RecordingRequested {
        var fact = RecordingRequested(conferenceId: try id("conferenceId"))
        fact.personId = text("personId")
        fact.requestedAt = moment("requestedAt")
        return fact
    }

    func recordingDecided() throws(Problem) -> RecordingDecided {
        var fact = RecordingDecided(conferenceId: try id("conferenceId"), granted: flag("granted") ?? false)
        fact.personId = text("personId")
        fact.decidedAt = moment("decidedAt")
        fact.legalAdviceAt = moment("legalAdviceAt")
        return fact
    }

    func postponementRequested() throws(Problem) -> PostponementRequested {
        var fact = PostponementRequested(conferenceId: try id("conferenceId"))
        fact.action = text("action")
        fact.requestedByRole = text("requestedByRole")
        fact.requestedAt = moment("requestedAt")
        fact.reasonCode = text("reasonCode")
        fact.discussedWithChairAt = moment("discussedWithChairAt")
        fact.alternativeSought = flag("alternativeSought")
        fact.exceptional = flag("exceptional")
        return fact
    }
}
