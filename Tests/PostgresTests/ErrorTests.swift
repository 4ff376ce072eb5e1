import Embedded
import Foundation
import Postgres
import Testing

@Suite struct ErrorTests {
    @Test func aUniqueViolationIsPermanentAndKeepsDataOutOfItsMessage() throws {
        let connection = try TestServer.connectToOwnSchema()
        try connection.script("CREATE TABLE child (name text CONSTRAINT one_name UNIQUE)")
        try connection.execute("INSERT INTO child VALUES (\("Siân"))")
        let error = try #require(postgresError { try connection.execute("INSERT INTO child VALUES (\("Siân"))") })
        #expect(error.sqlState == "23505")
        #expect(error.constraint == "one_name")
        #expect(error.isPermanent && !error.isTransient)
        #expect(!error.message.contains("Siân"))
        #expect(!"\(error)".contains("Siân"))
        #expect(error.detail?.contains("Siân") == true)
        #expect(!connection.isBroken)
    }

    @Test func aRefusedValueIsPermanentAndNotDescribed() throws {
        let connection = try TestServer.connect()
        let error = try #require(postgresError { try connection.execute("SELECT (\("Siân"))::date") })
        #expect(error.isPermanent)
        #expect(!"\(error)".contains("Siân"))
        let zero = postgresError { try connection.execute("SELECT \("a\0b")") }
        #expect(zero?.sqlState == "22021")
    }

    @Test func aSyntaxErrorIsNeither() throws {
        let connection = try TestServer.connect()
        let error = try #require(postgresError { try connection.execute("SELEKT 1") })
        #expect(error.sqlState == "42601")
        #expect(!error.isTransient && !error.isPermanent)
    }

    @Test func aKilledBackendIsTransientAndResetMends() throws {
        let connection = try TestServer.connect()
        let before = connection.backendPID
        try TestServer.connect().execute("SELECT pg_terminate_backend(\(before))")
        let error = try #require(postgresError { try connection.execute("SELECT 1") })
        #expect(error.isTransient)
        #expect(connection.isBroken)
        try connection.reset()
        #expect(try connection.execute("SELECT 1 AS v")[0].int("v") == 1)
        #expect(connection.backendPID != before)
    }

    @Test func aBackendKilledInsideATransactionIsTransient() throws {
        let connection = try TestServer.connect()
        let error = postgresError {
            try connection.transaction { transaction in
                try TestServer.connect().execute("SELECT pg_terminate_backend(\(connection.backendPID))")
                try transaction.execute("SELECT 1")
            }
        }
        #expect(error?.isTransient == true)
        try connection.reset()
        try connection.transaction { transaction in _ = try transaction.execute("SELECT 1") }
    }

    @Test func timeOutsOfTheSessionAreSet() throws {
        let connection = try TestServer.connect(.init(statementTimeoutMilliseconds: 50, lockTimeoutMilliseconds: 40))
        #expect(try connection.execute("SHOW lock_timeout")[0].string(0) == "40ms")
        #expect(postgresError { try connection.execute("SELECT pg_sleep(10)") }?.sqlState == "57014")
    }

    @Test func aLockThatIsNotGivenIsTransient() throws {
        let holder = try TestServer.connectToOwnSchema()
        let schema = try holder.execute("SELECT current_schema() AS s")[0].string("s")
        try holder.script("CREATE TABLE t (a int)")
        let other = try TestServer.connect(.init(lockTimeoutMilliseconds: 20))
        try holder.transaction { transaction in
            try transaction.execute("LOCK TABLE t")
            let error = postgresError { try other.execute("SELECT * FROM \(identifier: schema).t") }
            #expect(error?.sqlState == "55P03")
            #expect(error?.isTransient == true)
        }
    }

    @Test func nobodyThereIsTransient() throws {
        let error = postgresError {
            _ = try Connection("postgres://u:secret@127.0.0.1:1/d", applicationName: "tests")
        }
        #expect(error?.isTransient == true)
        #expect(error?.message.contains("secret") == false)
    }

    @Test func aWrongPasswordIsNotTransientAndNotRepeated() throws {
        let url = TestServer.server.url(user: "postgres", password: "wrong-secret")
        let error = postgresError { _ = try Connection(url, applicationName: "tests") }
        #expect(error?.sqlState == "28P01")
        #expect(error?.isTransient == false)
        #expect(error.map { "\($0)".contains("wrong-secret") } == false)
    }

    @Test(arguments: ["", "postgres//secret", "host=a password", "postgres://u:secret@h:x y/"])
    func aMalformedConnectionStringIsNotRepeated(_ text: String) throws {
        let error = postgresError { _ = try Connection(text, applicationName: "tests") }
        #expect(error.map { !"\($0)".contains("secret") } == true)
    }

    @Test func aClosedConnectionThrows() throws {
        let connection = try TestServer.connect()
        connection.close()
        #expect(connection.isBroken)
        #expect(postgresError { try connection.execute("SELECT 1") }?.isTransient == true)
    }

    @Test func aServerThatStopsIsTransientUntilItIsBack() throws {
        let folder = TestServer.folder + "-stopping"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try EmbeddedPostgres.start(in: folder)
        let connection = try Connection(server.ownerURL, applicationName: "tests")
        try connection.script("CREATE TABLE kept (a int); INSERT INTO kept VALUES (1)")
        try server.stop(mode: .immediate)
        #expect(postgresError { try connection.execute("SELECT 1") }?.isTransient == true)
        #expect(postgresError { try connection.reset() }?.isTransient == true)
        try server.restart()
        try connection.reset()
        #expect(try connection.execute("SELECT a FROM kept")[0].int("a") == 1)
        try server.stop()
    }
}
