import CaseEvents
import Foundation
import TestSupport
import Testing
import Workers

/// What stands in PostgreSQL is what `quorate evaluate` prints, whoever published the events.
@Suite struct RowsTests {
    static let sample = Result { try TestSystem.sample(cases: 60, seed: 3) }

    @Test func publishedByQuorate() async throws {
        let lines = try Self.sample.get()
        #expect(lines.count >= 1_500)
        try await TestSystem.with { system in
            try system.start()
            let directory = try TestSystem.sample(cases: 60, seed: 3, directory: true)
            let file = try system.write("events.jsonl", (directory + lines).joined(separator: "\n") + "\n")
            let published = try system.quorate("publish", file)
            #expect(published.output.contains("\(directory.count + lines.count) accepted, 0 refused"))
            try system.waitUntilCaughtUp()

            try system.expectRowsEqualEvaluate(lines)
            try Self.expectDutiesAgree(system)
            try Self.expectAudited(system, lines)
            try Self.expectNoNames(system, lines)
            let status = try system.quorate("status")
            #expect(status.output.contains(/quarantine +empty/))
            #expect(status.output.contains(/failed +none/))
            // What was not delivered is wrong, and the command that shows it is named.
            try system.connection.execute(
                """
                INSERT INTO notifications.message (message_id, authority, source_partition, recipient_id, recipient_role, channel,
                    address, template, state, body, sent_at)
                VALUES (gen_random_uuid(), 'E06000030', 0, 'SW-1', 'social_worker', 'email', 'sw1@a.example', 'notice', 'failed',
                    '{}', now())
                """)
            let failed = try system.quorate("status", exits: 1)
            #expect(
                failed.output.contains(/failed +1 not delivered: quorate notices log --state failed/),
                "\(failed.output)")
            let held = try #require(lines.first { $0.contains("quorate.conference.held.v1") })
            let trace = try system.quorate("trace", TestSystem.attribute("id", of: held)!)
            for word in ["scheduling", "quorate.conference.held.v1 taken", "auditing", "is leaf"] {
                #expect(trace.output.contains(word), "\(word) in \(trace.output)")
            }
            let begun = try #require(
                lines.first { $0.contains("strategy_discussion.held") && $0.contains(#""initiatedS47":true"#) })
            let dated = try system.quorate("trace", TestSystem.attribute("id", of: begun)!).output
            #expect(dated.contains(/dates initial_conference under \S+, due \d{4}-\d\d-\d\d: \w+/), "\(dated)")
            try system.quorate("trace", "no-such-event", exits: 1)
            for worker in system.workers {
                #expect(try worker.stop() == 0, "\(worker.name.rawValue)")
                #expect(worker.launches == 1)
            }
        }
    }

    @Test func publishedByKcat() async throws {
        let lines = try Self.sample.get()
        try await TestSystem.with { system in
            try system.start([.scheduling, .auditing])
            let keyed = lines.map { line in
                let part = { TestSystem.attribute($0, of: line)! }
                return "\(part("authority"))/\(part("subject"))\t\(line)"
            }
            let file = try system.write("events.tsv", keyed.joined(separator: "\n") + "\n")
            let sent = try system.run(
                [
                    "-P", "-b", system.broker.bootstrapServers, "-t", "case-events", "-K", "\\t", "-H",
                    "content-type=application/cloudevents+json", "-l", file,
                ], program: "kcat")
            #expect(sent.status == 0, "\(sent.errors)")
            try system.waitUntilCaughtUp()
            #expect(try system.number("SELECT count(*) FROM scheduling.quarantine") == 0)
            #expect(try system.number("SELECT count(*) FROM scheduling.fact") == distinct(lines))
            try system.expectRowsEqualEvaluate(lines)
            try system.quorate("audit", "verify")
        }
    }

    /// Two rows of one duty say the same, column by column of what an analyst reads.
    private static func expectDutiesAgree(_ system: TestSystem) throws {
        let apart = try system.strings(
            """
            SELECT coalesce(d.deadline_id, r.deadline_id)::text FROM (
                SELECT deadline_id, state, body::jsonb AS b FROM scheduling.deadline) d
              FULL JOIN (SELECT * FROM reporting.duty WHERE NOT withdrawn) r USING (deadline_id)
             WHERE (d.b->>'rule', d.state, d.b->>'duty', d.b->>'metOn', d.b->'subject')
                   IS DISTINCT FROM (r.rule, r.state, r.duty, r.met_on::text, r.body->'subject')
                OR CASE WHEN length(d.b->>'due') = 10 THEN (d.b->>'due')::date IS DISTINCT FROM r.due_on
                        ELSE (d.b->>'due')::timestamptz IS DISTINCT FROM r.due_at END
                OR (d.b->>'lateDays')::int IS DISTINCT FROM r.late_days
            """)
        #expect(apart.isEmpty)
        let duties = try system.number("SELECT count(*) FROM scheduling.deadline")
        #expect(duties > 300)
        #expect(try system.number("SELECT count(*) FROM reporting.duty WHERE NOT withdrawn") == duties)
    }

    private static func expectAudited(_ system: TestSystem, _ lines: [String]) throws {
        try system.quorate("audit", "verify")
        for topic in SystemTopic.allCases {
            // Lists are drawn once it has been quiet for a while, and come late.
            try wait("an entry for each record of \(topic.rawValue)", within: .seconds(30)) {
                let entries = try system.number(
                    """
                    SELECT count(*) FROM auditing.entry JOIN auditing.log l USING (log_id) WHERE l.topic = \(topic.rawValue)
                    """)
                return entries == (try system.records(of: topic).count)
            }
        }
        let ids = try system.strings(
            "SELECT event_id FROM auditing.entry JOIN auditing.log l USING (log_id) WHERE l.topic = 'case-events'")
        #expect(Set(lines.map { TestSystem.attribute("id", of: $0)! }).isSubset(of: Set(ids)))
    }

    /// Neither names nor case references nor free text in what an operator's log store would keep.
    private static func expectNoNames(_ system: TestSystem, _ lines: [String]) throws {
        var words: Set<String> = []
        for line in lines {
            words.insert(TestSystem.attribute("subject", of: line)!)
            let data = try JSONValue(line)["data"]!
            for (field, value) in data.members where value.kind == .string {
                if ["displayName", "name", "address", "email", "note", "text"].contains(field) {
                    words.insert(value.string!)
                }
            }
        }
        #expect(words.count > 200)
        for worker in system.workers {
            let log = worker.logText
            #expect(log.contains("health port open"))
            #expect(words.filter { log.contains($0) }.isEmpty, "\(worker.name.rawValue)")
            for line in log.split(separator: "\n") {
                #expect((try? JSONValue(String(line)))?["message"]?.string != nil, "no JSON: \(line)")
            }
        }
    }
}
