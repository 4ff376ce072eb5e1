import ArgumentParser
import CaseEvents
import Foundation
import StatutoryRules

/// The rules without the infrastructure.
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Decide what is due from events in a file, without database or broker.",
        discussion: """
            Reads structured CloudEvents, one JSON object a line, of any number of cases in any order, and writes one \
            JSON object a case: the same rows that the scheduling worker keeps. Exit status 1 where a line was refused \
            or a date could not be counted, 2 for an unknown policy or an unreadable file.
            """)

    @Option(help: "Judge under this policy instead of the one mapped to each event's authority.")
    var policy: String?

    @Option(help: "Judge as of this RFC 3339 instant, or the end of this London date. (default: now)")
    var asOf: String?

    @Flag(help: "Write a paragraph a deadline, for people.")
    var explain = false

    @Option(
        name: .customLong("configuration"), help: "Folder of policies, calendar and registry. (default: the package's)")
    var configurationFolder: String?

    @Argument(help: "File of events; standard input without it.")
    var file: String?

    func run() throws {
        let configuration = try chosenConfiguration()
        let instant = try Evaluate.instant(asOf)
        var isClean = true
        let files = try read { line, reason in
            isClean = false
            FileHandle.standardError.write(Data("line \(line): \(reason)\n".utf8))
        }
        for file in files {
            guard configuration.policyName(for: file.authority) != nil else {
                isClean = false
                FileHandle.standardError.write(
                    Data("authority \(file.authority): no policy is mapped to this code\n".utf8))
                continue
            }
            let assessment = assess(file, under: configuration, asOf: instant)
            if assessment.deadlines.contains(where: { $0.state == .undated && $0.isBeyondCalendar }) { isClean = false }
            write(assessment, of: file, asOf: instant)
        }
        if !isClean { throw ExitCode(1) }
    }

    private func write(_ assessment: Assessment, of file: CaseFile, asOf: Instant) {
        guard explain else {
            Terminal.out.print(assessment.json(authority: file.authority, subject: file.subject, asOf: asOf))
            return
        }
        Terminal.out.print(
            Terminal.out.strong(
                "Case \(file.subject), authority \(file.authority), policy \(assessment.policy), as of \(asOf)"))
        for deadline in assessment.deadlines { Terminal.out.print("\n" + deadline.explanation) }
        for finding in assessment.findings {
            Terminal.out.print("\nFinding \(finding.rule) (\(finding.severity.rawValue)): \(finding.message)")
        }
        Terminal.out.print("")
    }

    /// Cases sorted by authority and reference. Of an id that comes twice with other content, the first stays.
    private func read(_ refuse: (Int, String) -> Void) throws -> [CaseFile] {
        var facts: [String: CaseFile] = [:]
        var digests: [String: [UInt8]] = [:]
        try EventLines(file).readEach { line, _ in
            do throws(Refusal) {
                let event = try Contract.decode(line: line.bytes)
                guard event.envelope.eventType?.isDirectory != true else { return }
                let key = event.envelope.source + "\u{0}" + event.envelope.id
                if let known = digests[key] {
                    if known != event.digest {
                        refuse(
                            line.number,
                            "an event with this source and id came before with other content; the first stays")
                    }
                    return
                }
                digests[key] = event.digest
                let (authority, subject) = (event.envelope.authority, event.envelope.subject)
                facts["\(authority)/\(subject)", default: CaseFile(authority: authority, subject: subject, facts: [])]
                    .facts.append(event.fact)
            } catch {
                refuse(line.number, error.reason)
            }
        }
        return facts.values.sorted { ($0.authority, $0.subject) < ($1.authority, $1.subject) }
    }

    private func chosenConfiguration() throws -> Configuration {
        var configuration = Configuration.packaged
        if let configurationFolder { configuration = try ConfigurationFolder.load(configurationFolder) }
        guard let policy else { return configuration }
        guard let chosen = configuration.using(policy: policy) else {
            FileHandle.standardError.write(
                Data(
                    "unknown policy \(policy): choose one of \(configuration.policyNames.joined(separator: ", "))\n"
                        .utf8))
            throw ExitCode(2)
        }
        return chosen
    }

    /// The instant that `--as-of` names.
    static func instant(_ asOf: String?) throws -> Instant {
        guard let asOf else { return Instant(microseconds: Int64(Date().timeIntervalSince1970) * 1_000_000) }
        switch Moment(asOf) {
        case .instant(let instant): return instant
        case .day(let day): return London.start(of: day.adding(days: 1)).adding(microseconds: -1_000_000)
        case nil:
            FileHandle.standardError.write(
                Data("--as-of must be a date, YYYY-MM-DD, or an RFC 3339 instant with zone\n".utf8))
            throw ExitCode(2)
        }
    }
}

/// Configuration from a folder of files.
enum ConfigurationFolder {
    static func load(_ folder: String) throws -> Configuration {
        var files = Configuration.packaged.files
        do {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder)
            where name.hasSuffix(".yaml") || name.hasSuffix(".json") {
                files[name] = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
            }
            return try Configuration(files: files)
        } catch let error as ConfigurationError {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            throw ExitCode(2)
        } catch {
            FileHandle.standardError.write(Data("cannot read the folder \(folder)\n".utf8))
            throw ExitCode(2)
        }
    }
}
