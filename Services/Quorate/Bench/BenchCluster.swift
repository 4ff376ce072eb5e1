import AuditLog
import Embedded
import Foundation
import Postgres
import StatutoryRules
import Workers

/// The private PostgreSQL of a benchmark: one server with stated settings, and a fresh database for each run.
final class BenchCluster {
    /// The same for all lanes and workers; what is not named is PostgreSQL's default.
    static let settings = [
        "shared_buffers": "256MB", "max_wal_size": "4GB", "checkpoint_timeout": "30min", "fsync": "on",
        "synchronous_commit": "on", "full_page_writes": "on",
    ]
    static let database = "bench"
    private static let template = "bench_template"
    private static let keyDatabase = "bench_keys"

    private let postgres: EmbeddedPostgres
    private let admin: Connection
    private let password = "bench"
    private let folder: String
    private let serverProcess: Int32
    private let settings: [String: String]

    /// Starts the server and makes the migrated database that each run begins with.
    init(in folder: String, configuration: Configuration, settings more: [String] = []) throws {
        var settings = BenchCluster.settings
        for setting in more {
            let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
            settings[parts[0]] = parts.count == 2 ? parts[1] : ""
        }
        self.settings = settings
        self.folder = folder
        if FileManager.default.fileExists(atPath: folder) {
            // Left by a run that was killed, perhaps with its server.
            try EmbeddedPostgres.start(in: folder).stop(mode: .immediate)
            try FileManager.default.removeItem(atPath: folder)
        }
        postgres = try EmbeddedPostgres.start(in: folder, options: .init(settings: settings, database: "postgres"))
        admin = try Connection(postgres.ownerURL, applicationName: "quorate-bench")
        let first = try String(contentsOfFile: "\(folder)/data/postmaster.pid", encoding: .utf8).split(separator: "\n")
        serverProcess = Int32(first[0])!
        try admin.script("CREATE DATABASE \(BenchCluster.template)")
        let connection = try Connection(url(BenchCluster.template), applicationName: "quorate-bench")
        try Migrations.apply(on: connection, configuration: configuration)
        for name in WorkerName.allCases {
            try connection.script("ALTER ROLE quorate_\(name.rawValue) PASSWORD '\(password)'")
        }
        connection.close()
        try KeyDatabase.migrate(
            try Connection(try postgres.addDatabase(BenchCluster.keyDatabase), applicationName: "quorate-bench"))
        try SignerFile.make(folder + "/audit.key", name: "quorate.bench/audit")
    }

    /// A worker's, as quorate up gives it.
    func environment(of name: WorkerName, on broker: EmbeddedBroker, folder: String) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["DATABASE_URL"] = url(of: name)
        environment["KAFKA_BOOTSTRAP_SERVERS"] = broker.bootstrapServers
        environment["QUORATE_KAFKA_INCARNATION"] = broker.runId
        environment["QUORATE_MAIL"] = "maildir:\(folder)/mail"
        environment["QUORATE_DIGEST"] = "at_once"
        environment["QUORATE_MAIL_PERSON_HOURLY"] = "1000000"
        environment["QUORATE_MAIL_AUTHORITY_HOURLY"] = "1000000"
        environment["QUORATE_LISTS_FOLDER"] = "\(folder)/lists"
        environment["QUORATE_LOG_FORMAT"] = "json"
        if name == .auditing { environment.merge(auditEnvironment) { $1 } }
        return environment
    }

    /// What auditing wants besides a database of its own.
    private var auditEnvironment: [String: String] {
        [
            "KEY_DATABASE_URL": postgres.url(
                user: "quorate_auditing", password: password, database: BenchCluster.keyDatabase),
            "QUORATE_AUDIT_KEY_FILE": folder + "/audit.key",
        ]
    }

    /// Ends the server and gives its disk space back.
    var stop: @Sendable () -> Void {
        { [postgres, folder] in
            try? postgres.stop(mode: .immediate)
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    private func url(_ database: String) -> String { postgres.ownerURL.replacing("/postgres?", with: "/\(database)?") }

    /// The database of the run, as its owner.
    var ownerURL: String { url(BenchCluster.database) }

    /// The same, as a worker signs in.
    func url(of worker: WorkerName) -> String {
        postgres.url(user: "quorate_\(worker.rawValue)", password: password, database: BenchCluster.database)
    }

    /// The keys that seal what the benchmark appends itself.
    func keys() throws -> KeyDatabase {
        try KeyDatabase(url(BenchCluster.keyDatabase), applicationName: "quorate-bench")
    }

    func connect(to database: String = BenchCluster.database) throws -> Connection {
        try Connection(url(database), applicationName: "quorate-bench")
    }

    /// Drops what the run before wrote; the next one starts without work left over for the server.
    func makeDatabase(from template: String = BenchCluster.template) throws {
        try admin.script("DROP DATABASE IF EXISTS \(BenchCluster.database) WITH (FORCE)")
        try admin.script("CREATE DATABASE \(BenchCluster.database) TEMPLATE \(template)")
        try admin.script("CHECKPOINT")
    }

    /// Keeps the database of the run under another name, for later runs to begin with.
    func keepDatabase(as name: String) throws {
        try admin.script("ALTER DATABASE \(BenchCluster.database) RENAME TO \(name)")
    }

    /// CPU seconds of the server so far: all of its processes, those that ended too, but for these sessions.
    func cpuSeconds(without sessions: [Connection] = []) -> Double {
        let ours = Set(sessions.map(\.backendPID) + [admin.backendPID])
        var total = 0.0
        for process in ProcessAccount.all() where !ours.contains(process.id) {
            if process.id == serverProcess {
                total += process.cpuSeconds + process.endedChildrenSeconds
            } else if process.parent == serverProcess {
                total += process.cpuSeconds
            }
        }
        return total
    }

    /// Version and settings, in a line.
    func describe() throws -> String {
        let version = try admin.execute("SELECT current_setting('server_version') AS v")[0].string("v")
        let named = settings.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
        return "PostgreSQL \(version), " + named.joined(separator: ", ")
    }
}

/// What /proc says of a process.
struct ProcessAccount {
    let id: Int32
    let parent: Int32
    let cpuSeconds: Double
    let endedChildrenSeconds: Double

    private static let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))

    init?(_ id: Int32) {
        guard let stat = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
            let name = stat.lastIndex(of: ")")
        else { return nil }
        // From the third field on: state, parent, …; the 14th to 17th are the times.
        let fields = stat[stat.index(after: name)...].split(separator: " ")
        guard fields.count > 14, let parent = Int32(fields[1]) else { return nil }
        let times = fields[11...14].map { (Double($0) ?? 0) / ProcessAccount.ticks }
        self.id = id
        self.parent = parent
        cpuSeconds = times[0] + times[1]
        endedChildrenSeconds = times[2] + times[3]
    }

    static func all() -> [ProcessAccount] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [])
            .compactMap { Int32($0) }.compactMap { ProcessAccount($0) }
    }

    /// The most memory that was ever resident.
    static func peakKibibytes(_ id: Int32) -> Int {
        let status = (try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }
}
