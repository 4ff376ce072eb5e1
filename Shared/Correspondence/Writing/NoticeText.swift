import StatutoryRules

/// What a notice says at its head, and what it asks for: one line a template of `messages.tsv`.
struct NoticeText {
    /// How it goes out.
    enum Kind: String {
        /// With others, in a digest.
        case notice
        /// At once, whatever the person chose.
        case urgent
        /// A letter: on its own, and after the case was closed too.
        case letter
        /// A letter that could distress: drafted, and released by a person.
        case draft
    }

    let headline: String
    let action: String
    let kind: Kind

    init(_ template: String, duty: String) {
        guard let text = NoticeText.all[template] else {
            // A template of a newer release than this worker: said plainly, never lost.
            self.init(headline: "Notice: \(duty)", action: "See the case system.", kind: .notice)
            return
        }
        self.init(
            headline: text.headline.replacing("{duty}", with: duty), action: text.action, kind: text.kind)
    }

    private init(headline: String, action: String, kind: Kind) {
        self.headline = headline
        self.action = action
        self.kind = kind
    }

    private static let all: [String: NoticeText] = {
        let lines = String(decoding: PackageResources.messages_tsv, as: UTF8.self).split(separator: "\n").dropFirst()
        var all: [String: NoticeText] = [:]
        for line in lines {
            let cells = line.split(separator: "\t").map(String.init)
            guard cells.count == 4, let kind = Kind(rawValue: cells[1]) else {
                fatalError("messages.tsv: not a template: \(line)")
            }
            all[cells[0]] = NoticeText(headline: cells[2], action: cells[3], kind: kind)
        }
        return all
    }()
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
