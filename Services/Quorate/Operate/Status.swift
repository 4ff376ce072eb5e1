import ArgumentParser
import AuditLog
import Foundation
import Kafka
import Postgres
import StatutoryRules
import Workers

/// What an operator asks first, on one screen.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lag, outbox, sweeps, quarantine, epochs, calendar and audit on one screen.",
        discussion: "Exit status 1 where something is wrong.")

    @OptionGroup var options: DeploymentOptions

    /// Above these, something is wrong.
    private static let outboxSeconds = 60.0
    private static let stillSeconds = 60.0
    private static let sweepSeconds = 60.0
    private static let horizonDays = 180
    private static let uncoveredSeconds = 3_600.0

    func run() throws {
        let deployment = try options.deployment(needsKafka: true)
        let out = Terminal.out
        var isGood = true
        func line(_ name: String, _ text: String, _ good: Bool = true) {
            out.print("\(name.padded(to: 14)) \(good ? text : out.bad(text))")
            isGood = isGood && good
        }
        let reading: Backlog.Reading
        do {
            reading = try Status.read(try Backlog(deployment))
        } catch let error as PostgresError {
            out.print(out.bad("database       does not answer: \(error.message)"))
            throw ExitCode.failure
        } catch let error as KafkaError {
            out.print(out.bad("broker         does not answer: \(error.message)"))
            throw ExitCode.failure
        }
        let connection = try deployment.connect("status")
        for name in WorkerName.allCases {
            let age = reading.outboxAge[name]!
            let waiting =
                reading.outbox[name]! == 0
                ? "empty" : "\(reading.outbox[name]!) waiting, the oldest for \(Self.span(age))"
            let alive = try Self.isConnected(name, connection)
            let still = Status.isStill(name, reading) ? reading.stillness[name] : nil
            let lag = "lag \(reading.lag[name]!)" + (still.map { ", nothing taken for \(Self.span($0))" } ?? "")
            line(
                name.rawValue, "\(lag), outbox \(waiting), \(alive ? "connected" : "no worker connected")",
                alive && still == nil && age < Status.outboxSeconds)
        }
        let sweep = try connection.execute(
            """
            SELECT coalesce(extract(epoch FROM now() - min(next_check_at)), 0)::float8 AS delay FROM scheduling.case_file
             WHERE next_check_at <= now()
            """)[0].double("delay")
        line("sweep", "the oldest case due \(Self.span(sweep)) ago", sweep < Status.sweepSeconds)
        for name in WorkerName.allCases { try quarantine(of: name, connection, line) }
        try messages(connection, line)
        try epochs(connection, line)
        let calendar = try ConfigurationStore.load { try connection.execute($0) }.configuration.calendar
        let days = calendar.horizon.days(
            since: London.day(of: Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1e6))))
        line("calendar", "bank holidays loaded to \(calendar.horizon), \(days) days ahead", days >= Status.horizonDays)
        try audit(connection, line)
        try erased(deployment, connection, line)
        if !isGood { throw ExitCode.failure }
    }

    /// Read again after a moment where a worker seems to stand still: what waits may have come just now.
    private static func read(_ backlog: Backlog) throws -> Backlog.Reading {
        let reading = try backlog.read()
        guard WorkerName.allCases.contains(where: { isStill($0, reading) }) else { return reading }
        Thread.sleep(forTimeInterval: 3)
        return try backlog.read()
    }

    /// Records wait, and nothing of them was taken for long.
    private static func isStill(_ name: WorkerName, _ reading: Backlog.Reading) -> Bool {
        reading.lag[name]! > 0 && reading.stillness[name] ?? 0 > stillSeconds
    }

    /// In the unit that fits, whole.
    private static func span(_ seconds: Double) -> String {
        for (unit, length) in [("days", 86_400.0), ("h", 3_600), ("min", 60)] where seconds >= 2 * length {
            return "\(Int(seconds / length)) \(unit)"
        }
        return "\(Int(seconds)) s"
    }

    private static func isConnected(_ name: WorkerName, _ connection: Connection) throws -> Bool {
        try connection.execute(
            """
            SELECT EXISTS (SELECT FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = \("quorate-\(name.rawValue)")) AS found
            """
        )[0].bool("found")
    }

    /// What waits for a person. A letter that was drafted is work to do, and nothing wrong.
    private func messages(_ connection: Connection, _ line: (String, String, Bool) -> Void) throws {
        let rows = try connection.execute(
            """
            SELECT reason, messages, extract(epoch FROM now() - since)::float8 AS seconds FROM notifications.waiting
            """)
        func count(_ reasons: String...) -> Int64 {
            rows.filter { reasons.contains($0.string("reason")) }.reduce(0) { $0 + $1.int64("messages") }
        }
        let (capped, unknown) = (count("cap"), count("unknown"))
        let (failed, nobody) = (count("failed"), count("nobody"))
        var words = ["\(count("letter", "not_safe", "dry_run")) wait for release (quorate letters list)"]
        if capped > 0 {
            let oldest = rows.first { $0.string("reason") == "cap" }!.double("seconds")
            words.append(
                "\(capped) over the hour's cap, the oldest for \(Self.span(oldest)): quorate letters list --hold cap"
            )
        }
        if unknown > 0 { words.append("\(unknown) of which nobody knows the end: quorate notices log --state unknown") }
        line("messages", words.joined(separator: "; "), capped == 0 && unknown == 0)
        var ends: [String] = []
        if failed > 0 { ends.append("\(failed) not delivered") }
        if nobody > 0 { ends.append("\(nobody) for which there is nobody to tell") }
        line(
            "failed",
            ends.isEmpty ? "none" : ends.joined(separator: ", ") + ": quorate notices log --state failed", ends.isEmpty)
    }

    private func quarantine(
        of name: WorkerName, _ connection: Connection, _ line: (String, String, Bool) -> Void
    ) throws {
        let open = try connection.execute(
            """
            SELECT count(*) AS n, coalesce(extract(epoch FROM now() - min(quarantined_at)), 0)::float8 AS seconds
              FROM \(raw: name.schema).quarantine WHERE state = 'open'
            """)[0]
        let count = open.int64("n")
        let title: String
        switch name {
        case .scheduling: title = "quarantine"
        case .notifications: title = "directory"
        // They judge nothing: what they could not take is the exception.
        case .reporting, .auditing:
            guard count > 0 else { return }
            title = "set aside"
        }
        line(
            title,
            count == 0
                ? "empty"
                : "\(count == 1 ? "1 event awaits" : "\(count) events await") repair, the oldest for \(Self.span(open.double("seconds"))): quorate quarantine list --worker \(name.rawValue)",
            count == 0)
    }

    private func audit(_ connection: Connection, _ line: (String, String, Bool) -> Void) throws {
        let entries = try connection.execute(
            "SELECT count(*) AS logs, coalesce(sum(size), 0)::int8 AS n FROM auditing.log")[0]
        let places = try connection.execute("SELECT place FROM auditing.checkpoint_place").map { $0.string(0) }
        let heads = HeadLog(connection)
        let (cover, last) = (try heads.cover(places: places), try heads.signed(.last))
        line(
            "audit",
            "\(entries.int64("n")) entries in \(entries.int64("logs")) logs (quorate audit verify recomputes them)",
            true)
        let age = last.map { "the last \(Self.span($0.seconds)) old" } ?? "none yet"
        let unsent = cover.unsent == 0 ? "" : ", \(cover.unsent) still to be sent to a place outside"
        line(
            "checkpoints", "\(age), \(cover.open) entries not covered\(unsent)",
            cover.seconds < Status.uncoveredSeconds)
    }

    /// A database that was restored from a backup may hold what was erased since; so may one where the command was cut short.
    private func erased(
        _ deployment: Deployment, _ connection: Connection, _ line: (String, String, Bool) -> Void
    ) throws {
        guard deployment.keyDatabaseURL != nil else { return }
        let back = try RetentionList.back(connection, deployment.keyDatabase("status")).keys
        let count = try connection.execute(
            """
            SELECT count(*) AS n FROM scheduling.case_file
              JOIN unnest(\(back.map { $0[0] }), \(back.map { $0[1] })) AS b (authority, subject) USING (authority, subject)
            """)[0].int64("n")
        guard count > 0 else { return }
        line(
            "erased", "the keys of \(count) cases are destroyed, and they are here: quorate retention report",
            false)
    }

    private func epochs(_ connection: Connection, _ line: (String, String, Bool) -> Void) throws {
        let newest = try ConfigurationStore.newestEpoch { try connection.execute($0) }
        let behind = try connection.execute("SELECT count(*) AS n FROM scheduling.case_file WHERE epoch < \(newest)")[0]
            .int64("n")
        line("epoch", "\(newest), \(behind) cases still to be assessed under it", true)
    }
}
