import StatutoryRules

/// Which enquiry of a child an initial conference answers: one at most, so that no conference is counted twice.
extension CaseView {
    private struct Begun {
        let enquiryId: String
        /// The day from which its conference may be: that of its discussion, or its own.
        let on: Day
        let lapsedOn: Day?
    }

    /// By enquiry of a child, the first conference that answers it.
    func answers(of child: String) -> [String: Conference] {
        let begun = enquiries.filter { $0.childIds.contains(child) }.map { enquiry in
            Begun(
                enquiryId: enquiry.enquiryId, on: beginning(of: enquiry, child: child),
                lapsedOn: lapse(of: enquiry, child: child)?.on)
        }.sorted { ($0.on, $0.enquiryId) < ($1.on, $1.enquiryId) }
        var answers: [String: Conference] = [:]
        for conference in initialConferences(of: child) {
            guard let id = enquiry(answeredBy: conference, of: child, begun) else { continue }
            if answers[id] == nil { answers[id] = conference }
        }
        return answers
    }

    /// Why no initial conference is needed after an enquiry, since when, and when that was decided: it found no continuing risk,
    /// or the decision was not to convene.
    func lapse(of enquiry: EnquiryStarted, child: String) -> (reason: String, on: Day, decidedOn: Day)? {
        let completed = completions[enquiry.enquiryId]
        if let completed, let outcome = completed.outcomes.first(where: { $0.childId == child })?.outcome,
            ["not_substantiated", "substantiated_no_continuing_risk"].contains(outcome)
        {
            return (outcome, completed.completedAt.day, completed.completedAt.day)
        }
        let asked = requestedEnquiry.filter { $0.value == enquiry.enquiryId }.keys
        let decisions = asked.compactMap { convening[$0] }
        guard let last = decisions.map(\.on).max(), decisions.count == asked.count,
            decisions.allSatisfy({ $0.decision == "no" })
        else { return nil }
        return ("not_convened", beginning(of: enquiry, child: child), last)
    }

    private func beginning(of enquiry: EnquiryStarted, child: String) -> Day {
        let started = enquiry.startedAt.day
        return min(started, discussion(beginning: enquiry, child: child)?.heldAt.day ?? started)
    }

    /// The one that the request names; where it names none, or a sibling's, the latest begun by the day that the conference
    /// was asked for, else the first begun by the day that it was held. After its lapse an enquiry is answered only by what
    /// was requested since it began.
    private func enquiry(answeredBy conference: Conference, of child: String, _ begun: [Begun]) -> String? {
        if let named = requestedEnquiry[conference.id],
            !enquiries.contains(where: { $0.enquiryId == named && !$0.childIds.contains(child) })
        {
            return named
        }
        let held = conference.heldAt!.day
        let asked = conference.requestedOn ?? conference.bookedOn ?? held
        guard let found = begun.last(where: { $0.on <= asked }) ?? begun.first, found.on <= held else { return nil }
        let isRequestedSince = conference.requestedOn.map { $0 >= found.on } ?? false
        if let lapsedOn = found.lapsedOn, held > lapsedOn, !isRequestedSince { return nil }
        return found.enquiryId
    }
}
