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

    let headline: Phrase
    let action: Phrase
    let kind: Kind

    /// Of a template of a newer release than this worker: said plainly, never lost.
    static let unknown = NoticeText(
        headline: Phrase("Notice: {duty}", naming: "duty"), action: Phrase("See the case system.", naming: "duty"),
        kind: .notice)
}

/// A line with one name in it, such as `{duty}`, that stands for what is known later.
struct Phrase {
    private let parts: [String]

    init(_ text: String, naming name: String) {
        parts = text.split(separator: "{\(name)}", omittingEmptySubsequences: false).map(String.init)
    }

    func with(_ word: String) -> String { parts.count == 1 ? parts[0] : parts.joined(separator: word) }
}

extension String {
    /// A code as words.
    var spaced: String {
        String(decoding: utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }
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
        case let duty?: duty.rawValue.spaced
        }
    }
}
