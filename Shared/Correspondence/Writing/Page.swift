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
        blocks = Page.blocks(of: text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false))
    }

    private enum Mark {
        case heading(Int)
        case bullet, inset, plain
    }

    private static func blocks(of lines: [Substring.UTF8View]) -> [Block] {
        var blocks: [Block] = []
        // Whether an empty line came before.
        var isApart = true
        for line in lines.map(trimmed) {
            guard !line.isEmpty else {
                isApart = true
                continue
            }
            let (mark, rest) = marked(line)
            let text = String(Substring(rest))
            switch (mark, isApart ? nil : blocks.last) {
            case (.heading(let level), _): blocks.append(.heading(level, text))
            case (.bullet, .bullets(let items)): blocks[blocks.count - 1] = .bullets(items + [text])
            case (.bullet, _): blocks.append(.bullets([text]))
            case (.inset, .inset(let items)): blocks[blocks.count - 1] = .inset(items + [text])
            case (.inset, _): blocks.append(.inset([text]))
            case (.plain, .paragraph(let before)): blocks[blocks.count - 1] = .paragraph(before + [text])
            case (.plain, _): blocks.append(.paragraph([text]))
            }
            isApart = false
        }
        return blocks
    }

    /// A line's mark, and what follows it.
    private static func marked(_ line: Substring.UTF8View) -> (Mark, Substring.UTF8View) {
        switch line.first {
        case UInt8(ascii: "#") where line.starts(with: "# ".utf8): (.heading(1), line.dropFirst(2))
        case UInt8(ascii: "#") where line.starts(with: "## ".utf8): (.heading(2), line.dropFirst(3))
        case UInt8(ascii: "*") where line.starts(with: "* ".utf8): (.bullet, line.dropFirst(2))
        case UInt8(ascii: "^") where line.starts(with: "^ ".utf8): (.inset, line.dropFirst(2))
        default: (.plain, line)
        }
    }

    private static func trimmed(_ line: Substring.UTF8View) -> Substring.UTF8View {
        func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var line = line
        while let last = line.last, isSpace(last) { line.removeLast() }
        while let first = line.first, isSpace(first) { line.removeFirst() }
        return line
    }

    var title: String {
        for case .heading(1, let text) in blocks { return text }
        return ""
    }

    var plain: String {
        var text = ""
        for block in blocks {
            if !text.isEmpty { text += "\n" }
            switch block {
            case .heading(_, let line):
                text += line
                text += "\n"
            case .paragraph(let lines), .inset(let lines):
                for line in lines {
                    text += line
                    text += "\n"
                }
            case .bullets(let items):
                for item in items {
                    text += "* "
                    text += item
                    text += "\n"
                }
            }
        }
        return text.isEmpty ? "\n" : text
    }

    var html: String {
        var body = HTMLText()
        for block in blocks {
            switch block {
            case .heading(let level, let line):
                body.add("<h\(level)>", [line], between: "", "</h\(level)>\n")
            case .paragraph(let lines): body.add("<p>", lines, between: "<br>\n", "</p>\n")
            case .inset(let lines): body.add("<p class=\"inset\">", lines, between: "<br>\n", "</p>\n")
            case .bullets(let items): body.add("<ul>\n<li>", items, between: "</li>\n<li>", "</li>\n</ul>\n")
            }
        }
        return """
            <!DOCTYPE html>
            <html lang="\(language == Templates.english ? "en-GB" : HTMLText.escaped(language))">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(HTMLText.escaped(title))</title>
            <style>
            \(Page.style)
            </style>
            </head>
            <body>
            <main>
            \(body.text)</main>
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
}
