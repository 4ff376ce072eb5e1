import StatutoryRules

extension SampleHistory {
    struct Meeting {
        var id: String
        var type: String
        var childIds: [String]
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

        var isInitial: Bool { ["initial", "prebirth", "transfer_in"].contains(type) }
        /// A looked-after review alone, of which the conference procedures do not speak.
        var isCareReview: Bool { type == "cla_review" }
        /// The reviewing officer's: a looked-after review, alone or with a conference.
        var isOfficers: Bool { isCareReview || type == "combined" }
    }

    struct MeetingOutcome {
        var heldAt: Instant
        var endedAt: Instant
        var chair: String
        var isQuorate: Bool
    }

    /// One meeting with its hours and its people.
    struct Gathering {
        var meeting: Meeting
        var startsAt: Instant
        var heldAt: Instant
        var endedAt: Instant
        var chair: String
        var partners: [SampleStaff.Partner]
        var withManager: Bool
        var withWorker: Bool
        /// Children who come.
        var children: [String]
        /// The father, where the chair keeps him out.
        var isFatherExcluded: Bool
        var observer: String?

        /// Who is invited, by role.
        var invited: [(id: String, role: String)] = []
    }

    /// Everything around one conference or review: booking, invitations, reports, the meeting, letters, the record.
    mutating func hold(_ meeting: Meeting) -> MeetingOutcome {
        var gathering = gather(meeting)
        schedule(gathering)
        invite(gathering)
        unforeseen(&gathering)
        // Who came in the social worker's place, or to manage, is told as the others are.
        var told = gathering.invited
        if gathering.withManager { told.append((allocation.manager, "team_manager")) }
        talk(before: gathering)
        reports(for: gathering)
        participation(in: gathering)
        if gathering.isFatherExcluded { exclude(from: gathering) }
        let isQuorate = sit(gathering)
        letters(after: gathering, to: told)
        records(of: gathering, to: told)
        replies(to: gathering)
        return MeetingOutcome(
            heldAt: gathering.heldAt, endedAt: gathering.endedAt, chair: gathering.chair, isQuorate: isQuorate)
    }

    private mutating func gather(_ meeting: Meeting) -> Gathering {
        // Late in the day the older children are home, and their parents with them.
        let hour = random.weighted([(9, 2), (10, 3), (11, 2), (13, 2.5), (14, 0.7)])
        let minute = random.pick([0, 30])
        let heldAt = London.instant(on: meeting.held, hour: hour, minute: minute)
        let withWorker = random.chance(0.97)
        let isConference = !meeting.isCareReview
        var gathering = Gathering(
            meeting: meeting, startsAt: London.instant(on: meeting.planned, hour: hour, minute: minute), heldAt: heldAt,
            endedAt: heldAt.adding(minutes: random.whole(60...120)), chair: lead(meeting), partners: circle,
            withManager: !withWorker || meeting.number == 2 && random.chance(0.9) || random.chance(0.2),
            withWorker: withWorker, children: comingChildren(to: meeting),
            isFatherExcluded: isConference && hasFather && random.chance(0.02),
            observer: isConference && random.chance(0.01) ? staff.person("SW", 1) : nil)
        if gathering.observer == allocation.worker { gathering.observer = nil }
        gathering.invited = [("\(subject)-M", "parent_carer"), (allocation.worker, "social_worker")]
        gathering.invited += circle.map { (staff.person($0.prefix), $0.role) }
        gathering.invited += gathering.children.map { ($0, "child") }
        if meeting.type == "transfer_in", random.chance(0.88) {
            gathering.invited.append(("\(SampleHistory.formerAuthority)-SW-1", "other_authority"))
        }
        return gathering
    }

    static let formerAuthority = "E08000025"

    private mutating func comingChildren(to meeting: Meeting) -> [String] {
        children.filter { child in
            guard meeting.childIds.contains(child.id), let age = child.age(on: meeting.held) else { return false }
            return age >= 11 && random.chance(meeting.isCareReview ? 0.6 : 0.3)
        }.map(\.id)
    }

    /// A case keeps its chair and its reviewing officer, mostly.
    private mutating func lead(_ meeting: Meeting) -> String {
        if meeting.isOfficers {
            if let officer, random.chance(0.92) { return officer }
            let next = staff.reviewingOfficer(&random)
            officer = officer ?? next
            return next
        }
        if let chair, random.chance(0.88) { return chair }
        return staff.chair(&random)
    }

    private mutating func schedule(_ gathering: Gathering) {
        let meeting = gathering.meeting
        let ages = children.compactMap { $0.age(on: meeting.held) }
        let isWatched = random.chance(0.05)
        record(
            "conference.scheduled", at: meeting.bookedAt, correctable: "dateSetAt",
            [
                "conferenceId": .text(meeting.id), "conferenceType": .text(meeting.type),
                "childIds": .texts(meeting.childIds), "startsAt": moment(gathering.startsAt),
                "endsAt": moment(gathering.startsAt.adding(minutes: 90)), "chairId": .text(gathering.chair),
                "venueOrMode": .text(random.pick(["in_person", "in_person", "remote"])),
                "dateSetAt": moment(meeting.bookedAt), "familyInformed": .flag(random.chance(0.8)),
                "hasSchoolAgeChildren": .flag(ages.contains { $0 >= 4 }), "childcareOffered": usually(),
                "dayCareOffered": usually(), "keyAttendeeAvailability": usually("Asked for beforehand."),
                "familyConflictConsidered": usually(), "preparationOffered": usually(),
                "safetyAssessmentAt": usually(moment(meeting.bookedAt), 0.85),
                "recordingPolicySharedAt": usually(moment(meeting.bookedAt), 0.7),
                "activeInvestigation": .flag(isWatched),
                "arrangements": isWatched ? usually("Agreed with the police.") : .absent,
                "policeInvolved": .flag(meeting.number == nil || random.chance(0.4)),
                "owningAuthority": .text(authority),
            ])
        let isNew = !meeting.isOfficers && chair != nil && chair != gathering.chair
        assign(
            gathering.chair, to: meeting, at: meeting.bookedAt.adding(minutes: 5),
            reason: isNew ? usually("The chair before is not available.") : "booking")
        if !meeting.isCareReview { chair = gathering.chair }
    }

    func assignRole(_ meeting: Meeting) -> String { meeting.isOfficers ? "iro" : "conference_chair" }

    mutating func assign(_ chair: String, to meeting: Meeting, at: Instant, reason: SampleValue) {
        // Now and then somebody who may not is put down for it.
        let isUnfit = !meeting.isOfficers && random.chance(0.006)
        let isDual = meeting.type == "combined"
        record(
            "conference.chair_assigned", at: at,
            [
                "conferenceId": .text(meeting.id), "assignedAt": moment(at), "chairId": .text(chair),
                "chairRole": .text(isUnfit ? "agency_professional" : assignRole(meeting)),
                "independent": .flag(!isUnfit), "trained": true, "experienced": true, "lineManages": false,
                "reason": reason, "considered": isDual ? usually() : .absent,
                "independenceRationale": isDual ? usually("No part in the case's management.") : .absent,
                "childConsulted": isDual ? usually() : .absent,
            ])
    }

    /// What comes between the booking and the day.
    private mutating func unforeseen(_ gathering: inout Gathering) {
        let meeting = gathering.meeting
        if meeting.held != meeting.planned {
            postpone(meeting, from: gathering.startsAt, to: gathering.heldAt)
        } else if random.chance(0.02) {
            let asked = time(calendar.adding(-2, to: meeting.planned), 9...11)
            postponement(meeting, asked: asked, action: "postpone", reason: "agency_capacity", agreed: false, to: nil)
        } else if random.chance(0.03) {
            let known = time(calendar.adding(-1, to: meeting.planned), 9...12)
            chairUnavailable(gathering.chair, for: meeting, at: known, reason: "chair_ill")
            gathering.chair = meeting.isOfficers ? staff.reviewingOfficer(&random) : staff.chair(&random)
            assign(gathering.chair, to: meeting, at: known.adding(minutes: 120), reason: "chair_ill")
        }
        guard !gathering.withWorker else { return }
        let told = time(calendar.adding(-1, to: meeting.held), 9...15)
        record(
            "conference.apology_received", at: told,
            [
                "conferenceId": .text(meeting.id), "personId": .text(allocation.worker),
                "agency": "childrens_social_care", "role": "social_worker", "receivedAt": moment(told),
                "reason": "sickness", "reportSubmitted": true,
            ])
    }

    mutating func chairUnavailable(_ chair: String, for meeting: Meeting, at: Instant, reason: String) {
        record(
            "conference.chair_unavailable", at: at,
            [
                "conferenceId": .text(meeting.id), "chairId": .text(chair), "reasonCode": .text(reason),
                "reportedAt": moment(at), "alternativesTried": usually(.texts([staff.person("CPCM")]), 0.9),
            ])
    }

    private mutating func talk(before gathering: Gathering) {
        guard random.chance(0.88) else { return }
        let meeting = gathering.meeting
        let talked = time(calendar.adding(-random.whole(1...4), to: meeting.held))
        let isComplex = random.chance(0.2)
        record(
            "conference.chair_discussion_held", at: talked, correctable: "heldAt",
            [
                "conferenceId": .text(meeting.id), "heldAt": moment(talked), "chairId": .text(gathering.chair),
                "swId": .text(allocation.worker), "complexities": .flag(isComplex),
                "swContactedAt": isComplex ? usually(moment(talked.adding(minutes: -60))) : .absent,
            ])
    }
}
