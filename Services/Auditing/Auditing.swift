import ArgumentParser
import WorkerProcess
import Workers

/// The auditing worker: every record of every topic, in one append-only tree for each topic partition.
@main
struct Auditing: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auditing",
        abstract: "Keeps every record received in an append-only log that shows any later change.",
        discussion: """
            Reads every topic. Writes schema auditing: an RFC 6962 tree for each topic partition, its state committed \
            with the entries. quorate audit verify recomputes all of it.
            """)

    @OptionGroup var options: WorkerOptions

    func run() async throws {
        try await WorkerMain.run(options) { _, _ in AuditingService() }
    }
}
