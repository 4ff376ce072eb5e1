import ArgumentParser
import Foundation

/// The operator's command.
@main
struct QuorateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quorate",
        abstract: "The ledger of what was due: child protection conferences and looked-after reviews on time.",
        discussion: """
            quorate run shows the whole system on sample events; quorate up keeps it running on this machine. The other \
            commands find a running quorate up by its folder, or a real one by DATABASE_URL and KAFKA_BOOTSTRAP_SERVERS.
            """,
        groupedSubcommands: [
            CommandGroup(name: "On this machine:", subcommands: [Run.self, Up.self]),
            CommandGroup(
                name: "Events:",
                subcommands: [
                    Publish.self, Validate.self, Evaluate.self, Generate.self, Trace.self, QuarantineCommand.self,
                ]),
            CommandGroup(name: "Messages:", subcommands: [NoticesCommand.self, LettersCommand.self]),
            CommandGroup(
                name: "Rules:",
                subcommands: [
                    PolicyCommand.self, RulesCommand.self, CalendarCommand.self, ConfigurationCommand.self,
                ]),
            CommandGroup(
                name: "Reports:",
                subcommands: [
                    BoardCommand.self, ListsCommand.self, ReconcileCommand.self, ImportCommand.self, ExportCommand.self,
                ]),
            CommandGroup(
                name: "Operation:",
                subcommands: [
                    Status.self, Migrate.self, Audit.self, RetentionCommand.self, ReportingCommand.self,
                    OffsetsCommand.self,
                    Bench.self,
                ]),
        ])

    /// A usage error exits with 2.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch  where exitCode(for: error) == .validationFailure {
            FileHandle.standardError.write(Data((fullMessage(for: error) + "\n").utf8))
            Foundation.exit(2)
        } catch {
            exit(withError: error)
        }
    }
}
