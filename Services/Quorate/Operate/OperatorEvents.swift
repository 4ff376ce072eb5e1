import CaseEvents
import Postgres
import Workers

/// What an operator did as an event: through the outbox of what it touched, so that it is relayed and audited.
enum Operator {
    /// What changes something, in the transaction that changes it: both are, or neither is.
    static func note(
        _ act: String, _ about: String, reason: String? = nil, authority: String?,
        in transaction: borrowing Transaction
    ) throws {
        var members = members(act, about: about)
        if let reason { members += ",\"reason\":\(JSONValue.quoted(reason))" }
        try publish(
            "operator.acted", members, authority: authority ?? "E00000000", subject: "operator", in: transaction)
    }

    /// A look at what is of no one case; to be called before anything is shown.
    static func looked(_ act: String, _ about: String, authority: String?, on connection: Connection) throws {
        try connection.transaction { transaction in
            try note(act, about, authority: authority, in: transaction)
        }
    }

    /// A look at what is of many cases: told to each authority of which something is shown, to nobody where nothing is.
    static func looked(_ act: String, _ about: String, authorities: [String?], on connection: Connection) throws {
        try connection.transaction { transaction in
            for authority in Set(authorities.map { $0 ?? "" }).sorted() {
                try note(act, about, authority: authority.isEmpty ? nil : authority, in: transaction)
            }
        }
    }

    /// The filters of a list, as what a look was about.
    static func filters(_ given: [(name: String, value: String?)]) -> String {
        let parts = given.compactMap { name, value in value.map { "\(name)=\($0)" } }
        return parts.isEmpty ? "all" : parts.joined(separator: "&")
    }

    /// A look at a case's record, or at something of it; to be called before anything is shown.
    static func viewed(
        _ act: String, _ reference: CaseReference, about: String? = nil, on connection: Connection
    ) throws {
        try connection.transaction { transaction in
            try publish(
                "record.viewed", members(act, about: about), authority: reference.authority,
                subject: reference.subject, in: transaction)
        }
    }

    private static func members(_ act: String, about: String?) -> String {
        "\"act\":\(JSONValue.quoted(act))" + (about.map { ",\"about\":\(JSONValue.quoted($0))" } ?? "")
    }

    private static func publish(
        _ type: String, _ members: String, authority: String, subject: String, in transaction: borrowing Transaction
    ) throws {
        let row = try transaction.execute(
            "SELECT session_user::text AS login, now() AS now, gen_random_uuid()::text AS id")[0]
        let event = OutgoingEvent(
            id: row.string("id"), source: "urn:quorate:operator", type: "quorate.\(type).v1", subject: subject,
            authority: authority, time: row.timestamp("now").instant,
            data: "{\(members),\"login\":\(JSONValue.quoted(row.string("login")))}")
        try transaction.execute(
            """
            WITH kept AS (
                INSERT INTO scheduling.outbox (source_partition, topic, event_id, event_type, record_key, value)
                VALUES (0, \(SystemTopic.operatorEvents.rawValue), \(event.id), \(event.type), \(Array(event.key.utf8)),
                    \(Array(event.json.utf8))) RETURNING outbox_id, source_partition)
            INSERT INTO scheduling.outbox_pending SELECT outbox_id, source_partition FROM kept
            """)
    }
}
