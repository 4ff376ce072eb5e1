import Foundation

/// Where things are: the executables beside the tests, and one folder for everything that a test process makes.
public enum Places {
    /// The build folder that holds this test bundle.
    public static let executables: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: own).deletingLastPathComponent().path
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
        let candidates = [beside, root + "/.build/release", root + "/.build/debug"]
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0 + "/quorate") } ?? beside
    }()

    /// Of this process; a watchdog ends what was started here and removes the folder when the process is gone, however
    /// it went.
    public static let folder: String = {
        let path = FileManager.default.temporaryDirectory.path + "/quorate-tests-\(runId)"
        let mode: [FileAttributeKey: Any] = [.posixPermissions: 0o755]
        try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true, attributes: mode)
        startWatchdog(path)
        return path
    }()

    /// In the environment of every child, by which the watchdog knows them.
    static let runId = "\(getpid())-\(String(UInt32.random(in: .min ... .max), radix: 16))"
    static let runVariable = "QUORATE_TEST_RUN"

    /// The least that programs need: nothing of the developer's own settings.
    public static var environment: [String: String] {
        var kept = [runVariable: runId]
        for name in ["PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR"] {
            kept[name] = ProcessInfo.processInfo.environment[name]
        }
        return kept
    }

    /// Whether a glance is wanted (`make check`): fewer rounds of what is shown again and again.
    public static let isBrief = ProcessInfo.processInfo.environment["QUORATE_BRIEF"] != nil

    /// A shell that waits on a pipe whose other end only this process holds. With `QUORATE_TEST_KEEP` set it leaves the
    /// folder.
    private static func startWatchdog(_ folder: String) {
        let script = """
            trap '' INT TERM HUP
            cat > /dev/null
            for process in /proc/[0-9]*; do
                if tr '\\0' '\\n' < $process/environ 2> /dev/null | grep -qx '\(runVariable)=\(runId)'; then
                    kill -KILL ${process#/proc/}
                fi
            done
            for file in $(find '\(folder)' -maxdepth 4 -name postmaster.pid); do
                process=$(head -n 1 $file)
                if tr '\\0' '\\n' < /proc/$process/cmdline | grep -q '^\(folder)/'; then
                    kill -QUIT $process
                    for turn in 1 2 3 4 5 6 7 8 9 10; do [ -d /proc/$process ] && sleep 0.2; done
                fi
            done
            [ -n "$QUORATE_TEST_KEEP" ] || rm -rf '\(folder)'
            """
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
        for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
        }
        closeOthers(&actions)
        let keep = ProcessInfo.processInfo.environment["QUORATE_TEST_KEEP"] ?? ""
        var words: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/sh"), strdup("-c"), strdup(script), nil]
        var settings: [UnsafeMutablePointer<CChar>?] = [
            strdup("PATH=/usr/bin:/bin"), strdup("QUORATE_TEST_KEEP=\(keep)"), nil,
        ]
        defer { for copy in words + settings { free(copy) } }
        var process = pid_t()
        precondition(posix_spawn(&process, "/bin/sh", &actions, nil, &words, &settings) == 0)
        close(ends[0])
    }
}
