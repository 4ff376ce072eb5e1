/// A text in the few marks that GOV.UK Notify knows too, as plain text and as an HTML page for screen and paper.
///
/// `# ` is the page's heading, `## ` one below it, `* ` a bullet, `^ ` what is to stand out; what stands between empty lines is a
/// paragraph, whose lines are kept. The page names its language, has one main heading and no image, and its colours are those of
/// GOV.UK, whose contrast is at least 4.5.
struct Page {
    private enum Block {
        case heading(Int, String)
        case paragraph([String])
        case bullets([String])
        case inset([String])
    }

    private let blocks: [Block]
    private let language: String

    init(_ text: String, language: String) {
        self.language = language
        blocks = Page.blocks(of: text.split(separator: "\n", omittingEmptySubsequences: false))
    }

    private static func blocks(of lines: [Substring]) -> [Block] {
        var blocks: [Block] = []
        // Whether an empty line came before.
        var isApart = true
        for line in lines.map(trimmed) {
            guard !line.isEmpty else {
                isApart = true
                continue
            }
            switch (line, isApart ? nil : blocks.last) {
            case _ where line.hasPrefix("# "): blocks.append(.heading(1, String(line.dropFirst(2))))
            case _ where line.hasPrefix("## "): blocks.append(.heading(2, String(line.dropFirst(3))))
            case (_, .bullets(let items)) where line.hasPrefix("* "):
                blocks[blocks.count - 1] = .bullets(items + [String(line.dropFirst(2))])
            case _ where line.hasPrefix("* "): blocks.append(.bullets([String(line.dropFirst(2))]))
            case (_, .inset(let items)) where line.hasPrefix("^ "):
                blocks[blocks.count - 1] = .inset(items + [String(line.dropFirst(2))])
            case _ where line.hasPrefix("^ "): blocks.append(.inset([String(line.dropFirst(2))]))
            case (_, .paragraph(let before)): blocks[blocks.count - 1] = .paragraph(before + [String(line)])
            default: blocks.append(.paragraph([String(line)]))
            }
            isApart = false
        }
        return blocks
    }

    private static func trimmed(_ line: Substring) -> Substring {
        var line = line
        while let last = line.utf8.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") { line.removeLast() }
        while let first = line.utf8.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") {
            line.removeFirst()
        }
        return line
    }

    var title: String {
        for case .heading(1, let text) in blocks { return text }
        return ""
    }

    var plain: String {
        blocks.map { block in
            switch block {
            case .heading(_, let text): text
            case .paragraph(let lines), .inset(let lines): lines.joined(separator: "\n")
            case .bullets(let items): items.map { "* " + $0 }.joined(separator: "\n")
            }
        }.joined(separator: "\n\n") + "\n"
    }

    var html: String {
        let body = blocks.map { block in
            switch block {
            case .heading(let level, let text): "<h\(level)>\(Page.inline(text))</h\(level)>"
            case .paragraph(let lines): "<p>\(lines.map(Page.inline).joined(separator: "<br>\n"))</p>"
            case .inset(let lines): "<p class=\"inset\">\(lines.map(Page.inline).joined(separator: "<br>\n"))</p>"
            case .bullets(let items):
                "<ul>\n\(items.map { "<li>\(Page.inline($0))</li>" }.joined(separator: "\n"))\n</ul>"
            }
        }
        return """
            <!DOCTYPE html>
            <html lang="\(language == Templates.english ? "en-GB" : Page.escaped(language))">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(Page.escaped(title))</title>
            <style>
            \(Page.style)
            </style>
            </head>
            <body>
            <main>
            \(body.joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }

    /// Sizes follow the reader's own; on paper an A4 page, on which no heading stands alone at the foot.
    private static let style = """
        body { font-family: Arial, Helvetica, sans-serif; font-size: 1.1875rem; line-height: 1.4; color: #0b0c0c; background: #ffffff; margin: 0; }
        main { max-width: 38rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; overflow-wrap: anywhere; }
        h1 { font-size: 1.75rem; line-height: 1.15; margin: 0 0 1.5rem; }
        h2 { font-size: 1.3125rem; line-height: 1.2; margin: 2rem 0 .75rem; }
        p, ul { margin: 0 0 1.25rem; }
        ul { padding-left: 1.25rem; }
        li { margin-bottom: .3rem; }
        a { color: #1d70b8; }
        .inset { border-left: .5rem solid #b1b4b6; padding: .75rem 0 .75rem 1rem; }
        @page { size: A4; margin: 25mm 20mm; }
        @media print {
        body { font-size: 12pt; }
        main { max-width: none; padding: 0; }
        h1, h2 { break-after: avoid; }
        p, li { break-inside: avoid; orphans: 3; widows: 3; }
        a { color: inherit; text-decoration: none; }
        }
        """

    /// Addresses that stand in the text become links; their text is what they lead to.
    private static func inline(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "@")) || text.contains("https://") else { return escaped(text) }
        var html = ""
        var rest = text[...]
        while let match = rest.firstMatch(
            of: /https:\/\/[^\s<>"]*[^\s<>".,;:)]|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+[A-Za-z0-9]/)
        {
            let link = escaped(String(match.output))
            html += escaped(String(rest[..<match.range.lowerBound]))
            html += "<a href=\"\(link.hasPrefix("https://") ? "" : "mailto:")\(link)\">\(link)</a>"
            rest = rest[match.range.upperBound...]
        }
        return html + escaped(String(rest))
    }

    private static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 63 && marks[$0] != nil }) else { return text }
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if let mark = marks[byte] { bytes += mark.utf8 } else { bytes.append(byte) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let marks: [UInt8: String] = [
        UInt8(ascii: "&"): "&amp;", UInt8(ascii: "<"): "&lt;", UInt8(ascii: ">"): "&gt;", UInt8(ascii: "\""): "&quot;",
    ]
}
