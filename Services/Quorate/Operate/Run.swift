import ArgumentParser
import CaseEvents
import Embedded
import Foundation
import Postgres
import StatutoryRules
import Workers

/// The whole system on sample events, once, with a summary.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the whole system on sample events, then stop.",
        discussion: """
            Starts quorate up in a folder of its own that is emptied first, feeds a generated year of five authorities, \
            waits until the four workers have caught up, prints what came of it, and exits 0.
            """)

    @Option(
        help: ArgumentHelp(
            "Folder to use; emptied at the start. (default: .quorate-sample; of root in a home /var/lib/quorate/sample)"
        ))
    var data: String?

    @Option(help: "Number of sample cases.")
    var cases: Int = 150

    @Option(help: "Seed of the sample.")
    var seed: UInt64 = 7

    @Flag(help: "Stay up until Ctrl-C.")
    var stay = false

    func run() throws {
        let out = Terminal.out.lossy
        let signals = StopSignals()
        let folder = SampleFolder(path: data ?? DataFolder.sample, isOurs: data == nil)
        try folder.empty()
        let today = London.day(of: Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)))
        let configuration = try SampleConfiguration.make(liveFrom: today.adding(days: -28))
        // A sample must never reach a real system, whatever the environment names.
        let embedded = ProcessInfo.processInfo.environment.filter {
            ![
                "DATABASE_URL", "KEY_DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS", "QUORATE_MAIL", "QUORATE_AUDIT_KEY_FILE",
                "QUORATE_AUDIT_PLACES",
            ].contains($0.key)
        }
        let system = try LocalSystem.start(in: folder.path, configuration: configuration, environment: embedded)
        defer { system.stop { out.print($0) } }
        system.describe { out.print($0) }

        let sample = HistoryGenerator(
            seed: seed, cases: cases, from: today.adding(days: -330), to: today,
            authorities: HistoryGenerator.defaultAuthorities,
            isWorkingDay: { Configuration.packaged.calendar.isWorkingDay($0) })
        var directory: [[UInt8]] = []
        var events: [[UInt8]] = []
        sample.directory { directory.append(Array($0.utf8)) }
        sample.generate { events.append(Array($0.utf8)) }
        let publisher = try Publisher(system.deployment) {
            system.superviseOnce { out.print($0) }
            if signals.isStopping { throw EmbeddedError("stopped before everything was published") }
        }
        var count = Publisher.Count()
        try publisher.publish(directory, &count, label: "directory events") { out.print($0) }
        try publisher.publish(events, &count, label: "case events") { out.print($0) }
        out.print("Published \(count.accepted) events, refused \(count.refused).")
        try wait(for: system, signals, out)
        try Summary(system.deployment).print(to: out)
        while stay && !signals.isStopping {
            system.superviseOnce { out.print($0) }
            Thread.sleep(forTimeInterval: 0.2)
        }
    }

    /// Caught up: nothing on its way, twice in a row, and the lists of the week drawn.
    private func wait(for system: LocalSystem, _ signals: StopSignals, _ out: Terminal) throws {
        let backlog = try Backlog(system.deployment)
        let connection = try system.deployment.connect("run")
        let end = Date().addingTimeInterval(300)
        var quiet = 0
        while quiet < 2 {
            if signals.isStopping { throw EmbeddedError("stopped before the workers had caught up") }
            system.superviseOnce { out.print($0) }
            let left = try backlog.read().total
            let lists = try connection.execute("SELECT count(*) AS n FROM reporting.published_list")[0].int64("n")
            quiet = left == 0 && lists > 0 ? quiet + 1 : 0
            out.progress("waiting for the workers: \(left) left")
            guard Date() < end else {
                out.endProgress()
                throw EmbeddedError(
                    "the workers did not catch up within 5 minutes; their logs are in \(system.folder)/logs")
            }
            Thread.sleep(forTimeInterval: 0.5)
        }
        out.endProgress()
    }
}

/// The folder of a run on sample events. Nothing is deleted that was not made by one.
private struct SampleFolder {
    let path: String
    /// The one of our own choice.
    let isOurs: Bool
    private var mark: String { path + "/sample" }

    func empty() throws {
        let files = FileManager.default
        if FolderLock.isHeld(folder: path) {
            throw EmbeddedError("Quorate is already running in \(path): stop it, or give another --data")
        }
        let content = (try? files.contentsOfDirectory(atPath: path)) ?? []
        if !content.isEmpty {
            guard isOurs || files.fileExists(atPath: mark) else {
                throw ValidationError(
                    "\(path) holds what no quorate run has made, and would be emptied: give --data a folder of its own")
            }
            try files.removeItem(atPath: path)
        }
        try files.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data("Emptied by each quorate run.\n".utf8).write(to: URL(fileURLWithPath: mark))
    }
}

/// The packaged configuration, with the day from which the sample's authorities are told of anything.
enum SampleConfiguration {
    static func make(liveFrom: Day) throws -> Configuration {
        var files = Configuration.packaged.files
        let extra = HistoryGenerator.defaultAuthorities.compactMap { code in
            let lea = Configuration.packaged.lea(authority: code).map { ", lea: \($0)" } ?? ""
            return Configuration.packaged.policyName(for: code).map {
                "  \(code): {policy: \($0), liveFrom: \(liveFrom)\(lea)}"
            }
        }
        let name = "authorities.yaml"
        let kept = files[name]!.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { line in !HistoryGenerator.defaultAuthorities.contains { line.contains($0) } }
        files[name] = (kept.map(String.init) + extra).joined(separator: "\n") + "\n"
        return try Configuration(files: files)
    }
}
