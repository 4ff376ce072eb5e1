import StatutoryRules

extension SampleHistory {
    struct Meeting {
        var id: String
        var type: String
        var bookedAt: Instant
        /// The day first booked; another than `held` where it was postponed.
        var planned: Day
        var held: Day
        /// The day by which an initial conference's invite list is looked for.
        var inviteListDue: Day?
        /// By child, in order.
        var decisions: [String]
        var category: String?
        var inquorate: Bool
        /// Of a review.
        var number: Int?
    }

    struct MeetingOutcome {
        var heldAt: Instant
        var endedAt: Instant
        var chair: String
    }

    /// Everything around one conference or review: booking, invitations, reports, the meeting, letters, the record.
    mutating func hold(_ meeting: Meeting) -> MeetingOutcome {
        let hour = random.pick([9, 10, 11, 13, 14])
        let minute = random.pick([0, 30])
        let startsAt = London.instant(on: meeting.planned, hour: hour, minute: minute)
        let heldAt = London.instant(on: meeting.held, hour: hour, minute: minute)
        let endedAt = heldAt.adding(minutes: random.whole(60...120))
        let looked = meeting.type == "cla_review" || meeting.type == "combined"
        var chair = looked ? staff.reviewingOfficer(&random) : staff.chair(&random)
        record(
            "conference.scheduled", at: meeting.bookedAt, correctable: "dateSetAt",
            [
                "conferenceId": .text(meeting.id), "conferenceType": .text(meeting.type),
                "childIds": .texts(childIds), "startsAt": moment(startsAt),
                "endsAt": moment(startsAt.adding(minutes: 90)), "chairId": .text(chair),
                "venueOrMode": .text(random.pick(["in_person", "in_person", "remote"])),
                "dateSetAt": moment(meeting.bookedAt), "familyInformed": .flag(random.chance(0.8)),
            ])
        assign(chair, looked: looked, to: meeting, at: meeting.bookedAt.adding(minutes: 5), reason: "booking")
        let partners = Array(shuffledPartners().prefix(random.whole(2...4)))
        let withManager = meeting.number == 2 || random.chance(0.2)
        invite(partners, to: meeting)
        if meeting.held != meeting.planned {
            postpone(meeting, from: startsAt, to: heldAt)
        } else if random.chance(0.02) {
            let asked = time(calendar.adding(-2, to: meeting.planned), 9...11)
            postponement(meeting, asked: asked, action: "postpone", reason: "agency_capacity", agreed: false, to: nil)
        } else if random.chance(0.03) {
            let known = time(calendar.adding(-1, to: meeting.planned), 9...12)
            record(
                "conference.chair_unavailable", at: known,
                [
                    "conferenceId": .text(meeting.id), "chairId": .text(chair), "reasonCode": "chair_ill",
                    "reportedAt": moment(known), "alternativesTried": .texts([staff.person("CPCM")]),
                ])
            chair = looked ? staff.reviewingOfficer(&random) : staff.chair(&random)
            assign(chair, looked: looked, to: meeting, at: known.adding(minutes: 120), reason: "chair_ill")
        }
        if random.chance(0.85) {
            let talked = time(calendar.adding(-random.whole(1...4), to: meeting.held))
            record(
                "conference.chair_discussion_held", at: talked, correctable: "heldAt",
                [
                    "conferenceId": .text(meeting.id), "heldAt": moment(talked), "chairId": .text(chair),
                    "swId": .text(allocation.worker), "complexities": .flag(random.chance(0.2)),
                ])
        }
        reports(for: meeting, from: partners)
        participation(in: meeting, chair: chair)
        sit(meeting, heldAt: heldAt, endedAt: endedAt, chair: chair, partners: partners, withManager: withManager)
        letters(after: meeting, endedAt: endedAt, chair: chair, partners: partners, withManager: withManager)
        return MeetingOutcome(heldAt: heldAt, endedAt: endedAt, chair: chair)
    }

    private mutating func shuffledPartners() -> [(prefix: String, agency: String, role: String)] {
        SampleStaff.partners.shuffled(using: &random)
    }

    private mutating func assign(
        _ chair: String, looked: Bool, to meeting: Meeting, at: Instant, reason: SampleValue
    ) {
        record(
            "conference.chair_assigned", at: at,
            [
                "conferenceId": .text(meeting.id), "assignedAt": moment(at), "chairId": .text(chair),
                "chairRole": looked ? "iro" : "conference_chair", "independent": true, "trained": true,
                "reason": reason,
            ])
    }

    private mutating func invite(
        _ partners: [(prefix: String, agency: String, role: String)], to meeting: Meeting
    ) {
        let looked = meeting.type == "cla_review"
        let late = random.chance(0.18)
        let wanted: Day
        if let due = meeting.inviteListDue {
            wanted = late ? calendar.adding(random.whole(1...4), to: due) : due
        } else {
            let ahead = looked ? 16 : 13
            wanted = meeting.planned.adding(days: late ? -random.whole(6...(ahead - 1)) : -ahead - random.whole(0...8))
        }
        let earliest = London.day(of: meeting.bookedAt)
        let day = min(
            max(calendar.onOrBefore(wanted), calendar.adding(1, to: earliest)),
            calendar.adding(-1, to: meeting.planned))
        guard random.chance(0.96) else { return }
        let submitted = time(day, 9...15)
        var invitees: [SampleValue] = [
            [
                "personId": .text(allocation.worker), "agency": "childrens_social_care", "role": "social_worker",
                "mandatory": true,
            ],
            [
                "personId": .text("\(subject)-M"), "role": "parent_carer", "mandatory": true,
            ],
        ]
        for partner in partners {
            invitees.append([
                "personId": .text(staff.person(partner.prefix)), "agency": .text(partner.agency),
                "role": .text(partner.role), "mandatory": .flag(random.chance(0.6)),
            ])
        }
        record(
            "conference.invite_list_submitted", at: submitted, correctable: "submittedAt",
            [
                "conferenceId": .text(meeting.id), "submittedAt": momentOrDay(submitted),
                "submittedBy": .text(allocation.worker), "channel": "CD", "invitees": .list(invitees),
            ])
        let sent = time(calendar.adding(1, to: day), 9...15)
        record(
            "conference.invitations_sent", at: sent, correctable: "sentAt",
            [
                "conferenceId": .text(meeting.id), "sentAt": momentOrDay(sent), "recipients": .list(invitees),
                "attachments": ["info_pack", "recording_policy"],
            ])
        if looked || meeting.type == "combined" {
            record(
                "conference.consultation_sent", at: sent,
                [
                    "conferenceId": .text(meeting.id), "sentAt": moment(sent),
                    "recipients": .list([["personId": .text(childIds[0]), "role": "child"]]),
                ])
        }
    }

    private mutating func postpone(_ meeting: Meeting, from startsAt: Instant, to heldAt: Instant) {
        let asked = time(
            max(calendar.adding(-random.whole(1...2), to: meeting.planned), London.day(of: meeting.bookedAt)), 9...11)
        let reason = random.weighted([
            ("parent_urgent_unavailability", 0.2), ("advocate_unavailable", 0.05), ("interpreter_unavailable", 0.08),
            ("inquorate", 0.17), ("sw_ill", 0.1), ("chair_ill", 0.08), ("chair_unavailable", 0.07),
            ("report_not_ready", 0.12), ("agency_capacity", 0.08), ("other", 0.05),
        ])
        let adjourned = reason == "chair_unavailable" && authority == "E08000011"
        // A few are simply moved, and nobody decided.
        let decided = random.chance(0.94)
        if decided {
            postponement(
                meeting, asked: asked, action: adjourned ? "adjourn" : "postpone", reason: reason, agreed: true,
                to: heldAt)
        }
        let moved = asked.adding(minutes: random.whole(180...240))
        if adjourned {
            record(
                "conference.adjourned", at: moved,
                [
                    "conferenceId": .text(meeting.id), "adjournedAt": moment(moved), "reasonCode": .text(reason),
                    "newStartsAt": moment(heldAt),
                ])
        } else {
            record(
                "conference.rescheduled", at: moved, correctable: "rescheduledAt",
                [
                    "conferenceId": .text(meeting.id), "oldStartsAt": moment(startsAt), "newStartsAt": moment(heldAt),
                    "rescheduledAt": moment(moved), "reasonCode": .text(reason),
                    "decidedBy": .text(staff.person("QA")),
                ])
        }
    }

    private mutating func postponement(
        _ meeting: Meeting, asked: Instant, action: String, reason: String, agreed: Bool, to newStartsAt: Instant?
    ) {
        record(
            "conference.postponement_requested", at: asked,
            [
                "conferenceId": .text(meeting.id), "action": .text(action), "requestedBy": .text(allocation.manager),
                "requestedByRole": "team_manager", "requestedAt": moment(asked), "reasonCode": .text(reason),
                "circumstances": "Recorded on the file.",
                "measuresTaken": random.chance(0.85) ? "Other times were tried." : .absent,
                "discussedWithChairAt": random.chance(0.85) ? moment(asked.adding(minutes: -30)) : .absent,
            ])
        let decided = asked.adding(minutes: random.whole(60...170))
        var approvers: [(String, String)] =
            switch authority {
            case "E06000030": [("SM-1", "service_manager"), ("QASM-1", "qa_service_manager")]
            case "E08000011": [("SQASM-1", "sqa_service_manager")]
            case let code where code.hasPrefix("E09"): [("CSCM-1", "csc_manager")]
            default: [("HOS-1", "head_of_service")]
            }
        // Some are agreed by a person who may not.
        if random.chance(0.08) { approvers = [("\(allocation.manager)", "team_manager")] }
        record(
            "conference.postponement_decided", at: decided,
            [
                "conferenceId": .text(meeting.id), "childIds": .texts(childIds), "action": .text(action),
                "agreed": .flag(agreed), "decidedAt": moment(decided), "reasonCode": .text(reason),
                "approvals": .list(
                    approvers.map { who, role in
                        [
                            "personId": .text(who.hasPrefix(authority) ? who : "\(authority)-\(who)"),
                            "role": .text(role), "approvedAt": .instant(decided),
                        ]
                    }),
                "writtenReasons": random.chance(0.9) ? "On the child's file." : .absent, "filedAt": moment(decided),
                "newStartsAt": random.chance(0.9) ? newStartsAt.map { moment($0) } ?? .absent : .absent,
            ])
    }

    private mutating func reports(
        for meeting: Meeting, from partners: [(prefix: String, agency: String, role: String)]
    ) {
        let ahead =
            ["initial", "prebirth", "transfer_in"].contains(meeting.type) ? 2 : meeting.type == "cla_review" ? 3 : 5
        let latest = calendar.adding(-ahead, to: meeting.held)
        let authors = [(prefix: "", agency: "childrens_social_care", role: "")] + partners
        for author in authors {
            let own = author.prefix.isEmpty
            let luck = random.unit()
            guard luck < (own ? 0.94 : 0.82) else { continue }
            let late = luck > (own ? 0.74 : 0.6)
            let day =
                late
                ? calendar.adding(random.whole(1...max(1, ahead - 1)), to: latest)
                : calendar.adding(-random.whole(0...3), to: latest)
            let submitted = time(min(day, meeting.held), late ? 8...9 : 8...16)
            let id = reference("R")
            let byId = own ? allocation.worker : staff.person(author.prefix)
            record(
                "conference.report_submitted", at: submitted, correctable: "submittedAt",
                [
                    "reportId": .text(id), "conferenceId": .text(meeting.id), "agency": .text(author.agency),
                    "authorId": .text(byId), "indexChildId": .text(childIds[0]), "submittedAt": momentOrDay(submitted),
                    "receivedByChairAt": moment(submitted.adding(minutes: random.whole(10...300))),
                    "signedBy": .text(byId), "templateId": own ? "sw-report" : "agency-report",
                    "flags": [
                        "factOpinion": true, "childSections": .texts(childIds), "childSeen": .texts(childIds),
                        "householdCovered": true, "planProgress": .flag(meeting.number != nil),
                    ],
                ])
            if own, random.chance(0.75) {
                let assured = submitted.adding(minutes: random.whole(20...120))
                record(
                    "conference.report_quality_assured", at: assured,
                    [
                        "reportId": .text(id), "conferenceId": .text(meeting.id),
                        "managerId": .text(allocation.manager), "qaAt": moment(assured),
                    ])
            }
            if author.agency != "police", random.chance(own ? 0.85 : 0.5) {
                let shared = submitted.adding(minutes: random.whole(130...1500))
                record(
                    "conference.report_shared", at: shared, correctable: "sharedAt",
                    [
                        "reportId": .text(id), "conferenceId": .text(meeting.id), "sharedAt": momentOrDay(shared),
                        "personId": .text("\(subject)-M"), "personRole": "parent_carer",
                        "method": .text(random.pick(["in_person", "post", "email"])),
                    ])
            }
        }
    }

    private mutating func participation(in meeting: Meeting, chair: String) {
        for child in children where child.birth != nil && random.chance(0.6) {
            let assessed = time(calendar.adding(-random.whole(3...6), to: meeting.held))
            record(
                "conference.child_participation_assessed", at: assessed,
                [
                    "conferenceId": .text(meeting.id), "childId": .text(child.id), "assessedAt": moment(assessed),
                    "assessedBy": .text(allocation.worker),
                    "declaredWish": .text(random.pick(["attend", "not_attend", "unknown"])), "attend": false,
                    "arrangements": "Views by worksheet.", "agreedByChairAt": moment(assessed.adding(minutes: 60)),
                ])
        }
        if random.chance(0.6) {
            let gathered = time(calendar.adding(-random.whole(1...3), to: meeting.held))
            record(
                "conference.views_recorded", at: gathered,
                [
                    "conferenceId": .text(meeting.id), "personId": .text("\(subject)-M"),
                    "personRole": "parent_carer", "method": "meeting", "recordedAt": moment(gathered),
                ])
        }
        if random.chance(0.15) {
            let received = time(calendar.adding(-random.whole(1...3), to: meeting.held))
            record(
                "conference.apology_received", at: received,
                [
                    "conferenceId": .text(meeting.id), "personId": .text(staff.person("GP")), "agency": "gp",
                    "receivedAt": moment(received), "reason": "clinic", "reportSubmitted": .flag(random.chance(0.6)),
                ])
        }
    }

    private mutating func sit(
        _ meeting: Meeting, heldAt: Instant, endedAt: Instant, chair: String,
        partners: [(prefix: String, agency: String, role: String)], withManager: Bool
    ) {
        let looked = meeting.type == "cla_review"
        var attendees: [SampleValue] = [
            [
                "personId": .text(allocation.worker), "agency": "childrens_social_care", "role": "social_worker",
                "mode": "in_person", "directContactChildIds": .texts(childIds),
            ],
            ["personId": .text("\(subject)-M"), "role": "parent_carer", "mode": "in_person"],
        ]
        for partner in partners.prefix(meeting.inquorate ? 1 : partners.count) {
            attendees.append([
                "personId": .text(staff.person(partner.prefix)), "agency": .text(partner.agency),
                "role": .text(partner.role), "mode": .text(random.pick(["in_person", "remote"])),
                "basis": "direct_contact", "directContactChildIds": .texts(childIds),
            ])
        }
        if withManager {
            attendees.append([
                "personId": .text(allocation.manager), "agency": "childrens_social_care", "role": "team_manager",
                "mode": "in_person",
            ])
        }
        let decisions: [SampleValue] = zip(childIds, meeting.decisions).map { child, decision in
            [
                "childId": .text(child), "decision": .text(decision),
                "continuingRisk": .flag(decision == "plan" || decision == "continue"),
                "category": decision == "plan" || decision == "continue"
                    ? meeting.category.map { .text($0) } ?? .absent : .absent,
            ]
        }
        record(
            "conference.held", at: endedAt, correctable: "heldAt",
            [
                "conferenceId": .text(meeting.id), "conferenceType": .text(meeting.type),
                "childIds": .texts(childIds), "heldAt": moment(heldAt), "startsAt": moment(heldAt),
                "endedAt": moment(endedAt), "chairId": .text(chair), "attendees": .list(attendees),
                "quorumClaim": looked ? .absent : meeting.inquorate ? "inquorate" : "quorate",
                "proceedReason": meeting.inquorate ? "Delay would leave the children without a plan." : .absent,
                "decisions": .list(decisions), "reviewNumber": meeting.number.map { .whole($0) } ?? .absent,
                "categoryReviewed": .flag(meeting.number != nil), "householdChildrenConsidered": true,
            ])
    }

    private mutating func letters(
        after meeting: Meeting, endedAt: Instant, chair: String,
        partners: [(prefix: String, agency: String, role: String)], withManager: Bool
    ) {
        guard meeting.held <= lastDay else { return }
        let looked = meeting.type == "cla_review"
        var recipients = [("\(subject)-M", "parent_carer"), (allocation.worker, "social_worker")]
        recipients += partners.map { (staff.person($0.prefix), $0.role) }
        if withManager { recipients.append((allocation.manager, "team_manager")) }
        // One administrator sends them all: together in time, or together late; now and then one is forgotten.
        let delay = random.chance(0.82) ? random.whole(60...900) : random.whole(1600...6000)
        for (id, role) in recipients where !looked && random.chance(0.99) {
            let sent = endedAt.adding(minutes: delay + random.whole(0...20))
            record(
                "decision_letter.sent", at: sent, correctable: "sentAt",
                [
                    "conferenceId": .text(meeting.id), "recipientId": .text(id), "recipientRole": .text(role),
                    "sentAt": momentOrDay(sent),
                    "contents": [
                        "decisions": true, "recommendations": true, "swName": true,
                        "complaintRights": .flag(role == "parent_carer"),
                    ],
                ])
        }
        if !looked, meeting.decisions.contains("plan") {
            let issued = endedAt.adding(minutes: random.whole(60...1800))
            for (child, decision) in zip(childIds, meeting.decisions) where decision == "plan" {
                record(
                    "outline_plan.issued", at: issued,
                    [
                        "conferenceId": .text(meeting.id), "childId": .text(child),
                        "recipientIds": .texts(recipients.map(\.0)), "issuedAt": moment(issued),
                        "signedBy": .text(chair), "signedAt": moment(issued),
                    ])
            }
        }
        let luck = random.unit()
        guard luck < 0.97 else { return }
        let day = calendar.adding(luck < 0.84 ? random.whole(6...20) : random.whole(21...32), to: meeting.held)
        for (id, role) in recipients {
            let sent = time(day, 11...15)
            record(
                "conference.record_issued", at: sent, correctable: "sentAt",
                [
                    "conferenceId": .text(meeting.id), "recipientId": .text(id), "recipientRole": .text(role),
                    "sentAt": momentOrDay(sent), "signedBy": .text(chair), "signedAt": moment(sent),
                    "redacted": false, "nextReviewDateIncluded": .flag(random.chance(0.95)),
                ])
        }
        if random.chance(0.6) {
            let discussed = time(calendar.adding(1, to: day))
            record(
                "conference.record_discussed", at: discussed,
                [
                    "conferenceId": .text(meeting.id), "personId": .text("\(subject)-M"), "givenAt": moment(discussed),
                    "discussedAt": moment(discussed), "byPersonId": .text(allocation.worker),
                ])
        }
        if random.chance(0.03) {
            let asked = time(calendar.adding(random.whole(2...7), to: day))
            record(
                "conference.record_amendment_requested", at: asked,
                [
                    "conferenceId": .text(meeting.id), "recipientId": .text("\(subject)-M"),
                    "receivedAt": moment(asked), "requestedAt": moment(asked),
                ])
        }
        if random.chance(0.015) {
            let said = endedAt.adding(minutes: 60)
            record(
                "dissent.recorded", at: said,
                [
                    "conferenceId": .text(meeting.id), "agency": "police", "reasons": "Threshold.",
                    "recordedAt": moment(said),
                ])
        }
        if random.chance(0.01) {
            let received = time(calendar.adding(4, to: meeting.held))
            record(
                "complaint.received", at: received,
                [
                    "complaintId": .text(reference("CM")), "conferenceId": .text(meeting.id),
                    "complainantId": .text("\(subject)-M"), "subjectCode": "process",
                    "receivedAt": moment(received),
                ])
        }
    }
}
