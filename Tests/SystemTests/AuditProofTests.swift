import AuditLog
import Foundation
import TestSupport
import Testing
import TransparencyLog
import Workers

/// Proofs for those who have no database, judged by our verifier and by the second one.
@Suite struct AuditProofTests {
    private static let secondVerifier = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("deploy/verify_bundle.py").path

    /// A system of two partitions with 60 entries in two checkpoints, and the public key.
    private static func withBundles(_ body: @escaping @Sendable (TestSystem, String) throws -> Void) async throws {
        try await TestSystem.with(.init(partitions: 2)) { system in
            try system.start([.scheduling, .auditing])
            for round in 0..<2 {
                try system.publish((0..<30).map { discussion("event-\(round)-\($0)", case: "C-\($0)") })
                try system.waitUntilCaughtUp()
                try system.waitForCheckpoint()
            }
            try body(system, try system.strings("SELECT verifier FROM auditing.signing_key")[0])
        }
    }

    private static func export(_ system: TestSystem) throws -> [String] {
        let today = try system.strings("SELECT to_char(now() AT TIME ZONE 'Europe/London', 'YYYY-MM-DD')")[0]
        let result = try system.quorate("audit", "export", "--from", today, "--to", today)
        return result.lines
    }

    @Test func everyEntryIsProved() async throws {
        try await Self.withBundles { system, key in
            let rows = try system.connection.execute(
                """
                SELECT l.topic || '/' || l.partition || '/' || e.kafka_offset AS place, e.event_id
                  FROM auditing.entry e JOIN auditing.log l USING (log_id) ORDER BY e.log_id, e.leaf_index
                """)
            for row in [rows.first!, rows[rows.count / 2], rows.last!] {
                for name in [row.string("place"), row.string("event_id")] {
                    let proof = try system.quorate("audit", "prove", name).output
                    #expect(proof.contains("\"inclusion\""))
                    let file = system.folder + "/proof.jsonl"
                    try proof.write(toFile: file, atomically: true, encoding: .utf8)
                    let verdict = try system.quorate("audit", "verify-bundle", file, "--key", key)
                    #expect(verdict.output.hasPrefix("1 entries in 1 logs are in the log whose checkpoint"))
                    let second = try system.run([Self.secondVerifier, "--key", key, file], program: "python3")
                    #expect(second.status == 0 && second.output == verdict.output, "\(second.output) \(second.errors)")
                }
            }
            try system.quorate("audit", "prove", "case-events/0/100000", exits: 2)
        }
    }

    @Test func checkpointsAreConsistent() async throws {
        try await Self.withBundles { system, _ in
            let sizes = try system.strings("SELECT size::text FROM auditing.checkpoint c ORDER BY c.size")
            let note = try system.strings("SELECT note FROM auditing.checkpoint ORDER BY size")[0]
            let file = system.folder + "/checkpoint"
            try note.write(toFile: file, atomically: true, encoding: .utf8)
            for first in [sizes[0], file] {
                let told = try system.quorate("audit", "consistency", first, sizes.last!)
                #expect(told.output.contains("checkpoint \(sizes.last!) adds "))
            }
            try system.quorate("audit", "consistency", sizes.last!, sizes[0], exits: 2)
            let stranger = try NoteSigner(name: "quorate.test/audit").verifier.description
            let refused = try system.quorate(
                "audit", "consistency", sizes[0], sizes.last!, "--key", stranger, exits: 1)
            #expect(refused.output.contains("is signed by no key that is trusted"))
            // Another history, signed by the right key: beside the first checkpoint, the last, and beyond it.
            let signers = try SignerFile.read(system.environment(of: .auditing)["QUORATE_AUDIT_KEY_FILE"]!)
            func fork(_ size: String) throws -> String {
                let other = Checkpoint(origin: signers[0].verifier.name, size: UInt64(size)!, root: .leaf([1]))
                let note = try SignedNote(signing: other.text, by: signers).description
                return try system.write("fork-\(size)", note)
            }
            let (first, last) = (sizes[0], sizes.last!)
            let beyond = "\(UInt64(last)! + 1)"
            for (old, new) in [(try fork(first), last), (first, try fork(last)), (try fork(last), last)] {
                let told = try system.quorate("audit", "consistency", old, new, exits: 1)
                #expect(told.output.contains("does not add to checkpoint"), "\(old) \(new): \(told.output)")
            }
            let told = try system.quorate("audit", "consistency", first, try fork(beyond), exits: 1)
            #expect(told.output.contains("are not whole"), "\(told.output)")
        }
    }

    /// 1,000 alterations of an exported part: both verifiers find each, and name the same entry.
    @Test func bothVerifiersFindEveryAlteration() async throws {
        try await Self.withBundles { system, key in
            let whole = try Self.export(system)
            let file = system.folder + "/bundle.jsonl"
            try (whole.joined(separator: "\n") + "\n").write(toFile: file, atomically: true, encoding: .utf8)
            let verdict = try system.quorate("audit", "verify-bundle", file, "--key", key)
            let second = try system.run([Self.secondVerifier, "--key", key, file], program: "python3")
            #expect(second.status == 0 && second.output == verdict.output, "\(second.output) \(second.errors)")

            var random = SeededGenerator(seed: 3)
            let entries = whole.indices.filter { whole[$0].hasPrefix("{\"authority\"") }
            let verifier = BundleVerification(keys: [try NoteVerifier(key)])
            var files: [String] = []
            var ours: [String] = []
            for number in 0..<1_000 {
                let place = entries.randomElement(using: &random)!
                var lines = whole
                switch number % 9 {
                case 0: lines[place] = try Self.alter(lines[place], &random)
                case 1: lines.remove(at: place)
                case 2: lines.insert(lines[place], at: place)
                case 3:
                    let other = entries.filter { $0 != place }.randomElement(using: &random)!
                    lines.swapAt(place, other)
                case 4: lines.removeSubrange(place...)
                case 5: try Self.replay(place, &lines)
                case 6: try Self.rewrite(place, &lines)
                case 7:
                    try Self.rewrite(place, &lines)
                    try Self.sign(&lines, by: NoteSigner(name: "quorate.test/audit"))
                default: lines[0] = try Self.alter(lines[0], &random)
                }
                let data = lines.map { Data($0.utf8) }
                do {
                    _ = try verifier.run(data)
                    Issue.record("alteration \(number) was not found")
                } catch let fault as AuditFault { ours.append(fault.description) }
                files.append("\(system.folder)/altered-\(number)")
                try (lines.joined(separator: "\n") + "\n").write(
                    toFile: files.last!, atomically: false, encoding: .utf8)
            }
            let judged = try system.run([Self.secondVerifier, "--key", key] + files, program: "python3")
            #expect(judged.status == 1)
            #expect(judged.lines.count == 1_000)
            for (number, (told, own)) in zip(judged.lines, ours).enumerated() {
                #expect(!told.contains("unaltered"), "\(number): \(told)")
                guard let named = own.firstMatch(of: /log \S+ entry \d+/), !told.hasPrefix("the bundle is not") else {
                    continue
                }
                #expect(told.contains(named.output), "\(number): \(told) / \(own)")
            }
        }
    }

    /// A bundle says itself what must be in it: a log left out, an end cut off, other bounds are found by both verifiers.
    @Test func nothingCanBeLeftOutOfABundle() async throws {
        try await Self.withBundles { system, key in
            // The first checkpoint as if of the day before yesterday, so that a bundle of today begins after it.
            try system.connection.script(
                """
                SET session_replication_role = 'replica';
                UPDATE auditing.checkpoint SET made_at = made_at - interval '2 days'
                 WHERE size = (SELECT min(size) FROM auditing.checkpoint);
                SET session_replication_role = 'origin';
                """)
            let whole = try Self.export(system)
            let first = try system.number("SELECT min(size) FROM auditing.checkpoint")
            let file = system.folder + "/bundle.jsonl"
            func judge(_ lines: [String], holds: Bool, _ told: String) throws {
                try (lines.joined(separator: "\n") + "\n").write(toFile: file, atomically: true, encoding: .utf8)
                let ours = try system.quorate("audit", "verify-bundle", file, "--key", key, exits: holds ? 0 : 1)
                let second = try system.run([Self.secondVerifier, "--key", key, file], program: "python3")
                #expect(second.output == ours.output && (second.status == 0) == holds, "\(second.output)")
                #expect(ours.output.contains(told), "\(ours.output)")
            }
            let left = try system.number(
                "SELECT (SELECT sum(size) FROM auditing.log)::bigint - (SELECT sum(size) FROM auditing.head WHERE position < \(first))::bigint"
            )
            try judge(whole, holds: true, "\(left) entries in ")
            try judge(whole, holds: true, "after checkpoint \(first) up to checkpoint ")
            let sections = whole.indices.filter { whole[$0].contains("\"entries\"") && $0 > 0 }
            #expect(sections.count > 1)
            for (number, start) in sections.enumerated() {
                let end = number + 1 < sections.count ? sections[number + 1] : whole.count
                var lines = whole
                lines.removeSubrange(start..<end)
                try judge(lines, holds: false, "are missing.")
            }
            try judge(whole.dropLast(), holds: false, "is missing.")
            try judge(whole + [whole.last!], holds: false, "there is more than the checkpoints cover.")
            // Without its beginning it would be a bundle from the first entry on.
            var top = try #require(JSONSerialization.jsonObject(with: Data(whole[0].utf8)) as? [String: Any])
            top["since"] = nil
            func line() throws -> String {
                String(decoding: try JSONSerialization.data(withJSONObject: top, options: .sortedKeys), as: UTF8.self)
            }
            try judge([line()] + whole.dropFirst(), holds: false, "are missing.")
            // Nor can it pass for entries of which nothing is claimed.
            top["whole"] = false
            let cut = try system.run(
                [
                    Self.secondVerifier, "--key", key,
                    try system.write("cut.jsonl", ([line()] + whole.dropFirst()).joined(separator: "\n")),
                ],
                program: "python3")
            #expect(cut.status == 1)
            #expect(throws: AuditFault.self) {
                try BundleVerification(keys: [try NoteVerifier(key)]).run(
                    ([line()] + whole.dropFirst()).map { Data($0.utf8) })
            }
        }
    }

    /// Changes one value of a line: a character of a text, or a number.
    private static func alter(_ line: String, _ random: inout SeededGenerator) throws -> String {
        var object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        // What a bundle of another kind would have is passed over in this one.
        let name = object.keys.filter { $0 != "frontier" && $0 != "inclusion" }.sorted().randomElement(using: &random)!
        if let text = object[name] as? String {
            var characters = Array(text)
            // The last character of base64 may hold bits that count for nothing.
            let place = Int.random(in: 0..<max(1, characters.count - 4), using: &random)
            characters[place] = characters[place] == "A" ? "B" : "A"
            object[name] = String(characters)
        } else if let number = object[name] as? Int {
            object[name] = number + 1
        } else if let snapshot = object[name] as? [String: Any] {
            let text = String(decoding: try JSONSerialization.data(withJSONObject: snapshot), as: UTF8.self)
            object[name] = try JSONSerialization.jsonObject(with: Data(alter(text, &random).utf8))
        } else if var heads = object[name] as? [[String: Any]] {
            let place = heads.indices.randomElement(using: &random)!
            heads[place]["size"] = (heads[place]["size"] as? Int ?? 0) + 1
            object[name] = heads
        }
        return String(
            decoding: try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys]), as: UTF8.self)
    }

    private static func object(_ line: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    private static func line(_ object: [String: Any]) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: object, options: .sortedKeys), as: UTF8.self)
    }

    /// The line of the log to which an entry belongs, and the place after the log's last entry.
    private static func section(of place: Int, _ lines: [String]) -> (start: Int, end: Int) {
        func begins(_ place: Int) -> Bool { !lines[place].contains("\"leaf\"") }
        let start = (0...place).last(where: begins)!
        return (start, (place..<lines.count).first(where: begins) ?? lines.count)
    }

    /// An entry once more at the end of its log.
    private static func replay(_ place: Int, _ lines: inout [String]) throws {
        let end = section(of: place, lines).end
        var copy = try object(lines[place])
        let last = try object(lines[end - 1])
        copy["entry"] = (last["entry"] as? Int ?? 0) + 1
        lines.insert(try line(copy), at: end)
    }

    /// Another record in the place of an entry's, with the leaf that it has.
    private static func rewrite(_ place: Int, _ lines: inout [String]) throws {
        let log = try object(lines[section(of: place, lines).start])
        var entry = try object(lines[place])
        func text(_ name: String) -> String? { entry[name] as? String }
        func number(_ name: String) -> Int64 { Int64(entry[name] as? Int ?? 0) }
        var sealed = try #require(text("sealed").flatMap { Data(base64Encoded: $0) })
        sealed[20] ^= 1
        let leaf = RecordLeaf(
            cluster: log["cluster"] as? String ?? "", topic: log["topic"] as? String ?? "",
            partition: Int32(log["partition"] as? Int ?? 0)
        ).hash(
            columns: RecordLeaf.columns(
                offset: number("offset"), timestamp: number("timestamp"), type: text("type"), source: text("source"),
                id: text("id"), authority: text("authority"), subject: text("subject"),
                correlationId: text("correlation"), keyId: number("key")),
            sealed: sealed)
        entry["sealed"] = sealed.base64EncodedString()
        entry["leaf"] = Data(leaf.bytes).base64EncodedString()
        lines[place] = try line(entry)
    }

    /// Heads of the logs as they are here, and a checkpoint of them: what follows from the entries fits, but for the signature.
    private static func sign(_ lines: inout [String], by signer: NoteSigner) throws {
        func bytes(_ value: Any?) -> [UInt8] {
            (value as? String).flatMap { Data(base64Encoded: $0) }.map(Array.init) ?? []
        }
        var top = try object(lines[0])
        var until = try #require(top["until"] as? [String: Any])
        var trees: [String: MerkleTree] = [:]
        var name = ""
        for text in lines.dropFirst() {
            let value = try object(text)
            guard value["leaf"] == nil else {
                trees[name]!.append(TreeHash(bytes: bytes(value["leaf"])))
                continue
            }
            name = "\(value["topic"]!)/\(value["partition"]!)"
            trees[name] = MerkleTree()
        }
        let frontier = (until["frontier"] as? [String] ?? []).flatMap { bytes($0) }
        var heads = try #require(
            MerkleTree(size: UInt64(until["headsBefore"] as? Int ?? 0), frontierBytes: frontier))
        until["heads"] = try #require(until["heads"] as? [[String: Any]]).map { head in
            let (topic, partition) = (head["topic"] as? String ?? "", head["partition"] as? Int ?? 0)
            let tree = try #require(trees["\(topic)/\(partition)"])
            let own = LogHead(
                cluster: head["cluster"] as? String ?? "", topic: topic, partition: Int32(partition), size: tree.size,
                root: tree.root)
            heads.append(own.leaf)
            return head.merging(["size": Int(tree.size), "root": Data(tree.root.bytes).base64EncodedString()]) { $1 }
        }
        let checkpoint = Checkpoint(origin: signer.verifier.name, size: heads.size, root: heads.root)
        until["checkpoint"] = try SignedNote(signing: checkpoint.text, by: [signer]).description
        top["until"] = until
        lines[0] = try line(top)
    }

    /// A look at a case is an entry of its own, written before anything is shown.
    @Test func everyLookIsAnEntry() async throws {
        try await Self.withBundles { system, _ in
            let authority = try system.strings("SELECT authority FROM auditing.entry WHERE subject = 'C-3' LIMIT 1")[0]
            let shown = try system.quorate("audit", "show", "--case", "\(authority)/C-3", "--content")
            #expect(shown.output.contains("event-0-3") && shown.output.contains("event-1-3"))
            #expect(!shown.output.contains("event-0-4"))
            try system.waitUntilCaughtUp()
            let again = try system.quorate("audit", "show", "--case", "\(authority)/C-3", "--content")
            #expect(again.output.contains("quorate.record.viewed.v1"))
            #expect(again.output.contains("\"act\":\"audit.show\""))
            let none = try system.quorate("audit", "show", "--case", "\(authority)/C-99")
            #expect(none.output.contains("0 entries of \(authority)/C-99."))
        }
    }
}
