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
            if let authority, isAuthorityCode(authority) {
                if peek.authority == nil { peek.authority = authority }
                if peek.subject == nil { peek.subject = clean(key[(slash + 1)...]) }
            }
        }
        return peek
    }
}

extension Peek {
    fileprivate mutating func take(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) {
        guard let attribute = Attribute.named(name), let path = Peek.path(attribute), self[keyPath: path] == nil else {
            return
        }
        self[keyPath: path] = clean(value)
    }

    /// Reads the top level as far as the text is JSON: what stands before a fault is what there is.
    fileprivate mutating func take(json bytes: [UInt8]) {
        var scanner = JSONScanner(bytes)
        try? scanner.scan()
        let document = JSONDocument(bytes: bytes, nodes: scanner.nodes)
        guard let root = document.nodes.first, root.kind == .object else { return }
        var key = 1
        while key + 1 < document.nodes.count {
            if let name = JSONValue(document, key).utf8, let value = JSONValue(document, key + 1).utf8 {
                take(name, value)
            }
            // Zero: the value breaks off.
            let next = Int(document.nodes[key + 1].next)
            guard next > key else { return }
            key = next
        }
    }

    private static func path(_ attribute: Attribute) -> WritableKeyPath<Peek, String?>? {
        switch attribute {
        case .type: \.type
        case .id: \.id
        case .source: \.source
        case .authority: \.authority
        case .subject: \.subject
        case .correlationid: \.correlationid
        case .specversion, .time, .supersedes, .retracts, .causationid, .traceparent, .caserevision, .datacontenttype:
            nil
        }
    }
}

/// Text of an attribute's length without control characters, or nothing.
private func clean(_ bytes: ArraySlice<UInt8>) -> String? {
    guard !bytes.isEmpty, bytes.count <= Attributes.maximumBytes, !hasControlCharacter(bytes) else { return nil }
    return String(validating: bytes, as: UTF8.self)
}
