import ArgumentParser
import AuditLog
import Embedded
import Foundation
import Kafka
import Postgres
import Workers

/// Which system a command speaks to.
struct Deployment: Codable, Sendable {
    /// As the owner of the database.
    var databaseURL: String
    /// As the owner of the database that holds the keys of the audit log.
    var keyDatabaseURL: String?
    /// Where checkpoints of the audit log are kept besides the database, if in a file.
    var checkpointFile: String?
    var bootstrapServers: String
    /// Set where the broker is embedded.
    var incarnation: String?
    var mailFolder: String?
    var listsFolder: String?
    /// What browsers put before the path of the board's pages.
    var boardOrigin: String?

    static func file(in folder: String) -> URL {
        URL(fileURLWithPath: folder, isDirectory: true).appendingPathComponent("running.json")
    }

    /// Readable by its owner only: it holds a password.
    func write(to folder: String) throws {
        let url = Deployment.file(in: folder)
        try JSONEncoder().encode(self).write(to: url, options: .atomic)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: url.path)
    }

    /// A file alone tells nothing: who was killed leaves it behind.
    static func running(in folder: String) -> Deployment? {
        guard FolderLock.isHeld(folder: folder), let data = try? Data(contentsOf: file(in: folder)) else { return nil }
        return try? JSONDecoder().decode(Deployment.self, from: data)
    }

    func connect(_ name: String) throws -> Connection {
        try Connection(databaseURL, applicationName: "quorate-\(name)")
    }

    /// Makes the topics that are missing, and returns their names.
    @discardableResult
    func makeTopics(replication: Int = -1) throws -> [String] {
        do {
            return try SystemTopic.create(through: try Producer(try kafka), replication: replication)
        } catch let error as KafkaError {
            throw ValidationError(
                "the topics could not be looked for or made: \(error.message). Look at KAFKA_BOOTSTRAP_SERVERS and "
                    + "QUORATE_KAFKA_..., and whether this login may make topics; then run it again")
        }
    }

    func keyDatabase(_ name: String) throws -> KeyDatabase {
        guard let keyDatabaseURL else {
            throw ValidationError("no key database found: start quorate up, or set KEY_DATABASE_URL")
        }
        return try KeyDatabase(keyDatabaseURL, applicationName: "quorate-\(name)")
    }

    var kafka: KafkaConfiguration {
        get throws {
            var environment = ProcessInfo.processInfo.environment
            environment["KAFKA_BOOTSTRAP_SERVERS"] = bootstrapServers
            return try KafkaConfiguration.settings(
                bootstrapServers: nil, properties: [], SettingSource(environment: environment))
        }
    }
}

/// Where a system's data lies where nobody says otherwise: in the working directory. As root under /var/lib where that is in a
/// home, which the user may not enter as whom PostgreSQL then runs.
enum DataFolder {
    static let up = standard(".quorate", asRoot: "/var/lib/quorate/up")
    static let sample = standard(".quorate-sample", asRoot: "/var/lib/quorate/sample")

    private static func standard(_ name: String, asRoot other: String) -> String {
        geteuid() != 0 || isOpenToAll(FileManager.default.currentDirectoryPath) ? name : other
    }

    /// Whether everybody may pass through the folder and those above it.
    private static func isOpenToAll(_ folder: String) -> Bool {
        var folder = URL(fileURLWithPath: folder)
        var status = stat()
        while stat(folder.path, &status) == 0, status.st_mode & S_IXOTH != 0 {
            if folder.path == "/" { return true }
            folder.deleteLastPathComponent()
        }
        return false
    }
}

/// Where a command finds the system.
struct DeploymentOptions: ParsableArguments {
    @Option(
        help:
            "Folder of a running quorate up. [QUORATE_DATA] (default: .quorate; of root in a home /var/lib/quorate/up)")
    var data: String?

    @Option(help: "PostgreSQL, as the owner of the schema. [DATABASE_URL]")
    var databaseURL: String?

    @Option(help: "Kafka brokers. [KAFKA_BOOTSTRAP_SERVERS]")
    var kafkaBootstrapServers: String?

    var folder: String {
        data ?? ProcessInfo.processInfo.environment["QUORATE_DATA"] ?? DataFolder.up
    }

    /// Flags, then environment, then the running `quorate up`.
    func deployment(needsKafka: Bool = false) throws -> Deployment {
        let source = SettingSource(environment: ProcessInfo.processInfo.environment)
        let running = Deployment.running(in: folder)
        guard let database = source.text(databaseURL, "DATABASE_URL") ?? running?.databaseURL else {
            throw ValidationError("no system found: start quorate up, or set DATABASE_URL (or --database-url)")
        }
        let servers = source.text(kafkaBootstrapServers, "KAFKA_BOOTSTRAP_SERVERS") ?? running?.bootstrapServers
        if needsKafka && servers == nil {
            throw ValidationError(
                "no broker found: start quorate up, or set KAFKA_BOOTSTRAP_SERVERS (or --kafka-bootstrap-servers)")
        }
        let isRunning = servers == running?.bootstrapServers
        return Deployment(
            databaseURL: database,
            keyDatabaseURL: source.text(nil, "KEY_DATABASE_URL") ?? running?.keyDatabaseURL,
            checkpointFile: running?.checkpointFile, bootstrapServers: servers ?? "",
            incarnation: isRunning ? running?.incarnation : nil, mailFolder: running?.mailFolder,
            listsFolder: running?.listsFolder,
            boardOrigin: running?.boardOrigin)
    }
}
