import Crypto

/// Policies, bank holidays and the registry of authorities: everything that an assessment needs besides facts.
public struct Configuration: Sendable {
    /// What it was made from: file name to text.
    public let files: [String: String]
    /// Hex SHA-256 over names and texts: equal where the files are.
    public let digest: String
    public let calendar: WorkingCalendar
    public let retention: RetentionSchedule
    let policies: [String: Policy]
    let registry: Registry
    /// By ONS code: the policy of an authority that has values of its own.
    private let overrides: [String: Policy]
    /// Where one policy is to hold for every authority.
    private var forced: String?

    public static let calendarFile = "bank-holidays.yaml"
    static let registryFile = "authorities.yaml"
    /// The file that holds the statute, in force under every policy.
    static let statuteFile = "england.yaml"
    /// How long records are kept; the package's own where it is left out.
    static let retentionFile = "retention.yaml"
    /// What holds where a policy says nothing.
    static let defaultsFile = "defaults.yaml"

    /// `files` holds `bank-holidays.yaml`, `authorities.yaml`, `defaults.yaml`, `england.yaml`, one further YAML file
    /// a policy, and one named by its code for each authority that has values of its own.
    public init(files: [String: String]) throws(ConfigurationError) {
        self.files = files
        digest = Configuration.digest(of: files)
        calendar = try Configuration.calendar(in: Configuration.document(Configuration.calendarFile, of: files))
        let kept =
            files[Configuration.retentionFile] ?? String(decoding: PackageResources.retention_yaml, as: UTF8.self)
        retention = try RetentionSchedule(
            document: ConfigurationDocument(file: Configuration.retentionFile, text: kept))
        let statute = try PolicyReader.statute(in: Configuration.document(Configuration.statuteFile, of: files))
        let defaults = try Configuration.document(Configuration.defaultsFile, of: files)
        let others = [
            Configuration.calendarFile, Configuration.registryFile, Configuration.defaultsFile,
            Configuration.retentionFile,
        ]
        let isOverride = { (name: String) in isEnglishAuthority(String(name.dropLast(5))) }
        var policies: [String: Policy] = [:]
        var documents: [String: ConfigurationDocument] = [:]
        for name in files.keys.sorted() where !others.contains(name) && !isOverride(name) {
            let document = try Configuration.document(name, of: files)
            let policy = try PolicyReader(document: document, defaults: defaults, statute: statute).policy()
            guard policies.updateValue(policy, forKey: policy.name) == nil else {
                throw document.error(document.root, key: "policy", "the name \(policy.name) is taken", "choose another")
            }
            documents[policy.name] = document
        }
        self.policies = policies
        registry = try Registry(
            document: Configuration.document(Configuration.registryFile, of: files), policies: Set(policies.keys))
        var overrides: [String: Policy] = [:]
        for name in files.keys.sorted() where isOverride(name) {
            let override = try Configuration.document(name, of: files)
            let code = try override.text(of: override.root, "authority")
            guard code == name.dropLast(5), let base = registry.policyName(for: code).flatMap({ documents[$0] }) else {
                throw override.error(
                    override.root, key: "authority", "is not the file's name, or has no policy",
                    "name the file by the authority's code")
            }
            let reader = PolicyReader(override: override, document: base, defaults: defaults, statute: statute)
            overrides[code] = try reader.policy()
        }
        self.overrides = overrides
    }

    /// The policy of an authority; `nil` where its code is none of a local authority in England.
    public func policyName(for authority: String) -> String? { forced ?? registry.policyName(for: authority) }

    /// The same with one policy for every authority; `nil` where there is none of that name.
    public func using(policy name: String) -> Configuration? {
        guard policies[name] != nil else { return nil }
        var copy = self
        copy.forced = name
        return copy
    }

    public var policyNames: [String] { policies.keys.sorted() }

    /// The day from which notices are sent for an authority; what lies before alarms nobody.
    public func liveFrom(authority: String) -> Day? { registry.entries[authority]?.liveFrom }

    /// The sources that may write for an authority; empty where any may.
    public func sources(authority: String) -> [String] { registry.entries[authority]?.sources ?? [] }

    /// The education department's three-digit number of an authority, which its returns carry.
    public func lea(authority: String) -> String? { registry.entries[authority]?.lea }

    /// The roles that get a recurring list (`weekly`, `exception`) of an authority; `nil` where its policy has none.
    public func listRecipients(_ list: String, authority: String) -> [String]? {
        guard let key = NoticeKey(rawValue: "lists." + list) else { return nil }
        return policy(for: authority)?.recipients(key).map { $0.to + $0.cc }
    }

    /// The ways by which an authority's people are written to on a day, the preferred first: `email`, `sms`, `letter`; `nil`
    /// where its policy has not chosen.
    public func channels(authority: String, on day: Day) -> [String]? {
        policy(for: authority)?.choice(.channels, on: day)?.values
    }

    func policy(for authority: String) -> Policy? {
        if forced == nil, let own = overrides[authority] { return own }
        return policyName(for: authority).flatMap { policies[$0] }
    }

    private static func document(
        _ name: String, of files: [String: String]
    ) throws(ConfigurationError) -> ConfigurationDocument {
        guard let text = files[name] else {
            throw ConfigurationError(file: name, line: nil, key: nil, problem: "is missing", remedy: "add the file")
        }
        return try ConfigurationDocument(file: name, text: text)
    }

    private static func digest(of files: [String: String]) -> String {
        var hash = SHA256()
        for (name, text) in files.sorted(by: { $0.key < $1.key }) {
            for part in [name, text] {
                hash.update(data: Array("\(part.utf8.count):".utf8))
                hash.update(data: Array(part.utf8))
            }
        }
        let bytes = hash.finalize().flatMap { [hexDigits[Int($0 >> 4)], hexDigits[Int($0 & 15)]] }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func calendar(
        in document: ConfigurationDocument
    ) throws(ConfigurationError) -> WorkingCalendar {
        let list = try document.child(of: document.root, "holidays")
        var holidays: [WorkingCalendar.Holiday] = []
        for node in try document.items(list, key: "holidays") {
            let isPlain = node.scalar != nil
            let day = try document.day(isPlain ? node : document.child(of: node, "date"), key: "date")
            let announced = try isPlain ? nil : document.day(document.child(of: node, "announced"), key: "announced")
            holidays.append(WorkingCalendar.Holiday(day: day, announcedOn: announced))
        }
        let years = Set(holidays.map(\.day.year))
        guard let first = years.min(), let last = years.max(), years.count == last - first + 1 else {
            throw document.error(
                list, key: "holidays", "a year between the first and the last has no holiday, or there are none",
                "list every year's bank holidays")
        }
        return WorkingCalendar(holidays: holidays)
    }
}

extension Configuration {
    /// What the package ships.
    public static let packaged: Configuration = {
        let embedded: [(String, [UInt8])] = [
            (defaultsFile, PackageResources.defaults_yaml),
            ("england.yaml", PackageResources.england_yaml),
            ("london.yaml", PackageResources.london_yaml),
            ("lincolnshire.yaml", PackageResources.lincolnshire_yaml),
            ("note-002.yaml", PackageResources.note_002_yaml),
            ("swindon.yaml", PackageResources.swindon_yaml),
            ("knowsley.yaml", PackageResources.knowsley_yaml),
            (calendarFile, PackageResources.bank_holidays_yaml),
            (registryFile, PackageResources.authorities_yaml),
            (retentionFile, PackageResources.retention_yaml),
        ]
        let files = Dictionary(uniqueKeysWithValues: embedded.map { ($0, String(decoding: $1, as: UTF8.self)) })
        do {
            return try Configuration(files: files)
        } catch {
            fatalError("the packaged configuration is broken: \(error)")
        }
    }()
}
