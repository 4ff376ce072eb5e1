// The reports of other agencies: LON-7.9 and 7.10 (001, 7.9 and 7.10), SWI-18 and 19 (004, "all reports"), LON-1.18a
// (001, 1.18).

extension Docket {
    /// One report for each agency on the invite list; its absence from the list is nobody's breach.
    mutating func agencyReports(for conference: History.Conference) {
        policeReportShares(of: conference)
        guard let type = conference.type, type != .lookedAfterReview, let anchor = conference.meetingAnchor else {
            return
        }
        originalAuthorityReport(for: conference, anchor)
        let subject = Subject(conferenceId: conference.id)
        guard let term = leadLimit(type.isInitial ? .agencyReportInitial : .agencyReportReview, on: anchor.on) else {
            return
        }
        for agency in invitedAgencies(conference) {
            let reports = conference.reports.filter { $0.agency == agency && !isFormerAuthority($0) }
            var obligation = Obligation(
                .agencyReport, subject, occasion: "\(conference.id)/\(agency)", anchor: anchor, terms: [term],
                act: Obligation.Act(reports.first?.record), withdrawal: ending(of: conference))
            obligation.knownAt = conference.booking?.record.at
            if agency == "police", type.isReview, isPoliceExcused(conference) {
                obligation.withdrawal = Obligation.Withdrawal(cause: "not_required", on: nil)
            }
            let row = enter(obligation)
            if agency == "police" {
                tellChair(of: reports.first?.record, conference, due: row?.due)
            } else if let report = reports.first {
                shareWithFamily(report, reports, conference, anchor)
            }
        }
        if let list = conference.lists.last, list.facts.invitees.contains(where: Docket.lacksAgency) {
            require(
                term.rule, subject, events: [list.record.event],
                "cannot be judged: an invited professional's agency is not named, so no report can be asked for")
        }
    }

    private static let withoutReport: Set = [
        "conference_chair", "iro", "observer", "legal_adviser", "other_authority", "qa_team", "sqa",
        "meeting_support_assistant", "social_worker", "team_manager", "service_manager",
    ]

    private static func owesReport(_ person: Participant) -> Bool {
        person.isProfessional && person.role.map { !withoutReport.contains($0) } ?? true
    }

    private static func lacksAgency(_ person: Participant) -> Bool {
        owesReport(person) && person.agency == nil && person.role != "police_rep"
    }

    private func invitedAgencies(_ conference: History.Conference) -> [String] {
        let agencies = conference.invitees.filter(Docket.owesReport).compactMap {
            $0.agency ?? ($0.role == "police_rep" ? "police" : nil)
        }
        return Set(agencies).subtracting(["childrens_social_care"]).sorted()
    }

    /// LON-7.10a: police who are no longer involved need not report to a review.
    private func isPoliceExcused(_ conference: History.Conference) -> Bool {
        guard isInForce("LON-7.10a") else { return false }
        return conference.bookings.last { $0.facts.policeInvolved != nil }?.facts.policeInvolved == false
    }

    /// LON-1.18a: the former authority is asked for its report as an agency is.
    private mutating func originalAuthorityReport(for conference: History.Conference, _ anchor: Anchor) {
        guard conference.type == .transferIn, let term = leadLimit(.originalAuthorityReport, on: anchor.on) else {
            return
        }
        var obligation = Obligation(
            .agencyReport, Subject(conferenceId: conference.id), occasion: "\(conference.id)/original_authority",
            anchor: anchor, terms: [term],
            act: Obligation.Act(conference.reports.first(where: isFormerAuthority)?.record),
            withdrawal: ending(of: conference))
        obligation.knownAt = conference.booking?.record.at
        enter(obligation)
    }

    /// LON-7.9b: before the meeting begins, with no number of days.
    private mutating func shareWithFamily(
        _ report: History.Conference.Report, _ reports: [History.Conference.Report], _ conference: History.Conference,
        _ anchor: Anchor
    ) {
        let shared = reports.flatMap(\.shared).min { ($0.at?.order ?? .max) < ($1.at?.order ?? .max) }
        var obligation = Obligation(
            .agencyReportShared, Subject(conferenceId: conference.id),
            occasion: "\(conference.id)/\(report.agency ?? "")", anchor: anchor,
            terms: [policy.limit(.agencyReportShared, on: anchor.on)], act: Obligation.Act(shared),
            withdrawal: ending(of: conference))
        obligation.knownAt = report.record.at
        obligation.actor = "agency_professional"
        enter(obligation)
    }

    /// The police report goes to the chair when it is due, or when it comes, if that is later.
    private mutating func tellChair(of report: Record?, _ conference: History.Conference, due: Due?) {
        guard let day = report?.at?.day, let due = due?.day else { return }
        let on = max(day, due)
        tell(
            .policeReport, Subject(conferenceId: conference.id), occasion: conference.id, on: on, towards: .day(due),
            isOff: isOver(conference, by: on))
    }

    /// LON-7.10b: to the chair alone, who tells the others what they need to know.
    private mutating func policeReportShares(of conference: History.Conference) {
        guard conference.isProtectionConference else { return }
        for report in conference.reports where report.agency == "police" {
            for share in report.shares where share.facts.personRole != "conference_chair" {
                require(
                    "LON-7.10b", Subject(conferenceId: conference.id), events: [share.record.event],
                    "the police report is recorded as given to somebody other than the chair")
            }
        }
    }
}
