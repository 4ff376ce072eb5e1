import ArgumentParser
import AuditLog
import Foundation
import Postgres
import StatutoryRules

extension Audit {
    struct Archive: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move old entries out of the database, into a file that verifies by itself.",
            discussion: """
                Everything received before a day, as far as it was signed, goes into a bundle that quorate audit \
                verify-bundle and deploy/verify_bundle.py judge. Only when the file was judged do the entries leave the \
                database; the trees go on, and so do the proofs of what is left. Auditing waits meanwhile. Keep every \
                file: quorate audit verify --archive FILE judges them together with the database. Without --before it \
                lists the archives.
                """)
        @OptionGroup var options: DeploymentOptions
        @OptionGroup var trust: TrustOptions
        @Option(help: "Day, London's, before which entries go: 2026-01-01.") var before: String?
        @Option(help: "The same as a number of days ago.") var olderThan: Int?
        @Option(name: .shortAndLong, help: "File to write; it must not be there.") var output: String?

        func validate() throws {
            guard before == nil || olderThan == nil else {
                throw ValidationError("give --before or --older-than, not both")
            }
            guard (before == nil && olderThan == nil) == (output == nil) else {
                throw ValidationError("--output goes with --before or --older-than")
            }
            if let olderThan, olderThan < 1 { throw ValidationError("--older-than is a number of days, 1 or more") }
            if let before, Day(before) == nil { throw ValidationError("--before is a day such as 2026-01-01") }
        }

        func run() throws {
            let connection = try options.deployment().connect("audit")
            let archive = LogArchive(connection)
            guard let output else { return try list(archive) }
            let now = try connection.execute("SELECT now() AS now")[0].timestamp("now").instant
            let today = London.day(of: now)
            let day = before.flatMap { Day($0) } ?? today.adding(days: -(olderThan ?? 0))
            do {
                let path = URL(fileURLWithPath: output).path
                guard
                    let written = try archive.write(
                        before: min(London.start(of: day), now).microseconds, to: path, keys: try trust.keys(connection)
                    )
                else {
                    Terminal.out.print("nothing that was signed two minutes before \(day) is still to be archived.")
                    return
                }
                let gone = try connection.transaction { transaction in
                    try Operator.note(
                        "audit.archive", "checkpoints \(written.since) to \(written.until)", authority: nil,
                        in: transaction)
                    return try archive.remove(written, in: transaction)
                }
                Terminal.out.print(
                    Terminal.out.good(
                        "\(written.entries) entries, after checkpoint \(written.since) up to checkpoint \(written.until), are in \(path); \(gone) have left the database."
                    ))
            } catch let fault as AuditFault {
                Terminal.out.print(Terminal.out.bad(fault.description))
                throw ExitCode.failure
            }
        }

        private func list(_ archive: LogArchive) throws {
            let written = try archive.written()
            for file in written {
                Terminal.out.print(
                    "checkpoints \(file.since) to \(file.until): \(file.entries) entries in \(file.file), SHA-256 \(file.digest.map { String(format: "%02x", $0) }.joined())"
                )
            }
            Terminal.out.print("\(written.count) archives.")
        }
    }

    /// Where older entries are, after what the database shows of a case.
    static func sayWhatIsArchived(_ connection: Connection) throws {
        let written = try LogArchive(connection).written()
        guard !written.isEmpty else { return }
        Terminal.error.print(
            "Older entries are in \(written.count) archives (\(written.map(\.file).joined(separator: ", "))): this shows none of them."
        )
    }
}
