import AuditLog
import Foundation
import TestSupport
import Testing
import TransparencyLog

/// The key that signs is changed while the log goes on.
@Suite struct AuditKeyTests {
    /// As the README says: the new key beside the old one, a checkpoint, the new key alone.
    @Test func aNewKeyTakesOverBesideTheOldOne() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            let files = ["first", "second"].map { "\(system.folder)/\($0).key" }
            let keys = try files.map { try SignerFile.make($0, name: "quorate.test/audit").description }
            let lines = try files.map { try String(contentsOfFile: $0, encoding: .utf8) }
            let signing = "\(system.folder)/signing.key"
            let worker = try system.start([.auditing], environment: ["QUORATE_AUDIT_KEY_FILE": files[0]])[0]
            worker.environment["QUORATE_AUDIT_KEY_FILE"] = signing
            for (round, text) in [lines[0], lines[0] + lines[1], lines[1]].enumerated() {
                if round > 0 {
                    try worker.stop()
                    try text.write(toFile: signing, atomically: true, encoding: .utf8)
                    try worker.launch()
                }
                try system.publish((0..<10).map { discussion("event-\(round)-\($0)", case: "C-\($0)") })
                try system.waitUntilCaughtUp()
                try system.waitForCheckpoint()
            }
            let notes = try system.strings("SELECT note FROM auditing.checkpoint ORDER BY size").map {
                try SignedNote($0)
            }
            let trusted = try keys.map { try NoteVerifier($0) }
            let signers = try notes.map { note in try trusted.map { try note.verified(by: [$0]).count } }
            // By the first, then by both, then by the second, and in no other order.
            #expect(Set(signers) == [[1, 0], [1, 1], [0, 1]])
            #expect(signers == signers.sorted { ($0[1], $1[0]) < ($1[1], $0[0]) })

            let both = try system.quorate("audit", "verify", "--key", keys[0], "--key", keys[1]).output
            #expect(both.contains("30 entries in 1 logs") && both.contains("keys as given"), "\(both)")
            #expect(try system.secondVerdict().status == 0)
            let sizes = try system.strings("SELECT size::text FROM auditing.checkpoint c ORDER BY c.size")
            try system.quorate(
                "audit", "consistency", sizes[0], sizes.last!, "--key", keys[0], "--key", keys[1])
            for (key, size) in [(keys[0], sizes.last!), (keys[1], sizes[0])] {
                let alone = try system.quorate("audit", "verify", "--key", key, exits: 1).output
                #expect(alone.contains("is signed by no key that is trusted"), "\(size): \(alone)")
            }
        }
    }
}
