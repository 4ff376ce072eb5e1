// What each event that rules read adds to the history. The events come in order of happening, so that of facts that
// replace one another the last is in force.

extension History {
    mutating func take(_ payload: Payload, _ record: Record) {
        switch payload {
        case .childRegistered(let fact): take(fact)
        case .childBorn(let fact): child(fact.childId) { $0.born = fact.dateOfBirth ?? fact.bornAt?.day ?? $0.born }
        case .childDied(let fact): child(fact.childId) { $0.died = fact.dateOfDeath }
        case .pregnancyEnded(let fact): take(fact)
        case .childBecameLookedAfter(let fact): take(fact, record)
        case .childLookedAfterEnded(let fact): child(fact.childId) { $0.lookedAfterEnds.append(fact.endedOn) }
        case .strategyDiscussionHeld(let fact): take(fact, record)
        case .s47EnquiryStarted(let fact): take(fact, record)
        case .s47EnquiryCompleted(let fact): take(fact)
        case .courtOrderMade(let fact): take(fact, record)
        case .courtOrderExtended(let fact): order(fact.orderId) { $0.extendedTo = fact.newExpiresAt }
        case .courtOrderEnded(let fact): order(fact.orderId) { $0.ended = fact.endedAt }
        case .transferInNotified(let fact): take(fact, record)
        case .transferOutNotified(let fact): take(fact, record)
        case .transferOutConferenceConfirmed(let fact):
            child(fact.childId) { $0.receivingConferences.append(record) }
        case .conferenceRequested(let fact): take(fact, record)
        case .conferenceConveningDecided(let fact): conference(fact.conferenceId) { $0.decision = fact.decision }
        case .conferenceScheduled(let fact): take(fact, record)
        case .conferenceRescheduled(let fact): book(fact.conferenceId, for: fact.newStartsAt, record)
        case .conferencePostponementDecided(let fact):
            if fact.agreed == true { book(fact.conferenceId, for: fact.newStartsAt, record) }
        case .conferenceCancelled(let fact): conference(fact.conferenceId) { $0.isCancelled = true }
        case .conferenceAdjourned(let fact): take(fact, record)
        case .conferenceInviteListSubmitted(let fact): conference(fact.conferenceId) { $0.invitees = fact.invitees }
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
            addPlan(Plan(record: record, facts: fact, ended: nil))
        case .planEnded(let fact): planEnds.append(fact)
        case .retraction, .waiting: break
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
        for id in Set(fact.childIds) {
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
        for id in Set(fact.childIds) {
            child(id) { child in
                child.enquiries.removeAll { $0.id == fact.enquiryId }
                child.enquiries.append(
                    Enquiry(
                        record: record, day: fact.startedAt.day, id: fact.enquiryId, discussion: fact.discussionId))
            }
        }
    }

    private mutating func take(_ fact: EnquiryCompleted) {
        for outcome in fact.outcomes {
            child(outcome.childId) { $0.outcomes[fact.enquiryId] = (outcome.outcome, fact.completedAt.day) }
        }
    }

    private mutating func take(_ fact: CourtOrderMade, _ record: Record) {
        guard fact.orderType == "epo" else { return }
        let place = order(fact.orderId) { $0.made = (record, fact.expiresAt) }
        for id in Set(fact.childIds) {
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
            $0.decision = nil
            $0.type = $0.type ?? fact.conferenceType
            $0.requestedChildren = fact.childIds
            $0.enquiry = fact.enquiryId ?? $0.enquiry
        }
    }

    private mutating func take(_ fact: ConferenceScheduled, _ record: Record) {
        conference(fact.conferenceId) {
            if $0.held?.facts.conferenceType == nil { $0.type = fact.conferenceType ?? $0.type }
            $0.bookedChildren = fact.childIds
        }
        book(fact.conferenceId, for: fact.startsAt, record)
    }

    private mutating func take(_ fact: ConferenceAdjourned, _ record: Record) {
        conference(fact.conferenceId) { $0.isAdjourned = true }
        book(fact.conferenceId, for: fact.newStartsAt, record)
    }

    private mutating func book(_ id: String, for startsAt: Moment?, _ record: Record) {
        guard let startsAt else { return }
        conference(id) {
            $0.booking = Conference.Booking(record: record, startsAt: startsAt)
            $0.isCancelled = false
            $0.isAdjourned = false
        }
    }

    private mutating func take(_ fact: ReportSubmitted, _ record: Record) {
        let report = Conference.Report(record: record, id: fact.reportId, agency: fact.agency)
        conference(fact.conferenceId) { $0.reports.append(report) }
    }

    private mutating func take(_ fact: ConferenceHeld, _ record: Record) {
        conference(fact.conferenceId) {
            $0.held = (record, fact)
            $0.type = fact.conferenceType ?? $0.type
        }
    }
}
