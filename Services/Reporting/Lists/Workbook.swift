import CLibxlsxwriter
import Foundation
import StatutoryRules
import Workers

/// A list as an Excel workbook: one sheet, a heading row that stays in sight, filters, and figures as numbers. Every other
/// cell is text, which no spreadsheet takes for a formula.
enum Workbook {
    struct Failure: Error, CustomStringConvertible {
        let code: lxw_error
        var description: String { "the workbook cannot be written: \(String(cString: lxw_strerror(code)))" }
    }

    /// Columns whose cells are figures.
    private static let figures: Set<String> = ["Number", "Of", "Per cent", "Days", "Age"]
    private static let narrowest = 8
    private static let widest = 48

    /// The library writes files only, so that one is made and taken away again.
    static func bytes(of table: ListTable, title: String, asAt: Instant) throws -> [UInt8] {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("quorate-\(UUID()).xlsx").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try write(table, title: title, asAt: asAt, to: path)
        return try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private static func write(_ table: ListTable, title: String, asAt: Instant, to path: String) throws {
        // Sheets and formats belong to the workbook; "workbook_close … frees the memory", whether or not it fails.
        guard let book = workbook_new(path), let sheet = workbook_add_worksheet(book, "List") else {
            throw Failure(code: LXW_ERROR_MEMORY_MALLOC_FAILED)
        }
        // The properties are copied at once, so that the text need not outlive the call.
        title.withCString { title in
            var properties = lxw_doc_properties()
            properties.title = UnsafeMutablePointer(mutating: title)
            properties.created = time_t(asAt.microseconds / 1_000_000)
            workbook_set_properties(book, &properties)
        }
        let bold = workbook_add_format(book)
        format_set_bold(bold)
        for (column, text) in table.header.enumerated() {
            worksheet_write_string(sheet, 0, lxw_col_t(column), text, bold)
            let longest = ([text] + table.rows.map { $0[column] }).map(\.count).max() ?? 0
            let width = Double(min(max(longest, narrowest), widest) + 2)
            worksheet_set_column(sheet, lxw_col_t(column), lxw_col_t(column), width, nil)
        }
        for (row, cells) in table.rows.enumerated() {
            for (column, text) in cells.enumerated() where !text.isEmpty {
                let place = (lxw_row_t(row + 1), lxw_col_t(column))
                if figures.contains(table.header[column]), let number = Double(text) {
                    worksheet_write_number(sheet, place.0, place.1, number, nil)
                } else {
                    worksheet_write_string(sheet, place.0, place.1, text, nil)
                }
            }
        }
        worksheet_freeze_panes(sheet, 1, 0)
        worksheet_autofilter(sheet, 0, 0, lxw_row_t(table.rows.count), lxw_col_t(table.header.count - 1))
        let code = workbook_close(book)
        guard code == LXW_NO_ERROR else { throw Failure(code: code) }
    }
}
