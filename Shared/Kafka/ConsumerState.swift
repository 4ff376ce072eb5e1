import CLibrdkafka

/// What one poll gathers, and what a rebalance does to it.
final class ConsumerState: Callbacks {
    private let onAssigned: ([TopicPartition]) -> [TopicPartition: Int64]?
    private let onRevoked: ([TopicPartition], Bool) -> Void
    private(set) var records: [Record] = []
    private(set) var pendingError: KafkaError?
    /// Topic names by librdkafka's topic object, which lives at least as long as the partition is assigned.
    private var names: [OpaquePointer: String] = [:]

    init(
        log: (@Sendable (Int32, String) -> Void)?, onAssigned: @escaping ([TopicPartition]) -> [TopicPartition: Int64]?,
        onRevoked: @escaping ([TopicPartition], Bool) -> Void
    ) {
        self.onAssigned = onAssigned
        self.onRevoked = onRevoked
        super.init(log: log)
    }

    func take(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
        guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
            pendingError = error(message)
            return
        }
        records.append(Record(message, topic: name(message.pointee.rkt), former: records.last?.headers ?? []))
    }

    func takeRecords() -> [Record] {
        defer { records = [] }
        return records
    }

    func throwPendingError() throws {
        guard let error = pendingError else { return }
        pendingError = nil
        throw error
    }

    private func name(_ topic: OpaquePointer) -> String {
        if let name = names[topic] { return name }
        let name = String(cString: rd_kafka_topic_name(topic))
        names[topic] = name
        return name
    }

    private func error(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> KafkaError {
        let fields = message.pointee
        let topic = fields.rkt.map { String(cString: rd_kafka_topic_name($0)) }
        // Valid until the message is destroyed, which is after this.
        let text = rd_kafka_message_errstr(message).map { String(cString: $0) }
        return KafkaError(
            fields.err, message: text,
            topicPartition: topic.map { TopicPartition(topic: $0, partition: fields.partition) })
    }

    override func rebalance(_ handle: OpaquePointer, _ code: rd_kafka_resp_err_t, _ partitions: borrowing PartitionList)
    {
        names = [:]
        let concerned = partitions.topicPartitions
        switch code {
        case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
            let offsets = onAssigned(concerned) ?? [:]
            assign(PartitionList(offsets.filter { concerned.contains($0.key) }), to: handle)
        case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
            drop(concerned)
            onRevoked(concerned, rd_kafka_assignment_lost(handle) == 1)
            unassign(handle)
        default:
            pendingError = KafkaError(code)
            unassign(handle)
        }
    }

    /// Their next owner reads them again, and that may be us, in this same poll.
    private func drop(_ partitions: [TopicPartition]) {
        let gone = Set(partitions)
        records.removeAll { gone.contains($0.topicPartition) }
    }

    private func assign(_ list: borrowing PartitionList, to handle: OpaquePointer) {
        // librdkafka copies the list; the caller frees its own.
        let code = rd_kafka_assign(handle, list.list)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { pendingError = KafkaError(code) }
    }

    private func unassign(_ handle: OpaquePointer) {
        let code = rd_kafka_assign(handle, nil)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { pendingError = KafkaError(code) }
    }
}
