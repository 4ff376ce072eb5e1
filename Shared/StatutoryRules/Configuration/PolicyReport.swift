/// A policy for people: every key with its value, whose it is, and where it stands in the text.
public struct PolicyReport: Sendable {
    public struct Entry: Sendable, Hashable {
        /// `limits`, `leads`, `notices`, `switches`.
        public let section: String
        public let key: String
        /// `not stated` where the policy has none.
        public let value: String
        /// From when on; `nil` where as long as the text is known.
        public let from: Day?
        public let rule: String
        /// `own`, `statutory`, `borrowed`, `ours`; empty where it is not stated.
        public let provenance: String
        public let citation: String
    }

    public let policy: String
    public let entries: [Entry]
    /// The rows that are in force, in the order of the rulebook.
    public let rows: [(row: Rulebook.Row, severity: Severity, provenance: Provenance)]
    /// Values that are looser than the statute: both are computed, the sooner binds.
    public let loose: [String]
}

extension Configuration {
    /// The policy of that name, or that of the authority with that code, with its own values; `nil` where there is none.
    public func report(on name: String) -> PolicyReport? {
        guard let policy = policies[name] ?? policy(for: name) else { return nil }
        return PolicyReport(
            policy: policy.name, entries: policy.entries,
            rows: Rulebook.rows.compactMap { row in
                policy.adoption.severity(of: row.id).map { (row, $0, policy.adoption.provenance(of: row.id)) }
            }, loose: policy.loose(calendar))
    }
}

extension Policy {
    fileprivate var entries: [PolicyReport.Entry] {
        var entries: [PolicyReport.Entry] = []
        for key in LimitKey.allCases {
            let terms = statutes(key) + limits(key)
            entries += terms.isEmpty ? [.notStated("limits", key.rawValue)] : terms.map { .init(key.rawValue, $0) }
        }
        for key in LeadKey.allCases {
            let lead = lead(key)
            let values = lead.values.map(String.init).joined(separator: ", ")
            entries.append(
                .init("leads", key.rawValue, "\(values) \(lead.unit.words)", lead.rule, lead.provenance, lead.citation))
        }
        for key in NoticeKey.allCases {
            guard let told = recipients(key) else {
                entries.append(.notStated("notices", key.rawValue))
                continue
            }
            var value = "to " + told.to.joined(separator: ", ")
            if !told.cc.isEmpty { value += "; copy to " + told.cc.joined(separator: ", ") }
            if let offset = told.offset {
                value += "; \(abs(offset.count)) \(offset.unit.words) \(offset.count < 0 ? "after" : "before")"
            }
            entries.append(.init("notices", key.rawValue, value, told.rule ?? "duty", told.provenance, told.citation))
        }
        for key in SwitchKey.allCases {
            guard let choice = choice(key, on: Day("2199-12-31")!) else {
                entries.append(.notStated("switches", key.rawValue))
                continue
            }
            entries.append(
                .init(
                    "switches", key.rawValue, choice.values.joined(separator: ", "), choice.rule, choice.provenance,
                    choice.citation))
        }
        return entries
    }

    /// Limits that, on some anchor of two years, leave more time than the statute.
    fileprivate func loose(_ calendar: WorkingCalendar) -> [String] {
        LimitKey.allCases.flatMap { key in
            limits(key).compactMap { term in
                guard let statute = statutes(key).first else { return nil }
                let start = Day("2025-01-01")!
                let isLooser = (0..<730).contains { offset in
                    let anchor = start.adding(days: offset)
                    guard let own = term.limit.day(from: anchor, calendar),
                        let law = statute.limit.day(from: anchor, calendar)
                    else { return false }
                    return own > law
                }
                guard isLooser else { return nil }
                return "\(key.rawValue): \(term.limit.words) (\(term.rule)) leaves more time than"
                    + " \(statute.limit.words) (\(statute.rule)): both are computed, the sooner binds"
            }
        }
    }
}

extension PolicyReport.Entry {
    fileprivate static func notStated(_ section: String, _ key: String) -> Self {
        .init(section: section, key: key, value: "not stated", from: nil, rule: "", provenance: "", citation: "")
    }

    fileprivate init(_ key: String, _ term: Term) {
        self.init(
            section: "limits", key: key, value: term.limit.words,
            from: term.from > Day("1900-01-01")! ? term.from : nil, rule: term.rule,
            provenance: term.provenance.rawValue, citation: term.citation)
    }

    fileprivate init(
        _ section: String, _ key: String, _ value: String, _ rule: String, _ provenance: Provenance, _ citation: String
    ) {
        self.init(
            section: section, key: key, value: value, from: nil, rule: rule, provenance: provenance.rawValue,
            citation: citation)
    }
}

extension Limit {
    fileprivate var words: String {
        let unit = unit.rawValue.split(separator: "_").joined(separator: " ")
        return "\(abs(count)) \(unit)\(count < 0 ? " before" : "")"
    }

    fileprivate func day(from anchor: Day, _ calendar: WorkingCalendar) -> Day? {
        switch unit {
        case .workingDays: calendar.adding(workingDays: count, to: anchor, knownBy: nil)?.day
        case .calendarDays: anchor.adding(days: count)
        case .months: anchor.adding(months: count)
        case .hours: anchor.adding(days: (count + 23) / 24)
        }
    }
}

extension Lead.Unit {
    fileprivate var words: String { rawValue.split(separator: "_").joined(separator: " ") }
}
