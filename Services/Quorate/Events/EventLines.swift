import ArgumentParser
import Foundation

/// One line of input, with its number from 1.
struct EventLine {
    let number: Int
    let bytes: [UInt8]
}

/// Lines of a file or of standard input, one at a time.
struct EventLines {
    private static let chunkBytes = 1 << 20
    /// Without more input, before what was read so far is acted upon.
    private static let restMilliseconds: Int32 = 200

    private let handle: FileHandle
    private let name: String
    /// Of a regular file; of a pipe or a terminal nobody knows.
    private let size: Double?

    init(_ path: String?) throws {
        if let path, path != "-" {
            guard let opened = FileHandle(forReadingAtPath: path) else {
                throw EventLines.unreadable(path, "check the name and its permissions")
            }
            (handle, name) = (opened, path)
        } else {
            (handle, name) = (.standardInput, "standard input")
            if isatty(STDIN_FILENO) == 1 { Terminal.error.print("Reading events from the terminal; Ctrl-D ends them.") }
        }
        var status = stat()
        let isRegular = fstat(handle.fileDescriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        size = isRegular ? Double(max(1, status.st_size)) : nil
    }

    /// Calls the body with each line that is not blank, and with the part of the file behind it (0 to 1, or `nil` where the
    /// input has no known end). `atRest` is called where more may come, and for a moment nothing did.
    func readEach(_ body: (EventLine, _ share: Double?) throws -> Void, atRest: () throws -> Void = {}) throws {
        var rest: [UInt8] = []
        var number = 0
        var taken = 0.0
        func take(_ line: ArraySlice<UInt8>) throws {
            number += 1
            taken += Double(line.count + 1)
            var line = line
            if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
            guard line.contains(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }) else { return }
            try body(EventLine(number: number, bytes: Array(line)), size.map { min(1, taken / $0) })
        }
        while case let chunk = try nextChunk(atRest), !chunk.isEmpty {
            // Only what is new can hold the next end of a line.
            var searched = rest.count
            rest.append(contentsOf: chunk)
            var start = 0
            while let end = rest[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                try take(rest[start..<end])
                start = end + 1
                searched = start
            }
            rest.removeFirst(start)
        }
        if !rest.isEmpty { try take(rest[...]) }
    }

    /// What is there, at most so much; nothing at the end.
    private func nextChunk(_ atRest: () throws -> Void) throws -> [UInt8] {
        var wanted = pollfd(fd: handle.fileDescriptor, events: Int16(POLLIN), revents: 0)
        if size == nil, poll(&wanted, 1, EventLines.restMilliseconds) == 0 { try atRest() }
        var failure: Int32 = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: EventLines.chunkBytes) { buffer, count in
            var found = -1
            repeat {
                found = Glibc.read(handle.fileDescriptor, buffer.baseAddress, buffer.count)
            } while found < 0 && errno == EINTR
            failure = found < 0 ? errno : 0
            count = max(0, found)
        }
        guard failure == 0 else { throw EventLines.unreadable(name, String(cString: strerror(failure))) }
        return chunk
    }

    private static func unreadable(_ name: String, _ why: String) -> ExitCode {
        Terminal.error.print("cannot read \(name): \(why)")
        return ExitCode(2)
    }
}
