import ArgumentParser
import Foundation
import Postgres

/// The read models that lists and measures are drawn from.
struct ReportingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reporting", abstract: "Draw the read models anew.", subcommands: [Rebuild.self])

    struct Rebuild: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Draw every case's read models anew from the facts stored.",
            discussion: """
                The running reporting workers do it, some cases at a time, beside their other work; readers see a case as it \
                was or as it is, and never without rows. An upgrade that draws cases otherwise does the same by itself. Findings, \
                escalations and messages are as they were told, and stay.
                """)
        @OptionGroup var options: DeploymentOptions
        @Option(help: "ONS code of an authority. (default: all)") var authority: String?
        @Option(help: "Seconds to wait for the workers while none of the cases gets done.") var timeout: Int = 60

        func run() throws {
            let connection = try options.deployment().connect("reporting")
            let everyone = authority == nil
            let count = try connection.transaction { transaction in
                try Operator.note("reporting.rebuild", authority ?? "all", authority: authority, in: transaction)
                return try transaction.execute(
                    """
                    UPDATE reporting.case_file SET model = 0 WHERE \(everyone) OR authority = \(authority ?? "")
                    RETURNING 1 AS one
                    """
                ).count
            }
            var left = count
            var lastChange = Date()
            while left > 0 {
                let now = Int(
                    try connection.execute("SELECT count(*) FROM reporting.case_file WHERE model = 0")[0].int64(0))
                if now < left { lastChange = Date() }
                left = now
                Terminal.error.bar(count - min(left, count), of: count, "cases")
                guard left == 0 || Date() < lastChange + TimeInterval(timeout) else {
                    Terminal.error.endProgress()
                    throw ValidationError(
                        "\(left) cases wait: no reporting worker drew one within \(timeout) s; they are drawn when one runs"
                    )
                }
                if left > 0 { Thread.sleep(forTimeInterval: 0.2) }
            }
            Terminal.error.endProgress()
            Terminal.out.print("\(count) cases drawn anew")
        }
    }
}
