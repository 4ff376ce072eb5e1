import StatutoryRules

extension SampleHistory {
    /// The invite list, the invitations, and a looked-after child's consultation papers.
    mutating func invite(_ gathering: Gathering) {
        let meeting = gathering.meeting
        let day = inviteDay(for: meeting)
        guard random.chance(0.96) else { return }
        let submitted = time(day, 9...15)
        let invitees = invitees(of: gathering)
        record(
            "conference.invite_list_submitted", at: submitted, correctable: "submittedAt",
            [
                "conferenceId": .text(meeting.id), "submittedAt": momentOrDay(submitted),
                "submittedBy": .text(allocation.worker), "channel": random.chance(0.95) ? "CD" : "email",
                "invitees": .list(invitees),
            ])
        let sent = time(calendar.adding(1, to: day), 9...15)
        record(
            "conference.invitations_sent", at: sent, correctable: "sentAt",
            [
                "conferenceId": .text(meeting.id), "sentAt": momentOrDay(sent), "recipients": .list(invitees),
                "attachments": random.chance(0.9) ? ["info_pack", "recording_policy"] : ["recording_policy"],
            ])
        guard meeting.isOfficers, random.chance(0.95) else { return }
        record(
            "conference.consultation_sent", at: sent,
            [
                "conferenceId": .text(meeting.id), "sentAt": moment(sent),
                "recipients": .list([
                    ["personId": .text(meeting.childIds[0]), "role": "child"],
                    ["personId": .text("\(subject)-M"), "role": "parent_carer"],
                ]),
            ])
    }

    /// In time, or some days late; never before the meeting is booked.
    private mutating func inviteDay(for meeting: Meeting) -> Day {
        let late = random.chance(0.16)
        let wanted: Day
        if let due = meeting.inviteListDue {
            wanted = late ? calendar.adding(random.whole(1...4), to: due) : due
        } else {
            // A looked-after review's papers go out the day after, fifteen days ahead.
            let ahead = meeting.isOfficers ? 20 : 14
            wanted = meeting.planned.adding(days: late ? -random.whole(6...(ahead - 1)) : -ahead - random.whole(0...8))
        }
        let earliest = calendar.adding(1, to: London.day(of: meeting.bookedAt))
        return min(max(calendar.onOrBefore(wanted), earliest), calendar.adding(-1, to: meeting.planned))
    }

    private mutating func invitees(of gathering: Gathering) -> [SampleValue] {
        // One who fills in the reasons does so for everybody.
        let says = usually("Knows the family.")
        let agencies = Dictionary(
            gathering.partners.map { (staff.person($0.prefix), $0.agency) }, uniquingKeysWith: { first, _ in first })
        return gathering.invited.map { id, role in
            let isSocialWorker = role == "social_worker"
            let isFamily = role == "parent_carer" || role == "child"
            return [
                "personId": .text(id),
                "agency": isSocialWorker ? "childrens_social_care" : agencies[id].map { .text($0) } ?? .absent,
                "role": .text(role), "mandatory": .flag(isSocialWorker || isFamily || random.chance(0.6)),
                "contributionReason": isFamily ? .absent : says,
            ]
        }
    }
}
