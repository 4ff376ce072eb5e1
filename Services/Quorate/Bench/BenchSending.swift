import CaseEvents
import Correspondence
import Embedded
import Foundation
import Postgres
import StatutoryRules
import Workers

/// Measures what becomes of notices: rendered on one core, and, by the worker itself with a real database, addressed, kept
/// in a Maildir, sent to a mail server, and waiting in great number.
struct NoticesBenchmark {
    let cluster: BenchCluster
    let folder: String
    /// Of which the notices that are sent are.
    let cases: Int
    /// Notices that wait as the worker's memory is measured.
    let waiting: Int
    let say: (String) -> Void
    private let topic: BenchTopic

    init(cluster: BenchCluster, folder: String, cases: Int, waiting: Int, say: @escaping (String) -> Void) throws {
        self.cluster = cluster
        self.folder = folder
        self.cases = cases
        self.waiting = waiting
        self.say = say
        topic = try BenchTopic([], .byCase) { _ in }
    }

    private static let renderedCases = 300
    private static let rounds = 5
    /// Of the mail server: at 300 a second ten seconds and more.
    private static let noticesBySMTP = 2_500
    /// For so long the worker is watched with everything else waiting.
    private static let watchedSeconds = 45.0
    private static let limitSeconds = 1_200.0

    func run() throws -> [BenchFigure] {
        let rendering = try render()
        say("generating cases")
        let notices = try BenchNotices(cases: cases)
        return try rendering + inMaildir(notices) + bySMTP(notices) + inMemory(notices)
    }

    // MARK: Rendering

    /// From a notice's body and the facts of its case to the bytes of the mail, for everybody whom it concerns.
    private func render() throws -> [BenchFigure] {
        say("rendering")
        let notices = try BenchNotices(cases: NoticesBenchmark.renderedCases)
        let rendering = Rendering()
        let day = Day("2026-01-06")!
        var seconds: [Double] = []
        var (mails, bytes) = (0, 0)
        for _ in 0..<NoticesBenchmark.rounds {
            (mails, bytes) = (0, 0)
            let before = BenchFigure.threadSeconds
            for due in notices.due {
                for (_, mail) in due.place.mails(of: due.notice, try JSONValue(due.body), rendering, on: day) {
                    mails += 1
                    bytes += mail.bytes.count
                }
            }
            seconds.append(BenchFigure.threadSeconds - before)
        }
        let rate = Double(mails) / seconds.sorted()[NoticesBenchmark.rounds / 2]
        return [
            figure(
                "rendering (\(mails) messages of \(notices.due.count) notices, \(bytes / max(1, mails)) bytes each)",
                rate,
                atLeast: 5_000)
        ]
    }

    private func figure(_ name: String, _ rate: Double, atLeast least: Double? = nil) -> BenchFigure {
        BenchFigure(
            name: name, reached: "\(Int(rate)) a second", bound: least.map { "at least \(Int($0))" } ?? "",
            holds: least.map { rate >= $0 })
    }

    // MARK: Sending

    /// Addressed while nothing may leave, then sent: so that either is measured alone.
    private func inMaildir(_ notices: BenchNotices) throws -> [BenchFigure] {
        let mail = folder + "/mail"
        try? FileManager.default.removeItem(atPath: mail)
        defer { try? FileManager.default.removeItem(atPath: mail) }
        let run = try measure(notices, count: .max, environment: [:], name: "Maildir")
        let files = try FileManager.default.contentsOfDirectory(atPath: mail + "/new").count
        guard files == run.sent else {
            throw EmbeddedError("the Maildir holds \(files) messages and the database calls \(run.sent) sent")
        }
        return [
            figure("addressing: people found, intent committed (\(run.addressed) notices)", run.addressingRate),
            figure("durably in a Maildir, from intent to recorded outcome (\(run.costs))", run.rate, atLeast: 3_000),
        ]
    }

    private func bySMTP(_ notices: BenchNotices) throws -> [BenchFigure] {
        let name = "to smtp-sink over kept connections"
        let program = "/usr/sbin/smtp-sink"
        guard FileManager.default.isExecutableFile(atPath: program) else {
            return [
                BenchFigure(name: name, reached: "no smtp-sink", bound: "at least 300: install postfix", holds: false)
            ]
        }
        let port = LoopbackPort.free(of: 20_025...20_125)
        let server = Process()
        server.executableURL = URL(fileURLWithPath: program)
        server.arguments = (getuid() == 0 ? ["-u", "root"] : []) + ["127.0.0.1:\(port)", "100"]
        try server.run()
        defer { server.terminate() }
        let run = try measure(
            notices, count: NoticesBenchmark.noticesBySMTP,
            environment: ["QUORATE_MAIL": "smtp://127.0.0.1:\(port)", "QUORATE_MAIL_TLS": "none"], name: "smtp-sink")
        return [figure("\(name) (\(run.costs))", run.rate, atLeast: 300)]
    }

    private struct Run {
        let addressed: Int
        let addressingRate: Double
        let sent: Int
        let rate: Double
        let workerSeconds: Double
        let serverSeconds: Double

        var costs: String {
            let each = 1e6 / Double(max(1, sent))
            return String(
                format: "%d; CPU %.0f µs each, server's %.0f µs", sent, workerSeconds * each, serverSeconds * each)
        }
    }

    private func measure(
        _ notices: BenchNotices, count: Int, environment: [String: String], name: String
    ) throws -> Run {
        try cluster.makeDatabase()
        let connection = try cluster.connect()
        let loaded = min(count, notices.due.count)
        say("\(name): loading \(loaded) notices")
        try notices.load(notices: loaded, on: connection)
        try connection.script("INSERT INTO notifications.pause (authority, reason) VALUES ('*', 'measured')")
        let worker = try launch(environment)
        defer { worker.stop() }
        func has(_ condition: String) throws -> Bool {
            try connection.execute("SELECT EXISTS (SELECT FROM notifications.\(raw: condition)) AS has")[0].bool("has")
        }
        try wait("\(name): the worker", worker) { try has("notice WHERE addressed_at IS NOT NULL") }
        let began = Date()
        try wait("\(name): addressing", worker) { try !has("notice WHERE addressed_at IS NULL") }
        let addressing = Date().timeIntervalSince(began)
        try wait("\(name): drafting", worker) { try !has("message WHERE state = 'held' AND drafted_at IS NULL") }
        let before = (process: cpuSeconds(of: worker), server: cluster.cpuSeconds(without: [connection]))
        let started = Date()
        try connection.script("DELETE FROM notifications.pause")
        try wait("\(name): sending", worker) { try !has("message WHERE state IN ('intended', 'sending')") }
        let seconds = Date().timeIntervalSince(started)
        let sent = try connection.execute("SELECT count(*) AS n FROM notifications.message WHERE state = 'sent'")[0]
            .int("n")
        return Run(
            addressed: loaded, addressingRate: Double(loaded) / addressing, sent: sent, rate: Double(sent) / seconds,
            workerSeconds: cpuSeconds(of: worker) - before.process,
            serverSeconds: cluster.cpuSeconds(without: [connection]) - before.server)
    }

    private func cpuSeconds(of worker: WorkerProcess) -> Double {
        worker.processId.flatMap { ProcessAccount($0) }?.cpuSeconds ?? 0
    }

    // MARK: Memory

    private func inMemory(_ notices: BenchNotices) throws -> [BenchFigure] {
        try cluster.makeDatabase()
        let connection = try cluster.connect()
        say("loading \(waiting) notices")
        try notices.load(notices: waiting, on: connection)
        defer { try? FileManager.default.removeItem(atPath: folder + "/mail") }
        let worker = try launch([:])
        defer { worker.stop() }
        try wait("\(waiting) notices: the worker", worker) {
            try !connection.execute("SELECT 1 AS one FROM notifications.message WHERE state = 'sent' LIMIT 1").isEmpty
        }
        let end = Date().addingTimeInterval(NoticesBenchmark.watchedSeconds)
        try wait("\(waiting) notices: watching its memory", worker) { Date() >= end }
        let left = try connection.execute(
            "SELECT count(*) AS n FROM notifications.notice WHERE addressed_at IS NULL")[0].int("n")
        let peak = worker.processId.map(ProcessAccount.peakKibibytes) ?? 0
        return [
            BenchFigure(
                name: "resident peak with \(waiting) notices waiting (\(left) of them still at the end)",
                reached: "\(peak / 1024) MiB", bound: "at most 150 MiB", holds: peak > 0 && peak <= 150 * 1024)
        ]
    }

    // MARK: The worker

    private func launch(_ environment: [String: String]) throws -> WorkerProcess {
        let own = cluster.environment(of: .notifications, on: topic.broker, folder: folder)
        let worker = try WorkerProcess(
            .notifications, environment: own.merging(environment) { $1 }, log: folder + "/notices.log")
        try worker.launch()
        return worker
    }

    private func wait(_ what: String, _ worker: WorkerProcess, _ isDone: () throws -> Bool) throws {
        let started = Date()
        while try !isDone() {
            guard worker.exitStatus == nil, Date().timeIntervalSince(started) < NoticesBenchmark.limitSeconds else {
                throw EmbeddedError("\(what) came to no end; the worker's log: \(worker.log)")
            }
            say("\(what), \(Int(Date().timeIntervalSince(started))) s")
            Thread.sleep(forTimeInterval: 0.1)
        }
    }
}
