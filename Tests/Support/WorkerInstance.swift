import Foundation
import Workers

/// One process of a worker; it can be launched again after it ended.
public final class WorkerInstance: @unchecked Sendable {
    public let name: WorkerName
    public let log: String
    /// Changes hold from the next launch.
    public var environment: [String: String]
    public private(set) var process: ChildProcess?
    public private(set) var launches = 0
    /// Where the log of the latest launch starts.
    private var logStart = 0

    init(_ name: WorkerName, environment: [String: String], log: String) {
        self.name = name
        self.environment = environment
        self.log = log
    }

    /// Starts it, where it does not run.
    public func launch() throws {
        guard !isRunning else { return }
        logStart = ((try? FileManager.default.attributesOfItem(atPath: log))?[.size] as? Int) ?? 0
        process = try ChildProcess(
            "\(Places.executables)/\(name.rawValue)", [], environment: environment, output: log, errors: log)
        launches += 1
    }

    public var isRunning: Bool { process?.isRunning ?? false }
    /// `nil` while it runs.
    public var exitStatus: Int32? { process?.exitStatus }
    public func signal(_ signal: Int32) { process?.signal(signal) }

    /// By SIGKILL, and waits until it is gone.
    public func crash() { process?.end() }

    /// By SIGTERM; the exit status.
    @discardableResult
    public func stop(within limit: Duration = .seconds(40)) throws -> Int32 {
        signal(SIGCONT)
        signal(SIGTERM)
        return try process?.waitForExit(within: limit) ?? 0
    }

    /// What it wrote, since its first launch.
    public var logText: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// Its log since the latest launch.
    public var latestLog: String {
        let data = FileManager.default.contents(atPath: log) ?? Data()
        return String(decoding: data.dropFirst(logStart), as: UTF8.self)
    }

    // MARK: Health port

    /// The port that it took, once its log tells.
    public func healthPort(within limit: Duration = .seconds(60)) throws -> UInt16 {
        var port: UInt16?
        try wait("the health port of \(name.rawValue)", within: limit) {
            port = latestLog.firstMatch(of: /health port open.*"port":"(\d+)"/).flatMap { UInt16($0.output.1) }
            return port != nil
        }
        return port!
    }

    public struct Answer: Sendable {
        public let status: Int
        public let body: String
    }

    /// One request to its health port.
    public func get(_ path: String) throws -> Answer {
        let port = try healthPort()
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw TestFault("\(name.rawValue) does not answer on its health port") }
        let request = Array("GET /\(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        _ = send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16_384)
        while case let count = recv(descriptor, &piece, piece.count, 0), count > 0 { answer += piece[..<count] }
        let text = String(decoding: answer, as: UTF8.self)
        guard let status = text.firstMatch(of: /^HTTP\/1.1 (\d{3})/).flatMap({ Int($0.output.1) }) else {
            throw TestFault("\(name.rawValue) gives no answer to \(path)")
        }
        let body = text.firstRange(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? ""
        return Answer(status: status, body: body)
    }
}
