import StatutoryRules

/// One message, ready to be sent.
public struct Mail: Sendable {
    public struct Attachment: Sendable {
        public let name: String
        public let type: String
        public let bytes: [UInt8]
    }

    /// An invitation, or a change of one, for the reader's calendar.
    public struct Calendar: Sendable {
        public let method: String
        public let text: String
        /// The conference.
        public let meeting: String
        public let sequence: Int
        /// What it says of the meeting, to be compared with what is known later.
        public let told: String
    }

    /// The message's id; before `@quorate` it is the Message-ID.
    public let id: String
    /// When it came to be written.
    public let dated: Instant
    /// Of what it is about: the same whenever it is written, after a restore from backup too.
    public let occasion: Instant
    public let from: String
    public let to: String
    public let subject: String
    public let body: String
    public let html: String?
    public let attachments: [Attachment]
    /// By which it leaves: `to` is an address of that kind.
    public let way: Way
    public let calendar: Calendar?

    init(
        _ envelope: Envelopment, subject: String, body: String, html: String?, attachments: [Attachment],
        calendar: Calendar?
    ) {
        (id, dated, occasion) = (envelope.id, envelope.dated, envelope.occasion)
        (from, to, way) = (envelope.from, envelope.to, envelope.way)
        self.subject = subject
        self.body = body
        self.html = html
        let invite = calendar.map {
            Attachment(name: "invite.ics", type: "application/ics", bytes: Array($0.text.utf8))
        }
        self.attachments = attachments + (invite.map { [$0] } ?? [])
        self.calendar = calendar
    }

    /// RFC 5322 with MIME parts; every part base64, so that no line is too long and no byte is lost.
    public var bytes: [UInt8] {
        let (mixed, alternative) = ("quorate-\(id)", "alternative-\(id)")
        var text = MIMEText(capacity: 2_048 + 2 * (body.utf8.count + (html?.utf8.count ?? 0)))
        text.line("From: Quorate <\(from)>")
        text.line("To: <\(to)>")
        text.line("Subject: \(MIMEText.header(subject))")
        text.line("Date: \(Mail.date(dated))")
        text.line("Message-ID: <\(id)@quorate>")
        text.line("Auto-Submitted: auto-generated")
        text.line("MIME-Version: 1.0")
        text.line("Content-Type: multipart/mixed; boundary=\"\(mixed)\"\r\n")
        text.line("--\(mixed)\r\nContent-Type: multipart/alternative; boundary=\"\(alternative)\"\r\n")
        text.part(alternative, "text/plain; charset=UTF-8", body.utf8)
        if let html { text.part(alternative, "text/html; charset=UTF-8", html.utf8) }
        if let calendar {
            text.part(alternative, "text/calendar; method=\(calendar.method); charset=UTF-8", calendar.text.utf8)
        }
        text.line("--\(alternative)--\r\n")
        for file in attachments { text.part(mixed, file.type, file.bytes, file: file.name) }
        text.line("--\(mixed)--")
        return text.bytes
    }

    private static func date(_ instant: Instant) -> String {
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let (day, clock) = (London.day(of: instant), London.clock(at: instant))
        let zone = London.offsetMinutes(at: instant) == 60 ? "+0100" : "+0000"
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return """
            \(days[day.weekday.rawValue]), \(day.dayOfMonth) \(months[day.month - 1]) \(day.year) \
            \(two(clock.hour)):\(two(clock.minute)):00 \(zone)
            """
    }
}
