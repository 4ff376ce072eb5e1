import ArgumentParser
import AuditLog
import Foundation
import Postgres
import Workers

extension Audit {
    struct AcceptLoss: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Give up entries that were signed and are nowhere any more, so that checkpoints are signed again.",
            discussion: """
                After a restore, where Kafka does not hold what came after the backup either. Let auditing read again what \
                there is, then stop it. Without --reason this takes back what was published and says what is missing. What is given up is \
                an entry itself, and every verdict names it from then on; its log is closed, and its partition goes on in a \
                new one, with what Kafka still holds of it.
                """)
        @OptionGroup var options: DeploymentOptions
        @OptionGroup var outside: OutsideOptions
        @Option(help: "Why it is lost, for those who verify: it is kept in clear.") var reason: String?
        @Flag(help: "No checkpoint was ever kept outside: what the database itself knows is all that was signed.")
        var insideOnly = false
        @Option(
            help: ArgumentHelp(
                """
                A place that is gone for good, as in QUORATE_AUDIT_PLACES; may be repeated. Gives up what it held, and nothing \
                else: a size that was published there after the backup may be signed again.
                """, valueName: "place"))
        var gone: [String] = []

        func run() throws {
            if let reason, reason.isEmpty { throw ValidationError("--reason is empty") }
            guard gone.isEmpty else { return try giveUpPlaces() }
            let deployment = try options.deployment()
            let connection = try deployment.connect("audit")
            do {
                let losses = try connection.transaction { transaction in
                    try AcceptLoss.demandNoWorker(connection)
                    try HeadLog.lock(transaction)
                    try transaction.execute("LOCK TABLE auditing.log IN EXCLUSIVE MODE")
                    return try giveUp(deployment, connection, transaction)
                }
                for loss in losses {
                    Terminal.out.print("log \(loss.place): entries \(loss.first) to \(loss.end - 1)")
                }
                let count = losses.reduce(0) { $0 + $1.end - $1.first }
                Terminal.out.print(
                    losses.isEmpty
                        ? "every log holds what was signed of it."
                        : reason == nil
                            ? "\(count) entries in \(losses.count) logs were signed and are not here: --reason gives them up."
                            : "\(count) entries in \(losses.count) logs are given up as lost.")
            } catch let fault as AuditFault {
                Terminal.out.print(Terminal.out.bad(fault.description))
                throw ExitCode.failure
            }
        }

        /// What was published and is not here was signed too.
        private func giveUp(
            _ deployment: Deployment, _ connection: Connection, _ transaction: borrowing Transaction
        ) throws -> [AcceptedLoss] {
            let heads = HeadLog(connection)
            let kept = insideOnly ? [] : try outside.kept(deployment, connection, after: heads.size())
            try demandCompared(kept, with: heads)
            _ = try heads.takeBack(kept, trusting: heads.signingKeys())
            let login = try transaction.execute("SELECT session_user::text AS login")[0].string("login")
            let losses = try heads.losses(login: login, reason: reason ?? "")
            guard let reason, !losses.isEmpty else { return losses }
            try AcceptedLoss.accept(losses, in: transaction)
            let about = losses.map { "\($0.place) \($0.first)-\($0.end - 1)" }.joined(separator: ", ")
            try Operator.note("audit.accept-loss", about, reason: reason, authority: nil, in: transaction)
            return losses
        }

        /// As `verify` does: what was published last is known from outside alone.
        private func demandCompared(_ kept: [PublishedCheckpoint], with heads: HeadLog) throws {
            guard try insideOnly || !kept.isEmpty || heads.size() == 0 else {
                throw AuditFault(
                    """
                    no checkpoint kept outside could be read, so that nobody knows what was signed last: name the places by \
                    --checkpoints or QUORATE_AUDIT_PLACES, or take the database's own word by --inside-only.
                    """)
            }
            if let gone = try heads.given(after: kept.last?.signed.size ?? 0) {
                throw AuditFault(
                    """
                    \(gone.place) was given checkpoint \(gone.size), and nothing that was read holds that or a later one: find it, \
                    or give the place up by --gone.
                    """)
            }
        }

        /// A place that is like a new one: it is given again all that the database holds.
        private func giveUpPlaces() throws {
            guard let reason else { throw ValidationError("--gone needs --reason") }
            let connection = try options.deployment().connect("audit")
            try connection.transaction { transaction in
                try AcceptLoss.demandNoWorker(connection)
                let known = try transaction.execute(
                    "DELETE FROM auditing.checkpoint_place WHERE place = ANY(\(gone)) RETURNING place"
                ).map { $0.string(0) }
                if let other = gone.first(where: { !known.contains($0) }) {
                    throw ValidationError("\(other) was given no checkpoint")
                }
                try Operator.note(
                    "audit.accept-loss", gone.joined(separator: ", "), reason: reason, authority: nil, in: transaction)
            }
            for place in gone {
                Terminal.out.print("\(place) is given up: auditing gives it again what the database holds.")
            }
        }

        private static func demandNoWorker(_ connection: Connection) throws {
            let busy = try connection.execute(
                """
                SELECT count(*) AS n FROM auditing.kafka_offset o
                  JOIN pg_stat_activity a ON a.pid = o.backend_pid AND a.backend_start = o.backend_started_at
                """)[0].int64("n")
            guard busy == 0 else { throw ValidationError("an auditing worker is still connected: stop it first") }
        }
    }
}
