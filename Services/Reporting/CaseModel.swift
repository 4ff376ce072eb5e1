import Postgres
import StatutoryRules
import Workers

/// What the facts of one case show, as rows.
struct CaseModel {
    struct Conference {
        let authority, subject, id: String
        let type: String?
        let state: String
        let startsAt: PGTimestamp?
        let startsOn: PGDate?
        let heldAt: PGTimestamp?
        let heldOn: PGDate?
        let reportAt: PGTimestamp?
        let reportOn: PGDate?
        let children: [String]
        let heldEvent, chairId: String?
        let keptChair, socialWorkerAttended: Bool?
        let excludedPeople: Int32
    }

    struct Plan {
        let authority, subject, id, childId: String
        let startedOn: PGDate
        let endedOn: PGDate?
        let category: String?
    }

    struct Enquiry {
        let authority, subject, id, childId: String
        let startedOn: PGDate
        let discussionOn, completedOn: PGDate?
        let outcome, conferenceId: String?
        let conferenceOn: PGDate?
        let daysFromStart, daysFromDiscussion: Int32?
        let fault: String?
    }

    let authority: String
    let subject: String
    let conferences: [Conference]
    let plans: [Plan]
    let enquiries: [Enquiry]
    let postponements: [CaseView.Postponement]
    let casework: Casework

    init(_ file: CaseFile, refused: Set<String>, _ calendar: WorkingCalendar) {
        let view = CaseView(file, refused: refused)
        authority = file.authority
        subject = file.subject
        conferences = view.conferences.map { conference in
            Conference(
                authority: file.authority, subject: file.subject, id: conference.id,
                type: conference.type?.rawValue, state: conference.state, startsAt: conference.startsAt?.timestamp,
                startsOn: conference.startsAt.map { PGDate($0.day) }, heldAt: conference.heldAt?.timestamp,
                heldOn: conference.heldAt.map { PGDate($0.day) }, reportAt: conference.reportAt?.timestamp,
                reportOn: conference.reportAt.map { PGDate($0.day) },
                children: conference.children, heldEvent: conference.heldEvent, chairId: conference.chairId,
                keptChair: view.keptChair(conference), socialWorkerAttended: conference.socialWorkerAttended,
                excludedPeople: Int32(conference.excluded.count))
        }
        plans = view.plans.map { plan in
            Plan(
                authority: file.authority, subject: file.subject, id: plan.planId, childId: plan.childId,
                startedOn: PGDate(plan.startedOn), endedOn: view.end(of: plan).map { PGDate($0) },
                category: plan.category)
        }
        enquiries = view.enquiries.flatMap { enquiry in
            enquiry.childIds.map { CaseModel.row(enquiry, child: $0, file, view, calendar) }
        }
        postponements = view.postponements
        casework = view.casework
    }

    /// An enquiry by child, with the conference that its request names, else the first one held from its start on.
    private static func row(
        _ enquiry: EnquiryStarted, child: String, _ file: CaseFile, _ view: CaseView, _ calendar: WorkingCalendar
    ) -> Enquiry {
        let started = enquiry.startedAt.day
        let discussion = view.discussion(beginning: enquiry, child: child)?.heldAt.day
        let held = view.initialConferences(of: child)
        let named = held.first { view.requestedEnquiry[$0.id] == enquiry.enquiryId }
        let conference = named ?? held.first { $0.heldAt!.day >= min(started, discussion ?? started) }
        let on = conference?.heldAt?.day
        let isFault = on.map { $0 < started } ?? false
        let completed = view.completions[enquiry.enquiryId]
        return Enquiry(
            authority: file.authority, subject: file.subject, id: enquiry.enquiryId, childId: child,
            startedOn: PGDate(started), discussionOn: discussion.map { PGDate($0) },
            completedOn: completed.map { PGDate($0.completedAt.day) },
            outcome: completed?.outcomes.first { $0.childId == child }?.outcome, conferenceId: conference?.id,
            conferenceOn: on.map { PGDate($0) },
            daysFromStart: on.flatMap { calendar.workingDays(after: started, through: $0) }.map { Int32($0) },
            daysFromDiscussion: on.flatMap { on in
                discussion.flatMap { calendar.workingDays(after: $0, through: on) }
            }.map { Int32($0) }, fault: isFault ? "conference_before_enquiry" : nil)
    }
}

extension Moment {
    /// `nil` for a bare date, which has no time of day.
    var timestamp: PGTimestamp? {
        guard case .instant(let instant) = self else { return nil }
        return PGTimestamp(instant)
    }
}
