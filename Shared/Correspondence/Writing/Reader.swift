import StatutoryRules

/// For whom a text is written, and what may be said to them.
public struct Reader: Sendable {
    public let authority: String
    public var policy = ""
    public var language = Templates.english
    var role = ""
    var id = ""
    /// Of family, so that the letter is to somebody.
    var name: String?
    var isOfFamily = false
    /// The children of the matter that concern them.
    var childIds: [String] = []
    /// Whether those are all the children of the matter: what was said of all of them together may be said.
    var isConcernedWithAll = true
    public internal(set) var conferenceId: String?
    /// Of an invitation for the calendar, the number of this word on the meeting.
    public var sequence = 0
    var planId: String?
    public internal(set) var facts = CaseFacts()
    var worker: (name: String?, email: String?)?

    /// One who works on the case, or on many.
    public init(authority: String) { self.authority = authority }

    static let family: Set = ["parent_carer", "child"]
    /// Those who are written to from outside: a letter, and never what is asked of staff.
    private static let outside: Set = [
        "parent_carer", "child", "agency_professional", "core_group_member", "police_rep", "other_authority",
        "supporter",
        "observer", "interpreter", "child_legal_representative", Addressees.invited,
    ]

    /// By the role, or by who they are: one of the family may come as another's supporter.
    var isFamily: Bool { Reader.family.contains(role) || isOfFamily }
    var getsLetters: Bool { Reader.isOutside(role) }

    /// Who is told in this role gets letters, drawn from the case's facts.
    public static func isOutside(_ role: String) -> Bool { outside.contains(role) }
}

extension Reader {
    /// Of somebody who is invited no longer, by what they were told of the meeting.
    public mutating func withdrawInvitation(told: String) {
        if let conferenceId { facts.withdraw(conferenceId, told: told) }
    }
}

extension Addressees {
    /// One of those found, as a reader of what this matter is about.
    public func reader(_ id: String, as role: String, in authority: String) -> Reader {
        var reader = Reader(authority: authority)
        (reader.id, reader.role, reader.conferenceId, reader.planId) = (id, role, conferenceId, planId)
        (reader.childIds, reader.facts, reader.worker) = (childIds, people.facts, worker)
        guard let member = people.family.first(where: { $0.id == id }) else { return reader }
        reader.isOfFamily = true
        reader.name = member.name
        reader.language = member.language ?? reader.language
        if !member.childIds.isEmpty, !childIds.isEmpty {
            reader.childIds = childIds.filter(member.childIds.contains)
            reader.isConcernedWithAll = reader.childIds.count == childIds.count
        }
        return reader
    }

    private var worker: (name: String?, email: String?)? {
        let ids = people.allocated.filter {
            $0.role == "social_worker" && (childIds.isEmpty || childIds.contains($0.childId))
        }
        let found = ids.lazy.compactMap { staff.people[$0.personId] }.first { $0.isActive }
        return found.map { ($0.name, $0.contact.email) }
    }
}
