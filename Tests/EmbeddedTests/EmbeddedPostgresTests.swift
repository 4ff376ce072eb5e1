import Foundation
import Postgres
import Testing

@testable import Embedded

@Suite(.serialized) final class EmbeddedPostgresTests {
    let folder = FileManager.default.temporaryDirectory.path + "/quorate-embedded-tests-\(UUID().uuidString)"
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func value(_ url: String) throws -> Int {
        try Connection(url, applicationName: "tests").execute("SELECT a FROM t")[0].int("a")
    }

    private func serverProcess() throws -> pid_t {
        let text = try String(contentsOfFile: folder + "/data/postmaster.pid", encoding: .utf8)
        return try #require(text.split(separator: "\n").first.flatMap { pid_t($0) })
    }

    @Test func dataOutlivesARestartOnTheSamePort() throws {
        let server = try EmbeddedPostgres.start(in: folder)
        try Connection(server.ownerURL, applicationName: "tests").script("CREATE TABLE t AS SELECT 7 AS a")
        let url = server.ownerURL
        try server.restart()
        #expect(server.ownerURL == url)
        #expect(try value(url) == 7)
        try server.stop()
        #expect(!server.isRunning)
    }

    @Test func aSecondStartIsRefusedAndTheFirstIsFound() throws {
        #expect(EmbeddedPostgres.isRunning(in: folder) == nil)
        let server = try EmbeddedPostgres.start(in: folder)
        #expect(EmbeddedPostgres.isRunning(in: folder) == server.ownerURL)
        let error = #expect(throws: EmbeddedError.self) { try EmbeddedPostgres.start(in: self.folder) }
        #expect(error?.description.contains("already running") == true)
        #expect(server.isRunning)
        try server.stop()
        #expect(EmbeddedPostgres.isRunning(in: folder) == nil)
    }

    @Test func anOrphanIsStoppedByTheNextStart() throws {
        do {
            let server = try EmbeddedPostgres.start(in: folder)
            try Connection(server.ownerURL, applicationName: "tests").script("CREATE TABLE t AS SELECT 8 AS a")
            try server.stop()
        }
        // A server whose owner died: it runs, and nobody holds the lock.
        let access = try #require(ClusterAccess.read(folder: folder))
        try ClusterFolder(path: folder).launch(PostgresTools.find(), port: access.port, settings: [:])
        let orphan = try serverProcess()
        #expect(EmbeddedPostgres.isRunning(in: folder) == nil)
        let next = try EmbeddedPostgres.start(in: folder)
        #expect(try value(next.ownerURL) == 8)
        #expect(try serverProcess() != orphan)
        try next.stop()
    }

    @Test func aKilledServerIsRecovered() throws {
        let server = try EmbeddedPostgres.start(in: folder)
        try Connection(server.ownerURL, applicationName: "tests").script("CREATE TABLE t AS SELECT 9 AS a")
        let process = try serverProcess()
        #expect(kill(process, SIGKILL) == 0)
        while server.isRunning { usleep(1_000) }
        try server.restart()
        #expect(try value(server.ownerURL) == 9)
        try server.stop()
    }

    @Test func aProcessNumberThatIsAnothersIsNoServer() throws {
        let server = try EmbeddedPostgres.start(in: folder)
        try Connection(server.ownerURL, applicationName: "tests").script("CREATE TABLE t AS SELECT 10 AS a")
        let lines = try String(contentsOfFile: folder + "/data/postmaster.pid", encoding: .utf8)
        try server.stop(mode: .immediate)
        let ours = lines.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
        let stale = (["\(getpid())"] + ours.map(String.init)).joined(separator: "\n")
        try Data(stale.utf8).write(to: URL(fileURLWithPath: folder + "/data/postmaster.pid"))
        #expect(!server.isRunning)
        try server.restart()
        #expect(try value(server.ownerURL) == 10)
        try server.stop()
    }

    @Test func onlyPasswordsOpenItAndOnlyOverLoopback() throws {
        let server = try EmbeddedPostgres.start(in: folder, options: .init(settings: ["max_connections": "33"]))
        let connection = try Connection(server.ownerURL, applicationName: "tests")
        #expect(try connection.execute("SHOW max_connections")[0].string(0) == "33")
        #expect(try connection.execute("SHOW listen_addresses")[0].string(0) == "127.0.0.1")
        #expect(try connection.execute("SHOW unix_socket_directories")[0].string(0) == "")
        #expect(try connection.execute("SHOW fsync")[0].string(0) == "on")
        let rules = try connection.execute("SELECT bool_and(auth_method = 'scram-sha-256') FROM pg_hba_file_rules")
        #expect(rules[0].bool(0))
        let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/settings")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        try server.stop()
    }
}
