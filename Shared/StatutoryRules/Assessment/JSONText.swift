/// What a row's fields are written to, in the order of their keys: its text, or a digest of it.
protocol RowText {
    mutating func key(_ name: StaticString)
    mutating func value(_ text: String?)
    mutating func value(_ number: Int?)
    mutating func value(_ instant: Instant)
    mutating func value(_ day: Day?)
    mutating func object(_ body: (inout Self) -> Void)
    mutating func array(_ body: (inout Self) -> Void)
}

extension RowText {
    mutating func value(_ moment: Moment?) {
        switch moment {
        case .instant(let instant): value(instant)
        case .day(let day): value(day)
        case nil: value(nil as String?)
        }
    }

    mutating func values(_ texts: some Sequence<String>) {
        array { for text in texts { $0.value(text) } }
    }
}

/// Writes one line of JSON. The caller gives the keys in their order.
struct JSONText: RowText {
    private var bytes: [UInt8] = []
    private var needsComma = false

    init() { bytes.reserveCapacity(512) }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func object(_ body: (inout JSONText) -> Void) { nest("{", "}", body) }
    mutating func array(_ body: (inout JSONText) -> Void) { nest("[", "]", body) }

    mutating func key(_ name: StaticString) {
        // In one step: a row has a dozen keys.
        let comma = needsComma ? 1 : 0
        bytes.append(addingCapacity: comma + name.utf8CodeUnitCount + 3) { space in
            if comma == 1 { space.append(UInt8(ascii: ",")) }
            space.append(UInt8(ascii: "\""))
            for place in 0..<name.utf8CodeUnitCount { space.append(name.utf8Start[place]) }
            space.append(UInt8(ascii: "\""))
            space.append(UInt8(ascii: ":"))
        }
        needsComma = false
    }

    mutating func value(_ text: String?) {
        separate()
        guard let text else { return raw("null") }
        bytes.append(UInt8(ascii: "\""))
        text.withBytes { text in
            var isPlain = true
            for byte in text where JSONText.isEscaped(byte) { isPlain = false }
            if isPlain { bytes.append(contentsOf: text) } else { for byte in text { escape(byte) } }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func value(_ number: Int?) {
        separate()
        raw(number.map(String.init) ?? "null")
    }

    mutating func value(_ instant: Instant) { value(instant.description) }
    mutating func value(_ day: Day?) { value(day?.description) }

    /// A value that is JSON already.
    mutating func embed(_ json: String) {
        separate()
        raw(json)
    }

    /// An array of such values.
    mutating func embed(all values: some Sequence<String>) {
        array { for json in values { $0.embed(json) } }
    }

    private mutating func nest(_ open: Unicode.Scalar, _ close: Unicode.Scalar, _ body: (inout JSONText) -> Void) {
        separate()
        bytes.append(UInt8(ascii: open))
        needsComma = false
        body(&self)
        bytes.append(UInt8(ascii: close))
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func raw(_ text: String) { text.withBytes { bytes.append(contentsOf: $0) } }

    @inline(__always)
    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case 0..<0x20:
            raw("\\u00")
            bytes.append(hexDigits[Int(byte >> 4)])
            bytes.append(hexDigits[Int(byte & 15)])
        default:
            bytes.append(byte)
        }
    }
}

extension String {
    /// Its UTF-8 where it lies, as every string of Swift's own does in one piece.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        utf8.withContiguousStorageIfAvailable(body) ?? Array(utf8).withUnsafeBufferPointer(body)
    }
}

/// The whole of one JSON object.
func jsonObject(_ body: (inout JSONText) -> Void) -> String {
    var text = JSONText()
    text.object(body)
    return text.text
}
