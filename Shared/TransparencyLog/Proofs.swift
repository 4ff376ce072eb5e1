/// Roots of complete subtrees of one log, whatever keeps them. Every root and every proof is made of these.
public protocol Subtrees {
    /// The root over the `2^height` leaves from `position << height` on; of height 0 it is the hash of a leaf.
    func root(height: Int, position: UInt64) throws -> TreeHash
}

extension Subtrees {
    /// The root over leaves, by the definition of RFC 6962, 2.1. A range that starts elsewhere than at 0 starts at a
    /// multiple of the largest power of two that it holds, as all ranges of that definition do.
    public func root(of leaves: Range<UInt64>) throws -> TreeHash {
        guard !leaves.isEmpty else { return .empty }
        let count = leaves.upperBound - leaves.lowerBound
        if count.nonzeroBitCount == 1 {
            let height = count.trailingZeroBitCount
            return try root(height: height, position: leaves.lowerBound >> UInt64(height))
        }
        let middle = leaves.middle
        return TreeHash.node(
            try root(of: leaves.lowerBound..<middle), try root(of: middle..<leaves.upperBound))
    }

    /// RFC 9162, 2.1.3.1: that the leaf stands at `index` in the tree of the first `size` leaves.
    public func inclusionProof(of index: UInt64, in size: UInt64) throws -> [TreeHash] {
        precondition(index < size, "leaf \(index) is not among \(size)")
        var siblings: [TreeHash] = []
        var leaves = 0..<size
        while leaves.count > 1 {
            let (left, right) = leaves.halves
            if left.contains(index) {
                siblings.append(try root(of: right))
                leaves = left
            } else {
                siblings.append(try root(of: left))
                leaves = right
            }
        }
        return siblings.reversed()
    }

    /// RFC 9162, 2.1.4.1: that the tree of the first `size` leaves only adds to that of the first `old`.
    public func consistencyProof(from old: UInt64, to size: UInt64) throws -> [TreeHash] {
        precondition(old <= size, "a tree of \(size) leaves holds none of \(old)")
        guard old > 0, old < size else { return [] }
        var hashes: [TreeHash] = []
        var leaves = 0..<size
        // The old tree ends with the range: its root there is known to the verifier only while that root is the whole.
        while leaves.upperBound != old {
            let (left, right) = leaves.halves
            if old <= left.upperBound {
                hashes.append(try root(of: right))
                leaves = left
            } else {
                hashes.append(try root(of: left))
                leaves = right
            }
        }
        if leaves.lowerBound > 0 { hashes.append(try root(of: leaves)) }
        return hashes.reversed()
    }
}

extension Range<UInt64> {
    /// Where RFC 6962 splits: the largest power of two below the count.
    fileprivate var middle: UInt64 {
        let count = upperBound - lowerBound
        return lowerBound + (1 << UInt64(63 - (count - 1).leadingZeroBitCount))
    }

    fileprivate var halves: (left: Range<UInt64>, right: Range<UInt64>) {
        (lowerBound..<middle, middle..<upperBound)
    }
}

/// Proofs, judged by who knows only roots.
public enum Proof {
    /// RFC 9162, 2.1.3.2.
    public static func isIncluded(
        _ leaf: TreeHash, at index: UInt64, in size: UInt64, root: TreeHash, by proof: [TreeHash]
    ) -> Bool {
        guard index < size else { return false }
        var (place, last) = (index, size - 1)
        var hash = leaf
        for sibling in proof {
            guard last > 0 else { return false }
            if place & 1 == 1 || place == last {
                hash = TreeHash.node(sibling, hash)
                while place & 1 == 0 && place > 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                hash = TreeHash.node(hash, sibling)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }

    /// RFC 9162, 2.1.4.2. A tree without leaves is consistent with every other, and proved by nothing.
    public static func isConsistent(
        _ oldRoot: TreeHash, of old: UInt64, with root: TreeHash, of size: UInt64, by proof: [TreeHash]
    ) -> Bool {
        guard old <= size else { return false }
        if old == size { return proof.isEmpty && oldRoot == root }
        if old == 0 { return proof.isEmpty && oldRoot == .empty }
        var path = proof[...]
        if old.nonzeroBitCount == 1 { path = [oldRoot] + path }
        guard let first = path.popFirst() else { return false }
        var (place, last) = (old - 1, size - 1)
        while place & 1 == 1 {
            place >>= 1
            last >>= 1
        }
        var (oldHash, hash) = (first, first)
        for sibling in path {
            guard last > 0 else { return false }
            if place & 1 == 1 || place == last {
                oldHash = TreeHash.node(sibling, oldHash)
                hash = TreeHash.node(sibling, hash)
                while place & 1 == 0 && place > 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                hash = TreeHash.node(hash, sibling)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 && oldHash == oldRoot && hash == root
    }
}

/// A log whose leaves are all in memory.
public struct LeafHashes: Subtrees, Sendable {
    /// By height: the roots of the complete subtrees, from the left.
    private var levels: [[TreeHash]] = [[]]

    public init(_ leaves: some Sequence<TreeHash> = []) { for leaf in leaves { append(leaf) } }

    public var size: UInt64 { UInt64(levels[0].count) }

    public mutating func append(_ leaf: TreeHash) {
        levels[0].append(leaf)
        var height = 0
        while levels[height].count.isMultiple(of: 2) {
            if levels.count == height + 1 { levels.append([]) }
            let end = levels[height].count
            levels[height + 1].append(TreeHash.node(levels[height][end - 2], levels[height][end - 1]))
            height += 1
        }
    }

    public func root(height: Int, position: UInt64) -> TreeHash { levels[height][Int(position)] }
    public var root: TreeHash {
        var tree = MerkleTree()
        for leaf in levels[0] { tree.append(leaf) }
        return tree.root
    }
}
