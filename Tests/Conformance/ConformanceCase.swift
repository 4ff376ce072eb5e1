import CaseEvents
import Foundation
import StatutoryRules
import Testing
import Yams

/// One case as data.
///
///     - case: ten weeks before the delivery date, and held in time
///       rules: [LON-1.16a]
///       policy: london
///       given:
///         - 2026-01-05 10:00 pregnancy.recorded: {edd: 2026-04-20}
///         - 2026-02-02 10:00 conference.held: {conferenceType: prebirth}
///       asOf: 2026-03-01
///       expect:
///         - deadline LON-1.16a due 2026-02-09 met on 2026-02-02
///         - no finding LON-1.12
///
/// The time of an event is London's, and fills the field that gives the event's own instant; a date alone is a bare
/// date. An id that the type needs and the line leaves out is K for a child, C for a conference, P for a plan, and so on.
/// `id`, `supersedes`, `retracts` and `recorded` are of the envelope. `asOf` as a date is the end of that London day.
struct ConformanceCase: Sendable, CustomTestStringConvertible {
    let file: String
    let name: String
    let rules: [String]
    let policy: String
    let lines: [String]
    let asOf: Instant
    let expect: [Expectation]

    var testDescription: String { "\(file): \(name)" }

    static let all: [ConformanceCase] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "cases")
        let names = try! FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }
        return names.sorted().flatMap { name -> [ConformanceCase] in
            let text = try! String(contentsOf: folder.appending(path: name), encoding: .utf8)
            do {
                return try (Yams.compose(yaml: text)?.sequence ?? []).map {
                    try ConformanceCase(String(name.dropLast(5)), $0)
                }
            } catch {
                fatalError("\(name): \(error)")
            }
        }
    }()

    struct Mistake: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    init(_ file: String, _ node: Node) throws {
        self.file = file
        guard let name = node["case"]?.string else { throw Mistake("a case has no name (key `case`)") }
        self.name = name
        let keys: Set = ["case", "rules", "policy", "given", "asOf", "expect", "because"]
        for key in node.mapping?.keys.compactMap(\.string) ?? [] where !keys.contains(key) {
            throw Mistake("\(name): `\(key)` is no key of a case")
        }
        rules = node["rules"]?.sequence?.compactMap(\.string) ?? []
        policy = node["policy"]?.string ?? "england"
        guard let until = node["asOf"]?.string else { throw Mistake("\(name): no asOf") }
        asOf = try ConformanceCase.instant(until, isEnd: true)
        lines = try (node["given"]?.sequence ?? []).enumerated().map { place, event in
            try GivenEvent(event, place: place, of: name).line
        }
        expect = try (node["expect"]?.sequence ?? []).map { try Expectation($0.string ?? "", of: name) }
        guard !rules.isEmpty, !expect.isEmpty else { throw Mistake("\(name): no rules, or nothing expected") }
    }

    /// What the events come to; `arranged` puts them into another order.
    func assessment(_ arranged: ([Fact]) -> [Fact] = { $0 }) throws -> Assessment {
        var facts: [Fact] = []
        for line in lines {
            do {
                facts.append(try Contract.decode(line: Array(line.utf8)).fact)
            } catch {
                throw Mistake("\(name): \(error) in \(line)")
            }
        }
        guard let configuration = Configuration.packaged.using(policy: policy) else {
            throw Mistake("no policy \(policy)")
        }
        let file = CaseFile(authority: "E06000030", subject: "case", facts: arranged(facts))
        return assess(file, under: configuration, asOf: asOf)
    }

    /// `2026-01-05`, `2026-01-05 10:00` (London), or RFC 3339.
    static func instant(_ text: String, isEnd: Bool = false) throws -> Instant {
        if let day = Day(text) { return isEnd ? London.end(of: day) : London.start(of: day) }
        if let instant = Instant(text) { return instant }
        let parts = text.split(separator: " ")
        guard parts.count == 2, let day = Day(String(parts[0])) else { throw Mistake("\(text) is no time") }
        let clock = parts[1].split(separator: ":").compactMap { Int($0) }
        guard clock.count == 2 else { throw Mistake("\(text) is no time") }
        return London.instant(on: day, hour: clock[0], minute: clock[1])
    }
}
