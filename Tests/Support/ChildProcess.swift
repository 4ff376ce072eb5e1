import Foundation
import Synchronization

/// A program that the tests run, by `posix_spawn`: no descriptor of ours goes along, and it is reaped when asked about.
public final class ChildProcess: Sendable {
    public let processId: Int32
    private let status = Mutex<Int32?>(nil)

    /// Output goes to the end of the file `output`, errors to `errors`.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String], input: String = "/dev/null",
        output: String, errors: String
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        if errors == output {
            posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        closeOthers(&actions)
        // The copies by strdup are ours to free once the child has its own.
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        var settings: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for copy in words + settings { free(copy) } }
        var process = pid_t()
        let failure = posix_spawnp(&process, program, &actions, nil, &words, &settings)
        guard failure == 0 else { throw TestFault("\(program) cannot run: \(String(cString: strerror(failure)))") }
        processId = process
    }

    /// The exit status, or 128 and the signal, as a shell has it; `nil` while it runs.
    public var exitStatus: Int32? {
        status.withLock { status in
            if status != nil { return status }
            var raw: Int32 = 0
            guard waitpid(processId, &raw, WNOHANG) == processId else { return nil }
            status = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + raw & 0x7F
            return status
        }
    }

    public var isRunning: Bool { exitStatus == nil }

    /// Does nothing once the process was reaped, since numbers are used again.
    public func signal(_ signal: Int32) {
        if isRunning { kill(processId, signal) }
    }

    @discardableResult
    public func waitForExit(within limit: Duration = .seconds(60)) throws -> Int32 {
        var found: Int32?
        try wait("the end of process \(processId)", within: limit) {
            found = exitStatus
            return found != nil
        }
        return found!
    }

    /// By SIGKILL, and waits for it.
    public func end() {
        signal(SIGKILL)
        _ = try? waitForExit()
    }
}

/// Every descriptor of ours beyond the first three stays ours.
func closeOthers(_ actions: inout posix_spawn_file_actions_t) {
    let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    for descriptor in open.compactMap({ Int32($0) }) where descriptor > STDERR_FILENO {
        posix_spawn_file_actions_addclose(&actions, descriptor)
    }
}

/// What a command printed and how it ended.
public struct CommandResult: Sendable {
    public let status: Int32
    public let output: String
    public let errors: String

    public init(status: Int32, output: String, errors: String) {
        self.status = status
        self.output = output
        self.errors = errors
    }

    public var lines: [String] { output.split(separator: "\n").map(String.init) }
}

/// The test could not go on, in words.
public struct TestFault: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// Looks again and again until the condition holds.
public func wait(
    _ what: String, within limit: Duration = .seconds(120), every pause: Duration = .milliseconds(20),
    until condition: () throws -> Bool
) throws {
    let end = ContinuousClock.now + limit
    while try !condition() {
        guard ContinuousClock.now < end else { throw TestFault("not within \(limit): \(what)") }
        usleep(UInt32(pause / .microseconds(1)))
    }
}
