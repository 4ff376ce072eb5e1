import Foundation
import StatutoryRules

/// The table of a benchmark: medians, ratios, and each bound beside what was reached.
struct BenchReport {
    let rounds: Int
    private let out = Terminal.out
    private var bounds: [(text: String, reached: String, isKept: Bool)] = []
    private var peaks: [(name: String, kibibytes: Int)] = []

    init(rounds: Int) { self.rounds = rounds }

    var isMissed: Bool { bounds.contains { !$0.isKept } }

    func head(_ data: BenchData, configuration: Configuration, cluster: BenchCluster) throws {
        let moves = try data.dutyMoves(under: configuration).values
        let share = Double(moves.reduce(0) { $0 + $1.moving }) / Double(max(1, moves.reduce(0) { $0 + $1.events }))
        out.print(
            out.strong(
                "Quorate bench, \(ProcessInfo.processInfo.activeProcessorCount) cores, median of \(rounds) rounds"))
        out.print(try cluster.describe())
        out.print(
            "\(data.count) events of \(data.meanBytes) bytes in the mean, \(data.caseCount) cases, "
                + "\(BenchTopic.partitions) partitions; \(percent(share)) of the events set, move or meet duties")
    }

    // MARK: Parts

    mutating func auditing(_ runs: [BenchContender: [BenchRun]]) {
        title("Auditing, against the lanes")
        rows(runs)
        let worker = medianRate(runs[.auditing])
        bound("auditing, at least 0.6 × (b)", worker / medianRate(runs[.laneB]), atLeast: 0.6)
        if runs[.laneC] != nil {
            bound("auditing, at least 1.5 × (c)", worker / medianRate(runs[.laneC]), atLeast: 1.5)
        } else {
            bounds.append(("auditing, at least 1.5 × (c)", "not measured", false))
        }
    }

    /// Of scheduling or reporting, whose work on an event grows with what the case has already.
    mutating func casework(
        _ worker: BenchContender, _ runs: [BenchContender: [BenchRun]], _ order: BenchData.Order
    ) {
        let name = order == .byCase ? "case by case" : "in order of time"
        title(
            "\(worker.rawValue.capitalized), \(name) "
                + (order == .byCase ? "(a backfill)" : "over the open cases"))
        rows(runs)
        if worker == .scheduling, let run = runs[.scheduling]?.first {
            out.print(
                "  outcomes written: \(run.outcomes), of which \(run.unsent) were not yet acknowledged by Kafka at the end"
            )
        }
        let least = order == .byCase ? 0.25 : 0.10
        bound(
            "\(worker.rawValue) \(name), at least \(fixed(least, 2)) × (b)",
            medianRate(runs[worker]) / medianRate(runs[.laneB]), atLeast: least)
    }

    mutating func figures(_ name: String, _ figures: [BenchFigure]) {
        title(name)
        for figure in figures {
            out.print("  \(figure.name.padded(to: 62)) \(figure.reached.padded(leftTo: 16))   \(figure.bound)")
            if let holds = figure.holds { bounds.append(("\(figure.name), \(figure.bound)", figure.reached, holds)) }
        }
    }

    mutating func scale(_ result: BenchScale.Result) {
        title("Scheduling with many open cases")
        for (cases, run, inBatch) in [
            (result.fewCases, result.few, result.fewInBatch), (result.manyCases, result.many, result.manyInBatch),
        ] {
            let micros = run.steadySeconds / Double(run.events) * 1e6
            out.print(
                "  \("\(cases) open cases".padded(to: 22)) \(fixed(micros, 0)) µs CPU an event (worker and server, "
                    + "\(run.events) events, \(inBatch) cases in 2000 events), \(Int(run.rate)) events/s")
        }
        peaks.append(("scheduling, \(result.manyCases) cases", result.many.peakKibibytes))
        let few = result.few.steadySeconds / Double(result.few.events)
        let many = result.many.steadySeconds / Double(result.many.events)
        bound(
            "CPU an event at \(result.manyCases) open cases, at most 1.5 × \(result.fewCases)", many / few, atMost: 1.5)
    }

    mutating func startUp(_ runs: [BenchContender: [BenchRun]]) {
        title("Start")
        for (contender, runs) in runs.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let joining = median(runs.map(\.start.joining))
            let first = median(runs.map { $0.start.firstBatch ?? .infinity })
            out.print(
                "  \(contender.rawValue.padded(to: 22)) joining after \(fixed(joining, 0)) ms, "
                    + "first batch committed \(fixed(first, 0)) ms after the first partition was claimed")
            bound("\(contender.rawValue) asks to join, within 500 ms", joining, atMost: 500, unit: " ms")
            bound("\(contender.rawValue) first batch, within 1000 ms", first, atMost: 1_000, unit: " ms")
            peaks.append((contender.rawValue, runs.map(\.peakKibibytes).max() ?? 0))
        }
    }

    mutating func verdict() {
        let workers = Dictionary(grouping: peaks) { $0.name }
        for (name, list) in workers.sorted(by: { $0.key < $1.key }) {
            let peak = Double(list.map(\.kibibytes).max() ?? 0) / 1024
            bound("\(name): resident peak, at most 150 MiB", peak, atMost: 150, unit: " MiB")
        }
        title("Bounds")
        for bound in bounds {
            let mark = bound.isKept ? out.good("ok") : out.bad("missed")
            out.print("  \(bound.text.padded(to: 62)) \(bound.reached.padded(leftTo: 12))  \(mark)")
        }
    }

    // MARK: Rows

    private mutating func rows(_ runs: [BenchContender: [BenchRun]]) {
        out.print(
            "  \("".padded(to: 18))"
                + ["events/s", "seconds", "CPU s", "server CPU s", "peak MiB", "× (b)", "× (c)"]
                .map { $0.padded(leftTo: 13) }.joined())
        let b = medianRate(runs[.laneB])
        let c = runs[.laneC].map { medianRate($0) }
        for contender in BenchContender.allCases {
            guard let runs = runs[contender] else { continue }
            let rate = medianRate(runs)
            let cells = [
                fixed(rate, 0), fixed(median(runs.map(\.seconds)), 2), fixed(median(runs.map(\.processSeconds)), 2),
                fixed(median(runs.map(\.serverSeconds)), 2),
                contender.worker == nil ? "" : fixed(Double(runs.map(\.peakKibibytes).max() ?? 0) / 1024, 0),
                fixed(rate / b, 2), c.map { fixed(rate / $0, 2) } ?? "",
            ]
            out.print("  \(contender.rawValue.padded(to: 18))" + cells.map { $0.padded(leftTo: 13) }.joined())
            if contender.worker != nil { peaks.append((contender.rawValue, runs.map(\.peakKibibytes).max() ?? 0)) }
        }
    }

    private mutating func bound(_ text: String, _ value: Double, atLeast least: Double) {
        bounds.append((text, fixed(value, 2), value >= least))
    }

    private mutating func bound(_ text: String, _ value: Double, atMost most: Double, unit: String = "") {
        bounds.append((text, fixed(value, unit.isEmpty ? 2 : 0) + unit, value <= most))
    }

    private func title(_ text: String) { out.print("\n" + out.strong(text)) }

    private func medianRate(_ runs: [BenchRun]?) -> Double { median((runs ?? []).map(\.rate)) }

    private func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    private func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

    private func percent(_ share: Double) -> String { fixed(share * 100, 0) + " %" }
}
