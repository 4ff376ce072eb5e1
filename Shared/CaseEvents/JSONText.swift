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
        bytes.reserveCapacity(rawBytes.count)
        appendCanonical(to: &bytes)
        return bytes
    }

    // Recursion is bounded by the scanner's maximum depth.
    private func appendCanonical(to bytes: inout [UInt8]) {
        switch kind {
        case .bool, .null: bytes.append(contentsOf: rawBytes)
        case .number: DecimalNumber(rawBytes).append(to: &bytes)
        case .string: appendQuoted(utf8 ?? [], to: &bytes)
        case .array:
            bytes.append(UInt8(ascii: "["))
            var isFirst = true
            for element in elements {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                element.appendCanonical(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object: appendCanonicalObject(to: &bytes)
        }
    }

    private func appendCanonicalObject(to bytes: inout [UInt8]) {
        var keys: [(text: ArraySlice<UInt8>, place: Int)] = []
        var members = members
        while let places = members.nextPlaces() {
            keys.append((JSONValue(document, places.key).utf8 ?? [], places.key))
        }
        // Repeated keys keep the order of the text, so that the form stays a function of the text.
        keys.sort { left, right in
            switch compared(left.text, right.text) {
            case 0: left.place < right.place
            case let difference: difference < 0
            }
        }
        bytes.append(UInt8(ascii: "{"))
        for (number, key) in keys.enumerated() {
            if number > 0 { bytes.append(UInt8(ascii: ",")) }
            appendQuoted(key.text, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            JSONValue(document, key.place + 1).appendCanonical(to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }
}

/// Below, at or above zero, as the bytes of the left come before those of the right, are the same, or come after.
private func compared(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Int {
    left.withUnsafeBytes { left in
        right.withUnsafeBytes { right in
            for place in 0..<min(left.count, right.count) where left[place] != right[place] {
                return Int(left[place]) - Int(right[place])
            }
            return left.count - right.count
        }
    }
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
