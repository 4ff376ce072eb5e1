import Foundation
import TestSupport
import Testing
import Workers

/// Several messages are under way at once, and the next are committed meanwhile: how many are in doubt, and when.
@Suite struct CourierTests {
    /// Two messages a connection are committed together, and as many while they are under way.
    private static let inDoubtAtMost = 12

    /// Takes each message, and says so many seconds later.
    private static func server(_ port: Int, answersAfter seconds: Int, _ system: TestSystem) throws -> ServerProgram {
        try ServerProgram(
            "/usr/bin/python3", [ServerProgram.script("slow_server.py"), folder(system), "\(seconds)", "\(port)"],
            port: port,
            output: system.folder + "/server")
    }

    private static func folder(_ system: TestSystem) -> String { system.folder + "/box" }

    private static func settings(_ port: Int) -> [String: String] {
        ["QUORATE_MAIL": "smtp://127.0.0.1:\(port)", "QUORATE_MAIL_TLS": "none"]
    }

    /// What the server has taken, answered or not.
    private static func taken(_ system: TestSystem) throws -> [String] {
        try FileManager.default.fileExists(atPath: folder(system)) ? SMTPTests.ids(in: folder(system), system) : []
    }

    private static func count(_ state: String, _ system: TestSystem) throws -> Int64 {
        try system.number("SELECT count(*) FROM notifications.message WHERE state = \(state)")
    }

    /// The server has taken a message on each of three connections and says nothing as the worker dies. What was committed is in
    /// doubt, which is no more than stated; the rest is sent; nothing is taken twice.
    @Test func killedWithTwoChunksCommitted() async throws {
        let (lines, port) = (SMTPTests.staff(), ServerProgram.freePort())
        try await TestSystem.with { system in
            var server: ServerProgram? = try Self.server(port, answersAfter: 100, system)
            let worker = try system.start([.notifications], environment: Self.settings(port))[0]
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            try system.quorate("notices", "pause", "--reason", "until all are written")
            for _ in 1...30 { try system.say("review_due_notice", to: ["social_worker"]) }
            try wait("thirty messages") { try Self.count("intended", system) == 30 }
            try system.quorate("notices", "resume")
            try wait("the server to have three, and two chunks to be committed") {
                try Self.taken(system).count == 3
                    && Self.count("sending", system) == Self.inDoubtAtMost
            }
            let taken = try Self.taken(system)
            worker.crash()
            server = nil
            server = try Self.server(port, answersAfter: 0, system)
            // What a dead worker left under way is taken up after five minutes: the test moves the clock of those rows.
            try system.connection.execute(
                "UPDATE notifications.message SET next_attempt_at = now() WHERE state = 'sending'")
            try worker.launch()
            try system.waitUntilCaughtUp()
            let unknown = try system.strings(
                "SELECT message_id::text FROM notifications.message WHERE state = 'unknown'")
            let why = try system.strings(
                "SELECT attempts || ': ' || outcome FROM notifications.message WHERE state = 'unknown' ORDER BY 1")
            #expect(unknown.count == Self.inDoubtAtMost, "\(why)")
            #expect(Set(taken).isSubset(of: unknown))
            #expect(try Self.count("sent", system) == 30 - unknown.count)
            let all = try Self.taken(system)
            #expect(all.count == Set(all).count && all.count == 30 - unknown.count + taken.count)
            withExtendedLifetime(server) {}
        }
    }

    /// The database restarts while the server has the messages: the worker has not forgotten what became of them, and nothing is in doubt.
    @Test func databaseRestartsMeanwhile() async throws {
        let (lines, port) = (SMTPTests.staff(), ServerProgram.freePort())
        try await TestSystem.with(.init(ownCluster: true)) { system in
            let server = try Self.server(port, answersAfter: 3, system)
            try system.start([.notifications], environment: Self.settings(port))
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            for _ in 1...6 { try system.say("review_due_notice", to: ["social_worker"]) }
            try wait("the attempts") { try Self.count("sending", system) > 0 }
            try system.cluster.postgres.stop(mode: .immediate)
            try system.cluster.postgres.restart()
            // The test's own session ended with the server.
            _ = try? system.number("SELECT 1")
            try system.waitUntilCaughtUp()
            try wait("the outcomes") { try Self.count("sent", system) == 6 }
            #expect(try system.number("SELECT max(attempts) FROM notifications.message") == 1)
            #expect(try Self.taken(system) == SMTPTests.sent(system))
            withExtendedLifetime(server) {}
        }
    }
}
