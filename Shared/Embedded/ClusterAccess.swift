import Foundation

/// The port and the superuser's password, kept in a file that only the cluster's user and root can read.
struct ClusterAccess: Codable {
    static let superuser = "postgres"
    var port: Int
    var password: String
    var database: String

    static func read(folder: String) -> ClusterAccess? {
        guard let data = FileManager.default.contents(atPath: folder + "/settings") else { return nil }
        return try? JSONDecoder().decode(ClusterAccess.self, from: data)
    }

    func write(folder: String, database: String, tools: PostgresTools) throws {
        var copy = self
        copy.database = database
        try tools.writePrivately(try JSONEncoder().encode(copy), to: folder + "/settings")
    }

    func url(user: String = superuser, password: String? = nil, database: String) -> String {
        let parts = [user, password ?? self.password, database].map { part in
            part.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? part
        }
        return "postgres://\(parts[0]):\(parts[1])@127.0.0.1:\(port)/\(parts[2])?sslmode=disable"
    }

    /// From the system's own generator: 32 hexadecimal digits.
    static func randomPassword() -> String {
        (0..<2).map { _ in
            let digits = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// A port that nobody listens on now; another process may still take it before the server does.
    static func freePort() throws -> Int {
        guard let port = bindLoopback(port: 0) else { throw EmbeddedError("no port is free on 127.0.0.1") }
        return port
    }

    static func isFree(port: Int) -> Bool { bindLoopback(port: port) != nil }

    private static func bindLoopback(port: Int) -> Int? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(descriptor, generic, size) == 0, getsockname(descriptor, generic, &size) == 0 else {
                    return nil
                }
                return Int(UInt16(bigEndian: pointer.pointee.sin_port))
            }
        }
    }
}
