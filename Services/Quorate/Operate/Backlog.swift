import Kafka
import Postgres
import Workers

/// What is still on its way: records not applied by each worker, and outbox rows not acknowledged.
final class Backlog {
    struct Reading {
        var lag: [WorkerName: Int64] = [:]
        /// Seconds since a worker last moved on, or was given its partitions.
        var stillness: [WorkerName: Double] = [:]
        var outbox: [WorkerName: Int64] = [:]
        /// Seconds that the oldest pending outbox row has waited.
        var outboxAge: [WorkerName: Double] = [:]
        var messages: Int64 = 0
        var total: Int64 { lag.values.reduce(0, +) + outbox.values.reduce(0, +) + messages }
    }

    private let connection: Connection
    private let consumer: Consumer
    private let cluster: String

    /// - Throws: where the database or the broker does not answer.
    init(_ deployment: Deployment) throws {
        connection = try deployment.connect("backlog")
        consumer = try Consumer(
            deployment.kafka, group: "quorate.operator", instanceId: nil, topics: [], settings: ConsumerSettings(),
            onAssigned: { _ in nil }, onRevoked: { _, _ in })
        let id = consumer.clusterId(timeoutMilliseconds: 5_000) ?? ""
        cluster = deployment.incarnation.map { "\(id)/\($0)" } ?? id
    }

    deinit { consumer.close() }

    func read() throws -> Reading {
        var reading = Reading()
        let marks = try watermarks()
        for name in WorkerName.allCases {
            var applied: [TopicPartition: Int64] = [:]
            for row in try connection.execute(
                """
                SELECT topic, partition, next_offset,
                    extract(epoch FROM now() - max(updated_at) OVER ())::float8 AS stillness
                  FROM \(raw: name.schema).kafka_offset
                 WHERE cluster = \(cluster) AND consumer_group = \(name.group)
                """)
            {
                applied[TopicPartition(topic: row.string("topic"), partition: row.int32("partition"))] =
                    row.int64("next_offset")
                reading.stillness[name] = row.double("stillness")
            }
            reading.lag[name] = marks.filter { name.topics.map(\.rawValue).contains($0.key.topic) }
                .reduce(0) { $0 + max(0, $1.value.high - (applied[$1.key] ?? $1.value.low)) }
            let pending = try connection.execute(
                """
                SELECT count(*) AS rows, coalesce(extract(epoch FROM now() - min(o.created_at)), 0)::float8 AS age
                  FROM \(raw: name.schema).outbox_pending p JOIN \(raw: name.schema).outbox o USING (outbox_id)
                """)[0]
            reading.outbox[name] = pending.int64("rows")
            reading.outboxAge[name] = pending.double("age")
        }
        reading.messages = try connection.execute(
            """
            SELECT (SELECT count(*) FROM notifications.notice WHERE addressed_at IS NULL AND state IN ('due', 'late_booking'))
                 + (SELECT count(*) FROM notifications.message WHERE state IN ('intended', 'sending')) AS waiting
            """)[0].int64("waiting")
        return reading
    }

    private func watermarks() throws -> [TopicPartition: (low: Int64, high: Int64)] {
        var marks: [TopicPartition: (low: Int64, high: Int64)] = [:]
        for topic in SystemTopic.allCases {
            for partition in 0..<Int32(try consumer.partitionCount(topic: topic.rawValue) ?? 0) {
                let place = TopicPartition(topic: topic.rawValue, partition: partition)
                marks[place] = try consumer.watermarks(place, timeoutMilliseconds: 5_000)
            }
        }
        return marks
    }
}
