import Testing
import TransparencyLog

@Suite("Inclusion and consistency proofs")
struct ProofTests {
    static func hash(_ hex: String) -> TreeHash {
        let digits = hex.map { UInt8($0.hexDigitValue!) }
        return TreeHash(bytes: stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
    }

    static let published = LeafHashes(MerkleTreeTests.leaves.map { TreeHash.leaf($0) })
    static func publishedRoot(_ size: Int) -> TreeHash { hash(MerkleTreeTests.roots[size]) }

    struct Vector: Sendable {
        let old: UInt64
        let size: UInt64
        let path: [String]
    }

    /// Of Certificate Transparency's published tests: `old` is the leaf's index here.
    static let inclusions = [
        Vector(old: 0, size: 1, path: []),
        Vector(
            old: 0, size: 8,
            path: [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ]),
        Vector(
            old: 5, size: 8,
            path: [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]),
        Vector(old: 2, size: 3, path: ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
        Vector(
            old: 1, size: 5,
            path: [
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ]),
    ]

    static let consistencies = [
        Vector(old: 1, size: 1, path: []),
        Vector(
            old: 1, size: 8,
            path: [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ]),
        Vector(
            old: 6, size: 8,
            path: [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]),
        Vector(
            old: 2, size: 5,
            path: [
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ]),
    ]

    @Test("Published inclusion proofs are made and taken", arguments: inclusions)
    func inclusion(_ vector: Vector) throws {
        let path = vector.path.map(Self.hash)
        #expect(try Self.published.inclusionProof(of: vector.old, in: vector.size) == path)
        #expect(
            Proof.isIncluded(
                TreeHash.leaf(MerkleTreeTests.leaves[Int(vector.old)]), at: vector.old, in: vector.size,
                root: Self.publishedRoot(Int(vector.size)), by: path))
    }

    @Test("Published consistency proofs are made and taken", arguments: consistencies)
    func consistency(_ vector: Vector) throws {
        let path = vector.path.map(Self.hash)
        #expect(try Self.published.consistencyProof(from: vector.old, to: vector.size) == path)
        #expect(
            Proof.isConsistent(
                Self.publishedRoot(Int(vector.old)), of: vector.old, with: Self.publishedRoot(Int(vector.size)),
                of: vector.size, by: path))
    }

    /// What can be wrong with a proof: each hash, each order, one too many, one too few.
    private func spoilt(_ path: [TreeHash]) -> [[TreeHash]] {
        var all = path.indices.map { place in
            var copy = path
            copy[place] = TreeHash.node(copy[place], copy[place])
            return copy
        }
        all += path.indices.map { Array(path[..<$0] + path[($0 + 1)...]) }
        all += [path + [.empty], [.empty] + path]
        if path.count > 1 { all.append(path.reversed()) }
        return all
    }

    @Test("Every leaf of every tree to 65 leaves is proved, and nothing else is")
    func everyInclusion() throws {
        let leaves = (0..<65).map { TreeHash.leaf([UInt8($0)]) }
        let all = LeafHashes(leaves)
        for size in UInt64(1)...65 {
            let root = try all.root(of: 0..<size)
            #expect(root == LeafHashes(leaves.prefix(Int(size))).root)
            for index in 0..<size {
                let path = try all.inclusionProof(of: index, in: size)
                let leaf = leaves[Int(index)]
                #expect(Proof.isIncluded(leaf, at: index, in: size, root: root, by: path))
                for bad in spoilt(path) {
                    #expect(!Proof.isIncluded(leaf, at: index, in: size, root: root, by: bad))
                }
                #expect(!Proof.isIncluded(leaf, at: (index + 1) % 65, in: size, root: root, by: path) || size == 1)
                #expect(!Proof.isIncluded(.empty, at: index, in: size, root: root, by: path))
                #expect(!Proof.isIncluded(leaf, at: index, in: size, root: .empty, by: path))
                #expect(!Proof.isIncluded(leaf, at: size, in: size, root: root, by: path))
            }
        }
    }

    @Test("Every tree to 65 leaves is consistent with all before it, and with no other")
    func everyConsistency() throws {
        let leaves = (0..<65).map { TreeHash.leaf([UInt8($0)]) }
        let all = LeafHashes(leaves)
        let roots = try (UInt64(0)...65).map { try all.root(of: 0..<$0) }
        for size in 0...65 {
            for old in 0...size {
                let path = try all.consistencyProof(from: UInt64(old), to: UInt64(size))
                func holds(_ oldRoot: TreeHash, _ root: TreeHash, _ path: [TreeHash]) -> Bool {
                    Proof.isConsistent(oldRoot, of: UInt64(old), with: root, of: UInt64(size), by: path)
                }
                #expect(holds(roots[old], roots[size], path))
                for bad in spoilt(path) { #expect(!holds(roots[old], roots[size], bad)) }
                let other = TreeHash.leaf([0xFF])
                #expect(!holds(other, roots[size], path))
                #expect(old == 0 || !holds(roots[old], other, path))
            }
            #expect(
                !Proof.isConsistent(roots[size], of: UInt64(size) + 1, with: roots[size], of: UInt64(size), by: []))
        }
    }
}
