import StatutoryRules

/// The rows of a list, each cell as text.
public struct ListTable: Sendable {
    public let header: [String]
    public let rows: [[String]]

    public init(header: [String], rows: [[String]]) {
        self.header = header
        self.rows = rows
    }

    /// Of the event that published a list, from the list's own id.
    public static func eventId(ofList id: String) -> String { NameUUID(name: "list.published/\(id)").description }

    /// The rows that say this in a column, alone or among others; `nil` where the list has no such column.
    public func rows(where column: String, is value: String) -> ListTable? {
        guard let place = header.firstIndex(of: column) else { return nil }
        return ListTable(
            header: header,
            rows: rows.filter { $0[place] == value || $0[place].split(separator: " ").contains(Substring(value)) })
    }

    /// RFC 4180, with every formula made inert.
    public var csv: String {
        ([header] + rows).map { $0.map(ListTable.csvCell).joined(separator: ",") + "\r\n" }.joined()
    }

    /// A cell that a spreadsheet would read as a formula begins with an apostrophe.
    static func csvCell(_ text: String) -> String {
        var cell = text
        if let first = cell.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first) { cell = "'" + cell }
        guard cell.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else { return cell }
        return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }
}
