import StatutoryRules

/// How a child took part in a meeting, in the codes of the looked-after return: PN0 under four years old; there and spoke
/// (PN1), was spoken for by an advocate (PN2), or showed views by other means (PN3); not there and spoken for by an
/// advocate (PN5), heard by other means (PN6), or not heard (PN7). No event says that a child came and was silent (PN4).
struct Participation {
    private struct Key: Hashable {
        let conference, child: String
    }

    private var methods: [Key: Set<String>] = [:]
    private var advocates: Set<Key> = []

    private static let advocacy: Set<String> = ["advocate", "advocacy"]
    private static let symbolic: Set<String> = ["symbols", "drawing", "non_verbal", "worksheet"]

    mutating func take(_ payload: Payload) {
        switch payload {
        case .conferenceViewsRecorded(let fact):
            guard let child = fact.childId, fact.personId == nil || fact.personId == child else { return }
            methods[Key(conference: fact.conferenceId, child: child), default: []].insert(fact.method ?? "")
        case .conferenceChildParticipationAssessed(let fact):
            if fact.advocateId != nil { advocates.insert(Key(conference: fact.conferenceId, child: fact.childId)) }
        default: break  // says nothing of a child's part
        }
    }

    /// `nil` where the meeting was not held, the child was not yet born, nobody's attendance is recorded, or the child came
    /// and nothing says how they were heard.
    func code(of child: String, born: Day?, in conference: CaseView.Conference) -> String? {
        guard let held = conference.heldAt?.day, !conference.attendees.isEmpty, let born, born <= held else {
            return nil
        }
        if held < born.adding(months: 48) { return "PN0" }
        let key = Key(conference: conference.id, child: child)
        let methods = methods[key] ?? []
        let hasAdvocate = advocates.contains(key) || !methods.isDisjoint(with: Participation.advocacy)
        if conference.attendees.contains(where: { $0.personId == child }) {
            if hasAdvocate { return "PN2" }
            if methods.isEmpty { return nil }
            return methods.isSubset(of: Participation.symbolic) ? "PN3" : "PN1"
        }
        if hasAdvocate { return "PN5" }
        return methods.isEmpty ? "PN7" : "PN6"
    }
}
