/// Why bytes are not JSON that we take. The reason names a place, never what stands there.
public struct JSONFault: Error, Sendable, Hashable {
    public let code: String
    public let reason: String
}

/// One value or key on the tape. `next` is the place after it and all that it holds, so that siblings are a step apart.
struct JSONNode {
    var kind: JSONValue.Kind
    /// Of a string: it holds escapes and must be decoded before use.
    var isEscaped = false
    /// Of a string: between the quotes. Else the whole text.
    var start: UInt32
    var end: UInt32
    /// Zero until a container is complete.
    var next: UInt32

    var range: Range<Int> { Int(start)..<Int(end) }
}

/// Reads RFC 8259 strictly, once, into a flat tape. An object is its node, then key and value in turn.
///
/// Beyond the RFC it refuses what PostgreSQL cannot store (NUL, lone surrogates, boundless numbers), a byte order mark
/// and nesting past `maximumDepth`.
struct JSONScanner {
    static let maximumDepth = 64
    static let maximumNumberBytes = 1000

    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0
    private var nodes: UnsafeMutablePointer<JSONNode>
    private var count = 0
    private var capacity: Int

    /// The tape of a text. Who asks for it frees it.
    static func scan(_ bytes: [UInt8]) throws(JSONFault) -> UnsafeMutablePointer<JSONNode> {
        try bytes.withUnsafeBufferPointer { bytes throws(JSONFault) in
            var scanner = JSONScanner(bytes)
            do throws(JSONFault) { try scanner.scan() } catch {
                scanner.nodes.deallocate()
                throw error
            }
            return scanner.nodes
        }
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        capacity = bytes.count / 14 + 8
        nodes = .allocate(capacity: capacity)
    }

    private mutating func append(_ node: JSONNode) {
        if count == capacity { grow() }
        (nodes + count).initialize(to: node)
        count += 1
    }

    private mutating func grow() {
        let grown = UnsafeMutablePointer<JSONNode>.allocate(capacity: capacity * 2)
        grown.moveInitialize(from: nodes, count: count)
        nodes.deallocate()
        (nodes, capacity) = (grown, capacity * 2)
    }

    private mutating func scan() throws(JSONFault) {
        guard bytes.count < Int(UInt32.max) else { throw JSONFault(code: "too_large", reason: "The JSON is too long.") }
        if byte(0) == 0xEF, byte(1) == 0xBB, byte(2) == 0xBF {
            throw JSONFault(
                code: "byte_order_mark", reason: "The JSON begins with a byte order mark: send UTF-8 without one.")
        }
        skipSpace()
        try value(depth: 1)
        skipSpace()
        guard at == bytes.count else {
            throw fault("trailing_bytes", "nothing may follow the JSON value: send one event a record or line")
        }
    }

    /// Zero past the end; zero is valid nowhere in JSON, so every path stops there.
    private func byte(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

    private func fault(_ code: String, _ expectation: String) -> JSONFault {
        JSONFault(code: code, reason: "The JSON is not valid at byte \(at): \(expectation).")
    }

    private mutating func skipSpace() {
        while true {
            switch byte(at) {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): at += 1
            default: return
            }
        }
    }

    private mutating func value(depth: Int) throws(JSONFault) {
        guard depth <= JSONScanner.maximumDepth else {
            throw fault("too_deep", "values may be nested \(JSONScanner.maximumDepth) deep and no deeper")
        }
        switch byte(at) {
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "{"): try object(depth: depth)
        case UInt8(ascii: "["): try array(depth: depth)
        case UInt8(ascii: "t"): try word("true", .bool)
        case UInt8(ascii: "f"): try word("false", .bool)
        case UInt8(ascii: "n"): try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: throw fault("invalid_json", "a value is expected here")
        }
    }

    private mutating func object(depth: Int) throws(JSONFault) {
        let node = open(.object)
        if byte(at) == UInt8(ascii: "}") { return close(node) }
        while true {
            guard byte(at) == UInt8(ascii: "\"") else {
                throw fault("invalid_json", "a field name in double quotes is expected here")
            }
            try string()
            skipSpace()
            guard byte(at) == UInt8(ascii: ":") else { throw fault("invalid_json", "a colon is expected here") }
            at += 1
            skipSpace()
            try value(depth: depth + 1)
            skipSpace()
            if byte(at) == UInt8(ascii: "}") { return close(node) }
            guard byte(at) == UInt8(ascii: ",") else { throw fault("invalid_json", "a comma or } is expected here") }
            at += 1
            skipSpace()
        }
    }

    private mutating func array(depth: Int) throws(JSONFault) {
        let node = open(.array)
        if byte(at) == UInt8(ascii: "]") { return close(node) }
        while true {
            try value(depth: depth + 1)
            skipSpace()
            if byte(at) == UInt8(ascii: "]") { return close(node) }
            guard byte(at) == UInt8(ascii: ",") else { throw fault("invalid_json", "a comma or ] is expected here") }
            at += 1
            skipSpace()
        }
    }

    private mutating func open(_ kind: JSONValue.Kind) -> Int {
        append(JSONNode(kind: kind, start: UInt32(at), end: UInt32(at), next: 0))
        at += 1
        skipSpace()
        return count - 1
    }

    private mutating func close(_ node: Int) {
        at += 1
        nodes[node].end = UInt32(at)
        nodes[node].next = UInt32(count)
    }

    private mutating func leaf(_ kind: JSONValue.Kind, from start: Int, isEscaped: Bool = false) {
        append(
            JSONNode(
                kind: kind, isEscaped: isEscaped, start: UInt32(truncatingIfNeeded: start),
                end: UInt32(truncatingIfNeeded: at), next: UInt32(truncatingIfNeeded: count + 1)))
    }

    private mutating func word(_ word: StaticString, _ kind: JSONValue.Kind) throws(JSONFault) {
        let start = at
        for offset in 0..<word.utf8CodeUnitCount {
            guard byte(at) == word.utf8Start[offset] else { throw fault("invalid_json", "a value is expected here") }
            at += 1
        }
        leaf(kind, from: start)
    }

    private mutating func number() throws(JSONFault) {
        let start = at
        if byte(at) == UInt8(ascii: "-") { at += 1 }
        if byte(at) == UInt8(ascii: "0") {
            at += 1
        } else {
            try digits()
        }
        if byte(at) == UInt8(ascii: ".") {
            at += 1
            try digits()
        }
        if byte(at) | 0x20 == UInt8(ascii: "e") {
            at += 1
            if byte(at) == UInt8(ascii: "+") || byte(at) == UInt8(ascii: "-") { at += 1 }
            let exponent = at
            try digits()
            guard at - exponent <= 3 else { throw fault("number_too_large", "an exponent has at most three digits") }
        }
        guard at - start <= JSONScanner.maximumNumberBytes else {
            throw fault("number_too_large", "a number has at most \(JSONScanner.maximumNumberBytes) characters")
        }
        leaf(.number, from: start)
    }

    private mutating func digits() throws(JSONFault) {
        let start = at
        while byte(at) >= UInt8(ascii: "0"), byte(at) <= UInt8(ascii: "9") { at += 1 }
        guard at > start else { throw fault("invalid_json", "a digit is expected here") }
    }
}

// Strings.
extension JSONScanner {
    private mutating func string() throws(JSONFault) {
        at += 1
        let start = at
        var isEscaped = false
        while true {
            skipPlain()
            let next = byte(at)
            if next == UInt8(ascii: "\"") { break }
            if next == UInt8(ascii: "\\") {
                isEscaped = true
                try escape()
            } else if next < 0x20 {
                throw fault(
                    "invalid_json", at < bytes.count ? "a control character must be escaped" : "the text breaks off")
            } else {
                try multibyte(next)
            }
        }
        leaf(.string, from: start, isEscaped: isEscaped)
        at += 1
    }

    /// Passes over ASCII that needs no judgement, eight bytes at a time while there are eight.
    private mutating func skipPlain() {
        var place = at
        while place + 8 <= bytes.count {
            let special = JSONScanner.special(in: eightBytes(of: bytes, at: place))
            guard special == 0 else {
                at = place + special.trailingZeroBitCount / 8
                return
            }
            place += 8
        }
        while place < bytes.count, JSONScanner.special(in: UInt64(bytes[place]) | 0x2020_2020_2020_2000) == 0 {
            place += 1
        }
        at = place
    }

    /// The top bit of the lowest byte that is a quote, a backslash, a control character or not ASCII. Bits above it may be
    /// set for bytes that are none: a borrow runs upwards only.
    private static func special(in word: UInt64) -> UInt64 {
        let (low, top) = (0x0101_0101_0101_0101 as UInt64, 0x8080_8080_8080_8080 as UInt64)
        let quote = word ^ (low &* UInt64(UInt8(ascii: "\"")))
        let backslash = word ^ (low &* UInt64(UInt8(ascii: "\\")))
        // Each difference has a top bit where it borrowed, or where the byte is not ASCII.
        return ((quote &- low) | (backslash &- low) | (word &- low &* 0x20) | word) & top
    }

    private mutating func multibyte(_ lead: UInt8) throws(JSONFault) {
        let length: Int
        // The second byte's range rules out overlong forms, surrogates and what lies past U+10FFFF.
        let second: ClosedRange<UInt8>
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        default: throw fault("invalid_utf8", "the bytes are not UTF-8")
        }
        guard second.contains(byte(at + 1)), length < 3 || byte(at + 2) & 0xC0 == 0x80,
            length < 4 || byte(at + 3) & 0xC0 == 0x80
        else { throw fault("invalid_utf8", "the bytes are not UTF-8") }
        at += length
    }

    private mutating func escape() throws(JSONFault) {
        switch byte(at + 1) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 2
        case UInt8(ascii: "u"): try unicodeEscape()
        default: throw fault("invalid_json", "this escape does not exist")
        }
    }

    private mutating func unicodeEscape() throws(JSONFault) {
        guard let unit = hexUnit(bytes, at + 2) else {
            throw fault("invalid_json", "four hexadecimal digits must follow \\u")
        }
        switch unit {
        case 0: throw fault("nul_character", "the character U+0000 cannot be stored; leave it out")
        case 0xD800...0xDBFF:
            guard byte(at + 6) == UInt8(ascii: "\\"), byte(at + 7) == UInt8(ascii: "u"),
                let low = hexUnit(bytes, at + 8), (0xDC00...0xDFFF).contains(low)
            else { throw fault("lone_surrogate", "half of a surrogate pair stands alone") }
            at += 12
        case 0xDC00...0xDFFF: throw fault("lone_surrogate", "half of a surrogate pair stands alone")
        default: at += 6
        }
    }
}

/// The value of four hexadecimal digits, or `nil`.
func hexUnit(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt32? {
    guard start + 4 <= bytes.count else { return nil }
    var unit: UInt32 = 0
    for byte in bytes[start..<start + 4] {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
        default: return nil
        }
    }
    return unit
}
