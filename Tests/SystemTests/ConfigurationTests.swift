import Foundation
import TestSupport
import Testing
import Workers

/// Each load of the configuration is an epoch: open cases are judged again under it, without a restart.
@Suite struct ConfigurationTests {
    @Test func aNewEpochMovesEveryCase() async throws {
        let lines = try TestSystem.sample(cases: 40, seed: 21)
        try await TestSystem.with { system in
            let worker = try system.start([.scheduling])[0]
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            let before = try system.rows()
            let authorities = """
                defaults:
                  E06: england
                  E07: england
                  E08: london
                  E09: england
                  E10: england
                authorities:
                  E06000030: {policy: knowsley, liveFrom: 2025-07-01}
                  E10000019: {policy: swindon}
                """
            let file = try system.write("configuration/authorities.yaml", authorities)
            let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
            try system.quorate("migrate", "--configuration", folder)
            try wait("the new epoch in the worker's log", within: .seconds(20)) {
                worker.logText.contains("configuration loaded")
            }
            try system.waitUntilCaughtUp()
            #expect(try system.number("SELECT count(DISTINCT epoch) FROM scheduling.case_file") == 1)
            try system.expectRowsEqualEvaluate(lines, configuration: folder)
            #expect(try system.rows() != before)

            // The same files again, or none, are no new epoch; the packaged ones are, and bring back what was.
            try system.quorate("migrate", "--configuration", folder)
            try system.quorate("migrate")
            #expect(try system.number("SELECT count(*) FROM configuration.version") == 2)
            let empty = "\(system.folder)/packaged"
            try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: false)
            try system.quorate("migrate", "--configuration", empty)
            try wait("the next epoch") { try system.number("SELECT min(epoch) FROM scheduling.case_file") == 3 }
            try system.waitUntilCaughtUp()
            try system.expectRowsEqualEvaluate(lines)
        }
    }
}
