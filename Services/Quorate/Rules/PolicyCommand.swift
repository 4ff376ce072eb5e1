import ArgumentParser
import Foundation
import StatutoryRules

/// What each procedure demands, as the ledger reads it.
struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "List, show, check and compare the procedures as policies.",
        subcommands: [List.self, Show.self, Check.self, Diff.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the policies.")
        @OptionGroup var options: ConfigurationOptions

        func run() throws {
            let configuration = try options.load()
            for name in configuration.policyNames {
                let report = try options.report(on: name, in: configuration)
                let count = { (provenance: Provenance) in report.rows.count { $0.provenance == provenance } }
                Terminal.out.print(
                    "\(name.padded(to: 14)) \(String(count(.own)).padded(leftTo: 4)) rows of its own, "
                        + "\(count(.borrowed)) borrowed, \(count(.statutory)) of the statute")
            }
            Terminal.out.print("Next: quorate policy show NAME")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show every value of a policy: whose it is, and where it stands in the text.")
        @OptionGroup var options: ConfigurationOptions
        @Flag(help: "The rows in force, too.") var rows = false
        @Argument(help: "A policy, or the code of an authority.") var name: String

        func run() throws {
            let report = try options.report(on: name, in: options.load())
            for section in ["limits", "leads", "notices", "switches"] {
                Terminal.out.print(Terminal.out.strong(section))
                for entry in report.entries where entry.section == section {
                    Terminal.out.print("  " + entry.line)
                }
            }
            for line in report.loose { Terminal.out.print(Terminal.out.warn("looser than the statute: ") + line) }
            guard rows else { return }
            Terminal.out.print(Terminal.out.strong("rows in force"))
            for (row, severity, provenance) in report.rows {
                Terminal.out.print(
                    "  \(row.id.padded(to: 11)) \(severity.rawValue.padded(to: 9)) \(provenance.rawValue.padded(to: 10)) \(row.text)"
                )
            }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a policy, calendar, registry or authority file before it is loaded.",
            discussion: """
                The file takes the place of the packaged one of its name. A file named by an authority's code, as \
                E06000030.yaml, holds values of that authority's own and the day from which they hold.
                """)
        @Argument(help: "The file.") var file: String

        func run() throws {
            var files = Configuration.packaged.files
            let name = (file as NSString).lastPathComponent
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                throw ValidationError("cannot read \(file)")
            }
            files[name] = text
            let configuration: Configuration
            do {
                configuration = try Configuration(files: files)
            } catch {
                Terminal.error.print("\(error)")
                throw ExitCode(1)
            }
            let about = String(name.dropLast(5))
            if let report = configuration.report(on: about) {
                for change in PolicyComparison(Configuration.packaged.report(on: about), report).lines {
                    Terminal.out.print(change)
                }
                for line in report.loose {
                    Terminal.out.print(Terminal.out.warn("looser than the statute: ") + line)
                }
            }
            Terminal.out.print("\(name) is in order. Next: quorate configuration preview FOLDER")
        }
    }

    struct Diff: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Compare two policies, value by value.")
        @OptionGroup var options: ConfigurationOptions
        @Argument(help: "A policy, or the code of an authority.") var first: String
        @Argument(help: "Another.") var second: String

        func run() throws {
            let configuration = try options.load()
            let comparison = PolicyComparison(
                try options.report(on: first, in: configuration), try options.report(on: second, in: configuration))
            for line in comparison.lines { Terminal.out.print(line) }
            Terminal.out.print("\(comparison.lines.count) values differ.")
        }
    }
}

/// Which configuration a command reads.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .customLong("configuration"), help: "Folder of policies, calendar and registry. (default: the package's)")
    var folder: String?

    func load() throws -> Configuration { try folder.map { try ConfigurationFolder.load($0) } ?? .packaged }

    func report(on name: String, in configuration: Configuration) throws -> PolicyReport {
        guard let report = configuration.report(on: name) else {
            throw ValidationError(
                "there is no policy \(name): choose one of \(configuration.policyNames.joined(separator: ", "))")
        }
        return report
    }
}

/// What differs between two policies.
struct PolicyComparison {
    let lines: [String]

    init(_ first: PolicyReport?, _ second: PolicyReport) {
        let (before, after) = (first?.values ?? [:], second.values)
        lines = Set(before.keys).union(after.keys).sorted().compactMap { key in
            let (old, new) = (before[key] ?? "not stated", after[key] ?? "not stated")
            return old == new ? nil : "\(key.padded(to: 34)) \(old)  ->  \(new)"
        }
    }
}

extension PolicyReport {
    fileprivate var values: [String: String] {
        entries.reduce(into: [:]) { all, entry in
            let value = entry.provenance.isEmpty ? entry.value : "\(entry.value) [\(entry.rule)]"
            let from = entry.from.map { " from \($0)" } ?? ""
            all["\(entry.section).\(entry.key)", default: ""] +=
                (all["\(entry.section).\(entry.key)"] == nil ? "" : "; ") + value + from
        }
    }
}

extension PolicyReport.Entry {
    fileprivate var line: String {
        guard !provenance.isEmpty else { return "\(key.padded(to: 30)) not stated" }
        let from = from.map { " from \($0)" } ?? ""
        return
            "\(key.padded(to: 30)) \((value + from).padded(to: 44)) \(provenance.padded(to: 10)) \(rule): \(citation)"
    }
}
