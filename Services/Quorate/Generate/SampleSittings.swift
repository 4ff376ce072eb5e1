import StatutoryRules

extension SampleHistory {
    /// The meeting itself: who came, and what was decided for each child. Gives whether it had its quorum.
    mutating func sit(_ gathering: Gathering) -> Bool {
        let meeting = gathering.meeting
        // Two agencies that know the children, beside social care, or it has no quorum.
        var coming = gathering.partners.filter { mustCome($0, to: meeting) || random.chance(0.93) }
        if meeting.inquorate { coming = Array(coming.prefix(1)) }
        let quorate = coming.count >= 2
        let absent = gathering.partners.filter { partner in !coming.contains { $0.prefix == partner.prefix } }
        let isReview = meeting.number != nil && !meeting.isCareReview
        record(
            "conference.held", at: gathering.endedAt, correctable: "heldAt",
            [
                "conferenceId": .text(meeting.id), "conferenceType": .text(meeting.type),
                "childIds": .texts(meeting.childIds), "heldAt": moment(gathering.heldAt),
                "startsAt": moment(gathering.heldAt), "endedAt": moment(gathering.endedAt),
                "chairId": .text(gathering.chair), "attendees": .list(attendees(at: gathering, coming)),
                "absentees": .list(absent.map { person($0) }),
                "quorumClaim": meeting.isCareReview ? .absent : quorate ? "quorate" : "inquorate",
                "proceedReason": quorate || meeting.isCareReview
                    ? .absent : usually("Delay would leave the children without a plan."),
                "decisions": .list(decisions(at: gathering)), "recommendations": usually(["As minuted."]),
                "reviewNumber": meeting.number.map { .whole($0) } ?? .absent,
                "categoryReviewed": .flag(meeting.number != nil && random.chance(0.92)),
                "householdChildrenConsidered": .flag(random.chance(0.9)), "perChildConsidered": usually(),
                "viewsPresentedBy": usually(.text(allocation.worker)), "likelihoodBasis": usually("As minuted."),
                "harmConsidered": isReview ? usually() : .absent, "progressReviewed": isReview ? usually() : .absent,
                "securityAssessed": meeting.isCareReview ? usually() : .absent,
                "announced": meeting.isInitial ? usually() : .absent, "checklist": usually("Complete."),
            ])
        return quorate
    }

    /// Nobody ends a plan without all who know the family; and in one authority police and health are a part of every
    /// quorum.
    private func mustCome(_ partner: SampleStaff.Partner, to meeting: Meeting) -> Bool {
        let isSeated = authority == "E08000035" && ["POL", "HV", "SN", "MW"].contains(partner.prefix)
        return isSeated || meeting.decisions.contains("end")
    }

    private func person(_ partner: SampleStaff.Partner) -> SampleValue {
        [
            "personId": .text(staff.person(partner.prefix)), "agency": .text(partner.agency),
            "role": .text(partner.role),
        ]
    }

    private mutating func attendees(at gathering: Gathering, _ partners: [SampleStaff.Partner]) -> [SampleValue] {
        let all = gathering.meeting.childIds
        var attendees: [SampleValue] = [
            ["personId": .text("\(subject)-M"), "role": "parent_carer", "mode": "in_person"]
        ]
        if gathering.withWorker {
            attendees.append([
                "personId": .text(allocation.worker), "agency": "childrens_social_care", "role": "social_worker",
                "mode": "in_person", "directContactChildIds": .texts(all),
            ])
        }
        for partner in partners {
            attendees.append([
                "personId": .text(staff.person(partner.prefix)), "agency": .text(partner.agency),
                "role": .text(partner.role), "mode": .text(random.pick(["in_person", "remote"])),
                "basis": "direct_contact", "directContactChildIds": .texts(all),
            ])
        }
        if gathering.withManager {
            attendees.append([
                "personId": .text(allocation.manager), "agency": "childrens_social_care", "role": "team_manager",
                "mode": "in_person",
            ])
        }
        attendees += gathering.children.map { ["personId": .text($0), "role": "child", "mode": "in_person"] }
        if let observer = gathering.observer {
            attendees.append(["personId": .text(observer), "role": "observer", "mode": "in_person"])
        }
        return attendees
    }

    private mutating func decisions(at gathering: Gathering) -> [SampleValue] {
        let meeting = gathering.meeting
        let isWritten = random.chance(0.9)
        return zip(meeting.childIds, meeting.decisions).map { child, decision in
            let isAtRisk = decision == "plan" || decision == "continue"
            return [
                "childId": .text(child), "decision": .text(decision), "threshold": usually(.flag(isAtRisk), 0.93),
                "continuingRisk": usually(.flag(isAtRisk), 0.95),
                "likelySignificantHarm": isAtRisk ? .flag(random.chance(0.4)) : false,
                "reasons": isWritten ? "As minuted." : .absent,
                "category": isAtRisk ? meeting.category.map { .text($0) } ?? .absent : .absent,
            ]
        }
    }
}
