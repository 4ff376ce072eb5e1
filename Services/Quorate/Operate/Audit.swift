import ArgumentParser
import Postgres
import TransparencyLog

/// The record that cannot be altered unseen.
struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Verify the audit log.", subcommands: [Verify.self], defaultSubcommand: Verify.self)

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recompute every tree from the entries, and name the first that does not fit.",
            discussion: "Exit status 1 where something does not fit.")
        @OptionGroup var options: DeploymentOptions

        func run() throws {
            let connection = try options.deployment().connect("audit")
            let err = Terminal.error
            let verdict = try AuditVerification(connection).run { done, total in err.bar(done, of: total, "entries") }
            err.endProgress()
            Terminal.out.print(
                verdict.isGood ? Terminal.out.good(verdict.sentence) : Terminal.out.bad(verdict.sentence))
            if !verdict.isGood { throw ExitCode.failure }
        }
    }
}

/// Recomputes leaves and roots from the records as they were received.
struct AuditVerification {
    struct Verdict {
        let isGood: Bool
        let sentence: String
    }

    private struct Fault: Error { let sentence: String }

    private static let rowsAtOnce: Int64 = 5_000
    private let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    func run(_ progress: (_ done: Int, _ total: Int) -> Void) throws -> Verdict {
        let logs = try connection.execute(
            "SELECT log_id, cluster, topic, partition, size, frontier, root FROM auditing.log ORDER BY log_id")
        let total = logs.reduce(0) { $0 + $1.int("size") }
        var done = 0
        do {
            for log in logs {
                try verify(log) { count in
                    done += count
                    progress(done, total)
                }
            }
            try refuseStrays()
        } catch let fault as Fault {
            return Verdict(isGood: false, sentence: fault.sentence)
        }
        return Verdict(
            isGood: true, sentence: "\(total) entries in \(logs.count) logs: every leaf and every root fits.")
    }

    private func verify(_ log: Row, _ progress: (Int) -> Void) throws {
        var tree = MerkleTree()
        var lastOffset: Int64 = -1
        let place = "\(log.string("topic"))/\(log.int32("partition"))"
        while true {
            let rows = try connection.execute(
                """
                SELECT leaf_index, kafka_offset, kafka_timestamp_ms, record_key, headers, value, leaf_hash
                  FROM auditing.entry WHERE log_id = \(log.int64("log_id")) AND leaf_index >= \(Int64(tree.size))
                 ORDER BY leaf_index LIMIT \(AuditVerification.rowsAtOnce)
                """)
            for row in rows {
                let offset = row.int64("kafka_offset")
                guard row.int64("leaf_index") == Int64(tree.size) else {
                    throw Fault(sentence: "log \(place): entry \(tree.size) is missing.")
                }
                let leaf = RecordLeaf.hash(
                    cluster: log.string("cluster"), topic: log.string("topic"), partition: log.int32("partition"),
                    offset: offset, timestamp: row.int64("kafka_timestamp_ms"), key: row.bytesOrNil("record_key"),
                    headers: row.bytes("headers"), value: row.bytesOrNil("value"))
                guard leaf.bytes == row.bytes("leaf_hash"), offset > lastOffset else {
                    throw Fault(
                        sentence: "log \(place): entry \(tree.size) (offset \(offset)) is not what was received.")
                }
                lastOffset = offset
                tree.append(leaf)
            }
            progress(rows.count)
            if rows.count < Int(AuditVerification.rowsAtOnce) { break }
        }
        guard Int64(tree.size) == log.int64("size") else {
            throw Fault(sentence: "log \(place): \(tree.size) entries, where its state says \(log.int64("size")).")
        }
        guard tree.root.bytes == log.bytes("root"), tree.frontierBytes == log.bytes("frontier") else {
            throw Fault(sentence: "log \(place): the root over its \(tree.size) entries is not the one recorded.")
        }
    }

    private func refuseStrays() throws {
        let stray = try connection.execute(
            "SELECT log_id, leaf_index FROM auditing.entry e WHERE NOT EXISTS (SELECT FROM auditing.log l WHERE l.log_id = e.log_id) LIMIT 1"
        )
        if let row = stray.first {
            throw Fault(
                sentence:
                    "entry \(row.int64("leaf_index")) belongs to log \(row.int64("log_id")), which does not exist.")
        }
    }
}
