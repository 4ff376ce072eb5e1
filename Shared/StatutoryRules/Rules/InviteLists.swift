// The invite list for a meeting, and who is asked for it: SWI-1a, 1b, 3a, 4, 5b, 5c, 7a, 9, 12 and 13 (004, items 1, 3 to
// 5, 7, 9, 12 and 13), LON-3.1 (001, 3.1). The leads are the policy's (SWI-CFG).

extension Docket {
    /// An empty list is kept as a fact, and counts as no list where the policy's own text asks for names (SWI-1b).
    mutating func settleInviteLists() {
        let mayRefuse = mayRefuse("SWI-1b")
        for conference in history.conferences where !conference.lists.isEmpty {
            for list in conference.lists where list.facts.invitees.isEmpty {
                refuse(
                    "SWI-1b", Subject(conferenceId: conference.id), event: list.record.event,
                    "the invite list names nobody")
            }
            guard mayRefuse else { continue }
            conference.lists.removeAll { $0.facts.invitees.isEmpty }
            conference.invitees = conference.lists.last?.facts.invitees ?? []
        }
    }

    mutating func inviteList(for conference: History.Conference) {
        for list in conference.lists { listContents(list.facts, list.record, conference) }
        guard let type = conference.type else { return }
        if type.isInitial {
            initialInviteList(for: conference)
        } else {
            reviewInviteList(for: conference, type)
        }
    }

    /// The list's arrival stands for the manager's check, as no event records that (SWI-1a). A request after day 5
    /// leaves the escalation's own day alone.
    private mutating func initialInviteList(for conference: History.Conference) {
        guard let request = conference.request, let enquiry = enquiry(behind: conference) else { return }
        let day = enquiry.day
        let check = policy.limit(.inviteListInitial, on: day).flatMap { term in
            let last = lastDay(of: term, from: day)
            let isAskedInTime = request.at.flatMap { asked in last.map { asked.day <= $0 } } ?? true
            return isAskedInTime ? term : nil
        }
        let escalated = policy.limit(.inviteListEscalated, on: day)
        var duty = Obligation(
            .inviteList, Subject(conferenceId: conference.id), occasion: conference.id,
            anchor: Anchor(enquiry.record, on: day), terms: [check, escalated],
            act: Obligation.Act(conference.lists.first?.record), withdrawal: ending(of: conference))
        duty.knownAt = request.at
        duty.actor = "social_worker"
        duty.isAnnounced = policy.recipients(.initialListLate) == nil
        let row = enter(duty)
        if let escalated, let last = lastDay(of: escalated, from: day) {
            escalate(.initialListLate, conference, due: last, known: request.at, about: row)
        }
    }

    /// Read as the list's reaching the QA team. A meeting that is both kinds of review is bound by the sooner.
    private mutating func reviewInviteList(for conference: History.Conference, _ type: ConferenceType) {
        guard let anchor = conference.meetingAnchor else { return }
        let known = known(of: conference)
        let terms: [(term: Term, key: NoticeKey)] = [
            type.isReview ? policy.limit(.inviteListReview, on: anchor.on).map { ($0, .reviewListLate) } : nil,
            type.isLookedAfterReview
                ? policy.limit(.inviteListLookedAfter, on: anchor.on).map { ($0, .lookedAfterListLate) } : nil,
        ].compactMap(\.self)
        remindOfList(conference, type, on: anchor.on, known: known)
        guard let first = terms.min(by: { last($0.term, anchor.on) < last($1.term, anchor.on) }) else { return }
        var duty = Obligation(
            .inviteList, Subject(conferenceId: conference.id), occasion: conference.id, anchor: anchor,
            terms: terms.map(\.term), act: Obligation.Act(conference.lists.first?.record),
            withdrawal: ending(of: conference))
        duty.knownAt = known
        duty.actor = "social_worker"
        duty.isAnnounced = policy.recipients(first.key) == nil
        let row = enter(duty)
        if let due = row?.due?.day { escalate(first.key, conference, due: due, known: known, about: row) }
    }

    private func last(_ term: Term, _ day: Day) -> Day { lastDay(of: term, from: day) ?? day }

    private mutating func remindOfList(
        _ conference: History.Conference, _ type: ConferenceType, on meeting: Day, known: Moment?
    ) {
        let subject = Subject(conferenceId: conference.id)
        let done = conference.lists.first?.record.at
        var reminders: [(key: NoticeKey, level: Int, done: Moment?)] = []
        if type.isLookedAfterReview {
            reminders = [(.lookedAfterListReminder, 1, done), (.lookedAfterListSecondReminder, 2, done)]
        }
        // Rechecked each time, whether or not a list is in: the people around a child change.
        if type.isReview { reminders.append((.reviewListRecheck, 1, nil)) }
        for reminder in reminders {
            guard let day = day(of: reminder.key, before: meeting) else { continue }
            tell(
                reminder.key, subject, occasion: conference.id, on: day, level: reminder.level, done: reminder.done,
                known: known, towards: .day(meeting), isOff: isOver(conference, by: day))
        }
    }

    /// The days on which a list is asked for, and by which it is due.
    func listSteps(of conference: History.Conference) -> [Day] {
        guard let type = conference.type, let meeting = conference.booking?.startsAt.day else { return [] }
        var steps: [Day?] = []
        if type.isReview { steps.append(policy.limit(.inviteListReview, on: meeting).map { last($0, meeting) }) }
        if type.isLookedAfterReview {
            steps.append(policy.limit(.inviteListLookedAfter, on: meeting).map { last($0, meeting) })
            steps.append(day(of: .lookedAfterListReminder, before: meeting))
            steps.append(day(of: .lookedAfterListSecondReminder, before: meeting))
        }
        return steps.compactMap(\.self)
    }
}

/// Which enquiry an initial conference follows, and the prompt on its fifth day.
extension Docket {
    /// The one that the request names, else the latest before the request that no initial conference has answered.
    func enquiry(behind conference: History.Conference) -> History.Enquiry? {
        let children = distinct(conference.requestedChildren + conference.children).sorted().compactMap(history.child)
        if let id = conference.enquiry {
            return (children + history.children).lazy.compactMap { $0.enquiries.first { $0.id == id } }.first
        }
        guard conference.type == .initial || conference.type == .prebirth else { return nil }
        let asked = conference.request?.at?.day
        let found = children.compactMap { child in
            child.enquiries.last { enquiry in
                guard asked.map({ enquiry.day <= $0 }) ?? true else { return false }
                return !child.heldInitial.contains { place in
                    let other = history.conferences[place]
                    guard other.id != conference.id, let held = other.heldOn else { return false }
                    return held >= enquiry.day && (asked.map { held <= $0 } ?? true)
                }
            }
        }
        return found.min { ($0.day, $0.id) < ($1.day, $1.id) }
    }

    /// SWI-4: one prompt an enquiry, whoever of its children it is about. It needs no request.
    mutating func inviteListPrompts() {
        guard policy.recipients(.dayFivePrompt) != nil else { return }
        var places = Places()
        var found: [(enquiry: History.Enquiry, children: [History.Child], conferences: [History.Conference])] = []
        for child in history.children {
            for enquiry in child.enquiries {
                let place = places.findOrAdd(enquiry.id)
                if place == found.count { found.append((enquiry, [], [])) }
                found[place].children.append(child)
            }
        }
        guard !found.isEmpty else { return }
        for conference in history.conferences where conference.type?.isInitial ?? false {
            if let place = enquiry(behind: conference).flatMap({ places[$0.id] }) {
                found[place].conferences.append(conference)
            }
        }
        for (enquiry, children, wanted) in found {
            guard let day = day(of: .dayFivePrompt, before: enquiry.day) else { continue }
            let lists = wanted.compactMap { $0.lists.first?.record.at }
            tell(
                .dayFivePrompt, Subject(childId: children.map(\.id).min()), occasion: enquiry.id, on: day,
                done: lists.min { $0.order < $1.order }, isOff: isAnswered(enquiry.id, children, wanted, by: day))
        }
    }

    /// Whether no list is to be asked for: a conference was held, none is wanted, or no child is left to hold it for.
    private func isAnswered(
        _ enquiry: String, _ children: [History.Child], _ conferences: [History.Conference], by day: Day
    ) -> Bool {
        if children.allSatisfy({ $0.end != nil }) { return true }
        if conferences.contains(where: { $0.heldOn.map { $0 <= day } ?? false }) { return true }
        if conferences.contains(where: { $0.isOpen || $0.held != nil }) { return false }
        if conferences.contains(where: { $0.decision == "no" }) { return true }
        return children.allSatisfy { child in
            guard let outcome = child.outcomes[enquiry], outcome.on <= day else { return false }
            return outcome.outcome == "not_substantiated" || outcome.outcome == "substantiated_no_continuing_risk"
        }
    }
}

/// What a list says.
extension Docket {
    private mutating func listContents(_ list: InviteListSubmitted, _ record: Record, _ conference: History.Conference)
    {
        let subject = Subject(conferenceId: conference.id)
        let professionals = list.invitees.filter(\.isProfessional)
        if professionals.isEmpty, !list.invitees.isEmpty {
            require("SWI-1b", subject, events: [record.event], "the invite list names no professional")
        }
        if let type = conference.type, list.channel.map({ !Docket.isCaseSystem($0) }) ?? true {
            let rule = type.isInitial ? "SWI-1b" : type.isReview ? "SWI-5c" : "SWI-9"
            require(
                rule, subject, events: [record.event],
                "the invite list is not recorded as sent through the case system")
        }
        if conference.isProtectionConference, professionals.contains(where: { !$0.hasContributionReason }) {
            require(
                "LON-3.1", subject, events: [record.event],
                "the invite list does not say of everyone what they can contribute")
        }
    }

    /// `CD`, which the text does not expand, is taken as the case system.
    private static func isCaseSystem(_ channel: String) -> Bool {
        channel.uppercased() == "CD" || channel.lowercased() == "case_system"
    }
}

extension Participant {
    private static let family: Set = [
        "child", "parent_carer", "supporter", "interpreter", "child_legal_representative",
    ]

    /// Invited for their work, and not as one of the family or beside them. An agency says so where no role is given.
    var isProfessional: Bool { role.map { !Participant.family.contains($0) } ?? (agency != nil) }
}
