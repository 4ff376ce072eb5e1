import Foundation
import Postgres
import TestSupport
import Testing
import Workers

/// What has had its time goes, in every schema; every proof stays.
@Suite struct RetentionTests {
    private static func event(_ subject: String, _ number: Int, _ type: String, _ time: String, _ data: String)
        -> String
    {
        """
        {"specversion":"1.0","id":"\(subject)-\(number)","source":"urn:test:E09000002","type":"quorate.\(type).v1",\
        "subject":"\(subject)","time":"\(time)","authority":"E09000002","datacontenttype":"application/json","data":{\(data)}}
        """
    }

    /// A family whose conference was in 1984 and whose case was closed in 1985. `lookedAfter` is the second child.
    private static func family(_ subject: String, secondLookedAfter: Bool = false, isClosed: Bool = true) -> [String] {
        let (first, second) = ("\(subject)-KAY", "\(subject)-LEE")
        var lines = [
            event(
                subject, 1, "child.registered", "1983-01-05T10:00:00Z",
                "\"childId\":\"\(first)\",\"dateOfBirth\":\"1980-02-03\""),
            event(
                subject, 2, "child.registered", "1983-01-05T10:00:00Z",
                "\"childId\":\"\(second)\",\"dateOfBirth\":\"1982-02-03\""),
            event(
                subject, 3, "strategy_discussion.held", "1984-01-10T10:00:00Z",
                "\"discussionId\":\"SD\",\"childIds\":[\"\(first)\",\"\(second)\"],\"heldAt\":\"1984-01-10T09:00:00Z\",\"initiatedS47\":true"
            ),
            event(
                subject, 4, "conference.held", "1984-01-20T10:00:00Z",
                "\"conferenceId\":\"CF\",\"conferenceType\":\"initial\",\"childIds\":[\"\(first)\",\"\(second)\"],\"heldAt\":\"1984-01-20T09:00:00Z\""
            ),
        ]
        if secondLookedAfter {
            lines.append(
                event(
                    subject, 5, "child.became_looked_after", "1984-02-01T10:00:00Z",
                    "\"childId\":\"\(second)\",\"startedOn\":\"1984-02-01\",\"legalBasis\":\"s20\""))
        }
        if isClosed {
            lines.append(
                event(
                    subject, 6, "case.closed", "1985-03-01T10:00:00Z",
                    "\"closedOn\":\"1985-03-01\",\"reason\":\"no_further_action\""))
        }
        return lines
    }

    @Test func whatHasHadItsTimeIsErasedEverywhereAndEveryProofStays() async throws {
        try await TestSystem.with(.init(partitions: 2)) { system in
            try system.start()
            try system.publish(
                Self.family("F-DUE") + Self.family("F-HELD") + Self.family("F-CARE", secondLookedAfter: true)
                    + Self.family("F-OPEN", isClosed: false) + Self.family("F-UNREAD")
                    + [
                        Self.event(
                            "F-UNREAD", 9, "child.became_looked_after", "1984-02-01T10:00:00Z",
                            "\"childId\":\"F-UNREAD-KAY\"")
                    ])
            try system.waitUntilCaughtUp()
            try system.waitForCheckpoint()
            try system.quorate("retention", "hold", "--case", "E09000002/F-HELD", "--reason", "inquiry")
            try system.quorate("retention", "hold", "--case", "E09000002/F-HELD", "--reason", "inquiry", exits: 2)
            let report = try system.quorate("retention", "report").output
            #expect(report.contains(/F-DUE +kept through 2020-03-01; its time has ended/))
            #expect(report.contains(/F-HELD +kept through 2020-03-01, held; its time has ended/))
            #expect(report.contains(/F-CARE +kept through 2057-02-03/))
            #expect(!report.contains("F-OPEN"))
            #expect(report.contains(/F-UNREAD +kept: an event of it sits in quarantine/))
            #expect(report.contains("4 cases were closed; the time of 1 has ended."))

            let before = try Self.places(of: "F-DUE", system)
            #expect(before.contains { $0.hasPrefix("reporting.") } && before.contains("scheduling.fact"))
            let others = try ["F-HELD", "F-CARE", "F-OPEN"].map { try Self.rows(of: $0, system) }
            // Dry unless it is said.
            #expect(try system.quorate("retention", "apply").output.contains("1 cases would be erased, and 0 years"))
            #expect(try Self.places(of: "F-DUE", system) == before)
            for kept in ["F-HELD", "F-CARE", "F-OPEN", "F-UNREAD"] {
                try system.quorate("retention", "apply", "--case", "E09000002/\(kept)", "--erase", exits: 2)
            }
            #expect(
                try system.quorate("retention", "apply", "--erase").output.contains("1 cases were erased, and 0 years"))
            try system.waitUntilCaughtUp()

            #expect(try Self.places(of: "F-DUE", system).isEmpty)
            #expect(try ["F-HELD", "F-CARE", "F-OPEN"].map { try Self.rows(of: $0, system) } == others)
            let verdict = try system.quorate("audit", "verify")
            #expect(verdict.output.contains("all fit"))
            let shown = try system.quorate("audit", "show", "--case", "E09000002/F-DUE", "--content").output
            #expect(shown.contains("(content erased)") && !shown.contains("F-DUE-KAY"))
            try system.waitForCheckpoint()
            try system.quorate("audit", "prove", "F-DUE-1")
            #expect(
                try system.quorate("audit", "show", "--case", "E09000002/F-HELD", "--content").output.contains("KAY"))

            // A hold on everything of the authority is one beside that on the case.
            try system.quorate("retention", "hold", "--authority", "E09000002", "--reason", "inquiry")
            try system.quorate("retention", "lift", "--case", "E09000002/F-HELD")
            #expect(try system.quorate("retention", "report").output.contains("closed; the time of 0 has ended."))
            try system.quorate("retention", "lift", "--authority", "E09000002")
            #expect(try system.quorate("retention", "report").output.contains("closed; the time of 1 has ended."))
            // A configuration that is loaded anew assesses nothing of what is gone.
            try system.waitUntilCaughtUp()
            #expect(try Self.places(of: "F-DUE", system).isEmpty)
        }
    }

    /// A hold that is being placed as the case is about to be erased keeps it.
    @Test func aHoldPlacedMeanwhileKeepsTheCase() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            try system.start([.scheduling, .auditing])
            try system.publish(Self.family("F-DUE"))
            try system.waitUntilCaughtUp()
            let before = try Self.places(of: "F-DUE", system)
            let (output, errors) = ("\(system.folder)/erase.out", "\(system.folder)/erase.err")
            let erasing = try system.newConnection().transaction { transaction in
                try transaction.execute(
                    """
                    INSERT INTO configuration.legal_hold (authority, subject, reason)
                    VALUES ('E09000002', 'F-DUE', 'inquiry')
                    """)
                let erasing = try ChildProcess(
                    "\(Places.executables)/quorate", ["retention", "apply", "--erase"],
                    environment: Places.environment.merging(["QUORATE_DATA": system.folder]) { $1 }, output: output,
                    errors: errors)
                try wait("the erasure to wait", within: .seconds(60)) {
                    try system.number(
                        """
                        SELECT count(*) FROM pg_locks
                         WHERE relation = 'configuration.legal_hold'::regclass AND NOT granted
                           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                        """) == 1
                }
                return erasing
            }
            let status = try erasing.waitForExit()
            let told = try String(contentsOfFile: output, encoding: .utf8)
            #expect(status == 0 && told.contains(/F-DUE +kept:/) && told.contains("0 cases were erased, "), "\(told)")
            #expect(try Self.places(of: "F-DUE", system) == before)
            #expect(
                try system.quorate("audit", "show", "--case", "E09000002/F-DUE", "--content").output.contains("KAY"))
        }
    }

    /// A list is kept as it was drawn, but for the rows of a case that was erased; the others can still be had as CSV.
    @Test func listsLoseTheRowsOfWhatIsErased() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            let connection = try system.connection
            for (id, rows) in [("both", ["F-1", "F-2"]), ("other", ["F-2"])] {
                let cells =
                    "[[\"Date\",\"Case\",\"Child\"]"
                    + rows.map { ",[\"2020-01-06\",\"\($0)\",\"\($0)-KAY\"]" }.joined() + "]"
                let text = rows.map { "\($0)-KAY" }.joined(separator: " ")
                try connection.execute(
                    """
                    INSERT INTO reporting.published_list (list_id, kind, authority, period, as_at, row_count, csv, html,
                        listed_on, cells, xlsx)
                    VALUES (\(id), 'weekly', 'E09000002', 'week of ' || '2020-01-13'::date - 7 * \(Int32(rows.count)), now(),
                        \(Int32(rows.count)), \(text), \(text), '2020-01-13'::date - 7 * \(Int32(rows.count)), \(cells)::text::jsonb, \(Array(text.utf8)))
                    """)
                try connection.execute(
                    """
                    INSERT INTO reporting.outbox (source_partition, topic, event_id, event_type, record_key, value)
                    VALUES (0, 'report-events', \(id), 'quorate.list.published.v1', \(Array("E09000002/lists".utf8)),
                        \(Array("{\"listId\":\"\(id)\",\"csv\":\"\(text)\"}".utf8)))
                    """)
                try connection.execute(
                    """
                    INSERT INTO notifications.published_list (list_id, authority, body, source_partition, causation_id)
                    VALUES (\(id), 'E09000002', jsonb_build_object('csv', \(text)), 0, \(id))
                    """)
                try Self.hold(text, list: id, digestOf: nil, system)
            }
            func erased(_ subject: String) throws -> Int64 {
                try system.number(
                    "SELECT coalesce(sum(row_count), 0)::bigint FROM configuration.erase_from_lists('E09000002', \(subject))"
                )
            }
            #expect(try erased("F") == 0)
            #expect(!(try Self.places(of: "F-1", system)).isEmpty)
            #expect(try erased("F-1") == 1)
            #expect(try Self.places(of: "F-1", system).isEmpty)
            #expect(try erased("F-1") == 0)
            #expect(
                try system.strings("SELECT list_id || ' ' || state FROM notifications.message ORDER BY 1")
                    == ["both withdrawn", "other held"])
            // The other list is as it was; of this one the other row.
            #expect(try system.strings("SELECT csv FROM reporting.published_list ORDER BY list_id") == ["", "F-2-KAY"])
            func show(_ format: String, _ status: Int32) throws -> CommandResult {
                try system.quorate("lists", "show", "weekly", "--on", "2020-01-04", "--format", format, exits: status)
            }
            #expect(try show("csv", 0).output == "Date,Case,Child\r\n2020-01-06,F-2,F-2-KAY\r\n")
            #expect(try show("html", 2).errors.contains("1 rows of this list were erased"))

            // A reference with a quotation mark, which CSV and JSON write each in its way, also in a list without cells.
            let quoted = #"F"Q"#
            let csv = "Date,Case\r\n2020-01-06,\"F\"\"Q\"\r\n"
            let lists: [(String, String?)] = [("quoted", #"[["Date","Case"],["2020-01-06","F\"Q"]]"#), ("old", nil)]
            for (id, cells) in lists {
                try connection.execute(
                    """
                    INSERT INTO reporting.published_list (list_id, kind, authority, period, as_at, row_count, csv, html, cells)
                    VALUES (\(id), 'drift', 'E09000002', \(id), now(), 1, \(csv), '',
                        \(cells)::text::jsonb)
                    """)
            }
            #expect(try erased(quoted) == 2)
            #expect(try erased(quoted) == 0)
            #expect(
                try system.strings(
                    "SELECT csv || coalesce(cells::text, '-') FROM reporting.published_list WHERE kind = 'drift' ORDER BY list_id"
                ) == ["-", #"[["Date", "Case"]]"#])
        }
    }

    /// A digest that waits names no case: its text goes with any case that it tells of, and is written anew.
    @Test func digestsLoseTheTextOfWhatIsErased() async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            try Self.hold("F-1-KAY and F-2-KAY", list: nil, digestOf: ["F-1", "F-2"], system)
            try Self.hold("F-2-KAY alone", list: nil, digestOf: ["F-2"], system)
            #expect(try Self.places(of: "F-1", system) == ["notifications.digest_item", "notifications.draft"])
            #expect(try system.number("SELECT configuration.erase_case('E09000002', 'F-1')") == 2)
            #expect(try Self.places(of: "F-1", system).isEmpty)
            #expect(try system.strings("SELECT body FROM notifications.draft") == ["F-2-KAY alone"])
            #expect(
                try system.strings(
                    "SELECT state || ' ' || (drafted_at IS NOT NULL)::text FROM notifications.message ORDER BY 1")
                    == ["held false", "held true"])
        }
    }

    /// A message that waits, with its draft: a list's, or a digest of cases.
    private static func hold(
        _ text: String, list: String?, digestOf cases: [String]?, _ system: TestSystem
    ) throws {
        let connection = try system.connection
        let template = list == nil ? "digest" : "list"
        let id = try connection.execute(
            """
            INSERT INTO notifications.message (message_id, list_id, authority, source_partition, recipient_id,
                recipient_role, channel, address, template, body, state, hold, drafted_at)
            VALUES (gen_random_uuid(), \(list), 'E09000002', 0, 'SW-1', 'qa_team', 'email', 'sw-1@e.example', \(template),
                '{}', 'held', 'dry_run', now()) RETURNING message_id
            """)[0].uuid("message_id")
        try connection.execute(
            """
            INSERT INTO notifications.draft (message_id, headline, body, html, attachments)
            VALUES (\(id), 'A list', \(text), \(text), '{}')
            """)
        for subject in cases ?? [] {
            try connection.execute(
                """
                INSERT INTO notifications.digest_item (item_id, notice_id, authority, subject, source_partition,
                    recipient_id, recipient_role, recipient_partition, template, body, rhythm, state, message_id)
                VALUES (gen_random_uuid(), gen_random_uuid(), 'E09000002', \(subject), 0, 'SW-1', 'social_worker', 0,
                    'notice', jsonb_build_object('childIds', \(subject + "-KAY")), 'daily', 'taken', \(id))
                """)
        }
    }

    /// The tables outside the audit log of which some row names a child of the family, as text or as bytes.
    private static func places(of subject: String, _ system: TestSystem) throws -> Set<String> {
        let tables = try system.strings(
            """
            SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
               AND n.nspname IN ('scheduling', 'notifications', 'reporting')
            """)
        let bytes = "\(subject)-".utf8.map { String($0, radix: 16) }.joined()
        return Set(
            try tables.filter { table in
                return try system.number(
                    """
                    SELECT count(*) FROM \(raw: table) t WHERE position(\("\(subject)-KAY") IN t::text) > 0
                        OR position(\("\(subject)-LEE") IN t::text) > 0
                        OR position(\(bytes + "4b4159") IN t::text) > 0 OR position(\(bytes + "4c4545") IN t::text) > 0
                    """) > 0
            })
    }

    private static func rows(of subject: String, _ system: TestSystem) throws -> [Int64] {
        try ["scheduling.fact f JOIN scheduling.case_file c USING (case_id)", "reporting.fact c", "reporting.duty c"]
            .map {
                try system.number("SELECT count(*) FROM \(raw: $0) WHERE c.subject = \(subject)")
            }
    }
}
