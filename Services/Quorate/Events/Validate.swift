import ArgumentParser
import CaseEvents
import Foundation

/// What an integration asks before it publishes.
struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check events against the contract before they are published.",
        discussion:
            "Gives the reasons that quarantine would give, with the line number. Exit status 1 where a line is refused."
    )

    @Argument(help: "File of structured CloudEvents, one a line; standard input without it.")
    var file: String?

    func run() throws {
        var (good, bad) = (0, 0)
        try EventLines(file).readEach { line, _ in
            do throws(Refusal) {
                _ = try Contract.decode(line: line.bytes)
                good += 1
            } catch {
                bad += 1
                Terminal.out.print("line \(line.number): \(Terminal.out.bad(error.code)): \(error.reason)")
            }
        }
        Terminal.out.print("\(good) events are valid, \(bad) are not.")
        if bad > 0 { throw ExitCode.failure }
    }
}
