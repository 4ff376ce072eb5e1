import ArgumentParser
import CaseEvents
import Foundation
import Postgres
import StatutoryRules
import Workers

/// The recurring lists, as they were published.
struct ListsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lists", abstract: "Look at the recurring lists that were published.",
        discussion: """
            Each is kept as it was drawn: corrections that came later change none. What retention erased is gone from them.
            """,
        subcommands: [Show.self, List.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Name the lists that were published, the newest first.")
        @OptionGroup var options: DeploymentOptions
        @Option(help: "ONS code of an authority. (default: all)") var authority: String?
        @Option(help: "Kind of list, such as weekly. (default: all)") var kind: String?
        @Option(help: "At most so many.") var limit: Int = 50

        func run() throws {
            let rows = try options.deployment().connect("lists").execute(
                """
                SELECT authority, kind, period, coalesce(listed_on::text, '') AS listed_on, row_count, is_complete,
                    to_char(as_at AT TIME ZONE 'Europe/London', 'YYYY-MM-DD HH24:MI') AS as_at
                  FROM reporting.published_list
                 WHERE \(authority == nil) OR authority = \(authority ?? "") ORDER BY published_list.as_at DESC, authority, kind
                """)
            let wanted = rows.filter { kind == nil || $0.string("kind") == kind }.prefix(max(limit, 0))
            guard !wanted.isEmpty else { return Terminal.out.print("no list was published") }
            Terminal.out.print("authority  kind         of          as at             rows")
            for row in wanted {
                Terminal.out.print(
                    "\(row.string("authority").padded(to: 9))  \(row.string("kind").padded(to: 11))  "
                        + "\(row.string("listed_on").padded(to: 10))  \(row.string("as_at"))  "
                        + "\(String(row.int("row_count")).padded(leftTo: 4))"
                        + (row.bool("is_complete") ? "" : "  drawn before all was read"))
            }
        }
    }

    enum Format: String, ExpressibleByArgument, CaseIterable { case csv, html, xlsx }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a list again, as it was published.",
            discussion: """
                A day's list is that of its own week, or month; which it is, and as at when, is said on standard error. Where none \
                was published of it, nothing is shown. With --from and --to every list of the kind that is of those days is \
                written to the folder --output, as AUTHORITY-KIND-DAY.FORMAT. --team and --service leave the rows of one team or \
                service.
                """)
        @OptionGroup var options: DeploymentOptions
        @Argument(help: "Kind: weekly, fortnight, month, exception, allocations, drift, timeliness or long_plans.")
        var kind: String
        @Option(help: "Day, YYYY-MM-DD. (default: today)") var on: String?
        @Option(help: "First day of a period, YYYY-MM-DD.") var from: String?
        @Option(help: "Last day of a period, YYYY-MM-DD. (default with --from: today)") var to: String?
        @Option(
            help: "ONS code of the authority. (default: the only one that has the list; of a period every one)")
        var authority: String?
        @Option(help: "csv, html or xlsx.") var format: Format = .csv
        @Option(help: "Only the rows of this team. As CSV.") var team: String?
        @Option(help: "Only the rows of this service. As CSV.") var service: String?
        @Option(help: "File to write, of a period the folder. (default: standard output)") var output: String?

        func validate() throws {
            for (name, day) in [("on", on), ("from", from), ("to", to)] {
                if let day, Day(day) == nil { throw ValidationError("--\(name) must be a date, YYYY-MM-DD") }
            }
            guard team == nil && service == nil || format == .csv else {
                throw ValidationError("--team and --service need --format csv")
            }
            if from == nil && to == nil { return }
            guard from != nil, on == nil, output != nil else {
                throw ValidationError("a period needs --from and a folder, --output, and takes no --on")
            }
        }

        func run() throws {
            let connection = try options.deployment().connect("lists")
            if let from, let output {
                try write(try published(from: from, on: connection), to: output, on: connection)
            } else {
                try show(try ofDay(on: connection), on: connection)
            }
        }

        private func show(_ list: Row, on connection: Connection) throws {
            let bytes = try content(of: list)
            try note(list, on: connection)
            let early = list.bool("is_complete") ? "" : ", drawn before all was read and judged"
            Terminal.error.print(
                "\(kind), \(list.string("authority")), \(list.string("period")), as at \(list.string("as_at"))\(early)")
            if let output {
                try Data(bytes).write(to: URL(fileURLWithPath: output), options: .atomic)
                Terminal.error.print("\(output): \(list.int("row_count")) rows")
            } else {
                FileHandle.standardOutput.write(Data(bytes))
            }
        }

        /// One that cannot be given keeps none of the others back.
        private func write(_ lists: [Row], to folder: String, on connection: Connection) throws {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            var written = 0
            for list in lists {
                let name = "\(list.string("authority"))-\(kind)-\(list.string("listed_on")).\(format.rawValue)"
                do {
                    let bytes = try content(of: list)
                    try note(list, on: connection)
                    try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"), options: .atomic)
                    written += 1
                } catch let error as ValidationError {
                    Terminal.error.print("\(name): \(error.message)")
                }
            }
            Terminal.error.print("\(folder): \(written) of \(lists.count) lists")
            if written < lists.count { throw ExitCode.failure }
        }

        private func note(_ list: Row, on connection: Connection) throws {
            let part = team == nil && service == nil ? "" : ", in part"
            try Operator.looked(
                "lists.show", "\(kind) \(list.string("listed_on"))\(part)", authority: list.string("authority"),
                on: connection)
        }

        /// A period is named by its rhythm, `week of …` or `month of …`, to which a day is truncated.
        private func ofDay(on connection: Connection) throws -> Row {
            let latest = try connection.execute(
                """
                SELECT DISTINCT ON (authority) \(raw: Show.columns),
                    listed_on = date_trunc(split_part(period, ' ', 1), asked.day)::date AS is_own, asked.day::date::text AS day
                  FROM reporting.published_list, (
                    SELECT coalesce(\(on)::date, (now() AT TIME ZONE 'Europe/London')::date)::timestamp AS day) AS asked
                 WHERE kind = \(kind) AND (\(authority == nil) OR authority = \(authority ?? "")) AND listed_on IS NOT NULL
                   AND listed_on <= asked.day
                 ORDER BY authority, listed_on DESC
                """)
            let rows = latest.filter { $0.bool("is_own") }
            guard let first = rows.first else {
                let last = latest.max { $0.string("listed_on") < $1.string("listed_on") }
                let before = last.map { "; the last before is of \($0.string("listed_on"))" } ?? ""
                Terminal.error.print(
                    "no list \(kind) of the period of \(last?.string("day") ?? on ?? "today") was published\(before): see quorate lists list"
                )
                throw ExitCode.failure
            }
            guard rows.count == 1 else {
                let codes = rows.map { $0.string("authority") }.joined(separator: ", ")
                throw ValidationError("more than one authority has this list: give --authority, one of \(codes)")
            }
            return first
        }

        private func published(from first: String, on connection: Connection) throws -> [Row] {
            let rows = try connection.execute(
                """
                SELECT \(raw: Show.columns)
                  FROM reporting.published_list
                 WHERE kind = \(kind) AND (\(authority == nil) OR authority = \(authority ?? ""))
                   AND listed_on BETWEEN \(first)::date
                   AND coalesce(\(to)::date, (now() AT TIME ZONE 'Europe/London')::date)
                 ORDER BY authority, listed_on
                """)
            guard !rows.isEmpty else {
                throw ValidationError("no list \(kind) was published of those days: see quorate lists list")
            }
            return Array(rows)
        }

        private static let columns = """
            authority, period, listed_on::text AS listed_on, row_count, csv, html, xlsx, cells::text AS cells, erased_rows,
            is_complete, to_char(as_at AT TIME ZONE 'Europe/London', 'YYYY-MM-DD HH24:MI') AS as_at
            """

        private func content(of row: Row) throws -> [UInt8] {
            let erased = row.int("erased_rows")
            guard erased == 0 || format == .csv else {
                throw ValidationError(
                    "\(erased) rows of this list were erased when their time had ended: the rest is left as --format csv"
                )
            }
            switch format {
            case .html: return row.bytes("html")
            case .xlsx: return row.bytes("xlsx")
            case .csv: break
            }
            let parts = [("Team", team), ("Service", service)].filter { $0.1 != nil }
            guard !parts.isEmpty || erased > 0 else { return row.bytes("csv") }
            let all = try JSONValue(row.string("cells")).elements.map { $0.elements.compactMap(\.string) }
            var table = ListTable(header: all[0], rows: Array(all.dropFirst()))
            for (column, value) in parts {
                guard let left = table.rows(where: column, is: value!) else {
                    throw ValidationError(
                        "the list \(kind) has no column \(column): leave out --\(column.lowercased())")
                }
                table = left
            }
            return Array(table.csv.utf8)
        }
    }
}
