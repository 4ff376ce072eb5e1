import StatutoryRules

extension JSONValue {
    func conferenceRequested() throws(Problem) -> ConferenceRequested {
        ConferenceRequested(
            conferenceId: try id("conferenceId"), conferenceType: conferenceType(), childIds: childIds(),
            requestedAt: moment("requestedAt"), enquiryId: text("enquiryId"))
    }

    func conveningDecided() throws(Problem) -> ConveningDecided {
        ConveningDecided(
            conferenceId: try id("conferenceId"), decision: try id("decision"), decidedByRole: text("decidedByRole"),
            decidedAt: moment("decidedAt"))
    }

    func conferenceScheduled() throws(Problem) -> ConferenceScheduled {
        ConferenceScheduled(
            conferenceId: try id("conferenceId"), conferenceType: conferenceType(), childIds: childIds(),
            startsAt: try requiredMoment("startsAt"), dateSetAt: moment("dateSetAt"))
    }

    func conferenceRescheduled() throws(Problem) -> ConferenceRescheduled {
        ConferenceRescheduled(
            conferenceId: try id("conferenceId"), newStartsAt: try requiredMoment("newStartsAt"),
            rescheduledAt: moment("rescheduledAt"))
    }

    func postponementDecided() throws(Problem) -> PostponementDecided {
        PostponementDecided(
            conferenceId: try id("conferenceId"), action: text("action"), agreed: flag("agreed"),
            decidedAt: moment("decidedAt"), newStartsAt: moment("newStartsAt"), reasonCode: text("reasonCode"))
    }

    func conferenceCancelled() throws(Problem) -> ConferenceCancelled {
        ConferenceCancelled(conferenceId: try id("conferenceId"), cancelledAt: moment("cancelledAt"))
    }

    func conferenceAdjourned() throws(Problem) -> ConferenceAdjourned {
        ConferenceAdjourned(
            conferenceId: try id("conferenceId"), adjournedAt: moment("adjournedAt"),
            newStartsAt: moment("newStartsAt"))
    }

    func inviteListSubmitted() throws(Problem) -> InviteListSubmitted {
        InviteListSubmitted(
            conferenceId: try id("conferenceId"), submittedAt: try requiredMoment("submittedAt"),
            invitees: participants("invitees"))
    }

    func reportSubmitted() throws(Problem) -> ReportSubmitted {
        ReportSubmitted(
            reportId: try id("reportId"), conferenceId: try id("conferenceId"), agency: text("agency"),
            submittedAt: try requiredMoment("submittedAt"), receivedByChairAt: moment("receivedByChairAt"))
    }

    func reportShared() throws(Problem) -> ReportShared {
        ReportShared(
            reportId: try id("reportId"), sharedAt: try requiredMoment("sharedAt"), personId: text("personId"),
            personRole: text("personRole"))
    }

    func conferenceHeld() throws(Problem) -> ConferenceHeld {
        var decisions: [ConferenceHeld.Decision] = []
        for decision in self["decisions"]?.elements.map({ $0 }) ?? [] {
            decisions.append(
                ConferenceHeld.Decision(
                    childId: try decision.id("childId"), decision: decision.text("decision"),
                    category: decision.text("category")))
        }
        return ConferenceHeld(
            conferenceId: try id("conferenceId"), conferenceType: conferenceType(), childIds: childIds(),
            heldAt: try requiredMoment("heldAt"), startsAt: moment("startsAt"), endedAt: moment("endedAt"),
            attendees: participants("attendees"), decisions: decisions)
    }

    func recordIssued() throws(Problem) -> RecordIssued {
        RecordIssued(
            conferenceId: try id("conferenceId"), recipientId: text("recipientId"),
            recipientRole: text("recipientRole"), sentAt: try requiredMoment("sentAt"))
    }

    func decisionLetterSent() throws(Problem) -> DecisionLetterSent {
        DecisionLetterSent(
            conferenceId: try id("conferenceId"), recipientId: text("recipientId"),
            recipientRole: text("recipientRole"), sentAt: try requiredMoment("sentAt"))
    }

    private func participants(_ name: String) -> [Participant] {
        self[name]?.elements.map { person in
            Participant(
                personId: person.text("personId"), role: person.text("role"), agency: person.text("agency"))
        } ?? []
    }
}
