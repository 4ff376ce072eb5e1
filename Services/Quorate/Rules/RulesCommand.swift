import ArgumentParser
import Foundation
import StatutoryRules

/// The rows of the rulebook.
struct RulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "List the rows of the rulebook, or show one.",
        subcommands: [List.self, Show.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the rows.")
        @OptionGroup var options: ConfigurationOptions
        @Option(help: "Only those in force under this policy, or for the authority with this code.") var policy: String?
        @Option(help: "Only those of this kind: deadline, guard, record, letter, ...") var kind: String?

        func run() throws {
            let inForce = try policy.map { try options.report(on: $0, in: options.load()).rows.map(\.row.id) }
            if let kind, Rulebook.Kind(rawValue: kind) == nil {
                let kinds = Rulebook.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("there is no kind \(kind): choose one of \(kinds)")
            }
            var count = 0
            for row in Rulebook.rows
            where (inForce?.contains(row.id) ?? true) && (kind.map { $0 == row.kind.rawValue } ?? true) {
                count += 1
                Terminal.out.print(
                    "\(row.id.padded(to: 11)) \(row.strength.rawValue.padded(to: 11)) \(row.kind.rawValue.padded(to: 10)) \(row.text)"
                )
            }
            Terminal.out.print("\(count) rows. Next: quorate rules show ID")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one row: its text, its source, where it holds.")
        @OptionGroup var options: ConfigurationOptions
        @Argument(help: "Its id, as LON-1.7.") var id: String

        func run() throws {
            guard let row = Rulebook.row(id) else {
                throw ValidationError("there is no row \(id): quorate rules list shows them all")
            }
            let configuration = try options.load()
            Terminal.out.print(Terminal.out.strong("\(row.id): \(row.text)"))
            Terminal.out.print("strength    \(row.strength.rawValue)")
            Terminal.out.print("kind        \(row.kind.rawValue)")
            Terminal.out.print("source      \(row.citation)")
            if !row.lost.isEmpty {
                Terminal.out.print("lost text   \(row.lost.joined(separator: ", ")) (rulebook, section G)")
            }
            for name in configuration.policyNames {
                let standing = try options.report(on: name, in: configuration).rows.first { $0.row.id == id }
                Terminal.out.print(
                    "\(name.padded(to: 14)) "
                        + (standing.map { "\($0.provenance.rawValue), \($0.severity.rawValue)" } ?? "not in force"))
            }
        }
    }
}
