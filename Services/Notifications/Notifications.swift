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
            family members. Writes schema notifications, and publishes notification-events. Secrets come from the \
            environment alone: QUORATE_MAIL_PASSWORD; QUORATE_NOTIFY_KEY, of GOV.UK Notify; QUORATE_NOTIFY_CALLBACK_TOKEN, the \
            bearer token of its receipts, POST /notify/receipts on the health port.
            """)

    @OptionGroup var options: WorkerOptions

    @OptionGroup var mail: MailOptions

    func run() async throws {
        let mail = mail
        try await WorkerMain.run(options, callback: Receipts.callback) { settings, log in
            let source = SettingSource(environment: settings.environment)
            return NotificationsService(
                channel: try channel(mail, source), settings: try MailSettings(mail, source), log: log)
        }
    }
}
