import ArgumentParser
import CaseEvents
import Foundation
import Postgres
import StatutoryRules
import Workers

/// What could not be applied, and what to do with it.
struct QuarantineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "List, show, replay or discard events that could not be applied.",
        subcommands: [List.self, Show.self, Replay.self, Discard.self], defaultSubcommand: List.self)

    /// Case events are judged by scheduling, directory events by notifications. All keep what they could not take themselves.
    enum Judge: String, ExpressibleByArgument, CaseIterable {
        case scheduling, notifications, reporting, auditing
        var table: SQL { "\(raw: rawValue).quarantine" }
        var replays: Bool { self == .scheduling || self == .notifications }
    }

    struct JudgeOptions: ParsableArguments {
        @Option(
            help: """
                Whose quarantine: scheduling (case events), notifications (directory events); reporting and auditing keep what \
                they could not take.
                """)
        var worker = Judge.scheduling
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List what is in quarantine.")
        @OptionGroup var options: DeploymentOptions
        @OptionGroup var judge: JudgeOptions
        @Flag(help: "Those already dealt with, too.") var all = false

        func run() throws {
            let connection = try options.deployment().connect("quarantine")
            let rows = try connection.execute(
                """
                SELECT quarantine_id, state, code, authority, coalesce(event_type, 'unknown type') AS type,
                    coalesce(authority || '/' || subject, 'no case') AS place, quarantined_at FROM \(judge.worker.table)
                 WHERE \(all) OR state IN ('open', 'replay_requested') ORDER BY quarantine_id
                """)
            try Operator.looked(
                "quarantine.list", judge.worker.rawValue, authorities: rows.map { $0.stringOrNil("authority") },
                on: connection)
            for row in rows {
                Terminal.out.print(
                    "\(String(row.int64("quarantine_id")).padded(leftTo: 6))  \(row.string("state").padded(to: 16)) \(row.string("code").padded(to: 28)) \(row.string("type").padded(to: 44)) \(row.string("place"))  \(row.timestamp("quarantined_at").instant)"
                )
            }
            Terminal.out.print(
                rows.isEmpty
                    ? "Quarantine is empty."
                    : "\(rows.count == 1 ? "1 row" : "\(rows.count) rows"). Next: quorate quarantine show ID")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one, with its bytes.")
        @OptionGroup var options: DeploymentOptions
        @OptionGroup var judge: JudgeOptions
        @Argument(help: "Its number.") var id: Int64

        func run() throws {
            let connection = try options.deployment().connect("quarantine")
            guard
                let row = try connection.execute(
                    "SELECT * FROM \(judge.worker.table) WHERE quarantine_id = \(id)"
                ).first
            else { throw notFound(id) }
            try noteLook(at: row, on: connection)
            for name in [
                "state", "code", "reason", "event_id", "event_source", "event_type", "authority", "subject", "release",
            ] {
                Terminal.out.print("\(name.padded(to: 14)) \(row.stringOrNil(Column(name)) ?? "-")")
            }
            Terminal.out.print(
                "\("record".padded(to: 14)) \(row.string("topic"))/\(row.int32("partition"))/\(row.int64("kafka_offset"))"
            )
            Terminal.out.print(
                "\("key".padded(to: 14)) \(row.bytesOrNil("record_key").map { String(decoding: $0, as: UTF8.self) } ?? "-")"
            )
            Terminal.out.print(row.bytesOrNil("value").map { String(decoding: $0, as: UTF8.self) } ?? "no value")
        }

        /// Its bytes are shown, whoever keeps them: of a case, or of who knows which.
        private func noteLook(at row: Row, on connection: Connection) throws {
            if let reference = CaseReference(of: row, in: row.string("topic")) {
                try Operator.viewed("quarantine.show", reference, about: "\(id)", on: connection)
            } else {
                try Operator.looked(
                    "quarantine.show", "\(id)", authority: row.stringOrNil("authority"), on: connection)
            }
        }
    }

    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give events another chance, after the cause was mended.",
            discussion:
                "The running worker that judges them applies them; what it refuses again stays, with the reason of today."
        )
        @OptionGroup var options: DeploymentOptions
        @OptionGroup var judge: JudgeOptions
        @Argument(help: "Their numbers.") var ids: [Int64]
        @Option(help: "Seconds to wait for the worker.") var timeout: Int = 30

        func run() throws {
            let name = judge.worker.rawValue
            guard judge.worker.replays else {
                throw ValidationError(
                    judge.worker == .auditing
                        ? "auditing holds the record as an entry, sealed as it was received: there is nothing to take up again, and quorate quarantine discard ends it here"
                        : "\(name) takes a record up again by reading its topic again: stop it, then quorate offsets reset --worker \(name) --topic TOPIC; what it knows already has no second effect"
                )
            }
            let connection = try options.deployment().connect("quarantine")
            for id in ids {
                try connection.transaction { transaction in
                    let rows = try transaction.execute(
                        """
                        UPDATE \(judge.worker.table) SET state = 'replay_requested'
                         WHERE quarantine_id = \(id) AND state = 'open' RETURNING authority
                        """)
                    guard let row = rows.first else { throw notFound(id) }
                    try Operator.note(
                        "quarantine.replay", "\(id)", authority: row.stringOrNil("authority"), in: transaction)
                }
            }
            let end = Date().addingTimeInterval(Double(timeout))
            var isGood = true
            for id in ids {
                var state = "replay_requested"
                var reason = ""
                while state == "replay_requested" && Date() < end {
                    let row = try connection.execute(
                        "SELECT state, reason FROM \(judge.worker.table) WHERE quarantine_id = \(id)")[0]
                    (state, reason) = (row.string("state"), row.string("reason"))
                    if state == "replay_requested" { Thread.sleep(forTimeInterval: 0.1) }
                }
                switch state {
                case "replayed": Terminal.out.print("\(id): applied")
                case "open":
                    isGood = false
                    Terminal.out.print("\(id): refused again: \(reason)")
                default:
                    isGood = false
                    Terminal.out.print(
                        "\(id): no \(name) worker took it within \(timeout) s; it is taken when one runs"
                    )
                }
            }
            if !isGood { throw ExitCode.failure }
        }
    }

    struct Discard: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set an event aside for good. It stays in the table and in the audit log.")
        @OptionGroup var options: DeploymentOptions
        @OptionGroup var judge: JudgeOptions
        @Argument(help: "Its number.") var id: Int64
        @Option(help: "Why; kept with the act.") var reason: String

        func run() throws {
            let connection = try options.deployment().connect("quarantine")
            try connection.transaction { transaction in
                let rows = try transaction.execute(
                    """
                    WITH done AS (
                        UPDATE \(judge.worker.table) SET state = 'discarded', resolved_at = now()
                         WHERE quarantine_id = \(id) AND state = 'open' RETURNING authority, subject),
                    flag AS (
                        UPDATE scheduling.case_file c SET awaiting_repair = EXISTS (
                            SELECT FROM scheduling.quarantine q WHERE q.authority = c.authority AND q.subject = c.subject
                               AND q.state IN ('open', 'replay_requested') AND q.quarantine_id <> \(id))
                          FROM done d WHERE \(judge.worker == .scheduling) AND c.authority = d.authority AND c.subject = d.subject)
                    SELECT authority FROM done
                    """)
                guard let row = rows.first else { throw notFound(id) }
                try Operator.note(
                    "quarantine.discard", "\(id)", reason: reason, authority: row.stringOrNil("authority"),
                    in: transaction)
            }
            Terminal.out.print("\(id): discarded")
        }
    }
}

private func notFound(_ id: Int64) -> ValidationError {
    ValidationError("\(id) is not in quarantine, or was dealt with: see quorate quarantine list --all")
}
