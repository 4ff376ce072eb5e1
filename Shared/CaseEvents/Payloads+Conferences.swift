import StatutoryRules

extension JSONPlace {
    func conferenceRequested() throws(Problem) -> ConferenceRequested {
        var fact = ConferenceRequested(
            conferenceId: try id("conferenceId"), conferenceType: conferenceType(), childIds: childIds(),
            requestedAt: moment("requestedAt"), enquiryId: text("enquiryId"))
        fact.indexChildId = text("indexChildId")
        return fact
    }

    func conveningDecided() throws(Problem) -> ConveningDecided {
        ConveningDecided(
            conferenceId: try id("conferenceId"), decision: try id("decision"), decidedByRole: text("decidedByRole"),
            decidedAt: moment("decidedAt"))
    }

    func conferenceScheduled() throws(Problem) -> ConferenceScheduled {
        var fact = ConferenceScheduled(
            conferenceId: try id("conferenceId"), conferenceType: conferenceType(), childIds: childIds(),
            startsAt: try requiredMoment("startsAt"), dateSetAt: moment("dateSetAt"))
        fact.endsAt = moment("endsAt")
        fact.chairId = text("chairId")
        fact.hasSchoolAgeChildren = flag("hasSchoolAgeChildren")
        fact.policeInvolved = flag("policeInvolved")
        fact.owningAuthority = text("owningAuthority")
        return fact
    }

    func conferenceRescheduled() throws(Problem) -> ConferenceRescheduled {
        var fact = ConferenceRescheduled(
            conferenceId: try id("conferenceId"), newStartsAt: try requiredMoment("newStartsAt"),
            rescheduledAt: moment("rescheduledAt"))
        fact.reasonCode = text("reasonCode")
        fact.decisionEventId = text("decisionEventId")
        return fact
    }

    func postponementDecided() throws(Problem) -> PostponementDecided {
        var fact = PostponementDecided(
            conferenceId: try id("conferenceId"), action: text("action"), agreed: flag("agreed"),
            decidedAt: moment("decidedAt"), newStartsAt: moment("newStartsAt"), reasonCode: text("reasonCode"))
        fact.approvals = items("approvals").map {
            PostponementDecided.Approval(
                personId: $0.text("personId"), role: $0.text("role"), approvedAt: $0.moment("approvedAt"))
        }
        fact.childIds = childIds()
        fact.filedAt = moment("filedAt")
        return fact
    }

    func conferenceCancelled() throws(Problem) -> ConferenceCancelled {
        var fact = ConferenceCancelled(conferenceId: try id("conferenceId"), cancelledAt: moment("cancelledAt"))
        fact.decisionEventId = text("decisionEventId")
        return fact
    }

    func conferenceAdjourned() throws(Problem) -> ConferenceAdjourned {
        var fact = ConferenceAdjourned(
            conferenceId: try id("conferenceId"), adjournedAt: moment("adjournedAt"),
            newStartsAt: moment("newStartsAt"))
        fact.reasonCode = text("reasonCode")
        fact.decisionEventId = text("decisionEventId")
        return fact
    }

    func inviteListSubmitted() throws(Problem) -> InviteListSubmitted {
        var fact = InviteListSubmitted(
            conferenceId: try id("conferenceId"), submittedAt: try requiredMoment("submittedAt"),
            invitees: participants("invitees"))
        fact.channel = text("channel")
        return fact
    }

    func reportSubmitted() throws(Problem) -> ReportSubmitted {
        var fact = ReportSubmitted(
            reportId: try id("reportId"), conferenceId: try id("conferenceId"), agency: text("agency"),
            submittedAt: try requiredMoment("submittedAt"), receivedByChairAt: moment("receivedByChairAt"))
        fact.indexChildId = text("indexChildId")
        fact.childSections = self["flags"]?.texts("childSections") ?? []
        fact.reportSourceAuthority = text("reportSourceAuthority")
        fact.signedBy = text("signedBy")
        fact.hasUnexplainedSighting = (self["flags"]?.items("childSeen") ?? []).contains {
            $0.answer("alone") == false && !($0.says("present") && $0.says("reason"))
        }
        return fact
    }

    func reportShared() throws(Problem) -> ReportShared {
        ReportShared(
            reportId: try id("reportId"), sharedAt: try requiredMoment("sharedAt"), personId: text("personId"),
            personRole: text("personRole"))
    }

    func conferenceHeld() throws(Problem) -> ConferenceHeld {
        var decisions: [ConferenceHeld.Decision] = []
        for decision in items("decisions") {
            var made = ConferenceHeld.Decision(
                childId: try decision.id("childId"), decision: decision.text("decision"),
                category: decision.text("category"))
            made.threshold = decision.answer("threshold")
            made.likelySignificantHarm = decision.answer("likelySignificantHarm")
            made.continuingRisk = decision.answer("continuingRisk")
            made.icpcDecision = decision.answer("icpcDecision")
            made.hasReasons = decision.says("reasons")
            made.childAgencyContactCount = decision["childAgencyContactCount"]?.int
            decisions.append(made)
        }
        var fact = ConferenceHeld(
            conferenceId: try id("conferenceId"), conferenceType: conferenceType(), childIds: childIds(),
            heldAt: try requiredMoment("heldAt"), startsAt: moment("startsAt"), endedAt: moment("endedAt"),
            attendees: participants("attendees"), decisions: decisions)
        fact.chairId = text("chairId")
        fact.quorumClaim = text("quorumClaim") ?? flag("quorumClaim").map { $0 ? "quorate" : "inquorate" }
        fact.absentees = self["absentees"].flatMap { $0.isNull ? nil : participants("absentees") }
        fact.reviewNumber = self["reviewNumber"]?.int
        fact.nextReviewDate = moment("nextReviewDate")?.day
        fact.seriousConcern = flag("seriousConcern")
        fact.thresholdAnswer = answer("thresholdAnswer")
        fact.carePlanLocation = text("carePlanLocation")
        return fact
    }

    func recordIssued() throws(Problem) -> RecordIssued {
        var fact = RecordIssued(
            conferenceId: try id("conferenceId"), recipientId: text("recipientId"),
            recipientRole: text("recipientRole"), sentAt: try requiredMoment("sentAt"))
        fact.receivedAt = moment("receivedAt")
        fact.signedBy = text("signedBy")
        fact.signedAt = moment("signedAt")
        fact.recordScope = text("recordScope")
        fact.minutesAuthorRole = text("minutesAuthorRole")
        fact.interpreterRelationship = text("interpreterRelationship")
        fact.childCopy = answer("childCopyDecision")
        fact.parentConsent = answer("parentConsent")
        fact.decidedBy = text("decidedBy")
        fact.explainedToChildAt = moment("explainedToChildAt")
        return fact
    }

    func decisionLetterSent() throws(Problem) -> DecisionLetterSent {
        DecisionLetterSent(
            conferenceId: try id("conferenceId"), recipientId: text("recipientId"),
            recipientRole: text("recipientRole"), sentAt: try requiredMoment("sentAt"))
    }
}
