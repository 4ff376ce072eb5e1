import CaseEvents
import Foundation
import StatutoryRules

/// One measurement beside its bound.
struct BenchFigure {
    let name: String
    let reached: String
    let bound: String
    /// `nil` where nothing is bounded.
    let holds: Bool?

    /// Of this thread on a core so far: what else the machine does is not counted.
    static var threadSeconds: Double {
        var now = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
}

/// Measures the pure part on one core: decoding, assessing, and adding working days beside numpy.
struct RulesBenchmark {
    let lanes: String
    let configuration: Configuration

    func run(_ progress: (String) -> Void) throws -> [BenchFigure] {
        progress("generating histories")
        var lines: [[UInt8]] = []
        let year = Day("2025-01-06")!
        HistoryGenerator(
            seed: 7, cases: 2_000, from: year, to: year.adding(days: 600), authorities: [],
            isWorkingDay: configuration.calendar.isWorkingDay
        ).generate { lines.append(Array($0.utf8)) }
        progress("decoding")
        let (decoding, facts) = decode(lines)
        progress("assessing")
        let assessing = assess(facts)
        progress("adding working days")
        return [decoding, assessing] + (try addDays())
    }

    private func decode(_ lines: [[UInt8]]) -> (BenchFigure, [String: [Fact]]) {
        var facts: [String: [Fact]] = [:]
        var seconds: [Double] = []
        for round in 0..<5 {
            seconds.append(
                elapsed {
                    for line in lines {
                        guard let event = try? Contract.decode(line: line), round == 0 else { continue }
                        facts["\(event.envelope.authority)/\(event.envelope.subject)", default: []].append(event.fact)
                    }
                })
        }
        let micros = seconds.sorted()[2] / Double(lines.count) * 1e6
        return (
            BenchFigure(
                name: "decoding an event", reached: String(format: "%.1f µs", micros), bound: "at most 5 µs",
                holds: micros <= 5), facts
        )
    }

    /// Cases of about thirty facts, under every row of the policy that has most.
    private func assess(_ facts: [String: [Fact]]) -> BenchFigure {
        let files = facts.values.filter { (27...33).contains($0.count) }
            .map { CaseFile(authority: "E09000028", subject: "case", facts: $0) }
        let asOf = Instant("2026-06-01T09:00:00Z")!
        var rows = 0
        var seconds: [Double] = []
        let repeats = max(1, 2_000 / max(1, files.count))
        for _ in 0..<5 {
            seconds.append(
                elapsed {
                    for _ in 0..<repeats {
                        for file in files {
                            rows += StatutoryRules.assess(file, under: configuration, asOf: asOf).deadlines.count
                        }
                    }
                })
        }
        let rate = Double(files.count * repeats) / seconds.sorted()[2]
        return BenchFigure(
            name:
                "assessing 30 facts (london, \(files.count) cases, \(rows / 5 / repeats / max(1, files.count)) duties each)",
            reached: "\(Int(rate)) a second", bound: "at least 20000", holds: rate >= 20_000)
    }

    private func addDays() throws -> [BenchFigure] {
        let calendar = configuration.calendar
        var random = SampleRandom(seed: 11)
        let first = Day("2018-01-01")!
        let dates = (0..<1_000_000).map { _ in first.adding(days: Int(random.unit() * 3_600)) }
        let counts = (0..<1_000_000).map { _ in 1 + Int(random.unit() * 30) }
        var (best, sum) = (Double.infinity, 0)
        for _ in 0..<5 {
            var total = 0
            best = min(
                best,
                elapsed {
                    for place in dates.indices {
                        total += calendar.landing(counts[place], from: dates[place])?.number ?? 0
                    }
                })
            sum = total
        }
        let ours = best / Double(dates.count) * 1e9
        guard let (theirs, theirSum) = try numpy(calendar, dates, counts) else {
            return [
                BenchFigure(
                    name: "adding working days", reached: String(format: "%.1f ns", ours),
                    bound: "numpy is not installed",
                    holds: nil)
            ]
        }
        return [
            BenchFigure(
                name: "adding working days", reached: String(format: "%.1f ns", ours),
                bound: String(format: "numpy.busday_offset: %.1f ns", theirs), holds: ours <= theirs),
            BenchFigure(
                name: "a million results equal", reached: "\(sum)", bound: "\(theirSum)", holds: sum == theirSum),
        ]
    }

    private func numpy(_ calendar: WorkingCalendar, _ dates: [Day], _ counts: [Int]) throws -> (Double, Int)? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", lanes + "/busday.py"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let texts = [calendar.holidays.map(\.day.description), dates.map(\.description), counts.map(String.init)]
        for text in texts {
            try? input.fileHandleForWriting.write(contentsOf: Data((text.joined(separator: " ") + "\n").utf8))
        }
        try? input.fileHandleForWriting.close()
        let answer = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let words = answer.split { $0 == " " || $0 == "\n" }
        guard words.count == 2, let nanoseconds = Double(words[0]), let sum = Int(words[1]) else { return nil }
        return (nanoseconds, sum)
    }

    private func elapsed(_ work: () -> Void) -> Double {
        let start = BenchFigure.threadSeconds
        work()
        return BenchFigure.threadSeconds - start
    }
}
