import Foundation
import TestSupport
import Testing
import Workers

/// A database that is gone for a minute while events keep coming.
@Suite struct OutageTests {
    private static let seconds = 60.0

    @Test func aDatabaseOutageUnderLoadLosesNothing() async throws {
        let lines = try TestSystem.sample(cases: 40, seed: 5)
        try await TestSystem.with(.init(ownCluster: true)) { system in
            try system.start()
            let early = lines.count / 3
            try system.publish(Array(lines[..<early]))
            try wait("the first duties") { try system.number("SELECT count(*) FROM scheduling.fact") > 100 }
            for worker in system.workers { #expect(try worker.get("readyz").status == 200) }

            let begun = Date()
            try system.cluster.postgres.stop(mode: .immediate)
            for worker in system.workers {
                try wait("\(worker.name.rawValue) not ready") { try worker.get("readyz").status == 503 }
            }
            var at = early
            while case let passed = Date().timeIntervalSince(begun), passed < Self.seconds {
                // The load goes on at its pace, until all is sent at the end of the outage.
                let due = early + Int(Double(lines.count - early) * min(1, passed / Self.seconds))
                if due > at { try system.publish(Array(lines[at..<due])) }
                at = max(at, due)
                for worker in system.workers {
                    #expect(try worker.get("healthz").status == 200)
                    #expect(try worker.get("readyz").status == 503)
                }
                usleep(500_000)
            }
            try system.publish(Array(lines[at...]))
            try system.cluster.postgres.restart()

            try system.waitUntilCaughtUp()
            for worker in system.workers {
                try wait("\(worker.name.rawValue) ready") { try worker.get("readyz").status == 200 }
                #expect(try worker.get("healthz").status == 200)
                #expect(worker.isRunning && worker.launches == 1)
            }
            for worker in system.workers {
                for line in worker.logText.split(separator: "\n") {
                    #expect(line.hasPrefix("{\"time\":"), "no JSON: \(line)")
                }
            }
            #expect(try system.records(of: .deadLetters).isEmpty)
            for name in WorkerName.allCases {
                #expect(try system.number("SELECT count(*) FROM \(raw: name.schema).quarantine") == 0)
            }
            #expect(try system.number("SELECT count(*) FROM scheduling.fact") == distinct(lines))
            try system.expectRowsEqualEvaluate(lines)
            try system.quorate("audit", "verify")
        }
    }
}
