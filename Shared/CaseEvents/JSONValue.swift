/// The bytes of one JSON text and the tape made of them.
final class JSONDocument: Sendable {
    let bytes: [UInt8]
    /// Ours to free. Nobody writes to it any more.
    private nonisolated(unsafe) let nodes: UnsafeMutablePointer<JSONNode>

    init(_ bytes: [UInt8]) throws(JSONFault) {
        nodes = try JSONScanner.scan(bytes)
        self.bytes = bytes
    }

    deinit { nodes.deallocate() }

    /// Lends the value at a place of the tape; the whole text is at the first.
    func lend<Result, Failure: Error>(
        _ index: Int = 0, _ body: (JSONPlace) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { extendLifetime(self) }
        return try bytes.withUnsafeBufferPointer { text throws(Failure) in
            try body(JSONPlace(text: text.baseAddress!, nodes: nodes, index: index))
        }
    }
}

/// A value inside a JSON text. It is a place in the text: strings are made only when asked for, objects never become
/// dictionaries, and numbers stay text until read.
public struct JSONValue: Sendable {
    public enum Kind: UInt8, Sendable {
        case object, array, string, number, bool, null
    }

    private let document: JSONDocument
    private let index: Int

    init(_ document: JSONDocument, _ index: Int) {
        self.document = document
        self.index = index
    }

    public init(_ bytes: [UInt8]) throws(JSONFault) { self.init(try JSONDocument(bytes), 0) }

    public init(_ text: String) throws(JSONFault) { try self.init(Array(text.utf8)) }

    func lend<Result, Failure: Error>(_ body: (JSONPlace) throws(Failure) -> Result) throws(Failure) -> Result {
        try document.lend(index, body)
    }

    public var kind: Kind { lend { $0.kind } }
    public var isNull: Bool { kind == .null }

    /// The value as it stands in the text, quotes included.
    public var rawBytes: ArraySlice<UInt8> {
        let node = lend { $0.node }
        let quote = node.kind == .string ? 1 : 0
        return document.bytes[Int(node.start) - quote..<Int(node.end) + quote]
    }

    public var rawText: String { String(decoding: rawBytes, as: UTF8.self) }

    public var string: String? { lend { $0.string } }
    public var bool: Bool? { lend { $0.bool } }

    /// Of a number that is whole by value (`2`, `2.0`, `2e0`) and fits.
    public var int: Int? { lend { $0.int } }

    public var double: Double? { kind == .number ? Double(rawText) : nil }

    /// The field of an object; of a repeated one the first.
    public subscript(_ key: String) -> JSONValue? {
        var key = key
        let place = key.withUTF8 { name in lend { $0.field(name)?.index } }
        return place.map { JSONValue(document, $0) }
    }

    /// Name and value of each field of an object, in the order of the text; empty for anything else.
    public var members: [(key: String, value: JSONValue)] {
        lend { $0.members.map { (key: $0.key.string ?? "", value: JSONValue(document, $0.value.index)) } }
    }

    /// The elements of an array; empty for anything else.
    public var elements: [JSONValue] { lend { $0.elements.map { JSONValue(document, $0.index) } } }
}
