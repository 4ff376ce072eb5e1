import ArgumentParser
import AuditLog
import Foundation
import Postgres
import StatutoryRules
import TransparencyLog

extension Audit {
    struct Prove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prove that an entry is in the log that was signed.",
            discussion: """
                Prints a bundle of that entry; quorate audit verify-bundle judges it with no database. Of several entries \
                with one event id the first received is proved.
                """)
        @OptionGroup var options: DeploymentOptions

        @Argument(help: "The entry, as topic/partition/offset, or the id of its event.")
        var entry: String

        func run() throws {
            let connection = try options.deployment().connect("audit")
            try LogArchive(connection).whileNothingLeaves { try prove(connection) }
        }

        private func prove(_ connection: Connection) throws {
            let found = try place(connection)
            guard let log = try DatabaseSource(connection).logs().first(where: { $0.id == found.log }) else {
                throw ValidationError("log \(found.log) is gone: run quorate audit verify")
            }
            do {
                var lines: [String] = []
                try BundleExport(connection) { lines.append($0) }.proof(of: found.index, in: log)
                for line in lines { Terminal.out.print(line) }
            } catch let fault as AuditFault {
                Terminal.error.print(Terminal.error.bad(fault.description))
                throw ExitCode.failure
            }
        }

        private func place(_ connection: Connection) throws -> (log: Int64, index: UInt64) {
            let parts = entry.split(separator: "/")
            if parts.count == 3, let partition = Int32(parts[1]), let offset = Int64(parts[2]) {
                // Of clusters that had such a partition, the newest that had such an offset.
                for log in try DatabaseSource(connection).logs().sorted(by: { $0.id > $1.id })
                where log.topic == parts[0] && log.partition == partition {
                    if let index = try index(of: offset, in: log, connection) { return (log.id, index) }
                }
            } else if let row = try connection.execute(
                "SELECT log_id, leaf_index FROM auditing.entry WHERE event_id = \(entry) ORDER BY received_at LIMIT 1"
            ).first {
                return (row.int64("log_id"), UInt64(row.int64("leaf_index")))
            }
            try Audit.sayWhatIsArchived(connection)
            throw ValidationError("the audit log has no entry \(entry)")
        }

        /// By halves: offsets grow within a log.
        private func index(of offset: Int64, in log: StoredLog, _ connection: Connection) throws -> UInt64? {
            var (low, high) = (log.archived, log.size)
            while low < high {
                let middle = low + (high - low) / 2
                let row = try connection.execute(
                    """
                    SELECT kafka_offset FROM auditing.entry
                     WHERE log_id = \(log.id) AND leaf_index = \(Int64(middle))
                    """)
                guard let found = row.first?.int64("kafka_offset") else {
                    throw ValidationError("log \(log.place): entry \(middle) is missing: run quorate audit verify")
                }
                if found == offset { return middle }
                if found < offset { low = middle + 1 } else { high = middle }
            }
            return nil
        }
    }

    struct Consistency: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prove that a checkpoint only adds to an earlier one.",
            discussion: "Prints the proof, hash by hash, and a sentence. Exit status 1 where there is none.")
        @OptionGroup var options: DeploymentOptions
        @OptionGroup var trust: TrustOptions
        @Argument(help: "Size of the earlier checkpoint, or a file that holds one.") var first: String
        @Argument(help: "Size of the later checkpoint, or a file that holds one.") var second: String

        func run() throws {
            let connection = try options.deployment().connect("audit")
            let keys = try trust.keys(connection)
            do {
                let (old, new) = (try checkpoint(first, connection, keys), try checkpoint(second, connection, keys))
                guard old.size <= new.size else {
                    throw ValidationError("the first checkpoint, of size \(old.size), is the later one")
                }
                let stored = StoredSubtrees(connection, log: StoredSubtrees.heads)
                let proof = try stored.consistencyProof(from: old.size, to: new.size)
                guard Proof.isConsistent(old.root, of: old.size, with: new.root, of: new.size, by: proof) else {
                    throw AuditFault("checkpoint \(new.size) does not add to checkpoint \(old.size).")
                }
                for hash in proof { Terminal.out.print(hash.hex) }
                Terminal.out.print(
                    Terminal.out.good(
                        "checkpoint \(new.size) adds \(new.size - old.size) heads to checkpoint \(old.size)."))
            } catch let fault as AuditFault {
                Terminal.out.print(Terminal.out.bad(fault.description))
                throw ExitCode.failure
            } catch let error as NoteError {
                Terminal.out.print(Terminal.out.bad("the checkpoint: \(error)."))
                throw ExitCode.failure
            }
        }

        private func checkpoint(
            _ text: String, _ connection: Connection, _ keys: [NoteVerifier]
        ) throws -> Checkpoint {
            if let size = Int64(text) {
                let row = try connection.execute("SELECT note FROM auditing.checkpoint WHERE size = \(size)").first
                guard let row else { throw ValidationError("there is no checkpoint of size \(size)") }
                return try Checkpoint(note: row.string("note"), trusting: keys)
            }
            guard let note = try? String(contentsOfFile: text, encoding: .utf8) else {
                throw ValidationError("\(text) is neither a size nor a file that can be read")
            }
            return try Checkpoint(note: note, trusting: keys)
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a part of the log with its proofs: a bundle that verifies with no database.",
            discussion: """
                Every entry received on these days, as far as it was signed, and those beside them up to the nearest \
                checkpoints: the two checkpoints say what must be there, so that nothing can be left out. Records stay \
                sealed. Judge it with quorate audit verify-bundle, or with deploy/verify_bundle.py.
                """)
        @OptionGroup var options: DeploymentOptions
        @Option(help: "First day, London's: 2026-11-01.") var from: String
        @Option(help: "Last day, London's: 2026-11-30.") var to: String
        @Option(name: .shortAndLong, help: "File to write. (default: standard output)") var output: String?

        func run() throws {
            guard let first = Day(from), let last = Day(to), first <= last else {
                throw ValidationError("--from and --to are days such as 2026-11-01, the first not after the last")
            }
            let connection = try options.deployment().connect("audit")
            let file: FileHandle
            if let output {
                guard FileManager.default.createFile(atPath: output, contents: nil),
                    let made = FileHandle(forWritingAtPath: output)
                else { throw ValidationError("--output: \(output) cannot be written") }
                file = made
            } else {
                file = .standardOutput
            }
            do {
                let export = BundleExport(connection) { try file.write(contentsOf: Data(($0 + "\n").utf8)) }
                let extent = try export.entries(
                    from: London.start(of: first).microseconds,
                    to: London.start(of: last.adding(days: 1)).microseconds)
                Terminal.error.print(
                    "\(extent.entries) entries, after checkpoint \(extent.since) up to checkpoint \(extent.until).")
            } catch let fault as AuditFault {
                Terminal.error.print(Terminal.error.bad(fault.description))
                throw ExitCode.failure
            }
        }
    }

    struct VerifyBundle: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify-bundle", abstract: "Judge a bundle with nothing but the public key.",
            discussion: "Exit status 1 where something does not fit.")
        @Argument(help: "The bundle.") var file: String
        @OptionGroup var trust: TrustOptions

        func validate() throws {
            guard !trust.key.isEmpty else {
                throw ValidationError("--key is missing: the public key that quorate audit key printed")
            }
        }

        func run() throws {
            do {
                let result = try BundleVerification(keys: try trust.keys(nil)).run(try FileLines(file))
                Terminal.out.print(Terminal.out.good(result.sentence))
            } catch let fault as AuditFault {
                Terminal.out.print(Terminal.out.bad(fault.description))
                throw ExitCode.failure
            }
        }
    }
}
