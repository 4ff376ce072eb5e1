import CaseEvents
import Correspondence
import Postgres
import StatutoryRules

/// Makes a mail of a message's row, from what is known now.
struct Composing {
    let from: String
    let rendering: Rendering

    /// - Parameters:
    ///   - row: Of a message, with `body` of its list or notice.
    ///   - items: Of a digest, what it holds.
    ///   - address: Where it goes; without it where the row says.
    func mail(
        _ row: Row, _ items: [Item], to address: String? = nil, _ directory: inout Directory,
        in transaction: borrowing Transaction
    ) throws -> Mail {
        let authority = row.string("authority")
        let envelope = Envelopment(
            id: row.uuid("message_id").description, dated: row.timestamp("intended_at").instant,
            occasion: row.timestamp("occasion_at").instant, from: from, to: address ?? row.string("address"))
        let body = try JSONValue(row.string("body"))
        if !row.isNull("list_id") { return rendering.mail(list: body, for: Reader(authority: authority), envelope) }
        if !row.isNull("digest_on") {
            return rendering.mail(digest: items, for: Reader(authority: authority), envelope)
        }
        let day = London.day(of: row.timestamp("now").instant)
        let matter = try Matter(notice: row, &directory, on: day, in: transaction)
        let reader = matter.addressees.reader(
            row.string("recipient_id"), as: row.string("recipient_role"), in: authority)
        return rendering.mail(
            Item(
                id: row.uuid("notice_id").description, subject: row.stringOrNil("subject") ?? "",
                template: row.string("template"), role: row.string("recipient_role"), body: body), for: reader, envelope
        )
    }
}
