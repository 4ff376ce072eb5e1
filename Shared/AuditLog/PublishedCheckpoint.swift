import Foundation
import TransparencyLog

/// A checkpoint as it is sent out: the note and the heads that it adds to the log of heads, so that those who keep them all
/// have the whole log of heads. One line of JSON.
public struct PublishedCheckpoint: Hashable, Sendable {
    public var note: String
    public var heads: [LogHead]

    public init(note: String, heads: [LogHead]) {
        self.note = note
        self.heads = heads
    }

    private struct Line: Codable {
        struct Head: Codable {
            let cluster: String
            let topic: String
            let partition: Int32
            let size: UInt64
            let root: Data
        }
        let checkpoint: String
        let heads: [Head]
    }

    /// Without a line feed.
    public var line: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let heads = heads.map { head in
            Line.Head(
                cluster: head.cluster, topic: head.topic, partition: head.partition, size: head.size,
                root: Data(head.root.bytes))
        }
        return String(decoding: try! encoder.encode(Line(checkpoint: note, heads: heads)), as: UTF8.self)
    }

    public init(line: some StringProtocol) throws {
        guard let read = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)),
            read.heads.allSatisfy({ $0.root.count == TreeHash.byteCount })
        else { throw AuditFault("a line of the kept checkpoints is not one.") }
        self.init(
            note: read.checkpoint,
            heads: read.heads.map { head in
                LogHead(
                    cluster: head.cluster, topic: head.topic, partition: head.partition, size: head.size,
                    root: TreeHash(bytes: Array(head.root)))
            })
    }

    /// What was signed, whoever signed it.
    public var signed: Checkpoint {
        get throws { try Checkpoint(text: try SignedNote(note).text) }
    }
}
