import CaseEvents
import StatutoryRules

/// One word on who is who, or on who has to do with a case.
public struct DirectoryWord: Sendable {
    public enum Kind: String, Sendable {
        case person, team
        case roleMailbox = "role_mailbox"
        case allocation
        case familyMember = "family_member"
        case chair, deputy, invitees, plan
        /// Somebody to whom the authority itself has sent an invitation.
        case invited
        case caseState = "case"
        /// Of an escalation, by its notice.
        case acknowledgement
        // What letters say of a case.
        case child, death, location, meeting, moved, cancelled, held, exclusion
        case nextDate = "next_date"
        case planEnd = "plan_end"
    }

    public let kind: Kind
    public let entryId: String
    public let childIds: [String]
    /// From when it holds.
    public let effectiveAt: Instant
    public let envelope: Envelope
    public let body: String

    /// What an event says of the directory and for letters; nothing where it says nothing, and where it only takes
    /// something back.
    public static func words(of event: CaseEvent) -> [DirectoryWord] {
        event.envelope.retracts == nil ? people(of: event) + facts(of: event) : []
    }

    private static func people(of event: CaseEvent) -> [DirectoryWord] {
        guard let data = event.data, let type = event.envelope.eventType else { return [] }
        func word(
            _ kind: Kind, _ id: String?, _ body: String? = nil, from own: String? = nil
        ) -> [DirectoryWord] {
            guard let id else { return [] }
            let effective = own.flatMap { data[$0]?.string }.flatMap { Moment($0) }?.earliest ?? event.envelope.time
            return [
                DirectoryWord(
                    kind: kind, entryId: id, childIds: event.childIds, effectiveAt: effective, envelope: event.envelope,
                    body: body ?? data.rawText)
            ]
        }
        let conference = data["conferenceId"]?.string
        switch type {
        case .personRecorded: return word(.person, data["personId"]?.string)
        case .teamRecorded: return word(.team, data["teamId"]?.string)
        case .roleMailboxRecorded: return word(.roleMailbox, data["role"]?.string)
        case .familyMemberRecorded: return word(.familyMember, data["personId"]?.string)
        case .allocationChanged:
            guard let child = event.childIds.first, let role = data["role"]?.string else { return [] }
            return word(
                .allocation, "\(child)/\(role)", person(data["toPersonId"]?.string), from: "effectiveAt")
        case .childRegistered:
            guard let child = event.childIds.first, let allocated = data["allocated"] else { return [] }
            let roles = [
                "socialWorkerId": "social_worker", "teamManagerId": "team_manager",
                "serviceManagerId": "service_manager",
            ]
            return roles.sorted { $0.key < $1.key }.flatMap { field, role in
                guard let id = allocated[field]?.string else { return [DirectoryWord]() }
                return word(.allocation, "\(child)/\(role)", person(id))
            }
        case .conferenceScheduled:
            guard let chair = data["chairId"]?.string else { return [] }
            return word(.chair, conference, person(chair), from: "dateSetAt")
        case .conferenceChairAssigned:
            return word(.chair, conference, person(data["chairId"]?.string), from: "assignedAt")
        case .conferenceDeputyNominated:
            guard let conference, let absent = data["forPersonId"]?.string else { return [] }
            return word(.deputy, "\(conference)/\(absent)", person(data["deputyId"]?.string), from: "nominatedAt")
        case .conferenceInviteListSubmitted: return word(.invitees, conference, from: "submittedAt")
        case .conferenceInvitationsSent:
            guard let conference else { return [] }
            return CasePeople.ids(data["recipients"]).flatMap { id in
                let names = "{\"conferenceId\":\(JSONValue.quoted(conference)),\"personId\":\(JSONValue.quoted(id))}"
                // A producer may write a name where an id belongs: it stays in the body.
                return word(.invited, "\(conference)/\(NameUUID(name: id))", names, from: "sentAt")
            }
        case .caseClosed: return word(.caseState, event.envelope.subject, "{\"closed\":true}", from: "closedOn")
        case .caseReopened: return word(.caseState, event.envelope.subject, "{\"closed\":false}", from: "reopenedOn")
        case .escalationAcknowledged:
            return word(.acknowledgement, data["noticeId"]?.string?.lowercased(), from: "acknowledgedAt")
        case .planStarted: return word(.plan, data["planId"]?.string)
        default: return []
        }
    }

    private static func person(_ id: String?) -> String { "{\"personId\":\(id.map(JSONValue.quoted) ?? "null")}" }
}
