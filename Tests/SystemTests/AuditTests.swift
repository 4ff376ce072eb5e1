import TestSupport
import Testing
import Workers

/// The record that cannot be altered unseen, and a status that tells what is not well.
@Suite struct AuditTests {
    struct Tampering: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let statement: String
        /// What `quorate audit verify` says of it.
        let told: String
    }

    static let tamperings: [Tampering] = [
        Tampering(
            testDescription: "a value", statement: "UPDATE auditing.entry SET value = 'x' WHERE leaf_index = 3",
            told: "log case-events/0: entry 3 (offset 3) is not what was received."),
        Tampering(
            testDescription: "a key", statement: "UPDATE auditing.entry SET record_key = NULL WHERE leaf_index = 5",
            told: "log case-events/0: entry 5 (offset 5) is not what was received."),
        Tampering(
            testDescription: "an entry away", statement: "DELETE FROM auditing.entry WHERE leaf_index = 4",
            told: "log case-events/0: entry 4 is missing."),
        Tampering(
            testDescription: "the last entry away", statement: "DELETE FROM auditing.entry WHERE leaf_index = 9",
            told: "log case-events/0: 9 entries, where its state says 10."),
        Tampering(
            testDescription: "the root", statement: "UPDATE auditing.log SET root = sha256('x') WHERE size = 10",
            told: "log case-events/0: the root over its 10 entries is not the one recorded."),
    ]

    @Test func verifyNamesTheFirstThatDoesNotFit() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            try system.start([.auditing])
            try system.publish((0..<10).map { discussion("event-\($0)", case: "C-\($0)") })
            try system.waitUntilCaughtUp()
            try system.quorate("audit", "verify")
            try system.stopWorkers()
            let status = try system.quorate("status", exits: 1)
            #expect(status.output.contains(/auditing .*no worker connected/))

            let connection = try system.connection
            #expect(throws: (any Error).self) {
                try connection.script("UPDATE auditing.entry SET value = 'x' WHERE leaf_index = 3")
            }
            // As someone who may do anything would go about it.
            try connection.script("SET session_replication_role = 'replica'")
            try connection.script("CREATE TABLE public.entries AS SELECT * FROM auditing.entry")
            try connection.script("CREATE TABLE public.logs AS SELECT log_id, root FROM auditing.log")
            for tampering in Self.tamperings {
                try connection.script(tampering.statement)
                let verdict = try system.quorate("audit", "verify", exits: 1)
                #expect(verdict.output.contains(tampering.told), "\(tampering): \(verdict.output)")
                try connection.script("DELETE FROM auditing.entry")
                try connection.script("INSERT INTO auditing.entry SELECT * FROM public.entries")
                try connection.script(
                    "UPDATE auditing.log l SET root = w.root FROM public.logs w WHERE w.log_id = l.log_id")
                try system.quorate("audit", "verify")
            }
        }
    }
}
