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
        var bytes: [UInt8] = []
        appendCanonical(to: &bytes)
        return bytes
    }

    func appendCanonical(to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + rawBytes.count)
        document.bytes.withUnsafeBufferPointer { text in
            document.nodes.withUnsafeBufferPointer { nodes in
                var canonical = CanonicalText(text: text, nodes: nodes)
                canonical.keys.reserveCapacity(32)
                canonical.append(index, to: &bytes)
            }
        }
    }
}

/// Writes the canonical form of a part of a document. Recursion is bounded by the scanner's maximum depth.
private struct CanonicalText {
    let text: UnsafeBufferPointer<UInt8>
    let nodes: UnsafeBufferPointer<JSONNode>
    /// Places of the keys of the objects that are being written, outermost first.
    var keys: [Int] = []

    mutating func append(_ place: Int, to bytes: inout [UInt8]) {
        let node = nodes[place]
        switch node.kind {
        case .bool, .null: bytes.append(contentsOf: raw(node))
        case .number: DecimalNumber(Array(raw(node))[...]).append(to: &bytes)
        case .string: append(string: node, to: &bytes)
        case .array:
            bytes.append(UInt8(ascii: "["))
            var element = place + 1
            while element < node.next {
                if element > place + 1 { bytes.append(UInt8(ascii: ",")) }
                append(element, to: &bytes)
                element = Int(nodes[element].next)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object: append(object: place, to: &bytes)
        }
    }

    private mutating func append(object place: Int, to bytes: inout [UInt8]) {
        let first = keys.count
        var key = place + 1
        while key < nodes[place].next {
            keys.append(key)
            key = Int(nodes[key + 1].next)
        }
        // Repeated keys keep the order of the text, so that the form stays a function of the text.
        keys.withUnsafeMutableBufferPointer { [text, nodes] keys in
            var own = UnsafeMutableBufferPointer(rebasing: keys[first...])
            own.sort { left, right in
                let difference = keyOrder(nodes[left], nodes[right], in: text)
                return difference == 0 ? left < right : difference < 0
            }
        }
        bytes.append(UInt8(ascii: "{"))
        for number in first..<keys.count {
            if number > first { bytes.append(UInt8(ascii: ",")) }
            append(string: nodes[keys[number]], to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            append(keys[number] + 1, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
        keys.removeSubrange(first...)
    }

    private func append(string node: JSONNode, to bytes: inout [UInt8]) {
        if node.isEscaped { return appendQuoted(unescaped(text, node.range)[...], to: &bytes) }
        // Without escapes there is nothing to escape: the scanner refuses bare control characters.
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[node.range.lowerBound - 1...node.range.upperBound]))
    }

    private func raw(_ node: JSONNode) -> UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: text[node.range]) }
}

/// Below, at or above zero, as the left key comes before the right by its bytes, is the same, or comes after.
private func keyOrder(_ left: JSONNode, _ right: JSONNode, in text: UnsafeBufferPointer<UInt8>) -> Int {
    guard left.isEscaped || right.isEscaped else {
        return byteOrder(
            UnsafeBufferPointer(rebasing: text[left.range]), UnsafeBufferPointer(rebasing: text[right.range]))
    }
    return unescaped(text, left.range).withUnsafeBufferPointer { left in
        unescaped(text, right.range).withUnsafeBufferPointer { byteOrder(left, $0) }
    }
}

private func byteOrder(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int {
    for place in 0..<min(left.count, right.count) where left[place] != right[place] {
        return Int(left[place]) - Int(right[place])
    }
    return left.count - right.count
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
    init(_ text: ArraySlice<UInt8>) {
        var fractionDigits = 0
        var inFraction = false
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): inFraction = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if !digits.isEmpty || byte != UInt8(ascii: "0") { digits.append(byte) }
                if inFraction { fractionDigits += 1 }
            default:
                exponent = Int(String(decoding: rest, as: UTF8.self)) ?? 0
                rest = []
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

    func append(to bytes: inout [UInt8]) {
        if isNegative { bytes.append(UInt8(ascii: "-")) }
        bytes.append(contentsOf: digits.isEmpty ? [UInt8(ascii: "0")] : digits)
        if exponent != 0 { bytes.append(contentsOf: Array("e\(exponent)".utf8)) }
    }
}
