import Foundation

/// What people look at: colour only on a terminal, progress only there too.
struct Terminal: Sendable {
    let isTerminal: Bool
    private let isColoured: Bool
    private let mustArrive: Bool
    private let file: FileHandle

    static let out = Terminal(FileHandle.standardOutput)
    static let error = Terminal(FileHandle.standardError)

    init(_ file: FileHandle, mustArrive: Bool = true) {
        self.file = file
        self.mustArrive = mustArrive
        isTerminal = isatty(file.fileDescriptor) == 1
        isColoured = isTerminal && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
    }

    /// The same for what must go on when nobody reads any more: text that cannot be written is lost.
    var lossy: Terminal { Terminal(file, mustArrive: false) }

    func print(_ text: String) {
        let data = Data((text + "\n").utf8)
        if mustArrive { file.write(data) } else { try? file.write(contentsOf: data) }
    }

    func good(_ text: String) -> String { painted(text, "32") }
    func bad(_ text: String) -> String { painted(text, "31") }
    func warn(_ text: String) -> String { painted(text, "33") }
    func strong(_ text: String) -> String { painted(text, "1") }

    private func painted(_ text: String, _ code: String) -> String {
        isColoured ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }

    /// One line that is written over; nothing where nobody watches.
    func progress(_ text: String) {
        guard isTerminal else { return }
        try? file.write(contentsOf: Data("\r\u{1b}[K\(text)".utf8))
    }

    func bar(_ done: Int, of total: Int, _ what: String) {
        guard isTerminal else { return }
        let width = 32
        let filled = total == 0 ? width : min(width, done * width / total)
        progress(
            "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
                + "] \(done)/\(total) \(what)")
    }

    func endProgress() { progress("") }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
    func padded(leftTo width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
