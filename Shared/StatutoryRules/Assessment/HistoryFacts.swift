// What each event that rules read adds to the history. The events come in order of happening, so that of facts that
// replace one another the last is in force.

extension History {
    mutating func take(_ payload: Payload, _ record: Record) {
        takeAftermath(payload, record)
        switch payload {
        case .childRegistered(let fact): take(fact)
        case .childBorn(let fact): child(fact.childId) { $0.born = fact.dateOfBirth ?? fact.bornAt?.day ?? $0.born }
        case .childDied(let fact): child(fact.childId) { $0.died = fact.dateOfDeath }
        case .pregnancyEnded(let fact): take(fact)
        case .childBecameLookedAfter(let fact): take(fact, record)
        case .childLookedAfterEnded(let fact): child(fact.childId) { $0.lookedAfterEnds.append(fact.endedOn) }
        case .strategyDiscussionHeld(let fact): take(fact, record)
        case .s47EnquiryStarted(let fact): take(fact, record)
        case .s47EnquiryCompleted(let fact): take(fact, record)
        case .courtOrderMade(let fact): take(fact, record)
        case .courtOrderExtended(let fact): order(fact.orderId) { $0.extendedTo = fact.newExpiresAt }
        case .courtOrderEnded(let fact): order(fact.orderId) { $0.ended = fact.endedAt }
        case .transferInNotified(let fact): take(fact, record)
        case .transferOutNotified(let fact): take(fact, record)
        case .transferOutConferenceConfirmed(let fact):
            child(fact.childId) { $0.receivingConferences.append(record) }
        case .conferenceRequested(let fact): take(fact, record)
        case .conferenceConveningDecided(let fact):
            conference(fact.conferenceId) { $0.convening.append(.decided(record, fact)) }
        case .conferenceScheduled(let fact): take(fact, record)
        case .conferenceRescheduled(let fact): step(fact.conferenceId, record, .rescheduled(fact))
        case .conferencePostponementRequested(let fact): step(fact.conferenceId, record, .requested(fact))
        case .conferencePostponementDecided(let fact): step(fact.conferenceId, record, .decided(fact))
        case .conferenceCancelled(let fact): step(fact.conferenceId, record, .cancelled(fact))
        case .conferenceAdjourned(let fact): step(fact.conferenceId, record, .adjourned(fact))
        case .conferenceChairAssigned(let fact): conference(fact.conferenceId) { $0.chairs.append((record, fact)) }
        case .conferenceChairUnavailable(let fact):
            conference(fact.conferenceId) { $0.chairsUnavailable.append((record, fact)) }
        case .conferenceDeputyNominated(let fact): conference(fact.conferenceId) { $0.deputies.append((record, fact)) }
        case .conferenceApologyReceived(let fact): conference(fact.conferenceId) { $0.apologies.append((record, fact)) }
        case .allocationChanged(let fact):
            let people = [fact.fromPersonId, fact.toPersonId].compactMap(\.self)
            guard !people.isEmpty else { return }
            child(fact.childId) {
                $0.workers.formUnion(people)
                if people.count == 2 {
                    $0.handovers.append((from: people[0], to: people[1], on: fact.effectiveAt.day))
                }
            }
        case .conferenceInviteListSubmitted(let fact): take(fact, record)
        case .conferenceInvitationsSent(let fact):
            conference(fact.conferenceId) { $0.invitations.append((record, fact)) }
        case .conferenceConsultationSent(let fact):
            conference(fact.conferenceId) { $0.consultations.append((record, fact)) }
        case .conferenceChairDiscussionHeld(let fact):
            conference(fact.conferenceId) { $0.chairTalks.append(record) }
        case .conferenceReportQualityAssured(let fact): qualityChecks.append((record, fact))
        case .conferenceReportSubmitted(let fact): take(fact, record)
        case .conferenceReportShared(let fact): shares.append((record, fact))
        case .conferenceHeld(let fact): take(fact, record)
        case .conferenceRecordIssued(let fact):
            let sent = Conference.Sent(record: record, person: fact.recipientId, role: fact.recipientRole)
            conference(fact.conferenceId) { $0.records.append(sent) }
        case .decisionLetterSent(let fact):
            let sent = Conference.Sent(record: record, person: fact.recipientId, role: fact.recipientRole)
            conference(fact.conferenceId) { $0.letters.append(sent) }
        case .planStarted(let fact):
            child(fact.childId) { _ in }
            addPlan(Plan(record: record, facts: fact))
        default: break
        }
    }

    private mutating func take(_ fact: ChildRegistered) {
        child(fact.childId) {
            $0.isUnborn = fact.edd != nil && fact.dateOfBirth == nil
            $0.born = fact.dateOfBirth ?? $0.born
        }
    }

    /// Only a loss ends what is owed; a birth, or silence about the outcome, does not.
    private mutating func take(_ fact: PregnancyEnded) {
        if fact.outcome == "loss" { child(fact.childId) { $0.pregnancyLost = fact.endedOn } }
    }

    private mutating func take(_ fact: BecameLookedAfter, _ record: Record) {
        child(fact.childId) { $0.lookedAfter.append(LookedAfter(record: record, facts: fact, ended: nil)) }
    }

    /// Told twice, a discussion is still one; a mark once made stays unless it is denied.
    private mutating func take(_ fact: StrategyDiscussion, _ record: Record) {
        for id in distinct(fact.childIds) {
            child(id) { child in
                let place = child.discussions.firstIndex { $0.id == fact.discussionId }
                let earlier = place.map { child.discussions.remove(at: $0) }
                child.discussions.append(
                    Discussion(
                        record: record, day: fact.heldAt.day, id: fact.discussionId,
                        beganEnquiry: fact.initiatedS47 ?? earlier?.beganEnquiry ?? false))
            }
        }
    }

    private mutating func take(_ fact: EnquiryStarted, _ record: Record) {
        for id in distinct(fact.childIds) {
            child(id) { child in
                child.enquiries.removeAll { $0.id == fact.enquiryId }
                child.enquiries.append(
                    Enquiry(
                        record: record, day: fact.startedAt.day, id: fact.enquiryId, discussion: fact.discussionId))
            }
        }
    }

    private mutating func take(_ fact: EnquiryCompleted, _ record: Record) {
        for outcome in fact.outcomes {
            child(outcome.childId) {
                $0.outcomes[fact.enquiryId] = (outcome.outcome, fact.completedAt.day, record.event)
            }
        }
    }

    private mutating func take(_ fact: CourtOrderMade, _ record: Record) {
        guard fact.orderType == "epo" else { return }
        let place = order(fact.orderId) { $0.made = (record, fact.expiresAt) }
        for id in distinct(fact.childIds) {
            child(id) { if !$0.orders.contains(place) { $0.orders.append(place) } }
        }
    }

    private mutating func take(_ fact: TransferIn, _ record: Record) {
        let transfer = Transfer(record: record, day: fact.notifiedAt.day, permanent: fact.permanent)
        child(fact.childId) { $0.transfersIn.append(transfer) }
    }

    private mutating func take(_ fact: TransferOut, _ record: Record) {
        let transfer = Transfer(record: record, day: fact.notifiedAt.day, permanent: fact.permanent)
        child(fact.childId) { $0.transfersOut.append(transfer) }
    }

    /// A request after a refusal asks anew.
    private mutating func take(_ fact: ConferenceRequested, _ record: Record) {
        conference(fact.conferenceId) {
            $0.request = record
            $0.convening.append(.asked)
            $0.type = $0.type ?? fact.conferenceType
            $0.requestedChildren = fact.childIds
            $0.enquiry = fact.enquiryId ?? $0.enquiry
            $0.indexChild = fact.indexChildId ?? $0.indexChild
        }
    }

    private mutating func take(_ fact: ConferenceScheduled, _ record: Record) {
        conference(fact.conferenceId) {
            if $0.held?.facts.conferenceType == nil { $0.type = fact.conferenceType ?? $0.type }
            $0.bookedChildren = fact.childIds
            $0.bookings.append((record, fact))
        }
        step(fact.conferenceId, record, .scheduled(fact))
    }

    private mutating func step(_ id: String, _ record: Record, _ step: Conference.Step) {
        conference(id) { $0.steps.append((record, step)) }
    }

    private mutating func take(_ fact: InviteListSubmitted, _ record: Record) {
        conference(fact.conferenceId) {
            $0.invitees = fact.invitees
            $0.lists.append((record, fact))
        }
    }

    private mutating func take(_ fact: ReportSubmitted, _ record: Record) {
        let report = Conference.Report(record: record, id: fact.reportId, agency: fact.agency, facts: fact)
        conference(fact.conferenceId) { $0.reports.append(report) }
    }

    private mutating func take(_ fact: ConferenceHeld, _ record: Record) {
        conference(fact.conferenceId) {
            $0.held = (record, fact)
            $0.type = fact.conferenceType ?? $0.type
        }
    }
}
