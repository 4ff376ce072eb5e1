import Foundation
import TestSupport

/// Other programs of ours are read and judged by Python packages, each set in an environment of its own.
enum PythonPackages {
    /// The path of a Python that has them.
    static func install(_ packages: String...) throws -> String {
        let folder = Places.folder + "/venv-" + packages[0].prefix { $0 != "=" } + "-\(UUID().uuidString.prefix(8))"
        let log = folder + ".log"
        for command in [
            ["python3", "-m", "venv", folder], [folder + "/bin/pip", "install", "-q"] + packages,
        ] {
            let process = try ChildProcess(
                command[0], Array(command.dropFirst()), environment: Places.environment, output: log, errors: log)
            guard try process.waitForExit(within: .seconds(180)) == 0 else {
                throw TestFault(try String(contentsOfFile: log, encoding: .utf8))
            }
        }
        return folder + "/bin/python"
    }
}
