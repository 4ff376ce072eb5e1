import StatutoryRules

extension SampleHistory {
    /// The social worker's report and those of the agencies invited.
    mutating func reports(for gathering: Gathering) {
        let meeting = gathering.meeting
        ownReport(for: gathering)
        for partner in gathering.partners where !(meeting.isCareReview && partner.agency == "police") {
            agencyReport(of: partner, for: meeting)
        }
        guard meeting.type == "transfer_in", random.chance(0.8) else { return }
        let sent = time(calendar.adding(-random.whole(2...5), to: meeting.held))
        record(
            "conference.report_submitted", at: sent, correctable: "submittedAt",
            [
                "reportId": .text(reference("R")), "conferenceId": .text(meeting.id), "agency": "childrens_social_care",
                "authorId": .text("\(SampleHistory.formerAuthority)-SW-1"), "submittedAt": moment(sent),
                "reportSourceAuthority": .text(SampleHistory.formerAuthority),
            ])
    }

    private mutating func ownReport(for gathering: Gathering) {
        let meeting = gathering.meeting
        // Shared with the family two or five working days ahead; a day or two before that it is handed in.
        let ahead = meeting.isInitial ? 3 : meeting.isCareReview ? 4 : 6
        let luck = random.unit()
        guard luck < 0.96 else { return }
        let late = luck > 0.82
        let day = calendar.adding(late ? -1 : -ahead - random.whole(1...3), to: meeting.held)
        let submitted = time(day, 9...12)
        let id = reference("R")
        submit(id, agency: "childrens_social_care", by: allocation.worker, at: submitted, to: meeting)
        let assured = submitted.adding(minutes: random.whole(20...120))
        if random.chance(0.88) {
            record(
                "conference.report_quality_assured", at: assured,
                [
                    "reportId": .text(id), "conferenceId": .text(meeting.id), "managerId": .text(allocation.manager),
                    "qaAt": moment(assured), "result": "passed",
                ])
        }
        let given = assured.adding(minutes: late ? random.whole(30...240) : random.whole(60...1500))
        if random.chance(0.93) { share(id, of: meeting, with: "\(subject)-M", at: given) }
        if gathering.isFatherExcluded, random.chance(0.88) { share(id, of: meeting, with: "\(subject)-F", at: given) }
    }

    private mutating func agencyReport(of partner: SampleStaff.Partner, for meeting: Meeting) {
        let luck = random.unit()
        guard luck < (meeting.isCareReview ? 0.5 : 0.87) else { return }
        let late = luck > 0.74
        let ahead = meeting.isInitial ? 2 : 5
        let latest = calendar.adding(-ahead, to: meeting.held)
        let day =
            late
            ? calendar.adding(random.whole(1...ahead - 1), to: latest)
            : calendar.adding(-random.whole(0...3), to: latest)
        let submitted = time(min(day, meeting.held), late ? 8...9 : 8...16)
        let id = reference("R")
        submit(id, agency: partner.agency, by: staff.person(partner.prefix), at: submitted, to: meeting)
        // The police report is for the chair.
        guard partner.agency != "police" else { return }
        let left = late ? random.whole(60...300) : random.whole(130...1500)
        if random.chance(0.8) { share(id, of: meeting, with: "\(subject)-M", at: submitted.adding(minutes: left)) }
    }

    private mutating func submit(_ id: String, agency: String, by author: String, at: Instant, to meeting: Meeting) {
        let own = agency == "childrens_social_care"
        record(
            "conference.report_submitted", at: at, correctable: "submittedAt",
            [
                "reportId": .text(id), "conferenceId": .text(meeting.id), "agency": .text(agency),
                "authorId": .text(author), "indexChildId": usually(.text(meeting.childIds[0]), 0.98),
                "submittedAt": momentOrDay(at), "receivedByChairAt": moment(at.adding(minutes: random.whole(10...300))),
                "signedBy": usually(.text(author), 0.95), "signedAt": usually(moment(at), 0.92),
                "templateId": usually(own ? "sw-report" : "agency-report", 0.95),
                "templateApproved": own ? usually() : .absent, "assessmentAttached": own ? usually() : .absent,
                "flags": [
                    "factOpinion": usually(true, 0.95), "childSections": .texts(meeting.childIds),
                    "childSeen": usually(.texts(meeting.childIds), 0.93),
                    "householdCovered": .flag(random.chance(0.93)),
                    "planProgress": .flag(meeting.number != nil && random.chance(0.93)),
                ],
            ])
    }

    private mutating func share(_ id: String, of meeting: Meeting, with person: String, at: Instant) {
        record(
            "conference.report_shared", at: at, correctable: "sharedAt",
            [
                "reportId": .text(id), "conferenceId": .text(meeting.id), "sharedAt": momentOrDay(at),
                "personId": .text(person), "personRole": "parent_carer",
                "method": .text(random.pick(["in_person", "post", "email"])), "correctionsMade": usually("none", 0.5),
            ])
    }
}
