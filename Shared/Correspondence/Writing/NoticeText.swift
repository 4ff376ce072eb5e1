import StatutoryRules

/// What a notice says at its head to those who work on the case, and what it asks for: one line of `messages.tsv`.
struct NoticeText {
    /// How it goes out.
    enum Kind: String {
        /// With others, in a digest.
        case notice
        /// At once, whatever the person chose.
        case urgent
        /// On its own at once, to those who are invited.
        case invitation
        /// A letter: on its own, and after the case was closed too.
        case letter
        /// A letter that could distress: drafted, and released by a person.
        case draft
    }

    let headline: String
    let action: String
    let kind: Kind

    /// Of a template of a newer release than this worker: said plainly, never lost.
    static let unknown = NoticeText(headline: "Notice: {duty}", action: "See the case system.", kind: .notice)
}

/// Duties in words that people use.
enum DutyName {
    static func text(_ raw: String?) -> String {
        switch raw.flatMap(Duty.init) {
        case nil: "duty"
        case .initialConference: "initial child protection conference"
        case .receivingConference: "receiving authority's conference"
        case .emergencyOrderConference: "conference before the emergency order runs out"
        case .firstReview: "first child protection review"
        case .laterReview: "child protection review"
        case .firstLookedAfterReview: "first looked-after review"
        case .secondLookedAfterReview: "second looked-after review"
        case .laterLookedAfterReview: "looked-after review"
        case .socialWorkerReport: "social worker's report"
        case .decisionLetterParents: "decision letter to parents"
        case .decisionLetterAll: "decision letter and outline plan"
        case let duty?: duty.rawValue.replacing("_", with: " ")
        }
    }
}
