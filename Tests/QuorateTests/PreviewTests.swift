import Foundation
import TestSupport
import Testing

/// `quorate notices preview`: what would be said, from events alone.
@Suite struct PreviewTests {
    private static func line(_ id: String, _ type: String, _ subject: String, _ data: String, _ time: String) -> String
    {
        """
        {"specversion":"1.0","id":"\(id)","source":"urn:lcs:E09000001","type":"quorate.\(type).v1","subject":"\(subject)",\
        "time":"\(time)","authority":"E09000001","data":\(data)}
        """
    }

    private static let events = [
        line(
            "1", "person.recorded", "SW-1",
            #"{"personId":"SW-1","name":"Robin Vale","roles":["social_worker"],"email":"sw1@a.example"}"#,
            "2026-01-01T09:00:00Z"),
        line(
            "2", "allocation.changed", "C-1",
            #"{"childId":"K-1","role":"social_worker","toPersonId":"SW-1","effectiveAt":"2026-01-02T09:00:00Z"}"#,
            "2026-01-02T09:00:00Z"),
        line(
            "3", "family_member.recorded", "C-1",
            #"{"personId":"M-1","childIds":["K-1"],"relationship":"mother","email":"m1@f.example"}"#,
            "2026-01-02T09:00:00Z"),
        line(
            "4", "conference.held", "C-1",
            #"{"conferenceId":"CF-1","conferenceType":"initial","childIds":["K-1"],"heldAt":"2026-01-26T10:00:00Z","endedAt":"2026-01-26T12:00:00Z","decisions":[{"childId":"K-1","decision":"plan","category":"neglect"}]}"#,
            "2026-01-26T15:00:00Z"),
    ]

    private static func preview(_ arguments: String..., more: [String] = []) throws -> CommandResult {
        let folder = Places.folder + "/preview-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try (events + more).joined(separator: "\n").write(
            toFile: folder + "/case.jsonl", atomically: true, encoding: .utf8)
        let process = try ChildProcess(
            Places.executables + "/quorate",
            ["notices", "preview"] + arguments + ["--case", folder + "/case.jsonl", "--policy", "london"],
            environment: Places.environment, output: folder + "/out", errors: folder + "/errors")
        let status = try process.waitForExit(within: .seconds(60))
        func text(_ name: String) -> String {
            (try? String(contentsOfFile: folder + "/" + name, encoding: .utf8)) ?? ""
        }
        return CommandResult(status: status, output: text("out"), errors: text("errors"))
    }

    /// LON-14.5c: the letter to parents is due within 24 hours of the end, at 12:00 on 26 January: it is said on the morning
    /// of the 27th.
    @Test func aLetterToParents() throws {
        let shown = try Self.preview("LON-14.5c", "--to", "parent_carer", "--as-of", "2026-01-27")
        #expect(shown.status == 0, "\(shown.errors)")
        #expect(
            shown.output.contains("parents_decision_letter, due, due 9:00 on Tuesday 27 January 2026"),
            "\(shown.output)")
        #expect(shown.output.contains("To: M-1 as parent_carer\nSubject: A message from children's social care"))
        #expect(shown.output.contains("* Your child: there will be a child protection plan (category: neglect)"))
        let page = try Self.preview(
            "parents_decision_letter", "--to", "parent_carer", "--as-of", "2026-01-27", "--format", "html")
        #expect(page.output.hasPrefix("<!DOCTYPE html>\n<html lang=\"en-GB\">"), "\(page.output)")
    }

    /// LON-5.9: both parents are excluded; each has the letter about their own exclusion, and nobody else's.
    @Test func eachOfTwoExcludedHasOneLetter() throws {
        var more = [
            Self.line(
                "5", "family_member.recorded", "C-1",
                #"{"personId":"F-1","childIds":["K-1"],"relationship":"father","email":"f1@f.example"}"#,
                "2026-01-02T09:00:00Z"),
            Self.line(
                "6", "conference.scheduled", "C-1",
                #"{"conferenceId":"CF-2","conferenceType":"review","childIds":["K-1"],"startsAt":"2026-04-14T10:00:00Z","dateSetAt":"2026-01-26T15:00:00Z"}"#,
                "2026-01-26T15:00:00Z"),
        ]
        for (id, person) in [("7", "M-1"), ("8", "F-1")] {
            more.append(
                Self.line(
                    id, "conference.exclusion_decided", "C-1",
                    #"{"conferenceId":"CF-2","personId":"\#(person)","decision":"excluded","scope":"full","decidedByRole":"conference_chair","decidedAt":"2026-01-28T10:00:00Z"}"#,
                    "2026-01-28T10:00:00Z"))
        }
        let shown = try Self.preview("LON-5.9", "--as-of", "2026-01-29", more: more)
        #expect(shown.status == 0, "\(shown.errors)")
        let told = shown.output.split(separator: "\n").filter { $0.hasPrefix("To: ") }.sorted()
        #expect(told == ["To: F-1 as parent_carer", "To: M-1 as parent_carer"], "\(shown.output)")
        // Of one, the other learns nothing.
        let one = try Self.preview("LON-5.9", "--as-of", "2026-01-29", more: more.dropLast())
        #expect(one.output.split(separator: "\n").filter { $0.hasPrefix("To: ") } == ["To: M-1 as parent_carer"])
    }

    @Test func nothingToSay() throws {
        let none = try Self.preview("LON-5.9", "--as-of", "2026-01-27")
        #expect(none.status == 1 && none.errors.contains("LON-14.5c"), "\(none.errors)")
    }
}
