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

        func run() throws {
            if let reason, reason.isEmpty { throw ValidationError("--reason is empty") }
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
            let kept = try outside.kept(deployment, connection, after: heads.size())
            _ = try heads.takeBack(kept, trusting: heads.signingKeys())
            let login = try transaction.execute("SELECT session_user::text AS login")[0].string("login")
            let losses = try heads.losses(login: login, reason: reason ?? "")
            guard let reason, !losses.isEmpty else { return losses }
            try AcceptedLoss.accept(losses, in: transaction)
            let about = losses.map { "\($0.place) \($0.first)-\($0.end - 1)" }.joined(separator: ", ")
            try Operator.note("audit.accept-loss", about, reason: reason, authority: nil, in: transaction)
            return losses
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
