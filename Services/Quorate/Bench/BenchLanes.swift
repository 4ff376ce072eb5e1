import Embedded
import Foundation

/// The yardsticks of Tests/Benchmarks: built with cc, and a Python environment made for the third.
struct BenchLanes {
    private let sources: String
    private let built: String
    private let python: String?
    /// Why the Python lane cannot run.
    let missingPython: String?

    private static let packages = ["confluent-kafka", "psycopg[binary]", "orjson"]

    private struct Account: Decodable {
        let events: Int
        let seconds: Double
        let userSeconds: Double
        let systemSeconds: Double

        enum CodingKeys: String, CodingKey {
            case events, seconds
            case userSeconds = "cpu_user"
            case systemSeconds = "cpu_sys"
        }
    }

    init(sources: String, built: String, _ say: (String) -> Void) throws {
        self.sources = sources
        self.built = built
        guard FileManager.default.fileExists(atPath: sources + "/build.sh") else {
            throw EmbeddedError(
                "\(sources)/build.sh is not there: run quorate bench in the repository, or give --lanes")
        }
        say("building the lanes")
        let result = try BenchLanes.execute(["/bin/sh", sources + "/build.sh", built])
        guard result.status == 0 else { throw EmbeddedError("the lanes do not build:\n\(result.output)") }
        let environment = built + "/venv"
        do {
            try BenchLanes.makePython(in: environment, say)
            python = environment + "/bin/python"
            missingPython = nil
        } catch let error as EmbeddedError {
            python = nil
            missingPython = error.description
        }
    }

    private static func makePython(in folder: String, _ say: (String) -> Void) throws {
        let check = [folder + "/bin/python", "-c", "import confluent_kafka, psycopg, orjson"]
        if FileManager.default.isExecutableFile(atPath: check[0]), try execute(check).status == 0 { return }
        say("installing \(packages.joined(separator: ", ")) from PyPI")
        let made = try execute(["/usr/bin/env", "python3", "-m", "venv", folder])
        guard made.status == 0 else { throw EmbeddedError("python3 -m venv failed: \(made.output)") }
        let installed = try execute([folder + "/bin/pip", "install", "--quiet"] + packages)
        guard installed.status == 0 else { throw EmbeddedError("pip install failed: \(installed.output)") }
    }

    var available: [BenchContender] { [.laneA, .laneB] + (python == nil ? [] : [.laneC]) }

    func run(_ lane: BenchContender, servers: String, database: String, events: Int) throws -> BenchRun {
        let program =
            switch lane {
            case .laneA: [built + "/lane_a"]
            case .laneB: [built + "/lane_b"]
            default: [python!, sources + "/lane_c.py"]
            }
        let result = try BenchLanes.execute(program + [servers, database, "case-events", String(events)])
        guard result.status == 0,
            let account = try? JSONDecoder().decode(Account.self, from: Data(result.output.utf8))
        else { throw EmbeddedError("lane \(lane.rawValue) failed: \(result.output)") }
        return BenchRun(
            events: account.events, seconds: account.seconds,
            processSeconds: account.userSeconds + account.systemSeconds,
            serverSeconds: 0, peakKibibytes: 0)
    }

    /// Runs a command to its end; its output and errors as one text.
    private static func execute(_ words: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = Array(words.dropFirst())
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
