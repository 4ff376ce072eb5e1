import Testing
import TransparencyLog

@Suite("RFC 6962 trees")
struct MerkleTreeTests {
    /// The published test leaves of Certificate Transparency, and the roots over the first 0 to 8 of them.
    static let leaves: [[UInt8]] = [
        [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43],
        [0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57], Array(0x60...0x6f),
    ]
    static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    @Test("The published roots, from no leaf to eight", arguments: 0...8)
    func publishedRoot(size: Int) {
        var tree = MerkleTree()
        for leaf in Self.leaves.prefix(size) { tree.append(TreeHash.leaf(leaf)) }
        #expect(tree.root.hex == Self.roots[size])
        #expect(tree.size == UInt64(size))
    }

    /// The definition of RFC 6962, 2.1, word for word: split at the largest power of two below the size.
    private func definedRoot(_ hashes: ArraySlice<TreeHash>) -> TreeHash {
        if hashes.isEmpty { return .empty }
        if hashes.count == 1 { return hashes.first! }
        var half = 1
        while half * 2 < hashes.count { half *= 2 }
        let middle = hashes.startIndex + half
        return TreeHash.node(definedRoot(hashes[..<middle]), definedRoot(hashes[middle...]))
    }

    @Test("Appending gives the defined root at every size to 300, also from the stored frontier")
    func appendingAgreesWithTheDefinition() throws {
        var tree = MerkleTree()
        var hashes: [TreeHash] = []
        for number in 0..<300 {
            let leaf = TreeHash.leaf(Array("leaf \(number)".utf8))
            hashes.append(leaf)
            tree.append(leaf)
            #expect(tree.root == definedRoot(hashes[...]))
            tree = try #require(MerkleTree(size: tree.size, frontierBytes: tree.frontierBytes))
        }
    }

    @Test("A frontier that does not belong to its size is refused")
    func wrongFrontier() {
        #expect(MerkleTree(size: 3, frontierBytes: [UInt8](repeating: 0, count: 32)) == nil)
        #expect(MerkleTree(size: 0, frontierBytes: [1]) == nil)
    }
}

@Suite("Leaves of records")
struct RecordLeafTests {
    private func hash(
        cluster: String = "c", topic: String = "t", partition: Int32 = 1, offset: Int64 = 2, timestamp: Int64 = 3,
        type: String? = "e", source: String? = "s", id: String? = "i", authority: String? = "a",
        subject: String? = "u", correlationId: String? = "o", keyId: Int64 = 4, sealed: [UInt8] = [6]
    ) -> TreeHash {
        RecordLeaf(cluster: cluster, topic: topic, partition: partition).hash(
            columns: RecordLeaf.columns(
                offset: offset, timestamp: timestamp, type: type, source: source, id: id, authority: authority,
                subject: subject, correlationId: correlationId, keyId: keyId), sealed: sealed)
    }

    @Test("Every part of a record is in its leaf, and no two records share one")
    func everyPartCounts() {
        let all = [
            hash(), hash(cluster: "d"), hash(topic: "u"), hash(partition: 2), hash(offset: 3), hash(timestamp: 4),
            hash(type: nil), hash(type: ""), hash(type: "f"), hash(source: nil), hash(source: "t"), hash(id: nil),
            hash(id: "j"), hash(authority: nil), hash(authority: "b"), hash(subject: nil), hash(subject: "v"),
            hash(correlationId: nil), hash(correlationId: "p"), hash(keyId: 5), hash(sealed: []), hash(sealed: [7]),
            hash(cluster: "ct", topic: ""), hash(cluster: "", topic: "ct"), hash(type: "es", source: ""),
            hash(type: nil, source: "e"), hash(type: "s", source: nil),
        ]
        #expect(Set(all).count == all.count)
        #expect(hash() == hash())
    }

    /// Worked out with Python's hashlib and struct from the written format.
    @Test("A leaf worked out by hand")
    func workedLeaf() {
        #expect(hash(correlationId: nil).hex == "f773cc9922a95b80ba1c2bf46e58ba7a1e10963362e744c7c6dda32640c3166b")
    }
}

@Suite("Subtrees that are kept")
struct KeptSubtreeTests {
    @Test("Those of 256 and of 65,536 leaves are told of once each, with the defined roots")
    func kept() throws {
        let leaves = (0..<66_000).map { number in TreeHash.leaf([UInt8(number & 255), UInt8(number >> 8 & 255)]) }
        let all = LeafHashes(leaves)
        var tree = MerkleTree()
        var told: [String] = []
        for leaf in leaves {
            tree.append(leaf) { height, position, root in
                told.append("\(height)/\(position)")
                #expect(root == all.root(height: height, position: position))
            }
        }
        #expect(told.count == 66_000 / 256 + 1)
        #expect(told[255...256] == ["8/255", "16/0"])
        #expect(Set(told).count == told.count)
    }
}
