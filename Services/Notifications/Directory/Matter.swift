import CaseEvents
import Correspondence
import Postgres
import StatutoryRules

/// A notice or a list with those whom it may concern.
struct Matter {
    let body: JSONValue
    let roles: [String]
    let addressees: Addressees
    private let isList: Bool
    /// Of an escalation: somebody has taken it up on an earlier rung.
    private let isAcknowledged: Bool

    /// - Parameter row: With `authority`, `subject` and `body` of a notice.
    init(
        notice row: Row, _ directory: inout Directory, on day: Day, in transaction: borrowing Transaction
    ) throws {
        body = try JSONValue(row.string("body"))
        roles = ["to", "cc"].flatMap { [body] in body[$0]?.elements.compactMap(\.string) ?? [] }
        var addressees = Addressees(
            staff: try directory.staff(of: row.string("authority"), in: transaction),
            people: try directory.people(of: CaseAtHand(row, body), in: transaction), of: body, day: day)
        addressees.ways = directory.ways(of: row.string("authority"), on: day)
        self.addressees = addressees
        isList = false
        isAcknowledged = try Ladder(body)?.isAcknowledged(addressees.people.acknowledged, row, in: transaction) ?? false
    }

    /// - Parameter row: With `authority` and `body` of a list.
    init(list row: Row, _ directory: inout Directory, on day: Day, in transaction: borrowing Transaction) throws {
        body = try JSONValue(row.string("body"))
        roles = body["recipients"]?.elements.compactMap(\.string) ?? []
        addressees = Addressees(
            staff: try directory.staff(of: row.string("authority"), in: transaction), people: CasePeople([]), day: day)
        isList = true
        isAcknowledged = false
    }

    /// Whether it is only a meeting for calendars, and there is none to come: it has no date yet, is cancelled, or has been.
    func isPast(_ now: Instant) -> Bool {
        guard body["template"]?.string == Invitations.calendarItem else { return false }
        guard let id = addressees.conferenceId, let meeting = addressees.people.facts.meetings[id],
            let start = meeting.startsAt, !meeting.isCancelled
        else { return true }
        return start.latest <= now
    }

    /// Why nothing is to be said of it. Of a closed case only the letters that are owed are.
    func silence(isLetter: Bool) -> Silence? {
        if addressees.people.isClosed && !isLetter { return .closed }
        return isAcknowledged ? .acknowledged : nil
    }

    /// Somebody whom it concerned and does no longer, as they can be written to.
    func former(_ id: String, as role: String) -> Recipient? {
        find().recipients.contains { $0.id == id } ? nil : addressees.reachable(id, as: role)
    }

    /// Each once, in the order of the roles.
    func find() -> (recipients: [Recipient], lacks: [Lack]) {
        var recipients: [Recipient] = []
        var lacks: [Lack] = []
        for role in roles {
            let found = isList ? addressees.everyHolder(of: role) : addressees.find(role)
            for recipient in found.recipients where !recipients.contains(where: { $0.id == recipient.id }) {
                recipients.append(recipient)
            }
            lacks += found.lacks
        }
        return (recipients, lacks)
    }
}

/// Why a notice or a list is said to nobody.
enum Silence: String {
    case unreachable = "no one holds these roles, and there is no QA mailbox: record a person or a role mailbox"
    case nobodyInvited = "nobody was invited in these roles"
    case closed = "the case is closed"
    case acknowledged = "the escalation was acknowledged on an earlier rung"
}
