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
        if !row.isNull("list_id") {
            let files = try self.files(of: row.string("list_id"), in: transaction)
            return rendering.mail(list: body, files: files, for: Reader(authority: authority), envelope)
        }
        if !row.isNull("digest_on") {
            return rendering.mail(digest: items, for: Reader(authority: authority), envelope)
        }
        let item = Item(
            id: row.uuid("notice_id").description, subject: row.stringOrNil("subject") ?? "",
            template: row.string("template"), role: row.string("recipient_role"), body: body)
        guard Reader.isOutside(item.role) else {
            return rendering.mail(item, for: Reader(authority: authority), envelope)
        }
        let day = London.day(of: row.timestamp("now").instant)
        let matter = try Matter(notice: row, &directory, on: day, in: transaction)
        var reader = matter.addressees.reader(row.string("recipient_id"), as: item.role, in: authority)
        if item.isForCalendar, let conference = reader.conferenceId {
            reader.sequence = try Invitations.sequence(of: row, conference: conference, in: transaction)
        }
        return rendering.mail(item, for: reader, envelope)
    }

    private func files(of list: String, in transaction: borrowing Transaction) throws -> ListFiles? {
        try transaction.execute("SELECT csv, html, xlsx FROM reporting.list_file WHERE list_id = \(list)").first.map {
            ListFiles(
                csv: $0.string("csv"), html: $0.string("html"), xlsx: $0.isNull("xlsx") ? nil : $0.bytes("xlsx"))
        }
    }
}
