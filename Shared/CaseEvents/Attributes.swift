import StatutoryRules

/// The attributes of the envelope, in the order in which they are written.
enum Attribute: Int, CaseIterable {
    case specversion, id, source, type, subject, time, authority, supersedes, retracts
    case correlationid, causationid, traceparent, caserevision, datacontenttype

    static let names = Words(allCases.map { String(describing: $0) })

    var name: String { Attribute.names.list[rawValue] }

    init?(named name: UnsafeBufferPointer<UInt8>, expecting expected: Int = 0) {
        guard let place = Attribute.names.index(of: name, expecting: expected) else { return nil }
        self.init(rawValue: place)
    }
}

/// Where the attributes stand in the text of an event. Nothing but their type is judged yet.
struct Attributes {
    static let maximumBytes = 200
    /// Others than ours are carried and ignored, within reason.
    static let maximumCount = 64

    private let event: JSONPlace
    /// Places on the tape; zero, where the event itself stands, for one that is absent.
    private var places = InlineArray<14, Int>(repeating: 0)
    /// A bit an attribute.
    private var isSet: UInt32 = 0

    init(of event: JSONPlace) { self.event = event }

    subscript(_ attribute: Attribute) -> JSONPlace? {
        let place = places[attribute.rawValue]
        return place == 0 ? nil : event.place(at: place)
    }

    /// `null` is the same as absent. Numbers are for `caserevision`.
    mutating func set(_ attribute: Attribute, _ value: JSONPlace) throws(Problem) {
        let isNumber = attribute == .caserevision && value.int != nil
        guard value.kind == .string || value.isNull || isNumber else {
            let form = attribute == .caserevision ? "a whole number" : "text in double quotes"
            throw Problem(code: "wrong_type", reason: "`\(attribute.name)` must be \(form): change its JSON type.")
        }
        let bit: UInt32 = 1 << UInt32(attribute.rawValue)
        guard isSet & bit == 0 else { throw .duplicateAttribute }
        isSet |= bit
        if !value.isNull { places[attribute.rawValue] = value.index }
    }

    /// What they say of an event of this type.
    func envelope(_ type: String, _ eventType: EventType?) throws(Problem) -> Envelope {
        let authority = try required(.authority)
        guard isEnglishAuthority(authority) else {
            throw Problem(
                code: "invalid_authority",
                reason:
                    "`authority` must be the ONS code of an English authority: E06, E07, E08, E09 or E10 and six digits."
            )
        }
        let time = try required(.time) { time throws(Problem) in
            guard let instant = Instant(bytes: time) else { throw .badTime(time, at: "time", dateAllowed: false) }
            return instant
        }
        let (supersedes, retracts) = (try optional(.supersedes), try optional(.retracts))
        guard supersedes == nil || retracts == nil else {
            throw Problem(
                code: "supersedes_and_retracts",
                reason: "An event may have `supersedes` or `retracts`, not both: send a correction or a retraction.")
        }
        return Envelope(
            id: try required(.id), source: try required(.source), type: type, eventType: eventType,
            subject: try required(.subject), authority: authority, time: time, supersedes: supersedes,
            retracts: retracts, correlationid: try optional(.correlationid), causationid: try optional(.causationid),
            traceparent: try optional(.traceparent), caserevision: try caserevision())
    }

    func required(_ attribute: Attribute) throws(Problem) -> String {
        try required(attribute) { String(decoding: $0, as: UTF8.self) }
    }

    /// What is read of an attribute's UTF-8, once its form is right.
    func required<Value>(
        _ attribute: Attribute, _ read: (UnsafeBufferPointer<UInt8>) throws(Problem) -> Value
    ) throws(Problem) -> Value {
        guard let value = try optional(attribute, read) else {
            throw Problem(code: "missing_attribute", reason: "The envelope lacks `\(attribute.name)`: add it.")
        }
        return value
    }

    private func optional(_ attribute: Attribute) throws(Problem) -> String? {
        try optional(attribute) { String(decoding: $0, as: UTF8.self) }
    }

    private func optional<Value>(
        _ attribute: Attribute, _ read: (UnsafeBufferPointer<UInt8>) throws(Problem) -> Value
    ) throws(Problem) -> Value? {
        try self[attribute]?.withUTF8 { text throws(Problem) in
            try check(text, attribute)
            return try read(text)
        }
    }

    private func check(_ text: UnsafeBufferPointer<UInt8>, _ attribute: Attribute) throws(Problem) {
        guard !text.isEmpty else {
            throw Problem(
                code: "empty_attribute", reason: "`\(attribute.name)` is empty: give it a value or leave it out.")
        }
        guard text.count <= Attributes.maximumBytes else {
            throw Problem(
                code: "attribute_too_long",
                reason: "`\(attribute.name)` is longer than \(Attributes.maximumBytes) bytes: shorten it.")
        }
        guard !hasControlCharacter(text) else {
            throw Problem(
                code: "control_character",
                reason: "`\(attribute.name)` holds a control character, such as a line break or tab: take it out.")
        }
    }

    private func caserevision() throws(Problem) -> Int64? {
        guard let place = self[.caserevision] else { return nil }
        let revision = place.kind == .number ? place.int.map(Int64.init) : Int64(try required(.caserevision))
        guard let revision, revision >= 0 else {
            throw Problem(code: "invalid_caserevision", reason: "`caserevision` must be a whole number, zero or more.")
        }
        return revision
    }
}

func hasControlCharacter(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var plain = 0
    while plain + 8 <= text.count, isPlain(eightBytes(of: text, at: plain)) { plain += 8 }
    // What is left over, with bytes before it.
    if text.count >= 8, plain + 8 > text.count, isPlain(eightBytes(of: text, at: text.count - 8)) { return false }
    var previous: UInt8 = 0
    for byte in text[plain...] {
        // U+0080-U+009F are C2 80 to C2 9F.
        if byte < 0x20 || byte == 0x7F || (previous == 0xC2 && byte < 0xA0) { return true }
        previous = byte
    }
    return false
}

/// Whether all bytes are ASCII, and none is below a space or DEL; it may say no of some that are.
private func isPlain(_ word: UInt64) -> Bool {
    let (low, top) = (0x0101_0101_0101_0101 as UInt64, 0x8080_8080_8080_8080 as UInt64)
    let delete = word ^ (low &* 0x7F)
    return ((word &- low &* 0x20) | (delete &- low) | word) & top == 0
}

extension Problem {
    static let duplicateAttribute = Problem(
        code: "duplicate_attribute",
        reason: "The envelope gives one attribute twice, so that readers could differ: send each once.")

    /// Says what is wrong with a time or date that could not be read.
    static func badTime(_ text: UnsafeBufferPointer<UInt8>, at path: String, dateAllowed: Bool) -> Problem {
        let form = "RFC 3339 with a zone, such as 2026-01-06T14:00:00Z" + (dateAllowed ? ", or a date YYYY-MM-DD" : "")
        if text.count >= 19, text[17] == UInt8(ascii: "6"), text[18] == UInt8(ascii: "0") {
            return Problem(
                code: "leap_second", reason: "`\(path)` names a leap second, which cannot be counted: use second 59.")
        }
        if (Array(text) + [UInt8(ascii: "Z")]).withUnsafeBufferPointer({ Instant(bytes: $0) }) != nil {
            return Problem(
                code: "time_without_zone", reason: "`\(path)` has no zone: add Z or an offset; it must be \(form).")
        }
        if isYearOutOfRange(text) { return .yearOutOfRange(path) }
        return Problem(
            code: "invalid_time",
            reason: "`\(path)` is not a time that exists and that can be read: it must be \(form).")
    }

    static func badDate(_ text: UnsafeBufferPointer<UInt8>, at path: String) -> Problem {
        if isYearOutOfRange(text) { return .yearOutOfRange(path) }
        return Problem(
            code: "invalid_date", reason: "`\(path)` must be a date that exists, as YYYY-MM-DD and without a time.")
    }

    private static func yearOutOfRange(_ path: String) -> Problem {
        Problem(code: "year_out_of_range", reason: "The year of `\(path)` must be from 1900 to 2199: correct the date.")
    }

    private static func isYearOutOfRange(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard text.count >= 10, text[4] == UInt8(ascii: "-"),
            let year = Int(String(decoding: text.prefix(4), as: UTF8.self))
        else { return false }
        return !(1900...2199).contains(year)
    }
}
