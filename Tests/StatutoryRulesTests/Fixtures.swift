import StatutoryRules

// Short words for facts, so that a test reads as a history.

func day(_ text: String) -> Day { Day(text)! }
func at(_ text: String) -> Instant { Instant(text)! }
func moment(_ text: String) -> Moment { Moment(text)! }

let swindon = "E06000030"

/// An event of the source `lcs`, recorded a minute after it happened unless said otherwise.
func fact(
    _ id: String, _ payload: Payload, recorded: String? = nil, supersedes: String? = nil, retracts: String? = nil,
    source: String = "lcs"
) -> Fact {
    let time = recorded.map(at) ?? payload.ownMoment?.earliest.adding(minutes: 1) ?? at("2025-01-01T09:00:00Z")
    return Fact(id: id, source: source, time: time, supersedes: supersedes, retracts: retracts, payload: payload)
}

func discussion(_ id: String, _ heldAt: String, began: Bool? = true, children: [String] = ["K"]) -> Fact {
    fact(
        id,
        .strategyDiscussionHeld(
            StrategyDiscussion(discussionId: id, childIds: children, heldAt: moment(heldAt), initiatedS47: began)))
}

func enquiry(_ id: String, _ startedAt: String, of discussion: String? = nil, children: [String] = ["K"]) -> Fact {
    fact(
        id,
        .s47EnquiryStarted(
            EnquiryStarted(enquiryId: id, childIds: children, startedAt: moment(startedAt), discussionId: discussion)))
}

func outcome(_ enquiry: String, _ completedAt: String, _ outcome: String, child: String = "K") -> Fact {
    fact(
        "\(enquiry)-done",
        .s47EnquiryCompleted(
            EnquiryCompleted(
                enquiryId: enquiry, childIds: [child], completedAt: moment(completedAt),
                outcomes: [EnquiryCompleted.Outcome(childId: child, outcome: outcome)])))
}

func request(
    _ conference: String, _ requestedAt: String?, _ type: ConferenceType = .initial, enquiry: String? = nil,
    id: String? = nil
) -> Fact {
    fact(
        id ?? "\(conference)-asked",
        .conferenceRequested(
            ConferenceRequested(
                conferenceId: conference, conferenceType: type, childIds: ["K"],
                requestedAt: requestedAt.map(moment), enquiryId: enquiry)))
}

func convening(_ conference: String, _ decidedAt: String, _ decision: String) -> Fact {
    fact(
        "\(conference)-\(decision)-\(decidedAt)",
        .conferenceConveningDecided(
            ConveningDecided(conferenceId: conference, decision: decision, decidedAt: moment(decidedAt))))
}

func booked(
    _ conference: String, _ type: ConferenceType?, for startsAt: String, on setAt: String? = "2025-01-02T09:00:00Z",
    children: [String] = ["K"]
) -> Fact {
    fact(
        "\(conference)-booked",
        .conferenceScheduled(
            ConferenceScheduled(
                conferenceId: conference, conferenceType: type, childIds: children, startsAt: moment(startsAt),
                dateSetAt: setAt.map(moment))))
}

func rebooked(_ conference: String, for startsAt: String, on setAt: String) -> Fact {
    fact(
        "\(conference)-rebooked-\(setAt)",
        .conferenceRescheduled(
            ConferenceRescheduled(
                conferenceId: conference, newStartsAt: moment(startsAt), rescheduledAt: moment(setAt))))
}

/// Both service managers agree to put a meeting off (SWI-17a).
func agreedByBoth(_ conference: String, _ decidedAt: String) -> Fact {
    var decision = PostponementDecided(conferenceId: conference, agreed: true, decidedAt: moment(decidedAt))
    decision.approvals = ["service_manager", "qa_service_manager"].map {
        PostponementDecided.Approval(personId: $0, role: $0)
    }
    return fact("\(conference)-agreed", .conferencePostponementDecided(decision))
}

func cancelled(_ conference: String, _ cancelledAt: String) -> Fact {
    fact(
        "\(conference)-cancelled",
        .conferenceCancelled(ConferenceCancelled(conferenceId: conference, cancelledAt: moment(cancelledAt))))
}

func held(
    _ conference: String, _ type: ConferenceType?, _ heldAt: String, ended: String? = nil, children: [String] = ["K"],
    attendees: [Participant] = []
) -> Fact {
    fact(
        "\(conference)-held",
        .conferenceHeld(
            ConferenceHeld(
                conferenceId: conference, conferenceType: type, childIds: children, heldAt: moment(heldAt),
                endedAt: ended.map(moment), attendees: attendees)))
}

func invited(_ conference: String, _ people: [Participant], _ submittedAt: String = "2025-02-01") -> Fact {
    fact(
        "\(conference)-invited",
        .conferenceInviteListSubmitted(
            InviteListSubmitted(conferenceId: conference, submittedAt: moment(submittedAt), invitees: people)))
}

func report(_ conference: String, _ submittedAt: String, agency: String? = "childrens_social_care") -> Fact {
    fact(
        "\(conference)-report",
        .conferenceReportSubmitted(
            ReportSubmitted(
                reportId: "R-\(conference)", conferenceId: conference, agency: agency, submittedAt: moment(submittedAt))
        ))
}

func shared(_ conference: String, _ sharedAt: String, with role: String? = "parent_carer") -> Fact {
    fact(
        "\(conference)-shared",
        .conferenceReportShared(
            ReportShared(reportId: "R-\(conference)", sharedAt: moment(sharedAt), personId: "M", personRole: role)))
}

func letter(_ conference: String, _ sentAt: String, to person: String? = nil, _ role: String? = nil) -> Fact {
    fact(
        "\(conference)-letter-\(person ?? "")-\(sentAt)",
        .decisionLetterSent(
            DecisionLetterSent(
                conferenceId: conference, recipientId: person, recipientRole: role, sentAt: moment(sentAt))))
}

func issued(_ conference: String, _ sentAt: String, to person: String? = nil) -> Fact {
    var record = RecordIssued(conferenceId: conference, recipientId: person, sentAt: moment(sentAt))
    record.signedBy = "CH"
    return fact("\(conference)-record-\(person ?? "")", .conferenceRecordIssued(record))
}

func talkedThrough(_ conference: String, _ discussedAt: String, with person: String? = nil) -> Fact {
    var talk = RecordDiscussed(conferenceId: conference)
    talk.personId = person
    talk.givenAt = moment(discussedAt)
    talk.discussedAt = moment(discussedAt)
    return fact("\(conference)-talk-\(person ?? "")-\(discussedAt)", .conferenceRecordDiscussed(talk))
}

func amended(_ conference: String, _ requestedAt: String, by person: String? = nil) -> Fact {
    var request = AmendmentRequested(conferenceId: conference, requestedAt: moment(requestedAt))
    request.recipientId = person
    return fact("\(conference)-amended-\(person ?? "")", .conferenceRecordAmendmentRequested(request))
}

func dissented(_ conference: String, _ recordedAt: String, escalated startedAt: String? = nil) -> [Fact] {
    var dissent = Dissent(conferenceId: conference, recordedAt: moment(recordedAt))
    dissent.agency = "health"
    var facts = [fact("\(conference)-dissent", .dissentRecorded(dissent))]
    if let startedAt {
        var escalation = DissentEscalated(conferenceId: conference, startedAt: moment(startedAt))
        escalation.agency = "health"
        facts.append(fact("\(conference)-escalated", .dissentEscalated(escalation)))
    }
    return facts
}

func complained(_ conference: String, _ receivedAt: String, passedOn passedOnAt: String? = nil) -> [Fact] {
    var complaint = Complaint(complaintId: "CO", receivedAt: moment(receivedAt))
    complaint.conferenceId = conference
    var facts = [fact("\(conference)-complaint", .complaintReceived(complaint))]
    if let passedOnAt {
        var step = ComplaintPassedOn(complaintId: "CO", passedOnAt: moment(passedOnAt))
        step.recipients = ["chair_line_manager", "complaints_manager"]
        facts.append(fact("\(conference)-passed-on", .complaintPassedOn(step)))
    }
    return facts
}

func assessed(_ conference: String, _ child: String, _ assessedAt: String, _ attend: String?) -> Fact {
    var assessment = ParticipationAssessed(conferenceId: conference, childId: child, assessedAt: moment(assessedAt))
    assessment.attend = attend
    return fact("\(conference)-\(child)-assessed", .conferenceChildParticipationAssessed(assessment))
}

func views(_ conference: String, _ person: String, _ recordedAt: String) -> Fact {
    var views = ViewsRecorded(conferenceId: conference, recordedAt: moment(recordedAt))
    views.personId = person
    return fact("\(conference)-\(person)-views", .conferenceViewsRecorded(views))
}

func exclusionAsked(_ conference: String, _ person: String, _ requestedAt: String) -> Fact {
    var request = ExclusionRequested(conferenceId: conference, personId: person)
    request.requestedAt = moment(requestedAt)
    return fact("\(conference)-\(person)-exclusion-asked", .conferenceExclusionRequested(request))
}

func exclusionDecided(_ conference: String, _ person: String, _ decidedAt: String, by chair: String) -> Fact {
    var decision = ExclusionDecided(conferenceId: conference, personId: person, decision: "exclude")
    decision.decidedAt = moment(decidedAt)
    decision.decidedBy = chair
    decision.decidedByRole = chair == "CH" ? "conference_chair" : "social_worker"
    return fact("\(conference)-\(person)-exclusion-decided", .conferenceExclusionDecided(decision))
}

func askedToLeave(_ conference: String, _ person: String, _ startedAt: String) -> Fact {
    fact(
        "\(conference)-\(person)-asked-to-leave",
        .conferenceParticipantExcluded(
            ParticipantExcluded(conferenceId: conference, personId: person, startedAt: moment(startedAt))))
}

func exclusionLetter(_ conference: String, _ person: String, _ sentAt: String) -> Fact {
    var letter = LetterSent(letterId: "L", kind: "exclusion", sentAt: moment(sentAt))
    letter.conferenceId = conference
    letter.recipients = [Participant(personId: person, role: "parent_carer")]
    return fact("\(conference)-\(person)-exclusion-letter", .letterSent(letter))
}

func plan(_ id: String, from startedOn: String, by conference: String? = nil, unborn: Bool? = nil) -> Fact {
    fact(
        "\(id)-started",
        .planStarted(
            PlanStarted(
                planId: id, childId: "K", startedOn: day(startedOn), conferenceId: conference, category: "neglect",
                unborn: unborn)))
}

func planEnded(_ id: String, _ endedOn: String) -> Fact {
    fact("\(id)-ended", .planEnded(PlanEnded(planId: id, childId: "K", endedOn: day(endedOn))))
}

func died(_ on: String) -> Fact { fact("died", .childDied(ChildDied(childId: "K", dateOfDeath: day(on)))) }

func lookedAfter(_ startedOn: String, due: String? = nil) -> Fact {
    fact(
        "cla-\(startedOn)",
        .childBecameLookedAfter(BecameLookedAfter(childId: "K", startedOn: day(startedOn), claReviewDue: due.map(day))))
}

func lookedAfterEnded(_ on: String) -> Fact {
    fact("cla-ended", .childLookedAfterEnded(LookedAfterEnded(childId: "K", endedOn: day(on))))
}

func emergencyOrder(_ madeAt: String, expires: String?) -> Fact {
    fact(
        "epo",
        .courtOrderMade(
            CourtOrderMade(
                orderId: "O", childIds: ["K"], orderType: "epo", madeAt: moment(madeAt),
                expiresAt: expires.map(moment))))
}

func extended(_ extendedAt: String, to newExpiry: String) -> Fact {
    fact(
        "epo-extended",
        .courtOrderExtended(
            CourtOrderExtended(orderId: "O", newExpiresAt: moment(newExpiry), extendedAt: moment(extendedAt))))
}

func orderEnded(_ endedAt: String) -> Fact {
    fact("epo-ended", .courtOrderEnded(CourtOrderEnded(orderId: "O", endedAt: moment(endedAt))))
}

func movedIn(_ notifiedAt: String, permanent: Bool? = true) -> Fact {
    fact(
        "in", .transferInNotified(TransferIn(childId: "K", notifiedAt: moment(notifiedAt), permanent: permanent)))
}

func movedOut(_ notifiedAt: String, permanent: Bool? = true) -> Fact {
    fact(
        "out", .transferOutNotified(TransferOut(childId: "K", notifiedAt: moment(notifiedAt), permanent: permanent)))
}

func receivingHeld(_ heldAt: String) -> Fact {
    fact(
        "received",
        .transferOutConferenceConfirmed(ReceivingConference(childId: "K", conferenceHeldAt: moment(heldAt))))
}

func retraction(of id: String, id own: String) -> Fact {
    fact(own, .retraction(.strategyDiscussionHeld), recorded: "2026-03-01T09:00:00Z", retracts: id)
}

extension Fact {
    /// The same fact, said to replace another.
    func superseding(_ target: String, id: String, recorded: String) -> Fact {
        var copy = self
        copy.id = id
        copy.supersedes = target
        copy.time = at(recorded)
        return copy
    }
}

func assessment(_ facts: [Fact], _ policy: String = "england", _ asOf: String = "2024-01-01") -> Assessment {
    assess(
        CaseFile(authority: swindon, subject: "C-1", facts: facts),
        under: Configuration.packaged.using(policy: policy)!, asOf: moment(asOf).latest)
}

extension Assessment {
    func deadline(_ rule: String, _ occasion: String? = nil) -> Deadline? {
        deadlines.first { $0.rule == rule && (occasion == nil || $0.occasion == occasion) }
    }

    /// Everything that an order of arrival could change, as text.
    var everything: String {
        json(authority: "", subject: "", asOf: at("2026-01-01T00:00:00Z"))
            + deadlines.map { "\($0.id) \($0.explanation) \($0.risk ?? "") \($0.cause ?? "")" }.joined()
            + findings.map(\.id.description).joined()
            + notices.map { "\($0.id)\($0.deadlineId?.description ?? "")" }.joined()
            + plans.map { "\($0)" }.joined() + conferences.map { "\($0)" }.joined()
            + "\(nextChange.map(\.description) ?? "never")"
    }
}
