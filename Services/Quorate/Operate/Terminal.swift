import Foundation

/// What people look at: colour only on a terminal, progress only there too.
struct Terminal: Sendable {
    let isTerminal: Bool
    private let isColoured: Bool
    private let file: FileHandle

    static let out = Terminal(FileHandle.standardOutput)
    static let error = Terminal(FileHandle.standardError)

    init(_ file: FileHandle) {
        self.file = file
        isTerminal = isatty(file.fileDescriptor) == 1
        isColoured = isTerminal && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
    }

    func print(_ text: String) { file.write(Data((text + "\n").utf8)) }

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
        file.write(Data("\r\u{1b}[K\(text)".utf8))
    }

    func bar(_ done: Int, of total: Int, _ what: String) {
        guard isTerminal else { return }
        let width = 32
        let filled = total == 0 ? width : min(width, done * width / total)
        progress(
            "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
                + "] \(done)/\(total) \(what)")
    }

    func endProgress() {
        guard isTerminal else { return }
        file.write(Data("\r\u{1b}[K".utf8))
    }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
    func padded(leftTo width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
