import ArgumentParser
import Board
import WorkerProcess
import Workers

/// The reporting worker: read models for analysts, and the lists that managers run on.
@main
struct Reporting: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reporting",
        abstract: "Keeps read models of conferences, plans, enquiries and duties, and publishes the recurring lists.",
        discussion: """
            Reads case-events and case-outcomes. Writes schema reporting, which the views of schema analysis read, and \
            publishes report-events. With --board it serves read-only pages for people.
            """)

    @OptionGroup var options: WorkerOptions

    @Option(help: "Folder for lists as CSV and HTML files; none are written without it. [QUORATE_LISTS_FOLDER]")
    var listsFolder: String?

    @OptionGroup(title: "Board") var board: BoardOptions

    func run() async throws {
        let (listsFolder, board) = (listsFolder, board)
        try await WorkerMain.run(options) { settings, log in
            let source = SettingSource(environment: settings.environment)
            return ReportingService(folder: source.text(listsFolder, "QUORATE_LISTS_FOLDER"), log: log)
        } alongside: { settings, log in
            try BoardSettings(board, environment: settings.environment).map { Board($0, log: log).application() }
        }
    }
}
