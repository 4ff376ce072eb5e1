import ArgumentParser
import AuditLog
import Foundation
import Postgres
import Workers

/// Where each worker stands, and the remedy where a broker was replaced on purpose.
struct OffsetsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "offsets",
        abstract: "Show where each worker stands in each partition, or accept a replaced topic.",
        subcommands: [List.self, Reset.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show where each worker stands.")
        @OptionGroup var options: DeploymentOptions

        func run() throws {
            let connection = try options.deployment().connect("offsets")
            for name in WorkerName.allCases {
                for row in try connection.execute(
                    """
                    SELECT cluster, topic, partition, next_offset, holder IS NOT NULL AS held FROM \(raw: name.schema).kafka_offset
                     ORDER BY cluster, topic, partition
                    """)
                {
                    Terminal.out.print(
                        "\(name.rawValue.padded(to: 14)) \(row.string("topic").padded(to: 20)) \(String(row.int32("partition")).padded(leftTo: 4)) \(String(row.int64("next_offset")).padded(leftTo: 12))  \(row.bool("held") ? "held" : "free")  \(row.string("cluster"))"
                    )
                }
            }
        }
    }

    struct Reset: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget where a worker stands in a topic: it starts at the oldest record that the broker holds.",
            discussion: """
                For a topic that was replaced or cut on purpose. Stop the worker first. Events that are known already \
                have no second effect; records that the broker no longer holds are lost to this worker. Auditing goes on in \
                new logs beside the old ones, which stay as they are: each record that the broker holds takes its space a \
                second time there, and is told once. Name the partitions that lost something where others did not.
                """)
        @OptionGroup var options: DeploymentOptions
        @Option(help: "scheduling, notifications, reporting or auditing.") var worker: String
        @Option(help: "The topic.") var topic: String
        @Option(help: "One of its partitions; may be repeated. (default: all)") var partition: [Int32] = []

        func run() throws {
            guard let name = WorkerName(rawValue: worker) else {
                throw ValidationError(
                    "--worker must be one of \(WorkerName.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            let connection = try options.deployment().connect("offsets")
            let busy = try connection.execute(
                """
                SELECT count(*) AS n FROM \(raw: name.schema).kafka_offset o
                  JOIN pg_stat_activity a ON a.pid = o.backend_pid AND a.backend_start = o.backend_started_at
                 WHERE o.topic = \(topic)
                """)[0].int64("n")
            guard busy == 0 else { throw ValidationError("a \(worker) worker is still connected: stop it first") }
            let about = ["\(worker)/\(topic)"] + partition.map { "\($0)" }
            let (gone, closed): (Int, Int) = try connection.transaction { transaction in
                try Operator.note("offsets.reset", about.joined(separator: " "), authority: nil, in: transaction)
                let gone = try transaction.execute(
                    """
                    DELETE FROM \(raw: name.schema).kafka_offset
                     WHERE topic = \(topic) AND (\(partition.isEmpty) OR partition = ANY(\(partition))) RETURNING 1 AS one
                    """
                ).count
                guard name == .auditing else { return (gone, 0) }
                return (gone, try LogAppender.close(topic: topic, partitions: partition, in: transaction))
            }
            Terminal.out.print("\(gone) partitions start anew.")
            if closed > 0 { Terminal.out.print("\(closed) logs are closed; others take their places.") }
        }
    }
}
