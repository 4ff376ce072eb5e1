import CaseEvents
import Crypto
import Kafka
import Postgres
import StatutoryRules

/// Input that could not be applied: kept unchanged, with the reason in words, in the transaction that passes it by.
enum Quarantine {
    /// Keeps them, and publishes `event.quarantined` of each that is new to a case.
    static func store(
        _ effects: inout Effects, cluster: String, worker: WorkerName, in transaction: borrowing Transaction
    ) throws {
        for item in effects.quarantined {
            let (record, refusal) = (item.record, item.refusal)
            let rows = try transaction.execute(
                """
                INSERT INTO \(raw: worker.schema).quarantine (cluster, topic, partition, kafka_offset,
                    kafka_timestamp_ms, record_key, headers, value, code, reason, event_id, event_source, event_type,
                    authority, subject, release, state, resolved_at)
                VALUES (\(cluster), \(record.topic), \(record.partition), \(record.offset), \(record.timestamp),
                    \(record.key), \(textHeaders(record)), \(record.value), \(refusal.code),
                    \(refusal.reason), \(refusal.id), \(refusal.source), \(refusal.type), \(refusal.authority),
                    \(refusal.subject), \(Release.version), \(item.isSuperseded ? "superseded" : "open"),
                    CASE WHEN \(item.isSuperseded) THEN now() END)
                ON CONFLICT (cluster, topic, partition, kafka_offset) DO NOTHING
                RETURNING quarantine_id, quarantined_at
                """)
            guard let row = rows.first, let event = told(item, row, cluster: cluster, worker: worker) else { continue }
            effects.publish(event, to: .caseOutcomes, from: record.partition)
        }
    }

    /// What its case is told: which event, where it lies and why, and nothing that it held.
    private static func told(
        _ item: Quarantined, _ row: Row, cluster: String, worker: WorkerName
    ) -> OutgoingEvent? {
        let (record, refusal) = (item.record, item.refusal)
        guard let revision = item.caseRevision, let authority = refusal.authority, let subject = refusal.subject else {
            return nil
        }
        var data = """
            {"quarantineId":\(row.int64("quarantine_id")),"code":\(JSONValue.quoted(refusal.code)),\
            "topic":\(JSONValue.quoted(record.topic)),"partition":\(record.partition),"offset":\(record.offset)
            """
        if let id = refusal.id { data += ",\"eventId\":\(JSONValue.quoted(id))" }
        // Another type is whatever the producer wrote there.
        if let type = refusal.type, Contract.isKnown(type: type) { data += ",\"eventType\":\(JSONValue.quoted(type))" }
        return OutgoingEvent(
            id: NameUUID(name: "quarantined/\(cluster)/\(record.place)").description, source: worker.source,
            type: "quorate.event.quarantined.v1", subject: subject, authority: authority,
            time: row.timestamp("quarantined_at").instant, causationid: refusal.id, caserevision: revision,
            data: data + "}")
    }

    /// Header values that are no text are kept as hexadecimal, so that the table takes them.
    static func textHeaders(_ record: Record) -> [String] {
        record.headers.flatMap { header in
            let text = String(validating: header.value, as: UTF8.self)
            return [header.name, text.flatMap { $0.utf8.contains(0) ? nil : $0 } ?? "hex:" + hex(header.value)]
        }
    }

    /// The refused bytes for `dead-letters`, with headers in the names that Kafka Connect and Spring Kafka tools read.
    static func deadLetter(_ item: Quarantined) -> Outgoing {
        let record = item.record
        let value = record.value ?? []
        let time = String(record.timestamp)
        func header(_ name: String, _ text: String) -> Header { Header(name: name, value: Array(text.utf8)) }
        var headers = [
            header("__connect.errors.topic", record.topic),
            header("__connect.errors.partition", String(record.partition)),
            header("__connect.errors.offset", String(record.offset)),
            header("__connect.errors.stage", "VALUE_CONVERTER"),
            header("__connect.errors.exception.message", item.refusal.reason),
            header("kafka_dlt-original-topic", record.topic),
            header("kafka_dlt-original-partition", String(record.partition)),
            header("kafka_dlt-original-offset", String(record.offset)),
            header("kafka_dlt-original-timestamp", time),
            header("kafka_dlt-exception-message", item.refusal.reason),
            header("quorate-code", item.refusal.code),
        ]
        let isWhole = value.count <= Limits.deadLetterBytes
        if !isWhole {
            headers.append(header("quorate-value-sha256", hex(SHA256.hash(data: value))))
            headers.append(header("quorate-value-bytes", String(value.count)))
        }
        let place = "\(record.topic)/\(record.partition)/\(record.offset)"
        return Outgoing(
            topic: SystemTopic.deadLetters.rawValue, sourcePartition: record.partition, eventId: "dead-letter/\(place)",
            eventType: "dead-letter", key: record.key ?? Array(place.utf8), headers: headers,
            value: isWhole ? value : [], causationId: item.refusal.id)
    }
}

/// Lower-case hexadecimal.
public func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

/// The rules and the contract that this build knows. A release that changes either counts on.
public enum Release {
    public static let version = "1"
}
