import CaseEvents
import Kafka
import Postgres
import StatutoryRules

extension ConfigurationStore {
    /// What only the registry can tell: an authority without policy, a source that may not write for it.
    public func admit(_ envelope: Envelope) throws(Refusal) {
        guard configuration.policyName(for: envelope.authority) != nil else {
            throw Refusal(
                code: "unknown_authority",
                reason:
                    "no policy is mapped to the event's authority: add it to the registry (authorities.yaml), then replay",
                envelope: envelope)
        }
        let sources = configuration.sources(authority: envelope.authority)
        guard sources.isEmpty || sources.contains(envelope.source) else {
            throw Refusal(
                code: "source_not_allowed",
                reason:
                    "the registry does not list the event's source for its authority: correct the source, or add it",
                envelope: envelope)
        }
    }
}

extension Refusal {
    public init(code: String, reason: String, envelope: Envelope) {
        self.init(
            code: code, reason: reason, id: envelope.id, source: envelope.source, subject: envelope.subject,
            authority: envelope.authority, type: envelope.type)
    }

    /// A second event with a source and id that were taken before.
    public static func otherContent(_ envelope: Envelope) -> Refusal {
        Refusal(
            code: "same_id_other_content",
            reason: """
                an event with this source and id was taken before with other content; the first stays: send a \
                correction under a new id with "supersedes"
                """, envelope: envelope)
    }
}

extension Record {
    /// As it was when it was set aside.
    public init(quarantined row: Row) {
        let parts = row.stringsOrNil("headers") ?? []
        self.init(
            topic: row.string("topic"), partition: row.int32("partition"), offset: row.int64("kafka_offset"),
            timestamp: row.int64("kafka_timestamp_ms"), key: row.bytesOrNil("record_key"),
            value: row.bytesOrNil("value"),
            headers: stride(from: 0, to: parts.count - 1, by: 2).map {
                Header(name: parts[$0], value: Array(parts[$0 + 1].utf8))
            })
    }
}
