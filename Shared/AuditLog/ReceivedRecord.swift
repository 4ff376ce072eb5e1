/// A record as the audit log takes it: its place, its own bytes, and what a glance shows of it. An object, since it has many
/// parts and goes through many hands.
public final class ReceivedRecord: Sendable {
    public let topic: String
    public let partition: Int32
    public let offset: Int64
    /// Kafka's, in milliseconds since 1970.
    public let timestamp: Int64
    public let content: RecordContent
    public let type: String?
    public let source: String?
    public let id: String?
    public let authority: String?
    public let subject: String?
    public let correlationId: String?

    public init(
        topic: String, partition: Int32, offset: Int64, timestamp: Int64, content: RecordContent, type: String?,
        source: String?, id: String?, authority: String?, subject: String?, correlationId: String?
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        self.content = content
        self.type = type
        self.source = source
        self.id = id
        self.authority = authority
        self.subject = subject
        self.correlationId = correlationId
    }
}
