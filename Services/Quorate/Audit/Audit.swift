import ArgumentParser
import AuditLog
import Foundation
import Postgres
import Synchronization
import TransparencyLog

/// The record that cannot be altered unseen.
struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Verify the audit log, prove what is in it, and show what it holds of a case.",
        subcommands: [
            Verify.self, Prove.self, Consistency.self, Export.self, VerifyBundle.self, Show.self, WhoSaw.self,
            Record.self, Evidence.self, Archive.self, AcceptLoss.self, Key.self,
        ],
        defaultSubcommand: Verify.self)

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recompute every tree from the entries, and name the first that does not fit.",
            discussion: """
                Leaves, roots, the heads that were signed, the signatures, and the checkpoints that were kept outside the \
                database. Exit status 1 where something does not fit, and where nothing kept outside could be compared. \
                Entries in archives are judged where all archives are named; else the verdict says how many were not.
                """)
        @OptionGroup var options: DeploymentOptions
        @OptionGroup var trust: TrustOptions

        @Option(help: "Size of a checkpoint: verify only what came after it.")
        var since: UInt64 = 0

        @OptionGroup var outside: OutsideOptions

        @Flag(help: "Compare with nothing outside: what every table's owner wrote is taken as it is.")
        var insideOnly = false

        @Option(help: "Archive to verify with the database; all of them, in their order.")
        var archive: [String] = []

        @Option(help: "Logs verified at a time. (default: the number of cores)")
        var parallel: Int?

        func validate() throws {
            if let parallel, !(1...256).contains(parallel) {
                throw ValidationError("--parallel must be a whole number from 1 to 256")
            }
            if insideOnly, !outside.checkpoints.isEmpty {
                throw ValidationError("give --checkpoints or --inside-only, not both")
            }
        }

        func run() throws {
            let deployment = try options.deployment()
            let connection = try deployment.connect("audit")
            do {
                try LogArchive(connection).whileNothingLeaves { try judge(deployment, connection) }
            } catch let fault as AuditFault {
                Terminal.out.print(Terminal.out.bad(fault.description))
                throw ExitCode.failure
            }
        }

        private func judge(_ deployment: Deployment, _ connection: Connection) throws {
            let kept = insideOnly ? [] : try outside.kept(deployment, connection)
            let verification = AuditVerification(keys: try trust.keys(connection), outside: kept) {
                DatabaseSource(try deployment.connect("audit"))
            }
            let total = Int(try HeadLog(connection).entries(since: since))
            let err = Terminal.error
            let done = Mutex(0)
            var verdict = try verification.run(
                since: since, threads: parallel ?? ProcessInfo.processInfo.activeProcessorCount
            ) { count in
                done.withLock { done in
                    done += Int(count)
                    err.bar(done, of: total, "entries")
                }
            }
            err.endProgress()
            do { try LogArchive(connection).demandExtent() } catch let fault as AuditFault {
                verdict.faults.append(fault)
            }
            try archives(connection)
            verdict.areArchivesJudged = !archive.isEmpty
            // Who may write every table may have written all of it anew.
            let isCompared = !kept.isEmpty || verdict.checkpoints == 0 || insideOnly
            Terminal.out.print(
                verdict.isGood && isCompared
                    ? Terminal.out.good("\(verdict.sentence.dropLast()) (\(basis(kept))).")
                    : Terminal.out.bad(verdict.sentence))
            if !isCompared { Terminal.out.print(Terminal.out.bad(Verify.nothingCompared)) }
            for fault in verdict.faults.dropFirst().prefix(Verify.faultsShown) {
                Terminal.out.print(Terminal.out.bad(fault.description))
            }
            if !verdict.isGood || !isCompared { throw ExitCode.failure }
        }

        private static let faultsShown = 20
        private static let nothingCompared = """
            no checkpoint kept outside could be compared, so that all of it may have been written anew: name the places by \
            --checkpoints or QUORATE_AUDIT_PLACES, or take the database's own word by --inside-only.
            """

        /// Those given are judged first: what the database keeps goes on from them.
        private func archives(_ connection: Connection) throws {
            guard !archive.isEmpty else { return }
            do {
                let entries = try LogArchive(connection).verify(archive, keys: try trust.keys(connection))
                Terminal.out.print(Terminal.out.good("\(entries) entries in \(archive.count) archives: all fit."))
            } catch let fault as AuditFault {
                Terminal.out.print(Terminal.out.bad(fault.description))
                throw ExitCode.failure
            }
        }

        /// What the verdict rests on: who may write every table writes keys and checkpoints there too.
        private func basis(_ outside: [PublishedCheckpoint]) -> String {
            let keys = trust.key.isEmpty ? "keys as the database names them" : "keys as given"
            let compared =
                outside.isEmpty ? "no checkpoint kept outside" : "\(outside.count) checkpoints kept outside"
            return "\(keys); compared with \(compared)"
        }
    }

    struct Key: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key that signs checkpoints.",
            discussion: """
                Prints the public key: give it to those who verify. For a new key beside an old one make a second file and \
                add its line to the first; when a checkpoint has been signed by both, take the old line away.
                """)
        @Argument(help: "File to make, readable by its owner only.") var file: String
        @Option(help: "The log's name, such as quorate.example.gov.uk/audit.") var name: String
        @Flag(help: "Leave a file that is there, and print its public key.") var ifMissing = false

        func run() throws {
            let isThere = FileManager.default.fileExists(atPath: file)
            let key =
                ifMissing && isThere
                ? try SignerFile.read(file)[0].verifier : try SignerFile.make(file, name: name)
            Terminal.out.print(key.description)
        }
    }
}

/// Which public keys may sign.
struct TrustOptions: ParsableArguments {
    @Option(
        help: "Public key that signed the checkpoints; may be repeated. (default: those that the database names)")
    var key: [String] = []

    /// Those given; else those of the database, which its owner could have put there.
    func keys(_ connection: Connection?) throws -> [NoteVerifier] {
        if let connection, key.isEmpty { return try TrustOptions.stored(connection) }
        do {
            return try key.map { try NoteVerifier($0) }
        } catch let error as NoteError {
            throw ValidationError("--key: \(error)")
        }
    }

    static func stored(_ connection: Connection) throws -> [NoteVerifier] { try HeadLog(connection).signingKeys() }
}
