import StatutoryRules

/// An event as it stands in a JSON text, in structured mode. Nothing but its form is judged yet.
struct ReceivedEvent {
    private(set) var attributes: Attributes
    private(set) var data: JSONPlace?

    init(_ root: JSONPlace) throws(Problem) {
        guard root.kind == .object else {
            throw Problem(
                code: "not_an_object",
                reason: "The event must be one JSON object { ... }: send one event a record or line.")
        }
        attributes = Attributes(of: root)
        var others: [[UInt8]] = []
        var expected = 0
        for (key, value) in root.members {
            if let attribute = key.withUTF8({ Attribute(named: $0, expecting: expected) }) ?? nil {
                expected = attribute.rawValue + 1
                try attributes.set(attribute, value)
            } else if key.reads("data") {
                guard data == nil else { throw .duplicateAttribute }
                data = value
            } else {
                guard !key.reads("data_base64") else {
                    throw Problem(
                        code: "data_base64",
                        reason: "`data_base64` is not taken: send the payload as JSON under `data`.")
                }
                let name = key.withUTF8 { Array($0) } ?? []
                guard !others.contains(name) else { throw .duplicateAttribute }
                guard others.count < Attributes.maximumCount else { throw .tooManyAttributes }
                others.append(name)
            }
        }
    }

    /// The envelope, once it is known to be of an event that we read.
    func envelope(_ type: String, _ eventType: EventType?) throws(Problem) -> Envelope {
        guard try attributes.required(.specversion, { isSame($0, ("1.0" as StaticString).utf8) }) else {
            throw Problem(code: "unsupported_specversion", reason: "`specversion` must be 1.0: send CloudEvents 1.0.")
        }
        if let contentType = attributes[.datacontenttype], !contentType.reads("application/json") {
            guard mediaType(contentType.string ?? "") == "application/json" else {
                throw Problem(
                    code: "unsupported_datacontenttype",
                    reason:
                        "`datacontenttype` (in binary mode the header `content-type`) must be application/json: send JSON."
                )
            }
        }
        return try attributes.envelope(type, eventType)
    }
}

extension JSONDocument {
    /// A text that an event may be.
    convenience init(event bytes: [UInt8]) throws(Problem) {
        guard bytes.count <= Contract.maximumBytes else { throw .tooLarge }
        do throws(JSONFault) { try self.init(bytes) } catch { throw Problem(error) }
    }
}

extension IncomingEvent {
    /// The event as a JSON text: the value of a record in structured mode, unchanged, or composed of one in binary mode.
    func structured() throws(Problem) -> [UInt8] {
        guard let value else {
            throw Problem(
                code: "tombstone",
                reason:
                    "The record has no value: to withdraw an event send one with `retracts`; only a directory entry is removed so."
            )
        }
        guard value.count <= Contract.maximumBytes else { throw .tooLarge }
        let contentType = header("content-type").map { String(decoding: $0, as: UTF8.self) }
        let mediaType = contentType.map(mediaType)
        if let mediaType, mediaType.hasPrefix("application/cloudevents") {
            guard mediaType == "application/cloudevents+json" || mediaType == "application/cloudevents" else {
                throw Problem(
                    code: "unsupported_format",
                    reason:
                        "The header `content-type` names a form that is not taken: send application/cloudevents+json, one event a record."
                )
            }
            return value
        }
        guard headers.contains(where: { attributeName($0.name) != nil }) else {
            throw Problem(
                code: "unknown_mode",
                reason:
                    "The record is no CloudEvent: set the header `content-type` to application/cloudevents+json (structured mode), or send the `ce_` headers (binary mode)."
            )
        }
        return try composed(value, contentType)
    }

    /// The binary event as one JSON object, attributes in the contract's order. What is stored is read again and again:
    /// so it is this text, not its parts, that must be good.
    private func composed(_ value: [UInt8], _ contentType: String?) throws(Problem) -> [UInt8] {
        var attributes: [Attribute: String] = [:]
        var others: [(name: String, value: String)] = []
        for header in headers {
            guard var name = attributeName(header.name) else { continue }
            guard let text = String(validating: header.value, as: UTF8.self), !text.utf8.contains(0) else {
                throw Problem(
                    code: "invalid_header",
                    reason: "The `ce_` headers must be UTF-8 text without NUL: correct the bytes.")
            }
            if let attribute = name.withUTF8({ Attribute(named: $0) }) {
                guard attribute != .datacontenttype else { throw .reservedHeader }
                guard attributes.updateValue(text, forKey: attribute) == nil else { throw .duplicateAttribute }
            } else {
                guard name != "data", name != "data_base64" else { throw .reservedHeader }
                guard !others.contains(where: { $0.name == name }) else { throw .duplicateAttribute }
                guard others.count < Attributes.maximumCount else { throw .tooManyAttributes }
                others.append((name, text))
            }
        }
        attributes[.datacontenttype] = contentType
        let known = Attribute.allCases.compactMap { attribute in attributes[attribute].map { (attribute.name, $0) } }
        var members = (known + others).map { "\(JSONValue.quoted($0)):\(JSONValue.quoted($1))" }
        if !value.isEmpty {
            // By itself, since a broken text could be a good one inside another.
            let document = try JSONDocument(event: value)
            members.append("\"data\":\(JSONValue(document, 0).rawText)")
        }
        return Array("{\(members.joined(separator: ","))}".utf8)
    }

    static func line(_ bytes: [UInt8]) -> IncomingEvent {
        IncomingEvent(
            key: nil, headers: [("content-type", Array("application/cloudevents+json".utf8))], value: bytes)
    }

    func header(_ name: String) -> [UInt8]? {
        headers.first { $0.name == name || ($0.name.utf8.count == name.utf8.count && $0.name.lowercased() == name) }?
            .value
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

extension Problem {
    static let tooLarge = Problem(
        code: "too_large",
        reason: "The event is longer than 1 MiB (\(Contract.maximumBytes) bytes): send less, or a reference.")
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
