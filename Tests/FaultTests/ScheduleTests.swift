import TestSupport
import Testing

/// Seeded faults on real processes: nothing lost, nothing applied twice, every notice once, the chain valid, dead
/// letters exactly the bad inputs. `QUORATE_FAULT_SEED=n` runs one schedule again.
@Suite struct ScheduleTests {
    @Test(arguments: FaultPlan.seeds)
    func holdsThroughFaults(seed: Int) async throws {
        let plan = FaultPlan(seed: seed)
        // Less is asked for idle waiting, so that several systems share few cores.
        let options = TestSystem.Options(
            partitions: plan.partitions, ownCluster: true, environment: ["QUORATE_KAFKA_FETCH_WAIT_MAX_MS": "40"])
        try await TestSystem.with(options) { system in
            let run = FaultRun(plan, on: system)
            let started = ContinuousClock.now
            do {
                try run.run()
            } catch {
                run.problems.append("\(error)")
            }
            guard run.problems.isEmpty else {
                throw TestFault("\(plan)\n" + run.problems.map { "  - \($0)" }.joined(separator: "\n"))
            }
            print("seed \(seed): \(try run.summary()), \(started.duration(to: .now).components.seconds) s")
        }
    }
}
