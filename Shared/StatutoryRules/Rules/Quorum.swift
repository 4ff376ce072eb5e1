// The quorum of a conference: LON-3.10a to c and LON-3.11 (001, 3.10 and 3.11); MAN-6d (003, possible reasons, fourth
// point) for the seats that the note implies. Judged for each child, at the start: who leaves early has been there
// (LON-5.7b), who dials in is there (LON-3.6c), observers are not (LON-3.3b).

enum Quorum: String {
    case quorate
    case byException = "quorate_by_exception"
    case inquorate
}

extension Docket {
    /// Whether a conference that was held lacked its quorum for the child. Quorate by exception is quorate.
    func isInquorate(_ conference: History.Conference, for child: String) -> Bool {
        quorum(of: conference, for: child) == .inquorate
    }

    /// `quorate`, `quorate_by_exception` or `inquorate`; `nil` where nothing says.
    func quorumStatus(of conference: History.Conference, for child: String) -> String? {
        quorum(of: conference, for: child)?.rawValue
    }

    /// Of the whole meeting: as for the child that it was worst for.
    func quorumStatus(of conference: History.Conference) -> String? {
        let all = Docket.each(conference.children).map { quorum(of: conference, for: $0) }
        if all.contains(.inquorate) { return Quorum.inquorate.rawValue }
        if all.isEmpty || all.contains(nil) { return nil }
        return (all.contains(.byException) ? Quorum.byException : .quorate).rawValue
    }

    private func quorum(of conference: History.Conference, for child: String) -> Quorum? {
        guard conference.held != nil, conference.type != .lookedAfterReview else { return nil }
        let claim = claim(of: conference)
        guard let composed = composition(of: conference, for: child) else { return claim }
        guard claim == .inquorate, composed != .inquorate else { return composed }
        // A meeting that calls itself inquorate is believed, unless it was so for another of its children.
        let isExplained = conference.children.contains { composition(of: conference, for: $0) == .inquorate }
        return isExplained ? composed : .inquorate
    }

    private func claim(of conference: History.Conference) -> Quorum? {
        conference.held?.facts.quorumClaim.flatMap(Quorum.init)
    }

    mutating func quorum(at conference: History.Conference) {
        guard let held = conference.held, Requirement.Scope.conferences.covers(conference.type) else { return }
        let subject = Subject(conferenceId: conference.id)
        let children = Docket.each(conference.children)
        let lacking = children.filter { isInquorate(conference, for: $0) }
        for child in lacking {
            require(
                "LON-3.10a", Subject(childId: child, conferenceId: conference.id), events: [held.record.event],
                "the conference was not quorate for the child")
        }
        if !lacking.isEmpty, !held.record.details.contains(.proceedReason) {
            require(
                "LON-3.11", subject, events: [held.record.event],
                "the conference went ahead without its quorum, and the chair's reason is not recorded")
        }
        guard let rule = policy.choice(.quorumRule)?.rule else { return }
        let composed = children.map { composition(of: conference, for: $0) }
        if let claim = claim(of: conference) {
            let differs =
                claim == .inquorate
                ? !composed.contains(nil) && !composed.contains(.inquorate) : composed.contains(.inquorate)
            guard differs else { return }
            require(
                rule, subject, events: [held.record.event],
                "what the conference says of its quorum differs from the attendance recorded")
        } else if composed.contains(nil), isInForce("LON-3.10a") {
            find(
                "LON-3.10a", .should, subject, events: [held.record.event],
                "cannot be judged: neither a claim of quorum nor each attendee's direct contact is recorded")
        }
    }

    static func each(_ ids: [String]) -> [String] { Set(ids).sorted() }
}

/// Who filled the seats of the policy's `quorum.rule`.
extension Docket {
    /// A seat for an agency, other than those named, that has had direct contact with the child.
    private static let directContact = "direct_contact"

    /// What the attendance recorded says; `nil` where it leaves the answer open.
    private func composition(of conference: History.Conference, for child: String) -> Quorum? {
        guard let rule = policy.choice(.quorumRule), let held = conference.held?.facts,
            Requirement.Scope.conferences.covers(conference.type), conference.children.contains(child)
        else { return nil }
        let named = rule.values.filter { $0 != Docket.directContact }
        let others = rule.values.count - named.count
        let isOnlyChild = Set(conference.children).count == 1
        let present = Contacts(present(at: conference), child: child, isOnlyChild: isOnlyChild, named: named)
        // Where nobody says a word of contact, or of agency, there is nothing to judge.
        guard others > 0 ? present.speaks : present.hasAgency else { return nil }
        let empty = named.count { !present.fills($0) }
        if empty == 0 && present.known.count >= others { return .quorate }
        if empty <= present.unnamed && present.known.union(present.open).count >= others { return nil }
        guard empty == 0, others > 0, isInForce("LON-3.10b") else { return .inquorate }
        if let count = held.decisions.last(where: { $0.childId == child })?.childAgencyContactCount {
            return count < rule.values.count ? .byException : .inquorate
        }
        let absent = Contacts(
            (held.absentees ?? []).filter { Docket.isProfessional($0) }, child: child, isOnlyChild: isOnlyChild,
            named: named)
        let agencies = present.known.union(present.open).union(absent.known)
        guard agencies.count + named.count < rule.values.count else { return .inquorate }
        // Few agencies seen with the child are few in contact only where the absent are accounted for.
        let isAccountedFor = held.absentees != nil && absent.open.isEmpty
        return isAccountedFor || held.quorumClaim == Quorum.byException.rawValue ? .byException : .inquorate
    }

    /// The professionals there at the start, observers and those who run the meeting left out.
    private func present(at conference: History.Conference) -> [Participant] {
        guard let held = conference.held?.facts else { return [] }
        let observers = Set(held.attendees.filter { $0.role == "observer" }.compactMap(\.personId))
        let start = conference.start
        var present: [Participant] = []
        for var attendee in held.attendees {
            if let id = attendee.personId {
                if observers.contains(id) || id == held.chairId { continue }
                let invited = conference.invitees.first { $0.personId == id }
                attendee.role = attendee.role ?? invited?.role
                attendee.agency = attendee.agency ?? invited?.agency
            }
            if let left = attendee.leftAt, let start, left.precedes(start) == true { continue }
            if Docket.isProfessional(attendee) { present.append(attendee) }
        }
        return present
    }

    /// Whether someone may fill a seat: not the family and those who come with them, an observer, or who leads,
    /// records or advises.
    private static func isProfessional(_ participant: Participant) -> Bool {
        switch participant.role {
        case "child", "parent_carer", "supporter", "interpreter", "observer", "conference_chair", "cp_chair_manager",
            "other_independent_chair", "iro", "meeting_support_assistant", "legal_adviser",
            "child_legal_representative":
            false
        default: true
        }
    }
}

/// Which agencies of a list of people have had direct contact with a child.
private struct Contacts {
    /// In direct contact, the agencies with a seat of their own left out.
    private(set) var known: Set<String> = []
    /// Nothing says whether they were.
    private(set) var open: Set<String> = []
    /// People whose agency is not recorded.
    private(set) var unnamed = 0
    /// Whether anyone says a word of contact with any child.
    private(set) var speaks = false
    private var agencies: Set<String> = []

    var hasAgency: Bool { !agencies.isEmpty }

    init(_ people: [Participant], child: String, isOnlyChild: Bool, named: [String]) {
        for (place, person) in people.enumerated() {
            let agency = Contacts.agency(of: person)
            if let agency { agencies.insert(agency) } else { unnamed += 1 }
            if person.basis != nil || person.saysDirectContact || !person.directContactChildIds.isEmpty {
                speaks = true
            }
            if let agency, named.contains(where: { Contacts.belongs(agency, to: $0) }) { continue }
            switch Contacts.knows(person, child, isOnlyChild) {
            case true: known.insert(agency ?? "\(place)")
            case nil: open.insert(agency ?? "\(place)")
            case false: break
            }
        }
        open.subtract(known)
    }

    func fills(_ seat: String) -> Bool { agencies.contains { Contacts.belongs($0, to: seat) } }

    /// LON-3.10c: expertise and responsibility for a service bring someone to the table, and fill no seat.
    private static func knows(_ person: Participant, _ child: String, _ isOnlyChild: Bool) -> Bool? {
        if let basis = person.basis, basis != "direct_contact" { return false }
        if person.saysDirectContact || !person.directContactChildIds.isEmpty {
            return person.directContactChildIds.contains(child)
        }
        return person.basis != nil && isOnlyChild ? true : nil
    }

    private static func agency(of person: Participant) -> String? {
        if let agency = person.agency { return agency }
        switch person.role {
        case "social_worker", "team_manager", "practice_supervisor", "csc_manager", "ceasing_to_care_manager",
            "senior_safeguarding_manager", "service_manager":
            return "childrens_social_care"
        case "police_rep": return "police"
        default: return nil
        }
    }

    /// A seat for health is filled by any of the health services.
    private static func belongs(_ agency: String, to seat: String) -> Bool {
        guard seat == "health" else { return agency == seat }
        switch agency {
        case "health", "health_visiting", "school_nursing", "gp", "midwifery", "mental_health": return true
        default: return false
        }
    }
}
