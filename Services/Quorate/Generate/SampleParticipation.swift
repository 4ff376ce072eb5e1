import StatutoryRules

extension SampleHistory {
    /// How children and parents are heard before and at a meeting.
    mutating func participation(in gathering: Gathering) {
        let meeting = gathering.meeting
        for child in children where meeting.childIds.contains(child.id) && child.birth != nil {
            let isComing = gathering.children.contains(child.id)
            if !meeting.isCareReview, random.chance(0.9) { prepare(child, for: gathering, isComing: isComing) }
            if !isComing, random.chance(0.88) { views(of: child, for: meeting) }
        }
        if random.chance(0.75) { record(views: "\(subject)-M", for: meeting) }
        if let observer = gathering.observer {
            let asked = time(calendar.adding(-3, to: meeting.held))
            record(
                "conference.observer_requested", at: asked,
                [
                    "conferenceId": .text(meeting.id), "personId": .text(observer), "requestedAt": moment(asked),
                    "chairConsentAt": moment(asked.adding(minutes: 40)),
                    "familyConsentAt": usually(moment(asked.adding(minutes: 90))),
                ])
        }
        if random.chance(0.006), !meeting.isCareReview { recording(of: gathering) }
        guard random.chance(0.12) else { return }
        let received = time(calendar.adding(-random.whole(1...3), to: meeting.held))
        record(
            "conference.apology_received", at: received,
            [
                "conferenceId": .text(meeting.id), "personId": .text(staff.person("GP")), "agency": "gp",
                "role": "agency_professional", "receivedAt": moment(received), "reason": usually("clinic"),
                "reportSubmitted": .flag(random.chance(0.6)),
            ])
    }

    private mutating func prepare(_ child: SampleChild, for gathering: Gathering, isComing: Bool) {
        let assessed = time(calendar.adding(-random.whole(3...6), to: gathering.meeting.held))
        let wish =
            isComing ? "attend" : random.weighted([("not_attend", 0.4), ("unknown", 0.45), ("attend", 0.15)])
        // A plan against the child's wish: the procedure refuses it.
        let isAgainst = wish == "not_attend" && random.chance(0.02)
        let part = isComing ? random.pick(["all", "part", "part"]) : isAgainst ? "part" : "none"
        record(
            "conference.child_participation_assessed", at: assessed,
            [
                "conferenceId": .text(gathering.meeting.id), "childId": .text(child.id), "assessedAt": moment(assessed),
                "assessedBy": .text(allocation.worker), "declaredWish": .text(wish), "attend": .text(part),
                "arrangements": usually("With the social worker.", 0.93), "parentViews": usually("Asked for."),
                "impactConsidered": usually(), "alternativeMethod": usually("Views by worksheet."),
                "agreedByChairAt": usually(moment(assessed.adding(minutes: 60)), 0.92),
                "agreedBySwAt": usually(moment(assessed), 0.95), "preparedBy": usually(.text(allocation.worker)),
                "preparedAt": moment(assessed), "supporterOffered": usually(), "checklist": usually("Complete."),
                "understandingAssessed": usually(),
                "adjustments": child.isDisabled ? usually("As the child needs.") : .absent,
                "advocateId": random.chance(0.15) ? .text("\(authority)-ADV-1") : .absent,
            ])
    }

    /// What a child who stays away wants said. Where the chair did not see the child, the reason is given.
    private mutating func views(of child: SampleChild, for meeting: Meeting) {
        let gathered = time(calendar.adding(-random.whole(1...3), to: meeting.held))
        let isSeen = (child.age(on: meeting.held) ?? 0) >= 6 && random.chance(0.4)
        record(
            "conference.views_recorded", at: gathered,
            [
                "conferenceId": .text(meeting.id), "personId": .text(child.id), "personRole": "child",
                "childId": .text(child.id), "method": .text(isSeen ? "chair_meeting" : "worksheet"),
                "recordedAt": moment(gathered), "chairPreMeetingAt": isSeen ? moment(gathered) : .absent,
                "reasonIfNone": isSeen ? .absent : usually("The child's age."),
            ])
    }

    private mutating func record(views person: String, for meeting: Meeting) {
        let gathered = time(calendar.adding(-random.whole(1...3), to: meeting.held))
        record(
            "conference.views_recorded", at: gathered,
            [
                "conferenceId": .text(meeting.id), "personId": .text(person), "personRole": "parent_carer",
                "method": "meeting", "recordedAt": moment(gathered),
            ])
    }

    private mutating func recording(of gathering: Gathering) {
        let meeting = gathering.meeting
        let asked = time(calendar.adding(-5, to: meeting.held))
        record(
            "conference.recording_requested", at: asked,
            [
                "conferenceId": .text(meeting.id), "personId": .text("\(subject)-M"), "requestedAt": moment(asked),
                "processVersion": usually("2"), "noticeRequired": usually("two days"),
            ])
        let decided = asked.adding(minutes: random.whole(200...1000))
        let granted = random.chance(0.5)
        record(
            "conference.recording_decided", at: decided,
            [
                "conferenceId": .text(meeting.id), "personId": .text("\(subject)-M"),
                "decidedBy": .text(gathering.chair), "decidedAt": moment(decided), "granted": .flag(granted),
                "reasons": usually("As told to the parent."), "limitsExplained": granted ? usually() : .absent,
                "legalAdviceAt": granted ? .absent : usually(moment(decided.adding(minutes: -60))),
            ])
    }

    /// The father is kept out by the chair, and heard by other means.
    mutating func exclude(from gathering: Gathering) {
        let meeting = gathering.meeting
        let father = "\(subject)-F"
        let asked = time(calendar.adding(-random.whole(2...6), to: meeting.held), 9...10)
        record(
            "conference.exclusion_requested", at: asked,
            [
                "conferenceId": .text(meeting.id), "personId": .text(father), "requestedBy": .text(allocation.worker),
                "requestedAt": moment(asked), "groundCode": "risk_of_violence", "scope": "full",
                "evidence": usually("On the child's file.", 0.92),
            ])
        // The decision on who may come is the chair's; a few others take it.
        let isChairs = random.chance(0.93)
        let decided = asked.adding(minutes: random.whole(60...300))
        record(
            "conference.exclusion_decided", at: decided,
            [
                "conferenceId": .text(meeting.id), "personId": .text(father), "decision": "exclude", "scope": "full",
                "groundCode": "risk_of_violence", "decidedBy": .text(isChairs ? gathering.chair : allocation.manager),
                "decidedByRole": .text(isChairs ? assignRole(meeting) : "team_manager"), "decidedAt": moment(decided),
                "considerationNote": usually("Weighed with the report."), "recordDecision": usually("withhold"),
            ])
        if random.chance(0.9) {
            let sent = decided.adding(minutes: random.whole(30...200))
            record(
                "letter.sent", at: sent, correctable: "sentAt",
                [
                    "letterId": .text(reference("L")), "kind": "exclusion", "conferenceId": .text(meeting.id),
                    "recipients": .list([["personId": .text(father), "role": "parent_carer"]]),
                    "sentAt": moment(sent), "signedBy": .text(gathering.chair), "signedByRole": "conference_chair",
                    "contents": [
                        "howToGiveViews": usually(), "howOutcomeIsTold": usually(), "howToComplain": usually(),
                    ],
                ])
        }
        if random.chance(0.85) { record(views: father, for: meeting) }
    }
}
