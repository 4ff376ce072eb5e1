import ArgumentParser
import AuditLog
import Foundation
import Postgres
import StatutoryRules
import Workers

/// Brings a database up to this release, and makes the topics that are missing.
struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the database up to this release, and put its configuration in force.",
        discussion: """
            Runs as the owner of the database. Makes the logins of the workers without passwords where they are missing: \
            give them passwords of your own (ALTER ROLE quorate_scheduling PASSWORD ...). With KEY_DATABASE_URL it \
            brings the database of the audit log's keys up too; with KAFKA_BOOTSTRAP_SERVERS it makes the topics that are \
            missing, with 24 partitions and 35 days' retention, and leaves those that are there as they are. Safe to run again.
            """)

    @OptionGroup var options: DeploymentOptions

    @Option(
        name: .customLong("configuration"),
        help:
            "Folder of policies, calendar and registry to put in force. (default: what is in force, else the package's)"
    )
    var configurationFolder: String?

    @Option(help: "Replicas of a topic that is made. (default: the broker's)")
    var replication: Int = -1

    func run() throws {
        let deployment = try options.deployment()
        let connection = try deployment.connect("migrate")
        let configuration = try configurationFolder.map { try ConfigurationFolder.load($0) }
        let before = try? ConfigurationStore.newestEpoch { try connection.execute($0) }
        let applied = try Migrations.apply(on: connection, configuration: configuration) { epoch, transaction in
            try Operator.note("configuration.load", "\(epoch)", authority: nil, in: transaction)
        }
        if let keys = deployment.keyDatabaseURL {
            try KeyDatabase.migrate(try Connection(keys, applicationName: "quorate-migrate"))
        }
        let epoch = try ConfigurationStore.newestEpoch { try connection.execute($0) }
        Terminal.out.print(
            applied.isEmpty ? "The schema is up to date." : "Applied: \(applied.joined(separator: ", ")).")
        Terminal.out.print(
            epoch == before
                ? "The configuration in force is epoch \(epoch), as before."
                : "A configuration was put in force as epoch \(epoch); open cases are assessed again.")
        try makeTopics(deployment)
    }

    /// The in-memory broker of `quorate up` has its own from the start.
    private func makeTopics(_ deployment: Deployment) throws {
        guard !deployment.bootstrapServers.isEmpty, deployment.incarnation == nil else { return }
        let made = try deployment.makeTopics(replication: replication)
        Terminal.out.print(made.isEmpty ? "The topics are there." : "Made the topics: \(made.joined(separator: ", ")).")
    }
}
