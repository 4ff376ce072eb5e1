import Foundation

/// What the programs write is read and judged by Python packages, each set in an environment of its own.
public enum PythonPackages {
    /// The path of a Python that has them; what they ask for themselves is left out where `alone`.
    public static func install(_ packages: String..., alone: Bool = false) throws -> String {
        let folder = Places.folder + "/venv-" + packages[0].prefix { $0 != "=" } + "-\(UUID().uuidString.prefix(8))"
        let log = folder + ".log"
        for command in [
            ["python3", "-m", "venv", folder],
            [folder + "/bin/pip", "install", "-q"] + (alone ? ["--no-deps"] : []) + packages,
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
