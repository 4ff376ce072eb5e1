import Yams

/// Reads one policy: every key has a value, with unit, rule and provenance, or is `not_stated`.
///
/// An authority's own file stands before the policy's, key by key: its limits and choices hold from the day that it
/// names, and the policy's before. A key that the policy's own file leaves out is taken from `defaults.yaml` (rulebook, the default column of section D
/// and section H): as its own where the value's row is its own, as borrowed where the policy borrows that row, as ours
/// where no row states it, and else not at all.
struct PolicyReader {
    /// An authority's own values.
    var override: ConfigurationDocument?
    let document: ConfigurationDocument
    let defaults: ConfigurationDocument
    let statute: [LimitKey: [Term]]

    static let notStated = "not_stated"

    func policy() throws(ConfigurationError) -> Policy {
        let root = document.root
        var sections: Set = ["policy", "source", "rules", "limits", "leads", "notices", "switches"]
        if document.file == Configuration.statuteFile { sections.insert("statute") }
        try document.allowOnly(sections, in: root, of: document.file)
        if let override {
            try override.allowOnly(
                ["authority", "from", "source", "limits", "leads", "notices", "switches"], in: override.root,
                of: override.file)
        }
        let adoption = try adoption()
        return Policy(
            name: try document.text(of: root, "policy"), adoption: adoption, limits: try limits(adoption),
            statute: statute, leads: try leads(adoption), recipients: try recipients(adoption),
            choices: try choices(adoption))
    }

    private func adoption() throws(ConfigurationError) -> Adoption {
        let node = try document.child(of: document.root, "rules")
        try document.allowOnly(["own", "borrowed", "without"], in: node, of: "rules")
        let has = { (key: String) in node.mapping?[key] != nil }
        let own = try has("own") ? document.text(of: node, "own") : nil
        let borrowed = try has("borrowed") ? document.texts(of: node, "borrowed") : []
        var off: [String: String] = [:]
        if has("without") {
            for (key, value) in try document.child(of: node, "without").mapping ?? [:] {
                off[try document.text(key, key: "without")] = try document.text(value, key: "without")
            }
        }
        for rule in borrowed + off.keys where Rulebook.row(rule) == nil {
            throw document.error(node, key: rule, "is no row of the rulebook", "correct the id")
        }
        return Adoption(own: own, borrowed: Set(borrowed), off: off)
    }

    /// The value of a key, and whose file gives it; `nil` where it is not stated.
    private func value(
        _ section: String, _ key: String
    ) throws(ConfigurationError) -> (node: Node, document: ConfigurationDocument)? {
        for document in [override, document, defaults].compactMap(\.self) {
            guard let node = document.root.mapping?[section]?.mapping?[key] else { continue }
            return node.scalar?.string == PolicyReader.notStated ? nil : (node, document)
        }
        throw defaults.error(
            defaults.root, key: "\(section).\(key)", "is missing", "give a value, or not_stated")
    }

    private func checkKeys(_ section: String, _ keys: [String]) throws(ConfigurationError) {
        for document in [override, document, defaults].compactMap(\.self) {
            guard let node = document.root.mapping?[section] else { continue }
            try document.allowOnly(Set(keys), in: node, of: section)
        }
    }

    /// From when on an authority's own values hold.
    private func start(of document: ConfigurationDocument) throws(ConfigurationError) -> Day {
        guard document.file == override?.file else { return Day("1900-01-01")! }
        return try document.day(document.child(of: document.root, "from"), key: "from")
    }

    private func limits(_ adoption: Adoption) throws(ConfigurationError) -> [LimitKey: [Term]] {
        try checkKeys("limits", LimitKey.allCases.map(\.rawValue))
        var limits: [LimitKey: [Term]] = [:]
        for key in LimitKey.allCases {
            guard let (node, document) = try value("limits", key.rawValue) else { continue }
            var terms = try PolicyReader.terms(node, key, in: document, adoption, from: start(of: document))
            if document.file == override?.file {
                let before = PolicyReader(document: self.document, defaults: defaults, statute: statute)
                if let (node, document) = try before.value("limits", key.rawValue) {
                    terms += try PolicyReader.terms(node, key, in: document, adoption, from: Day("1900-01-01")!)
                }
            }
            guard terms.allSatisfy({ $0.provenance != .statutory }) else {
                throw document.error(
                    node, key: key.rawValue, "is statutory outside the statute",
                    "statute stands in \(Configuration.statuteFile) only")
            }
            limits[key] = terms
        }
        return limits
    }

    /// The limits that `england.yaml` states for every policy.
    static func statute(in document: ConfigurationDocument) throws(ConfigurationError) -> [LimitKey: [Term]] {
        let keys: [LimitKey] = [
            .initial, .transferIn, .firstReview, .laterReview, .firstLookedAfter, .secondLookedAfter, .laterLookedAfter,
        ]
        let section = try document.child(of: document.root, "statute")
        try document.allowOnly(Set(keys.map(\.rawValue)), in: section, of: "statute")
        let adoption = Adoption(own: nil, borrowed: [], off: [:])
        var limits: [LimitKey: [Term]] = [:]
        for key in keys {
            let node = try document.child(of: section, key.rawValue)
            limits[key] = try terms(node, key, in: document, adoption, from: Day("1900-01-01")!)
            guard let terms = limits[key], !terms.isEmpty, terms.allSatisfy({ $0.provenance == .statutory }) else {
                throw document.error(node, key: key.rawValue, "is not statutory", "use a rule ENG-...")
            }
        }
        return limits
    }

    /// One value, or a list of values each from a day on.
    private static func terms(
        _ node: Node, _ key: LimitKey, in document: ConfigurationDocument, _ adoption: Adoption, from: Day
    ) throws(ConfigurationError) -> [Term] {
        var terms: [Term] = []
        for item in node.sequence.map({ Array($0) }) ?? [node] {
            if let term = try term(item, in: document, adoption, from) { terms.append(term) }
        }
        guard Set(terms.map(\.from)).count == terms.count else {
            throw document.error(node, key: key.rawValue, "has two values from one day", "keep one of them")
        }
        return terms
    }

    private static func term(
        _ node: Node, in document: ConfigurationDocument, _ adoption: Adoption, _ start: Day
    ) throws(ConfigurationError) -> Term? {
        try document.allowOnly(
            [
                "from", "value", "unit", "rule", "provenance", "strength", "citation", "kinds", "evidence", "permanent",
            ], in: node, of: "a limit")
        guard let source = try Source(node, in: document, adoption) else { return nil }
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
        let count = try document.number(document.child(of: node, "value"), key: "value")
        return Term(
            from: try has("from") ? document.day(document.child(of: node, "from"), key: "from") : start,
            rule: source.rule,
            limit: Limit(count: count, unit: try document.choice(Limit.Unit.self, of: node, "unit")),
            provenance: source.provenance, strength: source.severity, citation: source.citation, kinds: kinds,
            evidence: try has("evidence") ? document.choice(Term.Evidence.self, of: node, "evidence") : nil,
            permanence: try has("permanent") ? document.choice(Term.Permanence.self, of: node, "permanent") : nil)
    }

    private func leads(_ adoption: Adoption) throws(ConfigurationError) -> [LeadKey: Lead] {
        try checkKeys("leads", LeadKey.allCases.map(\.rawValue))
        var leads: [LeadKey: Lead] = [:]
        for key in LeadKey.allCases {
            guard let (node, document) = try value("leads", key.rawValue) else {
                throw document.error(document.root, key: key.rawValue, "is not stated", "every lead needs a value")
            }
            try document.allowOnly(["value", "unit", "rule", "citation"], in: node, of: key.rawValue)
            let value = try document.child(of: node, "value")
            var values: [Int] = []
            for item in value.sequence.map({ Array($0) }) ?? [value] {
                values.append(try document.number(item, key: "value"))
            }
            guard !values.isEmpty, values.allSatisfy({ $0 >= 0 }) else {
                throw document.error(value, key: key.rawValue, "needs numbers from 0", "give how long before")
            }
            let rule = try document.text(of: node, "rule")
            leads[key] = Lead(
                values: values, unit: try document.choice(Lead.Unit.self, of: node, "unit"), rule: rule,
                provenance: adoption.provenance(of: rule), citation: Source.citation(of: rule))
        }
        return leads
    }

    private func recipients(_ adoption: Adoption) throws(ConfigurationError) -> [NoticeKey: Recipients] {
        try checkKeys("notices", NoticeKey.allCases.map(\.rawValue))
        var recipients: [NoticeKey: Recipients] = [:]
        for key in NoticeKey.allCases {
            guard let (node, document) = try value("notices", key.rawValue) else { continue }
            try document.allowOnly(
                ["rule", "to", "cc", "when", "template", "offset", "unit", "citation"], in: node, of: key.rawValue)
            guard let source = try Source(node, in: document, adoption) else { continue }
            let has = { (key: String) in node.mapping?[key] != nil }
            let offset = try has("offset") ? document.number(document.child(of: node, "offset"), key: "offset") : nil
            let unit = try has("unit") ? document.choice(Lead.Unit.self, of: node, "unit") : .calendarDays
            recipients[key] = Recipients(
                rule: source.rule == "duty" ? nil : source.rule, to: try document.texts(of: node, "to"),
                cc: try has("cc") ? document.texts(of: node, "cc") : [],
                when: try has("when") ? document.choice(Recipients.Day.self, of: node, "when") : .dayAfter,
                template: try has("template") ? document.text(of: node, "template") : nil,
                offset: offset.map { ($0, unit) }, provenance: source.provenance, citation: source.citation)
        }
        return recipients
    }

    private func choices(_ adoption: Adoption) throws(ConfigurationError) -> [SwitchKey: Choice] {
        try checkKeys("switches", SwitchKey.allCases.map(\.rawValue))
        var choices: [SwitchKey: Choice] = [:]
        for key in SwitchKey.allCases {
            guard let (node, document) = try value("switches", key.rawValue) else { continue }
            try document.allowOnly(["from", "value", "rule", "citation"], in: node, of: key.rawValue)
            guard let source = try Source(node, in: document, adoption) else { continue }
            let value = try document.child(of: node, "value")
            var values: [String] = []
            for item in value.sequence.map({ Array($0) }) ?? [value] {
                values.append(try document.text(item, key: key.rawValue))
            }
            guard key != .channels || !values.isEmpty && values.allSatisfy(["email", "sms", "letter"].contains) else {
                throw document.error(value, key: key.rawValue, "is no channel", "use email, sms or letter")
            }
            let from =
                try node.mapping?["from"] == nil
                ? start(of: document) : document.day(document.child(of: node, "from"), key: "from")
            choices[key] = Choice(
                from: from, values: values, rule: source.rule, provenance: source.provenance,
                citation: source.citation)
        }
        return choices
    }
}

/// Whose a value is, and how strong, as its row says. A value whose row is not in force under the policy has none.
private struct Source {
    let rule: String
    let provenance: Provenance
    let severity: Severity
    let citation: String

    init?(_ node: Node, in document: ConfigurationDocument, _ adoption: Adoption) throws(ConfigurationError) {
        rule = try document.text(of: node, "rule")
        // A row whose text lost the value (LON-1.7) says so.
        provenance =
            node.mapping?["provenance"] == nil
            ? adoption.provenance(of: rule) : try document.choice(Provenance.self, of: node, "provenance")
        let has = { (key: String) in node.mapping?[key] != nil }
        citation = try has("citation") ? document.text(of: node, "citation") : Source.citation(of: rule)
        guard Rulebook.row(rule) != nil else {
            severity = try has("strength") ? document.choice(Severity.self, of: node, "strength") : .should
            return
        }
        guard let severity = adoption.severity(of: rule) else { return nil }
        self.severity = severity
    }

    /// What no row states is ours: a key of section H, or an entry of section E.
    static func citation(of rule: String) -> String {
        if let row = Rulebook.row(rule) { return row.citation }
        return rule == "duty" ? "rulebook, section H, breach.alert" : "rulebook, sections C4, E and H: \(rule)"
    }
}
