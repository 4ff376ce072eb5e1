import ArgumentParser

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
                subcommands: [Publish.self, Validate.self, Evaluate.self, Generate.self, Trace.self, QuarantineCommand.self]),
            CommandGroup(
                name: "Operation:", subcommands: [Status.self, Migrate.self, Audit.self, OffsetsCommand.self, Bench.self]),
        ])
}
