import CaseEvents
import StatutoryRules

/// Somebody who is written to.
public struct Recipient: Hashable, Sendable {
    public let id: String
    /// The role in which they are told: the one asked for, or the rung that stands in for it.
    public let role: String
    /// An e-mail address, the number of a mobile telephone, or the lines of a postal address.
    public let address: String
    public var way = Way.email
    public var hold: Hold?
    /// Nothing goes to family but what a person has released, and never in a digest.
    public var isFamily = false
    /// Their own choice.
    public var rhythm: Rhythm?

    /// Why a message waits for a person.
    public enum Hold: String, Sendable {
        case notSafe = "not_safe"
        case letter
        case cap
        case dryRun = "dry_run"
    }
}

/// What the directory lacks to reach the right person.
public struct Lack: Hashable, Sendable {
    public enum Code: String, Sendable {
        case roleUnheld = "role_unheld"
        case severalHold = "several_hold"
        case personLeft = "person_left"
        case personUnknown = "person_unknown"
        case noAddress = "no_address"
        case unreachable
    }

    public let code: Code
    /// The rung that lacks somebody.
    public let role: String
    public var personId: String?
    /// The role that was looked for.
    public internal(set) var asked = ""

    /// For those who keep the directory. Names roles and ids, never people.
    public var message: String {
        switch code {
        case .roleUnheld:
            "nobody who can be written to holds the role \(role): record a person or a role mailbox; the next rung was told"
        case .severalHold:
            "several hold the role \(role) and none of them is tied to the case: record the allocation; the next rung was told"
        case .personLeft: "\(personId ?? "") has left and is still named as \(role): record who follows"
        case .personUnknown: "\(personId ?? "") is named as \(role) and is not in the directory: record the person"
        case .noAddress: "\(personId ?? "") has no address by which they may be written to as \(role): record one"
        case .unreachable:
            "no one holds the role \(role) or any rung above it, and there is no QA mailbox: record a person or a role mailbox"
        }
    }
}

extension Lack {
    fileprivate func of(_ role: String) -> Lack {
        var lack = self
        lack.asked = role
        return lack
    }
}

/// Finds who holds a role for one matter on one day: of the case, else up the chain of managers, else the shared
/// mailbox, else who alone holds it; where nobody does, on the next rung. Decides in values.
public struct Addressees {
    let staff: Staff
    public let people: CasePeople
    let childIds: [String]
    public let conferenceId: String?
    let planId: String?
    let day: Day
    /// Those that are open, the preferred first: e-mail, and what else the channel offers and the authority's policy chooses.
    public var ways: [Way] = [.email]
    /// Of a letter that is to some of a family alone: nobody else of it may learn that there is one.
    var familyOnly: Set<String>?
    /// Who is kept out of the meeting, and is not told when and where it is.
    var familyNot: Set<String> = []
    /// Whether the other authority is asked for something as an authority, and not as one of those at the meeting.
    var asksAuthority = false

    /// What the answer depends on besides the role: of the same question the answer is the same.
    public struct Question: Hashable {
        let childIds: Set<String>
        let conferenceId: String?
        let planId: String?
        let familyOnly: Set<String>?
        let familyNot: Set<String>
        let asksAuthority: Bool
    }

    public var question: Question {
        Question(
            childIds: Set(childIds), conferenceId: conferenceId, planId: planId, familyOnly: familyOnly,
            familyNot: familyNot, asksAuthority: asksAuthority)
    }

    /// Of a notice, by what it said when it fell due.
    public init(staff: Staff, people: CasePeople, of body: JSONValue, day: Day) {
        self.init(
            staff: staff, people: people, childIds: body["childIds"]?.elements.compactMap(\.string) ?? [],
            conferenceId: body["subject"]?["conferenceId"]?.string, planId: body["subject"]?["planId"]?.string, day: day
        )
        let excluded = conferenceId.flatMap { people.facts.meetings[$0] }?.excluded ?? [:]
        switch body["template"]?.string {
        // LON-5.9: to who was excluded (001, 5.9); of several, each has a letter of their own.
        case "exclusion_letter":
            familyOnly = Set(excluded.keys)
            if let person = body["personId"]?.string { familyOnly?.formIntersection([person]) }
        case "conference_invitation", "cla_invitation_consultation", "invitation_pack", "meeting_changed",
            "invitation_withdrawn", "meeting_for_calendar", "conference_record", "amendment_window":
            familyNot = Set(excluded.filter { $0.value != "part" && $0.value != "partial" }.keys)
        case "transfer_chase": asksAuthority = true
        default: break
        }
    }

    /// - Parameter childIds: The children whom the matter concerns; without any, all of the case.
    public init(
        staff: Staff, people: CasePeople, childIds: [String] = [], conferenceId: String? = nil, planId: String? = nil,
        day: Day
    ) {
        self.staff = staff
        self.people = people
        self.childIds = childIds
        self.conferenceId = conferenceId
        self.planId = planId
        self.day = day
    }

    static let family = Reader.family
    /// Not of the rulebook: whoever the authority itself has sent an invitation to this meeting.
    public static let invited = "invited"
    /// Roles that only exist where somebody was invited in them: nobody is told in their place.
    private static let invitedOnly: Set = [
        "supporter", "observer", "interpreter", "child_legal_representative", "other_authority",
    ]
    /// Roles that are nothing without a case: who holds one elsewhere has no business with this child.
    private static let ofCaseOnly: Set = ["social_worker", "agency_professional", "core_group_member"]
    /// Roles held by a whole team.
    private static let shared: Set = ["qa_team", "sqa", "safeguarding_partnership"]

    private static let ladders: [[String]] = [
        ["practice_supervisor", "team_manager", "service_manager", "csc_manager", "qa_team"],
        ["social_worker", "team_manager", "service_manager", "csc_manager", "qa_team"],
        ["conference_chair", "cp_chair_manager", "qa_service_manager", "qa_team"],
        ["iro", "qa_service_manager", "sqa", "qa_team"],
    ]

    /// The role itself, and who is told where nobody holds it.
    public static func rungs(from role: String) -> [String] {
        if role == "qa_team" { return [role] }
        if family.contains(role) { return rungs(from: "social_worker") }
        guard let ladder = ladders.first(where: { $0.contains(role) }) else { return [role, "qa_team"] }
        return Array(ladder[ladder.firstIndex(of: role)!...])
    }

    /// Everybody who is told of what is to be said to a role, and what the directory lacked.
    public func find(_ role: String) -> (recipients: [Recipient], lacks: [Lack]) {
        var lacks: [Lack] = []
        let found = find(role, &lacks)
        return (found, lacks.map { $0.of(role) })
    }

    private func find(_ role: String, _ lacks: inout [Lack]) -> [Recipient] {
        if Self.family.contains(role) {
            let found = familyMembers(role, &lacks)
            if !found.isEmpty { return found }
        }
        if role == Self.invited {
            // Many that an authority invites are in no directory here, nor need they be.
            var unknown: [Lack] = []
            let ids = conferenceId.flatMap { people.invited[$0] } ?? []
            return reach(ids.filter { !familyNot.contains($0) }, as: role, &unknown)
        }
        if Self.invitedOnly.contains(role), !(asksAuthority && role == "other_authority") {
            return reach(invited(in: role), as: role, &lacks)
        }
        for rung in Self.rungs(from: role) {
            let found = holders(of: rung, &lacks)
            guard !found.isEmpty else { continue }
            if rung != role { lacks.append(Lack(code: .roleUnheld, role: role)) }
            return found
        }
        lacks.append(Lack(code: .unreachable, role: role))
        return []
    }

    /// Everyone who holds a role, as lists are sent to; else as `find`.
    public func everyHolder(of role: String) -> (recipients: [Recipient], lacks: [Lack]) {
        var lacks: [Lack] = []
        let all = reach((staff.holders[role] ?? []).map(\.id), as: role, &lacks)
        return all.isEmpty ? find(role) : (all, lacks.map { $0.of(role) })
    }

    /// One person as they can be written to now, whether or not the matter still concerns them.
    public func reachable(_ id: String, as role: String) -> Recipient? {
        var lacks: [Lack] = []
        return reach(id, as: role, &lacks).flatMap { $0.id == id ? $0 : nil }
    }

    // MARK: One rung

    private func holders(of role: String, _ lacks: inout [Lack]) -> [Recipient] {
        let ofCase = reach(ofCase(role), as: role, &lacks)
        if !ofCase.isEmpty { return ofCase }
        let above = reach(chain(to: role), as: role, &lacks)
        if !above.isEmpty { return above }
        if let mailbox = staff.mailboxes[role], mailbox.days.contains(day) {
            return [Recipient(id: "mailbox:\(role)", role: role, address: mailbox.email)]
        }
        if Self.ofCaseOnly.contains(role) { return [] }
        let all = (staff.holders[role] ?? []).filter { $0.contact.best(of: ways) != nil }
        if all.count > 1, !Self.shared.contains(role) {
            lacks.append(Lack(code: .severalHold, role: role))
            return []
        }
        return reach(all.map(\.id), as: role, &lacks)
    }

    /// The ids of those whom the case's own events name in a role.
    private func ofCase(_ role: String) -> [String] {
        let allocated = people.allocated
            .filter { $0.role == role && (childIds.isEmpty || childIds.contains($0.childId)) }.map(\.personId)
        switch role {
        case "conference_chair", "iro":
            let chair =
                people.chairs.first { $0.conferenceId == conferenceId }
                ?? (conferenceId == nil ? people.chairs.first : nil)
            // A reviewing officer who is trained may chair a conference too.
            let isWanted = chair.map { role != "iro" || (staff.people[$0.personId]?.roles ?? []).contains("iro") }
            return allocated + (isWanted == true ? [chair!.personId] : [])
        case "agency_professional", "police_rep": return agencies(role)
        case "core_group_member":
            return plans.first?.coreGroup.map(\.id).filter { id in !people.family.contains { $0.id == id } } ?? []
        default: return allocated + invited(in: role)
        }
    }

    /// Of the meeting that it is about; else those first invited for the plan, else, of no meeting, those of the newest.
    /// Who comes beside somebody, or to look on, is no professional of the case whatever agency sent them.
    private func agencies(_ role: String) -> [String] {
        let list =
            people.invitees.first { $0.conferenceId == conferenceId }?.people
            ?? plans.first?.initialInvitees ?? (conferenceId == nil ? people.invitees.first?.people : nil) ?? []
        return list.filter { named in
            if Self.invitedOnly.contains(named.role ?? "") { return false }
            if people.family.contains(where: { $0.id == named.id }) || Self.family.contains(named.role ?? "") {
                return false
            }
            let isPolice = named.agency == "police" || named.role == "police_rep"
            return role == "police_rep"
                ? isPolice : named.agency.map { $0 != "childrens_social_care" } ?? (named.role == role || isPolice)
        }.map(\.id)
    }

    private func invited(in role: String) -> [String] {
        guard let conferenceId else { return [] }
        return people.invitees.first { $0.conferenceId == conferenceId }?.people.filter { $0.role == role }.map(\.id)
            ?? []
    }

    private var plans:
        [(id: String, childIds: [String], initialInvitees: [CasePeople.Named], coreGroup: [CasePeople.Named])]
    {
        people.plans.filter { plan in
            planId.map { $0 == plan.id } ?? (childIds.isEmpty || plan.childIds.contains(where: childIds.contains))
        }
    }

    /// Managers of the social workers who hold the role, and the managers of their teams.
    private func chain(to role: String) -> [String] {
        var found: [String] = []
        for worker in ofCase("social_worker") {
            let team = staff.people[worker]?.teamId.flatMap { staff.teams[$0] }
            let ofTeam: String? =
                switch role {
                case "team_manager": team?.managerId
                case "service_manager": team?.serviceManagerId
                default: nil
                }
            let manager = staff.managers(of: worker).first { $0.roles.contains(role) && $0.isActive }?.id
            for id in [ofTeam, manager].compactMap({ $0 }).prefix(1) where !found.contains(id) { found.append(id) }
        }
        return found
    }

    // MARK: One person

    private func reach(_ ids: [String], as role: String, _ lacks: inout [Lack]) -> [Recipient] {
        var found: [Recipient] = []
        var seen: Set<String> = []
        for id in ids {
            let deputy = conferenceId.flatMap { people.deputies["\($0)/\(id)"] }
            for id in [id, deputy].compactMap({ $0 }) where seen.insert(id).inserted {
                if let recipient = reach(id, as: role, &lacks), !found.contains(recipient) { found.append(recipient) }
            }
        }
        return found
    }

    private func reach(_ id: String, as role: String, _ lacks: inout [Lack]) -> Recipient? {
        guard let person = staff.people[id] else {
            if let member = people.family.first(where: { $0.id == id }) { return reach(member, as: role, &lacks) }
            lacks.append(Lack(code: .personUnknown, role: role, personId: id))
            return nil
        }
        if let cover = person.cover, cover.days.contains(day), let other = staff.people[cover.personId], other.isActive,
            let best = other.contact.best(of: ways)
        {
            return Recipient(id: other.id, role: role, address: best.address, way: best.way, rhythm: other.rhythm)
        }
        guard person.isActive else {
            lacks.append(Lack(code: .personLeft, role: role, personId: id))
            return nil
        }
        guard let best = person.contact.best(of: ways) else {
            lacks.append(Lack(code: .noAddress, role: role, personId: id))
            return nil
        }
        return Recipient(id: id, role: role, address: best.address, way: best.way, rhythm: person.rhythm)
    }

    private func familyMembers(_ role: String, _ lacks: inout [Lack]) -> [Recipient] {
        people.family.filter { member in
            member.holds(role) && familyOnly?.contains(member.id) ?? true && !familyNot.contains(member.id)
                && (member.childIds.isEmpty || childIds.isEmpty || member.childIds.contains(where: childIds.contains))
        }.compactMap { reach($0, as: role, &lacks) }
    }

    /// A letter is too long for an SMS, which lies open on a screen besides; an envelope without a name is anybody's.
    private func reach(_ member: CasePeople.FamilyMember, as role: String, _ lacks: inout [Lack]) -> Recipient? {
        let ways = ways.filter { way in
            member.ways.contains(way) && way != .sms && (way != .letter || member.name != nil)
        }
        guard let best = member.contact.best(of: ways) else {
            lacks.append(Lack(code: .noAddress, role: role, personId: member.id))
            return nil
        }
        var address = best.address
        if best.way == .letter, let name = member.name, !address.hasPrefix(name + "\n") {
            // Seven lines at most.
            var lines = address.split(separator: "\n").map(String.init)
            if lines.count == 7 { lines[0] += ", " + lines.remove(at: 1) }
            address = ([name] + lines).joined(separator: "\n")
        }
        return Recipient(
            id: member.id, role: role, address: address, way: best.way, hold: member.isSafe ? .letter : .notSafe,
            isFamily: true)
    }
}
