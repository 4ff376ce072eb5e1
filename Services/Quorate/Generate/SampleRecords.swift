import StatutoryRules

extension SampleHistory {
    /// The letters with the decisions, and the outline plans that go with them.
    mutating func letters(after gathering: Gathering, to recipients: [(id: String, role: String)]) {
        let meeting = gathering.meeting
        guard meeting.held <= lastDay, !meeting.isCareReview else { return }
        // One administrator sends them all: together in time, or together late; now and then one is forgotten.
        let delay = random.chance(0.85) ? random.whole(60...900) : random.whole(1600...6000)
        let contents: SampleValue = [
            "decisions": usually(true, 0.96), "recommendations": usually(true, 0.95), "swName": usually(true, 0.95),
            "complaintRights": usually(true, 0.93),
        ]
        let link = usually("https://partnership.example/complaints", 0.93)
        for (id, role) in recipients where random.chance(0.99) {
            let sent = gathering.endedAt.adding(minutes: delay + random.whole(0...20))
            record(
                "decision_letter.sent", at: sent, correctable: "sentAt",
                [
                    "conferenceId": .text(meeting.id), "recipientId": .text(id), "recipientRole": .text(role),
                    "sentAt": momentOrDay(sent), "contents": contents, "protocolLink": link,
                ])
        }
        if meeting.decisions.contains("no_plan"), random.chance(0.85) { tellOfNoPlan(gathering, to: recipients) }
        let issued = gathering.endedAt.adding(minutes: random.whole(60...900))
        let signs = random.chance(0.97)
        for (child, decision) in zip(meeting.childIds, meeting.decisions) where decision == "plan" {
            record(
                "outline_plan.issued", at: issued,
                [
                    "conferenceId": .text(meeting.id), "childId": .text(child),
                    "recipientIds": .texts(recipients.map(\.id)), "issuedAt": moment(issued),
                    "signedBy": signs ? .text(gathering.chair) : .absent,
                    "signedAt": signs ? moment(gathering.endedAt) : .absent,
                ])
        }
    }

    /// To the absent as well: in person, and with the letter.
    private mutating func tellOfNoPlan(_ gathering: Gathering, to recipients: [(id: String, role: String)]) {
        let told = gathering.endedAt.adding(minutes: random.whole(60...900))
        record(
            "letter.sent", at: told, correctable: "sentAt",
            [
                "letterId": .text(reference("L")), "kind": "no_plan", "conferenceId": .text(gathering.meeting.id),
                "recipients": .list(
                    recipients.map { ["personId": .text($0.id), "role": .text($0.role)] }),
                "sentAt": moment(told), "signedBy": .text(allocation.worker), "signedByRole": "social_worker",
                "inPerson": true,
            ])
    }

    /// The record, signed by the chair, to everyone; with the family it is talked through.
    mutating func records(of gathering: Gathering, to recipients: [(id: String, role: String)]) {
        let meeting = gathering.meeting
        let luck = random.unit()
        guard meeting.held <= lastDay, luck < 0.97 else { return }
        let day = calendar.adding(luck < 0.86 ? random.whole(6...17) : random.whole(21...32), to: meeting.held)
        let signed = time(calendar.adding(-random.whole(2...3), to: day), 10...16)
        let isSigned = random.chance(0.98)
        let (isExplained, isDecided, author) = (
            random.chance(0.88), random.chance(0.9), usually("meeting_support_assistant")
        )
        let dateIncluded = random.chance(0.95)
        let help = usually()
        for (id, role) in recipients {
            let sent = time(day, 11...15)
            let isParents = role == "parent_carer"
            record(
                "conference.record_issued", at: sent, correctable: "sentAt",
                [
                    "conferenceId": .text(meeting.id), "recipientId": .text(id), "recipientRole": .text(role),
                    "sentAt": momentOrDay(sent), "signedBy": isSigned ? .text(gathering.chair) : .absent,
                    "signedAt": isSigned ? moment(signed) : .absent, "redacted": false,
                    "nextReviewDateIncluded": .flag(dateIncluded), "minutesAuthorRole": author,
                    "includesExclusion": gathering.isFatherExcluded ? .flag(random.chance(0.9)) : .absent,
                    "childCopyDecision": isDecided ? .flag(!gathering.children.isEmpty) : .absent,
                    "explainedToChildAt": isParents && isExplained ? moment(sent.adding(minutes: 30)) : .absent,
                    "assistanceArranged": isParents ? help : .absent,
                ])
        }
        if random.chance(0.88) { discuss(meeting, after: day) }
        guard random.chance(0.03) else { return }
        let asked = time(calendar.adding(random.whole(1...6), to: day))
        record(
            "conference.record_amendment_requested", at: asked,
            [
                "conferenceId": .text(meeting.id), "recipientId": .text("\(subject)-M"),
                "receivedAt": moment(time(day, 16...17)), "requestedAt": moment(asked),
            ])
    }

    private mutating func discuss(_ meeting: Meeting, after day: Day) {
        let discussed = time(calendar.adding(random.whole(1...3), to: day))
        record(
            "conference.record_discussed", at: discussed,
            [
                "conferenceId": .text(meeting.id), "personId": .text("\(subject)-M"), "givenAt": moment(discussed),
                "discussedAt": moment(discussed), "byPersonId": .text(allocation.worker),
            ])
    }

    /// Those who do not agree with what was decided, or with how.
    mutating func replies(to gathering: Gathering) {
        guard gathering.meeting.held <= lastDay, !gathering.meeting.isCareReview else { return }
        if random.chance(0.02) { dissent(from: gathering) }
        if random.chance(0.015) { complain(about: gathering) }
    }

    private mutating func dissent(from gathering: Gathering) {
        let said = gathering.endedAt.adding(minutes: 60)
        record(
            "dissent.recorded", at: said,
            [
                "conferenceId": .text(gathering.meeting.id), "agency": "police", "reasons": usually("Threshold."),
                "recordedAt": moment(said), "decisionRef": usually("The first decision.", 0.92),
                "protocolVersion": usually("3", 0.92), "recordIncludesDissent": usually(true, 0.92),
            ])
        guard random.chance(0.8) else { return }
        let begun = time(calendar.adding(random.weighted([(1, 5), (3, 1)]), to: gathering.meeting.held))
        record(
            "dissent.escalated", at: begun,
            [
                "conferenceId": .text(gathering.meeting.id), "agency": "police",
                "escalationId": .text(reference("DE")), "startedAt": moment(begun),
            ])
    }

    private mutating func complain(about gathering: Gathering) {
        let id = reference("CM")
        let received = time(calendar.adding(4, to: gathering.meeting.held))
        record(
            "complaint.received", at: received,
            [
                "complaintId": .text(id), "conferenceId": .text(gathering.meeting.id),
                "complainantId": .text("\(subject)-M"), "subjectCode": "process", "receivedAt": moment(received),
            ])
        if random.chance(0.88) {
            let passed = time(
                calendar.adding(random.weighted([(0, 1), (1, 4), (3, 1)]), to: London.day(of: received)), 17...17)
            record(
                "complaint.passed_on", at: passed,
                [
                    "complaintId": .text(id), "passedOnAt": moment(passed),
                    "recipients": .list([["role": "chair_line_manager"], ["role": "complaints_manager"]]),
                ])
        }
        let concluded = time(calendar.adding(random.whole(15...30), to: London.day(of: received)))
        record(
            "complaint.concluded", at: concluded,
            [
                "complaintId": .text(id), "concludedAt": moment(concluded), "outcome": "status_quo",
                "explanation": usually("As told to the parent."),
            ])
    }
}
