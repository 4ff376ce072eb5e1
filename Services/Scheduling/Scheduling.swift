import ArgumentParser
import WorkerProcess
import Workers

/// The scheduling worker: folds each case's facts, assesses them under the authority's policy, publishes what changed.
@main
struct Scheduling: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scheduling",
        abstract: "Turns case events into duties with due dates, findings and notices.",
        discussion: """
            Reads the topic case-events. Writes schema scheduling, and publishes case-outcomes and dead-letters. Run as \
            many as the topic has partitions; each event has its effect once.
            """)

    @OptionGroup var options: WorkerOptions

    @Option(
        help: "For tests of recovery alone: the id of an event at which the process stops hard. [QUORATE_STOP_AT]")
    var stopAt: String?

    func run() async throws {
        try await WorkerMain.run(options) { [stopAt] settings, log in
            SchedulingService(stopAt: stopAt ?? settings.environment["QUORATE_STOP_AT"], log: log)
        }
    }
}
