import AuditLog
import CaseEvents
import Foundation
import Postgres
import StatutoryRules
import TransparencyLog
import Workers

/// Measures the audit log without Kafka: what its trees cost, how fast it verifies, and how it bears growth.
struct LogBenchmark {
    let cluster: BenchCluster
    let histories: BenchData
    /// Of the large log.
    let entries: Int
    let say: (String) -> Void

    private static let pairs = 5
    private static let events = 100_000
    private static let smallLog = 100_000
    /// Events of a measurement on a log of some length, and how often it is made.
    private static let sample = 20_000
    private static let samples = 7
    private static let proofs = 200

    func run() throws -> [BenchFigure] { try trees() + growth() }

    // MARK: Trees

    /// The same records with trees and without, in pairs; and the verification of what was written.
    private func trees() throws -> [BenchFigure] {
        let events = Array(histories.events(.byTime).prefix(LogBenchmark.events))
        var (with, without): ([Double], [Double]) = ([], [])
        for pair in 0..<LogBenchmark.pairs {
            for hasTrees in pair % 2 == 0 ? [false, true] : [true, false] {
                say("trees: pair \(pair + 1) of \(LogBenchmark.pairs), \(hasTrees ? "with" : "without")")
                try cluster.makeDatabase()
                let log = try AppendingLog(cluster)
                let seconds = try log.cost { try log.append(events, hasTrees: hasTrees) }
                if hasTrees { with.append(seconds) } else { without.append(seconds) }
            }
        }
        let ratios = zip(with, without).map { $0 / $1 - 1 }
        let cost = ratios.sorted()[ratios.count / 2]
        let micros = [with, without].map { $0.sorted()[$0.count / 2] / Double(events.count) * 1e6 }
        try cluster.makeDatabase()
        try AppendingLog(cluster).append(events, hasTrees: true)
        let verifying = try verification(of: events.count)
        return [
            BenchFigure(
                name: String(
                    format: "CPU of trees (%.1f µs an entry with them, %.1f without)", micros[0], micros[1]),
                reached: String(format: "%.1f %%", cost * 100), bound: "at most 15 %", holds: cost <= 0.15)
        ] + verifying
    }

    private func verification(of count: Int) throws -> [BenchFigure] {
        say("verifying")
        let url = cluster.ownerURL
        let verification = AuditVerification(keys: []) {
            DatabaseSource(try Connection(url, applicationName: "quorate-bench"))
        }
        let (started, before) = (Date(), BenchFigure.threadSeconds)
        let verdict = try verification.run()
        let (seconds, cpu) = (Date().timeIntervalSince(started), BenchFigure.threadSeconds - before)
        guard verdict.isGood, verdict.entries == count else { throw AuditFault("verification: \(verdict.sentence)") }
        let (rate, wall) = (Double(count) / cpu, Double(count) / seconds)
        return [
            BenchFigure(
                name: "verifying on one core", reached: "\(Int(rate)) a second", bound: "at least 300000",
                holds: rate >= 300_000),
            BenchFigure(
                name: "verifying, while the server reads on the other", reached: "\(Int(wall)) a second", bound: "",
                holds: nil),
        ]
    }

    // MARK: Growth

    /// What an entry costs on a small log and on a large one, in pairs, since a machine's speed changes by the minute; and
    /// how long a proof of inclusion takes in the large one.
    private func growth() throws -> [BenchFigure] {
        let events = Array(histories.events(.byTime).suffix(LogBenchmark.sample))
        let small = try grown(to: LogBenchmark.smallLog, by: events)
        let smallDatabase = "\(BenchCluster.database)_small"
        small.connection.close()
        try cluster.keepDatabase(as: smallDatabase)
        try small.connect(to: smallDatabase)
        // The samples are the last of the entries, so that they come where a table's part is fullest.
        let large = try grown(to: entries - (1 + LogBenchmark.samples) * events.count, by: events)
        for log in [small, large] {
            // What the server owes for the growth, it pays before: vacuum, summaries, and the whole pages that it writes
            // first after a checkpoint.
            try log.connection.script("VACUUM (ANALYZE)")
            try log.connection.script("CHECKPOINT")
            try log.append(events, hasTrees: true, partitions: 1)
        }
        var (few, many): ([Double], [Double]) = ([], [])
        for pair in 0..<LogBenchmark.samples {
            say("growth: pair \(pair + 1) of \(LogBenchmark.samples)")
            for isLarge in pair % 2 == 0 ? [false, true] : [true, false] {
                let log = isLarge ? large : small
                let seconds = try log.cost { try log.append(events, hasTrees: true, partitions: 1) }
                if isLarge { many.append(seconds) } else { few.append(seconds) }
            }
        }
        let ratio = zip(many, few).map { $0 / $1 }.sorted()[LogBenchmark.samples / 2]
        let micros = [few, many].map { $0.sorted()[$0.count / 2] / Double(events.count) * 1e6 }
        say("proving")
        let milliseconds = try proofs(large.connection)
        return [
            BenchFigure(
                name: String(
                    format: "CPU an entry at %d entries (%.1f µs; %.1f at 100000)", entries, micros[1], micros[0]),
                reached: String(format: "%.2f ×", ratio), bound: "at most 1.2 ×", holds: ratio <= 1.2),
            BenchFigure(
                name: "proof of inclusion among them, median and longest of \(LogBenchmark.proofs)",
                reached: String(
                    format: "%.1f, %.1f ms", milliseconds[milliseconds.count / 2], milliseconds.last ?? 0),
                bound: "median within 5 ms", holds: milliseconds[milliseconds.count / 2] < 5),
        ]
    }

    private func grown(to count: Int, by events: [BenchData.Event]) throws -> AppendingLog {
        try cluster.makeDatabase()
        let log = try AppendingLog(cluster)
        try log.grow(to: count, sealedFor: events, say)
        return log
    }

    private func proofs(_ connection: Connection) throws -> [Double] {
        let log = try DatabaseSource(connection).logs()[0]
        var random = SampleRandom(seed: 5)
        return try (0..<LogBenchmark.proofs).map { _ in
            let index = UInt64(random.unit() * Double(log.size))
            let started = Date()
            let stored = StoredSubtrees(connection, log: log.id)
            let proof = try stored.inclusionProof(of: index, in: log.size)
            let seconds = Date().timeIntervalSince(started)
            let leaf = try stored.root(height: 0, position: index)
            guard Proof.isIncluded(leaf, at: index, in: log.size, root: TreeHash(bytes: log.root), by: proof) else {
                throw AuditFault("entry \(index) is not proved")
            }
            return seconds * 1_000
        }.sorted()
    }
}

/// A log that a benchmark fills, batch by batch, as auditing does after it took the records from Kafka.
private final class AppendingLog {
    private(set) var connection: Connection
    private let cluster: BenchCluster
    private let keys: KeyDatabase
    private var appender = LogAppender(cluster: AppendingLog.name)
    private var offsets: [Int32: Int64] = [:]

    private static let name = "bench"
    private static let topic = SystemTopic.caseEvents.rawValue

    init(_ cluster: BenchCluster) throws {
        self.cluster = cluster
        connection = try cluster.connect()
        keys = try cluster.keys()
    }

    /// Goes on in a database that was renamed.
    func connect(to database: String) throws { connection = try cluster.connect(to: database) }

    /// CPU seconds of this thread and of the server.
    func cost(_ work: () throws -> Void) throws -> Double {
        let before = BenchFigure.threadSeconds + cluster.cpuSeconds()
        try work()
        return BenchFigure.threadSeconds + cluster.cpuSeconds() - before
    }

    func append(_ events: [BenchData.Event], hasTrees: Bool, partitions: Int = BenchTopic.partitions) throws {
        for start in stride(from: 0, to: events.count, by: Limits.batchRecords) {
            let batch = events[start..<min(start + Limits.batchRecords, events.count)]
            // A fetch holds a run of each partition.
            let runs = batch.indices.map { Int32(($0 - start) * partitions / batch.count) }
            let records = zip(batch, runs).map { record($0, in: $1) }
            try append(records, try keys.keys(of: records.map(AppendingLog.owner)), hasTrees: hasTrees)
        }
    }

    private static func owner(of record: ReceivedRecord) -> KeyOwner {
        KeyOwner(
            authority: record.authority, subject: record.subject, isOfCase: true, timestamp: record.timestamp)
    }

    private func record(_ event: BenchData.Event, in partition: Int32) -> ReceivedRecord {
        let headers = [(name: "content-type", value: Array("application/cloudevents+json; charset=UTF-8".utf8))]
        let peek = Contract.peek(IncomingEvent(key: event.key, headers: headers, value: event.value))
        let content = RecordContent(
            key: event.key, headers: headers.map { .init(name: Array($0.name.utf8), value: $0.value) },
            value: event.value)
        return record(content, in: partition, peek)
    }

    private func record(_ content: RecordContent, in partition: Int32, _ peek: Peek) -> ReceivedRecord {
        defer { offsets[partition, default: 0] += 1 }
        return ReceivedRecord(
            topic: AppendingLog.topic, partition: partition, offset: offsets[partition, default: 0],
            timestamp: 1_700_000_000_000, content: content, type: peek.type, source: peek.source, id: peek.id,
            authority: peek.authority, subject: peek.subject, correlationId: peek.correlationid)
    }

    private func append(_ records: [ReceivedRecord], _ keys: [ContentKey], hasTrees: Bool) throws {
        try connection.transaction { transaction in
            if hasTrees {
                try appender.append(records, in: transaction) { _ in RecordSeals(keys: keys) }
            } else {
                try UnprovedLog.append(records, sealedBy: keys, cluster: AppendingLog.name, in: transaction)
            }
        }
    }

    /// Fills partition 0 with entries of next to nothing, sealed with the keys of these events' cases in turn.
    func grow(to count: Int, sealedFor events: [BenchData.Event], _ say: (String) -> Void) throws {
        let cases = events.map { record($0, in: 0) }
        offsets = [:]
        let keys = try keys.keys(of: cases.map(AppendingLog.owner))
        let content = RecordContent(key: nil, headers: [], value: nil)
        let nothing = Contract.peek(IncomingEvent(key: nil, headers: [], value: nil))
        while case let left = count - Int(offsets[0, default: 0]), left > 0 {
            say("growing the log: \(left) entries of \(count) to come")
            let batch = (0..<min(keys.count, left)).map { _ in record(content, in: 0, nothing) }
            try append(batch, Array(keys.prefix(batch.count)), hasTrees: true)
        }
    }
}

/// The same rows as the audit log's, sealed, but for leaves and trees: what a log costs that proves nothing.
private enum UnprovedLog {
    static func append(
        _ records: [ReceivedRecord], sealedBy keys: [ContentKey], cluster: String, in transaction: borrowing Transaction
    ) throws {
        let partitions = Set(records.map(\.partition)).sorted()
        try transaction.execute(
            """
            INSERT INTO auditing.log (cluster, topic, partition) SELECT \(cluster), \(records[0].topic), unnest(\(partitions))
            ON CONFLICT DO NOTHING
            """)
        var ids: [Int32: Int64] = [:]
        for row in try transaction.execute("SELECT log_id, partition FROM auditing.log ORDER BY log_id FOR UPDATE") {
            ids[row.int32("partition")] = row.int64("log_id")
        }
        var places: [Int32: SealingPlace] = [:]
        for partition in partitions {
            places[partition] = SealingPlace(
                LogPlace(cluster: cluster, topic: records[0].topic, partition: partition))
        }
        let now = try transaction.execute("SELECT now() AS now")[0].timestamp("now")
        var (content, columns): ([UInt8], [UInt8]) = ([], [])
        _ = try transaction.copy(
            """
            COPY auditing.entry (log_id, leaf_index, received_at, kafka_offset, kafka_timestamp_ms, event_type,
                event_source, event_id, authority, subject, correlation_id, key_id, sealed, leaf_hash)
            FROM STDIN (FORMAT binary)
            """, rows: records.count
        ) { place, rows in
            let (record, key) = (records[place], keys[place])
            record.content.encode(to: &content)
            let sealed = key.seal(content, at: places[record.partition]!.bytes(at: record.offset))
            RecordLeaf.write(
                offset: record.offset, timestamp: record.timestamp, type: record.type, source: record.source,
                id: record.id, authority: record.authority, subject: record.subject,
                correlationId: record.correlationId, keyId: key.id, to: &columns)
            rows.beginRow(columns: 5 + RecordLeaf.columnCount)
            rows.append(ids[record.partition]!)
            rows.append(record.offset)
            rows.append(now)
            rows.append(fields: RecordLeaf.columnCount, columns)
            sealed.withUnsafeBytes { rows.append($0) }
            rows.append([UInt8]())
        }
        let ends = Dictionary(records.map { ($0.partition, $0.offset + 1) }, uniquingKeysWith: { $1 })
        try transaction.execute(
            """
            UPDATE auditing.log l SET size = u.size FROM unnest(\(partitions.map { ids[$0]! }),
                \(partitions.map { ends[$0]! })) AS u (log_id, size) WHERE l.log_id = u.log_id
            """)
    }
}
