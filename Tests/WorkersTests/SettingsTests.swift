import ArgumentParser
import Testing

@testable import Workers

@Suite("Settings of a worker")
struct SettingsTests {
    private static let good = ["DATABASE_URL": "postgres://localhost/q", "KAFKA_BOOTSTRAP_SERVERS": "localhost:9092"]

    private func message(_ arguments: [String], _ environment: [String: String]) -> String? {
        do {
            _ = try WorkerSettings(try WorkerOptions.parse(arguments), environment: environment)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test(
        "A wrong setting is named, by flag and by variable",
        arguments: [
            (["DATABASE_URL": ""], "DATABASE_URL"),
            (["KAFKA_BOOTSTRAP_SERVERS": ""], "KAFKA_BOOTSTRAP_SERVERS"),
            (["QUORATE_HEALTH_PORT": "70000"], "--health-port"),
            (["QUORATE_HEALTH_PORT": "eighty"], "QUORATE_HEALTH_PORT"),
            (["QUORATE_SESSION_TIMEOUT_MS": "5"], "--session-timeout-ms"),
            (["QUORATE_LOG_LEVEL": "loud"], "--log-level"),
            (["QUORATE_LOG_FORMAT": "xml"], "QUORATE_LOG_FORMAT"),
        ])
    func wrong(change: [String: String], named: String) throws {
        let text = try #require(message([], Self.good.merging(change) { _, new in new }))
        #expect(text.contains(named), "said: \(text)")
    }

    @Test("A Kafka property must read name=value")
    func property() throws {
        #expect(try #require(message(["--kafka", "sasl"], Self.good)).contains("--kafka"))
    }

    @Test("The flag goes before the variable")
    func precedence() throws {
        let settings = try WorkerSettings(
            try WorkerOptions.parse(["--health-port", "81"]),
            environment: Self.good.merging(["QUORATE_HEALTH_PORT": "82"]) { _, new in new })
        #expect(settings.healthPort == 81)
    }

    @Test("A Kafka property comes from the environment in Kafka's own name")
    func passThrough() throws {
        let settings = try WorkerSettings(
            try WorkerOptions.parse([]),
            environment: Self.good.merging(["QUORATE_KAFKA_SASL_MECHANISM": "PLAIN"]) { _, new in new })
        #expect(settings.kafka.extra == ["sasl.mechanism": "PLAIN"])
    }
}
