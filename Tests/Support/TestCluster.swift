import AuditLog
import Embedded
import Foundation
import Postgres
import StatutoryRules
import Synchronization
import Workers

/// A private PostgreSQL cluster with a database that was migrated once, from which each test's own is copied.
public final class TestCluster: Sendable {
    private static let made = Result { try TestCluster(in: Places.folder + "/postgres") }

    /// The one of this test process.
    public static func shared() throws -> TestCluster { try made.get() }

    public let postgres: EmbeddedPostgres
    private static let template = "quorate_template"
    private static let keyTemplate = "quorate_template_keys"
    /// Signs the checkpoints of every test system.
    static let signingKeyFile: String = {
        let path = Places.folder + "/audit.key"
        try! SignerFile.make(path, name: "quorate.test/audit")
        return path
    }()
    private static let password = "worker"
    private let turn = Mutex(0)

    /// A crash of the machine may lose everything here, so nothing waits for the disk.
    init(in folder: String) throws {
        postgres = try EmbeddedPostgres.start(
            in: folder,
            options: .init(settings: [
                "fsync": "off", "full_page_writes": "off", "max_connections": "300",
                "shared_buffers": "128MB", "max_wal_size": "1GB", "autovacuum_naptime": "10s",
            ]))
        let owner = try Connection(postgres.ownerURL, applicationName: "test")
        defer { owner.close() }
        try owner.script("CREATE DATABASE \(TestCluster.template)")
        let connection = try connect(to: TestCluster.template)
        defer { connection.close() }
        try Migrations.apply(on: connection)
        for name in WorkerName.allCases {
            try connection.script("ALTER ROLE quorate_\(name.rawValue) PASSWORD '\(TestCluster.password)'")
        }
        try connection.script("ALTER ROLE quorate_board PASSWORD '\(TestCluster.password)'")
        try owner.script("CREATE DATABASE \(TestCluster.keyTemplate)")
        let keys = try connect(to: TestCluster.keyTemplate)
        defer { keys.close() }
        try KeyDatabase.migrate(keys)
    }

    /// A new database, migrated.
    func makeDatabase() throws -> String {
        try turn.withLock { number in
            number += 1
            let name = "quorate_test_\(number)"
            let owner = try Connection(postgres.ownerURL, applicationName: "test")
            defer { owner.close() }
            try owner.script("CREATE DATABASE \(name) TEMPLATE \(TestCluster.template)")
            try owner.script("CREATE DATABASE \(keyDatabase(of: name)) TEMPLATE \(TestCluster.keyTemplate)")
            return name
        }
    }

    /// What the server wrote of all databases that it has.
    public func serverLog() throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: postgres.folder + "/server.log")), as: UTF8.self)
    }

    func drop(_ database: String) {
        guard let owner = try? Connection(postgres.ownerURL, applicationName: "test") else { return }
        for name in [database, keyDatabase(of: database)] {
            _ = try? owner.script("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
        }
        owner.close()
    }

    /// The database that holds the keys of a system's audit log.
    public func keyDatabase(of database: String) -> String { database + "_keys" }

    public func ownerURL(of database: String) -> String {
        postgres.ownerURL.replacing("/quorate?", with: "/\(database)?")
    }
    public func url(of worker: WorkerName, in database: String) -> String {
        postgres.url(user: "quorate_\(worker.rawValue)", password: TestCluster.password, database: database)
    }
    public func boardURL(in database: String) -> String {
        postgres.url(user: "quorate_board", password: TestCluster.password, database: database)
    }
    public func connect(to database: String) throws -> Connection {
        try Connection(ownerURL(of: database), applicationName: "test")
    }
}
