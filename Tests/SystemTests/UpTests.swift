import Foundation
import TestSupport
import Testing

/// `quorate up` and `quorate run` as a person uses them: what is started is ended, whatever comes between.
@Suite struct UpTests {
    /// Held tomorrow: taken, and nobody is told of anything yet.
    private static func event(_ id: String, note: String = "none") -> String {
        discussion(id, case: "C-1", held: ISO8601DateFormatter().string(from: Date() + 86_400), note: note)
    }

    @Test func upIsStartedUsedAndEnded() async throws {
        try await withTaskExecutorPreference(ThreadPerJob.shared) {
            let up = try LocalUp("up")
            try up.start()
            let second = try up.quorate("up", exits: 1)
            #expect(second.errors.contains("already running"), "\(second.errors)")

            // A line is named by its place in the file, blank ones counted; the rest is sent, up to an event of 1 MiB.
            let file = up.folder + "/events.jsonl"
            let lines = [
                "", Self.event("e-1"), "", "{}", Self.event("e-2", note: String(repeating: "x", count: 1_048_000)), "",
            ]
            try lines.joined(separator: "\n").write(toFile: file, atomically: false, encoding: .utf8)
            let published = try up.quorate("publish", file, exits: 1)
            #expect(published.output.contains("2 accepted, 1 refused"), "\(published.output)")
            #expect(published.errors.hasPrefix("line 4: "), "\(published.errors)")
            #expect(up.said.contains(/board +http:\/\/127\.0\.0\.1:\d+\/sign-in\/link\?token=/), "\(up.said)")

            let killed = try #require(up.children["scheduling"])
            kill(killed, SIGKILL)
            try wait("the scheduling worker's restart") {
                up.said.contains("scheduling ended (9); starting it again")
                    && up.children["scheduling"].map { $0 != killed } == true
            }
            kill(try #require(up.server), SIGKILL)
            try wait("the database's restart") {
                guard up.said.contains("PostgreSQL ended; starting it again") else { return false }
                return try up.command(["status"]).output.contains(/scheduling +lag 0, outbox empty, connected/)
            }
            try publishThroughAPipe(up)
            // Nobody is in a directory here: messages that fall due meanwhile reach no one, which status calls wrong.
            try wait("the scheduling worker with nothing left to do") {
                try up.command(["status"]).output.contains(/scheduling +lag 0, outbox empty, connected/)
            }

            let all = up.processes
            #expect(all.count == 6, "up, four workers and PostgreSQL: \(all)")
            #expect(try up.end(by: SIGTERM) == 0)
            #expect(up.said.contains("Stopping."))
            #expect(LocalUp.alive(all).isEmpty, "nothing is left running")
            #expect(try up.quorate("status", exits: 2).errors.contains("no system found"))
        }
    }

    /// Each line is sent though the pipe stays open.
    private func publishThroughAPipe(_ up: LocalUp) throws {
        let pipe = up.folder + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let publish = try up.launch(["publish", pipe], output: up.folder + "/publish")
        // For reading too: then the open waits for nobody.
        let end = open(pipe, O_RDWR | O_CLOEXEC)
        let line = Array((Self.event("e-3") + "\n").utf8)
        #expect(write(end, line, line.count) == line.count)
        // The workers come to it in any order.
        try wait("what became of the line", every: .milliseconds(500)) {
            let trace = try up.command(["trace", "e-3"])
            return trace.status == 0
                && ["taken", "drawn into the read models of", "is leaf"].allSatisfy { trace.output.contains($0) }
        }
        #expect(publish.isRunning)
        close(end)
        #expect(try publish.waitForExit() == 0)
        #expect(try String(contentsOfFile: up.folder + "/publish", encoding: .utf8) == "1 accepted, 0 refused\n")
    }

    /// Killed, it leaves processes and a note of itself behind; the next start is not misled, keeps the data, and ends them. It
    /// ends in order with its terminal, though nobody reads what it says.
    @Test func upComesBackAfterItWasKilled() async throws {
        try await withTaskExecutorPreference(ThreadPerJob.shared) {
            let up = try LocalUp("killed")
            try up.start()
            let file = up.folder + "/events.jsonl"
            try (Self.event("e-1") + "\n").write(toFile: file, atomically: false, encoding: .utf8)
            try up.quorate("publish", file)
            let orphans = up.processes
            _ = try up.end(by: SIGKILL)
            #expect(FileManager.default.fileExists(atPath: up.folder + "/running.json"))
            #expect(try up.quorate("status", exits: 2).errors.contains("no system found"))

            try up.start(through: "head -n 1")
            #expect(try up.quorate("trace", "e-1").output.contains("taken"))
            try wait("the end of the former workers") { LocalUp.alive(orphans).isEmpty }
            let all = up.processes
            #expect(all.count == 6, "\(all)")
            _ = try up.end(by: SIGHUP)
            #expect(LocalUp.alive(all).isEmpty, "nothing is left running")
        }
    }

    /// Where one worker cannot be started, none is left running.
    @Test func aStartThatFailsLeavesNothing() async throws {
        try await withTaskExecutorPreference(ThreadPerJob.shared) {
            let up = try LocalUp("incomplete")
            let programs = up.folder + "/bin"
            try FileManager.default.createDirectory(atPath: programs, withIntermediateDirectories: true)
            // A copy of ours would be open for writing in any child that another test starts meanwhile, and no program.
            let copy = try ChildProcess(
                "cp", ["quorate", "scheduling"].map { "\(Places.executables)/\($0)" } + [programs],
                environment: Places.environment, output: up.folder + "/cp", errors: up.folder + "/cp")
            #expect(try copy.waitForExit() == 0)
            let result = try up.command(["up"], program: programs + "/quorate")
            #expect(result.status == 1)
            #expect(result.errors.contains("\(programs)/notifications is not there"), "\(result.errors)")
            #expect(up.leftByAnyone.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: up.folder + "/running.json"))
        }
    }

    @Test func runShowsTheSystemAndEmptiesOnlyItsOwn() async throws {
        try await withTaskExecutorPreference(ThreadPerJob.shared) {
            let up = try LocalUp("sample")
            let kept = up.folder + "/kept"
            try "mine".write(toFile: kept, atomically: false, encoding: .utf8)
            let refused = try up.quorate("run", exits: 2)
            #expect(refused.errors.contains("would be emptied"), "\(refused.errors)")
            #expect(try String(contentsOfFile: kept, encoding: .utf8) == "mine")
            try FileManager.default.removeItem(atPath: kept)

            for _ in 0..<2 {
                let result = try up.command(["run", "--cases", "5"])
                #expect(result.status == 0, "\(result.errors)")
                for words in [
                    "Cases     5 cases", "Duties", "Messages", "/mail/new", "Lists", "nothing in quarantine", "all fit",
                ] {
                    #expect(result.output.contains(words), "\(words) in \(result.output)")
                }
                #expect(up.leftByAnyone.isEmpty)
            }
        }
    }
}

/// A `quorate up` in a folder of its own, and the commands that find it there.
private final class LocalUp {
    let folder: String
    private var process: ChildProcess?
    private var output: String { folder + ".out" }

    init(_ name: String) throws {
        folder = "\(Places.folder)/local-\(name)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    var said: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }

    /// Waits until it is up; through a program that takes what it says, if one is named.
    func start(through reader: String? = nil) throws {
        if let reader {
            // Whoever runs the tests may have closed its ears to the end of a terminal.
            let script = "env --default-signal=HUP '\(Places.executables)/quorate' up --data '\(folder)' | \(reader)"
            process = try launch(["-c", script], program: "/bin/sh", output: output)
        } else {
            process = try launch(["up"], output: output)
        }
        try wait("four workers, and the file by which commands find them") {
            guard process!.isRunning else { throw TestFault("quorate up ended: \(said)") }
            return children.count == 4 && FileManager.default.fileExists(atPath: folder + "/running.json")
        }
    }

    /// Gives a signal to `quorate up` itself, and waits for its end.
    func end(by signal: Int32) throws -> Int32 {
        kill(own, signal)
        return try process!.waitForExit(within: .seconds(90))
    }

    func launch(_ arguments: [String], program: String? = nil, output: String) throws -> ChildProcess {
        try ChildProcess(
            program ?? "\(Places.executables)/quorate", arguments,
            environment: Places.environment.merging(["QUORATE_DATA": folder]) { $1 }, output: output, errors: output)
    }

    func command(_ arguments: [String], program: String? = nil) throws -> CommandResult {
        let base = "\(Places.folder)/command-\(UUID().uuidString)"
        let more = arguments.first == "run" ? ["--data", folder] : []
        let process = try ChildProcess(
            program ?? "\(Places.executables)/quorate", arguments + more,
            environment: Places.environment.merging(["QUORATE_DATA": folder]) { $1 }, output: base + ".out",
            errors: base + ".err")
        defer { process.end() }
        let status = try process.waitForExit(within: .seconds(240))
        func text(_ end: String) -> String { (try? String(contentsOfFile: base + end, encoding: .utf8)) ?? "" }
        return CommandResult(status: status, output: text(".out"), errors: text(".err"))
    }

    @discardableResult
    func quorate(_ arguments: String..., exits status: Int32 = 0) throws -> CommandResult {
        let result = try command(arguments)
        #expect(result.status == status, "\(arguments): \(result.output) \(result.errors)")
        return result
    }

    // MARK: Processes

    /// Of `quorate up`: the process started, or its child where a shell is between.
    private var own: Int32 {
        let started = process!.processId
        return LocalUp.all().first { $0.parent == started && $0.name == "quorate" }?.id ?? started
    }

    var children: [String: Int32] {
        let own = own
        let found = LocalUp.all().filter { $0.parent == own && !$0.isZombie }
        return Dictionary(found.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
    }

    /// Itself, its workers and the server of its database.
    var processes: Set<Int32> { Set([own] + children.values + [server].compactMap(\.self)) }

    var server: Int32? {
        (try? String(contentsOfFile: folder + "/postgres/data/postmaster.pid", encoding: .utf8))
            .flatMap { $0.split(separator: "\n").first }.flatMap { Int32($0) }
    }

    /// Processes that name its folder, whoever their parent is.
    var leftByAnyone: [String] {
        LocalUp.all().filter { !$0.isZombie && ($0.words.contains(folder) || $0.settings.contains("=\(folder)")) }
            .map { "\($0.id) \($0.name)" }
    }

    static func alive(_ processes: Set<Int32>) -> [Int32] {
        all().filter { processes.contains($0.id) && !$0.isZombie }.map(\.id)
    }

    private struct Running {
        let id: Int32
        let parent: Int32
        let name: String
        let isZombie: Bool
        private func file(_ name: String) -> String {
            String(decoding: FileManager.default.contents(atPath: "/proc/\(id)/\(name)") ?? Data(), as: UTF8.self)
        }
        var words: String { file("cmdline") }
        var settings: String { file("environ") }

        /// From a line as `4711 (scheduling) S 4700 ...`.
        init?(_ text: String) {
            guard let match = text.firstMatch(of: #/^(\d+) \((.*)\) (\S) (\d+) /#) else { return nil }
            (id, parent) = (Int32(match.output.1)!, Int32(match.output.4)!)
            (name, isZombie) = (String(match.output.2), match.output.3 == "Z")
        }
    }

    private static func all() -> [Running] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).filter { Int32($0) != nil }
            .compactMap { try? String(contentsOfFile: "/proc/\($0)/stat", encoding: .utf8) }.compactMap(Running.init)
    }
}
