import CaseEvents
import Foundation
import Logging
import StatutoryRules

/// One JSON object a line; readable text on a terminal. Calls give static text and typed identifiers, nothing else.
public struct LineLog: LogHandler {
    public enum Format: String, Sendable, CaseIterable { case auto, json, text }

    public var metadata: Logger.Metadata = [:]
    public var logLevel: Logger.Level
    private let worker: String
    private let isText: Bool

    public init(worker: String, level: Logger.Level, format: Format) {
        self.worker = worker
        logLevel = level
        isText = format == .text || (format == .auto && isatty(STDERR_FILENO) == 1)
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
        let now = Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)).description
        var line: String
        if isText {
            line = "\(now) \(event.level) \(worker): \(event.message)"
            for (key, value) in all { line += " \(key)=\(value)" }
        } else {
            line = "{\"time\":\"\(now)\",\"level\":\"\(event.level)\",\"worker\":\"\(worker)\""
            line += ",\"message\":\(JSONValue.quoted("\(event.message)"))"
            for (key, value) in all { line += ",\(JSONValue.quoted(key)):\(JSONValue.quoted("\(value)"))" }
            line += "}"
        }
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
