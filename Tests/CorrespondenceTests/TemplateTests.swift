import CaseEvents
import Foundation
import StatutoryRules
import Testing

@testable import Correspondence

/// What every notice and letter says, kept as files: it changes only on purpose. `QUORATE_WRITE_GOLDEN=1` writes them anew.
@Suite struct TemplateTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    private static let golden = folder.appendingPathComponent("Golden")
    private static let templates = folder.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Shared/Correspondence/Templates/en/default")

    /// Section E of the rulebook, by number: the template, and those outside who get it as a letter. Staff get a notice.
    private static let items: [(number: Int, template: String, outside: [String])] = [
        (1, "invitation_pack", ["agency_professional", "parent_carer"]),
        (2, "conference_invitation", ["agency_professional", "parent_carer", "child", "observer", "other_authority"]),
        (2, "meeting_changed", ["agency_professional", "parent_carer"]),
        (2, "invitation_withdrawn", ["agency_professional", "parent_carer"]),
        (2, "meeting_for_calendar", ["invited", "parent_carer"]),
        (3, "cla_invitation_consultation", ["child", "parent_carer", "agency_professional"]),
        (4, "day5_invite_list_reminder", []), (5, "day6_invite_list_escalation", []), (6, "cla_five_week_reminder", []),
        (7, "cla_twenty_day_reminder", []), (8, "cla_list_late_escalation", []), (9, "review_list_late_escalation", []),
        (10, "continuing_delay_escalation", []), (11, "late_booking_notice", []),
        (12, "report_due_reminder", ["agency_professional"]), (13, "report_ready", ["parent_carer"]),
        (14, "police_report_to_chair", []), (15, "delay_report", []), (16, "postponement_requested", []),
        (16, "postponement_decided", []), (16, "postponement_decision", []), (17, "need_to_know", []),
        (18, "cover_request", []), (19, "move_in_notice", ["agency_professional", "police_rep"]),
        (20, "s20_removal_alert", []), (21, "dual_status_alert", []), (22, "exclusion_letter", ["parent_carer"]),
        (23, "parents_decision_letter", ["parent_carer"]),
        (24, "decision_letter_and_plan", ["agency_professional", "core_group_member", "parent_carer", "child"]),
        (25, "no_plan_decision", ["parent_carer", "agency_professional"]),
        (26, "conference_record", ["agency_professional", "parent_carer", "other_authority"]),
        (27, "parents_record_task", []), (28, "child_record_copy", ["child", "child_legal_representative"]),
        (29, "amendment_window", ["agency_professional", "parent_carer"]),
        (30, "next_review_date", ["agency_professional", "parent_carer", "child"]),
        (31, "plan_ended_agencies", ["agency_professional", "core_group_member"]),
        (32, "plan_ended_parents", ["parent_carer"]), (33, "plan_ended_by_social_worker", ["parent_carer", "child"]),
        (34, "death_letter", ["agency_professional"]), (35, "left_country_letter", ["agency_professional"]),
        (36, "whereabouts_decision_prompt", []), (37, "transfer_chase", ["other_authority"]),
        (38, "review_due_notice", []), (38, "review_due", []), (38, "review_overdue", []),
        (39, "progress_meeting_18m_notice", []), (40, "long_plans_list", []), (41, "birthday18_list", []),
        (42, "cin_and_order_review_reminder", []), (43, "weekly_list", []), (44, "fortnight_list", []),
        (45, "month_ahead_list", []), (46, "exception_report", []), (47, "transfer_allocation_notice", []),
        (48, "timeliness_report", []), (49, "drift_list", []), (50, "dissent_alert", ["agency_professional"]),
        (51, "complaint_handover", []), (51, "complaint_received", []), (52, "breach_alert", []),
        (52, "deadline_missed", []), (52, "deadline_at_risk", []), (53, "whereabouts_prompt", []),
        (54, "early_review_consideration", []), (55, "invite_list_recheck", []), (56, "chair_talk_reminder", []),
        (57, "report_fix_task", []), (58, "exclusion_warning", []), (59, "return_after_plan_alert", []),
        (60, "record_assistance_task", []), (61, "preproceedings_letter_target", []),
        // Reminders of any letter (E23 to E33).
        (23, "letter_due_reminder", []),
    ]

    private static func expect(_ mail: Mail, _ name: String) throws {
        try expect("Subject: \(mail.subject)\n\n\(mail.body)", "\(name).txt")
        try expect(#require(mail.html), "\(name).html")
    }

    private static func expect(_ text: String, _ name: String) throws {
        let file = golden.appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["QUORATE_WRITE_GOLDEN"] == "1" {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let kept = try? String(contentsOf: file, encoding: .utf8)
        #expect(text == kept, "\(name): read what changed, then run with QUORATE_WRITE_GOLDEN=1")
    }

    /// Every item of section E, to staff and to each of those outside.
    @Test func everyItem() throws {
        #expect(Set(Self.items.map(\.number)) == Set(1...61))
        let keys = try String(contentsOf: Self.templates.appendingPathComponent("messages.tsv"), encoding: .utf8)
            .split(separator: "\n").dropFirst().map { String($0.split(separator: "\t")[0]) }
        #expect(Set(keys).count == keys.count)
        #expect(Set(keys) == Set(Self.items.map(\.template)))
        var names = ["digest", "family", "list"]
        for item in Self.items {
            try Self.expect(Correspondents.mail(item.template, to: "social_worker"), item.template)
            names.append(item.template)
            for role in item.outside {
                try Self.expect(Correspondents.mail(item.template, to: role), "\(item.template).\(role)")
                // Nothing but the case's people is known: it is not guessed.
                let name = "\(item.template).\(role).bare"
                let bare = try Correspondents.mail(item.template, to: role, [])
                try Self.expect(bare.body, name + ".txt")
                #expect(!bare.body.contains("2026-02") && !bare.body.contains("neglect"), "\(name)")
                names += ["\(item.template).\(role)", name]
            }
        }
        let kept = try FileManager.default.contentsOfDirectory(atPath: Self.golden.path).map {
            $0.hasSuffix(".html") ? $0.dropLast(5) : $0.dropLast(4)
        }
        #expect(Set(kept.map(String.init)) == Set(names), "a file without an item")
    }

    /// A family is told nothing that is asked of staff; where there is no letter for them, that there is something.
    @Test func toFamily() throws {
        try Self.expect(Correspondents.mail("deadline_missed", to: "parent_carer"), "family")
        for item in Self.items where !item.outside.isEmpty {
            for role in item.outside where Reader.family.contains(role) {
                let mail = try Correspondents.mail(item.template, to: role)
                #expect(mail.subject == "A message from children's social care")
                for word in ["record that", "C-10442", "QA", "case system"] {
                    #expect(!mail.body.contains(word), "\(item.template) \(role): \(word)")
                }
            }
        }
    }

    /// The father of one child hears nothing of the other, nor what was recommended of both.
    @Test func nothingOfAnothersChild() throws {
        for template in [
            "parents_decision_letter", "decision_letter_and_plan", "no_plan_decision", "conference_invitation",
        ] {
            let mail = try Correspondents.mail(template, to: "parent_carer", id: "F-1")
            #expect(mail.body.contains("Dear Al Fell"), "\(template)")
            for text in [mail.body, mail.html ?? ""] {
                #expect(!text.contains("Alex") && !text.contains("K-2") && !text.contains("nursery"), "\(template)")
            }
        }
        let mother = try Correspondents.mail("parents_decision_letter", to: "parent_carer").body
        #expect(mother.contains("* Sam: there will be a child protection plan (category: neglect)"))
        #expect(mother.contains("* Alex: no child protection plan was made"))
        #expect(mother.contains("* A place at the nursery"))
        // 22 May 2026 is a Friday.
        #expect(mother.contains("by or on Friday 22 May 2026"))
        #expect(mother.contains("Robin Vale, the social worker, at sw1@a.example"))
    }

    /// LON-5.9: the letter about exclusion is to who was excluded; the other parent does not learn of it.
    @Test func exclusionIsSaidToTheExcludedAlone() throws {
        let item = try Correspondents.item("exclusion_letter", role: "")
        let people = CasePeople(
            try Correspondents.facts.map { ($0.kind, $0.id, $0.childIds, try JSONValue($0.body)) }
                + [("M-1", "mother"), ("F-1", "father")].map {
                    (
                        "family_member", $0.0, ["K-1"],
                        try JSONValue(#"{"relationship":"\#($0.1)","email":"x@f.example"}"#)
                    )
                })
        let addressees = Addressees(staff: Staff([]), people: people, of: item.body, day: Day("2026-03-02")!)
        #expect(addressees.find("parent_carer").recipients.map(\.id) == ["F-1"])
    }

    /// What somebody typed makes no heading and no link, and stays text in the page.
    @Test func freeTextStaysText() throws {
        let mail = try Correspondents.mail(
            "conference_invitation", to: "agency_professional",
            [
                (
                    "meeting", Correspondents.conference, [],
                    #"{"startsAt":"2026-03-27","venueOrMode":"Hall <b>1</b>\n# Not a heading & {{case}}"}"#
                )
            ])
        let html = try #require(mail.html)
        #expect(html.contains("Hall &lt;b&gt;1&lt;/b&gt; # Not a heading &amp; {{case}}"), "\(html)")
        #expect(html.components(separatedBy: "<h1>").count == 2)
        // A bare date has no time of day.
        #expect(mail.body.contains("Friday 27 March 2026\n"), "\(mail.body)")
    }

    /// Late first, then by the day; each with what to do, the rule and its reference.
    @Test func digest() throws {
        let items = try ["review_due_notice", "deadline_missed", "report_due_reminder"].map {
            try Correspondents.item($0)
        }
        let mail = Rendering().mail(digest: items, for: Reader(authority: "E06000030"), Correspondents.envelope)
        try Self.expect(mail, "digest")
        #expect(mail.body.contains("1. Overdue"))
    }

    @Test func list() throws {
        let body = try JSONValue(
            #"{"kind":"weekly","title":"Weekly list","period":"2026-W10","asAt":"2026-03-02T08:00:00Z","rowCount":2,"csv":"a,b\r\n"}"#
        )
        try Self.expect(
            Rendering().mail(list: body, for: Reader(authority: "E06000030"), Correspondents.envelope), "list")
    }

    /// Every template that a policy announces is one of ours: none falls back to the words for an unknown one.
    @Test func everyAnnouncementHasItsWords() throws {
        let policies = Self.folder.deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Shared/StatutoryRules/Policies")
        var announced: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(atPath: policies.path) where file.hasSuffix(".yaml") {
            let text = try String(contentsOf: policies.appendingPathComponent(file), encoding: .utf8)
            for match in text.matches(of: /template: ([a-z0-9_]+)/) { announced.insert(String(match.output.1)) }
        }
        #expect(announced.count > 30)
        #expect(announced.subtracting(Self.items.map(\.template)) == [])
    }

    /// SWI-14: the fixed title where Swindon asks for a report or a list, and nowhere else. No subject names a case or child.
    @Test func subjects() throws {
        for item in Self.items {
            for role in ["social_worker"] + item.outside {
                let subject = try Correspondents.mail(item.template, to: role).subject
                for name in ["C-10442", "URGENT CLA/CP", "Sam", "Alex", "K-1", "Mead"] {
                    #expect(!subject.contains(name), "\(item.template)")
                }
            }
        }
        let swindon = Rendering().mail(
            try Correspondents.item("cla_five_week_reminder", policy: "swindon"), for: Reader(authority: "E06000030"),
            Correspondents.envelope)
        #expect(swindon.subject == "URGENT CLA/CP: Looked-after review in five weeks")
    }
}
