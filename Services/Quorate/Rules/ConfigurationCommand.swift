import ArgumentParser
import CaseEvents
import Foundation
import Postgres
import StatutoryRules
import Workers

/// Policies, calendar and registry as the running system has them.
struct ConfigurationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "configuration", abstract: "Show what is in force, see what a change would move, load it.",
        subcommands: [Show.self, Preview.self, Load.self], defaultSubcommand: Show.self)

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the versions, newest first.")
        @OptionGroup var deployment: DeploymentOptions

        func run() throws {
            let rows = try deployment.deployment().connect("configuration").execute(
                """
                SELECT epoch, release, left(digest, 12) AS digest, is_packaged, loaded_at, loaded_by
                  FROM configuration.version ORDER BY epoch DESC
                """)
            for row in rows {
                Terminal.out.print(
                    "epoch \(String(row.int64("epoch")).padded(leftTo: 4))  release \(row.string("release"))  \(row.string("digest"))  "
                        + (row.bool("is_packaged") ? "packaged" : "loaded by \(row.string("loaded_by"))")
                        + "  \(row.timestamp("loaded_at").instant)")
            }
        }
    }

    struct Preview: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show which duties of open cases a folder of files would move, and change nothing.")
        @OptionGroup var deployment: DeploymentOptions
        @Argument(help: "The folder; a file takes the place of the packaged one of its name.") var folder: String

        func run() throws { try change(folder, deployment).announce(dryRun: true) }
    }

    struct Load: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a folder of files in force; every open case is assessed again.")
        @OptionGroup var deployment: DeploymentOptions
        @Argument(help: "The folder; a file takes the place of the packaged one of its name.") var folder: String

        func run() throws { try change(folder, deployment).announce(dryRun: false) }
    }

    private static func change(_ folder: String, _ options: DeploymentOptions) throws -> ConfigurationChange {
        let connection = try options.deployment().connect("configuration")
        return ConfigurationChange(
            to: try ConfigurationFolder.load(folder),
            from: try ConfigurationStore.load { try connection.execute($0) }.configuration, on: connection)
    }
}

extension Instant {
    static var now: Instant { Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }
}

/// From one configuration to another, over the cases that the database holds.
struct ConfigurationChange {
    let wanted: Configuration
    let current: Configuration
    let connection: Connection

    init(to wanted: Configuration, from current: Configuration, on connection: Connection) {
        self.wanted = wanted
        self.current = current
        self.connection = connection
    }

    /// Says what would move, and puts it in force unless told not to.
    func announce(dryRun: Bool) throws {
        if wanted.digest == current.digest {
            Terminal.out.print("Nothing changes: this is what is in force.")
            return
        }
        for name in wanted.policyNames {
            for line in wanted.report(on: name)?.loose ?? [] {
                Terminal.out.print(Terminal.out.warn("\(name), looser than the statute: ") + line)
            }
        }
        let moves = try moves()
        for (rule, count) in moves.sorted(by: { $0.key < $1.key }) {
            Terminal.out.print(
                "\(rule.padded(to: 11)) \(count.moved) moved, \(count.new) new, \(count.gone) gone, \(count.state) in another state"
            )
        }
        let total = moves.values.reduce(0) { $0 + $1.moved + $1.new + $1.gone + $1.state }
        Terminal.out.print(total == 0 ? "No duty of any case changes." : "\(total) duties change.")
        if dryRun { return }
        let epoch = try connection.transaction { transaction in
            let epoch = try ConfigurationStore.store(wanted, on: connection)
            try Operator.note("configuration.load", "\(epoch)", authority: nil, in: transaction)
            return epoch
        }
        Terminal.out.print("In force as epoch \(epoch): open cases are assessed again, within minutes.")
    }

    struct Count {
        var moved = 0
        var new = 0
        var gone = 0
        var state = 0
    }

    /// By rule, how many duties differ between the two, as of now.
    private func moves() throws -> [String: Count] {
        var moves: [String: Count] = [:]
        var (last, done) = (Int64(0), 0)
        let total = Int(try connection.execute("SELECT count(*) FROM scheduling.case_file")[0].int64("count"))
        while true {
            let files = try cases(after: last)
            guard let end = files.last?.id else { break }
            for file in files { compare(file.file, &moves) }
            (last, done) = (end, done + files.count)
            Terminal.error.bar(done, of: total, "cases")
        }
        Terminal.error.endProgress()
        return moves
    }

    private func compare(_ file: CaseFile, _ moves: inout [String: Count]) {
        let now = Instant.now
        let before = assess(file, under: current, asOf: now).deadlines
        let after = assess(file, under: wanted, asOf: now).deadlines
        let old = Dictionary(before.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var kept: Set<NameUUID> = []
        for row in after {
            kept.insert(row.id)
            guard let was = old[row.id] else {
                moves[row.rule, default: Count()].new += 1
                continue
            }
            if was.due != row.due {
                moves[row.rule, default: Count()].moved += 1
            } else if was.state != row.state {
                moves[row.rule, default: Count()].state += 1
            }
        }
        for row in before where !kept.contains(row.id) { moves[row.rule, default: Count()].gone += 1 }
    }

    /// The next cases with their facts, a few at a time.
    private func cases(after last: Int64) throws -> [(id: Int64, file: CaseFile)] {
        let rows = try connection.execute(
            """
            SELECT c.case_id, c.authority, c.subject, f.body
              FROM (SELECT * FROM scheduling.case_file WHERE case_id > \(last) ORDER BY case_id LIMIT 200) c
              JOIN scheduling.fact f USING (case_id) ORDER BY c.case_id
            """)
        var files: [(id: Int64, file: CaseFile)] = []
        for row in rows {
            let id = row.int64("case_id")
            if files.last?.id != id {
                files.append(
                    (id, CaseFile(authority: row.string("authority"), subject: row.string("subject"), facts: [])))
            }
            do throws(Refusal) {
                files[files.count - 1].file.facts.append(try Contract.decodeStored(row.bytes("body")).fact)
            } catch {
                throw ValidationError("a stored event no longer decodes: \(error.code)")
            }
        }
        return files
    }
}
