import ArgumentParser
import Embedded
import Foundation
import StatutoryRules
import Workers

/// Measures the workers against hand-written lanes, in one run on one machine.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the workers against hand-written C and Python.",
        discussion: """
            Starts a private PostgreSQL and an embedded broker, loads generated histories once for each data set, and \
            lets the lanes of Tests/Benchmarks and the workers consume them in turn, each into a fresh database. Prints \
            medians and each bound beside what was reached. Exit status 1 where a bound is missed.
            """)

    enum Part: String, CaseIterable, ExpressibleByArgument {
        case auditing, scheduling, backfill
        case timeOrder = "time-order"
        case reporting
        case scale
        case startUp = "start-up"
        case rules, log, notices
    }

    @Option(help: "Events of each data set, at least.")
    var events: Int = 200_000

    @Option(help: "Rounds; figures are their medians.")
    var rounds: Int = 3

    @Option(help: "Open cases over which the events are spread.")
    var openCases: Int = 5_000

    @Option(help: "Open cases of the large database that --only scale compares with.")
    var manyCases: Int = 200_000

    @Option(help: "Entries of the large audit log that --only log proves from.")
    var logEntries: Int = 10_000_000

    @Option(help: "Cases of whose notices --only notices writes; with fewer it takes less time, and says less.")
    var noticeCases: Int = 1_500

    @Option(help: "Notices that wait as --only notices measures the worker's memory.")
    var waitingNotices: Int = 1_000_000

    @Option(help: "One part only; may be repeated. scheduling is backfill and time-order. (default: all)")
    var only: [Part] = []

    @Option(help: "Folder for the database, which is removed at the end, and the workers' logs.")
    var data: String = ".build/bench"

    @Option(help: "Folder of the lanes' sources.")
    var lanes: String = "Tests/Benchmarks"

    @Option(
        name: .customLong("postgres"),
        help: ArgumentHelp(
            "A further setting of PostgreSQL, for profiling, such as log_min_duration_statement=0; may be repeated.",
            valueName: "name=value"))
    var settings: [String] = []

    func validate() throws {
        guard settings.allSatisfy({ $0.contains("=") }) else {
            throw ValidationError("--postgres must read name=value")
        }
        guard events > 0, rounds > 0, openCases > 0 else {
            throw ValidationError("--events, --rounds and --open-cases must be 1 or more")
        }
        guard logEntries >= 1_000_000 else { throw ValidationError("--log-entries must be 1000000 or more") }
        guard waitingNotices > 0 else { throw ValidationError("--waiting-notices must be 1 or more") }
        guard noticeCases > 0 else { throw ValidationError("--notice-cases must be 1 or more") }
        guard manyCases >= openCases else { throw ValidationError("--many-cases must not be less than --open-cases") }
    }

    func run() throws {
        let error = Terminal.error
        if only == [.rules] { return try measureRules() }
        let folder = URL(fileURLWithPath: data).path
        if EmbeddedPostgres.isRunning(in: folder + "/postgres") != nil {
            throw EmbeddedError("another quorate bench is running in \(folder): give another --data")
        }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let today = London.day(of: Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)))
        let configuration = try SampleConfiguration.make(liveFrom: today.adding(days: -28))
        error.progress("starting PostgreSQL")
        let cluster = try BenchCluster(in: folder + "/postgres", configuration: configuration, settings: settings)
        defer { cluster.stop() }
        let interrupt = Bench.stopOnSignal(cluster)
        defer { for source in interrupt { source.cancel() } }
        if only == [.notices] { return try measureNotices(cluster, folder) }
        let lanes = try BenchLanes(sources: lanes, built: ".build/lanes") { error.progress($0) }
        let runner = BenchRunner(cluster: cluster, lanes: lanes, folder: folder) { error.progress($0) }
        let histories = try BenchData.make(events: events, cases: openCases, under: configuration) {
            error.progress($0)
        }
        error.endProgress()
        var report = BenchReport(rounds: rounds)
        try report.head(histories, configuration: configuration, cluster: cluster)
        if let missing = lanes.missingPython { Terminal.out.print("The Python lane is left out: \(missing)") }

        let wanted = Set(only.isEmpty ? Part.allCases : only)
        let scheduling = wanted.contains(.scheduling)
        if wanted.contains(.auditing) {
            let runs = try rotate(lanes.available + [.auditing], over: histories, .byTime, runner)
            report.auditing(runs)
        }
        if scheduling || wanted.contains(.backfill) {
            try measure(.scheduling, .byCase, histories, runner, &report)
        }
        if scheduling || wanted.contains(.timeOrder) {
            try measure(.scheduling, .interleaved, histories, runner, &report)
        }
        if wanted.contains(.reporting) {
            try measure(.reporting, .byCase, histories, runner, &report)
            try measure(.reporting, .interleaved, histories, runner, &report)
        }
        if wanted.contains(.scale) {
            let scale = BenchScale(histories: histories, cases: manyCases, runner: runner) { error.progress($0) }
            report.scale(try scale.run())
        }
        if wanted.contains(.startUp) { report.startUp(try startUps(histories, runner)) }
        if wanted.contains(.rules) { report.figures(Bench.rulesTitle, try rules().run { error.progress($0) }) }
        if wanted.contains(.log) {
            let log = LogBenchmark(cluster: cluster, histories: histories, entries: logEntries) { error.progress($0) }
            report.figures("The audit log, without Kafka", try log.run())
        }
        if wanted.contains(.notices) {
            report.figures(Bench.noticesTitle, try notices(cluster, folder).run())
        }
        error.endProgress()
        report.verdict()
        if report.isMissed { throw ExitCode.failure }
    }

    private static let noticesTitle = "Notices"

    /// Neither the lanes nor their events are needed.
    private func measureNotices(_ cluster: BenchCluster, _ folder: String) throws {
        var report = BenchReport(rounds: 1)
        Terminal.out.print(try cluster.describe())
        report.figures(Bench.noticesTitle, try notices(cluster, folder).run())
        Terminal.error.endProgress()
        report.verdict()
        if report.isMissed { throw ExitCode.failure }
    }

    private func notices(_ cluster: BenchCluster, _ folder: String) throws -> NoticesBenchmark {
        try NoticesBenchmark(cluster: cluster, folder: folder, cases: noticeCases, waiting: waitingNotices) {
            Terminal.error.progress($0)
        }
    }

    private static let rulesTitle = "Rules, on one core"

    /// The pure part needs neither database nor broker.
    private func measureRules() throws {
        var report = BenchReport(rounds: 5)
        report.figures(Bench.rulesTitle, try rules().run { Terminal.error.progress($0) })
        Terminal.error.endProgress()
        report.verdict()
        if report.isMissed { throw ExitCode.failure }
    }

    private func rules() -> RulesBenchmark {
        RulesBenchmark(lanes: lanes, configuration: Configuration.packaged.using(policy: "london")!)
    }

    /// Ctrl-C takes the server and whichever lane or worker runs along.
    private static func stopOnSignal(_ cluster: BenchCluster) -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [stop = cluster.stop] in
                for child in ProcessAccount.all() where child.parent == getpid() { kill(child.id, SIGKILL) }
                stop()
                Foundation.exit(130)
            }
            source.resume()
            return source
        }
    }

    /// A worker that works on whole cases, beside the C lane.
    private func measure(
        _ worker: BenchContender, _ order: BenchData.Order, _ histories: BenchData, _ runner: BenchRunner,
        _ report: inout BenchReport
    ) throws {
        report.casework(worker, try rotate([.laneB, worker], over: histories, order, runner), order)
    }

    /// Each contender once a round, in an order that moves on by one.
    private func rotate(
        _ contenders: [BenchContender], over histories: BenchData, _ order: BenchData.Order, _ runner: BenchRunner
    ) throws -> [BenchContender: [BenchRun]] {
        let error = Terminal.error
        let topic = try BenchTopic(histories.events(order), order) { error.progress($0) }
        var runs: [BenchContender: [BenchRun]] = [:]
        for round in 0..<rounds {
            for place in contenders.indices {
                let contender = contenders[(place + round) % contenders.count]
                error.progress("round \(round + 1) of \(rounds): \(contender.rawValue)")
                runs[contender, default: []].append(try runner.run(contender, over: topic))
            }
        }
        error.endProgress()
        return runs
    }

    /// Starts of all four workers over a little of the data.
    private func startUps(_ histories: BenchData, _ runner: BenchRunner) throws -> [BenchContender: [BenchRun]] {
        let few = BenchData(byCase: Array(histories.byCase.prefix(40)))
        let topic = try BenchTopic(few.events(.byCase), .byCase) { _ in }
        var runs: [BenchContender: [BenchRun]] = [:]
        for _ in 0..<rounds {
            for contender in BenchContender.allCases where contender.worker != nil {
                runs[contender, default: []].append(try runner.run(contender, over: topic))
            }
        }
        return runs
    }
}
