import CLibrdkafka

public struct ConsumerSettings: Sendable {
    public var sessionTimeoutMilliseconds = 45_000
    /// The mock broker does not wake a waiting fetch: 10 there.
    public var fetchWaitMaxMilliseconds = 500
    /// Prefetched and not yet polled: this much memory.
    public var queuedMaxKilobytes = 16_384
    public var maxPollIntervalMilliseconds = 300_000

    public init(
        sessionTimeoutMilliseconds: Int = 45_000, fetchWaitMaxMilliseconds: Int = 500,
        queuedMaxKilobytes: Int = 16_384, maxPollIntervalMilliseconds: Int = 300_000
    ) {
        self.sessionTimeoutMilliseconds = sessionTimeoutMilliseconds
        self.fetchWaitMaxMilliseconds = fetchWaitMaxMilliseconds
        self.queuedMaxKilobytes = queuedMaxKilobytes
        self.maxPollIntervalMilliseconds = maxPollIntervalMilliseconds
    }
}

/// A member of a consumer group, for the one thread that polls: not `Sendable`.
///
/// Where to start is never Kafka's to say: `onAssigned` gives every offset, and an offset that the broker does not have
/// is an error and no jump. It polls message by message rather than by `rd_kafka_consume_batch_queue`, whose array may
/// still hold records of partitions that a rebalance took away while it was filled.
public final class Consumer {
    /// `nil` once closed.
    private var client: Client?
    private let state: ConsumerState

    /// `onAssigned` runs inside `poll` and gives the first offset to read of each partition; a partition without one is
    /// not read, and `nil` reads none. `onRevoked` runs inside `poll` and `close`, before others may read; with `lost`
    /// they may be reading already.
    public init(
        _ configuration: KafkaConfiguration, group: String, instanceId: String? = nil, topics: [String],
        settings: ConsumerSettings = ConsumerSettings(),
        onAssigned: @escaping ([TopicPartition]) -> [TopicPartition: Int64]?,
        onRevoked: @escaping (_ partitions: [TopicPartition], _ lost: Bool) -> Void
    ) throws {
        var fixed = [
            "group.id": group,
            "auto.offset.reset": "error",
            "enable.auto.commit": "false",
            "enable.auto.offset.store": "false",
            "enable.partition.eof": "false",
            // Below 2.4.0 cooperative-sticky can crash; all members must name the same one.
            "partition.assignment.strategy": "range",
        ]
        if let instanceId { fixed["group.instance.id"] = instanceId }
        let defaults = [
            "session.timeout.ms": String(settings.sessionTimeoutMilliseconds),
            "heartbeat.interval.ms": String(max(1, min(3_000, settings.sessionTimeoutMilliseconds / 3))),
            "fetch.wait.max.ms": String(settings.fetchWaitMaxMilliseconds),
            "queued.max.messages.kbytes": String(settings.queuedMaxKilobytes),
            "max.poll.interval.ms": String(settings.maxPollIntervalMilliseconds),
        ]
        state = ConsumerState(log: configuration.log, onAssigned: onAssigned, onRevoked: onRevoked)
        let client = try Client(
            RD_KAFKA_CONSUMER, properties: configuration.properties(fixed: fixed, defaults: defaults),
            callbacks: state)
        self.client = client
        try KafkaError.check(rd_kafka_poll_set_consumer(client.handle))
        // One that only asks for metadata and watermarks joins no group.
        guard !topics.isEmpty else { return }
        let none = Int64(RD_KAFKA_OFFSET_INVALID)
        let wanted = topics.map { (TopicPartition(topic: $0, partition: RD_KAFKA_PARTITION_UA), none) }
        let list = PartitionList(Dictionary(wanted, uniquingKeysWith: { first, _ in first }))
        // librdkafka copies the list; ours is freed here.
        try KafkaError.check(rd_kafka_subscribe(client.handle, list.list))
    }

    deinit { close(timeoutMilliseconds: 0) }

    private var handle: OpaquePointer {
        guard let client else { preconditionFailure("the consumer is closed") }
        return client.handle
    }

    /// Waits for one message, then takes what is there. An error comes after the records that stood before it.
    public func poll(maximumRecords: Int, maximumBytes: Int, timeoutMilliseconds: Int32) throws -> [Record] {
        let handle = handle
        try state.throwPendingError()
        var bytes = 0
        var timeout = timeoutMilliseconds
        while state.records.count < maximumRecords, bytes < maximumBytes, state.pendingError == nil {
            // "A message object with proper ->err … or NULL … on timeout. Use rd_kafka_message_destroy()": we do, at
            // once, having copied it.
            guard let message = rd_kafka_consumer_poll(handle, timeout) else { break }
            defer { rd_kafka_message_destroy(message) }
            timeout = 0
            bytes += message.pointee.len
            state.take(message)
        }
        let records = state.takeRecords()
        if records.isEmpty { try state.throwPendingError() }
        return records
    }

    /// Tells Kafka how far we are, for its lag tools; nothing rests on it. It does not wait; what the broker answers is
    /// dropped, what librdkafka refuses at once is returned.
    @discardableResult
    public func commit(_ offsets: [TopicPartition: Int64]) -> KafkaError? {
        guard !offsets.isEmpty else { return nil }
        let list = PartitionList(offsets)
        // librdkafka copies the list; ours is freed here.
        let code = rd_kafka_commit(handle, list.list, 1)
        return code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(code)
    }

    /// Reads an assigned partition from another offset on.
    public func seek(_ partition: TopicPartition, to offset: Int64, timeoutMilliseconds: Int32 = 5_000) throws {
        let list = PartitionList([partition: offset])
        if let error = rd_kafka_seek_partitions(handle, list.list, timeoutMilliseconds) {
            throw KafkaError(taking: error)
        }
        try list.check()
    }

    /// Asks the broker for the first offset that it has and the one after the last.
    public func watermarks(_ partition: TopicPartition, timeoutMilliseconds: Int32) throws -> (low: Int64, high: Int64)
    {
        var (low, high): (Int64, Int64) = (0, 0)
        try KafkaError.check(
            rd_kafka_query_watermark_offsets(
                handle, partition.topic, partition.partition, &low, &high, timeoutMilliseconds),
            topicPartition: partition)
        return (low, high)
    }

    /// The offset after the last of each, with one request a broker.
    public func ends(
        of partitions: [TopicPartition], timeoutMilliseconds: Int32
    ) throws -> [TopicPartition: Int64] {
        guard !partitions.isEmpty else { return [:] }
        // "The timestamp(s) to query are represented as offset": the latest is asked for by -1, as Kafka's protocol has it.
        let list = PartitionList(Dictionary(partitions.map { ($0, Int64(RD_KAFKA_OFFSET_END)) }) { first, _ in first })
        try KafkaError.check(rd_kafka_offsets_for_times(handle, list.list, timeoutMilliseconds))
        try list.check()
        return Dictionary(uniqueKeysWithValues: list.elements.map { ($0.topicPartition, $0.offset) })
    }

    /// The same as `watermarks` as last heard with a fetch; `nil` before the first one.
    public func cachedWatermarks(_ partition: TopicPartition) -> (low: Int64, high: Int64)? {
        var (low, high): (Int64, Int64) = (-1, -1)
        let code = rd_kafka_get_watermark_offsets(handle, partition.topic, partition.partition, &low, &high)
        return code == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? (low, high) : nil
    }

    /// Reads these partitions from these offsets on, in no group: for one that was made without topics.
    public func assign(_ offsets: [TopicPartition: Int64]) throws {
        let list = PartitionList(offsets)
        // librdkafka copies the list; ours is freed here.
        try KafkaError.check(rd_kafka_assign(handle, list.list))
    }

    public var assignment: [TopicPartition] {
        get throws {
            var list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
            try KafkaError.check(rd_kafka_assignment(handle, &list))
            return PartitionList(taking: list!).topicPartitions
        }
    }

    public var memberId: String? {
        // "The returned string must be freed by the application with rd_kafka_mem_free()."
        guard let id = rd_kafka_memberid(handle) else { return nil }
        defer { rd_kafka_mem_free(handle, id) }
        return String(cString: id)
    }

    public func clusterId(timeoutMilliseconds: Int32) -> String? {
        client?.clusterId(timeoutMilliseconds: timeoutMilliseconds)
    }
    public func partitionCount(topic: String, timeoutMilliseconds: Int32 = 5_000) throws -> Int? {
        try client?.partitionCount(topic: topic, timeoutMilliseconds: timeoutMilliseconds)
    }
    public func isReachable(timeoutMilliseconds: Int32) -> Bool {
        client?.isReachable(timeoutMilliseconds: timeoutMilliseconds) ?? false
    }
    public var fatalError: KafkaError? { client?.fatalError }

    /// Gives the partitions back and leaves the group, if that is done in time. A static member does not leave: the
    /// brokers keep its place until the session's time-out, for the next process of that name.
    public func close(timeoutMilliseconds: Int = 10_000) {
        guard let client else { return }
        defer { self.client = nil }
        guard timeoutMilliseconds > 0, let queue = rd_kafka_queue_new(client.handle) else { return }
        // Ours, as "Use rd_kafka_queue_destroy() to destroy the queue" says.
        defer { rd_kafka_queue_destroy(queue) }
        if let error = rd_kafka_consumer_close_queue(client.handle, queue) {
            rd_kafka_error_destroy(error)
            return
        }
        let deadline = ContinuousClock.now + .milliseconds(timeoutMilliseconds)
        while rd_kafka_consumer_closed(client.handle) == 0, ContinuousClock.now < deadline {
            // Serves the revocation; the callback is ours as in `poll`. Messages still come, and are dropped:
            // `rd_kafka_queue_poll_callback` ends the process at one, since it has no callback to give it to.
            if let message = rd_kafka_consume_queue(queue, 20) { rd_kafka_message_destroy(message) }
        }
    }
}
