import Correspondence

/// How messages leave the system.
protocol Channel {
    /// How many messages one commit may put under way. While they are, the next as many are committed: when a worker dies, up to
    /// twice so many are in doubt.
    var window: Int { get }
    /// Whether it can say afterwards that it took this.
    func canLookUp(_ mail: Mail) -> Bool
    /// What came of each, in their order; what it calls sent is durable. Of none an attempt begins after `end`.
    mutating func deliver(_ mails: [Mail], until end: ContinuousClock.Instant) -> [Delivery]
    /// What became of an attempt that may have got through.
    mutating func lookUp(_ mail: Mail) -> LookUp
}

extension Channel {
    func canLookUp(_ mail: Mail) -> Bool { false }
    func lookUp(_ mail: Mail) -> LookUp { .cannotTell }
}

/// What came of an attempt.
enum Delivery: Equatable {
    case sent
    /// The channel did not take it, and another attempt may succeed.
    case deferred(String)
    /// The channel will never take it.
    case refused(String)
    /// The channel broke off after it may have taken it.
    case ambiguous(String)
    /// An earlier attempt may have got through, and nobody can find out.
    case unknowable(String)
    /// An earlier attempt did not get through: the next is as if there had been none.
    case absent
    /// The channel was not called, for there was no time left.
    case unreached
}

enum LookUp {
    case delivered, absent, cannotTell
    /// The channel does not answer now.
    case later(String)
}
