import ArgumentParser
import Correspondence
import Foundation
import Workers

/// What the operator sets for sending, by flag or environment variable.
struct MailOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where messages go: maildir:FOLDER, smtp://host:port, or smtps://host:port. [QUORATE_MAIL]",
            valueName: "url"))
    var mail: String?

    @Option(help: "Sender address of messages. [QUORATE_MAIL_FROM] (default: quorate@localhost)")
    var mailFrom: String?

    @Option(
        name: .customLong("mail-tls"),
        help:
            "required (STARTTLS, or TLS from the start with smtps://) or none, for a relay next to the worker. [QUORATE_MAIL_TLS] (default: required)"
    )
    var mailTLS: String?

    @Option(
        help:
            "Connections to the mail server at a time; when the worker dies, up to four messages a connection are in doubt. [QUORATE_MAIL_CONNECTIONS] (default: 3)"
    )
    var mailConnections: Int?

    @Option(
        help:
            "Seconds for one message, from 1 to 60, after which a server that does not answer is given up; GOV.UK Notify is given 20 at most. [QUORATE_MAIL_TIMEOUT] (default: 60)"
    )
    var mailTimeout: Int?

    @Option(
        help: "Login at the mail server; its password is read from QUORATE_MAIL_PASSWORD alone. [QUORATE_MAIL_USER]")
    var mailUser: String?

    @Option(
        name: .customLong("mail-ca-file"),
        help: "Certificates to trust in the place of the system's, in PEM. [QUORATE_MAIL_CA_FILE]")
    var mailAuthorities: String?

    @Option(
        help:
            "Id of the e-mail template on GOV.UK Notify, with the fields ((subject)) and ((body)). Notify is used where QUORATE_NOTIFY_KEY is set, for all but messages with files. [QUORATE_NOTIFY_TEMPLATE]"
    )
    var notifyTemplate: String?

    @Option(
        help:
            "Id of the SMS template there, with the field ((body)): opens SMS to those who prefer it, or have no e-mail. [QUORATE_NOTIFY_SMS_TEMPLATE]"
    )
    var notifySmsTemplate: String?

    @Option(
        help:
            "Id of the letter template there, with the fields ((subject)) and ((body)): opens letters to families who prefer them, or have neither. [QUORATE_NOTIFY_LETTER_TEMPLATE]"
    )
    var notifyLetterTemplate: String?

    @Option(
        name: .customLong("notify-url"),
        help:
            "Address of GOV.UK Notify's interface. [QUORATE_NOTIFY_URL] (default: https://api.notifications.service.gov.uk)"
    )
    var notifyURL: String?

    @Option(
        help:
            "What becomes of a mail that a server may have taken as the connection broke: hold for a person, or resend. [QUORATE_MAIL_UNKNOWN] (default: hold)"
    )
    var mailUnknown: String?

    @Option(
        help: "Messages a person may get in an hour before the rest is held. [QUORATE_MAIL_PERSON_HOURLY] (default: 30)"
    )
    var mailPersonHourly: Int?

    @Option(
        help:
            "Messages of an authority in an hour before the rest is held. [QUORATE_MAIL_AUTHORITY_HOURLY] (default: 2000)"
    )
    var mailAuthorityHourly: Int?

    @Option(
        help:
            "How often people are written to who made no choice: daily, weekly or at_once. Urgent things and letters always go at once. [QUORATE_DIGEST] (default: daily)"
    )
    var digest: String?

    @Option(help: "Hour of the London day from which digests go out. [QUORATE_DIGEST_HOUR] (default: 9)")
    var digestHour: Int?

    @Option(
        help: ArgumentHelp(
            "Folder of texts over the package's: <language>/<default, a policy, or an ONS code>/<name>. [QUORATE_TEMPLATES]",
            valueName: "folder"))
    var templates: String?

    @Flag(help: "Hold every message instead of sending it; see quorate letters list. [QUORATE_MAIL_DRY_RUN=1]")
    var dryRun = false
}

/// The same, checked.
struct MailSettings: Sendable {
    let from: String
    let resendsUnknown: Bool
    /// Messages in an hour of the clock.
    let personHourly: Int
    let authorityHourly: Int
    let rhythm: Rhythm
    /// Hour of the London day.
    let digestHour: Int
    let isDryRun: Bool
    /// By which people may be written to.
    let ways: Set<Way>
    let templates: Templates

    var composing: Composing { Composing(from: from, rendering: Rendering(templates)) }

    private enum Unknown: String, CaseIterable { case hold, resend }

    init(_ options: MailOptions, _ source: SettingSource) throws {
        from = source.text(options.mailFrom, "QUORATE_MAIL_FROM") ?? "quorate@localhost"
        resendsUnknown =
            try source.choice("mail-unknown", options.mailUnknown, "QUORATE_MAIL_UNKNOWN", Unknown.allCases) == .resend
        personHourly =
            try source.number(
                "mail-person-hourly", options.mailPersonHourly, "QUORATE_MAIL_PERSON_HOURLY", 1...1_000_000) ?? 30
        authorityHourly =
            try source.number(
                "mail-authority-hourly", options.mailAuthorityHourly, "QUORATE_MAIL_AUTHORITY_HOURLY", 1...10_000_000)
            ?? 2_000
        rhythm = try source.choice("digest", options.digest, "QUORATE_DIGEST", Rhythm.allCases) ?? .daily
        digestHour = try source.number("digest-hour", options.digestHour, "QUORATE_DIGEST_HOUR", 0...23) ?? 9
        let usesNotify = source.text(nil, "QUORATE_NOTIFY_KEY") != nil
        ways = try usesNotify ? Set(notifyTemplates(options, source).keys).union([.email]) : [.email]
        do {
            templates =
                try source.text(options.templates, "QUORATE_TEMPLATES").map(Templates.init(folder:)) ?? .packaged
        } catch {
            throw ValidationError("setting --templates (QUORATE_TEMPLATES): \(error)")
        }
        isDryRun = options.dryRun || source.text(nil, "QUORATE_MAIL_DRY_RUN") == "1"
    }
}

/// The way out that the settings name: GOV.UK Notify where its key is set, with mail for what has files; else mail.
func channel(_ options: MailOptions, _ source: SettingSource) throws -> any Channel {
    let mail = try mailChannel(options, source)
    guard let key = source.text(nil, "QUORATE_NOTIFY_KEY") else { return mail }
    let templates = try notifyTemplates(options, source)
    let timeout = try timeoutSeconds(options, source)
    let url = source.text(options.notifyURL, "QUORATE_NOTIFY_URL") ?? "https://api.notifications.service.gov.uk"
    guard let settings = Notify.Settings(key: key, url: url, templates: templates, timeoutSeconds: timeout)
    else {
        throw ValidationError("setting QUORATE_NOTIFY_KEY must be a whole API key, as GOV.UK Notify shows it once")
    }
    return Notify(settings, files: mail)
}

private func notifyTemplates(_ options: MailOptions, _ source: SettingSource) throws -> [Way: String] {
    var templates = [
        Way.email: try source.required("notify-template", options.notifyTemplate, "QUORATE_NOTIFY_TEMPLATE")
    ]
    templates[.sms] = source.text(options.notifySmsTemplate, "QUORATE_NOTIFY_SMS_TEMPLATE")
    templates[.letter] = source.text(options.notifyLetterTemplate, "QUORATE_NOTIFY_LETTER_TEMPLATE")
    for (way, template) in templates where UUID(uuidString: template) == nil {
        let (flag, variable) = way == .email ? ("", "") : ("\(way.rawValue)-", "\(way.rawValue.uppercased())_")
        throw ValidationError(
            "setting --notify-\(flag)template (QUORATE_NOTIFY_\(variable)TEMPLATE) must be the id of a template on GOV.UK Notify"
        )
    }
    return templates
}

private func mailChannel(_ options: MailOptions, _ source: SettingSource) throws -> any Channel {
    let url = try source.required("mail", options.mail, "QUORATE_MAIL")
    if url.hasPrefix("maildir:") {
        let folder = String(url.dropFirst("maildir:".count))
        guard let maildir = try? Maildir(folder: folder) else {
            throw ValidationError("setting --mail (QUORATE_MAIL): the folder \(folder) cannot be made or written")
        }
        return maildir
    }
    guard url.hasPrefix("smtp://") || url.hasPrefix("smtps://"), let parts = URLComponents(string: url),
        parts.host != nil
    else {
        throw ValidationError(
            "setting --mail (QUORATE_MAIL) must read maildir:FOLDER, smtp://host:port or smtps://host:port")
    }
    var bare = parts
    (bare.user, bare.password) = (nil, nil)
    let user = source.text(options.mailUser, "QUORATE_MAIL_USER") ?? parts.user
    let password = source.environment["QUORATE_MAIL_PASSWORD"] ?? parts.password
    let encryption =
        try source.choice("mail-tls", options.mailTLS, "QUORATE_MAIL_TLS", SMTP.Encryption.allCases) ?? .required
    guard user == nil || encryption == .required else {
        throw ValidationError(
            "setting --mail-tls (QUORATE_MAIL_TLS) must be required where there is a login: it would travel in clear")
    }
    let connections =
        try source.number("mail-connections", options.mailConnections, "QUORATE_MAIL_CONNECTIONS", 1...20)
        ?? SMTP.usualConnections
    return SMTP(
        url: bare.string!, connections: connections, encryption: encryption,
        login: user.map { SMTP.Login(user: $0, password: password ?? "") },
        authorities: source.text(options.mailAuthorities, "QUORATE_MAIL_CA_FILE"),
        timeoutSeconds: try timeoutSeconds(options, source))
}

/// With the calls of a turn (`Sending.calls`) it must end before the worker passes for stuck.
private func timeoutSeconds(_ options: MailOptions, _ source: SettingSource) throws -> Int {
    try source.number("mail-timeout", options.mailTimeout, "QUORATE_MAIL_TIMEOUT", 1...60) ?? 60
}
