import Foundation

/// PostgreSQL's programs, and the user to run them as: PostgreSQL refuses to run as root.
struct PostgresTools {
    private struct User {
        let name: String
        let id: uid_t
        let group: gid_t
    }

    private let folder: String
    /// `nil` where we are not root and they run as ourselves.
    private let user: User?

    static func find() throws -> PostgresTools {
        let user = geteuid() == 0 ? try unprivilegedUser() : nil
        return PostgresTools(folder: try programFolder(), user: user)
    }

    /// The newest of Debian's folders, or else the first folder of PATH that has the server.
    private static func programFolder() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let newestFirst = versions.compactMap(Int.init).sorted(by: >).map { "\(root)/\($0)/bin" }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let candidates = newestFirst + path.split(separator: ":").map(String.init)
        let found = candidates.first { folder in
            ["postgres", "initdb", "pg_ctl"].allSatisfy {
                FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)")
            }
        }
        guard let found else {
            throw EmbeddedError(
                "PostgreSQL's server is not installed: apt-get install postgresql, or set DATABASE_URL to use another")
        }
        return found
    }

    private static func unprivilegedUser() throws -> User {
        for name in ["postgres", "nobody"] {
            // Static storage of the C library, read at once.
            if let entry = getpwnam(name) {
                return User(name: name, id: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
            }
        }
        throw EmbeddedError("PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as")
    }

    /// Makes the folder and gives it to the user that the server runs as.
    func prepare(folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try give(folder, mode: 0o700)
        guard let user else { return }
        if try run(["/usr/bin/test", "-w", folder]).status != 0 {
            throw EmbeddedError(
                "the user \(user.name), whom PostgreSQL runs as, cannot enter \(folder): choose a folder outside a home"
            )
        }
    }

    func writePrivately(_ data: Data, to path: String) throws {
        let new = path + ".new"
        guard FileManager.default.createFile(atPath: new, contents: nil, attributes: [.posixPermissions: 0o600]),
            let file = FileHandle(forWritingAtPath: new)
        else { throw EmbeddedError("\(path) cannot be written") }
        try file.write(contentsOf: data)
        try file.close()
        try give(new, mode: 0o600)
        guard rename(new, path) == 0 else { throw EmbeddedError("\(path) cannot be written") }
    }

    private func give(_ path: String, mode: mode_t) throws {
        let isGiven = user.map { chown(path, $0.id, $0.group) == 0 } ?? true
        guard isGiven, chmod(path, mode) == 0 else {
            throw EmbeddedError("\(path) belongs to another user: \(String(cString: strerror(errno)))")
        }
    }

    func run(program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        try run(["\(folder)/\(program)"] + arguments)
    }

    /// Whether any process of the server's user has this working folder. Asked as that user, because root in a container
    /// may not look into the processes of others.
    func hasProcesses(in folder: String) throws -> Bool {
        let links = try run(["/bin/sh", "-c", "readlink /proc/[0-9]*/cwd"]).output
        return links.split(separator: "\n").contains { $0 == folder }
    }

    /// Runs a command as the server's user.
    private func run(_ command: [String]) throws -> (status: Int32, output: String) {
        try runCommand((try user.map(PostgresTools.becoming) ?? []) + command)
    }

    /// Both are in util-linux, which every Debian has.
    private static func becoming(_ user: User) throws -> [String] {
        func first(_ name: String) -> String? {
            ["/usr/bin/\(name)", "/usr/sbin/\(name)", "/bin/\(name)", "/sbin/\(name)"].first {
                FileManager.default.isExecutableFile(atPath: $0)
            }
        }
        if let setpriv = first("setpriv") {
            return [setpriv, "--reuid=\(user.id)", "--regid=\(user.group)", "--clear-groups", "--"]
        }
        if let runuser = first("runuser") { return [runuser, "-u", user.name, "--"] }
        throw EmbeddedError("neither setpriv nor runuser is installed: apt-get install util-linux")
    }
}
