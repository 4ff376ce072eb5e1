import Foundation
import Postgres

/// A private PostgreSQL cluster in a folder, on a free port of 127.0.0.1.
///
/// The folder holds `data` (the cluster), `settings` (port and the superuser's password, 0600), `server.log` and
/// `lock`. Whoever holds the lock owns the server; the kernel drops the lock when its holder dies, however it dies. A
/// server without an owner is stopped by the next start, so nothing of an earlier run stays connected to it.
///
/// `@unchecked`: the mutable state is one descriptor, behind a lock.
public final class EmbeddedPostgres: @unchecked Sendable {
    public struct Options: Sendable {
        /// Lines for postgresql.conf, such as `"max_connections": "200"`.
        public var settings: [String: String]
        public var database: String
        public init(settings: [String: String] = [:], database: String = "quorate") {
            self.settings = settings
            self.database = database
        }
    }

    public enum StopMode: String, Sendable {
        case fast
        /// As in a crash: the next start recovers from the log.
        case immediate
    }

    public let folder: String
    private let tools: PostgresTools
    private let access: ClusterAccess
    private let options: Options
    private let lock: FolderLock

    /// Makes the cluster where there is none, starts it, and returns when it accepts connections.
    public static func start(in folder: String, options: Options = Options()) throws -> EmbeddedPostgres {
        let path = URL(fileURLWithPath: folder).standardizedFileURL.resolvingSymlinksInPath().path
        let tools = try PostgresTools.find()
        try tools.prepare(folder: path)
        let lock = try FolderLock(
            folder: path, else: "PostgreSQL is already running in \(path), started by another process")
        try ClusterFolder(path: path).clear(tools)
        let access = try ClusterFolder(path: path).create(tools)
        let server = EmbeddedPostgres(folder: path, tools: tools, access: access, options: options, lock: lock)
        try server.launch()
        try server.createDatabase()
        return server
    }

    /// The owner's URL of the cluster in this folder, if some process has it running.
    public static func isRunning(in folder: String) -> String? {
        let path = URL(fileURLWithPath: folder).standardizedFileURL.resolvingSymlinksInPath().path
        guard FolderLock.isHeld(folder: path), let access = ClusterAccess.read(folder: path),
            ClusterFolder(path: path).serverProcess() != nil
        else { return nil }
        return access.url(database: access.database)
    }

    private init(folder: String, tools: PostgresTools, access: ClusterAccess, options: Options, lock: FolderLock) {
        self.folder = folder
        self.tools = tools
        self.access = access
        self.options = options
        self.lock = lock
    }

    deinit { try? stop(mode: .fast) }

    public var port: Int { access.port }
    /// The superuser's URL of the database.
    public var ownerURL: String { access.url(database: options.database) }
    /// `database` defaults to the one of the options.
    public func url(user: String, password: String, database: String? = nil) -> String {
        access.url(user: user, password: password, database: database ?? options.database)
    }
    public var isRunning: Bool { ClusterFolder(path: folder).serverProcess() != nil }

    public func stop(mode: StopMode = .fast) throws {
        try ClusterFolder(path: folder).stop(tools, mode: mode.rawValue)
    }

    /// Starts again on the same port, after `stop` or instead of it.
    public func restart() throws {
        try ClusterFolder(path: folder).clear(tools)
        try launch()
    }

    private func launch() throws {
        try ClusterFolder(path: folder).launch(tools, port: access.port, settings: options.settings)
    }

    /// Makes another database where it is missing; the superuser's URL of it.
    public func addDatabase(_ name: String) throws -> String {
        try create(database: name)
        return access.url(database: name)
    }

    private func createDatabase() throws {
        try access.write(folder: folder, database: options.database, tools: tools)
        try create(database: options.database)
    }

    private func create(database name: String) throws {
        let connection = try Connection(access.url(database: "postgres"), applicationName: "quorate")
        defer { connection.close() }
        let found = try connection.execute("SELECT 1 FROM pg_database WHERE datname = \(name)")
        guard found.isEmpty else { return }
        try connection.script("CREATE DATABASE \(Connection.quoteIdentifier(name))")
    }
}
