import AuditLog
import CaseEvents
import Foundation
import Kafka
import Postgres
import TestSupport
import Workers

/// What must hold once all faults are over and the workers have ended.
struct Checks {
    let system: TestSystem
    let feed: Feed
    let plan: FaultPlan?

    /// Where a record lies, as text: `topic/partition/offset`.
    private static func place(_ record: Record) -> String { "\(record.topic)/\(record.partition)/\(record.offset)" }

    func run() throws -> [String] {
        let records = try system.allRecords()
        return try facts() + auditLog(records) + rows() + versions() + outboxes(records) + messages()
            + badInput(records) + duties() + offsets()
    }

    // MARK: Nothing lost

    private func facts() throws -> [String] {
        let good = Set(feed.lines.map { Feed.id($0) })
        var problems: [String] = []
        for table in ["scheduling.fact", "reporting.fact"] {
            let found = try system.strings("SELECT event_id FROM \(raw: table)")
            problems += differences("events in \(table)", found, Array(good))
        }
        let words = Set(try feed.directory.map { try Checks.entry($0) })
        let known = Set(
            try system.strings(
                "SELECT kind || '/' || authority || '/' || entry_id FROM notifications.directory_word WHERE kind IN ('person', 'team', 'role_mailbox')"
            ))
        return problems + differences("entries of the directory", Array(known), Array(words))
    }

    private static func entry(_ line: String) throws -> String {
        let event = try JSONValue(line)
        let authority = event["authority"]?.string ?? ""
        let data = event["data"]
        switch event["type"]?.string {
        case "quorate.person.recorded.v1": return "person/\(authority)/\(data?["personId"]?.string ?? "")"
        case "quorate.team.recorded.v1": return "team/\(authority)/\(data?["teamId"]?.string ?? "")"
        default: return "role_mailbox/\(authority)/\(data?["role"]?.string ?? "")"
        }
    }

    /// Every record of every topic, once, as it is; and the trees fit.
    private func auditLog(_ records: [Record]) throws -> [String] {
        let connection = try system.connection
        var entries: [String: Row] = [:]
        var problems: [String] = []
        for row in try connection.execute(
            """
            SELECT l.cluster, l.topic, l.partition, e.kafka_offset, e.key_id, e.sealed
              FROM auditing.entry e JOIN auditing.log l USING (log_id)
            """)
        {
            let place = "\(row.string("topic"))/\(row.int32("partition"))/\(row.int64("kafka_offset"))"
            if entries.updateValue(row, forKey: place) != nil { problems.append("the audit log has \(place) twice") }
        }
        problems += differences("entries of the audit log", Array(entries.keys), records.map(Checks.place))
        let keys = try KeyDatabase(system.keyDatabaseURL, applicationName: "test")
            .keys(withIds: Set(entries.values.map { $0.int64("key_id") }))
        for record in records {
            guard let row = entries[Checks.place(record)] else { continue }
            let place = sealingPlace(
                cluster: row.string("cluster"), topic: record.topic, partition: record.partition, offset: record.offset)
            let content = keys[row.int64("key_id")]?.open(row.bytes("sealed"), at: place)
                .flatMap { RecordContent(encoded: $0) }
            let headers = record.headers.map { RecordContent.Header(name: $0.nameBytes, value: $0.valueBytes) }
            if content != RecordContent(key: record.key, headers: headers, value: record.value) {
                problems.append("the audit log has other bytes for \(Checks.place(record))")
            }
        }
        let verdict = try system.run(["audit", "verify"])
        if verdict.status != 0 { problems.append("quorate audit verify: \(verdict.output) \(verdict.errors)") }
        return problems
    }

    // MARK: Nothing twice

    /// The ledger's rows are those of the same events, once each, at the same moment.
    private func rows() throws -> [String] {
        let found = try system.rows()
        let lines = Dictionary(grouping: feed.lines) { Feed.subject($0) }
        var problems: [String] = []
        for (subject, at) in try system.assessedAt() {
            let due = try system.evaluate(lines[subject] ?? [], asOf: at)[subject] ?? CaseRows()
            let rows = found[subject] ?? CaseRows()
            guard due != rows else { continue }
            problems += differences("deadlines of \(subject) at \(at)", rows.deadlines, due.deadlines)
            problems += differences("findings of \(subject) at \(at)", rows.findings, due.findings)
            problems += differences("notices of \(subject) at \(at)", rows.notices, due.notices)
        }
        let cases = try system.strings("SELECT subject FROM scheduling.case_file WHERE assessed_at IS NOT NULL")
        return problems + differences("cases", cases, Array(lines.keys))
    }

    private func versions() throws -> [String] {
        try none(
            "versions that repeat the one before",
            """
            SELECT deadline_id || ' version ' || version_id FROM (
                SELECT *, lag(body) OVER w AS former, lag(version_id) OVER w AS former_id FROM scheduling.deadline_version
                WINDOW w AS (PARTITION BY deadline_id ORDER BY version_id)) v
             WHERE former_id IS NOT NULL AND body IS NOT DISTINCT FROM former
            """)
            + none(
                "versions of one revision",
                """
                SELECT deadline_id || ' revision ' || revision FROM scheduling.deadline_version
                 GROUP BY deadline_id, revision HAVING count(*) > 1
                """)
            + none(
                "versions whose revision does not rise",
                """
                SELECT deadline_id || ' version ' || version_id FROM (
                    SELECT *, lag(revision) OVER (PARTITION BY deadline_id ORDER BY version_id) AS former
                      FROM scheduling.deadline_version) v WHERE revision <= former
                """)
            + none(
                "deadlines that differ from their last version",
                """
                SELECT coalesce(d.deadline_id, v.deadline_id)::text FROM scheduling.deadline d
                  FULL JOIN (SELECT DISTINCT ON (deadline_id) * FROM scheduling.deadline_version
                              ORDER BY deadline_id, version_id DESC) v USING (deadline_id)
                 WHERE d.body IS DISTINCT FROM v.body OR (d.deadline_id IS NOT NULL AND d.revision <> v.revision)
                """)
            + none(
                "outcomes of a revision that their case never had",
                """
                SELECT o.event_id FROM scheduling.outbox o
                  JOIN scheduling.case_file c ON c.authority || '/' || c.subject = convert_from(o.record_key, 'UTF8')
                 WHERE o.topic = 'case-outcomes'
                   AND NOT (convert_from(o.value, 'UTF8')::jsonb->>'caserevision')::bigint
                        BETWEEN CASE WHEN o.event_type = 'quorate.event.quarantined.v1' THEN 0 ELSE 1 END AND c.revision
                """)
    }

    // MARK: Outboxes

    /// Each event once in its outbox, relayed, and in its topic as it is; nothing else is there.
    private func outboxes(_ records: [Record]) throws -> [String] {
        var problems: [String] = []
        var kept: [String: [[UInt8]: String]] = [:]
        for name in WorkerName.allCases {
            let table = "\(name.schema).outbox"
            problems += try none("pending rows of \(table)", "SELECT outbox_id::text FROM \(raw: table)_pending")
            problems += try none(
                "events twice in \(table)", "SELECT event_id FROM \(raw: table) GROUP BY 1 HAVING count(*) > 1")
            problems += try none(
                "rows of \(table) that were never acknowledged",
                "SELECT o.outbox_id::text FROM \(raw: table) o LEFT JOIN \(raw: table)_relayed r USING (outbox_id) WHERE r.outbox_id IS NULL"
            )
            for row in try system.connection.execute(
                "SELECT topic, event_id, record_key, value FROM \(raw: table) WHERE topic <> 'dead-letters'")
            {
                kept[row.string("topic"), default: [:]][row.bytes("record_key") + [0] + row.bytes("value")] =
                    row.string("event_id")
            }
        }
        for topic in [SystemTopic.caseOutcomes, .notificationEvents, .reportEvents] {
            let there = records.filter { $0.topic == topic.rawValue }
            let texts = Set(there.map { ($0.key ?? []) + [0] + ($0.value ?? []) })
            let due = kept[topic.rawValue] ?? [:]
            let lost = due.filter { !texts.contains($0.key) }.map(\.value)
            if !lost.isEmpty {
                problems.append("\(lost.count) events of \(topic.rawValue) are not in the topic: \(lost.prefix(3))")
            }
            let alien = there.filter { due[($0.key ?? []) + [0] + ($0.value ?? [])] == nil }
            if !alien.isEmpty {
                problems.append(
                    "\(alien.count) records of \(topic.rawValue) are in no outbox: \(alien.prefix(3).map { Checks.place($0) + " " + String(decoding: $0.value ?? [], as: UTF8.self).prefix(200) })"
                )
            }
        }
        return try problems + order(records)
    }

    /// First copies of a case's outcomes come in the order of its revisions.
    private func order(_ records: [Record]) throws -> [String] {
        guard let plan, !plan.isForeignPartitioner, !plan.disturbsProducers else { return [] }
        var seen: Set<[UInt8]> = []
        var last: [[UInt8]: Int] = [:]
        var problems: [String] = []
        for record in records where record.topic == SystemTopic.caseOutcomes.rawValue {
            guard let value = record.value, let key = record.key, seen.insert(value).inserted else { continue }
            let revision = try JSONValue(value)["caserevision"]?.int ?? 0
            if revision < last[key] ?? 0 {
                problems.append("\(Checks.place(record)): revision \(revision) after \(last[key]!)")
            }
            last[key] = revision
        }
        return problems.isEmpty ? [] : ["\(problems.count) outcomes out of order: \(problems.prefix(3))"]
    }

    // MARK: Notices

    private func messages() throws -> [String] {
        let sent = try system.strings("SELECT message_id::text FROM notifications.message WHERE state = 'sent'")
        let files = system.mailFiles.map { path -> String in
            let parts = path.split(separator: "/").last!.split(separator: ".")
            return parts.count == 3 ? String(parts[1]) : path
        }
        return try differences("files of mail", files, sent) + meetingsForCalendars()
            + none(
                "recipients told twice",
                """
                SELECT coalesce(notice_id::text, list_id) || ' to ' || recipient_id FROM notifications.message
                 GROUP BY notice_id, list_id, recipient_id HAVING count(*) > 1
                """)
            + none(
                "messages that were not sent",
                """
                SELECT message_id || ' ' || state || ' ' || coalesce(outcome, '') FROM notifications.message
                 WHERE state NOT IN ('sent', 'withdrawn') AND recipient_id <> 'nobody'
                   AND hold IS NULL
                """)
            + none(
                "due notices without a message",
                """
                SELECT s.notice_id::text FROM scheduling.notice s LEFT JOIN notifications.notice n USING (notice_id)
                 WHERE s.state IN ('due', 'late_booking') AND (n.state IS DISTINCT FROM s.state OR n.addressed_at IS NULL
                    OR NOT EXISTS (SELECT FROM notifications.message m WHERE m.notice_id = s.notice_id))
                """)
            + none(
                "notices said to be due that are not",
                """
                SELECT n.notice_id::text FROM notifications.notice n LEFT JOIN scheduling.notice s USING (notice_id)
                 WHERE n.state IN ('due', 'late_booking') AND s.state IS DISTINCT FROM n.state
                   AND n.body->>'template' <> 'meeting_for_calendar'
                """)
            + none(
                "sent messages that were told not once",
                """
                SELECT m.message_id::text FROM notifications.message m
                 WHERE m.state = 'sent' AND 1 <> (SELECT count(*) FROM notifications.outbox o
                    WHERE o.causation_id = m.message_id::text AND o.event_type = 'quorate.notification.sent.v1')
                """)
    }

    /// Whom an authority has invited itself is to have the meeting in their calendar: one notice for each meeting whose
    /// invitations name anybody, looked at once the word was there. One that was taken back or corrected may have left one.
    private func meetingsForCalendars() throws -> [String] {
        let events = try feed.lines.map { try JSONValue($0) }
        let void = Set(events.flatMap { [$0["supersedes"]?.string, $0["retracts"]?.string].compactMap(\.self) })
        var (standing, said): (Set<String>, Set<String>) = ([], [])
        for event in events where event["type"]?.string == "quorate.conference.invitations_sent.v1" {
            let data = event["data"]
            guard let id = event["id"]?.string, let subject = event["subject"]?.string,
                let conference = data?["conferenceId"]?.string,
                data?["recipients"]?.elements.contains(where: { $0["personId"]?.string != nil }) == true
            else { continue }
            said.insert("\(subject) \(conference)")
            if !void.contains(id) { standing.insert("\(subject) \(conference)") }
        }
        let found = try system.strings(
            """
            SELECT subject || ' ' || (body->'subject'->>'conferenceId') FROM notifications.notice
             WHERE body->>'template' = 'meeting_for_calendar' AND state = 'due' AND addressed_at IS NOT NULL
            """)
        return differences("meetings for calendars", found, Array(standing.union(said.intersection(found))))
    }

    // MARK: Bad input

    private func badInput(_ records: [Record]) throws -> [String] {
        let bad = Set((feed.bad + [feed.impostor]).map(\.value))
        let places = records.filter { $0.topic == "case-events" && bad.contains($0.value) }.map(Checks.place)
        let quarantined = try system.connection.execute(
            "SELECT topic || '/' || partition || '/' || kafka_offset AS place, code FROM scheduling.quarantine")
        var problems = differences("quarantined records", quarantined.map { $0.string("place") }, places)
        for row in quarantined where row.string("code") == "stopped_the_process" {
            problems.append("\(row.string("place")) was condemned")
        }
        for name in WorkerName.allCases.dropFirst() {
            problems += try none(
                "records quarantined by \(name.rawValue)",
                "SELECT topic || '/' || partition || '/' || kafka_offset || ' ' || code FROM \(raw: name.schema).quarantine"
            )
        }
        let letters = Set(
            records.filter { $0.topic == "dead-letters" }.map { record in
                ["topic", "partition", "offset"].map { part in
                    record.headers.first { $0.name == "kafka_dlt-original-\(part)" }
                        .map { String(decoding: $0.value, as: UTF8.self) } ?? "?"
                }.joined(separator: "/")
            })
        return problems + differences("dead letters", Array(letters), places)
    }

    // MARK: Reporting, offsets

    private func duties() throws -> [String] {
        try none(
            "duties that reporting has otherwise",
            """
            SELECT coalesce(r.deadline_id, s.deadline_id) || ' ' || coalesce(r.state, 'none') || ' at ' ||
                coalesce(r.revision, 0) || ', in the ledger ' || coalesce(s.state, 'none') || ' at ' || coalesce(s.revision, 0)
              FROM (SELECT * FROM reporting.duty WHERE NOT withdrawn) r FULL JOIN scheduling.deadline s USING (deadline_id)
             WHERE r.state IS DISTINCT FROM s.state OR r.revision IS DISTINCT FROM s.revision
                OR r.body - 'deadlineId' - 'policy' IS DISTINCT FROM s.body::jsonb - 'deadlineId' - 'policy'
            """)
    }

    private func offsets() throws -> [String] {
        try none(
            "offsets that went back", "SELECT place || ': ' || was || ' to ' || became FROM public.offset_gone_back")
    }

    // MARK: Words

    private func none(_ what: String, _ query: SQL) throws -> [String] {
        let found = try system.strings(query)
        return found.isEmpty ? [] : ["\(found.count) \(what): \(found.prefix(3).joined(separator: "; "))"]
    }

    /// What is missing and what is too much, as of lists in which each may stand once.
    private func differences(_ what: String, _ found: [String], _ due: [String]) -> [String] {
        var problems: [String] = []
        let (there, wanted) = (Set(found), Set(due))
        if there.count != found.count { problems.append("\(found.count - there.count) \(what) twice") }
        let missing = wanted.subtracting(there).sorted()
        if !missing.isEmpty {
            problems.append("\(missing.count) \(what) missing: \(missing.prefix(3).joined(separator: "; "))")
        }
        let alien = there.subtracting(wanted).sorted()
        if !alien.isEmpty {
            problems.append("\(alien.count) \(what) too many: \(alien.prefix(3).joined(separator: "; "))")
        }
        return problems
    }
}
