import Foundation

/// The size and the root of a log under its name, in the form of C2SP's tlog-checkpoint.
public struct Checkpoint: Hashable, Sendable {
    /// The log's name, which is also the name of the key that signs it.
    public var origin: String
    public var size: UInt64
    public var root: TreeHash

    public init(origin: String, size: UInt64, root: TreeHash) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// Lines after the third are passed over, as the form asks.
    public init(text: String) throws {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count >= 4, lines.last == "", !lines.dropLast().contains("") else {
            throw NoteError("a checkpoint has a line each for name, size and root")
        }
        guard let size = UInt64(lines[1]), String(size) == lines[1] else {
            throw NoteError("the size in the checkpoint is no number")
        }
        guard let root = Data(base64Encoded: lines[2]), root.count == TreeHash.byteCount,
            root.base64EncodedString() == lines[2]
        else { throw NoteError("the root in the checkpoint is not 32 bytes of base64") }
        self.init(origin: lines[0], size: size, root: TreeHash(bytes: Array(root)))
    }

    public var text: String { "\(origin)\n\(size)\n\(Data(root.bytes).base64EncodedString())\n" }

    /// A checkpoint that one of these keys signed under its own name.
    public init(note: String, trusting keys: [NoteVerifier]) throws {
        let signed = try SignedNote(note)
        let checkpoint = try Checkpoint(text: signed.text)
        guard try signed.verified(by: keys).contains(where: { $0.name == checkpoint.origin }) else {
            throw NoteError("the checkpoint of size \(checkpoint.size) is signed by no key that is trusted")
        }
        self = checkpoint
    }
}
