import CLibrdkafka

/// A `rd_kafka_topic_partition_list_t`: our own, or lent to us for a callback.
struct PartitionList: ~Copyable {
    let list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>
    private let isOwned: Bool

    init(lending list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) {
        self.list = list
        isOwned = false
    }

    /// "The returned list must be freed with rd_kafka_topic_partition_list_destroy()": by us, in `deinit`.
    init(taking list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) {
        self.list = list
        isOwned = true
    }

    init(_ offsets: [TopicPartition: Int64]) {
        self.init(taking: rd_kafka_topic_partition_list_new(Int32(offsets.count)))
        for (place, offset) in offsets {
            // The list keeps the element: nothing to free.
            rd_kafka_topic_partition_list_add(list, place.topic, place.partition).pointee.offset = offset
        }
    }

    deinit { if isOwned { rd_kafka_topic_partition_list_destroy(list) } }

    var elements: [rd_kafka_topic_partition_t] {
        Array(UnsafeBufferPointer(start: list.pointee.elems, count: Int(list.pointee.cnt)))
    }

    var topicPartitions: [TopicPartition] { elements.map(\.topicPartition) }

    /// Throws the first error that a call wrote beside a partition.
    func check() throws {
        for element in elements { try KafkaError.check(element.err, topicPartition: element.topicPartition) }
    }
}

extension rd_kafka_topic_partition_t {
    var topicPartition: TopicPartition { TopicPartition(topic: String(cString: topic), partition: partition) }
}
