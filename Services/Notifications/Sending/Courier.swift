import Correspondence
import Dispatch
import Postgres
import Workers

/// A message whose attempt is committed.
struct Outgoing: Sendable {
    let row: Row
    let way: Way
    let composition: Composition
    /// Where it had to be written to know what it says of a meeting.
    var written: Mail?

    var id: PGUUID { row.uuid("message_id") }
    /// An earlier attempt may have got through: it is only looked up.
    var isInDoubt: Bool { row.bool("in_doubt") }
    /// 1 for the first.
    var attempt: Int { row.int("attempts") + 1 }
}

/// Takes messages to the channel on a thread of its own, while the worker's thread is busy with the database.
///
/// Safe across threads since only one of them is at work on what is under way: the worker's hands it over by `take`, and has it
/// back after `collect`.
final class Courier: @unchecked Sendable {
    /// How many messages may be taken at a time.
    let window: Int
    /// What became of attempts, where the database does not know it yet.
    var known: [(message: Outgoing, delivery: Delivery)] = []
    private var channel: any Channel
    private let resendsUnknown: Bool
    private let queue = DispatchQueue(label: "quorate.courier")
    private let isBack = DispatchSemaphore(value: 0)
    private var underWay: [Outgoing] = []
    private var deliveries: [Delivery] = []

    /// - Parameter resendsUnknown: Whether what the channel may have taken and cannot look up is sent again.
    init(_ channel: any Channel, resendsUnknown: Bool) {
        self.channel = channel
        self.resendsUnknown = resendsUnknown
        window = channel.window
    }

    /// Sets out with messages. Nothing of them is known before `collect`.
    ///
    /// - Parameter end: No attempt begins later.
    func take(_ messages: [Outgoing], until end: ContinuousClock.Instant) {
        precondition(underWay.isEmpty, "the courier is on the way")
        guard !messages.isEmpty else { return }
        underWay = messages
        queue.async { [self] in
            deliveries = attempt(messages, until: end)
            isBack.signal()
        }
    }

    /// Waits for what is under way: it is among what is known.
    func collect() {
        guard !underWay.isEmpty else { return }
        isBack.wait()
        known += zip(underWay, deliveries).map { ($0, $1) }
        underWay = []
    }

    private func attempt(_ messages: [Outgoing], until end: ContinuousClock.Instant) -> [Delivery] {
        let mails = messages.inParallel { $0.map { $0.written ?? $0.composition.mail } }.flatMap(\.self)
        let isNew = messages.map { !$0.isInDoubt }
        var delivered = channel.deliver(zip(mails, isNew).filter(\.1).map(\.0), until: end).makeIterator()
        return zip(mails, isNew).map { mail, isNew in
            guard isNew else { return ContinuousClock.now < end ? lookUp(mail) : .unreached }
            let delivery = delivered.next() ?? .unreached
            guard case .ambiguous(let why) = delivery, !channel.canLookUp(mail), !resendsUnknown else {
                return delivery
            }
            return .unknowable(why)
        }
    }

    private func lookUp(_ mail: Mail) -> Delivery {
        switch channel.lookUp(mail) {
        case .delivered: .sent
        case .absent: .absent
        case .later(let why): .ambiguous(why)
        case .cannotTell:
            resendsUnknown
                ? .absent : .unknowable("an earlier attempt may have got through, and the channel cannot tell")
        }
    }
}
