import CaseEvents
import StatutoryRules

/// How often somebody wants to be written to.
public enum Rhythm: String, Sendable, CaseIterable {
    case atOnce = "at_once"
    case daily, weekly
}

/// The people, teams and shared mailboxes of one authority, as they stand.
public struct Staff: Sendable {
    struct Person {
        let id: String
        let name: String?
        let roles: [String]
        let contact: Contact
        let managerId: String?
        let teamId: String?
        let isActive: Bool
        let cover: Cover?
        /// Their own choice; `nil` where they made none.
        let rhythm: Rhythm?
    }

    /// Who stands in for somebody, between two days of which either may be open.
    struct Cover {
        let personId: String
        let days: Days
    }

    struct Mailbox {
        let email: String
        let days: Days
    }

    struct Team {
        let managerId: String?
        let serviceManagerId: String?
    }

    struct Days {
        let from: Day?
        let to: Day?
        func contains(_ day: Day) -> Bool { (from ?? day) <= day && day <= (to ?? day) }

        init(_ value: JSONValue) {
            from = value["fromOn"]?.string.flatMap { Moment($0)?.day }
            to = value["toOn"]?.string.flatMap { Moment($0)?.day }
        }
    }

    private(set) var people: [String: Person] = [:]
    private(set) var teams: [String: Team] = [:]
    private(set) var mailboxes: [String: Mailbox] = [:]
    /// Those who still work here, by role, in the order of their ids.
    private(set) var holders: [String: [Person]] = [:]

    public init(_ entries: [(kind: String, id: String, body: JSONValue)]) {
        for (kind, id, body) in entries {
            switch DirectoryWord.Kind(rawValue: kind) {
            case .person: people[id] = Person(id, body)
            case .team:
                teams[id] = Team(
                    managerId: body["teamManagerId"]?.string, serviceManagerId: body["serviceManagerId"]?.string)
            case .roleMailbox:
                guard let email = MailAddress.text(body) else { continue }
                mailboxes[id] = Mailbox(email: email, days: Days(body))
            default: continue
            }
        }
        for person in people.values.sorted(by: { $0.id < $1.id }) where person.isActive {
            for role in person.roles { holders[role, default: []].append(person) }
        }
    }

    /// Everybody above a person, the nearest first; a chain that bites its own tail ends there.
    func managers(of id: String) -> [Person] {
        var seen: Set<String> = [id]
        var chain: [Person] = []
        var next = people[id]?.managerId
        while let id = next, seen.insert(id).inserted, let person = people[id] {
            chain.append(person)
            next = person.managerId
        }
        return chain
    }
}

extension Staff.Person {
    init(_ id: String, _ body: JSONValue) {
        self.id = id
        name = body["name"]?.string
        roles = body["roles"]?.elements.compactMap(\.string) ?? []
        contact = Contact(body)
        managerId = body["managerId"]?.string
        teamId = body["teamId"]?.string
        isActive = body["active"]?.bool ?? true
        rhythm = body["digest"]?.string.flatMap(Rhythm.init)
        cover = body["cover"].flatMap { cover in
            cover["personId"]?.string.map { Staff.Cover(personId: $0, days: Staff.Days(cover)) }
        }
    }
}

/// Who has to do with one case, as its events name them.
public struct CasePeople: Sendable {
    struct FamilyMember {
        let id: String
        let name: String?
        let language: String?
        let childIds: [String]
        let relationship: String
        let hasResponsibility: Bool
        let contact: Contact
        /// Those by which they may be written to.
        let ways: Set<Way>
        let isSafe: Bool
    }

    /// A person named in a list, with the role and agency that it gives.
    struct Named {
        let id: String
        let role: String?
        let agency: String?
    }

    private(set) var allocated: [(childId: String, role: String, personId: String)] = []
    private(set) var family: [FamilyMember] = []
    /// Of each meeting, newest word first.
    private(set) var chairs: [(conferenceId: String, personId: String)] = []
    private(set) var invitees: [(conferenceId: String, people: [Named])] = []
    /// By meeting, those to whom the authority itself has sent an invitation.
    private(set) var invited: [String: [String]] = [:]
    private(set) var deputies: [String: String] = [:]
    /// Nothing more is said of it but letters that are owed.
    public private(set) var isClosed = false
    /// Ids of the notices that somebody has taken up.
    public private(set) var acknowledged: Set<String> = []
    private(set) var plans: [(id: String, childIds: [String], initialInvitees: [Named], coreGroup: [Named])] = []
    public private(set) var facts = CaseFacts()

    /// - Parameters:
    ///   - entries: Each as it stands, the newest first.
    ///   - otherWords: What other cases of the authority say of members of this family, by the person's id.
    public init(
        _ entries: [(kind: String, id: String, childIds: [String], body: JSONValue)],
        otherWords: [String: [JSONValue]] = [:]
    ) {
        for (kind, id, childIds, body) in entries {
            switch DirectoryWord.Kind(rawValue: kind) {
            case .allocation:
                guard let slash = id.lastIndex(of: "/"), let person = body["personId"]?.string else { continue }
                allocated.append((String(id[..<slash]), String(id[id.index(after: slash)...]), person))
            case .familyMember:
                family.append(FamilyMember(id, childIds, body, otherWords: otherWords[id] ?? []))
            case .chair:
                guard let person = body["personId"]?.string else { continue }
                chairs.append((id, person))
            case .deputy: deputies[id] = body["personId"]?.string
            case .invited:
                guard let meeting = body["conferenceId"]?.string, let person = body["personId"]?.string else {
                    continue
                }
                invited[meeting, default: []].append(person)
            case .invitees: invitees.append((id, Named.list(body["invitees"])))
            case .plan:
                plans.append((id, childIds, Named.list(body["initialInvitees"]), Named.list(body["coreGroup"])))
                facts.take(.plan, id, childIds, body)
            case .acknowledgement: acknowledged.insert(id)
            case .caseState: isClosed = body["closed"]?.bool ?? false
            case .child, .death, .location, .meeting, .moved, .cancelled, .held, .exclusion, .nextDate, .planEnd:
                facts.take(DirectoryWord.Kind(rawValue: kind)!, id, childIds, body)
            case .person, .team, .roleMailbox, nil: continue
            }
        }
    }
}

extension CasePeople {
    /// Of a list of people, whose entries may be plain ids.
    static func ids(_ list: JSONValue?) -> [String] { Named.list(list).map(\.id) }
}

extension CasePeople.FamilyMember {
    /// Safety is the person's, whichever case knows of it: what any of them forbids is forbidden.
    init(_ id: String, _ childIds: [String], _ body: JSONValue, otherWords: [JSONValue]) {
        self.id = id
        self.childIds = childIds
        name = body["name"]?.string
        language = body["language"]?.string.map { $0.lowercased() }
        relationship = (body["relationship"]?.string ?? "").lowercased()
        hasResponsibility = body["parentalResponsibility"]?.bool ?? false
        let words = [body] + otherWords
        contact = Contact(body)
        ways = Set(Way.allCases.filter { way in words.allSatisfy { Self.allows(way, $0) } })
        isSafe = words.allSatisfy { $0["safeToContact"]?.bool ?? true }
    }

    /// Channels that are named leave out those that are not.
    private static func allows(_ way: Way, _ body: JSONValue) -> Bool {
        let channels = body["safeChannels"]?.elements.compactMap(\.string) ?? []
        return channels.isEmpty || channels.contains(way.rawValue)
    }

    private static let parents = [
        "mother", "father", "parent", "carer", "guardian", "special guardian", "stepmother", "stepfather",
        "step-parent",
        "foster carer", "adoptive parent",
    ]

    func holds(_ role: String) -> Bool {
        switch role {
        case "parent_carer":
            hasResponsibility || Self.parents.contains(relationship.spaced)
        case "child": ["child", "self", "young person"].contains(relationship.spaced)
        default: false
        }
    }
}

extension CasePeople.Named {
    fileprivate static func list(_ value: JSONValue?) -> [Self] {
        (value?.elements.map { $0 } ?? []).compactMap { item in
            // A list of plain ids is a list of people all the same.
            guard let id = item["personId"]?.string ?? item.string else { return nil }
            return Self(id: id, role: item["role"]?.string, agency: item["agency"]?.string)
        }
    }
}
