/// Writes one line of JSON. The caller gives the keys in their order.
struct JSONText {
    private var bytes: [UInt8] = []
    private var needsComma = false

    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func object(_ body: (inout JSONText) -> Void) { nest("{", "}", body) }
    mutating func array(_ body: (inout JSONText) -> Void) { nest("[", "]", body) }

    mutating func key(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    mutating func value(_ text: String?) {
        separate()
        guard let text else { return raw("null") }
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 { escape(byte) }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func value(_ number: Int?) {
        separate()
        raw(number.map(String.init) ?? "null")
    }

    mutating func values(_ texts: some Sequence<String>) {
        array { for text in texts { $0.value(text) } }
    }

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

    private mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

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

/// The whole of one JSON object.
func jsonObject(_ body: (inout JSONText) -> Void) -> String {
    var text = JSONText()
    text.object(body)
    return text.text
}
