import Yams

/// Reads one policy file: every key is there, with value, unit, rule, citation and provenance, or `not_stated`.
struct PolicyReader {
    let document: ConfigurationDocument
    let statute: [LimitKey: [Term]]

    static let notStated = "not_stated"

    func policy() throws(ConfigurationError) -> Policy {
        let root = document.root
        var sections: Set = ["policy", "source", "limits", "leads", "notices"]
        if document.file == Configuration.statuteFile { sections.insert("statute") }
        try document.allowOnly(sections, in: root, of: document.file)
        return Policy(
            name: try document.text(of: root, "policy"),
            limits: try PolicyReader.limits(in: document, section: "limits", keys: LimitKey.allCases),
            statute: statute, leads: try leads(), recipients: try recipients())
    }

    /// The limits that `england.yaml` states for every policy.
    static func statute(in document: ConfigurationDocument) throws(ConfigurationError) -> [LimitKey: [Term]] {
        let keys: [LimitKey] = [
            .initial, .transferIn, .firstReview, .laterReview, .firstLookedAfter, .secondLookedAfter, .laterLookedAfter,
        ]
        return try limits(in: document, section: "statute", keys: keys)
    }

    private static func limits(
        in document: ConfigurationDocument, section: String, keys: [LimitKey]
    ) throws(ConfigurationError) -> [LimitKey: [Term]] {
        let node = try document.child(of: document.root, section)
        try document.allowOnly(Set(keys.map(\.rawValue)), in: node, of: section)
        var limits: [LimitKey: [Term]] = [:]
        for key in keys {
            let values = try document.child(of: node, key.rawValue)
            if values.scalar?.string == notStated {
                limits[key] = []
                continue
            }
            var terms: [Term] = []
            for item in try document.items(values, key: key.rawValue) { terms.append(try term(item, in: document)) }
            guard Set(terms.map(\.from)).count == terms.count else {
                throw document.error(values, key: key.rawValue, "has two values from one day", "keep one of them")
            }
            guard terms.allSatisfy({ ($0.provenance == .statutory) == (section == "statute") }) else {
                throw document.error(
                    values, key: key.rawValue, "is statutory outside the statute, or the reverse",
                    "statute stands in \(Configuration.statuteFile) only")
            }
            limits[key] = terms
        }
        return limits
    }

    private static func term(_ node: Node, in document: ConfigurationDocument) throws(ConfigurationError) -> Term {
        try document.allowOnly(
            [
                "from", "value", "unit", "rule", "strength", "provenance", "citation", "kinds", "evidence", "permanent",
            ], in: node, of: "a limit")
        let has = { (key: String) in node.mapping?[key] != nil }
        var kinds: [ConferenceType]?
        if has("kinds") {
            kinds = []
            for text in try document.texts(of: node, "kinds") {
                guard let kind = ConferenceType(rawValue: text) else {
                    throw document.error(node, key: "kinds", "\(text) is no conference type", "use one of section C1")
                }
                kinds?.append(kind)
            }
        }
        let provenance = try document.choice(Provenance.self, of: node, "provenance")
        let strength = try document.choice(Severity.self, of: node, "strength")
        guard provenance != .borrowed || strength != .must else {
            throw document.error(node, key: "strength", "a borrowed value is never above should", "write should")
        }
        let count = try document.number(document.child(of: node, "value"), key: "value")
        return Term(
            from: try document.day(document.child(of: node, "from"), key: "from"),
            rule: try document.text(of: node, "rule"),
            limit: Limit(count: count, unit: try document.choice(Limit.Unit.self, of: node, "unit")),
            provenance: provenance, strength: strength, citation: try document.text(of: node, "citation"), kinds: kinds,
            evidence: try has("evidence") ? document.choice(Term.Evidence.self, of: node, "evidence") : nil,
            permanence: try has("permanent") ? document.choice(Term.Permanence.self, of: node, "permanent") : nil)
    }

    private func leads() throws(ConfigurationError) -> [LeadKey: Lead] {
        let section = try document.child(of: document.root, "leads")
        try document.allowOnly(Set(LeadKey.allCases.map(\.rawValue)), in: section, of: "leads")
        var leads: [LeadKey: Lead] = [:]
        for key in LeadKey.allCases {
            let node = try document.child(of: section, key.rawValue)
            try document.allowOnly(["value", "unit", "rule", "provenance", "citation"], in: node, of: key.rawValue)
            let value = try document.child(of: node, "value")
            var values: [Int] = []
            for item in value.sequence.map({ Array($0) }) ?? [value] {
                values.append(try document.number(item, key: "value"))
            }
            guard !values.isEmpty, values.allSatisfy({ $0 >= 0 }) else {
                throw document.error(value, key: key.rawValue, "needs numbers from 0", "give how long before")
            }
            leads[key] = Lead(
                values: values, unit: try document.choice(Lead.Unit.self, of: node, "unit"),
                rule: try document.text(of: node, "rule"),
                provenance: try document.choice(Provenance.self, of: node, "provenance"),
                citation: try document.text(of: node, "citation"))
        }
        return leads
    }

    private func recipients() throws(ConfigurationError) -> [NoticeKey: Recipients] {
        let section = try document.child(of: document.root, "notices")
        try document.allowOnly(Set(NoticeKey.allCases.map(\.rawValue)), in: section, of: "notices")
        var recipients: [NoticeKey: Recipients] = [:]
        for key in NoticeKey.allCases {
            let node = try document.child(of: section, key.rawValue)
            if node.scalar?.string == PolicyReader.notStated { continue }
            try document.allowOnly(
                ["rule", "to", "cc", "when", "provenance", "citation"], in: node, of: key.rawValue)
            let rule = try document.text(of: node, "rule")
            let isMiss = key.rawValue.hasPrefix("missed.")
            recipients[key] = Recipients(
                rule: rule == "duty" ? nil : rule, to: try document.texts(of: node, "to"),
                cc: try document.texts(of: node, "cc"),
                when: try isMiss ? document.choice(Recipients.Day.self, of: node, "when") : .dayAfter,
                provenance: try document.choice(Provenance.self, of: node, "provenance"),
                citation: try document.text(of: node, "citation"))
        }
        return recipients
    }
}
