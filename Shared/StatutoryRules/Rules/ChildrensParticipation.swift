// Children and absent relatives in a conference: LON-3.5a (001, 3.5), LON-4.3 to LON-4.18 (001, 4.3 to 4.18), LON-6.1
// (001, 6.1). What must have been done beforehand is judged once the conference was held. A child not yet born takes no
// part. LON-4.6 and 4.7 are lost text (G20, G21); LON-4.17 only names ways of contributing.

extension Requirement {
    static let participation: [Requirement] = [
        Requirement(
            "LON-4.9", .conferenceChildParticipationAssessed, .conferences, needs: [.parentViews],
            "the parents' views on the child attending are not recorded"),
        Requirement(
            "LON-4.10a", .conferenceChildParticipationAssessed, .conferences, needs: [.impactConsidered],
            "the effect of attending on the child is not recorded as considered"),
    ]
}

extension Docket {
    /// What is known of one child's part in one conference that was held.
    private struct Part {
        let subject: Subject
        let held: Record
        let start: Moment?
        let assessments: [(record: Record, facts: ParticipationAssessed)]
        /// By the end of the day.
        let views: [(record: Record, facts: ViewsRecorded)]
        let attended: Bool

        var latest: (record: Record, facts: ParticipationAssessed)? { assessments.last }
        /// How it was to attend: `all`, `part`, `none`; a wish not to come stands whatever was planned.
        let attend: String?
        var events: [String] { [held.event] + (latest.map { [$0.record.event] } ?? []) }
        func says(_ detail: Detail) -> Bool { assessments.contains { $0.record.details.contains(detail) } }
    }

    mutating func participation(in conference: History.Conference) {
        guard Requirement.Scope.conferences.covers(conference.type) else { return }
        for child in Docket.each(conference.children) {
            wish(of: child, in: conference)
            guard let part = part(of: child, in: conference) else { continue }
            preparation(part)
            attendance(part, child: child, on: conference.heldOn)
            voice(part)
        }
        if let held = conference.held, !held.record.details.contains(.viewsPresentedBy),
            conference.children.contains(where: { isBorn($0, by: conference) })
        {
            require(
                "LON-4.18", Subject(conferenceId: conference.id), events: [held.record.event],
                "it is not recorded who put the child's views to the conference")
        }
        absentRelatives(of: conference)
    }

    /// LON-4.8: a child that does not want to come is not planned to come.
    private mutating func wish(of child: String, in conference: History.Conference) {
        var declared: String?
        for (record, facts) in conference.involvement.assessments where facts.childId == child {
            declared = facts.declaredWish ?? declared
            guard declared == "not_attend", Docket.comes(facts.attend), mayRefuse("LON-4.8") else { continue }
            refuse(
                "LON-4.8", Subject(childId: child, conferenceId: conference.id), event: record.event,
                "the child does not wish to attend, and is planned to attend all the same")
        }
    }

    private static func comes(_ attend: String?) -> Bool { attend == "all" || attend == "part" }

    /// `nil` where the conference was not held, or the child was not yet born.
    private func part(of child: String, in conference: History.Conference) -> Part? {
        guard let held = conference.held, let on = conference.heldOn, isBorn(child, by: conference) else { return nil }
        let assessments = conference.involvement.assessments.filter { $0.facts.childId == child }
        let wish = assessments.last { $0.facts.declaredWish != nil }?.facts.declaredWish
        let isOnlyChild = Set(conference.children).count == 1
        let views = conference.involvement.views.filter { _, views in
            let isTheirs =
                views.childId == child || views.personId == child
                || isOnlyChild && views.personRole == "child" && views.childId == nil
            return isTheirs && views.recordedAt.day <= on
        }
        let attended = held.facts.attendees.contains {
            $0.personId == child || isOnlyChild && $0.role == "child"
        }
        return Part(
            subject: Subject(childId: child, conferenceId: conference.id), held: held.record, start: conference.start,
            assessments: assessments, views: views, attended: attended,
            attend: wish == "not_attend" ? "none" : assessments.last?.facts.attend)
    }

    /// A pre-birth conference is about an unborn child unless the child is known to have been born by then.
    private func isBorn(_ child: String, by conference: History.Conference) -> Bool {
        let known = history.child(child)
        if let born = known?.born { return conference.heldOn.map { born <= $0 } ?? true }
        return !(known?.isUnborn ?? false) && conference.type != .prebirth
    }

    /// LON-4.4, 4.12 and 4.14: what is settled beforehand.
    private mutating func preparation(_ part: Part) {
        requireBefore(
            start: part.start, part.assessments.first?.facts.assessedAt, "LON-4.4", part.subject, events: part.events,
            "whether the child should attend was not assessed beforehand")
        if Docket.comes(part.attend), !part.says(.arrangements) {
            require(
                "LON-4.4", part.subject, events: part.events,
                "the child was to attend, and no arrangements are recorded")
        }
        guard let latest = part.latest else { return }
        for agreed in [
            part.assessments.compactMap(\.facts.agreedByChairAt).min(by: { $0.order < $1.order }),
            part.assessments.compactMap(\.facts.agreedBySwAt).min(by: { $0.order < $1.order }),
        ] where agreed == nil || part.start.flatMap({ agreed!.precedes($0) }) == false {
            require(
                "LON-4.12", part.subject, events: [latest.record.event],
                "the chair and the social worker are not both recorded as having agreed beforehand on the child's part")
            break
        }
        if history.child(part.subject.childId!)?.hasDisability ?? false, !part.says(.adjustments) {
            require(
                "LON-4.14", part.subject, events: [latest.record.event],
                "no adjustments are recorded for a disabled child to take part")
        }
    }

    /// LON-3.5a, 4.10b, 4.11, 4.13 and 4.15: the child in the room, or kept from it.
    private mutating func attendance(_ part: Part, child: String, on day: Day?) {
        let isPrepared = part.says(.preparedBy)
        if part.attended {
            let preparedAt = part.assessments.compactMap(\.facts.preparedAt).min { $0.order < $1.order }
            let done = isPrepared ? preparedAt ?? part.assessments.first?.facts.assessedAt : nil
            requireBefore(
                start: part.start, done, "LON-4.13", part.subject, events: part.events,
                "the child attended and is not recorded as prepared beforehand by the social worker or an advocate")
        }
        guard let latest = part.latest else { return }
        let hasAdvocate = part.assessments.contains { $0.facts.advocateId != nil }
        if part.attend == "all", part.says(.parentPrivacyView) {
            require(
                "LON-4.10b", part.subject, events: part.events,
                "a parent's view on the child hearing private details is recorded, and the child was to attend all of it"
            )
        }
        let isKeptOut = part.attend == "none" && latest.facts.attend == "none" && !Docket.wishesAway(part.assessments)
        if isKeptOut || part.attend == "part" && part.says(.parentPrivacyView), !hasAdvocate, !isPrepared {
            require(
                "LON-4.11", part.subject, events: part.events,
                "neither an advocate nor preparation by the social worker is recorded for a child kept from the meeting"
            )
        }
        guard Docket.comes(part.attend) else { return }
        if !hasAdvocate, !part.says(.supporterOffered) {
            require(
                "LON-4.15", part.subject, events: part.events,
                "a supporter or advocate to come with the child is not recorded as considered")
        }
        if let day, let age = policy.limit(.youngChildAge, on: day)?.limit, isYounger(child, than: age, on: day) {
            require("LON-3.5a", part.subject, events: part.events, "a young child was to attend the conference")
        }
    }

    private static func wishesAway(_ all: [(record: Record, facts: ParticipationAssessed)]) -> Bool {
        all.last { $0.facts.declaredWish != nil }?.facts.declaredWish == "not_attend"
    }

    private func isYounger(_ child: String, than age: Limit, on day: Day) -> Bool {
        guard let born = history.child(child)?.born else { return false }
        return switch age.unit {
        case .months: born.adding(months: age.count) > day
        case .calendarDays: born.adding(days: age.count) > day
        case .workingDays, .hours: false
        }
    }

    /// LON-4.3, 4.5, 4.16 and 6.1: the child's views.
    private mutating func voice(_ part: Part) {
        if part.views.isEmpty && !part.attended {
            require(
                "LON-4.3", part.subject, events: [part.held.event],
                "the child's views were not recorded by the conference")
        }
        let hasAnotherWay = !part.views.isEmpty || part.says(.alternativeMethod)
        if part.attend == "none", !hasAnotherWay, !part.attended {
            require(
                "LON-4.5", part.subject, events: part.events,
                "the child was not to attend, and no other way to give wishes and feelings is recorded")
            if Docket.wishesAway(part.assessments) {
                require(
                    "LON-6.1", part.subject, events: part.events,
                    "no opportunity to give views is recorded for a child who did not wish to attend")
            }
        }
        guard !part.attended, let last = part.views.last else { return }
        let isExplained = part.views.contains { $0.record.details.contains(.reasonIfNone) }
        let meetings = part.views.compactMap {
            $0.facts.chairPreMeetingAt ?? ($0.facts.method == "chair_meeting" ? $0.facts.recordedAt : nil)
        }
        guard !isExplained else { return }
        requireBefore(
            start: part.start, meetings.min { $0.order < $1.order }, "LON-4.16", part.subject,
            events: [part.held.event, last.record.event],
            "an absent child did not meet the chair beforehand, and no reason is recorded")
    }

    /// LON-6.1: parents and children who stay away are offered every chance to give views.
    private mutating func absentRelatives(of conference: History.Conference) {
        guard let held = conference.held, let on = conference.heldOn else { return }
        for (record, apology) in conference.involvement.apologies {
            let person = apology.personId
            let role = apology.role ?? person.flatMap { conference.role(of: $0) }
            guard Docket.isFamily(role), !(person.map { conference.attended($0) } ?? false) else { continue }
            if let offered = apology.opportunityOfferedAt, offered.day <= on { continue }
            let gave = conference.involvement.views.contains {
                person != nil && ($0.facts.personId == person || $0.facts.childId == person)
                    && $0.facts.recordedAt.day <= on
            }
            if gave { continue }
            require(
                "LON-6.1", Subject(conferenceId: conference.id), events: [held.record.event, record.event],
                "no opportunity to give views is recorded for a parent or child who did not come")
        }
    }
}
