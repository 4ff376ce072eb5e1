import Correspondence

/// How a message leaves the system.
protocol Channel {
    /// How many messages may be under way between two commits. When a worker dies so many are in doubt.
    var window: Int { get }
    /// Whether it can say afterwards that it took this.
    func canLookUp(_ mail: Mail) -> Bool
    mutating func deliver(_ mail: Mail) -> Delivery
    /// What became of an attempt that may have got through.
    mutating func lookUp(_ mail: Mail) -> LookUp
    /// Called once what was delivered is about to be recorded: afterwards it is durable.
    mutating func flush() -> Bool
}

extension Channel {
    func canLookUp(_ mail: Mail) -> Bool { false }
    func lookUp(_ mail: Mail) -> LookUp { .cannotTell }
    func flush() -> Bool { true }
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
}

enum LookUp {
    case delivered, absent, cannotTell
    /// The channel does not answer now.
    case later(String)
}
