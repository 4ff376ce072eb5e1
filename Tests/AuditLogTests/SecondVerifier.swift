import Foundation
import TestSupport
import Testing
import TransparencyLog

@testable import AuditLog

/// `deploy/verify_tables.py`, over tables as they stand in memory, each in a file as psql would give it.
struct SecondVerifier {
    private let folder: String
    private let key: String
    /// Of what each file holds: the kind of alteration, and what our verifier says of it.
    private var told: [(kind: String, ours: String)] = []

    var kinds: [String] { told.map(\.kind) }

    init(_ whole: TamperingTests.Whole) throws {
        folder = Places.folder + "/tables-\(UUID().uuidString)"
        key = whole.signer.verifier.description
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let lines = whole.outside.map { $0.line + "\n" }.joined()
        try lines.write(toFile: folder + "/checkpoints", atomically: false, encoding: .utf8)
    }

    private func file(_ number: Int) -> String { "\(folder)/\(number)" }

    mutating func add(_ source: MemorySource, _ kind: String, ours: String) throws {
        try Data(try source.tables().utf8).write(to: URL(fileURLWithPath: file(told.count)))
        told.append((kind, ours))
    }

    /// One process judges all. Of what is wrong with a note the words may differ, not the checkpoint that is named.
    func expectTheSame(status: Int32 = 1) throws {
        let program = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("deploy/verify_tables.py").path
        let (output, errors) = (folder + "/output", folder + "/errors")
        let process = try ChildProcess(
            "python3",
            ["-B", program, "--key", key, "--checkpoints", folder + "/checkpoints"] + told.indices.map(file),
            environment: Places.environment, output: output, errors: errors)
        #expect(try process.waitForExit(within: .seconds(300)) == status)
        #expect(try String(contentsOfFile: errors, encoding: .utf8) == "")
        let theirs = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
        #expect(theirs.count == told.count)
        for (number, ((kind, ours), theirs)) in zip(told, theirs).enumerated() where ours != theirs {
            let named = ours.prefixMatch(of: /checkpoint \d+:/)?.output
            #expect(named != nil && theirs.hasPrefix(named!), "\(number), \(kind): \(theirs) / \(ours)")
        }
    }
}

extension MemorySource {
    /// As `deploy/audit_tables.sql` gives them.
    func tables() throws -> String {
        var lines: [String] = []
        func add(_ table: String, _ row: [String: Any?]) throws {
            let row = row.mapValues { $0 ?? NSNull() }
            let data = try JSONSerialization.data(withJSONObject: [table: row], options: [.sortedKeys])
            lines.append(String(decoding: data, as: UTF8.self))
        }
        func hex(_ bytes: [UInt8]) -> String {
            "\\x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        let headLog = headLog()
        for row in headLog.checkpoints { try add("checkpoint", ["size": row.size, "note": row.note]) }
        for row in headLog.heads {
            let head = row.head
            try add(
                "head",
                [
                    "position": row.position, "cluster": head.cluster, "topic": head.topic,
                    "partition": head.partition, "size": head.size, "root": hex(head.root.bytes),
                ])
        }
        for (log, rows) in subtreeRows.sorted(by: { $0.key < $1.key }) {
            for row in rows {
                try add(
                    "subtree",
                    ["log_id": log, "height": row.height, "position": row.position, "root": hex(row.root)])
            }
        }
        for log in logRows.sorted(by: { $0.id < $1.id }) {
            try add(
                "log",
                [
                    "log_id": log.id, "cluster": log.cluster, "topic": log.topic, "partition": log.partition,
                    "size": log.size, "frontier": hex(log.frontier), "root": hex(log.root), "archived": log.archived,
                ])
        }
        let losses = Set(logRows.filter { $0.topic == AcceptedLoss.topic }.map(\.id))
        for (table, logs) in [("loss", entries.filter { losses.contains($0.key) }), ("entry", entries)] {
            for (log, rows) in logs.sorted(by: { $0.key < $1.key }) {
                for row in rows.sorted(by: { $0.index < $1.index }) {
                    let texts = row.columns.texts
                    try add(
                        table,
                        [
                            "log_id": log, "leaf_index": row.index, "kafka_offset": row.columns.offset,
                            "kafka_timestamp_ms": row.columns.timestamp, "event_type": texts[0],
                            "event_source": texts[1], "event_id": texts[2], "authority": texts[3], "subject": texts[4],
                            "correlation_id": texts[5], "key_id": row.columns.keyId, "sealed": hex(row.sealed),
                            "leaf_hash": hex(row.leafHash),
                        ])
                }
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
