import ArgumentParser
import Correspondence
import Workers

/// What the operator sets for sending, by flag or environment variable.
struct MailOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where messages go: maildir:FOLDER, smtp://host:port, or smtps://user:password@host:port. [QUORATE_MAIL]",
            valueName: "url"))
    var mail: String?

    @Option(help: "Sender address of messages. [QUORATE_MAIL_FROM] (default: quorate@localhost)")
    var mailFrom: String?

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
        isDryRun = options.dryRun || source.text(nil, "QUORATE_MAIL_DRY_RUN") == "1"
    }
}

/// The channel that a setting names.
func channel(_ url: String) throws -> any Channel {
    if url.hasPrefix("maildir:") { return try Maildir(folder: String(url.dropFirst("maildir:".count))) }
    if url.hasPrefix("smtp://") || url.hasPrefix("smtps://") { return SMTP(url: url) }
    throw ValidationError(
        "setting --mail (QUORATE_MAIL) must read maildir:FOLDER, smtp://host:port or smtps://user:password@host:port")
}
