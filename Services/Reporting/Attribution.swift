import StatutoryRules

/// Which enquiry of a child an initial conference answers: one at most, so that no conference is counted twice.
extension CaseView {
    func conference(answering enquiry: EnquiryStarted, of child: String) -> Conference? {
        initialConferences(of: child).first { self.enquiry(answeredBy: $0, of: child)?.enquiryId == enquiry.enquiryId }
    }

    /// The day from which an enquiry's conference may be: that of its discussion, or its own.
    func beginning(of enquiry: EnquiryStarted, child: String) -> Day {
        let started = enquiry.startedAt.day
        return min(started, discussion(beginning: enquiry, child: child)?.heldAt.day ?? started)
    }

    /// Why no initial conference is needed after an enquiry, and since when: it found no continuing risk, or the decision was
    /// not to convene.
    func lapse(of enquiry: EnquiryStarted, child: String) -> (reason: String, on: Day)? {
        let completed = completions[enquiry.enquiryId]
        if let completed, let outcome = completed.outcomes.first(where: { $0.childId == child })?.outcome,
            ["not_substantiated", "substantiated_no_continuing_risk"].contains(outcome)
        {
            return (outcome, completed.completedAt.day)
        }
        let asked = requestedEnquiry.filter { $0.value == enquiry.enquiryId }.keys
        guard !asked.isEmpty, asked.allSatisfy({ convening[$0] == "no" }) else { return nil }
        return ("not_convened", beginning(of: enquiry, child: child))
    }

    /// The one that the request names; where it names none, or a sibling's, the latest begun by the day that the conference
    /// was asked for, else the first begun by the day that it was held. After its lapse an enquiry is answered only by what
    /// was requested since it began.
    private func enquiry(answeredBy conference: Conference, of child: String) -> EnquiryStarted? {
        let named = requestedEnquiry[conference.id]
        let own = enquiries.filter { $0.childIds.contains(child) }
        let isOfSibling = enquiries.contains { $0.enquiryId == named && !$0.childIds.contains(child) }
        if let named, !isOfSibling { return own.first { $0.enquiryId == named } }
        let begun = own.map { (enquiry: $0, on: beginning(of: $0, child: child)) }
            .sorted { ($0.on, $0.enquiry.enquiryId) < ($1.on, $1.enquiry.enquiryId) }
        let held = conference.heldAt!.day
        let asked = conference.requestedOn ?? conference.bookedOn ?? held
        guard let found = begun.last(where: { $0.on <= asked }) ?? begun.first, found.on <= held else { return nil }
        let isRequestedSince = conference.requestedOn.map { $0 >= found.on } ?? false
        if let lapse = lapse(of: found.enquiry, child: child), held > lapse.on, !isRequestedSince { return nil }
        return found.enquiry
    }
}
