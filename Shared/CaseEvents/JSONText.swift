// Writing: quoted strings, and the canonical form that digests are taken of.

extension JSONValue {
    /// The text as a JSON string, quotes included.
    public static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        appendQuoted(Array(text.utf8)[...], to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Object keys sorted by their bytes, no white space, strings in one escaping, numbers by value (`1`, `1.0` and
    /// `10e-1` are one). Texts that mean the same give the same bytes.
    public var canonicalBytes: [UInt8] {
        lend { place in
            [UInt8](unsafeUninitializedCapacity: CanonicalText.limit(of: place)) { bytes, count in
                var text = CanonicalText(into: bytes)
                text.append(place)
                count = text.count
            }
        }
    }
}

/// Writes canonical forms one behind another. Recursion is bounded by the scanner's maximum depth.
struct CanonicalText {
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0
    /// Of the objects that are being written, outermost first.
    private var keys: [Key] = []

    private struct Key {
        let index: Int
        /// The first eight bytes of its name, which tell nearly all apart.
        let head: UInt64

        init(_ key: JSONPlace) {
            index = key.index
            head =
                key.withUTF8 { name in
                    if name.count >= 8 { return eightBytes(of: name, at: 0).byteSwapped }
                    return name.reduce(0) { $0 << 8 | UInt64($1) } << UInt64(64 - 8 * name.count)
                } ?? 0
        }
    }

    init(into bytes: UnsafeMutableBufferPointer<UInt8>) {
        self.bytes = bytes
        keys.reserveCapacity(32)
    }

    /// The most bytes that the form takes. It is no longer than the text, but that `\n` becomes `\u000a`, and that no number
    /// grows more than that.
    static func limit(of place: JSONPlace) -> Int {
        var limit = place.raw.count + 2
        for index in place.index..<Int(place.node.next) {
            let node = place.nodes[index]
            if node.isEscaped || node.kind == .number { limit += 2 * node.range.count }
        }
        return limit
    }

    mutating func append(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }

    mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
        precondition(text.count <= bytes.count - count, "a canonical form is longer than its limit")
        guard let start = text.baseAddress else { return }
        (bytes.baseAddress! + count).update(from: start, count: text.count)
        count += text.count
    }

    mutating func append(line text: String) {
        var text = text
        text.withUTF8 { append($0) }
        append(UInt8(ascii: "\n"))
    }

    mutating func append(_ place: JSONPlace) {
        switch place.kind {
        case .bool, .null: append(place.raw)
        case .number: DecimalNumber(place.raw).text.withUnsafeBufferPointer { append($0) }
        case .string: append(string: place)
        case .array:
            append(UInt8(ascii: "["))
            var isFirst = true
            for element in place.elements {
                if !isFirst { append(UInt8(ascii: ",")) }
                append(element)
                isFirst = false
            }
            append(UInt8(ascii: "]"))
        case .object: append(object: place)
        }
    }

    private mutating func append(object: JSONPlace) {
        let first = keys.count
        for (key, _) in object.members { keys.append(Key(key)) }
        sortKeys(from: first, of: object)
        append(UInt8(ascii: "{"))
        for number in first..<keys.count {
            if number > first { append(UInt8(ascii: ",")) }
            let key = object.place(at: keys[number].index)
            append(string: key)
            append(UInt8(ascii: ":"))
            append(object.place(at: key.index + 1))
        }
        append(UInt8(ascii: "}"))
        keys.removeLast(keys.count - first)
    }

    /// Repeated keys keep the order of the text, so that the form stays a function of the text.
    private mutating func sortKeys(from first: Int, of object: JSONPlace) {
        keys.withUnsafeMutableBufferPointer { keys in
            var own = UnsafeMutableBufferPointer(rebasing: keys[first...])
            own.sort { left, right in
                guard left.head == right.head else { return left.head < right.head }
                let difference = order(object.place(at: left.index), object.place(at: right.index))
                return difference == 0 ? left.index < right.index : difference < 0
            }
        }
    }

    private mutating func append(string: JSONPlace) {
        guard !string.node.isEscaped else {
            var quoted: [UInt8] = []
            appendQuoted(unescaped(string.raw)[...], to: &quoted)
            return quoted.withUnsafeBufferPointer { append($0) }
        }
        // Without escapes there is nothing to escape: the scanner refuses bare control characters.
        let raw = string.raw
        append(UnsafeBufferPointer(start: raw.baseAddress! - 1, count: raw.count + 2))
    }
}

/// Below, at or above zero, as the left key comes before the right by its bytes, is the same, or comes after.
private func order(_ left: JSONPlace, _ right: JSONPlace) -> Int {
    left.withUTF8 { left in
        right.withUTF8 { right in
            for place in 0..<min(left.count, right.count) where left[place] != right[place] {
                return Int(left[place]) - Int(right[place])
            }
            return left.count - right.count
        } ?? 0
    } ?? 0
}

private let hex = Array("0123456789abcdef".utf8)

func appendQuoted(_ text: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    guard text.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
        bytes.append(contentsOf: text)
        return bytes.append(UInt8(ascii: "\""))
    }
    for byte in text {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case 0..<0x20:
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(hex[Int(byte >> 4)])
            bytes.append(hex[Int(byte & 15)])
        default: bytes.append(byte)
        }
    }
    bytes.append(UInt8(ascii: "\""))
}

/// A JSON number as sign, significant digits and power of ten: exact for any number of digits.
struct DecimalNumber: Hashable {
    private(set) var isNegative = false
    /// Without leading or trailing zeros; empty for zero.
    private(set) var digits: [UInt8] = []
    private(set) var exponent = 0

    /// The text is a number that the scanner has accepted.
    init(_ text: UnsafeBufferPointer<UInt8>) {
        var fractionDigits = 0
        var inFraction = false
        var rest = text[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): inFraction = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if !digits.isEmpty || byte != UInt8(ascii: "0") { digits.append(byte) }
                if inFraction { fractionDigits += 1 }
            default:
                exponent = Int(String(decoding: rest, as: UTF8.self)) ?? 0
                rest = text[text.endIndex...]
            }
        }
        exponent -= fractionDigits
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        if digits.isEmpty { (isNegative, exponent) = (false, 0) }
    }

    var wholeValue: Int? {
        if digits.isEmpty { return 0 }
        guard exponent >= 0, digits.count + exponent <= 19 else { return nil }
        let zeros = String(repeating: "0", count: exponent)
        return Int((isNegative ? "-" : "") + String(decoding: digits, as: UTF8.self) + zeros)
    }

    /// The same text for every text of the same number.
    var text: [UInt8] {
        var text = isNegative ? [UInt8(ascii: "-")] : []
        text += digits.isEmpty ? [UInt8(ascii: "0")] : digits
        if exponent != 0 { text += Array("e\(exponent)".utf8) }
        return text
    }
}
