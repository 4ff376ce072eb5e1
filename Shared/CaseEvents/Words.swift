/// Words among which a text is looked up: the names of fields or types, or a code list.
struct Words: Sendable {
    let list: [String]
    /// One behind another.
    private let text: [UInt8]
    private let words: [Word]
    private let sorted: [Word]

    private struct Word: Sendable {
        /// Length and two of its bytes, which tell nearly all apart.
        let tag: Int
        let start: Int
        let place: Int
    }

    init(_ list: [String]) {
        self.list = list
        var text: [UInt8] = []
        words = list.enumerated().map { place, word in
            let start = text.count
            text += word.utf8
            return Word(tag: text[start...].withUnsafeBufferPointer(Words.tag), start: start, place: place)
        }
        self.text = text
        sorted = words.sorted { $0.tag < $1.tag }
    }

    private static func tag(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        text.isEmpty ? 0 : text.count << 16 | Int(text[text.count / 2]) << 8 | Int(text[text.count * 3 / 4])
    }

    /// The place of a word. Producers tend to keep the order of the table, so the place after the last match is tried first.
    func index(of text: UnsafeBufferPointer<UInt8>, expecting expected: Int = 0) -> Int? {
        let tag = Words.tag(text)
        if expected < words.count, words[expected].tag == tag, isSame(words[expected], text) { return expected }
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].tag < tag { low = middle + 1 } else { high = middle }
        }
        while low < sorted.count, sorted[low].tag == tag {
            if isSame(sorted[low], text) { return sorted[low].place }
            low += 1
        }
        return nil
    }

    /// Of words of one tag, and so of one length.
    private func isSame(_ word: Word, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
        text.withUnsafeBufferPointer {
            CaseEvents.isSame(UnsafeBufferPointer(rebasing: $0[word.start..<word.start + other.count]), other)
        }
    }
}
