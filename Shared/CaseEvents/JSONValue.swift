/// The bytes of one JSON text and the tape made of them.
final class JSONDocument: Sendable {
    let bytes: [UInt8]
    let nodes: [JSONNode]

    init(bytes: [UInt8], nodes: [JSONNode]) {
        self.bytes = bytes
        self.nodes = nodes
    }
}

/// A value inside a JSON text. It is a place in the text: strings are made only when asked for, objects never become
/// dictionaries, and numbers stay text until read.
public struct JSONValue: Sendable {
    public enum Kind: UInt8, Sendable {
        case object, array, string, number, bool, null
    }

    let document: JSONDocument
    let index: Int

    init(_ document: JSONDocument, _ index: Int) {
        self.document = document
        self.index = index
    }

    public init(_ bytes: [UInt8]) throws(JSONFault) {
        self.init(JSONDocument(bytes: bytes, nodes: try JSONScanner.scan(bytes)), 0)
    }

    public init(_ text: String) throws(JSONFault) { try self.init(Array(text.utf8)) }

    var node: JSONNode { document.nodes[index] }

    public var kind: Kind { node.kind }
    public var isNull: Bool { kind == .null }

    /// The value as it stands in the text, quotes included.
    public var rawBytes: ArraySlice<UInt8> {
        let node = node
        let quote = node.kind == .string ? 1 : 0
        return document.bytes[Int(node.start) - quote..<Int(node.end) + quote]
    }

    public var rawText: String { String(decoding: rawBytes, as: UTF8.self) }

    /// Of a string, its UTF-8 with escapes decoded; no copy where there are none.
    public var utf8: ArraySlice<UInt8>? {
        let node = node
        guard node.kind == .string else { return nil }
        let raw = document.bytes[node.range]
        guard node.isEscaped else { return raw }
        return document.bytes.withUnsafeBufferPointer { unescaped($0, node.range) }[...]
    }

    public var string: String? {
        let node = node
        guard node.kind == .string else { return nil }
        return document.bytes.withUnsafeBufferPointer { bytes in
            node.isEscaped
                ? String(decoding: unescaped(bytes, node.range), as: UTF8.self)
                : String(decoding: UnsafeBufferPointer(rebasing: bytes[node.range]), as: UTF8.self)
        }
    }

    public var bool: Bool? { kind == .bool ? document.bytes[Int(node.start)] == UInt8(ascii: "t") : nil }

    /// Of a number that is whole by value (`2`, `2.0`, `2e0`) and fits.
    public var int: Int? {
        guard kind == .number else { return nil }
        return Int(rawText) ?? DecimalNumber(rawBytes).wholeValue
    }

    public var double: Double? { kind == .number ? Double(rawText) : nil }

    /// The field of an object; of a repeated one the first.
    public subscript(_ key: String) -> JSONValue? {
        guard kind == .object else { return nil }
        var key = key
        let place = key.withUTF8 { document.place(of: $0, in: index) }
        return place.map { JSONValue(document, $0) }
    }

    /// Name and value of each field of an object, in the order of the text; empty for anything else.
    public var members: Members { Members(of: self) }

    /// The elements of an array; empty for anything else.
    public var elements: Elements { Elements(of: self) }

    public struct Elements: Sequence, IteratorProtocol {
        private let document: JSONDocument
        private var at: Int
        private let end: Int

        init(of value: JSONValue) {
            document = value.document
            at = value.index + 1
            end = value.kind == .array ? Int(value.node.next) : 0
        }

        public mutating func next() -> JSONValue? {
            guard at < end else { return nil }
            defer { at = Int(document.nodes[at].next) }
            return JSONValue(document, at)
        }
    }

    public struct Members: Sequence, IteratorProtocol {
        private let document: JSONDocument
        private var at: Int
        private let end: Int

        init(of value: JSONValue) {
            document = value.document
            at = value.index + 1
            end = value.kind == .object ? Int(value.node.next) : 0
        }

        mutating func nextPlaces() -> (key: Int, value: Int)? {
            guard at < end else { return nil }
            let key = at
            at = Int(document.nodes[key + 1].next)
            return (key, key + 1)
        }

        public mutating func next() -> (key: String, value: JSONValue)? {
            guard let places = nextPlaces() else { return nil }
            return (JSONValue(document, places.key).string ?? "", JSONValue(document, places.value))
        }
    }
}

extension JSONDocument {
    /// Of an object's field, the value's place.
    fileprivate func place(of wanted: UnsafeBufferPointer<UInt8>, in object: Int) -> Int? {
        nodes.withUnsafeBufferPointer { nodes in
            bytes.withUnsafeBufferPointer { bytes in
                var key = object + 1
                let end = Int(nodes[object].next)
                while key < end {
                    if isKey(nodes[key], wanted, in: bytes) { return key + 1 }
                    key = Int(nodes[key + 1].next)
                }
                return nil
            }
        }
    }

    func key(at index: Int, equals wanted: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.withUnsafeBufferPointer { isKey(nodes[index], wanted, in: $0) }
    }
}

private func isKey(
    _ key: JSONNode, _ wanted: UnsafeBufferPointer<UInt8>, in bytes: UnsafeBufferPointer<UInt8>
) -> Bool {
    if key.isEscaped { return unescaped(bytes, key.range).elementsEqual(wanted) }
    guard Int(key.end - key.start) == wanted.count else { return false }
    for offset in 0..<wanted.count where bytes[Int(key.start) + offset] != wanted[offset] { return false }
    return true
}

/// Decodes the escapes of a string that the scanner has accepted.
func unescaped(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(range.count)
    var at = range.lowerBound
    while at < range.upperBound {
        guard bytes[at] == UInt8(ascii: "\\"), at + 1 < range.upperBound else {
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
