import Foundation
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
    public var way = Way.email
    public let calendar: Calendar?

    public init(
        id: String, dated: Instant, occasion: Instant, from: String, to: String, subject: String, body: String,
        html: String? = nil,
        attachments: [Attachment] = [], calendar: Calendar? = nil
    ) {
        self.id = id
        self.dated = dated
        self.occasion = occasion
        self.from = from
        self.to = to
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
    public var text: String {
        var lines = [
            "From: Quorate <\(from)>", "To: <\(to)>", "Subject: \(Mail.encodedWord(subject))",
            "Date: \(Mail.date(dated))", "Message-ID: <\(id)@quorate>", "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
        ]
        let boundary = "quorate-\(id)"
        lines += ["Content-Type: multipart/mixed; boundary=\"\(boundary)\"", ""]
        lines += ["--\(boundary)", "Content-Type: multipart/alternative; boundary=\"alternative-\(id)\"", ""]
        lines += Mail.part("--alternative-\(id)", "text/plain; charset=UTF-8", nil, Array(body.utf8))
        if let html { lines += Mail.part("--alternative-\(id)", "text/html; charset=UTF-8", nil, Array(html.utf8)) }
        if let calendar {
            let type = "text/calendar; method=\(calendar.method); charset=UTF-8"
            lines += Mail.part("--alternative-\(id)", type, nil, Array(calendar.text.utf8))
        }
        lines += ["--alternative-\(id)--", ""]
        for file in attachments {
            lines += Mail.part("--\(boundary)", file.type, file.name, file.bytes)
        }
        lines += ["--\(boundary)--", ""]
        return lines.joined(separator: "\r\n")
    }

    private static func part(_ boundary: String, _ type: String, _ file: String?, _ bytes: [UInt8]) -> [String] {
        var lines = [boundary, "Content-Type: \(type)", "Content-Transfer-Encoding: base64"]
        if let file { lines.append("Content-Disposition: attachment; filename=\"\(file)\"") }
        let encoded = Data(bytes).base64EncodedString(options: [
            .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
        ])
        return lines + ["", encoded, ""]
    }

    private static func encodedWord(_ text: String) -> String {
        text.utf8.allSatisfy { (32..<127).contains($0) }
            ? text : "=?UTF-8?B?\(Data(text.utf8).base64EncodedString())?="
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
