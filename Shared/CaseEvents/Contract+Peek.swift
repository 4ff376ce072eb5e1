import StatutoryRules

extension Contract {
    /// A glance for the auditor, who must record what nobody could decode: headers first, then as much JSON as can be
    /// read, then the key. Never fails; a part that is not short, clean text is left out.
    public static func peek(_ event: IncomingEvent) -> Peek {
        var peek = Peek()
        var isBinary = false
        for header in event.headers {
            guard let name = attributeName(header.name) else { continue }
            isBinary = true
            peek.take(Array(name.utf8)[...], header.value[...])
        }
        // The value of a binary event is its data, whose fields may have the same names.
        if !isBinary, let value = event.value, value.count <= maximumBytes { peek.take(json: value) }
        if let key = event.key, let slash = key.firstIndex(of: UInt8(ascii: "/")) {
            let authority = clean(key[..<slash])
            if let authority, isEnglishAuthority(authority) {
                if peek.authority == nil { peek.authority = authority }
                if peek.subject == nil { peek.subject = clean(key[(slash + 1)...]) }
            }
        }
        return peek
    }
}

extension Peek {
    fileprivate mutating func take(_ name: ArraySlice<UInt8>, _ value: @autoclosure () -> ArraySlice<UInt8>) {
        switch name.count {
        case 2 where isSame(name, "id") && id == nil: id = clean(value())
        case 4 where isSame(name, "type") && type == nil: type = clean(value())
        case 6 where isSame(name, "source") && source == nil: source = clean(value())
        case 7 where isSame(name, "subject") && subject == nil: subject = clean(value())
        case 9 where isSame(name, "authority") && authority == nil: authority = clean(value())
        case 13 where isSame(name, "correlationid") && correlationid == nil:
            correlationid = clean(value())
        default: break
        }
    }

    /// Reads the members of the top level as far as they stand like JSON. What lies inside them is passed over unread.
    fileprivate mutating func take(json bytes: [UInt8]) {
        var scan = TopLevel(bytes)
        guard scan.enter() else { return }
        while let member = scan.next() {
            if let value = member.value { take(scan.text(member.name), scan.text(value)) }
        }
    }
}
/// Text of an attribute's length without control characters, or nothing.
private func clean(_ bytes: ArraySlice<UInt8>) -> String? {
    guard !bytes.isEmpty, bytes.count <= Attributes.maximumBytes, !bytes.withUnsafeBufferPointer(hasControlCharacter)
    else { return nil }
    return String(validating: bytes, as: UTF8.self)
}

private func isSame(_ name: ArraySlice<UInt8>, _ wanted: StaticString) -> Bool {
    name.withUnsafeBufferPointer { name in
        name.elementsEqual(UnsafeBufferPointer(start: wanted.utf8Start, count: wanted.utf8CodeUnitCount))
    }
}

/// Steps through the members of a JSON object without judging what they hold.
private struct TopLevel {
    /// A string's place between its quotes.
    struct Text {
        let place: Range<Int>
        let isEscaped: Bool
    }

    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func enter() -> Bool {
        skipSpace()
        return take(UInt8(ascii: "{"))
    }

    /// The next member; its value where that is a string. `nil` at the end and at the first fault.
    mutating func next() -> (name: Text, value: Text?)? {
        skipSpace()
        guard let name = string() else { return nil }
        skipSpace()
        guard take(UInt8(ascii: ":")) else { return nil }
        skipSpace()
        let value: Text?
        if at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
            guard let text = string() else { return nil }
            value = text
        } else {
            value = nil
            guard skipValue() else { return nil }
        }
        skipSpace()
        if !take(UInt8(ascii: ",")) { at = bytes.count }
        return (name, value)
    }

    /// Its UTF-8; nothing where its escapes are none.
    func text(_ text: Text) -> ArraySlice<UInt8> {
        guard text.isEscaped else { return bytes[text.place] }
        let quoted = Array(bytes[text.place.lowerBound - 1...text.place.upperBound])
        return (try? JSONValue(quoted))?.lend { $0.withUTF8 { Array($0)[...] } } ?? []
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    private mutating func skipSpace() {
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): at += 1
            default: return
            }
        }
    }

    private mutating func string() -> Text? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let start = at
        let found = bytes.withUnsafeBufferPointer { bytes -> (end: Int, isEscaped: Bool)? in
            var (at, isEscaped) = (start, false)
            while at < bytes.count {
                if bytes[at] == UInt8(ascii: "\"") { return (at, isEscaped) }
                if bytes[at] == UInt8(ascii: "\\") { (at, isEscaped) = (at + 1, true) }
                at += 1
            }
            return nil
        }
        guard let found else { return nil }
        at = found.end + 1
        return Text(place: start..<found.end, isEscaped: found.isEscaped)
    }

    /// Passes over a value that is no string, to the comma or brace after it.
    private mutating func skipValue() -> Bool {
        var depth = 0
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                guard string() != nil else { return false }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return true }
                depth -= 1
            case UInt8(ascii: ",") where depth == 0: return true
            default: break
            }
            at += 1
        }
        return false
    }
}
