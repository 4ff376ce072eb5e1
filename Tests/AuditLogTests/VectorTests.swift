import Foundation
import TestSupport
import Testing
import TransparencyLog

/// Proofs that hold and proofs that do not, in the kinds that transparency-dev publishes for verifiers; `Vectors/write.py` made
/// them by the definitions of RFC 6962. Each is judged by our verifier and by the functions of the second one.
@Suite("Proofs spoilt in every published way")
struct VectorTests {
    private struct Vector: Decodable {
        let form, what, old, new: String
        let holds: Bool
        let one, size: UInt64
        let proof: [String]

        var name: String { "\(form) \(one) in \(size), \(what)" }
    }

    private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Vectors/proofs.jsonl")

    private static func read() throws -> [Vector] {
        try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(Vector.self, from: $0)
        }
    }

    /// `nil` where it is no hash.
    private static func hash(_ hex: String) -> TreeHash? {
        guard hex.count == 64 else { return nil }
        let digits = hex.map { UInt8($0.hexDigitValue!) }
        return TreeHash(bytes: stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
    }

    private static func judge(_ vector: Vector) -> Bool {
        let proof = vector.proof.compactMap(hash)
        guard proof.count == vector.proof.count, let old = hash(vector.old), let new = hash(vector.new) else {
            return false
        }
        return vector.form == "inclusion"
            ? Proof.isIncluded(old, at: vector.one, in: vector.size, root: new, by: proof)
            : Proof.isConsistent(old, of: vector.one, with: new, of: vector.size, by: proof)
    }

    @Test("Ours judges each rightly")
    func ours() throws {
        let vectors = try Self.read()
        #expect(vectors.count { !$0.holds } > 500)
        for vector in vectors { #expect(Self.judge(vector) == vector.holds, "\(vector.name)") }
    }

    @Test("So does the second")
    func second() throws {
        let deploy = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("deploy").path
        let program = """
            import json, sys
            sys.path.insert(0, sys.argv[1])
            from verify_bundle import consistent, included
            for line in open(sys.argv[2]):
                vector = json.loads(line)
                old, new, *proof = map(bytes.fromhex, [vector["old"], vector["new"], *vector["proof"]])
                if vector["form"] == "inclusion":
                    holds = included(old, vector["one"], vector["size"], new, proof)
                else:
                    holds = consistent(old, vector["one"], new, vector["size"], proof)
                print(json.dumps(holds))
            """
        let (output, errors) = (Places.folder + "/vectors-output", Places.folder + "/vectors-errors")
        let process = try ChildProcess(
            "python3", ["-B", "-c", program, deploy, Self.file.path], environment: Places.environment, output: output,
            errors: errors)
        #expect(try process.waitForExit(within: .seconds(60)) == 0)
        let told = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n").map { $0 == "true" }
        let vectors = try Self.read()
        let said = try String(contentsOfFile: errors, encoding: .utf8)
        try #require(told.count == vectors.count, "\(said)")
        for (vector, holds) in zip(vectors, told) { #expect(holds == vector.holds, "\(vector.name)") }
    }
}
