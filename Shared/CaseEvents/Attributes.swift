import StatutoryRules

/// The attributes of the envelope, in the order in which they are written.
enum Attribute: Int, CaseIterable {
    case specversion, id, source, type, subject, time, authority, supersedes, retracts
    case correlationid, causationid, traceparent, caserevision, datacontenttype

    static let names: [[UInt8]] = allCases.map { Array(String(describing: $0).utf8) }
    /// Those whose names are so many bytes long, by that number.
    private static let byLength = (0...names.map(\.count).max()!).map { length in
        allCases.filter { names[$0.rawValue].count == length }
    }

    var name: String { String(decoding: Attribute.names[rawValue], as: UTF8.self) }

    static func named(_ name: String) -> Attribute? {
        names.firstIndex { $0.elementsEqual(name.utf8) }.flatMap(Attribute.init)
    }

    /// The one that an object's key names.
    static func named(_ key: Int, in document: JSONDocument) -> Attribute? {
        let node = document.nodes[key]
        guard !node.isEscaped else { return JSONValue(document, key).string.flatMap(named) }
        guard node.range.count < byLength.count else { return nil }
        return byLength[node.range.count].first { attribute in
            names[attribute.rawValue].withUnsafeBufferPointer { document.key(at: key, equals: $0) }
        }
    }
}

/// The attributes as text, gathered from JSON or from headers and not yet judged.
struct Attributes {
    static let maximumBytes = 200
    /// Others than ours are carried and ignored, within reason.
    static let maximumCount = 64

    private var values = InlineArray<14, String?>(repeating: nil)
    /// A bit an attribute.
    private var isSet: UInt32 = 0

    subscript(_ attribute: Attribute) -> String? { values[attribute.rawValue] }

    mutating func set(_ attribute: Attribute, _ value: String?) throws(Problem) {
        let bit: UInt32 = 1 << UInt32(attribute.rawValue)
        guard isSet & bit == 0 else { throw .duplicateAttribute }
        isSet |= bit
        values[attribute.rawValue] = value
    }

    func envelope(_ eventType: EventType?) throws(Problem) -> Envelope {
        let authority = try required(.authority)
        guard isEnglishAuthority(authority) else {
            throw Problem(
                code: "invalid_authority",
                reason:
                    "`authority` must be the ONS code of an English authority: E06, E07, E08, E09 or E10 and six digits."
            )
        }
        let time = try required(.time)
        guard let instant = Instant(time) else {
            throw .badTime(Array(time.utf8)[...], at: "time", dateAllowed: false)
        }
        let (supersedes, retracts) = (try optional(.supersedes), try optional(.retracts))
        guard supersedes == nil || retracts == nil else {
            throw Problem(
                code: "supersedes_and_retracts",
                reason: "An event may have `supersedes` or `retracts`, not both: send a correction or a retraction.")
        }
        return Envelope(
            id: try required(.id), source: try required(.source), type: try required(.type), eventType: eventType,
            subject: try required(.subject), authority: authority, time: instant, supersedes: supersedes,
            retracts: retracts, correlationid: try optional(.correlationid), causationid: try optional(.causationid),
            traceparent: try optional(.traceparent), caserevision: try caserevision())
    }

    func required(_ attribute: Attribute) throws(Problem) -> String {
        guard let value = try optional(attribute) else {
            throw Problem(code: "missing_attribute", reason: "The envelope lacks `\(attribute.name)`: add it.")
        }
        return value
    }

    private func optional(_ attribute: Attribute) throws(Problem) -> String? {
        guard let value = self[attribute] else { return nil }
        guard !value.isEmpty else {
            throw Problem(
                code: "empty_attribute", reason: "`\(attribute.name)` is empty: give it a value or leave it out.")
        }
        guard value.utf8.count <= Attributes.maximumBytes else {
            throw Problem(
                code: "attribute_too_long",
                reason: "`\(attribute.name)` is longer than \(Attributes.maximumBytes) bytes: shorten it.")
        }
        guard !hasControlCharacter(value.utf8) else {
            throw Problem(
                code: "control_character",
                reason: "`\(attribute.name)` holds a control character, such as a line break or tab: take it out.")
        }
        return value
    }

    private func caserevision() throws(Problem) -> Int64? {
        guard let text = try optional(.caserevision) else { return nil }
        guard let revision = Int64(text), revision >= 0 else {
            throw Problem(code: "invalid_caserevision", reason: "`caserevision` must be a whole number, zero or more.")
        }
        return revision
    }
}

func hasControlCharacter(_ text: some Sequence<UInt8>) -> Bool {
    text.withContiguousStorageIfAvailable(containsControlCharacter)
        ?? Array(text).withUnsafeBufferPointer(
            containsControlCharacter)
}

private func containsControlCharacter(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let bytes = UnsafeRawBufferPointer(text)
    var plain = 0
    // Eight bytes at a time while all are ASCII and none is below a space or DEL.
    while plain + 8 <= bytes.count {
        let word = bytes.loadUnaligned(fromByteOffset: plain, as: UInt64.self)
        let (low, top) = (0x0101_0101_0101_0101 as UInt64, 0x8080_8080_8080_8080 as UInt64)
        let delete = word ^ (low &* 0x7F)
        guard ((word &- low &* 0x20) & ~word | (delete &- low) & ~delete | word) & top == 0 else { break }
        plain += 8
    }
    var previous: UInt8 = 0
    for byte in text[plain...] {
        // U+0080-U+009F are C2 80 to C2 9F.
        if byte < 0x20 || byte == 0x7F || (previous == 0xC2 && byte < 0xA0) { return true }
        previous = byte
    }
    return false
}

extension Problem {
    static let duplicateAttribute = Problem(
        code: "duplicate_attribute",
        reason: "The envelope gives one attribute twice, so that readers could differ: send each once.")

    /// Says what is wrong with a time or date that could not be read.
    static func badTime(_ text: ArraySlice<UInt8>, at path: String, dateAllowed: Bool) -> Problem {
        let form = "RFC 3339 with a zone, such as 2026-01-06T14:00:00Z" + (dateAllowed ? ", or a date YYYY-MM-DD" : "")
        if text.count >= 19, text[text.startIndex + 17] == UInt8(ascii: "6"),
            text[text.startIndex + 18] == UInt8(ascii: "0")
        {
            return Problem(
                code: "leap_second", reason: "`\(path)` names a leap second, which cannot be counted: use second 59.")
        }
        if Instant(bytes: text + [UInt8(ascii: "Z")]) != nil {
            return Problem(
                code: "time_without_zone", reason: "`\(path)` has no zone: add Z or an offset; it must be \(form).")
        }
        if isYearOutOfRange(text) { return .yearOutOfRange(path) }
        return Problem(
            code: "invalid_time",
            reason: "`\(path)` is not a time that exists and that can be read: it must be \(form).")
    }

    static func badDate(_ text: ArraySlice<UInt8>, at path: String) -> Problem {
        if isYearOutOfRange(text) { return .yearOutOfRange(path) }
        return Problem(
            code: "invalid_date", reason: "`\(path)` must be a date that exists, as YYYY-MM-DD and without a time.")
    }

    private static func yearOutOfRange(_ path: String) -> Problem {
        Problem(code: "year_out_of_range", reason: "The year of `\(path)` must be from 1900 to 2199: correct the date.")
    }

    private static func isYearOutOfRange(_ text: ArraySlice<UInt8>) -> Bool {
        let digits = text.prefix(4)
        guard text.count >= 10, text[text.startIndex + 4] == UInt8(ascii: "-"),
            let year = Int(String(decoding: digits, as: UTF8.self))
        else { return false }
        return !(1900...2199).contains(year)
    }
}
