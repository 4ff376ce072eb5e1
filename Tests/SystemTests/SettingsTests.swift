import Foundation
import TestSupport
import Testing
import Workers

/// What an operator meets first: settings, their errors, and the health port.
@Suite struct SettingsTests {
    struct Wrong: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var of = WorkerName.allCases
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
        // An address kept for documentation: no machine's own. The loop, which waits for nothing here, must not go on without it.
        Wrong(
            testDescription: "a host that is not ours", environment: ["QUORATE_HEALTH_HOST": "192.0.2.1"],
            names: ["QUORATE_HEALTH_HOST", "QUORATE_HEALTH_PORT"]),
        Wrong(
            testDescription: "a mail folder that cannot be", of: [.notifications],
            environment: ["QUORATE_MAIL": "maildir:/proc/none"], names: ["QUORATE_MAIL", "/proc/none"]),
        Wrong(
            testDescription: "no folder of texts", of: [.notifications],
            environment: ["QUORATE_TEMPLATES": "/proc/none"], names: ["QUORATE_TEMPLATES", "/proc/none"]),
        Wrong(
            testDescription: "a lists folder that cannot be", of: [.reporting],
            environment: ["QUORATE_LISTS_FOLDER": "/proc/none"], names: ["QUORATE_LISTS_FOLDER", "/proc/none"]),
        Wrong(
            testDescription: "no signing key", of: [.auditing], environment: ["QUORATE_AUDIT_KEY_FILE": "/proc/none"],
            names: ["QUORATE_AUDIT_KEY_FILE", "quorate audit key"]),
    ]

    @Test(arguments: wrong) func anErrorNamesTheSetting(_ wrong: Wrong) async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            for name in wrong.of {
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

    /// Whatever a worker's sources read from the environment.
    @Test func helpListsEverySetting() async throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        try await TestSystem.with(.init(partitions: 1)) { system in
            for name in WorkerName.allCases {
                let help = try system.run(["--help"], program: name.rawValue)
                #expect(help.status == 0)
                let own = try Self.variables(in: "\(root)/Services/\(name.rawValue.capitalized)")
                let all = try own.union(Self.variables(in: root + "/Shared/Workers/Operation"))
                #expect(all.count >= 10, "\(all)")
                for variable in all {
                    #expect(help.output.contains(variable), "\(variable) in the help of \(name.rawValue)")
                }
            }
        }
    }

    private static func variables(in folder: String) throws -> Set<String> {
        var found: Set<String> = []
        for case let path as String in FileManager.default.enumerator(atPath: folder)! where path.hasSuffix(".swift") {
            let text = try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
            found.formUnion(
                text.matches(of: /"((?:QUORATE_|KAFKA_|DATABASE_|KEY_)[A-Z_]+)"/).map { String($0.output.1) })
        }
        return found
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
