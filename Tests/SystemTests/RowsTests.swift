import TestSupport
import Testing

@Suite struct RowsTests {
    @Test func starts() async throws {
        try await TestSystem.with { system in
            try system.start()
            try system.publish(try TestSystem.sample(cases: 5, seed: 1))
            try system.waitUntilCaughtUp()
            #expect(try system.rows().count == 5)
        }
    }
}
