import CaseEvents
import StatutoryRules
import Testing

@testable import Correspondence

/// Texts by language and owner, over the package's.
@Suite struct OwnTextTests {
    private static let welsh = [
        ("family_member", "M-1", ["K-1"], #"{"relationship":"mother","language":"cy","email":"m1@f.example"}"#)
    ]

    private static func reader(_ authority: String = "E06000030") throws -> Reader {
        let people = CasePeople(try welsh.map { ($0.0, $0.1, $0.2, try JSONValue($0.3)) })
        return Addressees(staff: Staff([]), people: people, childIds: ["K-1"], day: Day("2026-03-02")!)
            .reader("M-1", as: "parent_carer", in: authority)
    }

    private static func mail(_ templates: Templates, _ template: String, _ authority: String = "E06000030") throws
        -> Mail
    {
        Rendering(templates).mail(
            try Correspondents.item(template, role: "parent_carer"), for: try reader(authority), Correspondents.envelope
        )
    }

    /// A second language: its own letter and words; what it lacks is said in English, and the page names its language.
    @Test func secondLanguage() throws {
        let templates = try Templates(files: [
            "cy/default/plan_ended_parents.mustache": "# Llythyr\n\n{{date}}\n",
            "cy/default/words.tsv": "key\ttext\nweekday.1\tDydd Llun\nmonth.3\tMawrth\nfamily.subject\tNeges\n",
        ])
        let own = try Self.mail(templates, "plan_ended_parents")
        #expect(own.subject == "Neges")
        #expect(own.body == "Llythyr\n\nDydd Llun 2 Mawrth 2026\n")
        #expect(try #require(own.html).contains("<html lang=\"cy\">"))
        let english = try Self.mail(templates, "exclusion_letter")
        #expect(english.body.contains("How to give your views") && english.body.contains("Monday 2 March 2026"))
        #expect(english.subject == "A message from children's social care")
        #expect(try #require(english.html).contains("<html lang=\"en-GB\">"))
    }

    /// An authority's own text comes before its policy's, and that before the package's; others keep theirs.
    @Test func owners() throws {
        let templates = try Templates(files: [
            "en/london/family.mustache": "# Of the policy", "en/E06000031/family.mustache": "# Of the authority",
            "en/E06000031/messages.tsv": "template\tkind\theadline\twhat to do\ncover_request\tnotice\tOurs\tDo it.\n",
        ])
        #expect(try Self.mail(templates, "cover_request").body == "Of the policy\n")
        #expect(try Self.mail(templates, "cover_request", "E06000031").body == "Of the authority\n")
        #expect(try Self.mail(.packaged, "cover_request").body.hasPrefix("A message from"))
        let staff = Rendering(templates).mail(
            try Correspondents.item("cover_request"), for: Reader(authority: "E06000031"), Correspondents.envelope)
        #expect(staff.subject == "Ours")
    }

    /// What would print nothing, or never be used, is refused as it is read.
    @Test(arguments: [
        ("en/default/notice.mustache", "{{nmae}}", "nmae"),
        ("en/default/notice.mustache", "{{#due}}{{&oops}}{{/due}}", "oops"),
        ("en/default/notice.mustache", "{{#due}}", "parse"), ("en/default/notcie.mustache", "x", "notcie"),
        ("notice.mustache", "x", "<language>"), ("en/default/death_letter.mustache", "# {{child}}", "child"),
        ("en/default/words.tsv", "key\ttext\nmonth.13\tx", "month.13"),
        ("en/default/messages.tsv", "h\ncover_request\tsometimes\tx\ty", "sometimes"),
        ("en/default/messages.tsv", "h\ncover_request\tnotice\t{dtuy}\ty", "dtuy"),
    ])
    func refused(path: String, text: String, reason: String) throws {
        let problem = #expect(throws: Templates.Problem.self) { try Templates(files: [path: text]) }
        #expect(problem?.description.contains(reason) == true, "\(String(describing: problem))")
    }

    /// Every value that a letter may name is set by something, and no value is set under another name.
    @Test func namesAndValuesAgree() throws {
        var set: Set<String> = []
        for role in ["parent_carer", "child", "agency_professional"] {
            let item = try Correspondents.item("parents_decision_letter", role: role)
            let reader = try Correspondents.addressees(item).reader(
                Correspondents.ids[role] ?? "P-1", as: role, in: "E06000030")
            var values = item.values(for: reader, .packaged)
            values.setFacts()
            set.formUnion(values.all.keys)
        }
        #expect(set.subtracting(Values.names) == [])
        let elsewhere: Set = [
            "date", "text", "count", "isOne", "items", "number", "title", "period", "rowCount", "asAt",
        ]
        #expect(Values.names.subtracting(set).subtracting(elsewhere) == ["hasWorkbook"])
    }
}
