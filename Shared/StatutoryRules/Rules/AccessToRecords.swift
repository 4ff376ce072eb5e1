// Who else sees a record, and who asks about a child: LON-14.8b, 14.10, 14.11 and 14.15a-c (001, 14.8 to 14.15); the
// lawyer's part of notice E28. LON-14.12, what agencies keep, lies outside the system.

extension Requirement {
    static let access = [
        Requirement(
            "LON-14.15b", .enquiryReceived, needs: [.purpose],
            "it is not recorded why the enquirer asks, so that nobody can tell whether the enquiry is legitimate"),
        Requirement(
            "CAN-4.2", .caseNoteRecorded, needs: [.noteType], "the case note does not say of which kind it is"),
    ]
}

extension Docket {
    /// Disclosures are facts: what is missing around them is found, and none is refused.
    mutating func disclosures(of conference: History.Conference) {
        guard Requirement.Scope.conferences.covers(conference.type) else { return }
        let subject = Subject(conferenceId: conference.id)
        for (record, facts) in conference.aftermath.disclosures {
            switch facts.basis {
            case "chair_consent", "court_order":
                if !record.details.contains(.basisRef) {
                    require(
                        "LON-14.10", subject, events: [record.event],
                        "the consent or order on which the record was disclosed is not identified")
                }
            case "police_existence": break
            case "care_proceedings":
                let isKnown = history.casework.proceedings.contains { proceedings in
                    (proceedings.record.at?.earliest ?? facts.disclosedAt.latest) <= facts.disclosedAt.latest
                        && !Set(conference.children).isDisjoint(with: proceedings.children)
                }
                if !isKnown {
                    require(
                        "LON-14.11", subject, events: [record.event],
                        "the record was disclosed for care proceedings, and none are recorded")
                }
            default:
                if facts.toParty == "child_legal_representative" { break }
                require(
                    "LON-14.10", subject, events: [record.event],
                    "the record was disclosed without the chair's consent or a court order")
            }
        }
        lawyersCopies(of: conference)
    }

    /// LON-14.8b: on request, unless the lawyer was invited or there.
    private mutating func lawyersCopies(of conference: History.Conference) {
        let isLawyer = { (role: String?) in role == "child_legal_representative" }
        let wasThere = (conference.invitees + (conference.held?.facts.attendees ?? [])).contains { isLawyer($0.role) }
        let requests = history.casework.enquiries.values.filter { isLawyer($0.facts.enquirerRole) }
        for copy in conference.aftermath.copies where isLawyer(copy.facts.recipientRole) && !wasThere {
            let isAsked = requests.contains { $0.facts.receivedAt.earliest <= copy.facts.sentAt.latest }
            if !isAsked {
                require(
                    "LON-14.8b", Subject(conferenceId: conference.id), events: [copy.record.event],
                    "the record went to the child's lawyer, and no request is recorded")
            }
        }
    }

    mutating func recordEnquiries() {
        for (record, facts) in history.casework.enquiries.values.sorted(by: { $0.record.occasion < $1.record.occasion })
        {
            let subject = Subject(childId: facts.childId)
            if facts.enquirerRole == nil {
                require(
                    "LON-14.15b", subject, events: [record.event],
                    "it is not recorded in which role the enquirer asks")
            } else if facts.enquirerRole == "child_legal_representative" {
                tell(
                    .lawyersRecord, subject, occasion: record.occasion, on: facts.receivedAt.day,
                    done: lawyersAnswer(to: facts), known: record.at)
            }
        }
        for (record, facts) in history.casework.answers { check(record, facts) }
    }

    private func lawyersAnswer(to enquiry: RecordEnquiry) -> Moment? {
        let copies = history.conferences.flatMap(\.aftermath.copies).filter { copy in
            copy.facts.recipientRole == "child_legal_representative"
                && copy.facts.sentAt.latest >= enquiry.receivedAt.earliest
        }
        let answers = history.casework.answers.filter { $0.facts.enquiryId == enquiry.enquiryId }
        return (copies.map(\.facts.sentAt) + answers.map(\.facts.providedAt)).min { $0.order < $1.order }
    }

    /// LON-14.15c: checked and logged first, told afterwards.
    private mutating func check(_ record: Record, _ answer: InformationProvided) {
        guard let enquiry = history.casework.enquiries[answer.enquiryId] else {
            return require(
                "LON-14.15c", Subject(), events: [record.event],
                "information was given, and no enquiry is recorded for it")
        }
        let subject = Subject(childId: enquiry.facts.childId)
        let events = [enquiry.record.event, record.event]
        let details = enquiry.record.details
        if !details.contains(.enquirer) {
            require("LON-14.15c", subject, events: events, "information was given, and it is not recorded to whom")
        }
        if !details.contains(.verifiedBy) {
            require(
                "LON-14.15c", subject, events: events,
                "information was given, and it is not recorded who checked the enquirer's details")
        }
        guard let verified = enquiry.facts.verifiedAt else {
            return require(
                "LON-14.15c", subject, events: events,
                "information was given, and it is not recorded that the enquirer's details were checked")
        }
        if verified.earliest >= answer.providedAt.latest {
            require(
                "LON-14.15c", subject, events: events,
                "information was given before the enquirer's details were checked")
        } else if verified.latest >= answer.providedAt.earliest {
            require(
                "LON-14.15c", subject, events: events,
                "cannot be judged: no time of day of the check or of the answer")
        }
    }

    /// LON-14.15a: how old the last entry about a child on a plan may grow (`record.stale`, unset unless the owner does).
    mutating func currency(of child: History.Child) {
        let plans = history.plans.filter { $0.facts.childId == child.id && $0.ended == nil }
        guard child.end == nil, let plan = plans.last,
            policy.limit(.staleRecord, on: plan.facts.startedOn) != nil
        else { return }
        let entries = history.occurrences.filter { entry in
            let meeting = entry.subject.conferenceId.flatMap(history.conference).map { history.conferences[$0] }
            return entry.subject.childId == child.id || meeting?.children.contains(child.id) ?? false
        }
        let newest = entries.max { ($0.record.at?.order ?? .min) < ($1.record.at?.order ?? .min) }
        guard let newest, let day = newest.record.at?.day, let term = policy.limit(.staleRecord, on: day),
            let end = self.end(of: term.limit, from: day)
        else { return }
        require(
            "LON-14.15a", from: London.start(of: end.adding(days: 1)), Subject(childId: child.id),
            events: [newest.record.event],
            "nothing has been put on the child's record for longer than it may lie")
    }

    private func end(of limit: Limit, from day: Day) -> Day? {
        switch limit.unit {
        case .workingDays: calendar.adding(workingDays: limit.count, to: day)?.day
        case .calendarDays: day.adding(days: limit.count)
        case .months: day.adding(months: limit.count)
        case .hours: nil
        }
    }
}
