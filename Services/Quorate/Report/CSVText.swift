/// Comma-separated text as RFC 4180 has it: quoted cells may hold commas, quotes and line breaks. Spreadsheets mark its
/// beginning.
enum CSVText {
    static func rows(_ text: String) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var cell = ""
        var isQuoted = false
        var wasQuote = false
        func isBlank(_ row: [String]) -> Bool { row.count == 1 && row[0].isEmpty }
        // A carriage return with its line feed is one character to Swift.
        for character in text.first == "\u{FEFF}" ? text.dropFirst() : text[...] {
            if isQuoted {
                if character == "\"" {
                    (isQuoted, wasQuote) = (false, true)
                } else {
                    cell.append(character)
                }
                continue
            }
            switch character {
            case "\"":
                if wasQuote { cell.append("\"") }
                isQuoted = true
            case ",":
                row.append(cell)
                cell = ""
            case "\n", "\r\n", "\r":
                row.append(cell)
                if !isBlank(row) { rows.append(row) }
                (row, cell) = ([], "")
            default: cell.append(character)
            }
            wasQuote = false
        }
        row.append(cell)
        if !isBlank(row) { rows.append(row) }
        return rows
    }
}
