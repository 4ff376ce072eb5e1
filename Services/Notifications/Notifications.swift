import ArgumentParser
import WorkerProcess
import Workers

/// The notifications worker: finds the people for what is due and writes to them, once.
@main
struct Notifications: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notifications",
        abstract: "Turns due notices and published lists into messages to the people who hold the roles.",
        discussion: """
            Reads case-outcomes, report-events, directory-events, and of case-events registration, allocation and \
            family members. Writes schema notifications, and publishes notification-events.
            """)

    @OptionGroup var options: WorkerOptions

    @Option(
        help: ArgumentHelp(
            "Where messages go: maildir:FOLDER, smtp://host:port, or smtps://user:password@host:port. [QUORATE_MAIL]",
            valueName: "url"))
    var mail: String?

    @Option(help: "Sender address of messages. [QUORATE_MAIL_FROM] (default: quorate@localhost)")
    var mailFrom: String?

    func run() async throws {
        let (mail, mailFrom) = (mail, mailFrom)
        try await WorkerMain.run(options) { settings, log in
            let source = SettingSource(environment: settings.environment)
            let from = source.text(mailFrom, "QUORATE_MAIL_FROM") ?? "quorate@localhost"
            let url = try source.required("mail", mail, "QUORATE_MAIL")
            return NotificationsService(channel: try channel(url), from: from, log: log)
        }
    }
}
