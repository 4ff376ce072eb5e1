import ArgumentParser
import Foundation
import Kafka
import Logging
import Postgres

/// The settings of every worker: each by flag or environment variable, the flag first.
public struct WorkerOptions: ParsableArguments {
    @Option(help: "PostgreSQL to persist to, as a URL or key=value pairs. [DATABASE_URL]")
    public var databaseURL: String?

    @Option(help: "Kafka brokers, host:port separated by commas. [KAFKA_BOOTSTRAP_SERVERS]")
    public var kafkaBootstrapServers: String?

    @Option(
        name: .customLong("kafka"),
        help: ArgumentHelp(
            "Any librdkafka property, as name=value; may be repeated. [QUORATE_KAFKA_<NAME_WITH_UNDERSCORES>]",
            valueName: "name=value"))
    public var kafkaProperties: [String] = []

    @Option(help: "Tells one embedded broker from the next, which start empty. [QUORATE_KAFKA_INCARNATION]")
    public var kafkaIncarnation: String?

    @Option(help: "Stable name of this member in its group, for restarts without a rebalance. [QUORATE_INSTANCE_ID]")
    public var instanceId: String?

    @Option(
        help:
            "Milliseconds without a heartbeat after which the group goes on without this worker. [QUORATE_SESSION_TIMEOUT_MS] (default: 45000; with an embedded broker 6000)"
    )
    public var sessionTimeoutMs: Int?

    @Option(help: "Host of the health port. [QUORATE_HEALTH_HOST] (default: 127.0.0.1)")
    public var healthHost: String?

    @Option(help: "Port of /healthz, /readyz and /metrics; 0 takes any free one. [QUORATE_HEALTH_PORT] (default: 0)")
    public var healthPort: Int?

    @Option(help: "trace, debug, info, notice, warning, error or critical. [QUORATE_LOG_LEVEL] (default: info)")
    public var logLevel: String?

    @Option(help: "auto, json or text; auto is text on a terminal. [QUORATE_LOG_FORMAT] (default: auto)")
    public var logFormat: String?

    public init() {}
}

/// Settings, checked.
public struct WorkerSettings: Sendable {
    public let databaseURL: String
    public let environment: [String: String]
    public let kafka: KafkaConfiguration
    public let incarnation: String?
    public let instanceId: String?
    public let consumer: ConsumerSettings
    public let healthHost: String
    public let healthPort: Int
    public let logLevel: Logger.Level
    public let logFormat: LineLog.Format

    public init(_ options: WorkerOptions, environment: [String: String]) throws {
        self.environment = environment
        let source = SettingSource(environment: environment)
        databaseURL = try source.required("database-url", options.databaseURL, "DATABASE_URL")
        guard Connection.isReadable(databaseURL) else {
            throw ValidationError(
                "setting --database-url (DATABASE_URL) must be a postgres:// URL or a list of keyword=value")
        }
        kafka = try KafkaConfiguration.settings(
            bootstrapServers: options.kafkaBootstrapServers, properties: options.kafkaProperties, source)
        incarnation = source.text(options.kafkaIncarnation, "QUORATE_KAFKA_INCARNATION")
        instanceId = source.text(options.instanceId, "QUORATE_INSTANCE_ID")
        var consumer = ConsumerSettings()
        let session = try source.number(
            "session-timeout-ms", options.sessionTimeoutMs, "QUORATE_SESSION_TIMEOUT_MS", 6_000...1_800_000)
        // The embedded broker lets a new member wait for the whole session, and wakes no waiting fetch.
        consumer.sessionTimeoutMilliseconds = session ?? (incarnation == nil ? 45_000 : 6_000)
        if incarnation != nil { consumer.fetchWaitMaxMilliseconds = 10 }
        self.consumer = consumer
        healthHost = source.text(options.healthHost, "QUORATE_HEALTH_HOST") ?? "127.0.0.1"
        healthPort = try source.number("health-port", options.healthPort, "QUORATE_HEALTH_PORT", 0...65_535) ?? 0
        logLevel = try source.choice("log-level", options.logLevel, "QUORATE_LOG_LEVEL", Logger.Level.allCases) ?? .info
        logFormat =
            try source.choice("log-format", options.logFormat, "QUORATE_LOG_FORMAT", LineLog.Format.allCases) ?? .auto
    }
}

/// Reads settings, the flag before the environment, with errors that name both.
public struct SettingSource: Sendable {
    public let environment: [String: String]
    public init(environment: [String: String]) { self.environment = environment }

    public func text(_ flag: String?, _ variable: String) -> String? {
        if let flag, !flag.isEmpty { return flag }
        if let value = environment[variable], !value.isEmpty { return value }
        return nil
    }

    public func required(_ name: String, _ flag: String?, _ variable: String) throws -> String {
        guard let value = text(flag, variable) else {
            throw ValidationError("setting --\(name) is missing: give the flag, or set \(variable)")
        }
        return value
    }

    public func number(_ name: String, _ flag: Int?, _ variable: String, _ range: ClosedRange<Int>) throws -> Int? {
        guard let text = text(flag.map(String.init), variable) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw ValidationError(
                "setting --\(name) (\(variable)) must be a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return value
    }

    public func choice<Value: RawRepresentable<String>>(
        _ name: String, _ flag: String?, _ variable: String, _ all: [Value]
    ) throws -> Value? {
        guard let text = text(flag, variable) else { return nil }
        guard let value = Value(rawValue: text) else {
            let known = all.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("setting --\(name) (\(variable)) must be one of: \(known)")
        }
        return value
    }
}

extension KafkaConfiguration {
    /// Bootstrap servers and every other property from flags and environment; `QUORATE_KAFKA_SASL_MECHANISM` is
    /// `sasl.mechanism`.
    public static func settings(
        bootstrapServers: String?, properties: [String], _ source: SettingSource
    ) throws -> KafkaConfiguration {
        let servers = try source.required("kafka-bootstrap-servers", bootstrapServers, "KAFKA_BOOTSTRAP_SERVERS")
        var extra: [String: String] = [:]
        let prefix = "QUORATE_KAFKA_"
        for (name, value) in source.environment where name.hasPrefix(prefix) && name != prefix + "INCARNATION" {
            extra[name.dropFirst(prefix.count).lowercased().replacing("_", with: ".")] = value
        }
        for property in properties {
            guard let equals = property.firstIndex(of: "=") else {
                throw ValidationError("setting --kafka must read name=value, as in --kafka security.protocol=SASL_SSL")
            }
            extra[String(property[..<equals])] = String(property[property.index(after: equals)...])
        }
        return KafkaConfiguration(bootstrapServers: servers, extra: extra)
    }
}

extension Connection {
    /// A worker's connection, with a limit on everything that can hang.
    public static func worker(_ url: String, name: WorkerName) throws -> Connection {
        try Connection(
            url, applicationName: "quorate-\(name.rawValue)",
            options: Options(
                statementTimeoutMilliseconds: Limits.statementTimeoutMilliseconds,
                lockTimeoutMilliseconds: Limits.lockTimeoutMilliseconds,
                idleInTransactionTimeoutMilliseconds: Limits.idleTransactionMilliseconds,
                // Scheduling reads by key alone: on statistics that a bulk load has outrun, a batch would read the ledger.
                settings: name == .scheduling ? ["enable_seqscan": "off"] : [:]))
    }
}
