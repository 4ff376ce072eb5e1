import Embedded
import Foundation
import Kafka
import Postgres
import StatutoryRules
import Synchronization
import Workers

/// A whole system for one test: a database and a broker of its own, workers as processes of their own.
///
/// `@unchecked`: a test uses it from one thread at a time.
public final class TestSystem: @unchecked Sendable {
    public struct Options: Sendable {
        public var partitions = SystemTopic.partitions
        /// A PostgreSQL cluster of its own, which the test may stop.
        public var ownCluster = false
        /// In the environment of every worker.
        public var environment: [String: String] = [:]
        /// A real broker, in the place of an embedded one of its own.
        public var kafka: KafkaConfiguration?
        public init(
            partitions: Int = SystemTopic.partitions, ownCluster: Bool = false, environment: [String: String] = [:],
            kafka: KafkaConfiguration? = nil
        ) {
            self.partitions = partitions
            self.ownCluster = ownCluster
            self.environment = environment
            self.kafka = kafka
        }
    }

    public let folder: String
    public let cluster: TestCluster
    public let database: String
    public let options: Options
    /// Replaced by `replaceBroker`; not there where the options name a real one.
    var embedded: EmbeddedBroker?
    public var broker: EmbeddedBroker { embedded! }
    public private(set) var incarnation: String?
    public private(set) var workers: [WorkerInstance] = []
    private var openConnection: Connection?
    /// By which commands see that the system runs.
    private let lock: FolderLock
    private static let count = Mutex(0)

    /// Runs a test on a system, which is gone afterwards however the test ended. No more than a few live at a time.
    public static func with<R: Sendable>(
        _ options: Options = Options(), _ body: @escaping @Sendable (TestSystem) async throws -> R
    ) async throws -> R {
        await Gate.shared.enter()
        do {
            let result = try await withTaskExecutorPreference(ThreadPerJob.shared) {
                let system = try TestSystem(options)
                defer { system.destroy() }
                do {
                    return try await body(system)
                } catch {
                    system.keepLogs()
                    throw error
                }
            }
            await Gate.shared.leave()
            return result
        } catch {
            await Gate.shared.leave()
            throw error
        }
    }

    private init(_ options: Options) throws {
        self.options = options
        let number = TestSystem.count.withLock { count in
            count += 1
            return count
        }
        folder = "\(Places.folder)/system-\(number)"
        try FileManager.default.createDirectory(atPath: folder + "/logs", withIntermediateDirectories: true)
        lock = try FolderLock(folder: folder, else: "\(folder) is another test's")
        if options.ownCluster {
            // Beside, since the folder must be open to the user whom PostgreSQL runs as.
            cluster = try TestCluster(in: "\(Places.folder)/postgres-\(number)")
        } else {
            cluster = try TestCluster.shared()
        }
        database = try cluster.makeDatabase()
        if options.kafka == nil {
            embedded = try TestSystem.makeBroker(partitions: options.partitions)
            incarnation = broker.runId
        }
        try writeDeployment()
    }

    static func makeBroker(partitions: Int, brokers: Int = 1) throws -> EmbeddedBroker {
        try EmbeddedBroker(brokers: brokers, topics: SystemTopic.allCases.map { ($0.rawValue, partitions) })
    }

    // MARK: Workers

    /// Launches one process of each, or of those named, with more in their environment.
    @discardableResult
    public func start(
        _ names: [WorkerName] = WorkerName.allCases, environment more: [String: String] = [:]
    ) throws -> [WorkerInstance] {
        let made = names.map { name in
            WorkerInstance(
                name, environment: environment(of: name, more),
                log: "\(folder)/logs/\(name.rawValue)-\(workers.count { $0.name == name } + 1).log")
        }
        workers += made
        for worker in made { try worker.launch() }
        return made
    }

    /// The first process of a worker.
    public func worker(_ name: WorkerName) -> WorkerInstance { workers.first { $0.name == name }! }

    public func environment(of name: WorkerName, _ more: [String: String] = [:]) -> [String: String] {
        var all = Places.environment
        all["DATABASE_URL"] = cluster.url(of: name, in: database)
        all["KAFKA_BOOTSTRAP_SERVERS"] = kafka.bootstrapServers
        all["QUORATE_KAFKA_INCARNATION"] = incarnation
        all["QUORATE_KAFKA_RECONNECT_BACKOFF_MAX_MS"] = "500"
        all["QUORATE_MAIL"] = "maildir:\(mailFolder)"
        // A message a notice, at any hour and as many as come: what tests count. Those of digests and caps set their own.
        all["QUORATE_DIGEST"] = "at_once"
        all["QUORATE_DIGEST_HOUR"] = "0"
        all["QUORATE_MAIL_PERSON_HOURLY"] = "1000000"
        all["QUORATE_MAIL_AUTHORITY_HOURLY"] = "1000000"
        all["QUORATE_LISTS_FOLDER"] = listsFolder
        all["QUORATE_LOG_FORMAT"] = "json"
        if name == .auditing {
            all["KEY_DATABASE_URL"] = cluster.url(of: name, in: cluster.keyDatabase(of: database))
            all["QUORATE_AUDIT_KEY_FILE"] = TestCluster.signingKeyFile
            all["QUORATE_AUDIT_PLACES"] = "file:\(checkpointFile)"
            all["QUORATE_AUDIT_SECONDS"] = "1"
        }
        return all.merging(options.environment) { $1 }.merging(more) { $1 }
    }

    public var mailFolder: String { folder + "/mail" }
    public var listsFolder: String { folder + "/lists" }
    /// Where auditing keeps its checkpoints outside the database.
    public var checkpointFile: String { folder + "/checkpoints.jsonl" }
    public var keyDatabaseURL: String { cluster.ownerURL(of: cluster.keyDatabase(of: database)) }

    /// Ends all workers in order.
    public func stopWorkers() throws {
        for worker in workers { worker.signal(SIGTERM) }
        for worker in workers { try worker.stop() }
    }

    /// Starts again what died. A test that kills calls it until all is well.
    public func relaunchDead() throws { for worker in workers where !worker.isRunning { try worker.launch() } }

    // MARK: Database and broker

    /// As the owner. One session of the test's, made again where it broke.
    public var connection: Connection {
        get throws {
            if let openConnection, !openConnection.isBroken { return openConnection }
            let made = try cluster.connect(to: database)
            openConnection = made
            return made
        }
    }

    public func newConnection() throws -> Connection { try cluster.connect(to: database) }

    /// The database as it is now, put aside. No worker may run.
    public func backUp() throws { try replacingSessions("CREATE DATABASE \(database)_backup TEMPLATE \(database)") }

    /// What was put aside in the place of the database; that of the keys stays.
    public func restoreBackup() throws {
        try replacingSessions("DROP DATABASE \(database) WITH (FORCE)")
        try replacingSessions("ALTER DATABASE \(database)_backup RENAME TO \(database)")
    }

    private func replacingSessions(_ statement: String) throws {
        openConnection?.close()
        openConnection = nil
        let owner = try Connection(cluster.postgres.ownerURL, applicationName: "test")
        defer { owner.close() }
        try owner.script(statement)
    }

    /// Puts a new and empty broker in the place of the old one. Workers learn of it by being launched again; the name
    /// that tells brokers apart stays where `sameIncarnation` says so.
    public func replaceBroker(sameIncarnation: Bool = false, partitions: Int? = nil) throws {
        embedded = try TestSystem.makeBroker(partitions: partitions ?? options.partitions)
        if !sameIncarnation { incarnation = broker.runId }
        for worker in workers { worker.environment = environment(of: worker.name) }
        try writeDeployment()
    }

    /// The cluster's name in the tables of offsets.
    public func clusterName() throws -> String {
        let producer = try Producer(kafka)
        return clusterName(producer.clusterId(timeoutMilliseconds: 10_000))
    }

    func clusterName(_ id: String?) -> String { (id ?? "") + (incarnation.map { "/\($0)" } ?? "") }

    public var kafka: KafkaConfiguration {
        options.kafka
            ?? KafkaConfiguration(
                bootstrapServers: broker.bootstrapServers, extra: ["reconnect.backoff.max.ms": "200"], log: { _, _ in })
    }

    // MARK: The operator's command

    /// What the commands read to find the system, as `quorate up` writes it.
    private struct Deployment: Codable {
        var databaseURL, keyDatabaseURL, checkpointFile, bootstrapServers: String
        var incarnation: String?
        var mailFolder, listsFolder: String
    }

    private func writeDeployment() throws {
        let deployment = Deployment(
            databaseURL: cluster.ownerURL(of: database), keyDatabaseURL: keyDatabaseURL,
            checkpointFile: checkpointFile, bootstrapServers: kafka.bootstrapServers,
            incarnation: incarnation, mailFolder: mailFolder, listsFolder: listsFolder)
        try JSONEncoder().encode(deployment).write(to: URL(fileURLWithPath: folder + "/running.json"))
    }

    /// Runs `quorate` on this system, or any program that takes the same environment.
    @discardableResult
    public func run(
        _ arguments: [String], program: String = "quorate", input: String? = nil,
        environment more: [String: String] = [:], within limit: Duration = .seconds(120)
    ) throws -> CommandResult {
        let base = "\(folder)/command-\(UUID().uuidString)"
        defer { for end in [".in", ".out", ".err"] { unlink(base + end) } }
        try (input ?? "").write(toFile: base + ".in", atomically: false, encoding: .utf8)
        let ours = ["quorate"] + WorkerName.allCases.map(\.rawValue)
        let path = ours.contains(program) ? "\(Places.executables)/\(program)" : program
        let environment = Places.environment.merging(["QUORATE_DATA": folder]) { $1 }.merging(more) { $1 }
        let process = try ChildProcess(
            path, arguments, environment: environment, input: base + ".in", output: base + ".out", errors: base + ".err"
        )
        defer { process.end() }
        let status = try process.waitForExit(within: limit)
        func text(_ end: String) -> String {
            String(decoding: FileManager.default.contents(atPath: base + end) ?? Data(), as: UTF8.self)
        }
        return CommandResult(status: status, output: text(".out"), errors: text(".err"))
    }

    // MARK: The end

    private func destroy() {
        for worker in workers { worker.crash() }
        openConnection?.close()
        openConnection = nil
        if options.ownCluster { try? cluster.postgres.stop(mode: .immediate) } else { cluster.drop(database) }
    }

    /// The logs of a test that failed stay, with a line that says where.
    private func keepLogs() {
        let kept = FileManager.default.temporaryDirectory.path + "/quorate-failed-\(UUID().uuidString.prefix(8))"
        try? FileManager.default.copyItem(atPath: folder + "/logs", toPath: kept)
        FileHandle.standardError.write(Data("logs of the failed test's workers: \(kept)\n".utf8))
    }
}
