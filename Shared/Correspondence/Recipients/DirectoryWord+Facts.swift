import CaseEvents
import StatutoryRules

/// What letters say of a case: its children, meetings, decisions and endings. Of each payload only what a letter may say is
/// kept.
extension DirectoryWord {
    static func facts(of event: CaseEvent) -> [DirectoryWord] {
        guard let data = event.data, let type = event.envelope.eventType else { return [] }
        func word(_ kind: Kind, _ id: String?, _ fields: [String], from own: String? = nil) -> [DirectoryWord] {
            guard let id else { return [] }
            let effective = own.flatMap { data[$0]?.string }.flatMap { Moment($0) }?.earliest ?? event.envelope.time
            return [
                DirectoryWord(
                    kind: kind, entryId: id, childIds: event.childIds, effectiveAt: effective, envelope: event.envelope,
                    body: picked(fields, of: data))
            ]
        }
        let conference = data["conferenceId"]?.string
        let child = event.childIds.first
        switch type {
        case .childRegistered: return data["displayName"] == nil ? [] : word(.child, child, ["displayName"])
        case .childDied: return word(.death, child, ["dateOfDeath"])
        case .childLocationConfirmed: return word(.location, child, ["abroad", "confirmedAt"], from: "confirmedAt")
        case .conferenceScheduled:
            let fields = ["conferenceType", "startsAt", "endsAt", "venueOrMode"]
            return word(.meeting, conference, fields, from: "dateSetAt")
        case .conferenceRescheduled: return word(.moved, conference, ["newStartsAt"], from: "rescheduledAt")
        case .conferenceAdjourned:
            return data["newStartsAt"] == nil ? [] : word(.moved, conference, ["newStartsAt"], from: "adjournedAt")
        case .conferenceCancelled: return word(.cancelled, conference, [], from: "cancelledAt")
        case .conferenceHeld:
            let fields = ["heldAt", "conferenceType", "decisions", "recommendations", "nextReviewDate"]
            return word(.held, conference, fields)
        case .conferenceNextDateSet: return word(.nextDate, conference, ["nextOn"], from: "dateSetAt")
        case .conferenceExclusionDecided:
            guard let conference, let person = data["personId"]?.string else { return [] }
            return word(.exclusion, "\(conference)/\(person)", ["decision", "scope"], from: "decidedAt")
        case .planEnded: return word(.planEnd, data["planId"]?.string, ["endedOn", "groundCode"])
        default: return []
        }
    }

    private static func picked(_ fields: [String], of data: JSONValue) -> String {
        let pairs = fields.compactMap { name in data[name].map { "\"\(name)\":\($0.rawText)" } }
        return "{\(pairs.joined(separator: ","))}"
    }
}
