import Crypto
import Foundation

/// A hash of a Merkle tree: 32 bytes of SHA-256.
public struct TreeHash: Hashable, Sendable, ContiguousBytes {
    // In place: every entry makes two or three of these, and an array each would cost more than the hashing.
    private let words: (UInt64, UInt64, UInt64, UInt64)

    public static let byteCount = 32

    public init(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == TreeHash.byteCount, "a tree hash has 32 bytes")
        func word(_ place: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: 8 * place, as: UInt64.self) }
        words = (word(0), word(1), word(2), word(3))
    }

    public init(bytes: [UInt8]) { self = bytes.withUnsafeBytes { TreeHash($0) } }
    init(_ digest: SHA256Digest) { self = digest.withUnsafeBytes { TreeHash($0) } }

    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try Swift.withUnsafeBytes(of: words, body)
    }

    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    public static func == (one: TreeHash, other: TreeHash) -> Bool { one.words == other.words }

    public func hash(into hasher: inout Hasher) { withUnsafeBytes { hasher.combine(bytes: $0) } }

    /// RFC 6962, 2.1: `SHA-256(0x00 || leaf)`.
    public static func leaf(_ leaf: some Sequence<UInt8>) -> TreeHash {
        var input: [UInt8] = [0]
        input.append(contentsOf: leaf)
        return TreeHash(SHA256.hash(data: input))
    }

    /// RFC 6962, 2.1: `SHA-256(0x01 || left || right)`.
    public static func node(_ left: TreeHash, _ right: TreeHash) -> TreeHash {
        withUnsafeTemporaryAllocation(byteCount: 1 + 2 * byteCount, alignment: 8) { input in
            input[0] = 1
            left.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: input[1..<33]).copyMemory(from: $0) }
            right.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: input[33...]).copyMemory(from: $0) }
            return TreeHash(SHA256.hash(data: UnsafeRawBufferPointer(input)))
        }
    }

    /// RFC 6962, 2.1: the root of a tree without leaves is the hash of nothing.
    public static let empty = TreeHash(SHA256.hash(data: [UInt8]()))

    public var hex: String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

/// An RFC 6962 tree of which only the right edge is kept: the roots of the complete subtrees that the leaves make up,
/// largest first. Enough to append and to give the root; at most 64 hashes.
public struct MerkleTree: Hashable, Sendable {
    public private(set) var size: UInt64
    private var frontier: [TreeHash]

    /// A tree without leaves.
    public init() {
        size = 0
        frontier = []
    }

    /// From what `frontierBytes` gave; `nil` where the two do not belong together.
    public init?(size: UInt64, frontierBytes: [UInt8]) {
        guard frontierBytes.count == size.nonzeroBitCount * TreeHash.byteCount else { return nil }
        self.size = size
        frontier = stride(from: 0, to: frontierBytes.count, by: TreeHash.byteCount).map {
            TreeHash(bytes: Array(frontierBytes[$0..<$0 + TreeHash.byteCount]))
        }
    }

    /// The tree of the first leaves of a log, from its complete subtrees.
    public init(size: UInt64, of subtrees: some Subtrees) throws {
        self.size = size
        frontier = []
        var start: UInt64 = 0
        for height in (0..<64).reversed() where size >> UInt64(height) & 1 == 1 {
            frontier.append(try subtrees.root(height: height, position: start >> UInt64(height)))
            start += 1 << UInt64(height)
        }
    }

    public var frontierBytes: [UInt8] { frontier.flatMap(\.bytes) }

    /// Appends the hash of a leaf. Each trailing one bit of the size is a complete subtree to merge with. Tells of those
    /// that are kept: complete subtrees of 256 leaves, 65,536 and so on.
    public mutating func append(
        _ leaf: TreeHash, kept: (_ height: Int, _ position: UInt64, _ root: TreeHash) -> Void = { _, _, _ in }
    ) {
        var hash = leaf
        var (remaining, height) = (size, 0)
        while remaining & 1 == 1 {
            hash = TreeHash.node(frontier.removeLast(), hash)
            remaining >>= 1
            height += 1
            if height.isMultiple(of: MerkleTree.keptHeight) { kept(height, size >> UInt64(height), hash) }
        }
        frontier.append(hash)
        size += 1
    }

    /// Roots of complete subtrees are kept at every multiple of this height, so that a proof reads a few hundred hashes of a
    /// log of any length.
    public static let keptHeight = 8

    public var root: TreeHash {
        guard var hash = frontier.last else { return .empty }
        for left in frontier.dropLast().reversed() { hash = TreeHash.node(left, hash) }
        return hash
    }
}
