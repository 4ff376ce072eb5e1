/// The rows of the rulebook: what five procedures and the statute demand, each with its place in the text.
public enum Rulebook {
    public struct Row: Sendable {
        /// `LON-1.7`, `SWI-18`, `ENG-2`.
        public let id: String
        public let strength: Strength
        public let kind: Kind
        /// File number and paragraph.
        public let citation: String
        /// The entries of the register of lost text (rulebook, section G) that it rests on.
        public let lost: [String]
        /// What it demands, in one line.
        public let text: String

        /// Whose text it is: `LON`, `LIN`, `MAN`, `SWI`, `CAN`, `ENG`.
        public var prefix: Substring { id.prefix(3) }
    }

    public enum Strength: String, Sendable, CaseIterable {
        case must, should, consider, permitted, lost, information

        /// Of a finding where the row is not kept. What is only permitted, or rests on lost text, is never a breach.
        var severity: Severity {
            switch self {
            case .must: .must
            case .should, .permitted: .should
            case .consider, .lost, .information: .consider
            }
        }
    }

    public enum Kind: String, Sendable, CaseIterable {
        case deadline, interval, `guard`, approval, reminder, escalation, list, record, quorum, access, letter, chair,
            data
    }

    /// In the order of the rulebook.
    public static let rows: [Row] = {
        let lines = String(decoding: PackageResources.rulebook_tsv, as: UTF8.self).split(separator: "\n").dropFirst()
        return lines.map { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard cells.count == 6, let strength = Strength(rawValue: cells[1]), let kind = Kind(rawValue: cells[2])
            else { fatalError("rulebook.tsv: not a row: \(line)") }
            return Row(
                id: cells[0], strength: strength, kind: kind, citation: cells[3],
                lost: cells[4].split(separator: ",").map { $0.trimmingPrefix(while: \.isWhitespace) }.map(String.init),
                text: cells[5])
        }
    }()

    public static func row(_ id: String) -> Row? { byId[id] }

    private static let byId = Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0) })
}
