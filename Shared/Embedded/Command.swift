import Foundation

/// Runs a command to its end, with its output in a file.
///
/// Not by Foundation's `Process`: that waits on a socket which the server inherits through pg_ctl, so it would wait for
/// as long as the server runs. For the same reason the output is no pipe, and every other descriptor is closed.
func runCommand(_ words: [String]) throws -> (status: Int32, output: String) {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("quorate-\(UUID().uuidString)").path
    defer { unlink(path) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
    for descriptor in openDescriptors() where descriptor > STDERR_FILENO {
        posix_spawn_file_actions_addclose(&actions, descriptor)
    }

    // Another user may not be able to enter our own working folder, so env goes to / first. The copies by strdup are
    // ours to free once the child has its own.
    var arguments: [UnsafeMutablePointer<CChar>?] = (["/usr/bin/env", "--chdir=/"] + words).map { strdup($0) } + [nil]
    let settings = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "TZ=UTC"]
    var environment: [UnsafeMutablePointer<CChar>?] = settings.map { strdup($0) } + [nil]
    defer { for copy in arguments + environment { free(copy) } }
    var process = pid_t()
    let failure = posix_spawn(&process, arguments[0]!, &actions, nil, &arguments, &environment)
    guard failure == 0 else { throw EmbeddedError("\(words[0]) cannot run: \(String(cString: strerror(failure)))") }
    return (try waitForExit(process), (try? String(contentsOfFile: path, encoding: .utf8)) ?? "")
}

private func openDescriptors() -> [Int32] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return names.compactMap { Int32($0) }
}

/// The exit status, or 128 and the signal, as a shell has it.
private func waitForExit(_ process: pid_t) throws -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) == -1 {
        guard errno == EINTR else { throw EmbeddedError("the end of process \(process) was not seen") }
    }
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
}
