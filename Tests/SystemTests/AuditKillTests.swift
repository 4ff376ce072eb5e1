import AuditLog
import Foundation
import Postgres
import TestSupport
import Testing
import TransparencyLog
import Workers

/// Auditing workers are killed by SIGKILL, each time at another moment; nothing is lost, doubled or out of order.
@Suite struct AuditKillTests {
    /// What is waited for before a kill.
    private enum Moment: CaseIterable {
        /// Some of the records just published are entries.
        case whileAppending
        /// A new checkpoint was signed, and may not have left the database.
        case whileSending
        /// A worker that was launched again has just been given partitions.
        case whileTakingOver
    }

    private enum Victim: CaseIterable {
        case first, second, both
        /// The second, which is launched again only after the first has taken over all that it had.
        case secondForLong
    }

    @Test func nothingIsLostOrDoubledByTwentyKills() async throws {
        try await TestSystem.with(.init(partitions: 4)) { system in
            let workers = try system.start([.auditing, .auditing], environment: ["QUORATE_AUDIT_ENTRIES": "20"])
            var random = SeededGenerator(seed: 6)
            for schedule in 0..<20 {
                let victim = Victim.allCases[schedule % Victim.allCases.count]
                // Twelve schedules have each victim at each moment.
                let moment = Moment.allCases[schedule / Victim.allCases.count % Moment.allCases.count]
                // A record under which a worker dies three times is condemned (decision 0007): no three kills meet one here.
                if moment != .whileTakingOver || victim == .both { try system.waitUntilCaughtUp() }
                let stored = try system.number("SELECT count(*) FROM auditing.entry")
                let signed = try system.number("SELECT count(*) FROM auditing.checkpoint")
                let target = stored + Int64.random(in: 1...60, using: &random)
                try system.publish((0..<60).map { discussion("event-\(schedule)-\($0)", case: "C-\($0 % 9)") })
                try wait("the moment of schedule \(schedule)", every: .milliseconds(1)) {
                    switch moment {
                    case .whileAppending: try system.number("SELECT count(*) FROM auditing.entry") >= target
                    case .whileSending: try system.number("SELECT count(*) FROM auditing.checkpoint") > signed
                    case .whileTakingOver: workers[1].latestLog.contains("partitions assigned")
                    }
                }
                switch victim {
                case .first: workers[0].crash()
                case .second, .secondForLong: workers[1].crash()
                case .both: for worker in workers { worker.crash() }
                }
                if victim == .secondForLong { try system.waitUntilCaughtUp() }
                try system.relaunchDead()
            }
            try system.waitUntilCaughtUp()
            try system.waitForCheckpoint()
            #expect(workers.map(\.launches).reduce(0, +) == 2 + 25)
            #expect(try system.number("SELECT count(*) FROM auditing.entry") == Int64(system.recordCount()))
            try system.expectOrderAndConsistency()
        }
    }
}

extension TestSystem {
    /// Every entry in its place, and every checkpoint that ever left the database in it and consistent with the last.
    func expectOrderAndConsistency() throws {
        let disorder = try number(
            """
            SELECT count(*) FROM (
                SELECT log_id FROM auditing.entry GROUP BY log_id HAVING count(DISTINCT kafka_offset - leaf_index) <> 1
                    OR count(*) <> max(leaf_index) - min(leaf_index) + 1) l
            """)
        #expect(disorder == 0)
        try quorate("audit", "verify")
        let keys = try strings("SELECT verifier FROM auditing.signing_key").map { try NoteVerifier($0) }
        let notes = try strings("SELECT note FROM auditing.checkpoint ORDER BY size")
        let sent = try PublishedCheckpoint.read(file: checkpointFile).map(\.note)
        #expect(!sent.isEmpty && sent == notes)
        guard let last = try notes.last.map({ try Checkpoint(note: $0, trusting: keys) }) else { return }
        let heads = StoredSubtrees(try connection, log: StoredSubtrees.heads)
        for note in sent {
            let old = try Checkpoint(note: note, trusting: keys)
            let proof = try heads.consistencyProof(from: old.size, to: last.size)
            #expect(Proof.isConsistent(old.root, of: old.size, with: last.root, of: last.size, by: proof))
        }
    }
}
