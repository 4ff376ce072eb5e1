import ArgumentParser
import Correspondence

/// How a message leaves the system.
protocol Channel: Sendable {
    /// Whether delivering the same message twice leaves one.
    var isIdempotent: Bool { get }
    func deliver(_ mail: Mail) -> Delivery
    /// Whether an earlier attempt, whose worker died, is known to have delivered it.
    func hasDelivered(_ mail: Mail) -> Bool
}

extension Channel {
    func hasDelivered(_ mail: Mail) -> Bool { false }
}

/// What came of an attempt.
enum Delivery {
    case sent
    /// The channel did not take it, and another attempt may succeed.
    case deferred(String)
    /// The channel will never take it.
    case refused(String)
    /// The channel broke off after it may have taken it.
    case ambiguous(String)

    func settled(isLast: Bool) -> (state: String, outcome: String?) {
        switch self {
        case .sent: ("sent", nil)
        case .deferred(let why): (isLast ? "failed" : "intended", why)
        case .refused(let why): ("failed", why)
        case .ambiguous(let why): ("unknown", why)
        }
    }
}

/// The channel that a setting names.
func channel(_ url: String) throws -> any Channel {
    if url.hasPrefix("maildir:") { return try Maildir(folder: String(url.dropFirst("maildir:".count))) }
    if url.hasPrefix("smtp://") || url.hasPrefix("smtps://") { return SMTP(url: url) }
    throw ValidationError(
        "setting --mail (QUORATE_MAIL) must read maildir:FOLDER, smtp://host:port or smtps://user:password@host:port")
}
