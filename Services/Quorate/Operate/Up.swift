import ArgumentParser
import Foundation
import StatutoryRules
import Workers

struct UpOptions: ParsableArguments {
    @Option(
        help:
            "Folder for the database, mail, lists and logs. [QUORATE_DATA] (default: .quorate; of root in a home /var/lib/quorate/up)"
    )
    var data: String?
}

/// Runs the whole system on this machine until Ctrl-C.
struct Up: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the whole system on this machine until Ctrl-C.",
        discussion: """
            A private PostgreSQL cluster in the data folder, librdkafka's in-memory broker on loopback, migrations, and \
            the four workers as processes of their own, restarted if they die. For trying the system: the embedded \
            broker starts empty each time. The board (pages for people) listens on loopback; a link that signs in once is \
            printed. DATABASE_URL and KAFKA_BOOTSTRAP_SERVERS switch each part to a real server.
            """)

    @OptionGroup var options: UpOptions

    func run() throws {
        let folder = options.data ?? ProcessInfo.processInfo.environment["QUORATE_DATA"] ?? DataFolder.up
        let signals = StopSignals()
        let out = Terminal.out.lossy
        let system = try LocalSystem.start(in: folder, configuration: nil, withBoard: true)
        defer { system.stop { out.print($0) } }
        system.describe { out.print($0) }
        out.print("Press Ctrl-C to stop.")
        while !signals.isStopping {
            system.superviseOnce { out.print($0) }
            Thread.sleep(forTimeInterval: 0.2)
        }
        out.print("Stopping.")
    }
}

/// SIGINT, SIGTERM and the end of the terminal as a flag: what was started must be ended in order.
final class StopSignals: Sendable {
    private let state = WorkerState()
    nonisolated(unsafe) private var sources: [any DispatchSourceSignal] = []

    init() {
        // Who reads the output may end first, as in `quorate up | tee`.
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            let former = signal(number, SIG_IGN)
            // As nohup asks.
            if number == SIGHUP, let former, unsafeBitCast(former, to: Int.self) == 1 { continue }
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [state] in state.stop() }
            source.resume()
            sources.append(source)
        }
    }

    var isStopping: Bool { state.isStopping }
}
