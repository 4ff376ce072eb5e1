import CaseEvents
import Foundation
import TestSupport
import Testing
import Workers

/// Letters, from the facts as they stand: what a person reads is what leaves.
@Suite struct LetterTests {
    private static func event(_ id: String, _ type: String, _ data: String, more: String = "") -> String {
        """
        {"specversion":"1.0","id":"\(id)","source":"urn:lcs:E06000030","type":"quorate.\(type).v1","subject":"C-1",\
        "time":"2026-01-27T09:00:00Z","authority":"E06000030"\(more),"data":\(data)}
        """
    }

    private static func held(_ id: String, _ decision: String, more: String = "") -> String {
        event(
            id, "conference.held",
            """
            {"conferenceId":"CF-1","heldAt":"2026-01-26T10:00:00Z","conferenceType":"initial","childIds":["K-1"],\
            "decisions":[{"childId":"K-1","decision":"\(decision)","category":"neglect","reasons":"Kept out of every letter."}]}
            """, more: more)
    }

    private static func people() -> [String] {
        var events = NoticeEvents()
        events.person("SW-1", "social_worker", more: ",\"name\":\"Robin Vale\"")
        events.mailbox("qa_team")
        events.allocate("SW-1", to: "K-1", case: "C-1")
        events.family("M-1", "K-1", case: "C-1", #","relationship":"mother","name":"Jo Mead","email":"m1@f.example""#)
        events.family("F-1", "K-1", case: "C-1", #","relationship":"father","name":"Al Fell","email":"f1@f.example""#)
        return events.lines
    }

    /// Subject and plain text of a file, by Python's parser.
    private static func read(_ system: TestSystem, _ file: String) throws -> String {
        let script = """
            import email, email.policy, sys
            m = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
            print(m['Subject'], m.get_body(('plain',)).get_content(), m.get_body(('html',)).get_content(), sep='\\n', end='')
            """
        let result = try system.run(["-c", script, file], program: "python3")
        #expect(result.status == 0, "\(result.errors)")
        return result.output
    }

    /// A decision is put right between reading and sending: the letter waits again, and then leaves as it was read.
    @Test func whatWasReadLeaves() async throws {
        let lines = Self.people() + [Self.held("held", "plan")]
        let corrected = Self.held("held-2", "no_plan", more: ",\"supersedes\":\"held\"")
        try await TestSystem.with { system in
            try system.start([.notifications])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            let notice = try system.say(
                "parents_decision_letter", to: ["parent_carer"],
                about: #","conferenceId":"CF-1""#)
            try system.waitUntilCaughtUp()
            let id = try system.strings(
                "SELECT message_id::text FROM notifications.message WHERE recipient_id = 'M-1'")[0]
            let first = try system.quorate("letters", "show", id).output
            #expect(
                first.contains("By: email\nTo: m1@f.example\nSubject: A message from children's social care\n"),
                "\(first)")
            #expect(first.contains("Dear Jo Mead") && first.contains("Monday 26 January 2026"), "\(first)")
            #expect(
                first.contains("* Your child: there will be a child protection plan (category: neglect)"), "\(first)")
            #expect(first.contains("Robin Vale, the social worker") && !first.contains("Kept out"), "\(first)")
            try system.publish([corrected])
            try system.waitUntilCaughtUp()
            try system.quorate("letters", "release", id)
            try system.waitUntilCaughtUp()
            #expect(system.mailFiles.isEmpty)
            #expect(
                try system.told(of: notice) == ["F-1 as parent_carer held letter", "M-1 as parent_carer held letter"])
            let again = try system.quorate("letters", "show", id).output
            #expect(again.contains("* Your child: no child protection plan was made"), "\(again)")
            let page = try system.quorate("letters", "show", id, "--format", "html").output
            try system.quorate("letters", "release", id)
            try system.waitUntilCaughtUp()
            let mail = try Self.read(system, try #require(system.mailFiles.first))
            let shown = again.replacing("By: email\nTo: m1@f.example\nSubject: ", with: "").replacing(
                "care\n\nWhat", with: "care\nWhat")
            #expect(system.mailFiles.count == 1)
            #expect(
                mail.filter { !$0.isWhitespace } == (shown + page).filter { !$0.isWhitespace }, "\(mail)\n---\n\(shown)"
            )
        }
    }

    /// LON-5.9: the father is excluded; the mother does not learn of it. E31: the agencies get a letter, and no draft.
    @Test func toWhomItConcerns() async throws {
        let lines =
            Self.people() + [
                Self.event(
                    "excluded", "conference.exclusion_decided",
                    #"{"conferenceId":"CF-1","personId":"F-1","decision":"exclude","scope":"full","decidedAt":"2026-01-20T10:00:00Z"}"#
                ),
                Self.event(
                    "plan", "plan.started",
                    #"{"planId":"PL-1","childId":"K-1","startedOn":"2025-09-01","initialInvitees":[{"personId":"A-1","agency":"police"}]}"#
                ),
                Self.event(
                    "end", "plan.ended",
                    #"{"planId":"PL-1","childId":"K-1","endedOn":"2026-01-26","groundCode":"no_continuing_risk"}"#),
            ]
        var directory = NoticeEvents()
        directory.person("A-1", "agency_professional")
        let agency = directory.lines[0].replacing("\"id\":\"e-1\"", with: "\"id\":\"a-1\"")
        try await TestSystem.with { system in
            try system.start([.notifications])
            try system.publish(lines + [agency])
            try system.waitUntilCaughtUp()
            let exclusion = try system.say(
                "exclusion_letter", to: ["parent_carer"], about: #","conferenceId":"CF-1""#)
            let ended = try system.say(
                "plan_ended_agencies", to: ["agency_professional"], about: #","planId":"PL-1""#)
            try system.waitUntilCaughtUp()
            #expect(try system.told(of: exclusion) == ["F-1 as parent_carer held letter"])
            #expect(try system.told(of: ended) == ["A-1 as agency_professional sent"])
            let mail = try Self.read(system, try #require(system.mailFiles.first))
            #expect(mail.hasPrefix("A child protection plan has ended\n"), "\(mail)")
            #expect(
                mail.contains("The child protection plan for the child ended on Monday 26 January 2026."), "\(mail)")
            #expect(mail.contains("It began on Monday 1 September 2025."), "\(mail)")
        }
    }

    /// What a dry run holds can be read too: a digest, a list, and a notice.
    @Test func everyKindIsShown() async throws {
        let lines = Self.people()
        let list = OutgoingEvent(
            id: "list-1", source: WorkerName.reporting.source, type: "quorate.list.published.v1", subject: "lists",
            authority: NoticeEvents.authority, time: .init("2026-01-06T08:00:00Z")!,
            data:
                #"{"listId":"L-1","kind":"weekly","title":"Weekly list","period":"2026-W02","asAt":"2026-01-06T08:00:00Z","recipients":["qa_team"],"rowCount":1,"csv":"a,b\r\n"}"#
        )
        try await TestSystem.with { system in
            try system.start(
                [.notifications], environment: ["QUORATE_MAIL_DRY_RUN": "1", "QUORATE_DIGEST": "daily"])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            try system.say("review_due_notice", to: ["social_worker"])
            try system.say("need_to_know", to: ["social_worker"])
            try system.produceRaw(topic: .reportEvents, key: Array(list.key.utf8), value: Array(list.json.utf8))
            try wait("three that are held") {
                try system.number(
                    "SELECT count(*) FROM notifications.message WHERE state = 'held' AND drafted_at IS NOT NULL") == 3
            }
            func shown(_ template: String) throws -> String {
                let id = try system.strings(
                    "SELECT message_id::text FROM notifications.message WHERE template = \(template)")[0]
                return try system.quorate("letters", "show", id).output
            }
            #expect(try shown("digest").contains("Subject: 1 thing to do\n"))
            #expect(try shown("need_to_know").contains("Subject: Need to know: a meeting was put off\n"))
            let read = try shown("list")
            #expect(read.contains("Subject: Weekly list, 2026-W02\nAttached: weekly-2026-W02.csv\n"), "\(read)")
            #expect(system.mailFiles.isEmpty)
        }
    }

    /// A folder of texts of our own is used; one that names an unknown value keeps the worker from starting.
    @Test func ownTexts() async throws {
        let lines = Self.people()
        try await TestSystem.with { system in
            let folder = system.folder + "/texts/en/E06000030"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try "# Ours\n\nCase {{case}}".write(toFile: folder + "/notice.mustache", atomically: true, encoding: .utf8)
            try system.start([.notifications], environment: ["QUORATE_TEMPLATES": system.folder + "/texts"])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            try system.say("review_due_notice", to: ["social_worker"])
            try system.waitUntilCaughtUp()
            #expect(try Self.read(system, try #require(system.mailFiles.first)).hasPrefix("Ours\nOurs\n\nCase C-1\n"))
            try "# Ours\n\n{{csae}}".write(toFile: folder + "/notice.mustache", atomically: true, encoding: .utf8)
            let refused = try system.run(
                [], program: "notifications",
                environment: system.environment(of: .notifications, ["QUORATE_TEMPLATES": system.folder + "/texts"]))
            #expect(refused.status != 0 && refused.errors.contains("csae"), "\(refused.errors)")
        }
    }
}
