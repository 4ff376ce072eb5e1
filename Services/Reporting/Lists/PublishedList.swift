import CaseEvents
import Foundation
import Mustache
import StatutoryRules
import Workers

/// A list as it is published: the same rows as CSV, as HTML and as a workbook.
public struct PublishedList {
    public let kind: Lists.Kind
    let authority: String
    /// The Monday or the 1st.
    let day: Day
    let period: String
    let asAt: Instant
    /// Whether everything published before its hour had been read.
    let isComplete: Bool
    let recipients: [String]
    let table: ListTable
    let csv: String
    let html: String
    let xlsx: [UInt8]

    /// Above this the event carries no rows, and the list is read from the ledger.
    private static let inlineBytes = 700 * 1024

    init(
        kind: Lists.Kind, authority: String, day: Day, asAt: Instant, isComplete: Bool, recipients: [String],
        table: ListTable
    ) throws {
        // In every form of the list, whatever a reader opens.
        let stamp = Moment.instant(asAt).readable
        let table =
            isComplete
            ? table
            : ListTable(header: table.header + ["Drawn early as at"], rows: table.rows.map { $0 + [stamp] })
        self.kind = kind
        self.authority = authority
        self.day = day
        let period = kind.period(of: day)
        self.period = period
        self.asAt = asAt
        self.isComplete = isComplete
        self.recipients = recipients
        self.table = table
        csv = table.csv
        xlsx = try Workbook.bytes(of: table, title: "\(kind.title), \(authority), \(period)", asAt: asAt)
        html = PublishedList.template.render(
            [
                "title": kind.title, "authority": authority, "period": period, "asAt": stamp,
                "header": table.header, "rows": table.rows.map { ["cells": $0] }, "isEmpty": table.rows.isEmpty,
                "isEarly": !isComplete,
            ] as [String: Any])
    }

    var id: String { NameUUID(name: "list/\(kind.rawValue)/\(authority)/\(period)").description }

    public var rowCount: Int { table.rows.count }

    /// The heading and the rows, as JSON.
    var cells: String {
        let rows = ([table.header] + table.rows).map { "[\($0.map(JSONValue.quoted).joined(separator: ","))]" }
        return "[\(rows.joined(separator: ","))]"
    }

    var event: OutgoingEvent {
        let isInline = csv.utf8.count + html.utf8.count <= PublishedList.inlineBytes
        let content =
            isInline
            ? "\"csv\":\(JSONValue.quoted(csv)),\"html\":\(JSONValue.quoted(html))"
            : "\"link\":\(JSONValue.quoted("reporting.published_list/\(id)"))"
        let data = """
            {"listId":"\(id)","kind":"\(kind.rawValue)","title":\(JSONValue.quoted(kind.title)),\
            "period":\(JSONValue.quoted(period)),"asAt":"\(asAt)","isComplete":\(isComplete),"recipients":[\
            \(recipients.map(JSONValue.quoted).joined(separator: ","))],"rowCount":\(rowCount),\(content)}
            """
        return OutgoingEvent(
            id: ListTable.eventId(ofList: id), source: WorkerName.reporting.source,
            type: "quorate.list.published.v1", subject: "lists", authority: authority, time: asAt, data: data)
    }

    /// Writes the files, whole or not at all. A folder that cannot be written loses nothing: the ledger has the list.
    public func write(to folder: String) throws {
        let base = URL(fileURLWithPath: folder, isDirectory: true).appendingPathComponent(authority)
        try FileManager.default.createDirectory(at: base, withIntermediateDirectories: true)
        let name = "\(kind.rawValue)-\(period.replacing(" ", with: "-"))"
        try Data(csv.utf8).write(to: base.appendingPathComponent(name + ".csv"), options: .atomic)
        try Data(xlsx).write(to: base.appendingPathComponent(name + ".xlsx"), options: .atomic)
        try Data(html.utf8).write(to: base.appendingPathComponent(name + ".html"), options: .atomic)
    }

    private static let template: MustacheTemplate = {
        do {
            return try MustacheTemplate(string: String(decoding: PackageResources.list_mustache, as: UTF8.self))
        } catch {
            fatalError("a template in the package does not parse: \(error)")
        }
    }()
}
