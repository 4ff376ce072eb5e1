import ArgumentParser
import AuditLog
import Foundation
import TransparencyLog
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
            with the entries, and signed checkpoints over all of them. quorate audit verify recomputes all of it.
            """)

    @OptionGroup var options: WorkerOptions

    @Option(help: "PostgreSQL that holds the keys which seal the entries: not the data's. [KEY_DATABASE_URL]")
    var keyDatabaseURL: String?

    @Option(
        help: "File with the private key that signs checkpoints; quorate audit key makes one. [QUORATE_AUDIT_KEY_FILE]")
    var keyFile: String?

    @Option(
        help: ArgumentHelp(
            """
            Where checkpoints go besides the database, separated by spaces: file:PATH, kafka:TOPIC, \
            smtp://host:port/ADDRESS. A file is one for all auditing workers, on a volume that they share. \
            [QUORATE_AUDIT_PLACES]
            """, valueName: "places"))
    var places: String?

    @Option(help: "Entries after which a checkpoint is written. [QUORATE_AUDIT_ENTRIES] (default: 10000)")
    var checkpointEntries: Int?

    @Option(
        help: "Seconds after which one is written, if there is anything new. [QUORATE_AUDIT_SECONDS] (default: 300)")
    var checkpointSeconds: Int?

    func run() async throws {
        let own = (keyDatabaseURL, keyFile, places, checkpointEntries, checkpointSeconds)
        try await WorkerMain.run(options) { settings, log in
            let source = SettingSource(environment: settings.environment)
            let file = try source.required("key-file", own.1, "QUORATE_AUDIT_KEY_FILE")
            let rhythm = CheckpointWriter.Rhythm(
                entries: try source.number("checkpoint-entries", own.3, "QUORATE_AUDIT_ENTRIES", 1...100_000_000)
                    ?? 10_000,
                seconds: try source.number("checkpoint-seconds", own.4, "QUORATE_AUDIT_SECONDS", 1...86_400) ?? 300)
            let places = try CheckpointPlace.list(source.text(own.2, "QUORATE_AUDIT_PLACES") ?? "")
            let signers: [NoteSigner]
            do { signers = try SignerFile.read(file) } catch {
                throw ValidationError("setting --key-file (QUORATE_AUDIT_KEY_FILE): \(error)")
            }
            return AuditingService(
                keyDatabaseURL: try source.required("key-database-url", own.0, "KEY_DATABASE_URL"),
                checkpoints: CheckpointWriter(
                    databaseURL: settings.databaseURL, kafka: settings.kafka, signers: signers,
                    rhythm: rhythm, places: places, log: log))
        }
    }
}
