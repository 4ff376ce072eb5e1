import ArgumentParser
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
                have no second effect; records that the broker no longer holds are lost to this worker.
                """)
        @OptionGroup var options: DeploymentOptions
        @Option(help: "scheduling, notifications, reporting or auditing.") var worker: String
        @Option(help: "The topic.") var topic: String

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
            let gone = try connection.transaction { transaction in
                try Operator.note("offsets.reset", "\(worker)/\(topic)", authority: nil, in: transaction)
                return try transaction.execute(
                    "DELETE FROM \(raw: name.schema).kafka_offset WHERE topic = \(topic) RETURNING 1 AS one"
                ).count
            }
            Terminal.out.print("\(gone) partitions start anew.")
        }
    }
}
