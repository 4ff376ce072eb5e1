import TestSupport
import Testing

/// Shuffles of case histories with repeats, each copy a case of its own, all through one system at once.
@Suite struct OrderTests {
    private static let copies = 34
    private static let seed: UInt64 = 20_260_106

    @Test func anyOrderWithRepeatsGivesTheSameRows() async throws {
        let lines = try TestSystem.sample(cases: 30, seed: 11)
        let histories = Dictionary(grouping: lines) { TestSystem.attribute("subject", of: $0)! }
        #expect(histories.count == 30)
        #expect(lines.contains { $0.contains("\"supersedes\"") || $0.contains("\"retracts\"") })
        var random = SeededRandom(seed: Self.seed)
        var shuffled: [String] = []
        for copy in 1...Self.copies { shuffled += lines.map { Self.renamed($0, copy) } }
        for _ in 0..<shuffled.count / 5 { shuffled.append(shuffled.randomElement(using: &random)!) }
        shuffled.shuffle(using: &random)
        let sent = shuffled

        try await TestSystem.with { system in
            try system.publish(sent)
            try system.start([.scheduling])
            try system.waitUntilCaughtUp(within: .seconds(400))
            #expect(try system.number("SELECT count(*) FROM scheduling.quarantine") == 0)
            #expect(try system.number("SELECT count(*) FROM scheduling.fact") == distinct(sent))
            let now = try system.now()
            let expected = try system.evaluate(lines, asOf: now)
            let (rows, evaluated) = (try system.rows(), try system.evaluate(sent, asOf: now))
            #expect(rows.count == 30 * Self.copies)
            for (subject, wanted) in expected {
                for copy in 1...Self.copies {
                    let name = subject + Self.mark(copy)
                    let plain = { (text: String) in text.replacing(Self.mark(copy), with: "") }
                    #expect(rows[name]?.mapped(plain) == wanted, "rows of \(name), seed \(Self.seed)")
                    #expect(evaluated[name]?.mapped(plain) == wanted, "evaluate of \(name), seed \(Self.seed)")
                }
            }
        }
    }

    private static func mark(_ copy: Int) -> String { "~\(copy)~" }

    /// A copy of its own: case reference and ids of events get a mark that keeps their order.
    private static func renamed(_ line: String, _ copy: Int) -> String {
        var line = line
        for name in ["id", "subject", "supersedes", "retracts"] {
            guard let value = TestSystem.attribute(name, of: line) else { continue }
            line = line.replacing("\"\(name)\":\"\(value)\"", with: "\"\(name)\":\"\(value)\(mark(copy))\"")
        }
        return line
    }
}
