import ArgumentParser
import CaseEvents
import Foundation
import StatutoryRules
import Workers

/// Working days of England and Wales.
struct CalendarCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar", abstract: "Count working days, show bank holidays, load a newer list.",
        subcommands: [Add.self, Count.self, Show.self, Load.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add working days to a date; the date itself is day 0.")
        @OptionGroup var options: ConfigurationOptions
        @Argument(help: "YYYY-MM-DD.") var date: String
        @Argument(help: "How many working days.") var days: Int
        @Flag(help: "Count back from the date.") var back = false

        func run() throws {
            let calendar = try options.load().calendar
            let start = try day(date)
            guard let counted = calendar.adding(workingDays: back ? -days : days, to: start) else {
                throw ValidationError(
                    "bank holidays are loaded from \(calendar.start.year) to \(calendar.horizon.year) only: "
                        + "quorate calendar load FILE takes a newer list")
            }
            let skipped =
                counted.skipped.isEmpty
                ? "" : " (bank holidays stepped over: \(counted.skipped.map(\.description).joined(separator: ", ")))"
            Terminal.out.print("\(counted.day)\(skipped)")
        }
    }

    struct Count: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Count the working days after the first date, up to and including the second.")
        @OptionGroup var options: ConfigurationOptions
        @Argument(help: "YYYY-MM-DD.") var from: String
        @Argument(help: "YYYY-MM-DD.") var to: String

        func run() throws {
            let calendar = try options.load().calendar
            guard let count = calendar.workingDays(after: try day(from), through: try day(to)) else {
                throw ValidationError(
                    "bank holidays are loaded from \(calendar.start.year) to \(calendar.horizon.year) only")
            }
            Terminal.out.print("\(count)")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the bank holidays that are loaded.")
        @OptionGroup var options: ConfigurationOptions
        @Argument(help: "One year only.") var year: Int?

        func run() throws {
            let calendar = try options.load().calendar
            for holiday in calendar.holidays where year.map({ $0 == holiday.day.year }) ?? true {
                Terminal.out.print("\(holiday.day)" + (holiday.announcedOn.map { "  announced on \($0)" } ?? ""))
            }
            Terminal.out.print("Loaded: \(calendar.start.year) to \(calendar.horizon.year).")
        }
    }

    struct Load: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a newer list of bank holidays in force, without a new release.",
            discussion: """
                Takes the list as GOV.UK publishes it (bank-holidays.json), or a file in the form of \
                bank-holidays.yaml. A date that is new in a year already loaded counts as announced on the day given: \
                what was judged before stays judged. quorate configuration preview shows what would move.
                """)
        @OptionGroup var deployment: DeploymentOptions
        @Option(help: "When dates new in a loaded year were announced, YYYY-MM-DD. (default: today)") var announced:
            String?
        @Flag(help: "Only show what would move.") var dryRun = false
        @Argument(help: "The list.") var file: String

        func run() throws {
            let connection = try deployment.deployment().connect("calendar")
            let current = try ConfigurationStore.load { try connection.execute($0) }.configuration
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                throw ValidationError("cannot read \(file)")
            }
            var files = current.files
            files[Configuration.calendarFile] =
                text.first { !$0.isWhitespace } == "{"
                ? try published(text, over: current.calendar) : text
            do {
                try ConfigurationChange(to: Configuration(files: files), from: current, on: connection)
                    .announce(dryRun: dryRun)
            } catch {
                throw ValidationError("\(error)")
            }
        }

        /// From the published form to ours.
        private func published(_ text: String, over calendar: WorkingCalendar) throws -> String {
            let days = (try? JSONValue(text)["england-and-wales"]?["events"]?.elements.map { $0["date"]?.string }) ?? []
            let dates = days.compactMap { $0 }.compactMap { Day($0) }
            guard !dates.isEmpty, dates.count == days.count else {
                throw ValidationError(
                    "\(file) is not the published list: it has no england-and-wales events with dates")
            }
            let known = Dictionary(uniqueKeysWithValues: calendar.holidays.map { ($0.day, $0.announcedOn) })
            let today = try announced.map { try day($0) } ?? London.day(of: .now)
            // The published list drops old years: those loaded stay.
            let first = dates.min()!
            let all = Set(dates).union(calendar.holidays.map(\.day).filter { $0 < first })
            let lines = all.sorted().map { date in
                let isNew = known[date] == nil && date <= calendar.horizon
                guard let announced = isNew ? today : known[date] ?? nil else { return "  - \(date)" }
                return "  - {date: \(date), announced: \(announced)}"
            }
            return "holidays:\n" + lines.joined(separator: "\n") + "\n"
        }
    }

}

private func day(_ text: String) throws -> Day {
    guard let day = Day(text) else { throw ValidationError("\(text) is no date: write YYYY-MM-DD") }
    return day
}
