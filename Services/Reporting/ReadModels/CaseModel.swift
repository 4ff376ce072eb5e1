import CaseEvents
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
        let quorumClaim: String?
    }

    /// A child at a meeting that was held.
    struct Sitting {
        let conferenceId, childId: String
        let decision, category, participation: String?
    }

    struct Plan {
        let authority, subject, id, childId: String
        let startedOn: PGDate
        let endedOn: PGDate?
        let category, latestCategory: String?
        /// What came after the first, each with its day, as JSON in their order.
        let categoryChanges: String?
        let conferenceId, endGround: String?
        let earlierPlans: Int32?
        let census: String?
    }

    struct Enquiry {
        let authority, subject, id, childId: String
        let startedOn: PGDate
        let discussionOn, completedOn: PGDate?
        let outcome, conferenceId: String?
        let conferenceOn: PGDate?
        let daysFromStart, daysFromDiscussion: Int32?
        let fault: String?
        /// By when the conference was due from the discussion, and from the last one that came later.
        let targetOn, laterDiscussionOn, laterTargetOn: PGDate?
        /// The fifteenth working day after the enquiry's start.
        let agedOn: PGDate?
        let notNeeded: String?
        let notNeededOn: PGDate?
        let census: String?
    }

    struct TransferIn {
        let notice: Casework.TransferIn
        let targetOn: PGDate?
        let conferenceId: String?
        let conferenceOn: PGDate?
        let workingDays: Int32?
    }

    struct Child {
        let id: String
        let bornOn, expectedOn, diedOn: PGDate?
        let team, census: String?
    }

    /// Working days from the strategy discussion to the initial conference, by statutory guidance: the target of the
    /// national return, whatever an authority's own procedure asks.
    static let conferenceWorkingDays = 15

    let authority: String
    let subject: String
    let conferences: [Conference]
    let plans: [Plan]
    let sittings: [Sitting]
    let enquiries: [Enquiry]
    let transfersIn: [TransferIn]
    let children: [Child]
    let postponements: [CaseView.Postponement]
    let casework: Casework

    init(
        _ file: CaseFile, refused: Set<String>, _ particulars: [Particulars.Key: Particulars],
        _ calendar: WorkingCalendar
    ) {
        let view = CaseView(file, refused: refused, particulars)
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
                excludedPeople: Int32(conference.excluded.count), quorumClaim: conference.quorumClaim?.asCode)
        }
        sittings = view.conferences.filter { $0.heldAt != nil }.flatMap { conference in
            conference.children.map { child in
                Sitting(
                    conferenceId: conference.id, childId: child, decision: conference.decisions[child]?.decision,
                    category: conference.decisions[child]?.category,
                    participation: view.participation(of: child, in: conference))
            }
        }
        plans = view.plans.map { plan in
            let categories = view.categories(of: plan)
            return Plan(
                authority: file.authority, subject: file.subject, id: plan.planId, childId: plan.childId,
                startedOn: PGDate(plan.startedOn), endedOn: view.end(of: plan).map { PGDate($0) },
                category: categories.initial, latestCategory: categories.changes.last?.category ?? categories.initial,
                categoryChanges: CaseModel.json(categories.changes), conferenceId: plan.conferenceId,
                endGround: view.endGround(of: plan)?.asCode,
                earlierPlans: view.casework.earlierPlans[plan.planId].map { Int32($0) },
                census: view.casework.census[plan.planId])
        }
        var answers: [String: [String: CaseView.Conference]] = [:]
        for child in Set(view.enquiries.flatMap(\.childIds)) { answers[child] = view.answers(of: child) }
        enquiries = view.enquiries.flatMap { enquiry in
            enquiry.childIds.map { child in
                CaseModel.row(enquiry, child: child, answers[child]?[enquiry.enquiryId], file, view, calendar)
            }
        }
        transfersIn = view.casework.transfersIn.map { CaseModel.row($0, view, calendar) }
        children = view.casework.children.sorted().map { child in
            Child(
                id: child, bornOn: view.casework.born[child].map { PGDate($0) },
                expectedOn: view.casework.expected[child].map { PGDate($0) },
                diedOn: view.lifeEnds[child].map { PGDate($0) }, team: view.casework.teams[child],
                census: view.casework.census[child])
        }
        postponements = view.postponements
        casework = view.casework
    }

    /// An enquiry by child, with the conference that answers it.
    private static func row(
        _ enquiry: EnquiryStarted, child: String, _ conference: CaseView.Conference?, _ file: CaseFile,
        _ view: CaseView, _ calendar: WorkingCalendar
    ) -> Enquiry {
        let started = enquiry.startedAt.day
        let first = view.discussion(beginning: enquiry, child: child)
        let discussion = first?.heldAt.day
        let on = conference?.heldAt?.day
        let isFault = on.map { $0 < started } ?? false
        let completed = view.completions[enquiry.enquiryId]
        let outcome = completed?.outcomes.first { $0.childId == child }?.outcome
        let later = first.flatMap { view.laterDiscussion(than: $0, of: child, through: on) }
        let lapse = view.lapse(of: enquiry, child: child).map { ($0.reason, $0.decidedOn) }
        let notNeeded = on != nil ? nil : view.lifeEnds[child].map { ("life_ended", $0) } ?? lapse
        func target(_ day: Day?) -> PGDate? {
            day.flatMap { calendar.adding(workingDays: conferenceWorkingDays, to: $0)?.day }.map { PGDate($0) }
        }
        return Enquiry(
            authority: file.authority, subject: file.subject, id: enquiry.enquiryId, childId: child,
            startedOn: PGDate(started), discussionOn: discussion.map { PGDate($0) },
            completedOn: completed.map { PGDate($0.completedAt.day) },
            outcome: outcome, conferenceId: conference?.id,
            conferenceOn: on.map { PGDate($0) },
            daysFromStart: on.flatMap { calendar.workingDays(after: started, through: $0) }.map { Int32($0) },
            daysFromDiscussion: on.flatMap { on in
                discussion.flatMap { calendar.workingDays(after: $0, through: on) }
            }.map { Int32($0) }, fault: isFault ? "conference_before_enquiry" : nil, targetOn: target(discussion),
            laterDiscussionOn: later.map { PGDate($0) }, laterTargetOn: target(later), agedOn: target(started),
            notNeeded: notNeeded?.0, notNeededOn: notNeeded.map { PGDate($0.1) },
            census: view.casework.census[enquiry.enquiryId])
    }

    private static func json(_ changes: [(category: String, on: Day)]) -> String? {
        guard !changes.isEmpty else { return nil }
        return "[\(changes.map { "[\"\($0.on)\",\(JSONValue.quoted($0.category))]" }.joined(separator: ","))]"
    }

    /// A notice of a move in, with the first initial conference held from its day on.
    private static func row(
        _ notice: Casework.TransferIn, _ view: CaseView, _ calendar: WorkingCalendar
    ) -> TransferIn {
        let held = view.initialConferences(of: notice.childId).first { $0.heldAt!.day >= notice.notifiedOn }
        let on = held?.heldAt?.day
        return TransferIn(
            notice: notice,
            targetOn: calendar.adding(workingDays: conferenceWorkingDays, to: notice.notifiedOn).map { PGDate($0.day) },
            conferenceId: held?.id, conferenceOn: on.map { PGDate($0) },
            workingDays: on.flatMap { calendar.workingDays(after: notice.notifiedOn, through: $0) }.map { Int32($0) })
    }
}

extension Moment {
    /// `nil` for a bare date, which has no time of day.
    var timestamp: PGTimestamp? {
        guard case .instant(let instant) = self else { return nil }
        return PGTimestamp(instant)
    }
}
