import CaseEvents
import Foundation
import StatutoryRules
import Testing

@testable import Correspondence

/// What every notice says, kept as files: it changes only on purpose. `QUORATE_WRITE_GOLDEN=1` writes them anew.
@Suite struct TemplateTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    private static let templates = folder.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Shared/Correspondence/Templates")

    /// The keys of `messages.tsv`.
    private static func keys() throws -> [String] {
        try String(contentsOf: templates.appendingPathComponent("messages.tsv"), encoding: .utf8)
            .split(separator: "\n").dropFirst().map { String($0.split(separator: "\t")[0]) }
    }

    private static func item(
        _ template: String, policy: String = "london", role: String = "social_worker"
    ) throws -> Item {
        Item(
            id: "7d5b1f6e-0000-5000-8000-000000000001", subject: "C-10442", template: template, role: role,
            body: try JSONValue(
                """
                {"policy":"\(policy)","rule":"E38","level":1,"state":"due","template":"\(template)","dueAt":"2026-03-02T08:00:00Z",
                 "deadline":{"duty":"later_review","due":"2026-03-30","actBy":"2026-03-27","rule":"LON-1.20a","provenance":"own",
                             "citation":"001 paragraph 1.20"}}
                """))
    }

    private static let envelope = Envelopment(
        id: "7d5b1f6e-0000-5000-8000-000000000002", dated: Instant("2026-03-02T08:00:05Z")!,
        occasion: Instant("2026-03-02T08:00:00Z")!, from: "quorate@a.example", to: "sw1@a.example")

    private static func expect(_ mail: Mail, _ name: String) throws {
        let file = folder.appendingPathComponent("Golden/\(name).txt")
        let text = "Subject: \(mail.subject)\n\n\(mail.body)"
        if ProcessInfo.processInfo.environment["QUORATE_WRITE_GOLDEN"] == "1" {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let kept = try? String(contentsOf: file, encoding: .utf8)
        #expect(text == kept, "\(name): read what changed, then run with QUORATE_WRITE_GOLDEN=1")
    }

    @Test func everyNotice() throws {
        let keys = try Self.keys()
        #expect(Set(keys).count == keys.count)
        for key in keys { try Self.expect(Rendering.mail(Self.item(key), Self.envelope), key) }
        let kept = try FileManager.default.contentsOfDirectory(
            atPath: Self.folder.appendingPathComponent("Golden").path)
        #expect(Set(kept) == Set((keys + ["digest", "family"]).map { $0 + ".txt" }), "a file without a notice")
    }

    /// A family is told the same few words of everything, and never what is asked of staff.
    @Test func toFamily() throws {
        for (key, role) in [("exclusion_letter", "parent_carer"), ("parents_decision_letter", "child")] {
            try Self.expect(Rendering.mail(Self.item(key, role: role), Self.envelope), "family")
        }
    }

    /// Late first, then by the day; each with what to do, the rule and its reference.
    @Test func digest() throws {
        let items = try ["review_due_notice", "deadline_missed", "report_due_reminder"].map { try Self.item($0) }
        let mail = Rendering.mail(digest: items, Self.envelope)
        try Self.expect(mail, "digest")
        #expect(mail.body.contains("1. Overdue"))
    }

    /// Every template that a policy announces is one of ours: none falls back to the words for an unknown one.
    @Test func everyAnnouncementHasItsWords() throws {
        let keys = Set(try Self.keys())
        let policies = Self.folder.deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Shared/StatutoryRules/Policies")
        var announced: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(atPath: policies.path) where file.hasSuffix(".yaml") {
            let text = try String(contentsOf: policies.appendingPathComponent(file), encoding: .utf8)
            for match in text.matches(of: /template: ([a-z0-9_]+)/) { announced.insert(String(match.output.1)) }
        }
        #expect(announced.count > 30)
        #expect(announced.subtracting(keys) == [])
    }

    /// A template that names a value which nobody gives would print nothing in its place.
    @Test func templatesNameKnownValuesOnly() throws {
        let ofItem = Set(try Self.item("review_due_notice").values.keys)
        let known: [String: Set<String>] = [
            "notice.mustache": ofItem, "family.mustache": ofItem,
            "digest.mustache": ofItem.union(["count", "isOne", "items", "number"]),
            "list.mustache": ["title", "period", "rowCount", "asAt"],
        ]
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.templates.path)
        #expect(Set(files.filter { $0.hasSuffix(".mustache") }) == Set(known.keys))
        for (file, names) in known {
            let text = try String(contentsOf: Self.templates.appendingPathComponent(file), encoding: .utf8)
            let named = Set(text.matches(of: /\{\{\{?[#^\/]?([A-Za-z]+)\}?\}\}/).map { String($0.output.1) })
            #expect(!named.isEmpty && named.subtracting(names) == [], "\(file)")
        }
    }

    /// SWI-14: the fixed title where Swindon asks for a report or a list, and nowhere else. No subject names a case.
    @Test func subjects() throws {
        for key in try Self.keys() {
            let subject = try Rendering.mail(Self.item(key), Self.envelope).subject
            #expect(!subject.contains("C-10442") && !subject.contains("URGENT CLA/CP"), "\(key)")
        }
        let swindon = try Rendering.mail(Self.item("cla_five_week_reminder", policy: "swindon"), Self.envelope)
        #expect(swindon.subject == "URGENT CLA/CP: Looked-after review in five weeks")
    }
}
