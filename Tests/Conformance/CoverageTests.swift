import Foundation
import StatutoryRules
import Testing

/// Every row of the rulebook is decided somewhere and shown by a case, and docs/rules.md says where.
@Suite("Coverage")
struct CoverageTests {
    @Test func everyRowHasCodeAndACase() {
        let coverage = Coverage()
        for row in Rulebook.rows where !row.demandsNothing {
            #expect(!coverage.code(row.id).isEmpty, "\(row.id) is decided nowhere: \(row.text)")
            #expect(!coverage.cases(row.id).isEmpty, "\(row.id) has no case: \(row.text)")
        }
    }

    @Test func everyDeadlineIsShownMetAndMissed() throws {
        var met: Set<String> = []
        var missed: Set<String> = []
        for example in ConformanceCase.all {
            for row in try example.assessment().deadlines where example.rules.contains(row.rule) {
                if row.state == .met { met.insert(row.rule) }
                if row.state == .missed || row.state == .metLate { missed.insert(row.rule) }
            }
        }
        var dated: Set<String> = []
        for name in Configuration.packaged.policyNames {
            for entry in Configuration.packaged.report(on: name)?.entries ?? [] where entry.section == "limits" {
                if Rulebook.row(entry.rule) != nil { dated.insert(entry.rule) }
            }
        }
        // Never binding alone: the statute's or another row's date comes with it, and names it superseded.
        // A cadence dates no duty: findings and prompts follow it.
        dated.subtract(["LON-1.10b", "LIN-2.7a"])
        let companions = Set(ConformanceCase.all.flatMap(\.supersededRules))
        #expect(dated.subtracting(met).subtracting(companions).sorted() == [])
        #expect(dated.subtracting(missed).subtracting(companions).sorted() == [])
    }

    @Test func casesNameRowsThatExist() {
        let known = Set(Rulebook.rows.map(\.id))
        for example in ConformanceCase.all {
            #expect(Set(example.rules).subtracting(known).sorted() == [], "\(example.file): \(example.name)")
        }
    }

    @Test func thePageIsUpToDate() throws {
        let page = Places.root.appending(path: "docs/rules.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let mark = "<!-- generated below: QUORATE_WRITE_GOLDEN=1 -->\n"
        let parts = text.components(separatedBy: mark)
        try #require(parts.count == 2, "docs/rules.md has lost its mark")
        let table = Coverage().page
        if ProcessInfo.processInfo.environment["QUORATE_WRITE_GOLDEN"] == "1" {
            try (parts[0] + mark + table).write(to: page, atomically: true, encoding: .utf8)
        } else {
            #expect(parts[1] == table, "run the tests with QUORATE_WRITE_GOLDEN=1 and read what changed")
        }
    }
}

extension Rulebook.Row {
    /// Information, or a list that is lost with nothing left of it.
    var demandsNothing: Bool { reasonForNothing != nil }

    /// Why there is nothing to decide; `nil` where there is.
    var reasonForNothing: String? {
        switch strength {
        case .information: "information: nothing to decide"
        case .lost: "text lost: nothing to decide"
        default: Rulebook.Row.silent[id]
        }
    }

    private static let silent = [
        "LON-4.1a": "standards lost (G19): nothing to decide",
        "LON-5.7c": "not to be seen in any record: nothing to decide",
        "LON-7.12": "stands in the invitation's text: nothing to decide",
        "LON-8.2": "list lost (G25): asked for where a policy configures `plan.checklist`",
        "LON-8.3": "list lost (G26): nothing to decide",
        "LON-9.8a": "list lost (G30): nothing to decide",
        "LON-12.1": "subjects lost (G34): any code is taken",
        "LON-14.2": "arrangements lost (G35): nothing to decide",
        "LON-14.12": "the agencies' own retention: outside the system",
        "LON-14.14": "duties lost (G36): the post itself is the directory's",
        "LIN-7.4": "decision process in a chapter that is not supplied (G37): nothing to decide",
    ]
}

extension ConformanceCase {
    /// Rules that the case expects to lose to a sooner one.
    var supersededRules: [String] {
        expect.map { $0.text.split(separator: " ").map(String.init) }
            .filter { $0.first == "deadline" && $0.contains("superseded") }.map { $0[1] }
    }
}

enum Places {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
}

/// Where the ids of the rulebook stand.
struct Coverage {
    /// Row to file names.
    private var codePlaces: [String: Set<String>] = [:]
    private var casePlaces: [String: [String: Int]] = [:]
    private var policies: [String: [String]] = [:]

    init() {
        let known = Set(Rulebook.rows.map(\.id))
        for folder in ["Shared/StatutoryRules/Rules", "Shared/StatutoryRules/Policies", "Services"] {
            for (name, text) in Coverage.files(in: folder) where name.hasSuffix(".swift") || name.hasSuffix(".yaml") {
                for id in Coverage.ids(in: text, known) { codePlaces[id, default: []].insert(name) }
            }
        }
        for example in ConformanceCase.all {
            for id in example.rules { casePlaces[id, default: [:]][example.file, default: 0] += 1 }
        }
        for folder in ["Tests/SystemTests", "Tests/StatutoryRulesTests", "Tests/QuorateTests"] {
            for (name, text) in Coverage.files(in: folder) where name.hasSuffix(".swift") {
                for id in Coverage.ids(in: text, known) {
                    casePlaces[id, default: [:]][String(name.dropLast(6)), default: 0] += 1
                }
            }
        }
        for name in Configuration.packaged.policyNames {
            for (row, _, provenance) in Configuration.packaged.report(on: name)?.rows ?? [] {
                policies[row.id, default: []].append(provenance == .borrowed ? "(\(name))" : name)
            }
        }
    }

    func code(_ id: String) -> [String] {
        // A policy's value alone decides nothing: where there is code it is named first.
        let places = (codePlaces[id] ?? []).sorted {
            ($0.hasSuffix(".yaml") ? 1 : 0, $0) < ($1.hasSuffix(".yaml") ? 1 : 0, $1)
        }
        return places
    }

    func cases(_ id: String) -> [String] {
        (casePlaces[id] ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    }

    /// One line a row.
    var page: String {
        var page = ""
        var prefix = ""
        for row in Rulebook.rows {
            if row.prefix != prefix {
                prefix = String(row.prefix)
                page +=
                    "\n## \(prefix)\n\n| row | what | strength | decided in | in force | cases |\n|---|---|---|---|---|---|\n"
            }
            let lost = row.lost.isEmpty ? "" : " [\(row.lost.joined(separator: ", "))]"
            let places =
                row.reasonForNothing ?? code(row.id).filter { $0.hasSuffix(".swift") }.joined(separator: ", ")
            let data = code(row.id).contains { $0.hasSuffix(".yaml") } ? "policies" : ""
            let place = [places, row.demandsNothing ? "" : data].filter { !$0.isEmpty }.joined(separator: ", ")
            page += "| \(row.id) | \(row.text)\(lost) | \(row.strength.rawValue) | \(place) | "
            page += "\((policies[row.id] ?? []).joined(separator: ", ")) | \(cases(row.id).joined(separator: ", ")) |\n"
        }
        return page
    }

    private static func files(in folder: String) -> [(String, String)] {
        let base = Places.root.appending(path: folder)
        guard let walker = FileManager.default.enumerator(atPath: base.path) else { return [] }
        return walker.compactMap { $0 as? String }.sorted().compactMap { path in
            guard let text = try? String(contentsOf: base.appending(path: path), encoding: .utf8) else { return nil }
            return ((path as NSString).lastPathComponent, text)
        }
    }

    /// The ids that stand in a text as whole words.
    private static func ids(in text: String, _ known: Set<String>) -> Set<String> {
        let words = text.split { !($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") }
        return Set(words.lazy.map { String($0.trimmingSuffix { $0 == "." || $0 == "-" }) }.filter(known.contains))
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> Substring {
        var text = self
        while let last = text.last, isTrimmed(last) { text.removeLast() }
        return text
    }
}
