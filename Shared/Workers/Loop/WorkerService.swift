import CaseEvents
import Kafka
import Postgres
import StatutoryRules

/// What one of the four workers does; everything else is the loop's.
public protocol WorkerService: SendableMetatype {
    /// `scheduling`, `notifications`, `reporting` or `auditing`: also its schema and the `source` of what it publishes.
    static var name: WorkerName { get }

    /// Whether a record that the database refuses for good may be set aside. Where every record must be kept as it came,
    /// the refusal says that the tables are wrong: the worker waits for them to be mended, and passes nothing by.
    static var setsRefusedAside: Bool { get }

    /// Called with each new connection, before anything is read: loads the configuration in force, and checks it.
    mutating func started(on connection: Connection) throws

    /// Called when the broker is known, before partitions are assigned.
    mutating func joined(cluster: String)

    /// What pure work makes of the records of a poll.
    associatedtype Prepared: Sendable = Void

    /// The pure work on the records of a poll, which other threads do while the transaction before is under way. Not asked
    /// for where a record is to be found that stops the process.
    func preparation(of records: [Record]) -> @Sendable () -> Prepared

    /// Applies records inside the batch's transaction, after its offsets were fenced. May be called again with the
    /// same records after a rollback, and with parts of them. `prepared` is what their preparation gave, if they are those
    /// of one poll and all of them.
    mutating func apply(
        _ records: [Record], prepared: Prepared?, in transaction: borrowing Transaction, _ effects: inout Effects)
        throws

    /// Called in the transaction that quarantines records, before they are kept: theirs and those that the loop passes.
    mutating func setAside(_ quarantined: inout [Quarantined], in transaction: borrowing Transaction) throws

    /// Does what has fallen due, bounded, between batches. Returns whether more is waiting.
    mutating func sweep(_ sweep: borrowing Sweep) throws -> Bool

    /// Figures of its own for `/metrics`, as of the last sweep.
    var gauges: [Gauge] { get }
}

/// A figure that goes up and down, in Prometheus' words.
public struct Gauge: Sendable {
    let name: String
    let help: String
    let labels: [String]
    /// By the labels' values.
    let values: [[String]: Double]

    public init(name: String, help: String, value: Double) {
        self.init(name: name, help: help, labels: [], values: [[]: value])
    }

    public init(name: String, help: String, labels: [String], values: [[String]: Double]) {
        (self.name, self.help, self.labels, self.values) = (name, help, labels, values)
    }

    private init(name: String, help: String, label: String, values: [String: Int64]) {
        let values = Dictionary(uniqueKeysWithValues: values.map { ([$0.key], Double($0.value)) })
        self.init(name: name, help: help, labels: [label], values: values)
    }

    /// Messages that wait for a person, by reason.
    public static func messagesWaiting(_ values: [String: Int64]) -> Gauge {
        Gauge(
            name: "quorate_messages_waiting", help: "Messages that wait for a person, of all workers.", label: "reason",
            values: values)
    }

    /// What GOV.UK Notify reported, by what came of it.
    public static func notifyReceipts(_ values: [String: Int64]) -> Gauge {
        Gauge(
            name: "quorate_notify_receipts", help: "What GOV.UK Notify said of messages, of all workers.",
            label: "outcome", values: values)
    }
}

extension WorkerService {
    public static var setsRefusedAside: Bool { true }
    public var gauges: [Gauge] { [] }
    public mutating func joined(cluster: String) {}
    public mutating func setAside(_ quarantined: inout [Quarantined], in transaction: borrowing Transaction) throws {}
}

extension WorkerService where Prepared == Void {
    public func preparation(of records: [Record]) -> @Sendable () -> Void { {} }
}

public enum WorkerName: String, Sendable, CaseIterable {
    case scheduling, notifications, reporting, auditing

    /// The topics it reads. The first is the primary one: whoever holds a partition of it relays and sweeps for that
    /// partition.
    public var topics: [SystemTopic] {
        switch self {
        case .scheduling: [.caseEvents]
        case .notifications: [.caseOutcomes, .reportEvents, .directoryEvents, .caseEvents]
        case .reporting: [.caseOutcomes, .caseEvents, .notificationEvents, .directoryEvents]
        case .auditing: SystemTopic.allCases
        }
    }

    /// Whether what it refuses of a topic goes to the dead letters: each topic of the integrations has one judge.
    func judges(_ topic: String) -> Bool {
        switch self {
        case .scheduling: topic == SystemTopic.caseEvents.rawValue
        case .notifications: topic == SystemTopic.directoryEvents.rawValue
        case .reporting, .auditing: false
        }
    }

    public var schema: String { rawValue }
    public var source: String { "urn:quorate:\(rawValue)" }
    public var group: String { "quorate.\(rawValue)" }
}

/// What a sweep may use: transactions of its own, and the share of the work that is this worker's.
public struct Sweep: ~Copyable {
    let run: ((borrowing Transaction, inout Effects) throws -> Void) throws -> Void
    /// Partitions of the primary topic that this worker holds, and how many there are.
    public let partitions: [Int32]
    public let partitionCount: Int32
    /// True once, when the service has just started or got partitions.
    public let isFirst: Bool
    /// Nothing that the broker is known to hold is left to read in any partition that this worker holds.
    public let isCurrent: Bool
    /// The same, and nothing came for a while.
    public let isCaughtUp: Bool
    /// Of each partition that this worker holds, the first offset not yet applied.
    public let positions: [TopicPartition: Int64]
    let askEnds: (SystemTopic) -> [TopicPartition: Int64]?

    /// Where the partitions that this worker holds end now, and all those of a topic, as their brokers say when asked: what was
    /// published before lies before these offsets. `nil` where one does not answer.
    public func ends(andAllOf topic: SystemTopic) -> [TopicPartition: Int64]? { askEnds(topic) }

    /// One transaction; its effects are kept with it and published after it.
    public func transaction(_ body: (borrowing Transaction, inout Effects) throws -> Void) throws { try run(body) }
}
