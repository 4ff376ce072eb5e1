import Foundation
import Kafka

extension CheckpointPlace {
    /// What is kept there, in order of size: all of it, or what came after a size, from the one before on, so that reading costs
    /// what came after and not what there is. `nil` where it cannot be read.
    public func kept(
        after size: UInt64 = 0, _ kafka: @autoclosure () throws -> KafkaConfiguration
    ) throws -> [PublishedCheckpoint]? {
        switch self {
        case .file(let path): try PublishedCheckpoint.read(file: path, after: size)
        case .topic(let topic): try CheckpointTopic(topic, kafka()).kept(after: size)
        case .mail: nil
        }
    }
}

extension PublishedCheckpoint {
    /// Of a file, in its order. A file that is not there holds none; a last line without an end was never finished.
    public static func read(file: String, after size: UInt64 = 0) throws -> [PublishedCheckpoint] {
        guard FileManager.default.fileExists(atPath: file) else { return [] }
        var lines = try LinesFromEnd(file)
        var found: [PublishedCheckpoint] = []
        while let line = try lines.next() {
            found.append(try PublishedCheckpoint(line: line))
            if size > 0, try found.last!.signed.size <= size { break }
        }
        return found.reversed()
    }

    /// The last whole line of a file, and where it ends: what stands behind was never finished.
    public static func last(file: String) throws -> (checkpoint: PublishedCheckpoint?, end: UInt64) {
        guard FileManager.default.fileExists(atPath: file) else { return (nil, 0) }
        var lines = try LinesFromEnd(file)
        let end = lines.end
        return (try lines.next().map { try PublishedCheckpoint(line: $0) }, end)
    }
}

/// The whole lines of a file, the last first, read block by block.
private struct LinesFromEnd {
    private let file: FileHandle
    /// Where the block that was read last begins.
    private var start: UInt64
    /// What was read and not handed out: it ends with a line's end.
    private var rest: [UInt8] = []
    /// Where the last whole line ends.
    private(set) var end: UInt64

    private static let blockBytes: UInt64 = 65_536
    private static let lineFeed = UInt8(ascii: "\n")

    init(_ path: String) throws {
        guard let file = FileHandle(forReadingAtPath: path) else { throw AuditFault("\(path) cannot be read.") }
        self.file = file
        start = try file.seekToEnd()
        end = 0
        while true {
            if let last = rest.lastIndex(of: Self.lineFeed) {
                rest.removeSubrange((last + 1)...)
                end = start + UInt64(rest.count)
                return
            }
            rest = []
            guard try readBlock() else { return }
        }
    }

    private mutating func readBlock() throws -> Bool {
        guard start > 0 else { return false }
        let length = min(start, Self.blockBytes)
        start -= length
        try file.seek(toOffset: start)
        rest = Array(try file.read(upToCount: Int(length)) ?? Data()) + rest
        return true
    }

    mutating func next() throws -> String? {
        while true {
            if let before = rest.dropLast().lastIndex(of: Self.lineFeed) {
                let line = String(decoding: rest[(before + 1)...].dropLast(), as: UTF8.self)
                rest.removeSubrange((before + 1)...)
                if !line.isEmpty { return line }
            } else if try !readBlock() {
                defer { rest = [] }
                return rest.count > 1 ? String(decoding: rest.dropLast(), as: UTF8.self) : nil
            }
        }
    }
}

/// A topic of checkpoints, read from any offset on.
private struct CheckpointTopic {
    private let consumer: Consumer
    private let topic: String

    /// Without a record for so long, the broker is given up.
    private static let silenceSeconds = 20
    /// Records before the place sought that are read too: where one worker relays after another, a smaller one may come late.
    private static let margin: Int64 = 100

    init(_ topic: String, _ kafka: KafkaConfiguration) throws {
        self.topic = topic
        consumer = try Consumer(
            kafka, group: "quorate.auditing", topics: [], onAssigned: { _ in nil }, onRevoked: { _, _ in })
    }

    func kept(after size: UInt64) throws -> [PublishedCheckpoint] {
        defer { consumer.close() }
        var ranges: [TopicPartition: Range<Int64>] = [:]
        for number in 0..<Int32(try consumer.partitionCount(topic: topic) ?? 0) {
            let partition = TopicPartition(topic: topic, partition: number)
            let (low, high) = try consumer.watermarks(partition, timeoutMilliseconds: 5_000)
            guard low < high else { continue }
            ranges[partition] = try start(after: size, of: partition, in: low..<high)..<high
        }
        // A relay that was tried again may have sent one twice.
        return try read(ranges).map { (size: try $0.signed.size, checkpoint: $0) }.sorted { $0.size < $1.size }
            .map(\.checkpoint)
    }

    /// From the end, in ever longer steps, to a checkpoint that is no larger.
    private func start(after size: UInt64, of partition: TopicPartition, in range: Range<Int64>) throws -> Int64 {
        var back: Int64 = 1
        while size > 0, back < range.count {
            let place = range.upperBound - back
            if let found = try read([partition: place..<place + 1]).first, try found.signed.size <= size {
                return max(range.lowerBound, place - Self.margin)
            }
            back *= 2
        }
        return range.lowerBound
    }

    private func read(_ ranges: [TopicPartition: Range<Int64>]) throws -> [PublishedCheckpoint] {
        guard !ranges.isEmpty else { return [] }
        var left = ranges
        try consumer.assign(ranges.mapValues(\.lowerBound))
        var found: [PublishedCheckpoint] = []
        var deadline = ContinuousClock.now + .seconds(Self.silenceSeconds)
        while !left.isEmpty {
            let records = try consumer.poll(maximumRecords: 1_000, maximumBytes: 64 << 20, timeoutMilliseconds: 200)
            for record in records {
                guard let range = left[record.topicPartition], record.offset >= range.lowerBound else { continue }
                if range.contains(record.offset), let value = record.value {
                    found.append(try PublishedCheckpoint(line: String(decoding: value, as: UTF8.self)))
                }
                if record.offset + 1 >= range.upperBound { left[record.topicPartition] = nil }
            }
            if !records.isEmpty { deadline = .now + .seconds(Self.silenceSeconds) }
            guard ContinuousClock.now < deadline else {
                throw AuditFault("topic \(topic) could not be read to its end: no record in \(Self.silenceSeconds) s.")
            }
        }
        return found
    }
}
