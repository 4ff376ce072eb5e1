import Postgres
import Workers

/// The embedded broker forgets: at a start, outbox rows that some reader of the former broker had not taken wait for
/// Kafka again. Readers drop what they know already.
enum LostRelays {
    static func requeue(on connection: Connection) throws {
        let offsets = WorkerName.allCases.map { name -> SQL in
            "SELECT cluster, consumer_group, topic, partition, next_offset FROM \(raw: name.schema).kafka_offset"
        }.joined(separator: " UNION ALL ")
        for name in WorkerName.allCases {
            for topic in SystemTopic.allCases {
                let groups = topic.readers.map(\.group)
                try connection.execute(
                    """
                    INSERT INTO \(raw: name.schema).outbox_pending (outbox_id, source_partition)
                    SELECT o.outbox_id, o.source_partition FROM \(raw: name.schema).outbox o
                      JOIN LATERAL (SELECT * FROM \(raw: name.schema).outbox_relayed r WHERE r.outbox_id = o.outbox_id
                                     ORDER BY r.relayed_at DESC LIMIT 1) r ON true
                     WHERE o.topic = \(topic.rawValue) AND r.cluster LIKE '%/embedded-%'
                       AND EXISTS (SELECT FROM unnest(\(groups)) AS g (name) WHERE NOT EXISTS (
                            SELECT FROM (\(offsets)) k
                             WHERE k.cluster = r.cluster AND k.consumer_group = g.name AND k.topic = o.topic
                               AND k.partition = r.partition AND k.next_offset > r.kafka_offset))
                    ON CONFLICT DO NOTHING
                    """)
            }
        }
    }
}
