import CaseEvents
import Foundation
import TestSupport
import Testing
import Workers

/// Twenty schedules of faults on the worker as a process: killed in the midst of sending, with a server that breaks off at any
/// stage, a database that restarts, a database put back to an earlier state.
@Suite struct NoticeFaultTests {
    /// A mail server that counts what it took, by Message-ID. It breaks off at any stage, keeping its own account of what it had.
    private static let stages = ["CONNECT", "EHLO,HELO", "MAIL", "RCPT", "DATA", ".", "QUIT"]
    private static let noticesARound = 12

    private static func staff() -> [String] {
        var events = NoticeEvents()
        for number in 0..<noticesARound {
            events.person("SW-\(number)", "social_worker")
            events.allocate("SW-\(number)", to: "K-\(number)", case: "C-\(number)")
        }
        return events.lines
    }

    private static func say(_ system: TestSystem) throws -> [String] {
        try (0..<noticesARound).map {
            try system.say("review_due_notice", to: ["social_worker"], child: "K-\($0)", case: "C-\($0)")
        }
    }

    private static func count(_ state: String, _ system: TestSystem) throws -> Int64 {
        try system.number("SELECT count(*) FROM notifications.message WHERE state = \(state)")
    }

    /// By SMTP nobody can ask: what broke off is `unknown`, and never sent again of itself.
    @Test(arguments: [1, 2] as [UInt64]) func bySMTP(seed: UInt64) async throws {
        let lines = Self.staff()
        try await TestSystem.with(.init(partitions: 4, ownCluster: seed == 1)) { system in
            var random = SeededGenerator(seed: seed)
            let (port, folder) = (ServerProgram.freePort(), system.folder + "/sink")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let own = getuid() == 0 ? ["-u", "root"] : []
            func sink(_ arguments: [String]) throws -> ServerProgram {
                try ServerProgram(
                    "/usr/sbin/smtp-sink", own + arguments + ["-d", "\(folder)/%s-%M.", "127.0.0.1:\(port)", "100"],
                    port: port, output: system.folder + "/sink.log")
            }
            func taken() throws -> [String] { try SMTPTests.complete(in: folder, system) }
            let worker = try system.start(
                [.notifications], environment: ["QUORATE_MAIL": "smtp://127.0.0.1:\(port)", "QUORATE_MAIL_TLS": "none"])[
                    0]
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            var doubts = 0
            for round in 0..<5 {
                // Once at least at the stage that leaves a doubt.
                let stage = round == 0 ? "." : Self.stages.randomElement(using: &random)!
                var server: ServerProgram? = try sink(["-q", stage])
                let before = try Self.count("sent", system) + Self.count("unknown", system)
                let notices = try Self.say(system)
                try wait("attempts of round \(round)") {
                    try system.number(
                        "SELECT count(*) FROM notifications.message WHERE notice_id = ANY(\(notices)::uuid[]) AND attempts > 0"
                    ) > 0
                }
                server = nil
                server = try sink([])
                try system.connection.execute(
                    "UPDATE notifications.message SET next_attempt_at = now() WHERE state = 'intended'")
                let some = before + Int64.random(in: 1...6, using: &random)
                try wait("some of round \(round)") {
                    try Self.count("sent", system) + Self.count("unknown", system) >= some
                }
                worker.crash()
                if seed == 1 && round == 2 {
                    try system.cluster.postgres.stop(mode: .immediate)
                    try system.cluster.postgres.restart()
                    // The test's own session ended with the server.
                    _ = try? system.number("SELECT 1")
                }
                try worker.launch()
                try Self.settle(system)
                // Each ambiguity is shown, and a person decides by what the reader has.
                let have = Set(try taken())
                let unknown = try system.strings(
                    "SELECT message_id::text FROM notifications.message WHERE state = 'unknown'")
                doubts += unknown.count
                for id in unknown {
                    try system.quorate("notices", have.contains(id) ? "abandon" : "resend", id, "--reason", "asked")
                }
                try Self.settle(system)
                withExtendedLifetime(server) {}
            }
            let all = try taken()
            #expect(Set(all).count == all.count, "a message twice")
            #expect(all.count == 5 * Self.noticesARound)
            #expect(try system.strings("SELECT message_id::text FROM notifications.message").sorted() == all)
            #expect(try Self.count("sent", system) + Self.count("discarded", system) == all.count)
            #expect(doubts > 0)
        }
    }

    /// Notify is asked by reference: nothing is left in doubt.
    @Test(arguments: [3, 4] as [UInt64]) func byNotify(seed: UInt64) async throws {
        let lines = Self.staff()
        try await TestSystem.with(.init(partitions: 4)) { system in
            var random = SeededGenerator(seed: seed)
            let stub = try NotifyTests.stub(system)
            let worker = try system.start([.notifications], environment: NotifyTests.settings(stub))[0]
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            for round in 0..<5 {
                let faults = (0..<3).map { _ in
                    ["500", "close", "accept 500", "accept close"].randomElement(using: &random)!
                }
                _ = try system.write("notify/faults", faults.joined(separator: "\n"))
                let before = NotifyTests.lines("accepted", system).count
                _ = try Self.say(system)
                let some = before + Int.random(in: 1...6, using: &random)
                try wait("some of round \(round)") { NotifyTests.lines("accepted", system).count >= some }
                worker.crash()
                if round == 3 { try Self.restore(system) }
                try worker.launch()
                try Self.settle(system)
            }
            let all = try NotifyTests.references(system)
            #expect(Set(all).count == all.count, "a message twice")
            #expect(all.count == 5 * Self.noticesARound)
            #expect(try NotifyTests.sent(system) == all)
        }
    }

    /// As a backup has it that was taken before anything was sent: nothing is known of any message.
    private static func restore(_ system: TestSystem) throws {
        try system.connection.execute("DELETE FROM notifications.message")
        try system.connection.execute("UPDATE notifications.notice SET addressed_at = NULL")
    }

    /// What was under way when the worker died is taken up after five minutes, and what was deferred after a while: the test moves
    /// the clock of those rows instead.
    private static func settle(_ system: TestSystem) throws {
        try system.waitUntilCaughtUp {
            try system.connection.execute(
                """
                UPDATE notifications.message SET next_attempt_at = now()
                 WHERE (state = 'intended' AND next_attempt_at > now())
                    OR (state = 'sending' AND next_attempt_at > now() AND next_attempt_at - interval '295 seconds' < now())
                """)
        }
    }
}
