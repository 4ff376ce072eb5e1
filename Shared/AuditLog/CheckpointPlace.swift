/// Where checkpoints are kept besides the database.
public enum CheckpointPlace: CustomStringConvertible, Sendable {
    case file(String)
    case topic(String)
    /// A mail server's URL and an address.
    case mail(server: String, address: String)

    /// `file:PATH`, `kafka:TOPIC` or `smtp://host:port/ADDRESS`.
    public init?(_ text: String) {
        func rest(_ prefix: String) -> String? {
            text.hasPrefix(prefix) && text.count > prefix.count ? String(text.dropFirst(prefix.count)) : nil
        }
        if let path = rest("file:") {
            self = .file(path)
        } else if let topic = rest("kafka:") {
            self = .topic(topic)
        } else if text.hasPrefix("smtp://") || text.hasPrefix("smtps://"), let slash = text.lastIndex(of: "/"),
            text[..<slash].contains("://"), text[slash...].contains("@"), text[..<slash].last != "/"
        {
            self = .mail(server: String(text[..<slash]), address: String(text[text.index(after: slash)...]))
        } else {
            return nil
        }
    }

    /// As the table of places names it: without a password that a mail server's URL may hold.
    public var description: String {
        switch self {
        case .file(let path): "file:\(path)"
        case .topic(let topic): "kafka:\(topic)"
        case .mail(_, let address): "mail:\(address)"
        }
    }

    public var kind: String {
        switch self {
        case .file: "file"
        case .topic: "topic"
        case .mail: "mail"
        }
    }

    /// Whether what is kept there can be read back.
    public var canBeRead: Bool {
        switch self {
        case .file, .topic: true
        case .mail: false
        }
    }
}
