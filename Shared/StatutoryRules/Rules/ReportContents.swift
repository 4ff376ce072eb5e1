// What a report must contain, and its way to the family: LON-7.1 to 7.6, 7.7c, 7.9a and 7.9e (001, 7.1 to 7.9), SWI-0.2 and
// 0.3 (004, preamble).

extension Docket {
    private enum Author { case socialWork, agency, anybody }
    private struct Content {
        let rule: String
        let author: Author
        let scope: Requirement.Scope
        let needs: Details
        let message: String
    }

    private static let contents = [
        Content(
            rule: "LON-7.1", author: .anybody, scope: .conferences, needs: [.factOpinion],
            message: "the report is not said to keep fact, allegation and opinion apart"),
        Content(
            rule: "LON-7.2a", author: .socialWork, scope: .initialKinds, needs: [.signedBy, .signedAt],
            message: "the report is not recorded as signed, with who signed it and when"),
        Content(
            rule: "LON-7.2b", author: .socialWork, scope: .reviews, needs: [.planProgress],
            message: "the report is not said to cover the progress of the plan"),
        Content(
            rule: "LON-7.2c", author: .socialWork, scope: .conferences, needs: [.templateApproved],
            message: "the report's format is not recorded as approved by the authority"),
        Content(
            rule: "LON-7.4", author: .socialWork, scope: .conferences, needs: [.assessmentAttached],
            message: "the social worker's assessment record is not part of the report"),
        Content(
            rule: "LON-7.5", author: .socialWork, scope: .conferences, needs: [.childSeen],
            message: "the report does not say when the child was seen"),
        Content(
            rule: "LON-7.6", author: .socialWork, scope: .conferences, needs: [.householdCovered],
            message: "the report is not said to cover every child in the household"),
        Content(
            rule: "LON-7.9a", author: .agency, scope: .conferences, needs: [.signedBy],
            message: "the agency's report is not recorded as signed"),
        Content(
            rule: "LON-7.9e", author: .agency, scope: .conferences, needs: [.templateId],
            message: "the agency's report does not say which agreed form it uses"),
    ]

    mutating func reportContents(for conference: History.Conference) {
        let own = socialWorkReports(for: conference)
        let isOwn = Set(own.map(\.record.occasion))
        for report in conference.reports where !isFormerAuthority(report) {
            let isSocialWork = isOwn.contains(report.record.occasion)
            for content in Docket.contents
            where content.scope.covers(conference.type) && !report.record.details.contains(all: content.needs) {
                switch content.author {
                case .socialWork where !isSocialWork, .agency where isSocialWork: continue
                default: break
                }
                require(
                    content.rule, Subject(conferenceId: conference.id), events: [report.record.event], content.message)
            }
        }
        for report in own {
            children(in: report, conference)
            qualityCheck(of: report, conference)
        }
        sharedBefore(conference, own)
    }

    private mutating func children(in report: History.Conference.Report, _ conference: History.Conference) {
        guard conference.isProtectionConference else { return }
        if report.facts.hasUnexplainedSighting {
            require(
                "LON-7.5", Subject(conferenceId: conference.id), events: [report.record.event],
                "a child was not seen alone, and the report does not say who was there and why")
        }
        let children = Set(conference.children)
        guard children.count > 1 else { return }
        for child in children.subtracting(report.facts.childSections).sorted() {
            require(
                "LON-7.3", Subject(childId: child, conferenceId: conference.id), events: [report.record.event],
                "the report has no section on this child's safety")
        }
    }

    /// Handed in, checked by a manager, shared: in that order.
    private mutating func qualityCheck(of report: History.Conference.Report, _ conference: History.Conference) {
        let subject = Subject(conferenceId: conference.id)
        let checked = report.checks.first
        if let checked, let at = checked.at, let submitted = report.record.at, at.latest < submitted.earliest {
            require(
                "SWI-0.3", subject, events: [report.record.event, checked.event],
                "the report is recorded as quality-assured before it was handed in")
        }
        if let shared = report.shared.first {
            if isAfter(checked?.at, shared.at) {
                require(
                    "SWI-0.3", subject, events: [report.record.event, shared.event],
                    "the report was shared before a manager had quality-assured it")
            }
        } else if let held = conference.held, checked == nil {
            require(
                "SWI-0.3", subject, events: [report.record.event, held.record.event],
                "no manager is recorded as having quality-assured the report")
        }
    }

    private func isAfter(_ checked: Moment?, _ shared: Moment?) -> Bool {
        guard let checked else { return true }
        return shared.map { checked.earliest > $0.latest } ?? false
    }

    /// The family had it in time to put mistakes right and to comment, once the meeting was held.
    private mutating func sharedBefore(_ conference: History.Conference, _ own: [History.Conference.Report]) {
        guard let held = conference.held, conference.type != nil,
            !own.contains(where: { $0.shared.contains { conference.isBeforeStart($0.at) } })
        else { return }
        let subject = Subject(conferenceId: conference.id)
        if conference.isProtectionConference {
            require(
                "LON-7.7c", subject, events: [held.record.event],
                "the family had no chance before the meeting to correct the report or comment on it")
        }
        require(
            "SWI-0.2", subject, events: [held.record.event],
            "the report is not recorded as shared with the family before the meeting")
    }
}
