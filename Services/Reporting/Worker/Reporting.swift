import ArgumentParser
import Board
import Foundation
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

    @Option(help: "Folder for lists as CSV, HTML and XLSX files; none are written without it. [QUORATE_LISTS_FOLDER]")
    var listsFolder: String?

    @OptionGroup(title: "Board") var board: BoardOptions

    func run() async throws {
        let (listsFolder, board) = (listsFolder, board)
        try await WorkerMain.run(options) { settings, log in
            let source = SettingSource(environment: settings.environment)
            let folder = source.text(listsFolder, "QUORATE_LISTS_FOLDER")
            if let folder {
                try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                guard access(folder, W_OK) == 0 else {
                    throw ValidationError(
                        "setting --lists-folder (QUORATE_LISTS_FOLDER): the folder \(folder) cannot be made or written")
                }
            }
            return ReportingService(folder: folder, log: log)
        } alongside: { settings, log in
            try BoardSettings(board, environment: settings.environment).map { Board($0, log: log).application() }
        }
    }
}
