import Embedded
import Foundation
import Postgres

/// One PostgreSQL for all tests of the process.
enum TestServer {
    static let folder = FileManager.default.temporaryDirectory.path + "/quorate-postgres-tests-\(getpid())"

    static let server: EmbeddedPostgres = {
        atexit {
            try? TestServer.server.stop(mode: .immediate)
            try? FileManager.default.removeItem(atPath: TestServer.folder)
        }
        do {
            return try EmbeddedPostgres.start(
                in: folder, options: .init(settings: ["fsync": "off", "max_connections": "50"]))
        } catch { fatalError("\(error)") }
    }()

    static func connect(_ options: Connection.Options = .init()) throws -> Connection {
        try Connection(server.ownerURL, applicationName: "tests", options: options)
    }

    /// A connection whose tables are its own: a schema that vanishes with the server.
    static func connectToOwnSchema() throws -> Connection {
        let name = "t" + UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased()
        let connection = try connect()
        try connection.script("CREATE SCHEMA \(name); SET search_path = \(name)")
        return connection
    }
}

func postgresError(_ body: () throws -> Void) -> PostgresError? {
    do { try body() } catch let error as PostgresError { return error } catch { return nil }
    return nil
}
