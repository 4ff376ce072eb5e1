import Foundation
import TestSupport

/// A server program of a test, ended with it.
final class ServerProgram: Sendable {
    let process: ChildProcess
    let port: Int

    init(_ program: String, _ arguments: [String], port: Int?, output: String) throws {
        process = try ChildProcess(
            program, arguments, environment: Places.environment, output: output, errors: output + ".err")
        var found = port
        try wait("the mail server on its port") {
            found =
                found
                ?? (try? String(contentsOfFile: output, encoding: .utf8)).flatMap { Int($0.prefix { $0 != "\n" }) }
            return found.map(ServerProgram.isOpen) ?? false
        }
        self.port = found!
    }

    deinit { process.end() }

    private static func isOpen(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    static func freePort() -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = bind(descriptor, address, size)
                getsockname(descriptor, address, &size)
            }
            return Int(UInt16(bigEndian: $0.pointee.sin_port))
        }
    }

    /// A script of the folder beside the tests.
    static func script(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Servers/\(name)").path
    }
}
