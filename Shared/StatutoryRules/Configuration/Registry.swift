/// Which authority works under which policy: ONS code to policy, live date, sources and the department's number.
struct Registry: Sendable {
    struct Entry: Sendable {
        /// `nil`: the default of the code's prefix.
        var policy: String?
        var liveFrom: Day?
        var sources: [String]
        /// The education department's number of the authority.
        var lea: String?
    }

    let entries: [String: Entry]
    /// First three characters of the code to policy.
    let defaults: [String: String]

    init(document: ConfigurationDocument, policies: Set<String>) throws(ConfigurationError) {
        let root = document.root
        try document.allowOnly(["defaults", "authorities"], in: root, of: document.file)
        var defaults: [String: String] = [:]
        for (key, value) in try document.child(of: root, "defaults").mapping ?? [:] {
            let prefix = try document.text(key, key: "defaults")
            defaults[prefix] = try document.text(value, key: prefix)
        }
        var entries: [String: Entry] = [:]
        for (key, value) in try document.child(of: root, "authorities").mapping ?? [:] {
            let code = try document.text(key, key: "authorities")
            guard isEnglishAuthority(code) else {
                throw document.error(key, key: code, "is no code of a local authority in England", "correct it")
            }
            try document.allowOnly(["policy", "liveFrom", "sources", "name", "lea"], in: value, of: code)
            let has = { (name: String) in value.mapping?[name] != nil }
            let lea = try has("lea") ? document.text(of: value, "lea") : nil
            if let lea, !isLEA(lea) {
                throw document.error(
                    value, key: "lea", "is not three digits", "write the department's number, such as 866")
            }
            entries[code] = Entry(
                policy: try has("policy") ? document.text(of: value, "policy") : nil,
                liveFrom: try has("liveFrom")
                    ? document.day(document.child(of: value, "liveFrom"), key: "liveFrom") : nil,
                sources: try has("sources") ? document.texts(of: value, "sources") : [], lea: lea)
        }
        self.defaults = defaults
        self.entries = entries
        for policy in Array(defaults.values) + entries.values.compactMap(\.policy) where !policies.contains(policy) {
            throw document.error(root, key: policy, "is no policy", "use one of \(policies.sorted())")
        }
    }

    func policyName(for authority: String) -> String? {
        guard isEnglishAuthority(authority) else { return nil }
        return entries[authority]?.policy ?? defaults[String(authority.prefix(3))]
    }
}

/// Three digits.
public func isLEA(_ code: String) -> Bool {
    code.utf8.count == 3 && code.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
}

/// E06 to E10 and six digits.
public func isEnglishAuthority(_ code: String) -> Bool {
    var code = code
    return code.withUTF8 { bytes in
        guard bytes.count == 9, bytes[0] == UInt8(ascii: "E"), let type = decimal(bytes, 1..<3),
            decimal(bytes, 3..<9) != nil
        else { return false }
        return (6...10).contains(type)
    }
}
