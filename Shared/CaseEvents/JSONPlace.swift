import StatutoryRules

/// A value inside a JSON text that is lent for a scope: bare pointers, so that reading counts no references. It must not
/// leave the scope; a `JSONValue` may.
struct JSONPlace {
    let text: UnsafePointer<UInt8>
    let nodes: UnsafePointer<JSONNode>
    let index: Int

    var node: JSONNode { nodes[index] }
    var kind: JSONValue.Kind { node.kind }
    var isNull: Bool { kind == .null }

    /// As it stands in the text; of a string what is between the quotes, its escapes undecoded.
    var raw: UnsafeBufferPointer<UInt8> {
        let node = node
        return UnsafeBufferPointer(start: text + Int(node.start), count: Int(node.end - node.start))
    }

    /// Lends a string's UTF-8 with escapes decoded; no copy where there are none. `nil` for anything else.
    func withUTF8<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        let node = node
        guard node.kind == .string else { return nil }
        guard node.isEscaped else { return try body(raw) }
        return try unescaped(raw).withUnsafeBufferPointer(body)
    }

    var string: String? { withUTF8 { String(decoding: $0, as: UTF8.self) } }

    var bool: Bool? { kind == .bool ? text[Int(node.start)] == UInt8(ascii: "t") : nil }

    /// Of a number that is whole by value (`2`, `2.0`, `2e0`) and fits.
    var int: Int? {
        guard kind == .number else { return nil }
        return Int(String(decoding: raw, as: UTF8.self)) ?? DecimalNumber(raw).wholeValue
    }

    /// Of a string `YYYY-MM-DD`.
    var date: Day? { withUTF8 { Day(bytes: $0) } ?? nil }

    /// Of a string, RFC 3339 with zone or a bare date.
    var moment: Moment? { withUTF8 { Moment(bytes: $0) } ?? nil }

    /// Whether it is the string `wanted`.
    func reads(_ wanted: UnsafeBufferPointer<UInt8>) -> Bool { withUTF8 { isSame($0, wanted) } ?? false }
    func reads(_ wanted: StaticString) -> Bool { reads(wanted.utf8) }

    /// The field of an object; of a repeated one the first.
    subscript(_ name: StaticString) -> JSONPlace? { field(name.utf8) }

    func field(_ name: UnsafeBufferPointer<UInt8>) -> JSONPlace? {
        for (key, value) in members where key.reads(name) { return value }
        return nil
    }

    /// Key and value of each field of an object, in the order of the text; empty for anything else.
    var members: Members { Members(place: self, at: index + 1, end: kind == .object ? Int(node.next) : 0) }

    /// The elements of an array; empty for anything else.
    var elements: Elements { Elements(place: self, at: index + 1, end: kind == .array ? Int(node.next) : 0) }

    func place(at index: Int) -> JSONPlace { JSONPlace(text: text, nodes: nodes, index: index) }

    struct Members: Sequence, IteratorProtocol {
        fileprivate let place: JSONPlace
        fileprivate var at: Int
        fileprivate let end: Int

        mutating func next() -> (key: JSONPlace, value: JSONPlace)? {
            guard at < end else { return nil }
            let key = at
            at = Int(place.nodes[key + 1].next)
            return (place.place(at: key), place.place(at: key + 1))
        }
    }

    struct Elements: Sequence, IteratorProtocol {
        fileprivate let place: JSONPlace
        fileprivate var at: Int
        fileprivate let end: Int

        mutating func next() -> JSONPlace? {
            guard at < end else { return nil }
            defer { at = Int(place.nodes[at].next) }
            return place.place(at: at)
        }
    }
}

extension StaticString {
    var utf8: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount) }
}

/// Whether two texts are the same bytes. Eight are compared at a time; the last eight may overlap those before.
func isSame(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    guard left.count >= 8 else { return left.indices.allSatisfy { left[$0] == right[$0] } }
    let last = left.count - 8
    for at in stride(from: 0, to: last, by: 8) where eightBytes(of: left, at: at) != eightBytes(of: right, at: at) {
        return false
    }
    return eightBytes(of: left, at: last) == eightBytes(of: right, at: last)
}

/// The first of them is the lowest of the number.
func eightBytes(of text: UnsafeBufferPointer<UInt8>, at: Int) -> UInt64 {
    UnsafeRawBufferPointer(text).loadUnaligned(fromByteOffset: at, as: UInt64.self).littleEndian
}

/// Decodes the escapes of a string that the scanner has accepted.
func unescaped(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    var at = 0
    while at < bytes.count {
        guard bytes[at] == UInt8(ascii: "\\"), at + 1 < bytes.count else {
            text.append(bytes[at])
            at += 1
            continue
        }
        let letter = bytes[at + 1]
        at += 2
        switch letter {
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = hexUnit(bytes, at) ?? 0xFFFD
            at += 4
            if (0xD800...0xDBFF).contains(scalar), let low = hexUnit(bytes, at + 2), low >= 0xDC00 {
                scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
                at += 6
            }
            text.append(contentsOf: Array(String(Character(Unicode.Scalar(scalar) ?? "\u{FFFD}")).utf8))
        default: text.append(letter)
        }
    }
    return text
}
