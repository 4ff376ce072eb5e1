import Foundation
import Postgres
import TransparencyLog

/// What was signed and is nowhere any more, as an operator said: the log is closed at its last signed head, which every later
/// checkpoint carries on. Entries of logs of their own, one log for each time, whose content no key seals.
public struct AcceptedLoss: Codable, Hashable, Sendable {
    public let cluster: String
    public let topic: String
    public let partition: Int32
    /// The first entry that is lost, or that cannot be told from a lost one.
    public let first: UInt64
    /// Size of the log as it was last signed.
    public let end: UInt64
    public let login: String
    public let reason: String

    public var place: LogPlace { LogPlace(cluster: cluster, topic: topic, partition: partition) }
    /// In a verdict.
    var words: String { "log \(place), entries \(first) to \(end - 1)" }

    /// Not one of Kafka's.
    static let topic = "audit-losses"
    private static let type = "quorate.audit.loss.v1"
    /// Of what no key seals.
    private static let noKey: Int64 = 0

    /// All that was accepted, by log.
    static func all(of logs: [StoredLog], in source: some AuditSource) throws -> [LogPlace: AcceptedLoss] {
        var losses: [LogPlace: AcceptedLoss] = [:]
        for log in logs where log.topic == topic {
            try source.read(log.id, from: 0) { _ in
            } entry: { entry in
                try add(Data(entry.sealed), log.place, entry.index, among: logs, to: &losses)
            } subtrees: { _ in
            }
        }
        return losses
    }

    fileprivate static func add(
        _ sealed: Data, _ place: LogPlace, _ index: Int64, among logs: [StoredLog],
        to losses: inout [LogPlace: AcceptedLoss]
    ) throws {
        guard let loss = try? JSONDecoder().decode(AcceptedLoss.self, from: sealed), loss.first < loss.end,
            logs.contains(where: { $0.place == loss.place })
        else { throw AuditFault("log \(place): entry \(index) names nothing that was lost.") }
        guard losses.updateValue(loss, forKey: loss.place) == nil else {
            throw AuditFault("log \(place): entry \(index) names what was given up before.")
        }
    }

    /// In the caller's transaction: entries that say it, and logs that nothing is appended to from here on. What of them is
    /// still in Kafka is read again, into logs that take their places.
    public static func accept(_ losses: [AcceptedLoss], in transaction: borrowing Transaction) throws {
        let row = try transaction.execute(
            "SELECT gen_random_uuid()::text AS id, (extract(epoch FROM now()) * 1000)::bigint AS now")[0]
        let cluster = "accepted/\(row.string("id"))"
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let records = try losses.enumerated().map { place, loss in
            ReceivedRecord(
                topic: topic, partition: 0, offset: Int64(place), timestamp: row.int64("now"),
                content: RecordContent(key: nil, headers: [], value: Array(try encoder.encode(loss))), type: type,
                source: "urn:quorate:operator", id: "\(row.string("id"))/\(place)", authority: "E00000000",
                subject: "operator", correlationId: nil)
        }
        var appender = LogAppender(cluster: cluster)
        try appender.append(open: records, in: transaction)
        let (clusters, topics, partitions) = (
            losses.map(\.cluster), losses.map(\.topic), losses.map(\.partition)
        )
        try transaction.execute(
            """
            INSERT INTO auditing.log (cluster, topic, partition, closed, lost_from)
            SELECT l.cluster, l.topic, l.partition, true, l.first
              FROM unnest(\(clusters), \(topics), \(partitions), \(losses.map { Int64($0.first) }))
                AS l (cluster, topic, partition, first)
            ON CONFLICT (cluster, topic, partition) DO UPDATE SET closed = true, lost_from = excluded.lost_from
            """)
        // Where another log of the partition is open it goes on, and must not be told again what it holds.
        try transaction.execute(
            """
            DELETE FROM auditing.kafka_offset o USING unnest(\(clusters), \(topics), \(partitions))
                AS l (cluster, topic, partition)
             WHERE o.cluster = split_part(l.cluster, \(LogAppender.successor), 1)
               AND (o.topic, o.partition) = (l.topic, l.partition)
               AND NOT EXISTS (
                SELECT FROM auditing.log g WHERE NOT g.closed AND (g.topic, g.partition) = (o.topic, o.partition)
                   AND split_part(g.cluster, \(LogAppender.successor), 1) = o.cluster)
            """)
    }

    static func sealed(_ record: ReceivedRecord) -> KeptSeal {
        KeptSeal(keyId: noKey, sealed: Data(record.content.value ?? []))
    }
}

extension HeadLog {
    /// All losses that were accepted, by log, inside the caller's transaction.
    public func acceptedLosses(of logs: [StoredLog]) throws -> [LogPlace: AcceptedLoss] {
        let places = Dictionary(
            uniqueKeysWithValues: logs.filter { $0.topic == AcceptedLoss.topic }.map { ($0.id, $0.place) })
        var losses: [LogPlace: AcceptedLoss] = [:]
        // Seldom any: no plan may look through all entries for them, and this is asked at every sweep.
        guard !places.isEmpty else { return losses }
        for row in try connection.execute(
            """
            SELECT log_id, leaf_index, sealed FROM auditing.entry WHERE log_id = ANY(\(places.keys.sorted()))
             ORDER BY log_id, leaf_index
            """)
        {
            try AcceptedLoss.add(
                Data(row.bytes("sealed")), places[row.int64("log_id")]!, row.int64("leaf_index"), among: logs,
                to: &losses)
        }
        return losses
    }

    /// The logs that do not hold what was signed of them, and the entries of which nothing can be shown any more: those after
    /// the last signed head that still fits.
    public func losses(login: String, reason: String) throws -> [AcceptedLoss] {
        let logs = try DatabaseSource(connection).logs()
        let known = Dictionary(logs.map { ($0.place, $0) }, uniquingKeysWith: { first, _ in first })
        let accepted = try acceptedLosses(of: logs)
        var losses: [AcceptedLoss] = []
        for head in try signed(.last)?.heads ?? [] where accepted[LogPlace(head)] == nil {
            let log = known[LogPlace(head)]
            if let log, try holds(log, head.size, head.root) { continue }
            losses.append(
                AcceptedLoss(
                    cluster: head.cluster, topic: head.topic, partition: head.partition,
                    first: try log.map(lastThatFits) ?? 0, end: head.size, login: login, reason: reason))
        }
        return losses
    }

    private func holds(_ log: StoredLog, _ size: UInt64, _ root: TreeHash) throws -> Bool {
        guard size <= log.size else { return false }
        do {
            return try StoredSubtrees(connection, log: log.id).root(of: 0..<size) == root
        } catch is AuditFault { return false }
    }

    private func lastThatFits(_ log: StoredLog) throws -> UInt64 {
        for row in try connection.execute(
            """
            SELECT DISTINCT size, root FROM auditing.head
             WHERE (cluster, topic, partition) = (\(log.cluster), \(log.topic), \(log.partition))
               AND size <= \(Int64(log.size)) ORDER BY size DESC
            """)
        {
            let size = UInt64(row.int64("size"))
            if try holds(log, size, TreeHash(bytes: row.bytes("root"))) { return size }
        }
        return 0
    }
}
