import CaseEvents
import Foundation
import StatutoryRules
import TestSupport
import Testing
import Workers

@testable import RecurringLists

/// Every page that is mailed or printed, in a real browser: Chromium, with axe-core.
@Suite struct AccessibilityTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    private static let golden = folder.deletingLastPathComponent().appendingPathComponent(
        "CorrespondenceTests/Golden")

    /// What the check says of the pages of a folder, one fault a line; the last line counts pages.
    private static func check(_ pages: String) throws -> [String] {
        let output = pages + ".txt"
        // Of the second only the script of axe-core that it carries.
        let python = try PythonPackages.install("websocket-client==1.9.2", "axe-playwright-python==0.1.8", alone: true)
        let process = try ChildProcess(
            python, [folder.appendingPathComponent("check_pages.py").path, pages],
            environment: Places.environment, output: output, errors: output + ".errors")
        guard try process.waitForExit(within: .seconds(900)) == 0 else {
            throw TestFault(try String(contentsOfFile: output + ".errors", encoding: .utf8))
        }
        return try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    private static func makeFolder(_ name: String) throws -> String {
        let pages = "\(Places.folder)/\(name)"
        try FileManager.default.createDirectory(atPath: pages, withIntermediateDirectories: true)
        return pages
    }

    /// Each golden page of notices and letters, and lists: a wide one, and one without rows.
    @Test func everyPage() async throws {
        let pages = try Self.makeFolder("pages")
        for name in try FileManager.default.contentsOfDirectory(atPath: Self.golden.path) where name.hasSuffix(".html")
        {
            try FileManager.default.copyItem(
                atPath: Self.golden.appendingPathComponent(name).path, toPath: pages + "/" + name)
        }
        let header = ["Date", "Conference", "Case", "Type", "Report", "Outstanding", "Team", "Service"]
        for (name, rows) in [
            ("list-wide", Array(repeating: header.map { $0 + " of a length" }, count: 30)), ("list-empty", []),
        ] {
            let list = try PublishedList(
                kind: .weekly, authority: "E06000030", day: Day("2026-03-02")!, asAt: Instant("2026-03-02T08:00:00Z")!,
                isComplete: false, recipients: ["qa_team"], table: ListTable(header: header, rows: rows))
            try list.html.write(toFile: "\(pages)/\(name).html", atomically: true, encoding: .utf8)
        }
        let said = try await withTaskExecutorPreference(ThreadPerJob.shared) { try Self.check(pages) }
        #expect(said.dropLast() == [])
        let count = try FileManager.default.contentsOfDirectory(atPath: pages).count
        #expect(count > 100)
        #expect(said.last?.hasPrefix("\(count) pages, rules kept: ") == true)
        for rule in [
            "color-contrast", "document-title", "html-has-lang", "page-has-heading-one", "heading-order", "list",
        ] {
            #expect(said.last?.contains(" \(rule)") == true, "\(rule) was not looked at: \(said)")
        }
    }

    /// The check itself: of a page with every fault that it is there to find, it finds each.
    @Test func aBadPageIsFound() async throws {
        let pages = try Self.makeFolder("bad-pages")
        try """
        <!DOCTYPE html><html><head><style>p { color: #999999; background: #ffffff; width: 700px; } @page { size: A5; }</style></head>
        <body><h2>Below</h2><p>Faint and wide</p><h4>Far below</h4><img src="data:,"><a href="https://a.example"></a></body></html>
        """.write(toFile: pages + "/bad.html", atomically: true, encoding: .utf8)
        let said = try await withTaskExecutorPreference(ThreadPerJob.shared) { try Self.check(pages) }
        for fault in [
            "320: html-has-lang", "320: document-title", "320: color-contrast", "320: image-alt", "320: link-name",
            "1280: heading-order", "1280: page-has-heading-one", "1280: landmark-one-main", "pixels to scroll sideways",
            "paper: not A4",
        ] {
            #expect(said.contains { $0.contains(fault) }, "\(fault) was not found: \(said)")
        }
    }
}
