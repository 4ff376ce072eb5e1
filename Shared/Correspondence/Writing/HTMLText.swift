/// What an HTML page says, as it is built up.
struct HTMLText {
    private(set) var text = ""

    /// Lines of a text, between marks.
    mutating func add(_ start: String, _ lines: [String], between: String, _ end: String) {
        text += start
        for (place, line) in lines.enumerated() {
            if place > 0 { text += between }
            add(linking: line)
        }
        text += end
    }

    // Parsed once: where it stands in a statement it would be at each line.
    private nonisolated(unsafe) static let address =
        /https:\/\/[^\s<>"]*[^\s<>".,;:)]|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+[A-Za-z0-9]/

    /// Addresses that stand in the text become links; their text is what they lead to.
    private mutating func add(linking line: String) {
        // Either has one of these: few lines do.
        guard line.utf8.contains(where: { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "/") }) else {
            text += HTMLText.escaped(line)
            return
        }
        var rest = line[...]
        while let match = rest.firstMatch(of: HTMLText.address) {
            let link = HTMLText.escaped(String(match.output))
            text += HTMLText.escaped(String(rest[..<match.range.lowerBound]))
            text += "<a href=\"\(link.hasPrefix("https://") ? "" : "mailto:")\(link)\">\(link)</a>"
            rest = rest[match.range.upperBound...]
        }
        text += HTMLText.escaped(String(rest))
    }

    static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { mark($0) != nil }) else { return text }
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if let mark = mark(byte) { bytes += mark.utf8 } else { bytes.append(byte) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func mark(_ byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "\""): "&quot;"
        default: nil
        }
    }
}
