import StatutoryRules

/// An event out of either mode: attributes as text, data as a place in a JSON text. Nothing but its form is judged yet.
struct ReceivedEvent {
    private(set) var attributes = Attributes()
    private(set) var data: JSONValue?
    private(set) var structured: [UInt8] = []

    init(_ event: IncomingEvent) throws(Problem) {
        guard let value = event.value else {
            throw Problem(
                code: "tombstone",
                reason:
                    "The record has no value: to withdraw an event send one with `retracts`; only a directory entry is removed so."
            )
        }
        guard value.count <= Contract.maximumBytes else { throw .tooLarge }
        let contentType = event.header("content-type").map { String(decoding: $0, as: UTF8.self) }
        let mediaType = contentType.map(mediaType)
        if let mediaType, mediaType.hasPrefix("application/cloudevents") {
            try self.init(structured: value, mediaType: mediaType)
        } else if event.headers.contains(where: { attributeName($0.name) != nil }) {
            try self.init(binary: event.headers, value, contentType: contentType)
        } else {
            throw Problem(
                code: "unknown_mode",
                reason:
                    "The record is no CloudEvent: set the header `content-type` to application/cloudevents+json (structured mode), or send the `ce_` headers (binary mode)."
            )
        }
    }

    init(structured bytes: [UInt8], mediaType: String = "application/cloudevents+json") throws(Problem) {
        guard bytes.count <= Contract.maximumBytes else { throw .tooLarge }
        guard mediaType == "application/cloudevents+json" || mediaType == "application/cloudevents" else {
            throw Problem(
                code: "unsupported_format",
                reason:
                    "The header `content-type` names a form that is not taken: send application/cloudevents+json, one event a record."
            )
        }
        let root = try parsed(bytes)
        guard root.kind == .object else {
            throw Problem(
                code: "not_an_object",
                reason: "The event must be one JSON object { ... }: send one event a record or line.")
        }
        structured = bytes
        try readMembers(root)
    }

    private mutating func readMembers(_ root: JSONValue) throws(Problem) {
        var unknown: [ArraySlice<UInt8>] = []
        var members = root.members
        while let (key, place) = members.nextPlaces() {
            let value = JSONValue(root.document, place)
            if let attribute = Attribute.named(key, in: root.document) {
                try attributes.set(attribute, try text(value, attribute))
                continue
            }
            let name = JSONValue(root.document, key).utf8 ?? []
            if name.elementsEqual("data".utf8) {
                guard data == nil else { throw .duplicateAttribute }
                data = value
            } else {
                if name.elementsEqual("data_base64".utf8) {
                    throw Problem(
                        code: "data_base64",
                        reason: "`data_base64` is not taken: send the payload as JSON under `data`.")
                }
                guard !unknown.contains(name) else { throw .duplicateAttribute }
                guard unknown.count < Attributes.maximumCount else { throw .tooManyAttributes }
                unknown.append(name)
            }
        }
    }

    /// The text of an attribute; `null` is the same as absent. Numbers are for `caserevision`.
    private func text(_ value: JSONValue, _ attribute: Attribute) throws(Problem) -> String? {
        if value.isNull { return nil }
        if let text = value.string { return text }
        if attribute == .caserevision, let revision = value.int { return String(revision) }
        let form = attribute == .caserevision ? "a whole number" : "text in double quotes"
        throw Problem(code: "wrong_type", reason: "`\(attribute.name)` must be \(form): change its JSON type.")
    }

    private init(
        binary headers: [(name: String, value: [UInt8])], _ value: [UInt8], contentType: String?
    ) throws(Problem) {
        var extensions: [(name: String, value: String)] = []
        for header in headers {
            guard let name = attributeName(header.name) else { continue }
            guard let text = String(validating: header.value, as: UTF8.self), !text.utf8.contains(0) else {
                throw Problem(
                    code: "invalid_header",
                    reason: "The `ce_` headers must be UTF-8 text without NUL: correct the bytes.")
            }
            if let attribute = Attribute.named(name) {
                guard attribute != .datacontenttype else { throw .reservedHeader }
                try attributes.set(attribute, text)
            } else {
                guard name != "data", name != "data_base64" else { throw .reservedHeader }
                guard !extensions.contains(where: { $0.name == name }) else { throw .duplicateAttribute }
                guard extensions.count < Attributes.maximumCount else { throw .tooManyAttributes }
                extensions.append((name, text))
            }
        }
        if let contentType { try attributes.set(.datacontenttype, contentType) }
        if !value.isEmpty { data = try parsed(value) }
        structured = composed(extensions)
    }

    /// The binary event as one JSON object, attributes in the contract's order.
    private func composed(_ extensions: [(name: String, value: String)]) -> [UInt8] {
        var bytes = Array("{".utf8)
        func add(_ name: String, _ value: String) {
            appendQuoted(Array(name.utf8)[...], to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            appendQuoted(Array(value.utf8)[...], to: &bytes)
            bytes.append(UInt8(ascii: ","))
        }
        for attribute in Attribute.allCases {
            if let value = attributes[attribute] { add(attribute.name, value) }
        }
        for (name, value) in extensions { add(name, value) }
        if let data {
            bytes.append(contentsOf: Array("\"data\":".utf8) + data.rawBytes)
        } else if bytes.last == UInt8(ascii: ",") {
            bytes.removeLast()
        }
        return bytes + [UInt8(ascii: "}")]
    }

    func envelope(_ type: EventType?) throws(Problem) -> Envelope {
        guard try attributes.required(.specversion) == "1.0" else {
            throw Problem(code: "unsupported_specversion", reason: "`specversion` must be 1.0: send CloudEvents 1.0.")
        }
        if let contentType = attributes[.datacontenttype], contentType != "application/json" {
            guard mediaType(contentType) == "application/json" else {
                throw Problem(
                    code: "unsupported_datacontenttype",
                    reason:
                        "`datacontenttype` (in binary mode the header `content-type`) must be application/json: send JSON."
                )
            }
        }
        return try attributes.envelope(type)
    }
}

/// The attribute that a header of binary mode names.
func attributeName(_ header: String) -> String? {
    guard header.utf8.count > 3, header.utf8.prefix(3).elementsEqual("ce_".utf8) else { return nil }
    return String(header.dropFirst(3))
}

/// A content type without its parameters, in lower case.
private func mediaType(_ contentType: String) -> String {
    let bytes = contentType.utf8.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
    return String(decoding: bytes, as: UTF8.self).lowercased()
}

private func parsed(_ bytes: [UInt8]) throws(Problem) -> JSONValue {
    do { return try JSONValue(bytes) } catch { throw Problem(error) }
}

extension IncomingEvent {
    static func line(_ bytes: [UInt8]) -> IncomingEvent {
        IncomingEvent(
            key: nil, headers: [("content-type", Array("application/cloudevents+json".utf8))], value: bytes)
    }

    func header(_ name: String) -> [UInt8]? {
        headers.first { $0.name == name || ($0.name.utf8.count == name.utf8.count && $0.name.lowercased() == name) }?
            .value
    }
}

extension Problem {
    static let tooLarge = Problem(
        code: "too_large",
        reason: "The value is longer than 1 MiB (\(Contract.maximumBytes) bytes): send less, or a reference.")
    static let tooManyAttributes = Problem(
        code: "too_many_attributes",
        reason:
            "The envelope has more than \(Attributes.maximumCount) attributes beyond the contract's: leave some out.")
    static let reservedHeader = Problem(
        code: "reserved_header",
        reason:
            "The headers `ce_data`, `ce_data_base64` and `ce_datacontenttype` do not exist in binary mode: the value is the data, and the header `content-type` its type."
    )
}
