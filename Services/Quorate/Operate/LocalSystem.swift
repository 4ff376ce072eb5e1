import AuditLog
import Embedded
import Foundation
import Postgres
import StatutoryRules
import Workers

/// The whole system on one machine: database, broker, four workers.
final class LocalSystem {
    let folder: String
    private(set) var deployment: Deployment
    private let environment: [String: String]
    private let lock: FolderLock
    private let postgres: EmbeddedPostgres?
    private let broker: EmbeddedBroker?
    private var workers: [WorkerName: WorkerProcess] = [:]
    /// How auditing signs in to the key database.
    private var keyLogin: String
    /// Opens the board, once.
    private var boardLink: String?
    private var signingKeyFile: String { folder + "/audit.key" }

    private static let keyDatabase = "quorate_keys"
    private static let boardPorts = 8100...8199

    /// Seconds that a stop waits for what is still on its way.
    private static let drainSeconds = 30.0

    /// `environment` may name real servers; without a configuration, the one in force stays.
    static func start(
        in folder: String, configuration: Configuration?, withBoard: Bool = false,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> LocalSystem {
        let system = try LocalSystem(
            folder: URL(fileURLWithPath: folder).path, configuration: configuration, environment: environment)
        do { try system.launchWorkers(withBoard: withBoard) } catch {
            system.shutDown()
            throw error
        }
        return system
    }

    private init(folder: String, configuration: Configuration?, environment: [String: String]) throws {
        self.folder = folder
        self.environment = environment
        try FileManager.default.createDirectory(atPath: folder + "/logs", withIntermediateDirectories: true)
        lock = try FolderLock(
            folder: folder, else: "quorate up is already running in \(folder): stop it, or give another --data")
        let databaseURL: String
        let keyDatabaseURL: String
        if let given = environment["DATABASE_URL"], !given.isEmpty {
            guard let keys = environment["KEY_DATABASE_URL"], !keys.isEmpty else {
                throw EmbeddedError("with DATABASE_URL set KEY_DATABASE_URL too: the database of the audit log's keys")
            }
            postgres = nil
            databaseURL = given
            keyDatabaseURL = keys
        } else {
            let cluster = try EmbeddedPostgres.start(in: folder + "/postgres")
            postgres = cluster
            databaseURL = cluster.ownerURL
            keyDatabaseURL = try cluster.addDatabase(LocalSystem.keyDatabase)
        }
        keyLogin = keyDatabaseURL
        var incarnation: String?
        let servers: String
        if let given = environment["KAFKA_BOOTSTRAP_SERVERS"], !given.isEmpty {
            broker = nil
            servers = given
        } else {
            let embedded = try EmbeddedBroker(
                topics: SystemTopic.allCases.map { ($0.rawValue, SystemTopic.partitions) })
            broker = embedded
            servers = embedded.bootstrapServers
            incarnation = embedded.runId
        }
        deployment = Deployment(
            databaseURL: databaseURL, keyDatabaseURL: keyDatabaseURL, checkpointFile: folder + "/checkpoints.jsonl",
            bootstrapServers: servers, incarnation: incarnation,
            mailFolder: folder + "/mail", listsFolder: folder + "/lists")
        let connection = try deployment.connect("up")
        try Migrations.apply(on: connection, configuration: configuration)
        try KeyDatabase.migrate(try Connection(keyDatabaseURL, applicationName: "quorate-up"))
        if !FileManager.default.fileExists(atPath: signingKeyFile) {
            try SignerFile.make(signingKeyFile, name: "quorate.local/audit")
        }
        if broker == nil {
            try deployment.makeTopics()
        } else {
            try LostRelays.requeue(on: connection)
        }
        try deployment.write(to: folder)
    }

    // MARK: Workers

    private func launchWorkers(withBoard: Bool) throws {
        let connection = try deployment.connect("up")
        let board = withBoard ? try openBoard(on: connection) : [:]
        for name in WorkerName.allCases {
            var environment = environment
            environment["DATABASE_URL"] = try login(of: name, on: connection)
            if name == .auditing {
                environment["KEY_DATABASE_URL"] = keyLogin
                environment["QUORATE_AUDIT_KEY_FILE"] = environment["QUORATE_AUDIT_KEY_FILE"] ?? signingKeyFile
                environment["QUORATE_AUDIT_PLACES"] =
                    environment["QUORATE_AUDIT_PLACES"] ?? "file:\(deployment.checkpointFile!)"
            } else {
                environment["KEY_DATABASE_URL"] = nil
            }
            environment["KAFKA_BOOTSTRAP_SERVERS"] = deployment.bootstrapServers
            environment["QUORATE_KAFKA_INCARNATION"] = deployment.incarnation
            environment["QUORATE_MAIL"] = environment["QUORATE_MAIL"] ?? "maildir:\(deployment.mailFolder!)"
            // To look at, not to live with: a message a notice, however many the samples make.
            for (setting, value) in [
                "QUORATE_DIGEST": "at_once", "QUORATE_MAIL_PERSON_HOURLY": "1000000",
                "QUORATE_MAIL_AUTHORITY_HOURLY": "1000000",
            ] where environment[setting] == nil { environment[setting] = value }
            environment["QUORATE_LISTS_FOLDER"] = deployment.listsFolder
            if name == .reporting { environment.merge(board) { $1 } }
            environment["QUORATE_LOG_FORMAT"] = environment["QUORATE_LOG_FORMAT"] ?? "json"
            let worker = try WorkerProcess(name, environment: environment, log: "\(folder)/logs/\(name.rawValue).log")
            try worker.launch()
            workers[name] = worker
        }
    }

    /// Each worker signs in as itself. The private cluster gets passwords that live as long as this run; a real server's
    /// logins are the operator's, and all workers use the one given.
    private func login(of name: WorkerName, on connection: Connection) throws -> String {
        guard let postgres else { return deployment.databaseURL }
        let user = "quorate_\(name.rawValue)"
        let password = try newPassword(of: user, on: connection)
        if name == .auditing {
            keyLogin = postgres.url(user: user, password: password, database: LocalSystem.keyDatabase)
        }
        return postgres.url(user: user, password: password)
    }

    private func newPassword(of user: String, on connection: Connection) throws -> String {
        let password = (0..<24).map { _ in String(UInt8.random(in: 0...15), radix: 16) }.joined()
        try connection.script("ALTER ROLE \(user) PASSWORD '\(password)'")
        return password
    }

    /// The reporting worker's settings for the board: on loopback, opened by a link. On a real server it has whatever settings
    /// the environment gives.
    private func openBoard(on connection: Connection) throws -> [String: String] {
        guard let postgres else { return [:] }
        let user = "quorate_board"
        let password = try newPassword(of: user, on: connection)
        let address = environment["QUORATE_BOARD"] ?? "127.0.0.1:\(LoopbackPort.free(of: LocalSystem.boardPorts))"
        let origin = environment["QUORATE_BOARD_ORIGIN"] ?? "http://\(address)"
        deployment.boardOrigin = origin
        try deployment.write(to: folder)
        try BoardUsers.grant(BoardUsers.local, authority: "*", role: .cases, on: connection)
        boardLink = try BoardUsers.link(for: BoardUsers.local, origin: origin, on: connection)
        return ["QUORATE_BOARD": address, "QUORATE_BOARD_DATABASE_URL": postgres.url(user: user, password: password)]
    }

    /// Starts again what died.
    func superviseOnce(_ say: (String) -> Void) {
        if let postgres, !postgres.isRunning {
            say("PostgreSQL ended; starting it again. Its log: \(folder)/postgres/server.log")
            try? postgres.restart()
        }
        for (name, worker) in workers.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            guard let status = worker.exitStatus, worker.mayRestart else { continue }
            say("\(name.rawValue) ended (\(status)); starting it again. Its log: \(worker.log)")
            try? worker.launch()
        }
    }

    func worker(_ name: WorkerName) -> WorkerProcess? { workers[name] }

    /// Waits until nothing is on its way, then ends workers, broker and database, in that order.
    func stop(_ say: (String) -> Void) {
        let end = Date().addingTimeInterval(LocalSystem.drainSeconds)
        if let backlog = try? Backlog(deployment) {
            var left = (try? backlog.read())?.total ?? 0
            while left > 0 && Date() < end {
                Thread.sleep(forTimeInterval: 0.2)
                left = (try? backlog.read())?.total ?? 0
            }
            if left > 0 { say("Left undone: \(left) records and outbox rows; the next start relays the outbox again.") }
        }
        shutDown()
    }

    private func shutDown() {
        for name in WorkerName.allCases { workers[name]?.stop() }
        try? FileManager.default.removeItem(at: Deployment.file(in: folder))
        try? postgres?.stop(mode: .fast)
    }

    func describe(_ say: (String) -> Void) {
        say(Terminal.out.strong("Quorate is running in \(folder)."))
        say("  database  \(postgres == nil ? "DATABASE_URL" : "private PostgreSQL, 127.0.0.1:\(postgres!.port)")")
        say(
            "  broker    \(broker == nil ? deployment.bootstrapServers : "in memory, \(deployment.bootstrapServers) (starts empty each time)")"
        )
        say("  audit     checkpoints in \(deployment.checkpointFile!)")
        say("  mail      \(environment["QUORATE_MAIL"] ?? deployment.mailFolder!)")
        say("  lists     \(deployment.listsFolder!)")
        if let boardLink { say("  board     \(boardLink) (opens once, within ten minutes; then: quorate board link)") }
        say("  logs      \(folder)/logs")
    }
}

/// One worker as a child process.
final class WorkerProcess {
    let log: String
    private let executable: URL
    private let environment: [String: String]
    private var process: Process?
    private var starts: [Date] = []

    init(_ name: WorkerName, environment: [String: String], log: String) throws {
        self.log = log
        self.environment = environment
        executable = Bundle.main.executableURL!.resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent(name.rawValue)
        guard FileManager.default.isExecutableFile(atPath: executable.path) else {
            throw EmbeddedError("\(executable.path) is not there: run make build")
        }
    }

    func launch() throws {
        if !FileManager.default.fileExists(atPath: log) {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
        }
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try output.seekToEnd()
        let process = Process()
        process.executableURL = executable
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        self.process = process
        starts.append(Date())
    }

    var processId: Int32? { process?.processIdentifier }
    var exitStatus: Int32? { process.flatMap { $0.isRunning ? nil : $0.terminationStatus } }

    /// At most one start a second.
    var mayRestart: Bool { Date().timeIntervalSince(starts.last ?? .distantPast) > 1 }

    func stop(withinSeconds limit: Double = 20) {
        guard let process, process.isRunning else { return }
        kill(process.processIdentifier, SIGTERM)
        let end = Date().addingTimeInterval(limit)
        while process.isRunning && Date() < end { Thread.sleep(forTimeInterval: 0.05) }
        if process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }
}
