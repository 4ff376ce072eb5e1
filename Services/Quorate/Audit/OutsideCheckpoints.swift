import ArgumentParser
import AuditLog
import Foundation
import Postgres

/// Where checkpoints were kept outside the database.
struct OutsideOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Where checkpoints were kept outside, a file or kafka:TOPIC; may be repeated. [QUORATE_AUDIT_PLACES] (default: the \
            file of a running quorate up)
            """, valueName: "place"))
    var checkpoints: [String] = []

    /// All that is kept there, in order of size, or what came after a size. A place that was given checkpoints and is gone is
    /// no good news.
    func kept(_ deployment: Deployment, _ connection: Connection, after size: UInt64 = 0) throws
        -> [PublishedCheckpoint]
    {
        var found: [(size: UInt64, checkpoint: PublishedCheckpoint)] = []
        for place in try places(deployment) {
            if case .file(let file) = place, !FileManager.default.fileExists(atPath: file) {
                if !checkpoints.isEmpty { throw ValidationError("--checkpoints: \(file) is not there") }
                try demandNothingGiven(to: file, connection)
            }
            for checkpoint in try place.kept(after: size, deployment.kafka) ?? [] {
                found.append((try checkpoint.signed.size, checkpoint))
            }
        }
        found.sort { $0.size < $1.size }
        var known: Set<PublishedCheckpoint> = []
        return found.map(\.checkpoint).filter { known.insert($0).inserted }
    }

    /// Those named, else those that auditing is given, else the file of a running `quorate up`.
    private func places(_ deployment: Deployment) throws -> [CheckpointPlace] {
        if !checkpoints.isEmpty {
            return try checkpoints.map { text in
                let place = CheckpointPlace(text) ?? .file(text)
                guard place.canBeRead else { throw ValidationError("--checkpoints: a mailbox cannot be read") }
                return place
            }
        }
        let given = ProcessInfo.processInfo.environment["QUORATE_AUDIT_PLACES"] ?? ""
        let places = given.split(separator: " ").compactMap { CheckpointPlace(String($0)) }.filter(\.canBeRead)
        return places.isEmpty ? deployment.checkpointFile.map { [.file($0)] } ?? [] : places
    }

    private func demandNothingGiven(to file: String, _ connection: Connection) throws {
        let given = try connection.execute(
            "SELECT EXISTS (SELECT FROM auditing.checkpoint_place WHERE place = \("file:\(file)")) AS given")
        guard given[0].bool("given") else { return }
        Terminal.out.print(
            Terminal.out.bad("the checkpoints kept in \(file) are gone: find them, or compare others by --checkpoints.")
        )
        throw ExitCode.failure
    }
}
