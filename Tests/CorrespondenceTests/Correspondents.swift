import CaseEvents
import StatutoryRules

@testable import Correspondence

/// A case and its people, made up: what texts are drawn from in these tests.
enum Correspondents {
    static let conference = "CF-1"
    static let plan = "PL-1"

    static let envelope = Envelopment(
        id: "7d5b1f6e-0000-5000-8000-000000000002", dated: Instant("2026-03-02T08:00:05Z")!,
        occasion: Instant("2026-03-02T08:00:00Z")!, from: "quorate@a.example", to: "sw1@a.example")

    static func item(_ template: String, policy: String = "london", role: String = "social_worker") throws -> Item {
        Item(
            id: "7d5b1f6e-0000-5000-8000-000000000001", subject: "C-10442", template: template, role: role,
            body: try JSONValue(
                """
                {"policy":"\(policy)","rule":"E38","level":1,"state":"due","template":"\(template)","dueAt":"2026-03-02T08:00:00Z",
                 "childIds":["K-1","K-2"],"subject":{"conferenceId":"\(conference)","planId":"\(plan)"},
                 "deadline":{"duty":"later_review","due":"2026-03-30","actBy":"2026-03-27","rule":"LON-1.20a","provenance":"own",
                             "citation":"001 paragraph 1.20"}}
                """))
    }

    /// The words of a meeting about two children: a mother of both, a father of one of them, and a young person.
    static let facts: [(kind: String, id: String, childIds: [String], body: String)] = [
        (
            "meeting", conference, ["K-1", "K-2"],
            #"{"conferenceType":"initial","startsAt":"2026-03-27T10:00:00Z","endsAt":"2026-03-27T12:00:00Z","venueOrMode":"Room 2"}"#
        ),
        (
            "held", conference, ["K-1", "K-2"],
            """
            {"heldAt":"2026-02-27T12:00:00Z","decisions":[{"childId":"K-1","decision":"plan","category":"neglect"},
             {"childId":"K-2","decision":"no_plan"}],"recommendations":["A place at the nursery","Help with the debts\\n# of the flat"],
             "nextReviewDate":"2026-05-22"}
            """
        ),
        ("exclusion", "\(conference)/F-1", [], #"{"decision":"exclude","scope":"full"}"#),
        ("plan", plan, ["K-1"], #"{"startedOn":"2025-09-01","category":"neglect"}"#),
        ("plan_end", plan, ["K-1"], #"{"endedOn":"2026-02-27","groundCode":"no_continuing_risk"}"#),
        ("child", "K-1", ["K-1"], #"{"displayName":"Sam"}"#),
        ("child", "K-2", ["K-2"], #"{"displayName":"Alex"}"#),
        ("death", "K-1", ["K-1"], #"{"dateOfDeath":"2026-02-20"}"#),
        ("location", "K-1", ["K-1"], #"{"abroad":true,"confirmedAt":"2026-02-24T10:00:00Z"}"#),
    ]
    private static let people: [(kind: String, id: String, childIds: [String], body: String)] = [
        (
            "family_member", "M-1", ["K-1", "K-2"],
            #"{"relationship":"mother","name":"Jo Mead","email":"m1@f.example"}"#
        ),
        ("family_member", "F-1", ["K-1"], #"{"relationship":"father","name":"Al Fell","email":"f1@f.example"}"#),
        ("family_member", "Y-1", ["K-1"], #"{"relationship":"self","email":"y1@f.example"}"#),
        ("allocation", "K-1/social_worker", ["K-1"], #"{"personId":"SW-1"}"#),
    ]
    private static let staff =
        #"{"personId":"SW-1","name":"Robin Vale","email":"sw1@a.example","roles":["social_worker"]}"#

    /// - Parameter words: None for a case of which nothing is known but its people.
    static func addressees(
        _ item: Item, children: [String] = ["K-1", "K-2"],
        _ words: [(kind: String, id: String, childIds: [String], body: String)] = facts
    ) throws -> Addressees {
        Addressees(
            staff: Staff([("person", "SW-1", try JSONValue(staff))]),
            people: CasePeople(try (words + people).map { ($0.kind, $0.id, $0.childIds, try JSONValue($0.body)) }),
            childIds: children, conferenceId: conference, planId: plan, day: Day("2026-03-02")!)
    }

    /// As whom each role is written to.
    static let ids = ["parent_carer": "M-1", "child": "Y-1"]

    static func mail(
        _ template: String, to role: String, id: String? = nil, children: [String] = ["K-1", "K-2"],
        _ words: [(kind: String, id: String, childIds: [String], body: String)] = facts,
        _ templates: Templates = .packaged
    ) throws -> Mail {
        let item = try item(template, role: role)
        let reader = try addressees(item, children: children, words)
            .reader(id ?? ids[role] ?? "P-1", as: role, in: "E06000030")
        return Rendering(templates).mail(item, for: reader, envelope)
    }
}
