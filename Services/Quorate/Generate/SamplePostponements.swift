import StatutoryRules

extension SampleHistory {
    /// The booked day passes to the day on which the meeting was held in the end.
    mutating func postpone(_ meeting: Meeting, from startsAt: Instant, to heldAt: Instant) {
        let asked = time(
            max(calendar.adding(-random.whole(1...2), to: meeting.planned), London.day(of: meeting.bookedAt)), 9...11)
        let reason = random.weighted([
            ("parent_urgent_unavailability", 0.26), ("advocate_unavailable", 0.07), ("interpreter_unavailable", 0.1),
            ("inquorate", 0.22), ("sw_ill", 0.06), ("chair_ill", 0.05), ("chair_unavailable", 0.07),
            ("report_not_ready", 0.06), ("agency_capacity", 0.06), ("other", 0.05),
        ])
        let adjourned = reason == "chair_unavailable" && authority == "E08000011"
        if reason == "chair_unavailable" {
            chairUnavailable(chair ?? staff.chair(&random), for: meeting, at: asked, reason: reason)
        }
        // A few are simply moved, and nobody decided.
        if random.chance(0.96) {
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

    /// The request, and what was decided on it.
    mutating func postponement(
        _ meeting: Meeting, asked: Instant, action: String, reason: String, agreed: Bool, to newStartsAt: Instant?
    ) {
        let isForSubstitute = reason == "advocate_unavailable" || reason == "interpreter_unavailable"
        record(
            "conference.postponement_requested", at: asked,
            [
                "conferenceId": .text(meeting.id), "action": .text(action), "requestedBy": .text(allocation.manager),
                "requestedByRole": "team_manager", "requestedAt": moment(asked), "reasonCode": .text(reason),
                "circumstances": "Recorded on the file.",
                "measuresTaken": usually("Other times were tried.", 0.95),
                "discussedWithChairAt": usually(moment(asked.adding(minutes: -30)), 0.95),
                "alternativeSought": isForSubstitute ? .flag(random.chance(0.85)) : .absent,
                "missingAgencies": reason == "inquorate" ? usually(["police"]) : .absent,
            ])
        let decided = asked.adding(minutes: random.whole(60...170))
        // Some are agreed by a person who may not.
        let approvers = random.chance(0.07) ? [(allocation.manager, "team_manager")] : approvers()
        record(
            "conference.postponement_decided", at: decided,
            [
                "conferenceId": .text(meeting.id), "childIds": .texts(meeting.childIds), "action": .text(action),
                "agreed": .flag(agreed), "decidedAt": moment(decided), "reasonCode": .text(reason),
                "approvals": .list(
                    approvers.map { id, role in
                        ["personId": .text(id), "role": .text(role), "approvedAt": .instant(decided)]
                    }),
                "writtenReasons": usually("On the child's file.", 0.92), "filedAt": moment(decided),
                "newStartsAt": random.chance(0.9) ? newStartsAt.map { moment($0) } ?? .absent : .absent,
            ])
    }

    /// Whose word the authority's own procedure asks for.
    private func approvers() -> [(id: String, role: String)] {
        switch authority {
        case "E06000030":
            [(allocation.serviceManager, "service_manager"), (staff.person("QASM"), "qa_service_manager")]
        case "E08000011": [(staff.person("SQASM"), "sqa_service_manager")]
        case let code where code.hasPrefix("E09"): [(staff.person("CSCM"), "csc_manager")]
        default: [(staff.person("HOS"), "head_of_service")]
        }
    }
}
