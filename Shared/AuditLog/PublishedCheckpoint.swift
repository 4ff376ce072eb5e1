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

    /// All of a file, in its order. A file that is not there holds none; a last line without an end was never finished.
    public static func read(file: String) throws -> [PublishedCheckpoint] {
        guard FileManager.default.fileExists(atPath: file) else { return [] }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw AuditFault("\(file) cannot be read.")
        }
        guard let end = data.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        return try String(decoding: data[..<end], as: UTF8.self).split(separator: "\n").map {
            try PublishedCheckpoint(line: $0)
        }
    }

    /// The last whole line of a file, and where it ends: what stands behind was never finished.
    public static func last(file: String) throws -> (checkpoint: PublishedCheckpoint?, end: UInt64) {
        guard FileManager.default.fileExists(atPath: file) else { return (nil, 0) }
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: file))
        var start = try handle.seekToEnd()
        var tail: [UInt8] = []
        while true {
            let end = tail.lastIndex(of: UInt8(ascii: "\n"))
            let before = end.flatMap { tail[..<$0].lastIndex(of: UInt8(ascii: "\n")) }
            if let end, before != nil || start == 0 {
                let line = String(decoding: tail[(before.map { $0 + 1 } ?? 0)..<end], as: UTF8.self)
                return (try PublishedCheckpoint(line: line), start + UInt64(end) + 1)
            }
            guard start > 0 else { return (nil, 0) }
            let length = min(start, PublishedCheckpoint.blockBytes)
            start -= length
            try handle.seek(toOffset: start)
            tail = Array(try handle.read(upToCount: Int(length)) ?? Data()) + tail
        }
    }

    private static let blockBytes: UInt64 = 65_536

    /// What was signed, whoever signed it.
    public var signed: Checkpoint {
        get throws { try Checkpoint(text: try SignedNote(note).text) }
    }
}
