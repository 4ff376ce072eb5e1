import Foundation
import Postgres
import TestSupport
import Testing

@testable import Board

/// What the board does when more is asked of it than it can do, when PostgreSQL or the issuer fails it, and when the issuer
/// is not who it should be.
@Suite struct BoardLimitTests {
    /// Four sessions with PostgreSQL, for each of which 16 pages may wait: 64. Of 70 that find a table locked the other six
    /// are told to come again at once.
    @Test func moreThanMayWaitAreToldSo() async throws {
        try await BoardTests.served { system, origin in
            let owner = try system.newConnection()
            defer { owner.close() }
            try owner.script("BEGIN; LOCK TABLE reporting.duty IN ACCESS EXCLUSIVE MODE")
            let page = "\(origin)/authorities/\(BoardTests.swindon)/overdue"
            let asking = try Asking([page, "70", try BoardTests.link(system, origin)], in: system.folder)
            defer { asking.process.end() }
            try wait("the pages that may not wait", within: .seconds(30)) { asking.answers.count >= 6 }
            #expect(asking.answers == Array(repeating: "503 The board is busy", count: 6))
            try owner.script("ROLLBACK")
            try asking.process.waitForExit()
            #expect(asking.answers.count { $0 == "200 Overdue" } == 64)
        }
    }

    /// Of 20 who want to sign in while the issuer says nothing 16 wait for it.
    @Test func theIssuerSaysNothing() async throws {
        let silent = try SilentServer()
        try await BoardTests.served(Self.issuer(silent.port)) { system, origin in
            let asking = try Asking(["\(origin)/sign-in/start", "20"], in: system.folder)
            defer { asking.process.end() }
            try wait("those who may not wait", within: .seconds(30)) { asking.answers.count >= 4 }
            #expect(asking.answers == Array(repeating: "503 The board is busy", count: 4))
            silent.end()
            try asking.process.waitForExit()
            #expect(asking.answers.count { $0 == "502 Sign-in does not work at the moment" } == 16)
        }
    }

    /// While nobody may connect a page says so; afterwards it is there again, with the same session.
    @Test func withoutPostgreSQLThePageSaysSo() async throws {
        try await BoardTests.served { system, origin in
            let page = "\(origin)/authorities/\(BoardTests.swindon)/overdue"
            #expect(try Self.status(try BoardTests.link(system, origin), system) == "303")
            #expect(try Self.status(page, system) == "200")
            try system.connection.script(
                """
                REVOKE CONNECT ON DATABASE \(system.database) FROM PUBLIC;
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE usename = 'quorate_board' AND datname = current_database();
                """)
            #expect(try Self.status(page, system) == "503")
            try system.connection.script("GRANT CONNECT ON DATABASE \(system.database) TO PUBLIC")
            #expect(try Self.status(page, system) == "200")
        }
    }

    /// An issuer that gives itself another name is not the one that was set; one whose answer cannot be read signs nobody in.
    @Test func theIssuerIsNotWhoItShouldBe() async throws {
        let port = ServerProgram.freePort()
        let folder = "\(Places.folder)/issuer-\(port)"
        try FileManager.default.createDirectory(
            atPath: folder + "/.well-known", withIntermediateDirectories: true)
        let server = try ServerProgram(
            "python3", ["-m", "http.server", "\(port)", "--bind", "127.0.0.1", "--directory", folder], port: port,
            output: folder + ".log")
        defer { server.process.end() }
        @Sendable func say(_ text: String) throws {
            try text.write(
                toFile: folder + "/.well-known/openid-configuration", atomically: true, encoding: .utf8)
        }
        @Sendable func names(_ issuer: String) throws {
            try say(
                """
                {"issuer":"\(issuer)","authorization_endpoint":"https://issuer.example/auth",
                 "token_endpoint":"https://issuer.example/token","jwks_uri":"https://issuer.example/keys"}
                """)
        }
        try names("http://127.0.0.1:1")
        try await BoardTests.served(Self.issuer(port)) { system, origin in
            let start = "\(origin)/sign-in/start"
            #expect(try Self.status(start, system) == "401")
            try say("no JSON")
            #expect(try Self.status(start, system) == "502")
            // It is not asked again for ten seconds, whatever it would say.
            try names("http://127.0.0.1:\(port)")
            #expect(try Self.status(start, system) == "502")
            try wait("another look at the issuer", within: .seconds(30), every: .milliseconds(500)) {
                try Self.status(start, system) == "303"
            }
        }
    }

    /// Codes, secrets and keys go over TLS: every address that the issuer names must have it, but where the issuer itself is
    /// on this machine.
    @Test func anIssuerMustNameAddressesWithTLS() {
        func isSafe(_ issuer: String, _ authorization: String, _ token: String, _ keys: String) -> Bool {
            OpenID.Provider(
                issuer: issuer, authorizationEndpoint: authorization, tokenEndpoint: token, jwksUri: keys
            ).isSafe
        }
        let (issuer, good, bad) = ("https://issuer.example", "https://issuer.example/x", "http://issuer.example/x")
        #expect(isSafe(issuer, good, good, good))
        #expect(isSafe(issuer, good, "HTTPS://issuer.example/x", good))
        #expect(!isSafe(issuer, bad, good, good))
        #expect(!isSafe(issuer, good, bad, good))
        #expect(!isSafe(issuer, good, good, bad))
        #expect(!isSafe(issuer, good, good, "file:///keys"))
        #expect(isSafe("http://127.0.0.1:8080", bad, bad, bad))
        #expect(!isSafe("http://issuer.example", good, good, good))
        #expect(!isSafe("http://127.0.0.1.example", good, good, good))
    }

    // MARK: Parts

    private static func issuer(_ port: Int) -> [String: String] {
        ["QUORATE_BOARD_ISSUER": "http://127.0.0.1:\(port)", "QUORATE_BOARD_CLIENT_ID": "board"]
    }

    private static func status(_ url: String, _ system: TestSystem) throws -> String {
        try system.run([BoardTests.script("status.py"), url, system.folder + "/jar"], program: "python3").output
    }

    /// Many requests at once, by a program whose answers come line by line.
    private struct Asking {
        let process: ChildProcess
        private let file: String

        init(_ arguments: [String], in folder: String) throws {
            file = folder + "/answers"
            process = try ChildProcess(
                "python3", [BoardTests.script("limits.py")] + arguments, environment: Places.environment, output: file,
                errors: file)
        }

        var answers: [String] {
            ((try? String(contentsOfFile: file, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
        }
    }

    /// Takes connections and says nothing.
    private struct SilentServer {
        let port: Int
        private let descriptor: Int32

        init() throws {
            port = ServerProgram.freePort()
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let isBound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            guard isBound, listen(descriptor, 64) == 0 else { throw TestFault("no port for a silent server") }
        }

        /// Those who wait are cut off.
        func end() { close(descriptor) }
    }
}
