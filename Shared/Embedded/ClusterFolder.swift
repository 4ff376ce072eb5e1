import Foundation

/// The cluster on disk: how it is made, started and stopped.
struct ClusterFolder {
    let path: String
    private var data: String { path + "/data" }

    /// Runs initdb where there is no cluster. It works beside the final place, so that a start that was cut short
    /// leaves nothing that looks like a cluster.
    func create(_ tools: PostgresTools) throws -> ClusterAccess {
        if FileManager.default.fileExists(atPath: data + "/PG_VERSION") {
            guard var access = ClusterAccess.read(folder: path) else {
                throw EmbeddedError("\(path)/settings is missing or unreadable: it holds the password of the cluster")
            }
            if !ClusterAccess.isFree(port: access.port) { access.port = try ClusterAccess.freePort() }
            return access
        }
        let access = ClusterAccess(
            port: try ClusterAccess.freePort(), password: ClusterAccess.randomPassword(), database: "postgres")
        try access.write(folder: path, database: access.database, tools: tools)
        let (new, passwordFile) = (data + ".new", path + "/password.new")
        try? FileManager.default.removeItem(atPath: new)
        try tools.writePrivately(Data(access.password.utf8), to: passwordFile)
        defer { try? FileManager.default.removeItem(atPath: passwordFile) }
        let result = try tools.run(
            program: "initdb",
            [
                "--pgdata=\(new)", "--username=\(ClusterAccess.superuser)", "--pwfile=\(passwordFile)",
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-sync",
                "--no-instructions",
            ])
        guard result.status == 0 else { throw EmbeddedError("initdb failed: \(result.output)") }
        let configuration = new + "/postgresql.conf"
        let text = try String(contentsOfFile: configuration, encoding: .utf8) + "\ninclude 'quorate.conf'\n"
        try tools.writePrivately(Data(text.utf8), to: configuration)
        guard rename(new, data) == 0 else { throw EmbeddedError("\(data) cannot be made") }
        return access
    }

    /// Starts the server in a session of its own (pg_ctl sees to that), so that Ctrl-C reaches us alone; waits until it
    /// accepts connections.
    func launch(_ tools: PostgresTools, port: Int, settings: [String: String]) throws {
        var all = ["listen_addresses": "127.0.0.1", "port": String(port), "unix_socket_directories": ""]
        all.merge(["log_min_messages": "warning", "log_min_error_statement": "panic"]) { $1 }
        all.merge(settings) { $1 }
        let lines = all.sorted { $0.key < $1.key }.map { name, value in
            "\(name) = '\(value.replacingOccurrences(of: "'", with: "''"))'\n"
        }
        try tools.writePrivately(Data(lines.joined().utf8), to: data + "/quorate.conf")
        let result = try tools.run(
            program: "pg_ctl", ["start", "-D", data, "-l", path + "/server.log", "-w", "-t", "60"])
        guard result.status == 0 else {
            let log = (try? String(contentsOfFile: path + "/server.log", encoding: .utf8)) ?? ""
            let end = log.split(separator: "\n").suffix(5).joined(separator: "\n")
            throw EmbeddedError("PostgreSQL does not start in \(path); its log ends with:\n\(end)")
        }
    }

    func stop(_ tools: PostgresTools, mode: String) throws {
        guard serverProcess() != nil else { return }
        let result = try tools.run(program: "pg_ctl", ["stop", "-D", data, "-m", mode, "-w", "-t", "60"])
        guard result.status == 0 || serverProcess() == nil else {
            throw EmbeddedError("PostgreSQL does not stop in \(path): \(result.output)")
        }
    }

    /// Stops what runs here, and clears up after what was killed. We hold the lock, so it is ours or has no owner.
    func clear(_ tools: PostgresTools) throws {
        try stop(tools, mode: "fast")
        let deadline = ContinuousClock.now + .seconds(10)
        // Of a server that was killed, sessions live on until they next look up.
        while try tools.hasProcesses(in: data) {
            guard ContinuousClock.now < deadline else {
                throw EmbeddedError("processes of an earlier server still work in \(data)")
            }
            usleep(20_000)
        }
        // Its number may be another's by now, or a zombie's that nobody collects; PostgreSQL would refuse to start.
        unlink(data + "/postmaster.pid")
    }

    /// The server's process id, if it lives: the first line of `postmaster.pid`, believed only if that process was
    /// started for this folder, since numbers are used again.
    func serverProcess() -> Int32? {
        guard let text = try? String(contentsOfFile: data + "/postmaster.pid", encoding: .utf8),
            let line = text.split(separator: "\n").first, let process = Int32(line),
            let command = FileManager.default.contents(atPath: "/proc/\(process)/cmdline"),
            command.split(separator: 0).contains(where: { $0.elementsEqual(data.utf8) })
        else { return nil }
        return process
    }
}
