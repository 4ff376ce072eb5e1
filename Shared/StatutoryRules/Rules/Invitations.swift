// Invitations and what goes with them: SWI-2, 8 and 11 (004, items 2, 8 and 11), LON-1.2a, 1.18b, 3.2 and 3.9e (001, 1.2,
// 1.18, 3.2 and 3.9).

extension Docket {
    mutating func invitations(for conference: History.Conference) {
        guard let type = conference.type else { return }
        enclosures(of: conference)
        formerAuthority(at: conference)
        neverSent(for: conference)
        guard let anchor = conference.meetingAnchor else { return }
        let known = known(of: conference)
        var duty = Obligation(
            .invitations, Subject(conferenceId: conference.id), occasion: conference.id, anchor: anchor,
            terms: invitationTerms(for: conference), act: Obligation.Act(firstComplete(conference)),
            withdrawal: ending(of: conference))
        duty.knownAt = known
        duty.actor = type.isLookedAfterReview ? "sqa" : "qa_team"
        enterSending(duty, conference, "the invitations did not go in time")
        if type.isLookedAfterReview {
            duty.duty = .consultationPapers
            duty.occasion = "\(conference.id)/consultation"
            duty.terms = [policy.limit(.consultation, on: anchor.on)].compactMap(\.self)
            duty.act = Obligation.Act(firstConsultation(conference))
            enterSending(duty, conference, "the consultation papers did not go in time")
        }
        announceInvitations(conference, anchor.on, known: known)
    }

    /// A meeting that is both kinds of review is bound by the sooner.
    func invitationTerms(for conference: History.Conference) -> [Term] {
        guard let type = conference.type, let day = conference.booking?.startsAt.day else { return [] }
        return [
            conference.isProtectionConference ? leadLimit(.invitationsConference, on: day) : nil,
            type.isLookedAfterReview ? policy.limit(.invitationsLookedAfter, on: day) : nil,
        ].compactMap(\.self)
    }

    /// Judges a sending. Where it could not be in time, because the meeting was booked inside the lead or the list was
    /// late, nobody is alerted that they failed to send.
    private mutating func enterSending(_ duty: Obligation, _ conference: History.Conference, _ late: String) {
        guard let first = duty.terms.compactMap({ lastDay(of: $0, from: duty.anchor.on) }).min() else { return }
        var duty = duty
        let isShort = duty.knownAt.map { $0.day > first } ?? false
        let listTerm =
            duty.duty == .invitations && !conference.type!.isLookedAfterReview
            ? nil : policy.limit(.inviteListLookedAfter, on: duty.anchor.on)
        let isListLate =
            listTerm.map { isLate(conference.lists.first?.record.at, for: $0, from: duty.anchor.on) } ?? false
        duty.isAnnounced = !isShort && !isListLate
        let row = enter(duty)
        if duty.duty == .invitations, duty.withdrawal == nil { findShortNotice(conference, duty) }
        guard let row, row.state == .missed || row.state == .metLate, !isShort else { return }
        if isListLate, let listTerm {
            require(
                listTerm.rule, duty.subject, events: [duty.anchor.event], "\(late), because the invite list was late")
        } else {
            require(row.rule, duty.subject, events: [duty.anchor.event], late)
        }
    }

    private func isLate(_ act: Moment?, for term: Term, from day: Day) -> Bool {
        guard let last = lastDay(of: term, from: day) else { return false }
        return act.map { $0.day > last } ?? true
    }

    /// SWI-2: booked when the day for the invitations had passed.
    private mutating func findShortNotice(_ conference: History.Conference, _ duty: Obligation) {
        guard conference.isProtectionConference, let known = duty.knownAt,
            let term = leadLimit(.invitationsConference, on: duty.anchor.on),
            let last = lastDay(of: term, from: duty.anchor.on), known.day > last
        else { return }
        require(
            term.rule, duty.subject, events: [duty.anchor.event],
            "short notice: booked later than the day by which invitations were to go")
    }

    /// Not complete without the former authority, where the policy's own text asks for it (LON-1.18b).
    private func firstComplete(_ conference: History.Conference) -> Record? {
        guard conference.type == .transferIn, mayRefuse("LON-1.18b"),
            !conference.invitees.contains(where: { $0.role == "other_authority" })
        else { return conference.invitations.first?.record }
        return conference.invitations.first { $0.facts.recipients.contains(where: Docket.isFormerAuthority) }?.record
    }

    private static func isFormerAuthority(_ person: Participant) -> Bool {
        person.role == "other_authority" || person.personId == "other_authority"
    }

    private func firstConsultation(_ conference: History.Conference) -> Record? {
        let enclosed = conference.invitations.filter { $0.facts.attachments.contains("consultation_papers") }
        let records = conference.consultations.map(\.record) + enclosed.map(\.record)
        return records.min { ($0.at?.order ?? .max, $0.event) < ($1.at?.order ?? .max, $1.event) }
    }
}

/// What goes to whom, once the list says who is invited.
extension Docket {
    private mutating func announceInvitations(_ conference: History.Conference, _ meeting: Day, known: Moment?) {
        let days = invitationTerms(for: conference).compactMap { lastDay(of: $0, from: meeting) }
        guard let due = days.min(), let list = conference.lists.first?.record.at else { return }
        let day = calendar.previousWorkingDay(onOrBefore: due)
        let isOff = isOver(conference, by: day)
        let from = [known, list].compactMap(\.self).max { $0.order < $1.order }
        let isLookedAfter = conference.type!.isLookedAfterReview && policy.recipients(.lookedAfterInvitation) != nil
        let packs = conference.invitations.filter { $0.facts.attachments.contains("info_pack") }
        var notices: [(key: NoticeKey, done: Moment?)] = [
            (isLookedAfter ? .lookedAfterInvitation : .invitation, conference.invitations.first?.record.at)
        ]
        if conference.isProtectionConference { notices.append((.invitationPack, packs.first?.record.at)) }
        for notice in notices {
            tell(
                notice.key, Subject(conferenceId: conference.id), occasion: conference.id, on: day, done: notice.done,
                known: from, towards: .day(meeting), isOff: isOff)
        }
    }

    /// The information pack and the policy on recording go with the invitation; recording is raised before the meeting
    /// at the latest.
    private mutating func enclosures(of conference: History.Conference) {
        guard conference.isProtectionConference else { return }
        let subject = Subject(conferenceId: conference.id)
        let first = conference.invitations.first?.record.event
        let enclosed = Set(conference.invitations.flatMap(\.facts.attachments))
        if let first, !enclosed.contains("info_pack") {
            require(
                "LON-1.2a", subject, events: [first],
                "no information on how the conference works was sent with the invitations")
        }
        let isShared = conference.bookings.contains { $0.record.details.contains(.recordingPolicySharedAt) }
        if let event = first ?? conference.held?.record.event, !enclosed.contains("recording_policy"), !isShared {
            require(
                "LON-3.9e", subject, events: [event],
                "the policy on recording was not raised with the family by the time of the invitations")
        }
    }

    private mutating func formerAuthority(at conference: History.Conference) {
        guard conference.type == .transferIn else { return }
        let event = conference.held?.record.event ?? conference.invitations.first?.record.event
        let invited = conference.invitees + conference.invitations.flatMap(\.facts.recipients)
        guard let event, !invited.contains(where: Docket.isFormerAuthority) else { return }
        require(
            "LON-1.18b", Subject(conferenceId: conference.id), events: [event],
            "the former authority is not among those invited")
    }

    /// Once the meeting was held: invitations that never went, and consultation papers that a list should have set off.
    private mutating func neverSent(for conference: History.Conference) {
        guard let held = conference.held, let type = conference.type else { return }
        let subject = Subject(conferenceId: conference.id)
        let events = [held.record.event]
        if conference.isProtectionConference,
            !conference.invitations.contains(where: { conference.isBeforeStart($0.record.at) })
        {
            require("LON-3.2", subject, events: events, "no invitations are recorded as sent before the conference")
        }
        guard type.isLookedAfterReview, !conference.lists.isEmpty else { return }
        guard firstConsultation(conference) != nil else {
            require(
                "SWI-8", subject, events: events,
                "the invite list came in, and no consultation papers are recorded as sent")
            return
        }
        guard let reached = consulted(conference) else { return }
        if !reached.contains("child") || !reached.contains("parent_carer") {
            require(
                "SWI-8", subject, events: events,
                "consultation papers are not recorded as sent to both the child and the parents or carers")
        }
    }

    /// The roles that papers went to; `nil` where a recipient's role is not known.
    private func consulted(_ conference: History.Conference) -> Set<String>? {
        let recipients = conference.consultations.flatMap(\.facts.recipients)
        guard !recipients.isEmpty, conference.consultations.allSatisfy({ !$0.facts.recipients.isEmpty }) else {
            return nil
        }
        var roles: Set<String> = []
        for recipient in recipients {
            let listed = conference.invitees.first { $0.personId != nil && $0.personId == recipient.personId }
            let isRole = ["child", "parent_carer"].contains(recipient.personId ?? "")
            guard let role = recipient.role ?? listed?.role ?? (isRole ? recipient.personId : nil) else { return nil }
            roles.insert(role)
        }
        return roles
    }
}
