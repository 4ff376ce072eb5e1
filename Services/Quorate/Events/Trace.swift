import ArgumentParser
import Postgres
import Workers

/// What became of one event, through every worker.
struct Trace: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what became of one event, through every worker.",
        discussion:
            "Takes the id of an event, an outcome, a notice or a message. The look is an entry of the case. Exit status 1 where nothing is known of it."
    )

    @OptionGroup var options: DeploymentOptions

    @Argument(help: "The id.")
    var id: String

    func run() throws {
        let connection = try options.deployment().connect("trace")
        let found = try found(connection)
        guard !found.lines.isEmpty else {
            Terminal.out.print("nothing is known of \(id)")
            throw ExitCode.failure
        }
        for reference in found.cases {
            try Operator.viewed("trace", reference, about: id, on: connection)
        }
        if found.cases.isEmpty { try Operator.looked("trace", id, authorities: found.authorities, on: connection) }
        for line in found.lines { Terminal.out.print(line) }
    }

    /// What is known, and of which cases.
    private struct Found {
        var lines: [String] = []
        var cases: [CaseReference] = []
        var authorities: [String?] = []

        mutating func say(_ worker: String, _ text: String) { lines.append("\(worker.padded(to: 14)) \(text)") }

        mutating func see(_ row: Row, topic: String = SystemTopic.caseEvents.rawValue) {
            authorities.append(row.stringOrNil("authority"))
            guard let reference = CaseReference(of: row, in: topic) else { return }
            if !cases.contains(where: { $0.description == reference.description }) { cases.append(reference) }
        }
    }

    private func found(_ connection: Connection) throws -> Found {
        var found = Found()
        for row in try connection.execute(
            """
            SELECT f.event_type, c.authority, c.subject, f.received_at, c.revision FROM scheduling.fact f
              JOIN scheduling.case_file c USING (case_id) WHERE f.event_id = \(id)
            """)
        {
            found.see(row)
            found.say(
                "scheduling",
                "\(row.string("event_type")) taken \(row.timestamp("received_at").instant) into case \(row.string("authority"))/\(row.string("subject"))"
            )
        }
        for row in try connection.execute(
            """
            SELECT b->>'duty' AS duty, b->>'rule' AS rule, coalesce(b->>'due', 'no date') AS due, d.state,
                b->>'metBy' IS NOT DISTINCT FROM \(id) AS meets
              FROM scheduling.fact f JOIN scheduling.deadline d USING (case_id), LATERAL (SELECT d.body::jsonb) AS j (b)
             WHERE f.event_id = \(id) AND \(id) IN (b->'anchor'->>'event', b->>'metBy') ORDER BY due, rule
            """)
        {
            found.say(
                "scheduling",
                "\(row.bool("meets") ? "meets" : "dates") \(row.string("duty")) under \(row.string("rule")), due \(row.string("due")): \(row.string("state"))"
            )
        }
        for name in WorkerName.allCases {
            for row in try connection.execute(
                "SELECT * FROM \(raw: name.schema).quarantine WHERE event_id = \(id)")
            {
                found.see(row, topic: row.string("topic"))
                found.say(
                    name.rawValue,
                    "quarantined as \(row.int64("quarantine_id")) (\(row.string("state"))): \(row.string("reason"))")
            }
        }
        for row in try connection.execute(
            "SELECT DISTINCT kind FROM notifications.directory_word WHERE event_id = \(id) ORDER BY 1")
        {
            found.say("notifications", "keeps its word on the \(row.string("kind").replacing("_", with: " "))")
        }
        for row in try connection.execute("SELECT authority, subject FROM reporting.fact WHERE event_id = \(id)") {
            found.see(row)
            found.say("reporting", "drawn into the read models of \(row.string("authority"))/\(row.string("subject"))")
        }
        for schema in ["scheduling", "notifications", "reporting"] {
            for row in try connection.execute(
                """
                SELECT o.event_type, o.event_id, o.topic, r.partition, r.kafka_offset,
                    split_part(k.key, '/', 1) AS authority, substr(k.key, strpos(k.key, '/') + 1) AS subject
                  FROM \(raw: schema).outbox o
                  CROSS JOIN LATERAL (SELECT CASE WHEN o.topic <> 'dead-letters' THEN convert_from(o.record_key, 'UTF8') END) k (key)
                  LEFT JOIN \(raw: schema).outbox_relayed r USING (outbox_id)
                 WHERE o.causation_id = \(id) OR o.event_id = \(id) ORDER BY o.outbox_id
                """)
            {
                found.see(row, topic: row.string("topic"))
                let place = row.int32OrNil("partition").map {
                    "\(row.string("topic"))/\($0)/\(row.int64("kafka_offset"))"
                }
                found.say(
                    schema,
                    "published \(row.string("event_type")) \(row.string("event_id")) \(place.map { "at \($0)" } ?? "(waiting for Kafka)")"
                )
            }
        }
        for row in try connection.execute(
            """
            SELECT m.authority, m.subject, m.message_id::text AS message, m.state, m.recipient_role, m.template, m.outcome FROM notifications.message m
              LEFT JOIN notifications.notice n USING (notice_id)
             WHERE n.causation_id = \(id) OR m.message_id::text = \(id) OR m.notice_id::text = \(id) ORDER BY m.intended_at
            """)
        {
            found.see(row)
            found.say(
                "notifications",
                "\(row.string("template")) to the \(row.string("recipient_role")): \(row.string("state"))\(row.stringOrNil("outcome").map { ", " + $0 } ?? "")"
            )
        }
        for row in try connection.execute(
            """
            SELECT l.topic, l.partition, e.kafka_offset, e.leaf_index, e.received_at, e.authority, e.subject FROM auditing.entry e
              JOIN auditing.log l USING (log_id) WHERE e.event_id = \(id) ORDER BY e.received_at
            """)
        {
            found.see(row, topic: row.string("topic"))
            found.say(
                "auditing",
                "\(row.string("topic"))/\(row.int32("partition"))/\(row.int64("kafka_offset")) is leaf \(row.int64("leaf_index")), received \(row.timestamp("received_at").instant)"
            )
        }
        return found
    }
}
