import Yams

/// How long records are kept: policy data, by authority.
public struct RetentionSchedule: Sendable {
    public enum Basis: String, Sendable, CaseIterable {
        /// Every case.
        case childProtection
        /// A case with a child who was looked after, beside the former.
        case lookedAfter
        /// What names no case.
        case ofNoCase
    }

    public enum Anchor: String, Sendable, CaseIterable {
        case closure, birth
        /// The last day of the year in which it was received.
        case receipt
    }

    struct Period: Sendable {
        let years: Int
        let from: Anchor
    }

    private let defaults: [Basis: Period]
    private let authorities: [String: [Basis: Period]]

    init(document: ConfigurationDocument) throws(ConfigurationError) {
        let root = document.root
        try document.allowOnly(["default", "authorities"], in: root, of: document.file)
        defaults = try RetentionSchedule.periods(document.child(of: root, "default"), of: "default", in: document)
        // A schedule of an older release says nothing of what names no case.
        for basis in [Basis.childProtection, .lookedAfter] where defaults[basis] == nil {
            throw document.error(root, key: basis.rawValue, "is missing", "say how long, under default")
        }
        var authorities: [String: [Basis: Period]] = [:]
        for (key, value) in try document.child(of: root, "authorities").mapping ?? [:] {
            let code = try document.text(key, key: "authorities")
            authorities[code] = try RetentionSchedule.periods(value, of: code, in: document)
        }
        self.authorities = authorities
    }

    private static func periods(
        _ node: Node, of name: String, in document: ConfigurationDocument
    ) throws(ConfigurationError) -> [Basis: Period] {
        try document.allowOnly(Set(Basis.allCases.map(\.rawValue)), in: node, of: name)
        var periods: [Basis: Period] = [:]
        for basis in Basis.allCases where node.mapping?[basis.rawValue] != nil {
            let value = try document.child(of: node, basis.rawValue)
            try document.allowOnly(["years", "from"], in: value, of: basis.rawValue)
            let years = try document.number(document.child(of: value, "years"), key: "years")
            guard (1...200).contains(years) else {
                throw document.error(value, key: "years", "is not from 1 to 200", "give whole years")
            }
            let from = try document.choice(Anchor.self, of: value, "from")
            guard (from == .receipt) == (basis == .ofNoCase) else {
                throw document.error(
                    value, key: "from", "does not go with \(basis.rawValue)",
                    basis == .ofNoCase ? "write receipt" : "write closure or birth")
            }
            periods[basis] = Period(years: years, from: from)
        }
        return periods
    }

    func period(_ basis: Basis, authority: String) -> Period? { authorities[authority]?[basis] ?? defaults[basis] }
}

/// What retention asks of a case.
public struct RetainedCase: Sendable {
    public struct Child: Sendable {
        public let id: String
        /// The latest that any event states.
        public let bornOn: Day?
        public let wasLookedAfter: Bool
        public init(id: String, bornOn: Day?, wasLookedAfter: Bool) {
            self.id = id
            self.bornOn = bornOn
            self.wasLookedAfter = wasLookedAfter
        }
    }

    public let authority: String
    /// `nil` while the case is open, or went on after it was closed.
    public let closedOn: Day?
    public let children: [Child]

    public init(authority: String, closedOn: Day?, children: [Child]) {
        self.authority = authority
        self.closedOn = closedOn
        self.children = children
    }
}

public enum RetentionEnd: Sendable, Hashable {
    /// Kept through this day: that of the last child whose time ends.
    case on(Day)
    /// Nothing ends yet: why, in words.
    case unknown(String)
}

extension RetentionSchedule {
    public func end(of file: RetainedCase) -> RetentionEnd {
        guard let closedOn = file.closedOn else { return .unknown("it is open, or went on after it was closed") }
        guard !file.children.isEmpty else { return .unknown("it names no child") }
        var last = closedOn
        for child in file.children {
            for basis in child.wasLookedAfter ? [Basis.childProtection, .lookedAfter] : [.childProtection] {
                let period = period(basis, authority: file.authority)!
                guard let start = period.from == .closure ? closedOn : child.bornOn else {
                    return .unknown("no event gives a child's date of birth")
                }
                last = max(last, start.adding(months: 12 * period.years))
            }
        }
        return .on(last)
    }

    /// Of what was received in a year, Gregorian and of UTC, and names no case.
    public func end(ofNoCaseIn year: Int, authority: String) -> RetentionEnd {
        guard let period = period(.ofNoCase, authority: authority) else {
            return .unknown("the schedule says nothing of what names no case")
        }
        guard let start = Day(year: year, month: 12, day: 31) else { return .unknown("its year is out of range") }
        return .on(start.adding(months: 12 * period.years))
    }
}
