import CaseEvents
import Postgres
import StatutoryRules
import Workers

/// What somebody looked at, as an event. It is written in the transaction that reads the page, so that it is kept before
/// anything is shown, and relayed and audited like all others.
struct Look {
    let type: String
    let authority: String
    let subject: String
    let data: String

    /// Of a page on which a child is.
    static func record(_ act: String, of reference: String, authority: String, by user: String) -> Look {
        Look(
            type: "quorate.record.viewed.v1", authority: authority, subject: reference,
            data: "{\"act\":\(JSONValue.quoted(act)),\"login\":\(JSONValue.quoted(user))}")
    }

    /// Of a page that names many cases.
    static func act(_ act: String, about: String, authority: String, by user: String) -> Look {
        Look(
            type: "quorate.operator.acted.v1", authority: authority, subject: "operator",
            data: """
                {"act":\(JSONValue.quoted(act)),"about":\(JSONValue.quoted(about)),"login":\(JSONValue.quoted(user))}
                """)
    }

    /// By the one function of the outbox that the board's login may call. No order is owed between looks.
    func publish(in transaction: borrowing Transaction) throws {
        let row = try transaction.execute("SELECT now() AS now, gen_random_uuid()::text AS id")[0]
        let event = OutgoingEvent(
            id: row.string("id"), source: "urn:quorate:board", type: type, subject: subject, authority: authority,
            time: row.timestamp("now").instant, data: data)
        try transaction.execute(
            """
            SELECT reporting.publish_look(\(event.id), \(event.type), \(Array(event.key.utf8)),
                \(Array(event.json.utf8)))
            """)
    }
}
