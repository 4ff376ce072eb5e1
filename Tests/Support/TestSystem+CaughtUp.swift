import Foundation
import Kafka
import Postgres
import Workers

/// What is still on its way in a system.
public struct Backlog: Sendable, CustomStringConvertible {
    public var lag: [WorkerName: Int64] = [:]
    public var outbox: [WorkerName: Int64] = [:]
    public var messages: Int64 = 0
    /// Cases whose time has come, or that were assessed under an older configuration.
    public var cases: Int64 = 0

    public var total: Int64 { lag.values.reduce(0, +) + outbox.values.reduce(0, +) + messages + cases }
    public var description: String {
        "lag \(lag.map { "\($0.key.rawValue) \($0.value)" }.sorted()), outbox \(outbox.values.reduce(0, +)), messages \(messages), cases \(cases)"
    }
}

extension TestSystem {
    /// Waits until the workers that were started have nothing left to do: records, outbox, sweeps and messages, twice in
    /// a row. `meanwhile` is called at each look, to start again what a test has killed.
    public func waitUntilCaughtUp(within limit: Duration = .seconds(180), meanwhile: () throws -> Void = {}) throws {
        let consumer = try Consumer(
            kafka, group: "test.operator", topics: [], settings: ConsumerSettings(), onAssigned: { _ in nil },
            onRevoked: { _, _ in })
        let cluster = clusterName(consumer.clusterId(timeoutMilliseconds: 10_000))
        var quiet = 0
        var last = "nothing read"
        let end = ContinuousClock.now + limit
        while quiet < 2 {
            try meanwhile()
            do {
                let left = try backlog(consumer, cluster)
                last = left.description
                quiet = left.total == 0 ? quiet + 1 : 0
            } catch let error as PostgresError {
                last = "database: \(error)"
                quiet = 0
            } catch let error as KafkaError {
                last = "broker: \(error)"
                quiet = 0
            }
            guard ContinuousClock.now < end else { throw TestFault("not caught up within \(limit): \(last)") }
            if quiet < 2 { usleep(100_000) }
        }
    }

    private func backlog(_ consumer: Consumer, _ cluster: String) throws -> Backlog {
        let connection = try connection
        let running = Set(workers.map(\.name))
        let high = try consumer.ends(
            of: Set(running.flatMap(\.topics)).flatMap { try places(of: $0.rawValue, consumer) },
            timeoutMilliseconds: 5_000)
        var backlog = Backlog()
        for name in running {
            var applied: [TopicPartition: Int64] = [:]
            for row in try connection.execute(
                "SELECT topic, partition, next_offset FROM \(raw: name.schema).kafka_offset WHERE cluster = \(cluster)")
            {
                applied[TopicPartition(topic: row.string("topic"), partition: row.int32("partition"))] =
                    row.int64("next_offset")
            }
            backlog.lag[name] = high.filter { name.topics.map(\.rawValue).contains($0.key.topic) }
                .reduce(0) { $0 + max(0, $1.value - (applied[$1.key] ?? 0)) }
            backlog.outbox[name] = try number("SELECT count(*) FROM \(raw: name.schema).outbox_pending")
        }
        if running.contains(.scheduling) {
            backlog.cases = try number(
                """
                SELECT count(*) FROM scheduling.case_file WHERE next_check_at <= now()
                    OR (assessed_at IS NOT NULL AND epoch < (SELECT max(epoch) FROM configuration.version))
                """)
        }
        if running.contains(.notifications) {
            backlog.messages = try number(
                """
                SELECT (SELECT count(*) FROM notifications.notice
                         WHERE addressed_at IS NULL AND state IN ('due', 'late_booking'))
                     + (SELECT count(*) FROM notifications.message WHERE state IN ('intended', 'sending')
                             OR state = 'held' AND drafted_at IS NULL
                             OR is_meeting_changed AND told IS NOT NULL AND state IN ('sent', 'unknown', 'discarded'))
                     + (SELECT count(*) FROM notifications.receipt WHERE outcome IS NULL)
                """)
        }
        return backlog
    }
}
