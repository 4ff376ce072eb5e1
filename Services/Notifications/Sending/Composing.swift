import CaseEvents
import Correspondence
import Postgres
import StatutoryRules

/// All that a message is made of. Making it is pure work.
struct Composition: Sendable {
    enum Content {
        case list(JSONValue, ListFiles?)
        case digest([Item])
        case item(Item)
    }

    let content: Content
    let reader: Reader
    let envelope: Envelopment
    let rendering: Rendering

    var isForCalendar: Bool {
        if case .item(let item) = content { item.isForCalendar } else { false }
    }

    var mail: Mail {
        switch content {
        case .list(let body, let files): rendering.mail(list: body, files: files, for: reader, envelope)
        case .digest(let items): rendering.mail(digest: items, for: reader, envelope)
        case .item(let item): rendering.mail(item, for: reader, envelope)
        }
    }
}

/// Finds what a message says, from what is known now.
struct Composing {
    let from: String
    let rendering: Rendering

    /// - Parameters:
    ///   - row: Of a message, with `body` of its list or notice.
    ///   - items: Of a digest, what it holds.
    ///   - address: Where it goes.
    ///   - way: By which it goes there.
    func composition(
        _ row: Row, _ items: [Item], to address: String, by way: Way, _ directory: inout Directory,
        in transaction: borrowing Transaction
    ) throws -> Composition {
        let authority = row.string("authority")
        let envelope = Envelopment(
            id: row.uuid("message_id").description, dated: row.timestamp("intended_at").instant,
            occasion: row.timestamp("occasion_at").instant, from: from, to: address, way: way)
        func composition(_ content: Composition.Content, for reader: Reader) -> Composition {
            Composition(content: content, reader: reader, envelope: envelope, rendering: rendering)
        }
        if !row.isNull("digest_on") { return composition(.digest(items), for: Reader(authority: authority)) }
        let body = try JSONValue(row.string("body"))
        if !row.isNull("list_id") {
            let files = try self.files(of: row.string("list_id"), in: transaction)
            return composition(.list(body, files), for: Reader(authority: authority))
        }
        let item = Item(
            id: row.uuid("notice_id").description, subject: row.stringOrNil("subject") ?? "",
            template: row.string("template"), role: row.string("recipient_role"), body: body)
        guard Reader.isOutside(item.role) else { return composition(.item(item), for: Reader(authority: authority)) }
        let day = London.day(of: row.timestamp("now").instant)
        let matter = try Matter(notice: row, &directory, on: day, in: transaction)
        var reader = matter.addressees.reader(row.string("recipient_id"), as: item.role, in: authority)
        if item.isForCalendar, let conference = reader.conferenceId {
            if let last = try Invitations.last(before: row, conference: conference, in: transaction) {
                reader.sequence = last.sequence + 1
                if item.template == Invitations.withdrawal { reader.withdrawInvitation(told: last.told) }
            }
        }
        return composition(.item(item), for: reader)
    }

    private func files(of list: String, in transaction: borrowing Transaction) throws -> ListFiles? {
        try transaction.execute("SELECT csv, html, xlsx FROM reporting.list_file WHERE list_id = \(list)").first.map {
            ListFiles(
                csv: $0.string("csv"), html: $0.string("html"), xlsx: $0.isNull("xlsx") ? nil : $0.bytes("xlsx"))
        }
    }
}

extension Row {
    /// Of a message, by which it was to go when it was written.
    var way: Way { Way(rawValue: string("channel")) ?? .email }
}
