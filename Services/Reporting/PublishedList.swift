import CaseEvents
import Foundation
import Mustache
import StatutoryRules
import Workers

struct ListTable {
    let header: [String]
    let rows: [[String]]
}

/// A list as it is published: the same rows as CSV and as HTML.
struct PublishedList {
    let kind: Lists.Kind
    let authority: String
    let period: String
    let asAt: Instant
    let recipients: [String]
    let rowCount: Int
    let csv: String
    let html: String

    /// Above this the event carries no rows, and the list is read from the ledger.
    private static let inlineBytes = 700 * 1024

    init(
        kind: Lists.Kind, authority: String, period: String, asAt: Instant, recipients: [String], table: ListTable
    ) {
        self.kind = kind
        self.authority = authority
        self.period = period
        self.asAt = asAt
        self.recipients = recipients
        rowCount = table.rows.count
        csv = ([table.header] + table.rows).map { $0.map(PublishedList.csvCell).joined(separator: ",") + "\r\n" }
            .joined()
        html = PublishedList.template.render(
            [
                "title": kind.title, "authority": authority, "period": period, "asAt": Moment.instant(asAt).readable,
                "header": table.header, "rows": table.rows.map { ["cells": $0] }, "isEmpty": table.rows.isEmpty,
            ] as [String: Any])
    }

    var id: String { NameUUID(name: "list/\(kind.rawValue)/\(authority)/\(period)").description }

    /// RFC 4180; a cell that a spreadsheet would read as a formula is made inert.
    static func csvCell(_ text: String) -> String {
        var cell = text
        if let first = cell.first, "=+-@\t\r".contains(first) { cell = "'" + cell }
        guard cell.contains(where: { "\",\r\n".contains($0) }) else { return cell }
        return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }

    var event: OutgoingEvent {
        let isInline = csv.utf8.count + html.utf8.count <= PublishedList.inlineBytes
        let content =
            isInline
            ? "\"csv\":\(JSONValue.quoted(csv)),\"html\":\(JSONValue.quoted(html))"
            : "\"link\":\(JSONValue.quoted("reporting.published_list/\(id)"))"
        let data = """
            {"listId":"\(id)","kind":"\(kind.rawValue)","title":\(JSONValue.quoted(kind.title)),\
            "period":\(JSONValue.quoted(period)),"asAt":"\(asAt)","recipients":[\
            \(recipients.map(JSONValue.quoted).joined(separator: ","))],"rowCount":\(rowCount),\(content)}
            """
        return OutgoingEvent(
            id: NameUUID(name: "list.published/\(id)").description, source: WorkerName.reporting.source,
            type: "quorate.list.published.v1", subject: "lists", authority: authority, time: asAt, data: data)
    }

    /// Writes both files, whole or not at all. A folder that cannot be written loses nothing: the ledger has the list.
    func write(to folder: String) {
        let base = URL(fileURLWithPath: folder, isDirectory: true).appendingPathComponent(authority)
        try? FileManager.default.createDirectory(at: base, withIntermediateDirectories: true)
        let name = "\(kind.rawValue)-\(period.replacing(" ", with: "-"))"
        try? Data(csv.utf8).write(to: base.appendingPathComponent(name + ".csv"), options: .atomic)
        try? Data(html.utf8).write(to: base.appendingPathComponent(name + ".html"), options: .atomic)
    }

    private static let template: MustacheTemplate = {
        do {
            return try MustacheTemplate(string: String(decoding: PackageResources.list_mustache, as: UTF8.self))
        } catch {
            fatalError("a template in the package does not parse: \(error)")
        }
    }()
}
