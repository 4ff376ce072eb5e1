import CaseEvents
import Correspondence
import Postgres
import StatutoryRules

/// A notice with those whom it may concern.
struct Matter {
    let body: JSONValue
    let roles: [String]
    let addressees: Addressees

    /// - Parameter row: With `authority`, `subject` and `body` of a notice.
    init(_ row: Row, _ directory: inout Directory, on day: Day, in transaction: borrowing Transaction) throws {
        let (authority, subject) = (row.string("authority"), row.string("subject"))
        body = try JSONValue(row.string("body"))
        let children = body["childIds"]?.elements.compactMap(\.string) ?? []
        roles = ["to", "cc"].flatMap { [body] in body[$0]?.elements.compactMap(\.string) ?? [] }
        addressees = Addressees(
            staff: try directory.staff(of: authority, in: transaction),
            people: try Directory.people(
                authority: authority, subject: subject, children: children, in: transaction),
            childIds: children, conferenceId: body["subject"]?["conferenceId"]?.string,
            planId: body["subject"]?["planId"]?.string, day: day)
    }

    /// Each once, in the order of the roles.
    func find() -> (recipients: [Recipient], lacks: [Lack]) {
        var recipients: [Recipient] = []
        var lacks: [Lack] = []
        for role in roles {
            let found = addressees.find(role)
            for recipient in found.recipients where !recipients.contains(where: { $0.id == recipient.id }) {
                recipients.append(recipient)
            }
            lacks += found.lacks
        }
        return (recipients, lacks)
    }
}
