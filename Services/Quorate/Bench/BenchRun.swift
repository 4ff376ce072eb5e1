import Embedded
import Foundation
import Postgres
import StatutoryRules
import Workers

/// What one run over a topic cost.
struct BenchRun {
    var events: Int
    /// From the first record to the last commit. A lane's clock starts when it holds its first records. A worker's
    /// starts with its log line "partitions assigned", before it fetches anything, and ends when its offsets are seen
    /// in PostgreSQL to have reached the end.
    var seconds: Double
    /// Of the whole process, from its start.
    var processSeconds: Double
    /// Of all PostgreSQL's processes, from the process's start to the last commit.
    var serverSeconds: Double
    var peakKibibytes: Int
    /// Of workers: what it wrote besides.
    var outcomes: Int64 = 0
    var unsent: Int64 = 0
    var start = WorkerStart()
    /// Of workers, from the assignment to the end: without what starting costs.
    var steadySeconds = 0.0

    var rate: Double { Double(events) / seconds }
}

/// Milliseconds of a worker's start.
struct WorkerStart {
    /// From the start of the process to the log line "joining", written after the group was asked to be joined.
    var joining = 0.0
    /// From the first row with which the worker claims a partition to its first commit of records.
    var firstBatch: Double?
}

/// A lane in C or Python, or a worker, as a child process against a fresh database.
enum BenchContender: String, CaseIterable {
    case laneA = "C, COPY (a)"
    case laneB = "C, once each (b)"
    case laneC = "Python (c)"
    case auditing
    case scheduling
    case notifications
    case reporting

    var worker: WorkerName? { WorkerName(rawValue: rawValue) }
}

/// Runs the contenders, one at a time.
final class BenchRunner {
    let cluster: BenchCluster
    let folder: String
    private let lanes: BenchLanes
    private let say: (String) -> Void
    private var runs = 0

    /// A run that takes longer has failed.
    private static let limitSeconds = 3_600.0
    private static let pollSeconds = 0.02

    init(cluster: BenchCluster, lanes: BenchLanes, folder: String, say: @escaping (String) -> Void) {
        self.cluster = cluster
        self.lanes = lanes
        self.folder = folder
        self.say = say
    }

    func run(_ contender: BenchContender, over topic: BenchTopic, isFresh: Bool = true) throws -> BenchRun {
        if isFresh { try cluster.makeDatabase() }
        guard let name = contender.worker else {
            let before = cluster.cpuSeconds()
            var run = try lanes.run(
                contender, servers: topic.broker.bootstrapServers, database: cluster.ownerURL, events: topic.count)
            run.serverSeconds = cluster.cpuSeconds() - before
            return run
        }
        return try runWorker(name, over: topic)
    }

    // MARK: Workers

    private func runWorker(_ name: WorkerName, over topic: BenchTopic) throws -> BenchRun {
        runs += 1
        let log = "\(folder)/\(name.rawValue)-\(runs).log"
        try? FileManager.default.removeItem(atPath: log)
        let worker = try WorkerProcess(
            name, environment: cluster.environment(of: name, on: topic.broker, folder: folder), log: log)
        let watch = try Watch(name, cluster: cluster, incarnation: topic.broker.runId)
        let serverBefore = cluster.cpuSeconds(without: [watch.connection])
        let started = Date()
        try worker.launch()
        defer { worker.stop() }
        let process = worker.processId!

        var run = BenchRun(events: topic.count, seconds: 0, processSeconds: 0, serverSeconds: 0, peakKibibytes: 0)
        var assigned: Date?
        var claimed: Date?
        var before = (process: 0.0, server: 0.0)
        while true {
            guard worker.exitStatus == nil else { throw EmbeddedError("\(name.rawValue) ended; its log: \(log)") }
            guard Date().timeIntervalSince(started) < BenchRunner.limitSeconds else {
                throw EmbeddedError("\(name.rawValue) did not reach the end in an hour; its log: \(log)")
            }
            let progress = try watch.progress()
            let now = Date()
            claimed = claimed ?? progress.claimed
            if assigned == nil, let line = logged("partitions assigned", in: log) {
                assigned = line
                before = (ProcessAccount(process)?.cpuSeconds ?? 0, cluster.cpuSeconds(without: [watch.connection]))
            }
            if run.start.firstBatch == nil, progress.applied > 0, let claimed {
                run.start.firstBatch = max(0, now.timeIntervalSince(claimed)) * 1_000
            }
            if progress.applied >= topic.count, let assigned {
                run.seconds = now.timeIntervalSince(assigned)
                break
            }
            say("\(name.rawValue): \(progress.applied) of \(topic.count) events")
            Thread.sleep(forTimeInterval: assigned == nil ? 0.005 : BenchRunner.pollSeconds)
        }
        run.processSeconds = ProcessAccount(process)?.cpuSeconds ?? 0
        let serverAfter = cluster.cpuSeconds(without: [watch.connection])
        run.serverSeconds = serverAfter - serverBefore
        run.steadySeconds = run.processSeconds - before.process + serverAfter - before.server
        run.peakKibibytes = ProcessAccount.peakKibibytes(process)
        run.start.joining = (logged("joining", in: log) ?? .distantFuture).timeIntervalSince(started) * 1_000
        (run.outcomes, run.unsent) = try watch.outbox()
        return run
    }

    /// Lets scheduling assess every case that waits for it, without any event.
    func settle() throws {
        let topic = try BenchTopic([], .byCase) { _ in }
        let worker = try WorkerProcess(
            .scheduling, environment: cluster.environment(of: .scheduling, on: topic.broker, folder: folder),
            log: folder + "/settle.log")
        let connection = try cluster.connect()
        try worker.launch()
        defer { worker.stop() }
        let started = Date()
        while true {
            let left = try connection.execute(
                """
                SELECT (SELECT count(*) FROM scheduling.case_file WHERE epoch = 0) AS cases,
                    (SELECT count(*) FROM scheduling.outbox_pending) AS rows
                """)[0]
            if left.int64("cases") == 0 && left.int64("rows") == 0 { return }
            guard worker.exitStatus == nil, Date().timeIntervalSince(started) < BenchRunner.limitSeconds else {
                throw EmbeddedError("scheduling did not assess every case; its log: \(folder)/settle.log")
            }
            say("scheduling: \(left.int64("cases")) cases and \(left.int64("rows")) outbox rows left")
            Thread.sleep(forTimeInterval: 0.5)
        }
    }

    /// The time of the first log line with this message.
    private func logged(_ message: String, in log: String) -> Date? {
        guard let text = try? String(contentsOfFile: log, encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.contains("\"message\":\"\(message)\"") }),
            let time = line.firstMatch(of: /"time":"([^"]+)"/), let instant = Instant(time.output.1)
        else { return nil }
        return Date(timeIntervalSince1970: Double(instant.microseconds) / 1e6)
    }
}

/// Looks on from the outside, through the offsets that a worker commits with its work.
private final class Watch {
    let connection: Connection
    private let name: WorkerName
    private let incarnation: String

    init(_ name: WorkerName, cluster: BenchCluster, incarnation: String) throws {
        connection = try cluster.connect()
        self.name = name
        self.incarnation = incarnation
    }

    /// Events of the topic case-events that were applied, and when the first row of any partition was written.
    func progress() throws -> (applied: Int, claimed: Date?) {
        let row = try connection.execute(
            """
            SELECT coalesce(sum(next_offset) FILTER (WHERE topic = \(SystemTopic.caseEvents.rawValue)), 0)::bigint AS applied,
                min(updated_at) AS claimed
              FROM \(raw: name.schema).kafka_offset WHERE cluster LIKE \("%/" + incarnation)
            """)[0]
        let claimed = row.timestampOrNil("claimed").map {
            Date(timeIntervalSince1970: Double($0.microsecondsSince1970) / 1e6)
        }
        return (Int(row.int64("applied")), claimed)
    }

    func outbox() throws -> (written: Int64, unsent: Int64) {
        let row = try connection.execute(
            """
            SELECT (SELECT count(*) FROM \(raw: name.schema).outbox) AS written,
                (SELECT count(*) FROM \(raw: name.schema).outbox_pending) AS unsent
            """)[0]
        return (row.int64("written"), row.int64("unsent"))
    }
}
