import StatutoryRules

/// The attributes of the envelope, in the order in which they are written.
enum Attribute: Int, CaseIterable {
    case specversion, id, source, type, subject, time, authority, supersedes, retracts
    case correlationid, causationid, traceparent, caserevision, datacontenttype

    static let names: [[UInt8]] = allCases.map { Array(String(describing: $0).utf8) }

    var name: String { String(decoding: Attribute.names[rawValue], as: UTF8.self) }

    static func named(_ name: ArraySlice<UInt8>) -> Attribute? {
        name.withUnsafeBufferPointer { name in
            let place = names.firstIndex { $0.count == name.count && $0.elementsEqual(name) }
            return place.flatMap(Attribute.init)
        }
    }
}

/// The attributes as text, gathered from JSON or from headers and not yet judged.
struct Attributes {
    static let maximumBytes = 200
    /// Others than ours are carried and ignored, within reason.
    static let maximumCount = 64

    private var values = [String?](repeating: nil, count: Attribute.allCases.count)
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
        guard isAuthorityCode(authority) else {
            throw Problem(
                code: "invalid_authority",
                reason:
                    "`authority` must be the ONS code of an English authority: E06, E07, E08, E09 or E10 and six digits."
            )
        }
        let time = try required(.time)
        guard let instant = Instant(bytes: Array(time.utf8)[...]) else {
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
    var previous: UInt8 = 0
    for byte in text {
        // U+0080-U+009F are C2 80 to C2 9F.
        if byte < 0x20 || byte == 0x7F || (previous == 0xC2 && byte < 0xA0) { return true }
        previous = byte
    }
    return false
}

func isAuthorityCode(_ text: String) -> Bool {
    let code = Array(text.utf8)
    guard code.count == 9, code[0] == UInt8(ascii: "E") else { return false }
    guard code[1...].allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return false }
    return code[1] == UInt8(ascii: "0")
        ? code[2] >= UInt8(ascii: "6") : code[1] == UInt8(ascii: "1") && code[2] == UInt8(ascii: "0")
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
