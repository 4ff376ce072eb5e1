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

    /// - Parameter row: With `authority`, `subject` and `body` of a notice.
    init(
        notice row: Row, _ directory: inout Directory, on day: Day, in transaction: borrowing Transaction
    ) throws {
        let (authority, subject) = (row.string("authority"), row.string("subject"))
        body = try JSONValue(row.string("body"))
        let children = body["childIds"]?.elements.compactMap(\.string) ?? []
        roles = ["to", "cc"].flatMap { [body] in body[$0]?.elements.compactMap(\.string) ?? [] }
        addressees = Addressees(
            staff: try directory.staff(of: authority, in: transaction),
            people: try Directory.people(
                authority: authority, subject: subject, children: children, in: transaction),
            of: body, day: day)
        isList = false
    }

    /// - Parameter row: With `authority` and `body` of a list.
    init(list row: Row, _ directory: inout Directory, on day: Day, in transaction: borrowing Transaction) throws {
        body = try JSONValue(row.string("body"))
        roles = body["recipients"]?.elements.compactMap(\.string) ?? []
        addressees = Addressees(
            staff: try directory.staff(of: row.string("authority"), in: transaction), people: CasePeople([]), day: day)
        isList = true
    }

    /// Nothing is said of a closed case but the letters that are owed.
    func isOver(_ item: Item) -> Bool { addressees.people.isClosed && !item.isLetter }

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
