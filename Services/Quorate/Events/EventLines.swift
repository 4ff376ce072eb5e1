import ArgumentParser
import Foundation

/// Lines of a file or of standard input, one at a time.
struct EventLines {
    private let handle: FileHandle
    private let isFile: Bool

    init(_ path: String?) throws {
        guard let path, path != "-" else {
            handle = .standardInput
            isFile = false
            return
        }
        guard let opened = FileHandle(forReadingAtPath: path) else {
            FileHandle.standardError.write(Data("cannot read \(path): check the name and its permissions\n".utf8))
            throw ExitCode(2)
        }
        handle = opened
        isFile = true
    }

    /// Calls the body with each line that is not blank, its number from 1, and the part of the file behind it (0 to 1,
    /// or `nil` for standard input).
    func readEach(_ body: (_ number: Int, _ line: [UInt8], _ share: Double?) throws -> Void) throws {
        let total = isFile ? Double(max(1, (try? handle.seekToEnd()) ?? 1)) : nil
        if isFile { try? handle.seek(toOffset: 0) }
        var rest: [UInt8] = []
        var number = 0
        var read = 0.0
        func take(_ line: ArraySlice<UInt8>) throws {
            number += 1
            var line = line
            if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
            guard line.contains(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }) else { return }
            try body(number, Array(line), total.map { min(1, read / $0) })
        }
        while let chunk = try handle.read(upToCount: 1 << 20), !chunk.isEmpty {
            read += Double(chunk.count)
            rest.append(contentsOf: chunk)
            var start = 0
            while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                try take(rest[start..<end])
                start = end + 1
            }
            rest.removeFirst(start)
        }
        if !rest.isEmpty { try take(rest[...]) }
    }
}
