/// The text of a message as it is built up: lines that end in CRLF, and base64.
struct MIMEText {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func line(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        endLine()
    }

    private mutating func endLine() {
        bytes.append(UInt8(ascii: "\r"))
        bytes.append(UInt8(ascii: "\n"))
    }

    /// One part of several.
    ///
    /// - Parameter file: What it is kept as, of an attachment.
    mutating func part(_ boundary: String, _ type: String, _ content: some Collection<UInt8>, file: String? = nil) {
        line("--\(boundary)\r\nContent-Type: \(type)\r\nContent-Transfer-Encoding: base64")
        if let file { line("Content-Disposition: attachment; filename=\"\(file)\"") }
        endLine()
        encode(content)
        endLine()
    }

    private mutating func encode(_ content: some Collection<UInt8>) {
        let encoded = content.withContiguousStorageIfAvailable(MIMEText.base64)
        bytes.append(contentsOf: encoded ?? Array(content).withUnsafeBufferPointer(MIMEText.base64))
        endLine()
    }

    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    /// RFC 2045, 6.8: at most 76 characters a line.
    private static let groupsALine = 19

    /// RFC 4648, 4: each three bytes as four digits.
    private static func base64(_ content: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        let groups = (content.count + 2) / 3
        let count = 4 * groups + 2 * (groups / groupsALine)
        let digits = digits
        return [UInt8](unsafeUninitializedCapacity: count) { text, length in
            var at = 0
            func put(_ byte: UInt8) {
                text.initializeElement(at: at, to: byte)
                at += 1
            }
            for group in 0..<groups {
                if group > 0, group % groupsALine == 0 {
                    put(UInt8(ascii: "\r"))
                    put(UInt8(ascii: "\n"))
                }
                let (start, left) = (3 * group, content.count - 3 * group)
                let value =
                    Int(content[start]) << 16 | (left > 1 ? Int(content[start + 1]) << 8 : 0)
                    | (left > 2 ? Int(content[start + 2]) : 0)
                put(digits[value >> 18])
                put(digits[value >> 12 & 63])
                put(left > 1 ? digits[value >> 6 & 63] : UInt8(ascii: "="))
                put(left > 2 ? digits[value & 63] : UInt8(ascii: "="))
            }
            length = at
        }
    }

    // MARK: Words in a header

    /// RFC 2047, 2: with `Subject: ` before it a line of words has at most 76 characters. A word ends where a character does.
    private static let bytesAWord = 39

    /// As it may stand in a header, folded.
    static func header(_ text: String) -> String {
        guard !text.utf8.allSatisfy({ (32..<127).contains($0) }) else { return text }
        var words: [[UInt8]] = [[]]
        for character in text.unicodeScalars {
            let bytes = Array(String(character).utf8)
            if words[words.count - 1].count + bytes.count > bytesAWord { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { word in
            "=?UTF-8?B?\(String(decoding: word.withUnsafeBufferPointer(base64), as: UTF8.self))?="
        }.joined(separator: "\r\n ")
    }
}
