import Foundation
import TestSupport
import Testing
import Workers

/// What an operator meets first: settings, their errors, and the health port.
@Suite struct SettingsTests {
    struct Wrong: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var without: String? = nil
        var environment: [String: String] = [:]
        var flags: [String] = []
        /// Which the error must name.
        let names: [String]
    }

    static let wrong: [Wrong] = [
        Wrong(testDescription: "no database", without: "DATABASE_URL", names: ["DATABASE_URL", "--database-url"]),
        Wrong(
            testDescription: "no broker", without: "KAFKA_BOOTSTRAP_SERVERS",
            names: ["KAFKA_BOOTSTRAP_SERVERS", "--kafka-bootstrap-servers"]),
        Wrong(
            testDescription: "a port in words", environment: ["QUORATE_HEALTH_PORT": "eighty"],
            names: ["QUORATE_HEALTH_PORT"]),
        Wrong(
            testDescription: "a port too high", flags: ["--health-port", "65536"], names: ["--health-port", "65535"]),
        Wrong(
            testDescription: "a short session", environment: ["QUORATE_SESSION_TIMEOUT_MS": "5"],
            names: ["QUORATE_SESSION_TIMEOUT_MS", "6000"]),
        Wrong(
            testDescription: "an unknown level", environment: ["QUORATE_LOG_LEVEL": "loud"],
            names: ["QUORATE_LOG_LEVEL", "debug"]),
        Wrong(
            testDescription: "an unknown format", environment: ["QUORATE_LOG_FORMAT": "xml"],
            names: ["QUORATE_LOG_FORMAT", "json"]),
        Wrong(
            testDescription: "a property without value", flags: ["--kafka", "acks"], names: ["--kafka", "name=value"]),
        Wrong(
            testDescription: "an unknown property", environment: ["QUORATE_KAFKA_SASL_MECHANISMUS": "PLAIN"],
            names: ["sasl.mechanismus"]),
        Wrong(
            testDescription: "a property with a bad value", flags: ["--kafka", "security.protocol=SAFE"],
            names: ["security.protocol"]),
        Wrong(
            testDescription: "a property that is ours", flags: ["--kafka", "enable.auto.commit=true"],
            names: ["enable.auto.commit"]),
        Wrong(
            testDescription: "a database that is no URL", environment: ["DATABASE_URL": "hunter2"],
            names: ["DATABASE_URL"]),
    ]

    @Test(arguments: wrong) func anErrorNamesTheSetting(_ wrong: Wrong) async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            for name in WorkerName.allCases {
                var environment = system.environment(of: name).merging(wrong.environment) { $1 }
                if let without = wrong.without { environment[without] = "" }
                let result = try system.run(
                    wrong.flags, program: name.rawValue, environment: environment, within: .seconds(20))
                #expect(result.status != 0)
                for word in wrong.names {
                    #expect(result.errors.contains(word), "\(name.rawValue): \(word) in \(result.errors)")
                }
                #expect(!result.errors.contains("hunter2"), "a value that may be a secret is not repeated")
            }
        }
    }

    @Test func helpListsEverySetting() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            let all = [
                "DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS", "QUORATE_KAFKA_", "QUORATE_KAFKA_INCARNATION",
                "QUORATE_INSTANCE_ID", "QUORATE_SESSION_TIMEOUT_MS", "QUORATE_HEALTH_HOST", "QUORATE_HEALTH_PORT",
                "QUORATE_LOG_LEVEL", "QUORATE_LOG_FORMAT",
            ]
            let own: [WorkerName: [String]] = [.notifications: ["QUORATE_MAIL"], .reporting: ["QUORATE_LISTS_FOLDER"]]
            for name in WorkerName.allCases {
                let help = try system.run(["--help"], program: name.rawValue)
                #expect(help.status == 0)
                for variable in all + (own[name] ?? []) {
                    #expect(help.output.contains(variable), "\(variable) in the help of \(name.rawValue)")
                }
            }
        }
    }

    @Test func theHealthPortTells() async throws {
        try await TestSystem.with(.init(partitions: 2)) { system in
            try system.start()
            try system.publish(
                (0..<10).map { discussion("e-\($0)", case: "C-\($0)") } + [discussion("e-1", case: "C-1")])
            try system.produceRaw(key: nil, value: Array("{".utf8))
            try system.waitUntilCaughtUp()
            for worker in system.workers {
                #expect(try worker.get("healthz").status == 200)
                #expect(try worker.get("readyz").status == 200)
                #expect(try worker.get("nothing").status == 404)
                let metrics = try worker.get("metrics").body
                for name in [
                    "quorate_records_consumed_total", "quorate_events_applied_total", "quorate_events_duplicate_total",
                    "quorate_events_quarantined_total", "quorate_batch_seconds_sum", "quorate_batch_seconds_count",
                    "quorate_outbox_backlog", "kafka_consumergroup_lag",
                ] {
                    #expect(metrics.contains("# TYPE \(name) "), "\(name) of \(worker.name.rawValue)")
                }
            }
            let metrics = try system.worker(.scheduling).get("metrics").body
            func figure(_ name: String) -> String? {
                metrics.split(separator: "\n").first { $0.hasPrefix("\(name){worker=\"scheduling\"} ") }
                    .map { String($0.split(separator: " ")[1]) }
            }
            #expect(figure("quorate_records_consumed_total") == "12")
            #expect(figure("quorate_events_applied_total") == "10")
            #expect(figure("quorate_events_duplicate_total") == "1")
            #expect(figure("quorate_events_quarantined_total") == "1")
        }
    }
}
