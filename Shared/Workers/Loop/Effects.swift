import CaseEvents
import Kafka

/// What applying a batch leads to besides the rows that a service writes itself.
public struct Effects {
    /// Events to publish, in order.
    public var outgoing: [Outgoing] = []
    /// Records that could not be applied.
    public var quarantined: [Quarantined] = []
    /// Events that had an effect, and those that were known already.
    public var applied = 0
    public var duplicates = 0

    public init() {}

    /// Publishes a CloudEvent in structured mode under its own key.
    public mutating func publish(_ event: OutgoingEvent, to topic: SystemTopic, from partition: Int32) {
        outgoing.append(
            Outgoing(
                topic: topic.rawValue, sourcePartition: partition, eventId: event.id, eventType: event.type,
                key: Array(event.key.utf8), headers: nil, value: Array(event.json.utf8), causationId: event.causationid)
        )
    }

    /// Keeps a refused record, and sends its bytes on to the dead letters where this worker is the judge.
    public mutating func quarantine(_ record: Record, _ refusal: Refusal) {
        quarantined.append(Quarantined(record: record, refusal: refusal))
    }
}

/// An event on its way to Kafka.
public struct Outgoing: Sendable {
    public var topic: String
    public var sourcePartition: Int32
    public var eventId: String
    public var eventType: String
    public var key: [UInt8]
    /// `nil` stands for the content type of structured CloudEvents.
    public var headers: [Header]?
    public var value: [UInt8]
    public var causationId: String?

    public init(
        topic: String, sourcePartition: Int32, eventId: String, eventType: String, key: [UInt8], headers: [Header]?,
        value: [UInt8], causationId: String?
    ) {
        self.topic = topic
        self.sourcePartition = sourcePartition
        self.eventId = eventId
        self.eventType = eventType
        self.key = key
        self.headers = headers
        self.value = value
        self.causationId = causationId
    }
}

public struct Quarantined {
    public var record: Record
    public var refusal: Refusal
    /// A right event stands in its place already.
    public var isSuperseded = false
    /// Of the case that is told of it; `nil` where nothing tells which case that is.
    public var caseRevision: Int64?
}

/// The topics of the system.
public enum SystemTopic: String, Sendable, CaseIterable {
    case caseEvents = "case-events"
    case directoryEvents = "directory-events"
    case caseOutcomes = "case-outcomes"
    case notificationEvents = "notification-events"
    case reportEvents = "report-events"
    case operatorEvents = "operator-events"
    case deadLetters = "dead-letters"

    /// Of every topic that the system creates itself.
    public static let partitions = 24

    /// The workers that read it.
    public var readers: [WorkerName] { WorkerName.allCases.filter { $0.topics.contains(self) } }

    /// Where auditing may publish its checkpoints, for those outside; no worker reads it.
    public static let checkpoints = "audit-checkpoints"

    /// Creates what is missing, and returns their names.
    @discardableResult
    public static func create(through producer: Producer, replication: Int = -1) throws -> [String] {
        try producer.createTopics(topics(replication: replication))
    }

    /// As the system makes them, with the stated partition count: all is kept for 35 days, so that auditing, which takes every
    /// record, may be down for as long; of the directory then the last word on each key, of the checkpoints all. `replication`
    /// -1 leaves it to the broker.
    static func topics(replication: Int) -> [NewTopic] {
        let days = String(35 * 86_400_000)
        let kept = allCases.map { topic in
            let isDirectory = topic == .directoryEvents
            return (
                topic.rawValue,
                isDirectory ? ["cleanup.policy": "compact", "min.compaction.lag.ms": days] : ["retention.ms": days]
            )
        }
        return (kept + [(checkpoints, ["retention.ms": "-1"])]).map { name, settings in
            // An event of 1 MiB with its headers.
            NewTopic(
                name: name, partitions: partitions, replication: replication,
                configuration: settings.merging(["max.message.bytes": "1200000"]) { $1 })
        }
    }
}
