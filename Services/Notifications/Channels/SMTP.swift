import CLibcurl
import Correspondence
import Dispatch
import Synchronization

/// Mail by SMTP through libcurl, over a few connections that stay open between messages. Each has a thread of its own: libcurl's
/// way to have several on one thread waits for a server's answer to the end of a message before it goes on with another.
final class SMTP: Channel {
    /// Whether the connection must be encrypted.
    enum Encryption: String, CaseIterable {
        /// STARTTLS, or TLS from the start with smtps://; without it nothing is sent.
        case required
        /// Only for a relay on the same machine or network that offers none.
        case none
    }

    struct Login {
        let user: String
        let password: String
    }

    /// What Microsoft 365 allows of one sender at a time; others allow more.
    static let usualConnections = 3
    private static let messagesAConnection = 2

    /// Nobody can say what became of a message as a worker died: few are under way.
    let window: Int
    private let sessions: [(session: SMTPSession, queue: DispatchQueue)]

    /// - Parameters:
    ///   - connections: How many at once.
    ///   - authorities: A file with the certificates to trust, in the place of the system's.
    ///   - timeoutSeconds: For one message.
    init(
        url: String, connections: Int, encryption: Encryption, login: Login?, authorities: String?, timeoutSeconds: Int
    ) {
        SMTP.prepare
        window = connections * SMTP.messagesAConnection
        sessions = (1...connections).map { number in
            (
                SMTPSession(
                    url: url, encryption: encryption, login: login, authorities: authorities,
                    timeoutSeconds: timeoutSeconds),
                DispatchQueue(label: "quorate.smtp.\(number)")
            )
        }
    }

    private static let prepare: Void = { curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }()

    func deliver(_ mails: [Mail], until end: ContinuousClock.Instant) -> [Delivery] {
        let chunk = Chunk(mails)
        let group = DispatchGroup()
        for (session, queue) in sessions.prefix(mails.count) {
            queue.async(group: group) {
                while ContinuousClock.now < end, let (place, mail) = chunk.next() {
                    chunk.note(session.deliver(mail), at: place)
                }
            }
        }
        group.wait()
        return chunk.deliveries
    }

    /// Messages from which each session takes the next.
    private final class Chunk: Sendable {
        private let mails: [Mail]
        private let state: Mutex<(next: Int, deliveries: [Delivery])>

        init(_ mails: [Mail]) {
            self.mails = mails
            state = Mutex((0, mails.map { _ in .unreached }))
        }

        func next() -> (place: Int, mail: Mail)? {
            state.withLock { state in
                guard state.next < mails.count else { return nil }
                defer { state.next += 1 }
                return (state.next, mails[state.next])
            }
        }

        func note(_ delivery: Delivery, at place: Int) { state.withLock { $0.deliveries[place] = delivery } }

        var deliveries: [Delivery] { state.withLock { $0.deliveries } }
    }
}
