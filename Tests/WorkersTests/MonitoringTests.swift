import CaseEvents
import Foundation
import Testing

@testable import Workers

/// The alerts and the dashboard in `deploy/`: promtool's own checks and the rules' unit tests, and no name of a metric that
/// no worker exports.
@Suite struct MonitoringTests {
    private static let deploy = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("deploy")

    @Test(arguments: [["check", "rules", "alerts.yaml"], ["test", "rules", "alerts_test.yaml"]])
    func promtoolIsContent(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["promtool"] + arguments
        process.currentDirectoryURL = Self.deploy.appendingPathComponent("prometheus")
        let pipe = Pipe()
        (process.standardOutput, process.standardError) = (pipe, pipe)
        try process.run()
        let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(said)")
        #expect(said.contains("SUCCESS"), "\(said)")
    }

    @Test func everyMetricThatIsAskedForIsExported() throws {
        let state = WorkerState()
        state.setLag(["case-events/0": 1])
        state.setGauges([.messagesWaiting([:]), .notifyReceipts([:])])
        let exported = state.prometheus(worker: .scheduling)
        // Figures of one service, which its sources name.
        let services = try ["Auditing/CheckpointWriter.swift", "Reporting/ReadModels/SourceModel.swift"].map { name in
            try String(
                contentsOf: Self.deploy.deletingLastPathComponent().appendingPathComponent("Services/\(name)"),
                encoding: .utf8)
        }.joined()
        let rules = try String(
            contentsOf: Self.deploy.appendingPathComponent("prometheus/alerts.yaml"), encoding: .utf8)
        let board = try String(contentsOf: Self.deploy.appendingPathComponent("grafana/quorate.json"), encoding: .utf8)
        for (text, least) in [(rules, 6), (board, 7)] {
            let names = Set(text.matches(of: /\b(?:quorate|kafka)_[a-z_]+/).map { String($0.output) })
            #expect(names.count >= least)
            for name in names {
                let isOwn = services.contains("name: \"\(name)\"")
                #expect(exported.contains("# TYPE \(name) ") || isOwn, "no worker exports \(name)")
            }
        }
    }

    /// Every panel says what it means, and asks something.
    @Test func theDashboardIsWhole() throws {
        let board = try JSONValue(
            String(contentsOf: Self.deploy.appendingPathComponent("grafana/quorate.json"), encoding: .utf8))
        let panels = board["panels"].map { Array($0.elements) } ?? []
        #expect(panels.count == 9)
        for panel in panels {
            #expect(panel["description"]?.string?.isEmpty == false)
            let targets = panel["targets"].map { Array($0.elements) } ?? []
            #expect(!targets.isEmpty && targets.allSatisfy { $0["expr"]?.string?.isEmpty == false })
        }
    }
}
